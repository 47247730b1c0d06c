// grpc.testing.TestService on @connectrpc/connect-node, over HTTP/2 and HTTP/1.1 on one port of the loopback address, for
// spec/suites/interop. It prints the port that it got and lives until its stdin closes.
//
// usage: server.js PROTOS connect-node|connect-alone      alone: Connect, without gRPC and gRPC-Web

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Client } from '../../../../../lib/index.ts';

const PACKAGE = 'grpc.testing';
const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';
const MICROSECONDS_A_MILLISECOND = 1000;
/** What HTTP/2 begins with (RFC 9113 §3.4), and no request of HTTP/1.1. */
const HTTP2_PREFACE = Buffer.from('PRI ');

interface StatusRequest {
  readonly responseStatus?: { readonly code: Code; readonly message: string };
}
interface SimpleRequest extends StatusRequest {
  readonly responseSize: number;
}
interface StreamingOutputCallRequest extends StatusRequest {
  readonly responseParameters: readonly { readonly size: number; readonly intervalUs: number }[];
}
interface StreamingInputCallRequest {
  readonly payload?: { readonly body: Uint8Array };
}

const payload = (size: number): object => ({ payload: { body: new Uint8Array(size) } });

/** A google.rpc.ErrorInfo with the reason TESTED and the domain interop.stubless.dev. */
const ERROR_INFO = Buffer.from('\n\x06TESTED\x12\x14interop.stubless.dev', 'latin1');

function errorOf(code: Code, message: string): ConnectError {
  const error = new ConnectError(message, code);
  if (code === Code.FailedPrecondition)
    error.details.push({ type: 'google.rpc.ErrorInfo', value: ERROR_INFO });
  return error;
}

function refuse({ responseStatus }: StatusRequest): void {
  if (responseStatus !== undefined && Number(responseStatus.code) !== 0)
    throw errorOf(responseStatus.code, responseStatus.message);
}

function echo({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const initial = requestHeader.get(ECHO_INITIAL);
  if (initial !== null) responseHeader.set(ECHO_INITIAL, initial);
  const trailing = requestHeader.get(ECHO_TRAILING);
  if (trailing !== null) responseTrailer.set(ECHO_TRAILING, trailing);
}

/** Rejects with what aborts it: of a deadline, that says so. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}

async function* answer(
  request: StreamingOutputCallRequest,
  { signal }: HandlerContext,
): AsyncGenerator<object> {
  refuse(request);
  for (const { size, intervalUs } of request.responseParameters) {
    if (intervalUs > 0) await pause(intervalUs / MICROSECONDS_A_MILLISECOND, signal);
    yield payload(size);
  }
}

const implementation = {
  emptyCall(_request: object, context: HandlerContext): object {
    echo(context);
    return {};
  },
  unaryCall(request: SimpleRequest, context: HandlerContext): object {
    refuse(request);
    echo(context);
    return payload(request.responseSize);
  },
  async *streamingOutputCall(
    request: StreamingOutputCallRequest,
    context: HandlerContext,
  ): AsyncGenerator<object> {
    echo(context);
    yield* answer(request, context);
  },
  async streamingInputCall(requests: AsyncIterable<StreamingInputCallRequest>): Promise<object> {
    let aggregatedPayloadSize = 0;
    for await (const request of requests) aggregatedPayloadSize += request.payload?.body.length ?? 0;
    return { aggregatedPayloadSize };
  },
  async *fullDuplexCall(
    requests: AsyncIterable<StreamingOutputCallRequest>,
    context: HandlerContext,
  ): AsyncGenerator<object> {
    echo(context);
    for await (const request of requests) yield* answer(request, context);
  },
};

/** The descriptors of test.proto, compiled by the project itself: what is looked at here is how messages travel. */
async function describe(protos: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'stubless-connect-node-'));
  try {
    await using client = new Client('127.0.0.1:1');
    await client.load('grpc/testing/test.proto', { includeDirs: [protos] });
    const path = join(folder, 'test.binpb');
    await client.writeProtoset(path);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [protos, kind] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await describe(protos)));
const service = registry.getService(`${PACKAGE}.TestService`);
if (service === undefined) throw new Error(`no service ${PACKAGE}.TestService`);
const isAlone = kind === 'connect-alone';
const handler = connectNodeAdapter({
  // What a code generator did not write has no types for its methods.
  routes: (router: ConnectRouter) => void router.service(service, implementation as object),
  grpc: !isAlone,
  grpcWeb: !isAlone,
});
// A busy one closes connections that it takes for idle while requests are on their way.
const http1 = http.createServer({ keepAliveTimeout: 0 }, handler);
const h2c = http2.createServer(handler);

/** Which of the two it speaks, shown by what comes first. */
const server = createServer((socket: Socket) => {
  socket.on('error', () => {}); // told where it is used
  socket.once('data', (octets: Buffer) => {
    socket.pause();
    socket.unshift(octets);
    const isHttp2 = octets.subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE);
    (isHttp2 ? h2c : http1).emit('connection', socket);
    // A session of HTTP/2 reads by itself.
    if (!isHttp2) socket.resume();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    process.stdout.write(`listening 127.0.0.1:${address.port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
