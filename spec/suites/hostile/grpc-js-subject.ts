// @grpc/grpc-js as the subject: an expectation that it does not meet either may be a wrong one.

import { resolve } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { pair, pem } from '../../channel/socket/tls/certificate-files.ts';
import type { LoopClock } from '../../support/time/loop-clock.ts';
import type { CallPlan, CallSeen, ClientPlan, TlsPlan } from './hostile-case.ts';
import { ORDINARY_TIMEOUT_MS, PROXIED_TARGET, requestTexts, type Subject } from './subject.ts';

interface Note {
  readonly text: string;
}

type Emitter = Partial<Record<'on', (event: string, listener: (value: never) => void) => void>> & {
  cancel(): void;
  write?(message: Note): boolean;
  end?(): void;
};

const definition = loadSync(resolve('spec/suites/hostile/hostile.proto'), { defaults: true });
const HostileClient = grpc.makeClientConstructor(
  definition['hostile.Hostile'] as grpc.ServiceDefinition,
  'Hostile',
);

export async function grpcJsSubject(port: number, plan: ClientPlan, clock: LoopClock): Promise<Subject> {
  const { tls, proxy, keepalive } = plan;
  // It knows proxies from the environment alone, and looks there when a client is made.
  if (proxy !== undefined) process.env['grpc_proxy'] = proxyUrl(port, proxy);
  const client = new HostileClient(
    proxy === undefined ? `127.0.0.1:${port}` : PROXIED_TARGET,
    credentials(tls),
    {
      // An own pool: subchannels are shared between clients otherwise, and so would be their back-off.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      ...(plan.maxReceiveMessageBytes !== undefined && {
        'grpc.max_receive_message_length': plan.maxReceiveMessageBytes,
      }),
      ...(tls?.serverName !== undefined && { 'grpc.ssl_target_name_override': tls.serverName }),
      ...(keepalive !== undefined && {
        'grpc.keepalive_time_ms': keepalive.intervalMs,
        'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
        'grpc.keepalive_permit_without_calls': keepalive.withoutCalls ? 1 : 0,
      }),
    },
  );
  delete process.env['grpc_proxy'];
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

function proxyUrl(port: number, { scheme, username, password }: NonNullable<ClientPlan['proxy']>): string {
  const login = username === undefined ? '' : `${username}:${password}@`;
  return `${scheme}://${login}127.0.0.1:${port}`;
}

function credentials(tls: TlsPlan | undefined): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  const own = tls.pair === undefined ? undefined : pair(tls.pair);
  const bytes = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return grpc.credentials.createSsl(bytes(pem(tls.ca)), bytes(own?.key), bytes(own?.cert));
}

function observe(
  client: InstanceType<typeof HostileClient>,
  plan: CallPlan,
  clock: LoopClock,
): Promise<CallSeen> {
  const startedMs = clock.now();
  const beganMs = performance.now();
  const replies: string[] = [];
  return new Promise((resolvePromise) => {
    const settle = (error: { code: number; details: string } | null): void => {
      const { code, details } = error ?? { code: 0, details: '' };
      const settledMs = clock.now() - startedMs;
      const elapsedMs = performance.now() - beganMs;
      resolvePromise({ code, details, origin: undefined, replies, settledMs, elapsedMs });
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
