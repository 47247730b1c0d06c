// Cases that grpc's list has not, for servers of gRPC-Web and Connect: what a protocol beside gRPC, or a proxy that translates
// it, carries in its own way: details of errors, the end of a call from this side, large messages, compression.

import { expect } from 'chai';
import type { Client } from '../../../lib/index.ts';
import {
  EMPTY_CALL,
  expectStatus,
  expectZeros,
  type InteropCase,
  STREAMING_INPUT_CALL,
  STREAMING_OUTPUT_CALL,
  UNARY_CALL,
  zeros,
} from './interop-case.ts';
import type { InteropServerName } from './interop-server.ts';

const FAILED_PRECONDITION = 9;
/** tonic's error details are in a crate of their own, which its server does not use. */
const WITH_DETAILS: readonly InteropServerName[] = [
  'connect',
  'vanguard',
  'grpcweb',
  'connect-node',
  'envoy',
];
const WEB: readonly InteropServerName[] = [...WITH_DETAILS, 'tonic'];

const MIB = 1024 * 1024;
const LIMIT = { maxReceiveMessageBytes: 16 * MIB };
/** What grpc-go takes at most by default: the whole message. */
const LARGE_REQUEST_OCTETS = 4 * MIB - 64;
const LARGE_RESPONSE_OCTETS = 8 * MIB;
const MANY_SECONDS_US = 10_000_000;
const DEADLINE_MS = 300;
/** Compressed, these are a few octets. */
const COMPRESSED_OCTETS = 100_000;

async function statusDetails(client: Client): Promise<void> {
  const fields = { responseStatus: { code: FAILED_PRECONDITION, message: 'not now' } };
  const error = await expectStatus(client.unaryUnary(UNARY_CALL, fields), 'FAILED_PRECONDITION');
  expect(error.details).to.equal('not now');
  expect(error.origin).to.equal('server');
  expect(error.errorDetailsProblem).to.equal(undefined);
  expect(error.errorDetails).to.have.length(1);
  const [detail] = error.errorDetails;
  expect(detail).to.include({
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: 'TESTED',
    domain: 'interop.stubless.dev',
  });
}

/** A stream whose first reply comes at once, and its second long after. */
const slowStream = { responseParameters: [{ size: 1 }, { size: 1, intervalUs: MANY_SECONDS_US }] };

async function deadlineOfAStream(client: Client): Promise<void> {
  await client.waitForReady();
  const call = client.unaryStream(STREAMING_OUTPUT_CALL, slowStream, { timeoutMs: DEADLINE_MS });
  expectZeros(await call.read(), 1);
  await expectStatus(call.read(), 'DEADLINE_EXCEEDED');
  await client.unaryUnary(EMPTY_CALL, {});
}

async function cancelAStream(client: Client): Promise<void> {
  const call = client.unaryStream(STREAMING_OUTPUT_CALL, slowStream);
  expectZeros(await call.read(), 1);
  call.cancel();
  await expectStatus(call.read(), 'CANCELLED');
  await client.unaryUnary(EMPTY_CALL, {});
}

async function moreThan4Mib(client: Client): Promise<void> {
  const request = { responseSize: LARGE_RESPONSE_OCTETS, ...zeros(LARGE_REQUEST_OCTETS) };
  expectZeros(await client.unaryUnary(UNARY_CALL, request, LIMIT), LARGE_RESPONSE_OCTETS);
  const error = await expectStatus(client.unaryUnary(UNARY_CALL, request), 'RESOURCE_EXHAUSTED');
  expect(error.details).to.match(/ (?:exceeds|is larger than) maxReceiveMessageBytes 4194304/);
  const call = client.unaryStream(
    STREAMING_OUTPUT_CALL,
    { responseParameters: [{ size: 1 }, { size: LARGE_RESPONSE_OCTETS }, { size: 2 }] },
    LIMIT,
  );
  for (const size of [1, LARGE_RESPONSE_OCTETS, 2]) expectZeros(await call.read(), size);
  expect(await call.read()).to.equal(undefined);
}

async function gzipBothWays(client: Client): Promise<void> {
  const gzip = { compression: 'gzip' } as const;
  const request = { responseSize: COMPRESSED_OCTETS, ...zeros(COMPRESSED_OCTETS) };
  expectZeros(await client.unaryUnary(UNARY_CALL, request, gzip), COMPRESSED_OCTETS);
  const sizes = [COMPRESSED_OCTETS, 1, COMPRESSED_OCTETS];
  const sum = await client.streamUnary(STREAMING_INPUT_CALL, sizes.map(zeros), gzip);
  expect(sum.aggregatedPayloadSize).to.equal(2 * COMPRESSED_OCTETS + 1);
  const responseParameters = sizes.map((size) => ({ size }));
  const call = client.unaryStream(STREAMING_OUTPUT_CALL, { responseParameters }, gzip);
  for (const size of sizes) expectZeros(await call.read(), size);
  expect(await call.read()).to.equal(undefined);
}

function web(
  name: string,
  run: (client: Client) => Promise<void>,
  servers: readonly InteropServerName[] = WEB,
): InteropCase {
  return { name, servers, run: async (context) => run(await context.connect()) };
}

export const WEB_CASES: readonly InteropCase[] = [
  web('status_details', statusDetails, WITH_DETAILS),
  web('deadline_of_a_stream', deadlineOfAStream),
  web('cancel_a_stream', cancelAStream),
  web('more_than_4_mib', moreThan4Mib),
  web('gzip_both_ways', gzipBothWays),
];
