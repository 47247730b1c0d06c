// grpc.testing.TestService on @grpc/grpc-js, on the loopback address, for spec/suites/interop.
// It prints the port that it got and lives until its stdin closes, so that it cannot outlast the runner.
// grpc-js publishes its interop service in no package, so it is written here, to "Server" of grpc's
// doc/interop-test-descriptions.md. It must not know stubless: it is a witness from outside.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';
const MICROSECONDS_A_MILLISECOND = 1000;

// The messages as proto-loader shows them with the options below.
interface Payload {
  readonly type: string;
  readonly body: Buffer;
}
interface StatusRequest {
  readonly response_status?: { readonly code: number; readonly message: string };
}
interface SimpleRequest extends StatusRequest {
  readonly response_type: string;
  readonly response_size: number;
}
interface StreamingOutputCallRequest extends StatusRequest {
  readonly response_type: string;
  readonly response_parameters: readonly { readonly size: number; readonly interval_us: number }[];
}
interface StreamingInputCallRequest {
  readonly payload?: Payload;
}
interface PayloadResponse {
  readonly payload: Payload;
}

/** A call's requests, read without destroying the call at their end, as a plain `for await` over it would. */
function requestsOf<T>(
  call: ServerReadableStream<T, object> | ServerDuplexStream<T, object>,
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => call.iterator({ destroyOnReturn: false }) as AsyncIterator<T> };
}

interface CallWithMetadata {
  readonly metadata: Metadata;
  sendMetadata(initial: Metadata): void;
}

/** Sends the initial metadata back that asks for it, and gives the trailing metadata to end with. */
function echoMetadata(call: CallWithMetadata): Metadata {
  const initial = new Metadata();
  const trailing = new Metadata();
  for (const value of call.metadata.get(ECHO_INITIAL)) initial.add(ECHO_INITIAL, value);
  for (const value of call.metadata.get(ECHO_TRAILING)) trailing.add(ECHO_TRAILING, value);
  call.sendMetadata(initial);
  return trailing;
}

/** The error to end a call with, if its request asks for one. */
function echoStatus(request: StatusRequest, trailing: Metadata): ServerErrorResponse | undefined {
  if (request.response_status === undefined || request.response_status === null) return undefined;
  const { code, message } = request.response_status;
  return Object.assign(new Error(message), { code, details: message, metadata: trailing });
}

function payload(type: string, size: number): Payload {
  if (type !== 'COMPRESSABLE' || size < 0) {
    const details = `no payload of type ${type} and size ${size}`;
    throw Object.assign(new Error(details), { code: status.INVALID_ARGUMENT, details });
  }
  return { type, body: Buffer.alloc(size) };
}

type OutputCall =
  | ServerWritableStream<StreamingOutputCallRequest, PayloadResponse>
  | ServerDuplexStream<StreamingOutputCallRequest, PayloadResponse>;

/** Answers one request; false when that ended the call. */
async function answer(
  request: StreamingOutputCallRequest,
  call: OutputCall,
  trailing: Metadata,
): Promise<boolean> {
  const error = echoStatus(request, trailing);
  if (error !== undefined) {
    call.emit('error', error);
    return false;
  }
  for (const { size, interval_us } of request.response_parameters) {
    if (interval_us > 0) {
      await new Promise((resolve) => setTimeout(resolve, interval_us / MICROSECONDS_A_MILLISECOND));
    }
    if (call.cancelled) return false;
    if (!call.write({ payload: payload(request.response_type, size) })) await writable(call);
  }
  return true;
}

/** Room for the next message, or the end of a cancelled call. */
function writable(call: OutputCall): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('cancelled', done);
      resolve();
    };
    call.on('drain', done);
    call.on('cancelled', done);
  });
}

async function answerAll(
  requests: AsyncIterable<StreamingOutputCallRequest> | Iterable<StreamingOutputCallRequest>,
  call: OutputCall,
  trailing: Metadata,
): Promise<void> {
  try {
    for await (const request of requests) {
      if (!(await answer(request, call, trailing))) return;
    }
    call.end(trailing);
  } catch (error) {
    // A cancelled call throws out of its iteration; nobody hears this then.
    if (!call.cancelled) call.emit('error', error);
  }
}

const implementation = {
  EmptyCall(call: ServerUnaryCall<object, object>, callback: sendUnaryData<object>): void {
    callback(null, {}, echoMetadata(call));
  },

  UnaryCall(call: ServerUnaryCall<SimpleRequest, PayloadResponse>, callback: sendUnaryData<PayloadResponse>) {
    const trailing = echoMetadata(call);
    const error = echoStatus(call.request, trailing);
    if (error !== undefined) {
      callback(error);
      return;
    }
    try {
      const { response_type, response_size } = call.request;
      callback(null, { payload: payload(response_type, response_size) }, trailing);
    } catch (refusal) {
      callback(refusal as ServerErrorResponse);
    }
  },

  StreamingOutputCall(
    call: ServerWritableStream<StreamingOutputCallRequest, PayloadResponse>,
  ): Promise<void> {
    return answerAll([call.request], call, echoMetadata(call));
  },

  async StreamingInputCall(
    call: ServerReadableStream<StreamingInputCallRequest, object>,
    callback: sendUnaryData<object>,
  ): Promise<void> {
    const trailing = echoMetadata(call);
    let aggregated_payload_size = 0;
    try {
      for await (const request of requestsOf(call)) {
        aggregated_payload_size += request.payload?.body.length ?? 0;
      }
      callback(null, { aggregated_payload_size }, trailing);
    } catch (error) {
      callback(error as ServerErrorResponse);
    }
  },

  FullDuplexCall(call: ServerDuplexStream<StreamingOutputCallRequest, PayloadResponse>): Promise<void> {
    return answerAll(requestsOf(call), call, echoMetadata(call));
  },

  async HalfDuplexCall(call: ServerDuplexStream<StreamingOutputCallRequest, PayloadResponse>): Promise<void> {
    const trailing = echoMetadata(call);
    const requests: StreamingOutputCallRequest[] = [];
    try {
      for await (const request of requestsOf(call)) requests.push(request);
    } catch {
      return; // cancelled: nobody is left to answer
    }
    await answerAll(requests, call, trailing);
  },
};

const protos = process.argv[2] ?? join(process.cwd(), 'spec', 'suites', 'interop', 'protos');
const definition = loadSync('grpc/testing/test.proto', {
  includeDirs: [protos],
  keepCase: true,
  enums: String,
  defaults: true,
});
const server = new Server();
// What the implementation lacks answers UNIMPLEMENTED.
server.addService(definition['grpc.testing.TestService'] as ServiceDefinition, implementation);
// With the files of a key and a certificate it speaks TLS.
const [, , , key, certificate] = process.argv;
const credentials =
  key === undefined || certificate === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [
        { private_key: readFileSync(key), cert_chain: readFileSync(certificate) },
      ]);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`listening 127.0.0.1:${port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
