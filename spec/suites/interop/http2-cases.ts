// grpc's interop cases for a server whose HTTP/2 misbehaves. Each asserts what grpc's
// doc/http2-interop-test-descriptions.md lists under its name; what the server sees is asserted by http2-server.ts.

import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../../lib/index.ts';
import { expectStatus, expectZeros, LARGE_RESPONSE_SIZE, largeRequest, UNARY_CALL } from './interop-case.ts';

export interface Http2Case {
  /** As in grpc's list. */
  readonly name: string;
  run(client: Client): Promise<void>;
}

const CONCURRENT_CALLS = 10;
/** The client is given this long to hear of GOAWAY, as in grpc's own. */
const GOAWAY_MS = 1000;

async function largeUnary(client: Client): Promise<void> {
  expectZeros(await client.unaryUnary(UNARY_CALL, largeRequest()), LARGE_RESPONSE_SIZE);
}

/** RST_STREAM(NO_ERROR) before the trailers: INTERNAL, as in the table of grpc's doc/PROTOCOL-HTTP2.md. */
async function reset(client: Client): Promise<void> {
  await expectStatus(client.unaryUnary(UNARY_CALL, largeRequest()), 'INTERNAL');
}

async function goaway(client: Client): Promise<void> {
  await largeUnary(client);
  await delay(GOAWAY_MS);
  await largeUnary(client);
}

async function maxStreams(client: Client): Promise<void> {
  await largeUnary(client);
  await Promise.all(Array.from({ length: CONCURRENT_CALLS }, () => largeUnary(client)));
}

export const HTTP2_CASES: readonly Http2Case[] = [
  { name: 'goaway', run: goaway },
  { name: 'rst_after_header', run: reset },
  { name: 'rst_during_data', run: reset },
  { name: 'rst_after_data', run: reset },
  { name: 'ping', run: largeUnary },
  { name: 'max_streams', run: maxStreams },
  { name: 'data_frame_padding', run: largeUnary },
  { name: 'no_df_padding_sanity_test', run: largeUnary },
];
