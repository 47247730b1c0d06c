// gRPC written by hand on node:http2, with protobufjs for the messages: what one pays without a library.
// It sends the deadline and the metadata, but keeps no timer of its own.

import http2 from 'node:http2';
import protobuf from 'protobufjs';
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
const PREFIX_OCTETS = 5;

/** Cuts a stream's octets into messages. */
function messageReader(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldOctets = 0;
  let wanted = PREFIX_OCTETS;
  return (chunk) => {
    held.push(chunk);
    heldOctets += chunk.length;
    while (heldOctets >= wanted) {
      const octets = held.length === 1 ? held[0] : Buffer.concat(held);
      const end = PREFIX_OCTETS + octets.readUInt32BE(1);
      if (octets.length >= end) onMessage(octets.subarray(PREFIX_OCTETS, end));
      const rest = octets.length >= end ? octets.subarray(end) : octets;
      wanted = octets.length >= end ? PREFIX_OCTETS : end;
      held = rest.length > 0 ? [rest] : [];
      heldOctets = rest.length;
    }
  };
}

export async function open(target: BenchTarget): Promise<BenchClient> {
  const root = await new protobuf.Root().load(target.schema);
  const request = root.lookupType('grpc.testing.SimpleRequest');
  const response = root.lookupType('grpc.testing.SimpleResponse');
  const session = http2.connect(`http://127.0.0.1:${target.port}`);
  await new Promise((resolve, reject) => session.once('remoteSettings', resolve).once('error', reject));

  const encode = (fields: object): Buffer => {
    const message = request.encode(request.create(fields)).finish();
    const framed = Buffer.allocUnsafe(PREFIX_OCTETS + message.length);
    framed[0] = 0;
    framed.writeUInt32BE(message.length, 1);
    framed.set(message, PREFIX_OCTETS);
    return framed;
  };

  const start = (
    method: string,
    isPlain: boolean,
    onMessage: (reply: Reply) => void,
    done: (error?: Error) => void,
  ): http2.ClientHttp2Stream => {
    const headers: http2.OutgoingHttpHeaders = {
      ':method': 'POST',
      ':path': `/${SERVICE}/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    };
    if (!isPlain) {
      headers['grpc-timeout'] = `${TIMEOUT_MS}m`;
      headers[METADATA_NAME] = METADATA_VALUE;
    }
    const stream = session.request(headers);
    let status: unknown;
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'];
    });
    stream.on(
      'data',
      messageReader((octets) => onMessage(response.decode(octets) as Reply)),
    );
    stream.on('error', done);
    stream.on('end', () => done(status === '0' ? undefined : new Error(`grpc-status ${status}`)));
    return stream;
  };

  const unary = (fields: object, isPlain: boolean) =>
    new Promise<Reply>((resolve, reject) => {
      let reply: Reply = {};
      start(
        'UnaryCall',
        isPlain,
        (message) => {
          reply = message;
        },
        (error) => (error ? reject(error) : resolve(reply)),
      ).end(encode(fields));
    });

  return {
    unary: () => unary(SMALL, false),
    plainUnary: () => unary(SMALL, true),
    big: () => unary(BIG, false),
    serverStream: (messages) =>
      new Promise((resolve, reject) => {
        let count = 0;
        const onMessage = () => void count++;
        start('StreamingFromServer', false, onMessage, (error) =>
          error ? reject(error) : resolve(count),
        ).end(encode({ ...SMALL, responseSize: messages }));
      }),
    clientStream: (messages) =>
      new Promise((resolve, reject) => {
        let reply: Reply = {};
        const onMessage = (message: Reply) => {
          reply = message;
        };
        const stream = start('StreamingFromClient', false, onMessage, (error) =>
          error ? reject(error) : resolve(reply),
        );
        let left = messages;
        const write = () => {
          while (left > 0) {
            left--;
            if (!stream.write(encode(SMALL))) return void stream.once('drain', write);
          }
          stream.end();
        };
        write();
      }),
    bidi: (messages, onReply) =>
      new Promise((resolve, reject) => {
        let left = messages;
        const onMessage = () => {
          onReply();
          if (--left > 0) stream.write(encode(SMALL));
          else stream.end();
        };
        const stream = start('StreamingCall', false, onMessage, (error) =>
          error ? reject(error) : resolve(),
        );
        stream.write(encode(SMALL));
      }),
    openIdle: () =>
      new Promise((resolve, reject) => {
        const stream = start(
          'StreamingCall',
          true,
          () => resolve(stream),
          (error) => reject(error ?? new Error('the stream ended')),
        );
        stream.write(encode(SMALL));
      }),
    close: () => session.destroy(),
  };
}
