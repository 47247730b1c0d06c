// Interop cases of compression, both ways, unary and streaming. Each asserts what grpc's
// doc/interop-test-descriptions.md lists under its name. Only grpc's C++ server checks how requests came; Java's
// compresses a unary reply as it is asked to.

import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { expect } from 'chai';
import type { Client, ClientOptions } from '../../../lib/index.ts';
import {
  expectStatus,
  expectZeros,
  type InteropCase,
  LARGE_REQUEST_SIZE,
  LARGE_RESPONSE_SIZE,
  largeRequest,
  STREAMING_INPUT_CALL,
  STREAMING_OUTPUT_CALL,
  UNARY_CALL,
  zeros,
} from './interop-case.ts';

const GZIP = { compression: 'gzip' } as const;
const COMPRESSED = { expectCompressed: { value: true } };
const UNCOMPRESSED = { expectCompressed: { value: false } };

/** The compressions of grpc's servers, which count what they decompress: by that it shows which replies came compressed. */
function counting(): { readonly options: ClientOptions; readonly count: () => number } {
  let count = 0;
  const limit = (maxBytes: number): object => ({ maxOutputLength: Math.min(maxBytes, 0x7fffffff) });
  const options: ClientOptions = {
    compressions: [
      {
        name: 'gzip',
        compress: (bytes) => gzipSync(bytes),
        decompress: (bytes, maxBytes) => {
          count++;
          return gunzipSync(bytes, limit(maxBytes));
        },
      },
      {
        name: 'deflate',
        compress: (bytes) => deflateSync(bytes),
        decompress: (bytes, maxBytes) => {
          count++;
          return inflateSync(bytes, limit(maxBytes));
        },
      },
    ],
  };
  return { options, count: () => count };
}

async function clientUnary(client: Client): Promise<void> {
  const probe = client.unaryUnary(UNARY_CALL, { ...largeRequest(), ...COMPRESSED });
  await expectStatus(probe, 'INVALID_ARGUMENT');
  expectZeros(
    await client.unaryUnary(UNARY_CALL, { ...largeRequest(), ...COMPRESSED }, GZIP),
    LARGE_RESPONSE_SIZE,
  );
  expectZeros(
    await client.unaryUnary(UNARY_CALL, { ...largeRequest(), ...UNCOMPRESSED }),
    LARGE_RESPONSE_SIZE,
  );
}

async function clientStreaming(client: Client): Promise<void> {
  const probe = client.open(STREAMING_INPUT_CALL, GZIP);
  // The server may answer before the request is whole.
  await Promise.allSettled([
    probe.write({ ...COMPRESSED, ...zeros(27_182) }, { compress: false }),
    probe.end(),
  ]);
  await expectStatus(probe, 'INVALID_ARGUMENT');

  const call = client.open(STREAMING_INPUT_CALL, GZIP);
  await call.write({ ...COMPRESSED, ...zeros(27_182) });
  await call.write({ ...UNCOMPRESSED, ...zeros(45_904) }, { compress: false });
  await call.end();
  expect((await call).aggregatedPayloadSize).to.equal(73_086);
}

async function serverUnary(connect: (options: ClientOptions) => Promise<Client>): Promise<void> {
  const { options, count } = counting();
  const client = await connect(options);
  for (const [value, decompressed] of [
    [true, 1],
    [false, 1],
  ] as const) {
    const request = { responseCompressed: { value }, responseSize: LARGE_RESPONSE_SIZE };
    expectZeros(
      await client.unaryUnary(UNARY_CALL, { ...request, ...zeros(LARGE_REQUEST_SIZE) }),
      LARGE_RESPONSE_SIZE,
    );
    expect(count(), `replies decompressed after ${value}`).to.equal(decompressed);
  }
}

async function serverStreaming(connect: (options: ClientOptions) => Promise<Client>): Promise<void> {
  const { options, count } = counting();
  const client = await connect(options);
  const call = client.unaryStream(STREAMING_OUTPUT_CALL, {
    responseParameters: [
      { compressed: { value: true }, size: 31_415 },
      { compressed: { value: false }, size: 92_653 },
    ],
  });
  expectZeros(await call.read(), 31_415);
  expect(count(), 'the first reply was compressed').to.equal(1);
  expectZeros(await call.read(), 92_653);
  expect(count(), 'the second reply was not').to.equal(1);
  expect(await call.read()).to.equal(undefined);
}

export const COMPRESSED_CASES: readonly InteropCase[] = [
  {
    name: 'client_compressed_unary',
    servers: ['cpp'],
    run: async ({ connect }) => clientUnary(await connect()),
  },
  { name: 'server_compressed_unary', servers: ['cpp', 'java'], run: ({ connect }) => serverUnary(connect) },
  {
    name: 'client_compressed_streaming',
    servers: ['cpp'],
    run: async ({ connect }) => clientStreaming(await connect()),
  },
  {
    name: 'server_compressed_streaming',
    servers: ['cpp'],
    run: ({ connect }) => serverStreaming(connect),
  },
];
