// @grpc/grpc-js as the subject: an expectation that it does not meet either may be a wrong one.

import { resolve } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { CallPlan, CallSeen, ClientPlan } from './hostile-case.ts';
import { type LoopClock, ORDINARY_TIMEOUT_MS, requestTexts, type Subject } from './subject.ts';

interface Note {
  readonly text: string;
}

type Emitter = Partial<Record<'on', (event: string, listener: (value: never) => void) => void>> & {
  cancel(): void;
  write?(message: Note): boolean;
  end?(): void;
};

const definition = loadSync(resolve('spec/hostile/hostile.proto'), { defaults: true });
const HostileClient = grpc.makeClientConstructor(
  definition['hostile.Hostile'] as grpc.ServiceDefinition,
  'Hostile',
);

export async function grpcJsSubject(port: number, plan: ClientPlan, clock: LoopClock): Promise<Subject> {
  const client = new HostileClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    // An own pool: subchannels are shared between clients otherwise, and so would be their back-off.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    ...(plan.maxReceiveMessageBytes !== undefined && {
      'grpc.max_receive_message_length': plan.maxReceiveMessageBytes,
    }),
  });
  return {
    call: (callPlan) => observe(client, callPlan, clock),
    async ordinaryCall() {
      await new Promise((done) => client.waitForReady(Date.now() + ORDINARY_TIMEOUT_MS, done));
      return observe(client, { timeoutMs: ORDINARY_TIMEOUT_MS }, clock);
    },
    async close() {
      client.close();
    },
  };
}

function observe(
  client: InstanceType<typeof HostileClient>,
  plan: CallPlan,
  clock: LoopClock,
): Promise<CallSeen> {
  const startedMs = clock.now();
  const replies: string[] = [];
  return new Promise((resolvePromise) => {
    const settle = (error: { code: number; details: string } | null): void => {
      const { code, details } = error ?? { code: 0, details: '' };
      resolvePromise({ code, details, origin: undefined, replies, settledMs: clock.now() - startedMs });
    };
    const onReply = (error: grpc.ServiceError | null, reply?: Note): void => {
      if (reply !== undefined) replies.push(reply.text);
      settle(error);
    };
    const call = start(client, plan, onReply);
    if (plan.cardinality?.endsWith('_stream')) {
      if (!plan.isUnread) call.on?.('data', (reply: Note) => replies.push(reply.text));
      call.on?.('error', () => {});
      call.on?.('status', (status: grpc.StatusObject) => settle(status));
    }
    if (plan.cancelAfterMs !== undefined) setTimeout(() => call.cancel(), plan.cancelAfterMs);
  });
}

function start(
  client: InstanceType<typeof HostileClient>,
  plan: CallPlan,
  onReply: (error: grpc.ServiceError | null, reply?: Note) => void,
): Emitter {
  const options: grpc.CallOptions = {
    deadline: plan.timeoutMs === undefined ? Infinity : Date.now() + plan.timeoutMs,
  };
  const metadata = new grpc.Metadata();
  const texts = requestTexts(plan);
  switch (plan.cardinality ?? 'unary_unary') {
    case 'unary_unary':
      return client['UnaryUnary']({ text: texts[0] }, metadata, options, onReply);
    case 'unary_stream':
      return client['UnaryStream']({ text: texts[0] }, metadata, options);
    case 'stream_unary':
      return write(client['StreamUnary'](metadata, options, onReply), texts, plan);
    default:
      return write(client['StreamStream'](metadata, options), texts, plan);
  }
}

function write(call: Emitter, texts: readonly string[], plan: CallPlan): Emitter {
  call.on?.('error', () => {});
  for (const text of texts) call.write?.({ text });
  if (!plan.isLeftOpen) call.end?.();
  return call;
}
