// A peer that speaks gRPC-Web and Connect and has a gRPC server answer: what proxies that translate do, written from the
// protocols' texts. It must not know lib/protocols.

import { gunzipSync } from 'node:zlib';
import type { ConnectionOptions } from '../../../lib/http2/connection.ts';
import { Client, type RpcError } from '../../../lib/index.ts';
import { type Http2Peer, listenHttp2, type PeerStream } from './peer.ts';

/** Not metadata. */
const OF_HTTP =
  /^(?::.*|content-type|user-agent|x-user-agent|x-grpc-web|te|accept|accept-encoding|content-encoding|connect-.*|grpc-.*)$/;

const CONNECT_CODES = [
  ...['', 'canceled', 'unknown', 'invalid_argument', 'deadline_exceeded', 'not_found', 'already_exists'],
  ...['permission_denied', 'resource_exhausted', 'failed_precondition', 'aborted', 'out_of_range'],
  ...['unimplemented', 'internal', 'unavailable', 'data_loss', 'unauthenticated'],
];

/** Metadata as fields. */
type Fields = readonly string[];

/** How one form of one protocol answers. */
interface Form {
  readonly contentType: string;
  /** The messages of the request that are here and were not given before. */
  next(): readonly Uint8Array[];
  reply(message: Uint8Array): void;
  end(error: RpcError | undefined, headers: Fields, trailers: Fields): void;
  /** The head waits for the end. */
  readonly isWhole: boolean;
}

function framed(flag: number, body: Uint8Array): Buffer {
  const octets = Buffer.alloc(5 + body.length, flag);
  octets.writeUInt32BE(body.length, 1);
  octets.set(body, 5);
  return octets;
}

function finish(request: PeerStream, octets: Uint8Array): void {
  request.stream.write(octets, 0, octets.length, true, true);
}

/** Messages of frames, each once. */
function framesOf(body: () => Buffer): () => readonly Uint8Array[] {
  let given = 0;
  return () => {
    const octets = body();
    const messages: Uint8Array[] = [];
    while (given + 5 <= octets.length) {
      const end = given + 5 + octets.readUInt32BE(given + 1);
      if (end > octets.length) break;
      const message = octets.subarray(given + 5, end);
      messages.push(octets[given] === 1 ? gunzipSync(message) : message);
      given = end;
    }
    return messages;
  };
}

function grpcWeb(request: PeerStream, isText: boolean): Form {
  const encode = (octets: Uint8Array): Buffer =>
    isText ? Buffer.from(Buffer.from(octets).toString('base64')) : Buffer.from(octets);
  // Padded in the middle: what ends with padding is a piece of its own.
  const decoded = (): Buffer => {
    const text = request.body.toString('latin1', 0, request.body.length & ~3);
    return Buffer.concat((text.match(/[^=]+=*/g) ?? []).map((piece) => Buffer.from(piece, 'base64')));
  };
  return {
    contentType: `application/grpc-web${isText ? '-text' : ''}+proto`,
    isWhole: false,
    next: framesOf(() => (isText ? decoded() : request.body)),
    reply: (message) => request.write(encode(framed(0, message))),
    end(error, _, trailers) {
      const lines = [
        'grpc-status',
        String(error?.code ?? 0),
        'grpc-message',
        encodeURIComponent(error?.details ?? ''),
      ];
      const text = pairs([...lines, ...trailers]).map(([name, value]) => `${name}: ${value}\r\n`);
      finish(request, encode(framed(0x80, Buffer.from(text.join('')))));
    },
  };
}

function errorOf({ code, details, metadata }: RpcError): object {
  const status = metadata.get('grpc-status-details-bin');
  return {
    code: CONNECT_CODES[code],
    message: details,
    ...(status === undefined ? {} : { details: anysOf(Buffer.from(status as Uint8Array)) }),
  };
}

/** The `details` of a google.rpc.Status whose fields are short. */
function anysOf(status: Buffer): object[] {
  const anys: object[] = [];
  const fields = (octets: Buffer, give: (number: number, value: Buffer) => void): void => {
    for (let at = 0; at < octets.length; ) {
      const tag = octets[at++];
      if ((tag & 7) === 0) {
        at++;
        continue;
      }
      const length = octets[at++];
      give(tag >> 3, octets.subarray(at, at + length));
      at += length;
    }
  };
  fields(status, (number, any) => {
    if (number !== 3) return;
    let type = '';
    let value = Buffer.alloc(0);
    fields(any, (field, octets) => {
      if (field === 1) type = octets.toString().replace('type.googleapis.com/', '');
      else value = Buffer.from(octets);
    });
    anys.push({ type, value: value.toString('base64').replace(/=+$/, '') });
  });
  return anys;
}

function connectStream(request: PeerStream): Form {
  return {
    contentType: 'application/connect+proto',
    isWhole: false,
    next: framesOf(() => request.body),
    reply: (message) => request.write(framed(0, message)),
    end(error, _, trailers) {
      const metadata: Record<string, string[]> = {};
      for (const [name, value] of pairs(trailers)) metadata[name] = [...(metadata[name] ?? []), value];
      const end = { ...(error === undefined ? {} : { error: errorOf(error) }), metadata };
      finish(request, framed(2, Buffer.from(JSON.stringify(end))));
    },
  };
}

function connectUnary(request: PeerStream): Form {
  let isGiven = false;
  let reply: Uint8Array | undefined;
  return {
    contentType: 'application/proto',
    isWhole: true,
    next() {
      if (isGiven || !request.hasEnded) return [];
      isGiven = true;
      const query = new URLSearchParams(request.header(':path')?.split('?')[1] ?? '');
      const octets =
        request.header(':method') === 'GET'
          ? Buffer.from(query.get('message') ?? '', 'base64url')
          : request.body;
      const encoding = request.header('content-encoding') ?? query.get('compression');
      return [encoding === 'gzip' ? gunzipSync(octets) : octets];
    },
    reply(message) {
      reply = message;
    },
    end(error, headers, trailers) {
      const fields = [...headers, ...pairs(trailers).flatMap(([name, value]) => [`trailer-${name}`, value])];
      if (error === undefined) {
        request.head([':status', '200', 'content-type', 'application/proto', ...fields]);
        finish(request, reply ?? Buffer.alloc(0));
      } else {
        request.head([':status', '500', 'content-type', 'application/json', ...fields]);
        finish(request, Buffer.from(JSON.stringify(errorOf(error))));
      }
    },
  };
}

function pairs(fields: Fields): [string, string][] {
  const all: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) all.push([fields[i], fields[i + 1]]);
  return all;
}

function formOf(request: PeerStream): Form | undefined {
  if (request.header(':method') === 'GET') return connectUnary(request);
  switch (request.header('content-type')) {
    case 'application/grpc-web+proto':
      return grpcWeb(request, false);
    case 'application/grpc-web-text+proto':
      return grpcWeb(request, true);
    case 'application/connect+proto':
      return connectStream(request);
    case 'application/proto':
      return connectUnary(request);
    default:
      return undefined;
  }
}

function metadataOf(fields: Fields): [string, string | Uint8Array][] {
  return pairs(fields)
    .filter(([name]) => !OF_HTTP.test(name))
    .map(([name, value]) => [name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value]);
}

function fieldsOf(metadata: Iterable<readonly [string, string | Uint8Array]>): Fields {
  const fields: string[] = [];
  for (const [name, value] of metadata)
    if (name !== 'grpc-status-details-bin' || typeof value !== 'string')
      fields.push(name, typeof value === 'string' ? value : Buffer.from(value).toString('base64'));
  return fields;
}

function timeoutOf(request: PeerStream): number {
  const grpc = request.header('grpc-timeout');
  if (grpc !== undefined) return Number.parseInt(grpc, 10) * (grpc.endsWith('S') ? 1000 : 1);
  return Number(request.header('connect-timeout-ms') ?? Infinity);
}

async function translate(request: PeerStream, upstream: Client): Promise<void> {
  const form = formOf(request);
  if (form === undefined) {
    request.head([':status', '415', 'accept-post', 'application/grpc-web, application/proto'], true);
    return;
  }
  const [path] = (request.header(':path') ?? '').split('?');
  if (path.split('/').length !== 3) {
    request.head([':status', '404', 'content-type', 'text/plain'], true);
    return;
  }
  const call = upstream.raw(path, { cardinality: 'stream_stream' }).open({
    metadata: metadataOf(request.headers),
    timeoutMs: Math.max(timeoutOf(request), 1),
  });
  void request.brokenOff().then(() => call.cancel('the client is gone'));
  const feed = async (): Promise<void> => {
    for (;;) {
      for (const message of form.next()) await call.write(message);
      if (request.hasEnded) break;
      const { length } = request.body;
      await request.when(() => request.body.length > length || request.hasEnded || request.end !== undefined);
      if (request.end !== undefined && !request.hasEnded) return;
    }
    await call.end();
  };
  // How the call ended is what is looked at.
  feed().catch(() => {});
  let isHeadSent = form.isWhole;
  const head = async (): Promise<void> => {
    if (isHeadSent) return;
    isHeadSent = true;
    const fields = fieldsOf(await call.headers);
    request.head([':status', '200', 'content-type', form.contentType, ...fields]);
  };
  let error: RpcError | undefined;
  try {
    for await (const message of call) {
      await head();
      form.reply(message as Uint8Array);
    }
  } catch (failure) {
    error = failure as RpcError;
  }
  await head();
  const { metadata } = await call.status;
  form.end(error, fieldsOf(await call.headers), fieldsOf(metadata));
}

export interface TranslatingPeer extends Http2Peer {
  close(): Promise<void>;
}

/** Listens for gRPC-Web and Connect, and has the gRPC server at `target` answer. */
export async function listenTranslating(
  target: string,
  options: ConnectionOptions = {},
): Promise<TranslatingPeer> {
  const upstream = new Client(target, { reflection: 'never' });
  const peer = await listenHttp2((request) => void translate(request, upstream), options);
  return Object.assign(Object.create(peer) as Http2Peer, {
    async close(): Promise<void> {
      await upstream.close({ graceMs: 0 });
      await peer.close();
    },
  });
}
