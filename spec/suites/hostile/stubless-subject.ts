// stubless as the subject: through its public door only.

import { resolve } from 'node:path';
import {
  type Call,
  type CallOptions,
  Client,
  type ClientOptions,
  RpcError,
  type Stream,
  type TlsOptions,
} from '../../../lib/index.ts';
import { certificatePath } from '../../channel/socket/tls/certificate-files.ts';
import type { LoopClock } from '../../support/time/loop-clock.ts';
import type { CallPlan, CallSeen, ClientPlan, TlsPlan } from './hostile-case.ts';
import { ORDINARY_TIMEOUT_MS, PROXIED_TARGET, requestTexts, type Subject } from './subject.ts';

const METHODS = {
  unary_unary: 'UnaryUnary',
  unary_stream: 'UnaryStream',
  stream_unary: 'StreamUnary',
  stream_stream: 'StreamStream',
} as const;

export async function stublessSubject(port: number, plan: ClientPlan, clock: LoopClock): Promise<Subject> {
  const client = new Client(
    plan.proxy === undefined ? `127.0.0.1:${port}` : PROXIED_TARGET,
    options(port, plan),
  );
  await client.load(resolve('spec/suites/hostile/hostile.proto'));
  return {
    call: (callPlan) => observe(start(client, callPlan), callPlan, clock),
    ordinaryCall: () =>
      observe(
        client.request('UnaryUnary', { text: 'you' }, { timeoutMs: ORDINARY_TIMEOUT_MS, waitForReady: true }),
        {},
        clock,
      ),
    close: () => client.close({ graceMs: 0 }),
  };
}

function options(port: number, { tls, proxy, ...plan }: ClientPlan): ClientOptions {
  const all: ClientOptions = { ...plan, ...(tls !== undefined && { tls: tlsOptions(tls) }) };
  if (proxy === undefined) return all;
  const { scheme, ...login } = proxy;
  const trusted = scheme === 'https' ? { tls: tlsOptions({ ca: 'root' }) } : {};
  return { ...all, proxy: { url: `${scheme}://127.0.0.1:${port}`, ...login, ...trusted } };
}

function tlsOptions({ ca, pair, ...plan }: TlsPlan): TlsOptions {
  const file = (name: string): { file: string } => ({ file: certificatePath(name) });
  const own = pair === undefined ? {} : { cert: file(`${pair}.pem`), key: file(`${pair}.key`) };
  return { ...plan, ca: file(`${ca}.pem`), ...own };
}

function start(client: Client, plan: CallPlan): Call {
  const method = METHODS[plan.cardinality ?? 'unary_unary'];
  const options: CallOptions = { timeoutMs: plan.timeoutMs ?? Infinity };
  const requests = requestTexts(plan).map((text) => ({ text }));
  let call: Call;
  if (plan.isLeftOpen) {
    call = client.open(method, options);
    const open = call;
    void (async () => {
      for (const one of requests) await open.write(one);
    })().catch(() => {}); // how the call ended is what is looked at
  } else {
    const isStream = method === 'StreamUnary' || method === 'StreamStream';
    call = client.request(method, isStream ? requests : requests[0], options);
  }
  if (plan.cancelAfterMs !== undefined) setTimeout(() => call.cancel('enough'), plan.cancelAfterMs);
  return call;
}

async function observe(call: Call, plan: CallPlan, clock: LoopClock): Promise<CallSeen> {
  const startedMs = clock.now();
  const beganMs = performance.now();
  const replies: string[] = [];
  let complaint: string | undefined;
  let thrown: unknown;
  try {
    if (plan.isUnread) await call.status;
    else if (plan.cardinality?.endsWith('_stream')) await readAll(call, replies);
    else replies.push(textOf(await call));
  } catch (error) {
    thrown = error;
  }
  const settledMs = clock.now() - startedMs;
  const elapsedMs = performance.now() - beganMs;
  const status = await call.status;
  if (thrown !== undefined && !RpcError.is(thrown)) {
    complaint = `the call rejected with ${String(thrown)}, which is no RpcError`;
  } else if (!plan.isUnread && (thrown?.code ?? 0) !== status.code) {
    complaint = `the call ended with ${thrown?.code ?? 0}, but its status is ${status.code}`;
  }
  const { code, details, origin } = status;
  return {
    code,
    details,
    origin,
    replies,
    settledMs,
    elapsedMs,
    ...(complaint === undefined ? {} : { complaint }),
  };
}

async function readAll(call: Stream, replies: string[]): Promise<void> {
  for await (const reply of call) replies.push(textOf(reply));
}

function textOf(reply: unknown): string {
  return String((reply as { text?: unknown }).text);
}
