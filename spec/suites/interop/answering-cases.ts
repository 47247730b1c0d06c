// Interop cases whose calls succeed: the four cardinalities, and metadata both ways.
// Each asserts what grpc's doc/interop-test-descriptions.md lists under its name.

import { expect } from 'chai';
import type { Call, Client } from '../../../lib/index.ts';
import {
  duplexRequest,
  EMPTY_CALL,
  expectZeros,
  FULL_DUPLEX_CALL,
  type InteropCase,
  LARGE_REQUEST_SIZE,
  LARGE_RESPONSE_SIZE,
  largeRequest,
  REQUEST_SIZES,
  RESPONSE_SIZES,
  STREAMING_INPUT_CALL,
  STREAMING_OUTPUT_CALL,
  UNARY_CALL,
  zeros,
} from './interop-case.ts';

const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_INITIAL_VALUE = 'test_initial_metadata_value';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';
const ECHO_TRAILING_VALUE: Uint8Array = Uint8Array.of(0xab, 0xab, 0xab);
const AGGREGATED_PAYLOAD_SIZE = 74_922;
const CONCURRENT_CALLS = 1_000;
const CONCURRENT_TIMEOUT_MS = 120_000;

async function emptyUnary(client: Client): Promise<void> {
  const reply = await client.unaryUnary(EMPTY_CALL, {});
  expect(reply).to.be.an('object');
  expect(Object.keys(reply)).to.deep.equal([]);
  // What the description calls ideal: both messages were of zero bytes.
  const raw = client.raw('/grpc.testing.TestService/EmptyCall', { cardinality: 'unary_unary' });
  expect(await raw(new Uint8Array(0))).to.have.length(0);
}

async function largeUnary(client: Client, timeoutMs?: number): Promise<void> {
  expectZeros(await client.unaryUnary(UNARY_CALL, largeRequest(), { timeoutMs }), LARGE_RESPONSE_SIZE);
}

async function clientStreaming(client: Client): Promise<void> {
  const reply = await client.streamUnary(STREAMING_INPUT_CALL, REQUEST_SIZES.map(zeros));
  expect(reply.aggregatedPayloadSize).to.equal(AGGREGATED_PAYLOAD_SIZE);
}

async function serverStreaming(client: Client): Promise<void> {
  const responseParameters = RESPONSE_SIZES.map((size) => ({ size }));
  const call = client.unaryStream(STREAMING_OUTPUT_CALL, { responseParameters });
  const expected = [...RESPONSE_SIZES];
  for await (const reply of call) {
    const size = expected.shift();
    if (size === undefined) throw new Error('more than four responses');
    expectZeros(reply, size);
  }
  expect(expected, 'sizes of missing responses').to.deep.equal([]);
  await expectOk(call);
}

async function pingPong(client: Client): Promise<void> {
  const call = client.open(FULL_DUPLEX_CALL);
  for (const [index, size] of RESPONSE_SIZES.entries()) {
    await call.write(duplexRequest(size, REQUEST_SIZES[index]));
    expectZeros(await call.read(), size);
  }
  await call.end();
  expect(await call.read()).to.equal(undefined);
  await expectOk(call);
}

async function emptyStream(client: Client): Promise<void> {
  const call = client.open(FULL_DUPLEX_CALL);
  await call.end();
  expect(await call.toArray()).to.deep.equal([]);
  await expectOk(call);
}

async function customMetadata(client: Client): Promise<void> {
  const metadata = { [ECHO_INITIAL]: ECHO_INITIAL_VALUE, [ECHO_TRAILING]: ECHO_TRAILING_VALUE };

  const unary = client.unaryUnary(UNARY_CALL, largeRequest(), { metadata });
  expectZeros(await unary, LARGE_RESPONSE_SIZE);
  await expectEchoedMetadata(unary);

  const duplex = client.open(FULL_DUPLEX_CALL, { metadata });
  await duplex.write(duplexRequest(LARGE_RESPONSE_SIZE, LARGE_REQUEST_SIZE));
  await duplex.end();
  const replies = await duplex.toArray();
  expect(replies).to.have.length(1);
  expectZeros(replies[0], LARGE_RESPONSE_SIZE);
  await expectEchoedMetadata(duplex);
}

async function expectEchoedMetadata(call: Pick<Call, 'headers' | 'trailers' | 'status'>): Promise<void> {
  expect((await call.headers).getAll(ECHO_INITIAL)).to.deep.equal([ECHO_INITIAL_VALUE]);
  const trailing = (await call.trailers).getAll(ECHO_TRAILING);
  expect(trailing).to.have.length(1);
  expect(trailing[0]).to.be.instanceOf(Uint8Array);
  expect(Uint8Array.from(trailing[0] as Uint8Array)).to.deep.equal(ECHO_TRAILING_VALUE);
  await expectOk(call);
}

async function expectOk(call: Pick<Call, 'status'>): Promise<void> {
  const status = await call.status;
  expect(status.codeName, status.details).to.equal('OK');
}

async function concurrentLargeUnary(client: Client): Promise<void> {
  const calls = Array.from({ length: CONCURRENT_CALLS }, () => largeUnary(client, CONCURRENT_TIMEOUT_MS));
  await Promise.all(calls);
}

/** A case of one client's. */
function withClient(name: string, run: (client: Client) => Promise<void>, timeoutMs?: number): InteropCase {
  const base = {
    name,
    run: async (context: Parameters<InteropCase['run']>[0]) => run(await context.connect()),
  };
  return timeoutMs === undefined ? base : { ...base, timeoutMs };
}

export const ANSWERING_CASES: readonly InteropCase[] = [
  withClient('empty_unary', emptyUnary),
  withClient('large_unary', (client) => largeUnary(client)),
  withClient('client_streaming', clientStreaming),
  withClient('server_streaming', serverStreaming),
  withClient('ping_pong', pingPong),
  withClient('empty_stream', emptyStream),
  withClient('custom_metadata', customMetadata),
  withClient('concurrent_large_unary', concurrentLargeUnary, CONCURRENT_TIMEOUT_MS),
];
