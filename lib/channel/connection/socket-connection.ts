// One socket with the HTTP/2 connection on it: moves octets between the two, opens streams for calls, and keeps the
// process alive exactly while some are open. What it has in common with HTTP/1.1's is dialled-connection.ts's.

import { Connection as Http2Connection } from '../../http2/connection.ts';
import type { ConnectionHandler } from '../../http2/handlers.ts';
import type { FieldList, StreamRequest } from '../../rpc/transport.ts';
import { called } from '../../values/options/option-words.ts';
import { StatusCode } from '../../values/status.ts';
import { afterPromises, afterThis, nextTurn } from '../../values/turn.ts';
import type { ByteSocket } from '../socket/byte-socket.ts';
import { dial, type SocketHandler } from '../socket/dial.ts';
import { BackgroundStreams } from './background-stream.ts';
import { type ConnectionInfo, http2Info } from './connection-info.ts';
import type { ConnectionOptions, Place } from './connection-options.ts';
import type { ConnectionSocket } from './connection-socket.ts';
import { DialledConnection } from './dialled-connection.ts';
import type { BegunConnection } from './establishment.ts';
import { type Failure, failureText } from './failure.ts';
import { PeerWatch, type PeerWatchHost } from './peer-watch.ts';
import type { ConnectionListener } from './pooled-connection.ts';

/** While the socket holds more than this unsent, no DATA is written and no stream opened. */
const MAX_UNSENT_OCTETS = 256 * 1024;

/** The content of the PINGs that ask whether the other end lives. */
const ARE_YOU_THERE = 1n;

/** What a server says that keepalive's are too many for (gRFC A8). */
const TOO_MANY_PINGS = 'too_many_pings';
const ENHANCE_YOUR_CALM = 11;

/** Whether a socket that holds nothing unsent refers to nothing that was written: known of Node's own. */
const keepsCount: boolean = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

export class SocketConnection
  extends DialledConnection<ByteSocket>
  implements ConnectionHandler, SocketHandler, PeerWatchHost
{
  protected readonly socket: ConnectionSocket;
  readonly #http2: Http2Connection;
  #isReceiving = false;
  #isFlushScheduled = false;
  /** Octets were read, and nothing was written since. */
  #isAfterRead = false;
  readonly #background = new BackgroundStreams();
  #watch: PeerWatch | undefined;
  #lastReadMs = 0;

  /**
   * @param dnsMs how long looking its name up took before; it is not part of the connect timeout
   * @param begun its socket is on the way, or there: `options.dial` gives it
   */
  constructor(
    place: Place,
    options: ConnectionOptions,
    listener: ConnectionListener,
    dnsMs: number = 0,
    begun: BegunConnection | undefined = undefined,
  ) {
    super(place, options, listener, dnsMs, begun);
    this.#http2 = new Http2Connection(this, {
      frameTap: this.monitor.frameTap,
      maxHeaderListOctets: options.maxHeaderListBytes,
      maxHeaderListName: called('maxHeaderListBytes'),
      maxBufferedOctets: options.maxBufferedBytes,
      ...(options.firstStreamId === undefined ? {} : { firstStreamId: options.firstStreamId }),
    });
    this.socket = this.socketOn((options.dial ?? dial)(place.address, options.tls, this, options.proxy));
  }

  /** All there is to know of it now. */
  get info(): ConnectionInfo {
    return { ...this.ownInfo, ...http2Info(this.#http2) };
  }

  get canOpen(): boolean {
    return this.#http2.canOpen;
  }

  get isDraining(): boolean {
    return this.#http2.isDraining;
  }

  get isClosed(): boolean {
    return this.#http2.isClosed;
  }

  /** Streams of calls that are open. */
  get openStreams(): number {
    return this.#http2.openStreams - this.#background.open;
  }

  /** Whether the server's MAX_CONCURRENT_STREAMS is what keeps calls from being opened. */
  get isFull(): boolean {
    return this.establishment.isReady && !this.#http2.isDraining && this.#http2.isAtStreamLimit;
  }

  /**
   * Whether the server has answered a call here: a response head came on the stream of one (that of an error or of a
   * response without a body, too; informational and malformed ones do not count, nor RST_STREAM alone), whatever became
   * of the call since. Streams of `openBackground` do not count. True as soon as the head is taken from what was read:
   * `onDraining` and `onClosed` find it true where the answer came in the same octets. It stays true.
   */
  get hasServed(): boolean {
    return this.#http2.headsReceived > this.#background.answers;
  }

  /** Opens a stream for a request. Only while `canOpen`. */
  open(request: StreamRequest): void {
    const fields = request.callFields();
    if (this.#http2.peerMaxHeaderListOctets !== Infinity && this.#refuseTooLarge(request, fields)) return;
    this.socket.hold();
    this.#watch?.onCall();
    this.opened++;
    const stream = this.#http2.open(request.head, fields, request, false);
    request.onOpen(stream, this.peer);
  }

  /** Ends a request here whose head is larger than the server takes: some servers would end the connection for it. */
  #refuseTooLarge(request: StreamRequest, fields: FieldList | undefined): boolean {
    const most = this.#http2.peerMaxHeaderListOctets;
    const octets = this.#http2.requestListOctets(request.head, fields);
    if (octets <= most) return false;
    const reason = `the request's headers are ${octets} bytes; ${this.peer.address} accepts at most ${most} (its SETTINGS_MAX_HEADER_LIST_SIZE): send less metadata`;
    request.onEnd({ kind: 'unopened', code: StatusCode.RESOURCE_EXHAUSTED, reason, isHeadTooLarge: true });
    return true;
  }

  /** Opens a stream that belongs to no call and is not use. `onBackgroundEnd` must follow it. Only while `canOpen`. */
  openBackground(request: StreamRequest): void {
    this.#background.begin();
    const stream = this.#http2.open(request.head, request.callFields(), request, false);
    this.#background.add(stream);
    request.onOpen(stream, this.peer);
  }

  /** A stream of `openBackground` has ended, or is just being reset. */
  onBackgroundEnd(): void {
    this.#background.end();
  }

  /** Ends the connection as soon as no stream is open. */
  drain(): void {
    this.monitor.onDrain(this.#http2.openStreams);
    this.#http2.drain();
    this.#closeWhenIdle();
  }

  /** Ends the connection now; open streams end as lost. */
  close(reason: string): void {
    if (this.isOver) return;
    this.endReason ??= reason;
    this.#http2.close(0, reason);
    if (this.#isReceiving) return;
    const wasConnected = this.establishment.isConnected;
    this.finish(undefined);
    // There is nothing to be written yet, and a socket that waits to connect would do so for minutes.
    if (!wasConnected) this.socket.destroy();
  }

  // --- from the HTTP/2 connection

  onOutput(): void {
    if (this.#isReceiving || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    if (this.#isAfterRead) {
      // Made by what a reply woke: a tick runs when all of that is done, and costs less than a turn of the loop.
      this.#isAfterRead = false;
      afterThis(this.#onFlushTurn);
    } else (this.options.nextTurn ?? nextTurn)(this.#onFlushTurn);
  }

  get heldOctets(): number | undefined {
    const { current } = this.socket;
    return keepsCount && current.isInMemory !== true ? current.writableLength : undefined;
  }

  onReady(): void {
    this.establishment.onReady();
    this.peer = this.monitor.onReady(this.peer, '2');
    this.#watch = new PeerWatch(this.options.keepalive, this.clock, this);
    this.listener.onReady(this);
  }

  onCapacity(): void {
    if (this.#http2.isDraining) this.#closeWhenIdle();
    else this.listener.onCapacity(this);
  }

  onGoAway(code: number, lastStreamId: number, debugData: string): void {
    const { keepalive } = this.options;
    if (code === ENHANCE_YOUR_CALM && debugData === TOO_MANY_PINGS)
      keepalive?.onTooManyPings(this.place.text);
    this.monitor.onGoAway(code, lastStreamId, debugData, this.#http2.openStreams);
    const text = debugData === '' ? '' : ` ${JSON.stringify(debugData)}`;
    this.listener.onDraining(this, `${this.place.text} sent GOAWAY with code ${code}${text}`);
    this.#closeWhenIdle();
  }

  onPingAck(): void {
    this.monitor.onPingAck();
  }

  onConnectionEnd(_code: number, reason: string): void {
    this.endReason ??= reason;
    // Inside `receive` it is seen to at its end.
    if (!this.#isReceiving) this.finish(undefined);
  }

  // --- from the socket

  protected onConnected(): void {
    this.#flush();
  }

  onRead(octets: Uint8Array): void {
    if (this.isOver) return;
    const http2 = this.#http2;
    const nowMs = performance.now();
    this.#lastReadMs = nowMs;
    this.monitor.receivedOctets += octets.length;
    http2.frameTap = this.monitor.frameTap;
    this.#isReceiving = true;
    http2.receive(octets, nowMs);
    this.#isReceiving = false;
    if (this.endReason !== undefined) {
      this.finish(undefined);
      return;
    }
    if (http2.outputOctets > 0) this.#flushAfterReplies();
    this.#isAfterRead = true;
    if (http2.openStreams === this.#background.open) this.#onNoStreams();
  }

  /**
   * Has what answers frames (acknowledgements, windows) go in one write, over TLS in one record, with the calls that their
   * replies wake: microtasks come first, ticks when there are none.
   */
  #flushAfterReplies(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    afterPromises(this.#onRepliesTold);
  }

  readonly #onRepliesTold = (): void => afterThis(this.#onFlushTurn);

  onDrain(): void {
    this.#http2.outputBlocked = false;
    this.#flush();
  }

  readonly #onFlushTurn = (): void => {
    this.#isFlushScheduled = false;
    this.#flush();
    if (this.#http2.openStreams === this.#background.open) this.#onNoStreams();
  };

  #flush(): void {
    if (!this.establishment.isConnected) return;
    const http2 = this.#http2;
    const socket = this.socket.current;
    const first = http2.nextOutput();
    if (first === undefined) return;
    let next = http2.nextOutput();
    if (next !== undefined) socket.cork();
    socket.write(first);
    this.monitor.sentOctets += first.length;
    while (next !== undefined) {
      socket.write(next);
      this.monitor.sentOctets += next.length;
      // Checked as it fills: what windows allow of a large message would all go into the socket otherwise.
      if (socket.writableLength > MAX_UNSENT_OCTETS) http2.outputBlocked = true;
      next = http2.nextOutput();
    }
    socket.uncork();
    if (socket.writableLength > MAX_UNSENT_OCTETS) http2.outputBlocked = true;
  }

  #onNoStreams(): void {
    if (this.#http2.isDraining) this.#closeWhenIdle();
    else this.socket.letGoSoon();
  }

  #closeWhenIdle(): void {
    if (this.isOver || this.openStreams > 0) return;
    if (this.#isReceiving) return;
    this.close('the connection was drained');
  }

  protected endStreams(error: Error | undefined): Omit<Failure, 'cause'> {
    this.#watch?.stop();
    const end = this.establishment.failureOf(this.#http2.firstOctets, this.endReason, error);
    const reason = failureText(end);
    this.endReason = reason;
    this.#http2.transportEnded(reason);
    this.#flush();
    return end;
  }

  // --- as its peer watch sees it

  get lastReadMs(): number {
    return this.#lastReadMs;
  }

  get lastPingMs(): number {
    return this.monitor.pingSentMs;
  }

  get sentOctets(): number {
    return this.monitor.sentOctets;
  }

  get unsentOctets(): number {
    return this.socket.current.writableLength;
  }

  get isWanted(): boolean {
    // Calls that cannot be opened wait for this connection without it knowing, and what is unsent keeps the process
    // alive until it is, whether the socket is held or not.
    if (this.openStreams > 0 || this.unsentOctets > 0) return true;
    // Nor does it know of calls that wait until the server has said that it is healthy.
    return this.#http2.isAtStreamLimit || this.#background.isUnanswered;
  }

  get answers(): number {
    return this.#http2.headsReceived;
  }

  ping(): void {
    this.monitor.onPing();
    this.#http2.ping(ARE_YOU_THERE);
    // At once: a process that stands still in a moment has asked.
    this.#flush();
  }

  onDead(why: string): void {
    this.giveUp(`the connection to ${this.place.text} ${why}`);
  }
}
