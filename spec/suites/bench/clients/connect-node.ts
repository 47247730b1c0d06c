// @connectrpc/connect-node speaking gRPC, with protobuf-es types made at run time: no generated code.

import { createFileRegistry, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import protobuf from 'protobufjs';
import 'protobufjs/ext/descriptor.js';
import {
  type BenchClient,
  type BenchTarget,
  BIG_BODY,
  BIG_BODY_OCTETS,
  METADATA_NAME,
  METADATA_VALUE,
  type Reply,
  SERVICE,
  SMALL_BODY,
  SMALL_BODY_OCTETS,
  TIMEOUT_MS,
} from './client.ts';

const SMALL = { responseSize: SMALL_BODY_OCTETS, payload: { body: SMALL_BODY } };
const BIG = { responseSize: BIG_BODY_OCTETS, payload: { body: BIG_BODY } };

interface CallOptions {
  readonly timeoutMs?: number;
  readonly headers?: Record<string, string>;
}

/** What `createClient` makes of bench.proto's service: its types know only what a code generator wrote. */
interface BenchmarkService {
  unaryCall(request: object, options: CallOptions): Promise<Reply>;
  streamingFromServer(request: object, options: CallOptions): AsyncIterable<Reply>;
  streamingFromClient(requests: AsyncIterable<object>, options: CallOptions): Promise<Reply>;
  streamingCall(requests: AsyncIterable<object>, options: CallOptions): AsyncIterable<Reply>;
}

const HEADERS = { [METADATA_NAME]: METADATA_VALUE };
const withAll = (): CallOptions => ({ timeoutMs: TIMEOUT_MS, headers: { ...HEADERS } });

/** The descriptors of a .proto file, as JSON. protobufjs leaves type names relative; a registry wants them full. */
async function describe(schema: string): Promise<JsonValue> {
  const root = await new protobuf.Root().load(schema);
  root.resolveAll();
  const names = ['typeName', 'inputType', 'outputType'];
  const prefix = SERVICE.slice(0, SERVICE.lastIndexOf('.'));
  return JSON.parse(JSON.stringify(root.toDescriptor('proto3')), (key, value) =>
    names.includes(key) && !value.startsWith('.') ? `.${prefix}.${value}` : value,
  );
}

async function* repeat<T>(value: T, times: number): AsyncGenerator<T> {
  for (let i = 0; i < times; i++) yield value;
}

export async function open(target: BenchTarget): Promise<BenchClient> {
  const registry = createFileRegistry(fromJson(FileDescriptorSetSchema, await describe(target.schema)));
  const service = registry.getService(SERVICE);
  if (service === undefined) throw new Error(`no service ${SERVICE}`);
  const baseUrl = `http://127.0.0.1:${target.port}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createGrpcTransport({ baseUrl, sessionManager });
  const client = createClient(service, transport) as unknown as BenchmarkService;

  return {
    unary: () => client.unaryCall(SMALL, withAll()),
    plainUnary: () => client.unaryCall(SMALL, {}),
    big: () => client.unaryCall(BIG, withAll()),
    async serverStream(messages: number): Promise<number> {
      let count = 0;
      const replies = client.streamingFromServer({ ...SMALL, responseSize: messages }, withAll());
      for await (const _reply of replies) count++;
      return count;
    },
    clientStream: (messages) => client.streamingFromClient(repeat(SMALL, messages), withAll()),
    async bidi(messages: number, onReply: () => void): Promise<void> {
      let replied = () => {};
      async function* requests(): AsyncGenerator<object> {
        for (let i = 0; i < messages; i++) {
          const reply = new Promise<void>((resolve) => {
            replied = resolve;
          });
          yield SMALL;
          await reply;
        }
      }
      for await (const _reply of client.streamingCall(requests(), withAll())) {
        onReply();
        replied();
      }
    },
    async openIdle(): Promise<unknown> {
      async function* requests(): AsyncGenerator<object> {
        yield SMALL;
        await new Promise<void>(() => {});
      }
      const replies = client.streamingCall(requests(), { headers: HEADERS })[Symbol.asyncIterator]();
      await replies.next();
      return replies;
    },
    close: () => sessionManager.abort(),
  };
}
