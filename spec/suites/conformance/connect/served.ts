// The server under test: answers what Connect's conformance runner asks of a server on stdin by a test server of this package
// (stubless/testing), whose handlers do what service.proto says.

import { join } from 'node:path';
import { loadProto } from '../../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';
import { rpcError, type ServerCall, TestServer } from '../../../../lib/testing/index.ts';
import type { ErrorDetail } from '../../../../lib/values/rpc-error.ts';
import type { StatusCodeValue } from '../../../../lib/values/status.ts';
import type { Header } from './compat.ts';

const PACKAGE = 'connectrpc.conformance.v1';
const SERVICE_FILE = 'connectrpc/conformance/v1/service.proto';
const COMPAT_FILE = 'connectrpc/conformance/v1/server_compat.proto';
const LENGTH_OCTETS = 4;

/** In the order of their numbers, from 1. */
const CODES = [
  ...['CODE_CANCELED', 'CODE_UNKNOWN', 'CODE_INVALID_ARGUMENT', 'CODE_DEADLINE_EXCEEDED', 'CODE_NOT_FOUND'],
  ...['CODE_ALREADY_EXISTS', 'CODE_PERMISSION_DENIED', 'CODE_RESOURCE_EXHAUSTED', 'CODE_FAILED_PRECONDITION'],
  ...['CODE_ABORTED', 'CODE_OUT_OF_RANGE', 'CODE_UNIMPLEMENTED', 'CODE_INTERNAL', 'CODE_UNAVAILABLE'],
  ...['CODE_DATA_LOSS', 'CODE_UNAUTHENTICATED'],
];

interface WantedError {
  readonly code: string;
  readonly message?: string;
  readonly details: readonly ErrorDetail[];
}

interface Definition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly error?: WantedError;
}

interface UnaryRequest {
  readonly responseDefinition?: Definition & { readonly responseData?: Uint8Array };
}

interface StreamRequest {
  readonly responseDefinition?: Definition & { readonly responseData: readonly Uint8Array[] };
  readonly fullDuplex?: boolean;
}

/** A ServerCompatRequest. */
interface ServerRequest {
  readonly useTls: boolean;
  readonly clientTlsCert: Uint8Array;
  readonly messageReceiveLimit: number;
  readonly serverCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array };
}

const textOf = (value: string | Uint8Array): string =>
  typeof value === 'string' ? value : Buffer.from(value).toString('base64').replace(/=+$/, '');

const pause = (ms: number | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (ms === undefined || ms === 0) resolve();
    else setTimeout(resolve, ms);
  });

/** A handler's view of one call, in the suite's words. */
class ConformanceCall {
  readonly #call: ServerCall;
  readonly #server: TestServer;
  /** The type of its requests. */
  readonly #type: string;

  constructor(call: ServerCall, server: TestServer) {
    this.#call = call;
    this.#server = server;
    this.#type = `${call.method.slice(call.method.lastIndexOf('.') + 1)}Request`;
  }

  begin(definition: Definition | undefined): void {
    for (const [metadata, headers] of [
      [this.#call.headers, definition?.responseHeaders ?? []],
      [this.#call.trailers, definition?.responseTrailers ?? []],
    ] as const) {
      for (const { name, value } of headers) {
        for (const text of value)
          metadata.append(name, name.endsWith('-bin') ? Buffer.from(text, 'base64') : text);
      }
    }
  }

  sendHeaders(): void {
    this.#call.sendHeaders();
  }

  /** What came, as the suite wants it back. */
  info(requests: readonly object[]): object {
    const { metadata } = this.#call;
    const record = this.#server.calls.find((call) => call.metadata === metadata);
    const headers = new Map<string, string[]>();
    for (const [name, value] of metadata) headers.set(name, [...(headers.get(name) ?? []), textOf(value)]);
    const timeoutMs = record?.timeoutMs;
    return {
      requestHeaders: Array.from(headers, ([name, value]) => ({ name, value })),
      requests: requests.map((request) => ({
        '@type': `type.googleapis.com/${PACKAGE}.${this.#type}`,
        ...request,
      })),
      ...(timeoutMs === undefined ? {} : { timeoutMs: Math.round(timeoutMs) }),
      ...(record?.httpMethod === 'GET' ? { connectGetInfo: {} } : {}),
    };
  }

  /** An error as it is wanted, with what came where nothing was sent before it. */
  error({ code, message, details }: WantedError, info: object | undefined): Error {
    const own = { '@type': `type.googleapis.com/${PACKAGE}.ConformancePayload.RequestInfo`, ...info };
    return rpcError((CODES.indexOf(code) + 1) as StatusCodeValue, message ?? '', {
      errorDetails: info === undefined ? details : [...details, own],
    });
  }

  async single(requests: readonly UnaryRequest[]): Promise<object> {
    const definition = requests[0]?.responseDefinition;
    this.begin(definition);
    await pause(definition?.responseDelayMs);
    const requestInfo = this.info(requests);
    if (definition?.error !== undefined) throw this.error(definition.error, requestInfo);
    return { payload: { data: definition?.responseData, requestInfo } };
  }

  async *streamed(requests: AsyncIterable<StreamRequest>): AsyncGenerator<object> {
    let definition: StreamRequest['responseDefinition'];
    let isFullDuplex: boolean | undefined;
    let pending: StreamRequest[] = [];
    let sent = 0;
    const reply = async (requestInfo: object | undefined): Promise<object> => {
      await pause(definition?.responseDelayMs);
      return { payload: { data: definition?.responseData[sent++], requestInfo } };
    };
    for await (const request of requests) {
      if (isFullDuplex === undefined) {
        isFullDuplex = request.fullDuplex === true;
        definition = request.responseDefinition;
        this.begin(definition);
        if ((definition?.responseData.length ?? 0) > 0) this.sendHeaders();
      }
      pending.push(request);
      if (!isFullDuplex) continue;
      if (sent >= (definition?.responseData.length ?? 0)) break;
      yield await reply(this.info(pending));
      pending = [];
    }
    while (sent < (definition?.responseData.length ?? 0))
      yield await reply(sent === 0 ? this.info(pending) : undefined);
    if (definition?.error !== undefined)
      throw this.error(definition.error, sent === 0 ? this.info(pending) : undefined);
  }
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function serve(protos: string, { messageReceiveLimit }: ServerRequest): TestServer {
  const asked = (call: ServerCall): ConformanceCall => new ConformanceCall(call, server);
  const unary = (request: UnaryRequest, call: ServerCall): Promise<object> => asked(call).single([request]);
  const handlers = {
    Unary: unary,
    IdempotentUnary: unary,
    async ClientStream(requests: AsyncIterable<UnaryRequest>, call: ServerCall): Promise<object> {
      const all: UnaryRequest[] = [];
      for await (const request of requests) all.push(request);
      return asked(call).single(all);
    },
    ServerStream: (request: StreamRequest, call: ServerCall) => asked(call).streamed(only(request)),
    BidiStream: (requests: AsyncIterable<StreamRequest>, call: ServerCall) => asked(call).streamed(requests),
  };
  const server: TestServer = new TestServer(join(protos, SERVICE_FILE), handlers as never, {
    includeDirs: [protos],
    package: PACKAGE,
    compression: 'gzip',
    ...(messageReceiveLimit === 0 ? {} : { maxReceiveMessageBytes: messageReceiveLimit }),
  });
  return server;
}

async function main(protos: string): Promise<void> {
  const registry = new Registry({}, {});
  registry.add((await loadProto([SERVICE_FILE, COMPAT_FILE], { includeDirs: [protos] })).files, protos);
  let held = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    held = Buffer.concat([held, chunk as Uint8Array]);
    if (held.length < LENGTH_OCTETS || held.length < LENGTH_OCTETS + held.readUInt32BE(0)) continue;
    const request = registry
      .message(`${PACKAGE}.ServerCompatRequest`)
      .decode(held, LENGTH_OCTETS, LENGTH_OCTETS + held.readUInt32BE(0)) as ServerRequest;
    const { serverCreds, clientTlsCert, useTls } = request;
    const tls =
      useTls && serverCreds !== undefined ? { ...serverCreds, ca: nonEmpty(clientTlsCert) } : undefined;
    const { host, port } = await serve(protos, request).listen({ tls });
    const answer = { host, port, pemCert: tls?.cert };
    const { bytes, start, end } = registry
      .message(`${PACKAGE}.ServerCompatResponse`)
      .encode(answer, LENGTH_OCTETS);
    const framed = Buffer.from(bytes.subarray(start, end));
    framed.writeUInt32BE(framed.length - LENGTH_OCTETS);
    // The runner ends the process when it is done.
    process.stdout.write(framed);
  }
}

function nonEmpty(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === 0 ? undefined : bytes;
}

await main(process.argv[2]);
