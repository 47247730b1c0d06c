// A call in a protocol other than gRPC on a faked waist: the exchange above the adapter, and below it the stream as the
// channel would have it.

import { connect } from '../../lib/protocols/connect.ts';
import { GRPC_WEB, GRPC_WEB_TEXT } from '../../lib/protocols/grpc-web.ts';
import type { MethodFacts, Protocol } from '../../lib/protocols/protocol.ts';
import { BUILT_IN_COMPRESSIONS, type CompressionTable } from '../../lib/rpc/compression/compression.ts';
import { fieldValue } from '../../lib/rpc/field-list.ts';
import { MESSAGE_HEADER_OCTETS } from '../../lib/rpc/message-reader.ts';
import { StreamExchange } from '../../lib/rpc/stream-exchange.ts';
import type { FieldList, StreamEnd, StreamRequest, Transport } from '../../lib/rpc/transport.ts';
import { Listener, settingsOf } from './exchange.ts';
import { FakeStream, FakeTransport, PEER } from './fake-transport.ts';
import { concat, frame } from './messages.ts';
import { FakeClock } from './time/fake-clock.ts';

export const COMPLETE: StreamEnd = { kind: 'complete' };

const PROTOCOLS = {
  'gRPC-Web': GRPC_WEB,
  'gRPC-Web in text': GRPC_WEB_TEXT,
  Connect: connect(false),
  'Connect with GET': connect(true),
} as const;

export type ProtocolLabel = keyof typeof PROTOCOLS;

export interface AdaptedOptions {
  readonly requests?: 'one' | 'many';
  readonly replies?: 'one' | 'many';
  readonly idempotency?: MethodFacts['idempotency'];
  readonly maxOctets?: number;
  readonly path?: string;
  /** In place of that of the label. */
  readonly protocol?: Protocol;
  /** Fields of the call: grpc-timeout, grpc-encoding, metadata. */
  readonly fields?: FieldList;
  /** What requests are compressed with. */
  readonly compression?: string;
  readonly compressions?: CompressionTable;
  /** Send a request of so many octets, and give it a stream. Default 3; undefined: neither. */
  readonly request?: number | undefined;
}

export class AdaptedCall {
  readonly listener: Listener = new Listener();
  readonly channel: FakeTransport = new FakeTransport();
  readonly stream: FakeStream = new FakeStream();
  readonly clock: FakeClock = new FakeClock();
  readonly transport: Transport;
  readonly exchange: StreamExchange;
  /** Octets of the body that came. */
  receivedOctets = 0;
  readonly #label: ProtocolLabel;

  constructor(label: ProtocolLabel, options: AdaptedOptions = {}) {
    const {
      requests = 'one',
      replies = 'one',
      idempotency = 'unknown',
      maxOctets = 1000,
      path = '/s/m',
    } = options;
    const { compression, compressions = BUILT_IN_COMPRESSIONS } = options;
    this.#label = label;
    const protocol: Protocol = options.protocol ?? PROTOCOLS[label];
    const facts = { requestStream: requests === 'many', responseStream: replies === 'many', idempotency };
    const client = { userAgent: 'stubless', acceptEncoding: 'identity,gzip' };
    this.transport = protocol.over(this.channel, compressions);
    const encoding = compression === undefined ? [] : ['grpc-encoding', compression];
    this.listener.fields = [...encoding, ...(options.fields ?? [])];
    this.exchange = new StreamExchange(
      this.listener,
      this.transport,
      {
        scheme: 'http',
        authority: 'a',
        path,
        fields: protocol.headFields(facts, 'proto', client),
        protocol: protocol.factsOf(facts, 'proto'),
      },
      replies === 'many',
      settingsOf(maxOctets, {
        compression: compression === undefined ? undefined : compressions.get(compression),
        compressions,
      }),
      { timers: this.clock, random: () => 0.5 },
    );
    this.listener.exchange = this.exchange;
    this.exchange.begin();
    const octets = 'request' in options ? options.request : 3;
    if (octets === undefined) return;
    this.send(octets);
    this.open();
    this.stream.commands.length = 0;
    this.listener.events.length = 0;
  }

  /** The request as the channel has it. */
  get request(): StreamRequest {
    const request = this.channel.requests.at(-1);
    if (request === undefined) throw new Error('no stream was asked for');
    return request;
  }

  /** Sends a message of so many octets. */
  send(octets: number | Uint8Array, endStream = true): boolean {
    const body = typeof octets === 'number' ? new Uint8Array(octets).fill(0x61) : octets;
    const framed = new Uint8Array(MESSAGE_HEADER_OCTETS + body.length);
    framed.set(body, MESSAGE_HEADER_OCTETS);
    return this.exchange.send(framed, 0, framed.length, endStream);
  }

  open(): void {
    this.request.onOpen(this.stream, PEER);
  }

  /** A right response head, with more fields behind. */
  head(more: FieldList = [], endStream = false): void {
    const type = this.request.head.protocol?.contentType ?? '';
    this.request.onHeaders([':status', '200', 'content-type', type, ...more], endStream);
  }

  headOf(status: number, type: string, more: FieldList = [], endStream = false): void {
    this.request.onHeaders([':status', String(status), 'content-type', type, ...more], endStream);
  }

  /** Octets of the body as a socket would deliver them: in memory that is overwritten afterwards. */
  deliver(octets: Uint8Array): void {
    const memory = new Uint8Array(octets.length + 4);
    memory.set(octets, 2);
    this.receivedOctets += octets.length;
    this.request.onData(memory, 2, 2 + octets.length);
    memory.fill(0xee);
  }

  end(end: StreamEnd = COMPLETE): void {
    this.request.onEnd(end);
  }

  /** The end frame of the protocol with this text. */
  endFrame(text: string | Uint8Array, flag = 0): Uint8Array {
    return frame(Buffer.from(text), this.endBit | flag);
  }

  get endBit(): number {
    return this.#label.startsWith('Connect') ? 0x02 : 0x80;
  }

  /** What was told, without what is about room. */
  get events(): readonly string[] {
    return this.listener.events.filter((one) => one !== 'writable');
  }

  /** What was asked of the stream but to write. */
  get resets(): readonly string[] {
    return this.stream.commands.filter((one) => one.startsWith('reset'));
  }

  trailer(name: string): string | undefined {
    return fieldValue(this.exchange.trailers ?? [], name);
  }

  header(name: string): string | undefined {
    return fieldValue(this.exchange.headers ?? [], name);
  }
}

/** An end frame of OK, and one of NOT_FOUND with the text `gone`, for protocols of frames. */
export function okFrame(call: AdaptedCall): Uint8Array {
  return call.endFrame(call.endBit === 0x02 ? '{}' : 'grpc-status: 0\r\n');
}

export function errorFrame(call: AdaptedCall): Uint8Array {
  return call.endFrame(
    call.endBit === 0x02
      ? '{"error":{"code":"not_found","message":"gone"}}'
      : 'grpc-status: 5\r\ngrpc-message: gone\r\n',
  );
}

export { concat, frame };
