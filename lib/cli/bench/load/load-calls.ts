// One call of a load, of each cardinality: sends its requests, takes its replies, and counts both.

import { type Call, type Client, type MethodDescription, RpcError } from '../../../index.ts';
import { decodeReply, rawOf } from '../../../requests/run/raw-method.ts';
import { LongTimer } from '../../../values/clock.ts';
import type { Measurements, NameFailure } from '../result/measurements.ts';
import type { MakeCall } from './generator.ts';
import type { RequestTemplate } from './request-templates.ts';
import type { ServerClock } from './server-clock.ts';

export interface LoadCallOptions {
  /** Used in turn; the first of them knows the schema. */
  readonly clients: readonly [Client, ...Client[]];
  readonly method: MethodDescription;
  readonly templates: readonly RequestTemplate[];
  /** Messages that a call with a request stream sends. */
  readonly messages: number;
  readonly messageIntervalMs: number;
  readonly timeoutMs: number | undefined;
  /** Told the dates of a few responses a second. */
  readonly serverClock?: ServerClock;
}

/** Makes calls that settle when they have ended; a reply that cannot be decoded fails its call. */
export function loadCalls(options: LoadCallOptions): MakeCall {
  const { clients, method, templates, messages, messageIntervalMs, timeoutMs } = options;
  const decode = (reply: Uint8Array): void => {
    decodeReply(clients[0], method.replyType, reply);
  };
  const callOptions = { timeoutMs };
  const methods = clients.map((client) => rawOf(client, method));
  const message = (call: number, index: number, measurements: Measurements): Uint8Array => {
    const template = templates[(call + index) % templates.length];
    const bytes = template({ call, message: index });
    measurements.requestMessages++;
    measurements.requestBytes += bytes.length;
    return bytes;
  };

  async function* requests(call: number, measurements: Measurements): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < messages; index++) {
      if (index > 0 && messageIntervalMs > 0) await pause(messageIntervalMs);
      yield message(call, index, measurements);
    }
  }

  const takesStream = method.cardinality.startsWith('stream');
  const givesStream = method.cardinality.endsWith('stream');
  const sample = sampler(options.serverClock);
  // Not by the call's number: a part of a plan may have none but even ones.
  let turn = 0;

  return (index, measurements) => {
    const start = methods[turn++ % methods.length];
    const call = start(
      takesStream ? requests(index, measurements) : message(index, 0, measurements),
      callOptions,
    );
    sample?.(call);
    if (givesStream) return readAll(call, decode, measurements);
    return call.then((reply) => {
      decode(reply);
      measurements.replyMessages++;
      measurements.replyBytes += reply.length;
    });
  };
}

/** How often a response's date is looked at. */
const SAMPLED_MS = 50;

function sampler(clock: ServerClock | undefined): ((call: Pick<Call, 'headers'>) => void) | undefined {
  if (clock === undefined) return undefined;
  let nextMs = 0;
  return (call) => {
    const nowMs = Date.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + SAMPLED_MS;
    // Of a call that fails before they come they are empty, and it is counted elsewhere.
    call.headers.then(
      (headers) => clock.saw(String(headers.get('date')), nowMs, Date.now()),
      () => {},
    );
  };
}

async function readAll(
  replies: AsyncIterable<Uint8Array>,
  decode: (reply: Uint8Array) => void,
  measurements: Measurements,
): Promise<void> {
  let lastMs = performance.now();
  for await (const reply of replies) {
    const nowMs = performance.now();
    measurements.messageGap.record(nowMs - lastMs);
    lastMs = nowMs;
    measurements.replyMessages++;
    measurements.replyBytes += reply.length;
    decode(reply);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise<void>((resolve) => {
    new LongTimer(resolve, ms);
  });
}

/** By status, or by the kind of error. */
export const nameFailure: NameFailure = (error) => {
  if (RpcError.is(error)) return { name: error.codeName, code: error.code, details: error.details };
  if (error instanceof Error) return { name: error.name, details: error.message };
  return { name: 'Error', details: String(error) };
};
