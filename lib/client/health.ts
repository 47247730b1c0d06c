// The methods of grpc.health.v1.Health, with codecs of their own: two messages of one field each need no schema.
// Source: grpc doc/health-checking.md, protos/grpc/health/v1/health.proto.

import { NO_SUCH_METHOD } from '../rpc/http-answer.ts';
import type { Cardinality, EncodedMessage, MessageCodec, Method } from '../schema/codec/method.ts';
import { WireReader } from '../schema/codec/wire/wire-reader.ts';
import { advice } from '../values/options/option-words.ts';
import { type ErrorDetails, RpcError } from '../values/rpc-error.ts';
import { StatusCode } from '../values/status.ts';
import { rawMethod } from './raw-method.ts';

/** The health of a service. `SERVICE_UNKNOWN` comes only from `watch`. */
export type HealthStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

const STATUSES: readonly HealthStatus[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** A reply of the health service. */
export interface HealthReply {
  readonly status: HealthStatus;
}

const SERVICE_TAG = 0x0a;
const STATUS_TAG = 0x08;

/** A request is the name of the service, a string. */
const REQUEST: MessageCodec = {
  typeName: 'grpc.health.v1.HealthCheckRequest',
  encode(service: unknown, prefix: number): EncodedMessage {
    if (typeof service !== 'string') {
      throw new TypeError(
        `the service must be a full name such as 'helloworld.Greeter', or '' for the server, not ${String(service)}`,
      );
    }
    const text = Buffer.from(service);
    const length: number[] = [];
    for (let rest = text.length; rest > 0; rest >>>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    const head = text.length === 0 ? [] : [SERVICE_TAG, ...length];
    const bytes = new Uint8Array(prefix + head.length + text.length);
    bytes.set(head, prefix);
    bytes.set(text, prefix + head.length);
    return { bytes, start: 0, end: bytes.length };
  },
  decode() {
    throw new TypeError('a request is not decoded');
  },
};

const REPLY: MessageCodec = {
  typeName: 'grpc.health.v1.HealthCheckResponse',
  encode() {
    throw new TypeError('a reply is not encoded');
  },
  decode(bytes: Uint8Array, start: number, end: number): HealthReply {
    const reader = new WireReader();
    reader.start(bytes, start, end, REPLY.typeName);
    let status = 0;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === STATUS_TAG) status = reader.varint32();
      else reader.skip(tag, end);
    }
    if (reader.pos > end) reader.truncated();
    reader.finish();
    // A status that this library does not know counts as UNKNOWN.
    return { status: STATUSES[status] ?? 'UNKNOWN' };
  },
};

function healthMethod(name: string, cardinality: Cardinality): Method {
  return {
    ...rawMethod(`/grpc.health.v1.Health/${name}`, cardinality),
    // Its schema does not mark it NO_SIDE_EFFECTS, so servers of Connect take no GET for it.
    idempotency: 'idempotent',
    request: REQUEST,
    reply: REPLY,
    json: undefined,
  };
}

/** Asks once. */
export const HEALTH_CHECK: Method = healthMethod('Check', 'unary_unary');
/** Answers at once, and again at each change. */
export const HEALTH_WATCH: Method = healthMethod('Watch', 'unary_stream');

/**
 * The error of a check or a watch; UNIMPLEMENTED, a server's words for a service or method that it does not have, says
 * what else there is to ask.
 */
export function healthError(
  error: unknown,
  asked: Method,
  decodeDetails: (status: Uint8Array) => ErrorDetails,
): unknown {
  if (!RpcError.is(error) || error.code !== StatusCode.UNIMPLEMENTED) return error;
  const isHttp = error.origin === 'client';
  if (isHttp && !error.details.includes(NO_SUCH_METHOD)) return error;
  const { code, codeName, details, metadata, origin, method, peer, cause, message, stack } = error;
  // Some servers have the one and not the other.
  const lacks =
    asked === HEALTH_WATCH ? 'has no health service, or one without Watch' : 'has no health service';
  const explained = new RpcError({
    status: { code, codeName, details, metadata, origin },
    method,
    peer,
    cause,
    note: isHttp
      ? 'it may be a server without a health service: a call of one of its methods tells'
      : `the server ${lacks}; ${advice().insteadOfHealth}`,
    decodeDetails,
  });
  // The lines that it leads to stay.
  Reflect.set(
    explained,
    'stack',
    stack?.replace(message, () => explained.message),
  );
  return explained;
}
