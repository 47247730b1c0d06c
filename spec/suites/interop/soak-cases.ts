// Interop's soak cases: many large_unary calls one after the other, over one channel or each over its own.
// The bounds are the defaults of the flags that grpc's own interop clients take (--soak_*), but that there
// are more iterations.

import { expect } from 'chai';
import type { Client } from '../../../lib/index.ts';
import {
  expectZeros,
  type InteropCase,
  type InteropContext,
  LARGE_RESPONSE_SIZE,
  largeRequest,
  UNARY_CALL,
} from './interop-case.ts';

const RPC_SOAK_ITERATIONS = 200;
const CHANNEL_SOAK_ITERATIONS = 50;
const PER_ITERATION_MAX_ACCEPTABLE_LATENCY_MS = 1_000;
const MAX_FAILURES = 0;
const OVERALL_TIMEOUT_MS = 60_000;

/** Calls `iterate` so many times; one fails when it rejects or takes longer than is acceptable. */
async function soak(iterations: number, iterate: () => Promise<void>): Promise<void> {
  const failures: string[] = [];
  const deadline = performance.now() + OVERALL_TIMEOUT_MS;
  let done = 0;
  for (; done < iterations && performance.now() < deadline; done++) {
    const started = performance.now();
    try {
      await iterate();
      const latencyMs = performance.now() - started;
      if (latencyMs > PER_ITERATION_MAX_ACCEPTABLE_LATENCY_MS) failures.push(`${done}: ${latencyMs} ms`);
    } catch (error) {
      failures.push(`${done}: ${String(error)}`);
    }
  }
  expect(done, `iterations within ${OVERALL_TIMEOUT_MS} ms`).to.equal(iterations);
  expect(failures.length, failures.join('; ')).to.be.at.most(MAX_FAILURES);
}

async function largeUnary(client: Client): Promise<void> {
  expectZeros(await client.unaryUnary(UNARY_CALL, largeRequest()), LARGE_RESPONSE_SIZE);
}

async function rpcSoak(context: InteropContext): Promise<void> {
  const client = await context.connect();
  await soak(RPC_SOAK_ITERATIONS, () => largeUnary(client));
}

async function channelSoak(context: InteropContext): Promise<void> {
  await soak(CHANNEL_SOAK_ITERATIONS, async () => {
    const client = await context.connect();
    await largeUnary(client);
    await client.close();
  });
}

export const SOAK_CASES: readonly InteropCase[] = [
  { name: 'rpc_soak', timeoutMs: OVERALL_TIMEOUT_MS, run: rpcSoak },
  { name: 'channel_soak', timeoutMs: OVERALL_TIMEOUT_MS, run: channelSoak },
];
