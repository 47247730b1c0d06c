// One socket with HTTP/1.1 on it: one exchange at a time, the next one on the same socket where the server keeps it open.
// Which connection a call gets, and how many there are, is the subchannel's; what is on the wire, node:http's.

import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamRequest } from '../../rpc/transport.ts';
import { AsyncContext } from '../../values/async-context.ts';
import { advice } from '../../values/options/option-words.ts';
import { errorCodeOf } from '../../values/realm.ts';
import { pageText, quoted } from '../../values/text/page-text.ts';
import { afterThis, nextTurn } from '../../values/turn.ts';
import type { ConnectionInfo } from '../connection/connection-info.ts';
import type { ConnectionOptions, Place } from '../connection/connection-options.ts';
import type { ConnectionSocket } from '../connection/connection-socket.ts';
import { DialledConnection } from '../connection/dialled-connection.ts';
import type { BegunConnection } from '../connection/establishment.ts';
import { type Failure, failureText } from '../connection/failure.ts';
import type { ConnectionListener } from '../connection/pooled-connection.ts';
import { dialStream, type StreamHandler } from '../socket/dial.ts';
import { ALPN_HTTP_1_1, TlsFailure } from '../socket/secure-socket.ts';
import { describeWrongPeer } from '../socket/wrong-peer.ts';
import { type ExchangeHost, Http1Exchange } from './http1-exchange.ts';
import { agentOf } from './node-http.ts';

/**
 * So long a connection is kept for another exchange where the server does not say how long it does. What was silent for
 * so long may be dead (silence-watch.ts), and HTTP/1.1 has nothing to ask it with.
 */
const KEPT_MS = 60_000;

/** So much earlier than the server says: what it closes must not be in use. Half of what it says, where that is less. */
const REUSE_MARGIN_MS = 1000;

/**
 * So many turns of the event loop after a request came, one of them has read what the system held when it came: that the
 * server has closed the connection, perhaps.
 */
const TURNS_TO_READ = 2;

export class Http1Connection extends DialledConnection<Socket> implements StreamHandler, ExchangeHost {
  readonly carriesOneCall = true;
  readonly maxHeaderListBytes: number;
  readonly maxBufferedBytes: number;
  protected readonly socket: ConnectionSocket;
  readonly #context: AsyncContext = AsyncContext.capture();
  /** The socket, once octets can go both ways, and what makes requests use it. */
  #stream: Socket | undefined;
  #agent: Agent | undefined;
  /** The one that the socket is taken up by. */
  #exchange: Http1Exchange | undefined;
  /** Octets of the socket before it. */
  #writtenBefore = 0;
  /** An exchange had begun here. */
  #isUsed = false;
  #hasServed = false;
  #wasGivenUp = false;
  /** No more exchanges: this side wants none, or the last one cannot be followed by another. */
  #isDraining = false;
  /** What came first, where that is no HTTP/1.1. */
  #wrongPeer: string | undefined;
  /** When it was used last, how long it may rest after that, and when its timer looks at that. */
  #restsSinceMs = 0;
  #restMs = KEPT_MS;
  #restDueMs = 0;
  #restTimer: unknown;

  /**
   * @param dnsMs how long looking its name up took before; it is not part of the connect timeout
   * @param begun its socket is on the way, or there
   */
  constructor(
    place: Place,
    options: ConnectionOptions,
    listener: ConnectionListener,
    dnsMs: number = 0,
    begun: BegunConnection | undefined = undefined,
  ) {
    super(place, options, listener, dnsMs, begun);
    this.maxHeaderListBytes = options.maxHeaderListBytes;
    this.maxBufferedBytes = options.maxBufferedBytes;
    this.socket = this.socketOn(
      begun?.wire ??
        options.dialStream?.(this) ??
        dialStream(place.address, options.tls, this, options.proxy, ALPN_HTTP_1_1),
    );
  }

  get info(): ConnectionInfo {
    this.#countOctets();
    return {
      ...this.ownInfo,
      httpVersion: '1.1',
      localSettings: {},
      peerSettings: {},
      sendWindow: Infinity,
      receiveWindow: Infinity,
      bufferedOctets: this.#exchange?.unreadOctets ?? 0,
      openStreams: this.#exchange === undefined ? 0 : 1,
    };
  }

  get canOpen(): boolean {
    return this.#isOpen && this.#exchange === undefined;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get isClosed(): boolean {
    return this.isOver;
  }

  /** Whether its one exchange is what keeps calls from being opened. */
  get isFull(): boolean {
    return this.#isOpen && this.#exchange !== undefined;
  }

  get #isOpen(): boolean {
    return this.establishment.isReady && !this.#isDraining && !this.isOver;
  }

  get hasServed(): boolean {
    return this.#hasServed;
  }

  get wasGivenUp(): boolean {
    return this.#wasGivenUp;
  }

  get openStreams(): number {
    return this.#exchange === undefined || this.#exchange.isBackground ? 0 : 1;
  }

  open(request: StreamRequest): void {
    this.socket.hold();
    this.opened++;
    this.#open(request, false);
  }

  openBackground(request: StreamRequest): void {
    this.#open(request, true);
  }

  /** Its exchange has told so itself. */
  onBackgroundEnd(): void {}

  drain(): void {
    this.monitor.onDrain(this.#exchange === undefined ? 0 : 1);
    this.#isDraining = true;
    if (this.openStreams === 0) this.close('the connection was drained');
  }

  close(reason: string): void {
    if (this.isOver) return;
    this.endReason ??= reason;
    const wasBusy = !this.establishment.isConnected || this.#exchange !== undefined;
    this.finish(undefined);
    if (wasBusy) this.socket.destroy();
  }

  // --- from its exchange

  onSocketTaken(): void {
    this.#stream?.off('data', this.#onUnasked);
  }

  onHead(): void {
    if (this.#exchange?.isBackground === false) this.#hasServed = true;
  }

  isWrongPeer(octets: Uint8Array): boolean {
    if (!this.#hasServed) this.#wrongPeer ??= describeWrongPeer(octets, this.#isSecure, '1.1');
    return this.#wrongPeer !== undefined;
  }

  onExchangeEnd(exchange: Http1Exchange, reuseMs: number | undefined): void {
    if (exchange !== this.#exchange) return;
    this.#exchange = undefined;
    if (this.isOver) return;
    if (reuseMs !== 0 && !this.#isDraining) {
      if (reuseMs !== undefined) this.#restMs = Math.min(KEPT_MS, reuseMs - marginMs(reuseMs));
      this.#rest();
      afterThis(this.#onCapacity);
      return;
    }
    this.#isDraining = true;
    this.#wasGivenUp = exchange.wasReset;
    // A TLS connection is closed politely, where nothing is left to be written that nobody may take.
    if (this.#stream?.writableLength === 0) this.#stream.destroySoon();
    else this.#stream?.destroy();
    // Not at once: who hears of it gives calls away, and this may be in the middle of one.
    afterThis(this.#onSpent);
  }

  readonly #onCapacity = (): void => {
    if (this.canOpen) this.listener.onCapacity(this);
  };

  readonly #onSpent = (): void => {
    if (!this.isOver) this.listener.onDraining(this);
  };

  // --- from the dial

  protected onConnected(stream: Socket): void {
    this.#stream = stream;
    this.#agent = agentOf(stream);
    this.establishment.onReady();
    this.peer = this.monitor.onReady(this.peer, '1.1');
    this.#rest();
    // What made a tunnel through a proxy has paused it.
    stream.resume();
    this.listener.onReady(this);
  }

  // --- exchanges

  #open(request: StreamRequest, isBackground: boolean): void {
    const exchange = new Http1Exchange(request, request.callFields() ?? [], isBackground, this);
    this.#exchange = exchange;
    request.onOpen(exchange, this.peer);
    if (this.#isUsed) this.#beginAfter(exchange, TURNS_TO_READ);
    else if (exchange.isWhole) this.#begin(exchange);
    // What is written in this turn may be all of the request.
    else afterThis(() => this.#begin(exchange));
  }

  #beginAfter(exchange: Http1Exchange, turns: number): void {
    (this.options.nextTurn ?? nextTurn)(() => {
      if (turns > 1) this.#beginAfter(exchange, turns - 1);
      else this.#begin(exchange);
    });
  }

  #begin(exchange: Http1Exchange): void {
    const agent = this.#agent;
    const stream = this.#stream;
    if (exchange !== this.#exchange || agent === undefined || stream === undefined || this.isOver) return;
    // Its timer may be late: the process was busy, or the machine asleep.
    if (this.clock.now() - this.#restsSinceMs >= this.#restMs) {
      this.#closeRested();
      return;
    }
    this.#isUsed = true;
    this.#writtenBefore = stream.bytesWritten;
    exchange.begin(agent);
  }

  /** No exchange is on it. */
  #rest(): void {
    const stream = this.#stream;
    stream?.off('data', this.#onUnasked);
    stream?.on('data', this.#onUnasked);
    this.socket.letGoSoon();
    this.#restsSinceMs = this.clock.now();
    this.#watchRest();
  }

  #watchRest(): void {
    const dueMs = this.#restsSinceMs + this.#restMs;
    if (this.#restTimer !== undefined && this.#restDueMs <= dueMs) return;
    this.clock.clearTimer(this.#restTimer);
    this.#restDueMs = dueMs;
    const delayMs = Math.max(0, dueMs - this.clock.now());
    // It is no call's, though the end of one set it.
    this.#context.run(() => {
      this.#restTimer = this.clock.setTimer(this.#onRested, delayMs);
    });
  }

  readonly #onRested = (): void => {
    this.#restTimer = undefined;
    if (this.isOver || this.#exchange !== undefined) return;
    if (this.clock.now() - this.#restsSinceMs >= this.#restMs) this.#closeRested();
    else this.#watchRest();
  };

  #closeRested(): void {
    this.close(`the connection to ${this.place.text} was not used for ${this.#restMs} ms`);
  }

  /** Octets while no request is on the way: what the server says before it closes, or another protocol's greeting. */
  readonly #onUnasked = (octets: Uint8Array): void => {
    if (!this.isWrongPeer(octets)) {
      const said = quoted(pageText(octets, false, false));
      this.endReason ??= `${this.place.text} ended the connection: it sent ${said}, which nothing had asked for`;
    }
    this.finish(undefined);
    this.socket.destroy();
  };

  // --- its end

  protected endStreams(error: Error | undefined): Omit<Failure, 'cause'> {
    this.clock.clearTimer(this.#restTimer);
    const wasReady = this.establishment.isReady;
    // With TLS 1.3 a server judges the client's certificate when the handshake is over for the client.
    const isRefused = !this.#hasServed && (this.#wrongPeer !== undefined || error instanceof TlsFailure);
    if (isRefused) this.establishment.isReady = false;
    const end = this.#failureOf(error);
    const stream = this.#stream;
    this.#exchange?.onConnectionEnd({
      reason: failureText(end),
      cause: error,
      isUnsent: !this.#exchange.hasBegun || stream?.bytesWritten === this.#writtenBefore,
      isUnopened: isRefused && wasReady,
    });
    this.#countOctets();
    return end;
  }

  #failureOf(error: Error | undefined): Omit<Failure, 'cause'> {
    const { text } = this.place;
    if (this.#wrongPeer !== undefined)
      return { attempt: { verb: 'talk', target: text }, reason: this.#wrongPeer };
    const wasHungUpOn = error === undefined || errorCodeOf(error) === 'ECONNRESET';
    const isUnanswered = this.#exchange?.hasBegun === true && !this.#hasServed;
    if (this.establishment.isReady && this.endReason === undefined && isUnanswered && wasHungUpOn) {
      const hint = this.#isSecure ? '?' : `, and ${advice().wantsTls}`;
      return { reason: `${text} closed the connection instead of answering (does it speak HTTP/1.1${hint})` };
    }
    return this.establishment.failureOf(NOTHING, this.endReason, error);
  }

  get #isSecure(): boolean {
    return this.options.tls !== undefined;
  }

  #countOctets(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.monitor.sentOctets = stream.bytesWritten;
    this.monitor.receivedOctets = stream.bytesRead;
  }
}

const NOTHING = new Uint8Array(0);

/** How long before the time that the server says. */
function marginMs(keptMs: number): number {
  return Math.min(REUSE_MARGIN_MS, keptMs / 2);
}
