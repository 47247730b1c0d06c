// Header fields of Connect as gRPC has them, and the other way round: what a client's lib/protocols/connect-fields.ts does,
// seen from the server. Source: connectrpc.com/docs/protocol.

import { IDENTITY } from '../../rpc/compression/compression.ts';
import { encodeGrpcTimeout } from '../../rpc/grpc-timeout.ts';
import type { FieldList } from '../../rpc/transport.ts';
import { StatusCode } from '../../values/status.ts';
import type { HeadProblem } from './adapted-stream.ts';
import type { CallForm } from './call-form.ts';

/** What a kind of call has for names of the fields that tell of compression. */
export interface EncodingNames {
  readonly encoding: string;
  readonly accepted: string;
}

export const UNARY_NAMES: EncodingNames = { encoding: 'content-encoding', accepted: 'accept-encoding' };
export const STREAM_NAMES: EncodingNames = {
  encoding: 'connect-content-encoding',
  accepted: 'connect-accept-encoding',
};

const VERSION = '1';

/** A request head as gRPC has it. */
export function grpcHead(
  fields: FieldList,
  { codec }: CallForm,
  { encoding, accepted }: EncodingNames,
): string[] | HeadProblem {
  const own: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    if (name === 'connect-timeout-ms') {
      if (!/^\d{1,10}$/.test(value)) return malformed(name, value, 'up to ten digits');
      own.push('grpc-timeout', encodeGrpcTimeout(Number(value)));
    } else if (name === 'connect-protocol-version') {
      if (value !== VERSION) return malformed(name, value, VERSION);
    } else if (name === encoding) own.push('grpc-encoding', value);
    else if (name === accepted) own.push('grpc-accept-encoding', value.replace(/\s*;[^,]*/g, ''));
    else if (name !== 'content-type') own.push(name, value);
  }
  own.push('content-type', `application/grpc+${codec}`);
  return own;
}

function malformed(name: string, value: string, wanted: string): HeadProblem {
  return {
    code: StatusCode.INVALID_ARGUMENT,
    details: `${name} must be ${wanted}, not ${JSON.stringify(value)}`,
  };
}

/** The head of a response of gRPC as Connect has it, in parts. */
export interface ConnectHead {
  /** Of the protocol, without the status and the content-type. */
  readonly own: FieldList;
  /** How messages are compressed that are. */
  readonly encoding: string | undefined;
  /** The rest: metadata; also the trailers, where the head ends the response. */
  readonly metadata: FieldList;
}

export function connectHead(fields: FieldList, { accepted }: EncodingNames): ConnectHead {
  let own: FieldList = [];
  let encoding: string | undefined;
  const metadata: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    if (name === 'grpc-encoding') encoding = value;
    else if (name === 'grpc-accept-encoding') own = [accepted, withoutIdentity(value)];
    else if (name !== ':status' && name !== 'content-type') metadata.push(name, value);
  }
  return { own, encoding, metadata };
}

function withoutIdentity(names: string): string {
  return names
    .split(',')
    .filter((name) => name !== IDENTITY)
    .join(',');
}
