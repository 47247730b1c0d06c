// The option of the protocol that a client speaks, and its checks.

import { connect } from '../protocols/connect.ts';
import { DEFAULT_MAX_GET_URL_OCTETS } from '../protocols/get-urls.ts';
import { GRPC } from '../protocols/grpc.ts';
import { GRPC_WEB, GRPC_WEB_TEXT } from '../protocols/grpc-web.ts';
import type { Protocol, ProtocolName } from '../protocols/protocol.ts';
import { nearestNames } from '../values/nearest-names.ts';
import { count, flag, show } from '../values/options/option-checks.ts';
import { called } from '../values/options/option-words.ts';

/** What a client speaks to its server. */
export interface ProtocolOptions {
  /** The protocol: `grpc` (default), `grpc-web` or `connect`; see docs/protocols.md. */
  readonly protocol?: ProtocolName | undefined;
  /**
   * Call methods that are marked `idempotency_level = NO_SIDE_EFFECTS` with HTTP GET, which caches understand; only with
   * the protocol `connect`. Default false.
   */
  readonly idempotentGet?: boolean | undefined;
  /**
   * The longest URL of such a GET, in bytes of its path and query; a call whose URL would be longer, or is too long for the
   * server (HTTP status 414 or 431), is a POST. Default 7 KiB (7168); `Infinity` for what the server takes.
   */
  readonly maxGetUrlBytes?: number | undefined;
  /**
   * Send requests in base64 and ask for such responses, `application/grpc-web-text`, for a proxy that does not let plain
   * bytes through; only with the protocol `grpc-web`. Default false.
   */
  readonly grpcWebText?: boolean | undefined;
}

export const PROTOCOL_NAMES = ['protocol', 'idempotentGet', 'maxGetUrlBytes', 'grpcWebText'] as const;

/** The protocol. TypeError for an unknown one. */
export function checkProtocol({ protocol = 'grpc', ...options }: ProtocolOptions): Protocol {
  const usesGet = flagOf('idempotentGet', options.idempotentGet, 'connect', protocol);
  const isText = flagOf('grpcWebText', options.grpcWebText, 'grpc-web', protocol);
  const protocols: Readonly<Record<ProtocolName, Protocol>> = {
    grpc: GRPC,
    'grpc-web': isText ? GRPC_WEB_TEXT : GRPC_WEB,
    connect: connect(usesGet, maxGetUrlBytes(options.maxGetUrlBytes, usesGet)),
  };
  if (Object.hasOwn(protocols, protocol)) return protocols[protocol];
  const names = Object.keys(protocols);
  const [hint] = nearestNames(String(protocol), names, 1);
  throw new TypeError(
    `${called('protocol')} must be one of ${names.join(', ')}, not ${show(protocol)}${hint === undefined ? '' : `; did you mean '${hint}'?`}`,
  );
}

function maxGetUrlBytes(value: number | undefined, usesGet: boolean): number {
  if (value !== undefined && !usesGet) {
    throw new TypeError(`${called('maxGetUrlBytes')} needs ${called('idempotentGet')} true`);
  }
  return count('maxGetUrlBytes', value, DEFAULT_MAX_GET_URL_OCTETS, 1);
}

/** A flag that only one protocol has. */
function flagOf(name: string, value: unknown, needed: ProtocolName, protocol: unknown): boolean {
  const isSet = flag(name, value, false);
  if (isSet && protocol !== needed) {
    throw new TypeError(`${called(name)} needs ${called('protocol')} '${needed}', not ${show(protocol)}`);
  }
  return isSet;
}
