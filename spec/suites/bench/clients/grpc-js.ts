// @grpc/grpc-js with @grpc/proto-loader, schema loaded at run time with the options of its documentation.

import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
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

const SMALL = { response_size: SMALL_BODY_OCTETS, payload: { body: SMALL_BODY } };
const BIG = { response_size: BIG_BODY_OCTETS, payload: { body: BIG_BODY } };

type Definition = grpc.MethodDefinition<object, Reply>;

/** The service of a loaded package. What proto-loader made is a ServiceDefinition unless it has a format. */
function serviceOf(loaded: protoLoader.PackageDefinition, name: string): Record<string, Definition> {
  const found = loaded[name];
  if (found === undefined || 'format' in found) throw new Error(`no service ${name}`);
  return found as unknown as Record<string, Definition>;
}

function metadata(): grpc.Metadata {
  const fields = new grpc.Metadata();
  fields.set(METADATA_NAME, METADATA_VALUE);
  return fields;
}

const deadline = () => ({ deadline: Date.now() + TIMEOUT_MS });

export async function open(target: BenchTarget): Promise<BenchClient> {
  const loaded = await protoLoader.load(target.schema, {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const { UnaryCall, StreamingFromServer, StreamingFromClient, StreamingCall } = serviceOf(loaded, SERVICE);
  const { port, ca } = target;
  const [address, credentials] =
    ca === undefined
      ? [`127.0.0.1:${port}`, grpc.credentials.createInsecure()]
      : [`localhost:${port}`, grpc.credentials.createSsl(readFileSync(ca))];
  const client = new grpc.Client(address, credentials, { 'grpc.max_receive_message_length': -1 });

  const unary = (request: object, fields: grpc.Metadata, options: grpc.CallOptions) =>
    new Promise<Reply>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = UnaryCall;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        fields,
        options,
        (error, reply) => (error ? reject(error) : resolve(reply ?? {})),
      );
    });
  const openBidi = (options: grpc.CallOptions) => {
    const { path, requestSerialize, responseDeserialize } = StreamingCall;
    return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata(), options);
  };

  return {
    unary: () => unary(SMALL, metadata(), deadline()),
    plainUnary: () => unary(SMALL, new grpc.Metadata(), {}),
    big: () => unary(BIG, metadata(), deadline()),
    huge: (body, replyOctets) =>
      unary({ response_size: replyOctets, payload: { body } }, metadata(), deadline()),
    serverStream: (messages, onReply) =>
      new Promise((resolve, reject) => {
        let count = 0;
        const { path, requestSerialize, responseDeserialize } = StreamingFromServer;
        const request = { ...SMALL, response_size: messages };
        const call = client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata(),
          deadline(),
        );
        call
          .on('data', (reply: Reply) => {
            count++;
            const pause = onReply?.(reply);
            if (pause === undefined) return;
            call.pause();
            pause.then(() => call.resume(), reject);
          })
          .on('error', reject)
          .on('end', () => resolve(count));
      }),
    clientStream: (messages, body = SMALL_BODY) =>
      new Promise((resolve, reject) => {
        const request = { ...SMALL, payload: { body } };
        const { path, requestSerialize, responseDeserialize } = StreamingFromClient;
        const call = client.makeClientStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          metadata(),
          deadline(),
          (error, reply) => (error ? reject(error) : resolve(reply ?? {})),
        );
        let left = messages;
        const write = () => {
          while (left > 0) {
            left--;
            if (!call.write(request)) return void call.once('drain', write);
          }
          call.end();
        };
        write();
      }),
    bidi: (messages, onReply) =>
      new Promise((resolve, reject) => {
        const call = openBidi(deadline());
        let left = messages;
        call.on('data', () => {
          onReply();
          if (--left > 0) call.write(SMALL);
          else call.end();
        });
        call.on('error', reject);
        call.on('end', resolve);
        call.write(SMALL);
      }),
    openIdle: () =>
      new Promise((resolve, reject) => {
        const call = openBidi({});
        call.on('data', () => resolve(call));
        call.on('error', reject);
        call.write(SMALL);
      }),
    close: () => client.close(),
  };
}
