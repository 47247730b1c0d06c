// A case over HTTP/1.1 in a short form: what answers the first request, how the connection ends, and what has to come of it.

import type { CallPlan, ClientPlan, HostileCase, Want } from './hostile-case.ts';
import type { Http1Peer } from './http1-peer.ts';
import type { Octets } from './wire.ts';

export const CONNECT: ClientPlan = { protocol: 'connect', httpVersion: '1.1' };
export const GRPC_WEB: ClientPlan = { protocol: 'grpc-web', httpVersion: '1.1' };
export const GRPC_WEB_TEXT: ClientPlan = { ...GRPC_WEB, grpcWebText: true };
export const STREAM: CallPlan = { cardinality: 'unary_stream' };

export const REPLIED: Want = { code: 'OK', replies: ['ok'], origin: 'server' };
/** llhttp refused it. */
export const MALFORMED: Want = {
  code: 'INTERNAL',
  details: /broke the protocol: malformed HTTP\/1\.1: .* \(HPE_/,
  origin: 'client',
};
export const LOST: Want = {
  code: 'UNAVAILABLE',
  details: /was lost|closed the connection/,
  origin: 'client',
};

/** Between pieces that are to be read apart, and before a reset that is not to destroy what was sent. */
const GAP_MS = 20;

export interface Http1Row {
  readonly name: string;
  /** Answers the whole request; several pieces are read apart. */
  readonly send?: Octets | readonly Octets[];
  /** Behind that. Default: the connection stays open, and further requests are answered in the ordinary way. */
  readonly ending?: 'FIN' | 'RST' | ((peer: Http1Peer) => Promise<void> | void);
  readonly want: Want;
  readonly call?: CallPlan | readonly CallPlan[];
  readonly client?: ClientPlan;
  /** The request may still go on when the answer comes. */
  readonly isEarly?: boolean;
  readonly limits?: HostileCase['limits'];
}

/** A connection that is not as it should be carries no other call, which is what is wanted unless a row says so. */
export function http1Case(source: string, row: Http1Row): HostileCase {
  const { name, send = [], ending, want, call, client = CONNECT, limits, isEarly } = row;
  return {
    name,
    source,
    notForGrpcJs: 'it speaks gRPC alone',
    client,
    async http1(peer) {
      await (isEarly ? peer.request() : peer.wholeRequest());
      const pieces = send instanceof Uint8Array ? [send] : send;
      for (const [i, piece] of pieces.entries()) {
        if (i > 0) await peer.pause(GAP_MS);
        peer.send(piece);
      }
      if (typeof ending === 'function') await ending(peer);
      else if (ending === 'FIN') peer.end();
      else if (ending === 'RST') {
        await peer.pause(GAP_MS);
        peer.abort();
      }
    },
    ...(call !== undefined && { call }),
    ...(limits !== undefined && { limits }),
    want: { after: 'new', ...want },
  };
}
