// An exchange on a faked waist, with a listener that writes down what it is told.

import type { ExchangeListener } from '../../lib/rpc/call-exchange.ts';
import { BUILT_IN_COMPRESSIONS, type Compression } from '../../lib/rpc/compression/compression.ts';
import type { ExchangeSettings } from '../../lib/rpc/exchange-settings.ts';
import type { Outcome } from '../../lib/rpc/outcome.ts';
import { StreamExchange } from '../../lib/rpc/stream-exchange.ts';
import type { FieldList } from '../../lib/rpc/transport.ts';
import { statusCodeName } from '../../lib/values/status.ts';
import { FakeStream, FakeTransport, HEAD, PEER } from './fake-transport.ts';
import { FakeClock } from './time/fake-clock.ts';

export const GRPC_HEAD: FieldList = [':status', '200', 'content-type', 'application/grpc'];
export const OK: FieldList = ['grpc-status', '0'];

export class Listener implements ExchangeListener {
  /** `headers`, `message 616263`, `writable`, `NOT_FOUND`. */
  readonly events: string[] = [];
  outcome: Outcome | undefined;
  isLate = false;
  hasDeadline = true;
  /** What bad messages end. */
  exchange: StreamExchange | undefined;
  fields: FieldList | undefined;
  /** Done inside `onMessage`. */
  afterMessage: () => void = () => {};

  callFields(): FieldList | undefined {
    return this.fields;
  }

  isExpired(): boolean {
    return this.isLate;
  }

  onHeaders(): void {
    this.events.push('headers');
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    this.events.push(`message ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
    this.afterMessage();
  }

  onBadMessage(outcome: Outcome): void {
    this.exchange?.fail(outcome);
    this.exchange?.dropMessages();
  }

  onWritable(): void {
    this.events.push('writable');
  }

  onOutcome(outcome: Outcome): void {
    if (this.outcome !== undefined) throw new Error('a second outcome');
    this.outcome = outcome;
    this.events.push(statusCodeName(outcome.code));
  }

  get details(): string {
    return this.outcome?.details ?? '';
  }
}

export interface Bench {
  readonly exchange: StreamExchange;
  readonly listener: Listener;
  readonly transport: FakeTransport;
  readonly stream: FakeStream;
  readonly clock: FakeClock;
}

export interface BenchOptions {
  readonly replies?: 'one' | 'many';
  readonly maxOctets?: number;
  /** Open the stream and half-close the request. Default true. */
  readonly isOpen?: boolean;
  /** What requests are compressed with. */
  readonly compression?: Compression | undefined;
  readonly random?: () => number;
}

/** The settings of a call that sets nothing but this. */
export function settingsOf(maxOctets: number, more: Partial<ExchangeSettings> = {}): ExchangeSettings {
  return {
    waitForReady: false,
    maxReceiveMessageBytes: maxOctets,
    compression: undefined,
    compressions: BUILT_IN_COMPRESSIONS,
    ...more,
  };
}

export function makeExchange({
  replies = 'one',
  maxOctets = 1000,
  isOpen = true,
  compression,
  random = () => 0.5,
}: BenchOptions = {}): Bench {
  const listener = new Listener();
  const transport = new FakeTransport();
  const stream = new FakeStream();
  const clock = new FakeClock();
  const exchange = new StreamExchange(
    listener,
    transport,
    HEAD,
    replies === 'many',
    settingsOf(maxOctets, { compression }),
    { timers: clock, random },
  );
  listener.exchange = exchange;
  exchange.begin();
  if (isOpen) {
    exchange.onOpen(stream, PEER);
    exchange.endRequest();
    stream.commands.length = 0;
    listener.events.length = 0;
  }
  return { exchange, listener, transport, stream, clock };
}

/** Delivers octets as a socket would: in memory that is overwritten afterwards. */
export function deliver(exchange: StreamExchange, octets: Uint8Array): void {
  const memory = new Uint8Array(octets.length + 4);
  memory.set(octets, 2);
  exchange.onData(memory, 2, 2 + octets.length);
  memory.fill(0xee);
}
