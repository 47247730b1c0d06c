// What one interop case is and what it is given, with the requests and checks that several cases share.
// The sizes and texts are those of grpc's doc/interop-test-descriptions.md.

import { expect } from 'chai';
import {
  type Client,
  type ClientOptions,
  type DynamicMessage,
  RpcError,
  type StatusCodeName,
} from '../../../lib/index.ts';
import type { InteropServerName } from './interop-server.ts';

export interface InteropContext {
  /** A client of the server under test, with its schema loaded. The runner closes it, and checks that it does close. */
  connect(options?: ClientOptions): Promise<Client>;
  /** The same with nothing loaded. */
  connectBare(): Client;
  readonly server: InteropServerName;
}

export interface InteropCase {
  /** As in grpc's list. */
  readonly name: string;
  /** The servers that implement it; default all. */
  readonly servers?: readonly InteropServerName[];
  /** Longer than the runner's default where the case is long by nature. */
  readonly timeoutMs?: number;
  /** Rejects when anything is not as the description says. */
  run(context: InteropContext): Promise<void>;
}

export const EMPTY_CALL = 'grpc.testing.TestService.EmptyCall';
export const UNARY_CALL = 'grpc.testing.TestService.UnaryCall';
export const STREAMING_INPUT_CALL = 'grpc.testing.TestService.StreamingInputCall';
export const STREAMING_OUTPUT_CALL = 'grpc.testing.TestService.StreamingOutputCall';
export const FULL_DUPLEX_CALL = 'grpc.testing.TestService.FullDuplexCall';

export const LARGE_RESPONSE_SIZE = 314_159;
export const LARGE_REQUEST_SIZE = 271_828;
export const REQUEST_SIZES: readonly number[] = [27_182, 8, 1_828, 45_904];
export const RESPONSE_SIZES: readonly number[] = [31_415, 9, 2_653, 58_979];

export interface PayloadField {
  readonly payload: { readonly body: Uint8Array };
}

/** A payload of zeros. */
export function zeros(size: number): PayloadField {
  return { payload: { body: new Uint8Array(size) } };
}

/** The request of large_unary. */
export function largeRequest(): object {
  return { responseSize: LARGE_RESPONSE_SIZE, ...zeros(LARGE_REQUEST_SIZE) };
}

/** One request of FullDuplexCall that asks for one response. */
export function duplexRequest(responseSize: number, requestSize: number): object {
  return { responseParameters: [{ size: responseSize }], ...zeros(requestSize) };
}

/** A response whose payload is that many zeros and nothing else. */
export function expectZeros(reply: DynamicMessage | undefined, size: number): void {
  if (reply === undefined) throw new Error('the stream ended where a response was expected');
  expect(reply.payload.type).to.equal('COMPRESSABLE');
  const body: Uint8Array = reply.payload.body;
  expect(body.length, 'size of the payload').to.equal(size);
  // Not chai's deep equality, which takes seconds for payloads of this size.
  expect(
    Buffer.from(body.buffer, body.byteOffset, body.length).equals(Buffer.alloc(size)),
    'all zeros',
  ).to.equal(true);
}

/** Waits for a failure and gives it; the failure must be an RpcError with this status. */
export async function expectStatus(outcome: PromiseLike<unknown>, name: StatusCodeName): Promise<RpcError> {
  let reply: unknown;
  try {
    reply = await outcome;
  } catch (error) {
    if (!RpcError.is(error)) throw error;
    expect(error.codeName, error.message).to.equal(name);
    return error;
  }
  throw new Error(`${name} was expected, but the call gave ${String(reply)}`);
}

/** The connection a call has just failed on still serves others. */
export async function expectStillServing(client: Client): Promise<void> {
  await client.unaryUnary(EMPTY_CALL, {});
}
