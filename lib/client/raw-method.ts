// A method without a schema: bytes in, bytes out.

import type { Call } from '../call/call.ts';
import type { CallOptions } from '../call/call-options.ts';
import type { DynamicMessage } from '../call/typed-calls.ts';
import type { Cardinality, EncodedMessage, MessageCodec, Method } from '../schema/codec/method.ts';
import { isBytes, isObject, isPlainObject } from '../values/realm.ts';

/** A method that takes and returns bytes, made by `client.raw`. */
export interface RawMethod {
  (
    message?: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Call<Uint8Array, DynamicMessage, DynamicMessage>;
  /** Calls the method and leaves its request stream open for `write` and `end`. */
  open(options?: CallOptions): Call<Uint8Array, DynamicMessage, DynamicMessage>;
}

/** @param call makes a call of the method */
export function rawCalls(
  call: (message: unknown, options: CallOptions | undefined, isOpen: boolean) => Call,
): RawMethod {
  const whole = (message?: unknown, options?: CallOptions) =>
    call(message, options, false) as ReturnType<RawMethod>;
  return Object.assign(whole, {
    open: (options?: CallOptions) => call(undefined, options, true) as ReturnType<RawMethod>,
  });
}

/** The codec of messages that already are bytes. */
const BYTES: MessageCodec = {
  typeName: 'bytes',
  encode(value: unknown, prefix: number): EncodedMessage {
    // An object without fields is an empty message, as it is with a schema.
    const bytes = isBytes(value) ? value : isEmptyObject(value) ? new Uint8Array(0) : undefined;
    if (bytes === undefined) {
      throw new TypeError(
        `a raw message must be a Uint8Array, not ${value === null ? 'null' : typeof value}`,
      );
    }
    // A copy: the caller may reuse its memory as soon as the call returns.
    const framed = new Uint8Array(prefix + bytes.length);
    framed.set(bytes, prefix);
    return { bytes: framed, start: 0, end: framed.length };
  },
  decode(bytes: Uint8Array, start: number, end: number): object {
    return Buffer.from(bytes.subarray(start, end));
  },
  isMessage: Buffer.isBuffer,
};

function isEmptyObject(value: unknown): boolean {
  return isObject(value) && isPlainObject(value) && Object.keys(value).length === 0;
}

const CARDINALITIES: readonly Cardinality[] = [
  'unary_unary',
  'unary_stream',
  'stream_unary',
  'stream_stream',
];

const IDEMPOTENCIES: readonly Method['idempotency'][] = ['unknown', 'no_side_effects', 'idempotent'];

/** A method of bytes at a path. TypeError for a malformed path, an unknown cardinality or idempotency. */
export function rawMethod(
  path: string,
  cardinality: Cardinality,
  idempotency: Method['idempotency'] = 'unknown',
): Method {
  const parts = typeof path === 'string' ? /^\/?([^/\s]+)\/([^/\s]+)$/.exec(path) : null;
  if (parts === null || !/^[\x21-\x7e]+$/.test(path)) {
    throw new TypeError(
      `the path must look like '/package.Service/Method', not ${JSON.stringify(path) ?? String(path)}`,
    );
  }
  if (!CARDINALITIES.includes(cardinality)) {
    throw new TypeError(
      `cardinality must be one of ${CARDINALITIES.join(', ')}, not ${JSON.stringify(cardinality) ?? String(cardinality)}`,
    );
  }
  if (!IDEMPOTENCIES.includes(idempotency)) {
    throw new TypeError(
      `idempotency must be one of ${IDEMPOTENCIES.join(', ')}, not ${JSON.stringify(idempotency) ?? String(idempotency)}`,
    );
  }
  const [, service, name] = parts;
  const method: Method = {
    name,
    service,
    fullName: `${service}.${name}`,
    path: `/${service}/${name}`,
    cardinality,
    requestStream: cardinality.startsWith('stream_'),
    responseStream: cardinality.endsWith('_stream'),
    idempotency,
    request: BYTES,
    reply: BYTES,
  };
  return { ...method, json: { ...method, codec: 'json' } };
}
