// One socket with the HTTP/2 connection on it: moves octets between the two, watches the connect timeout, and
// keeps the process alive exactly while streams are open.

import { Connection as Http2Connection } from '../http2/connection.ts';
import type { ConnectionHandler } from '../http2/handlers.ts';
import type { FieldList, Peer, PeerCertificate, StreamRequest } from '../rpc/transport.ts';
import { StatusCode } from '../status.ts';
import type { Address } from './address.ts';
import type { ByteSocket, Dial } from './byte-socket.ts';
import { MAX_TIMER_MS, REAL_CLOCK } from './clock.ts';
import { byName, type ConnectionInfo, localAddressOf, tlsInfoOf } from './connection-info.ts';
import { ConnectionMonitor } from './connection-monitor.ts';
import { type DialPhase, dial, type SocketHandler } from './dial.ts';
import { Keepalive, type KeepaliveHost, type KeepalivePolicy } from './keepalive.ts';
import type { ProxyServer } from './proxy.ts';
import { TlsFailure } from './secure-socket.ts';
import { SILENCE_MS, SilenceWatch, VERIFY_TIMEOUT_MS } from './silence-watch.ts';
import { describeSocketError } from './socket-errors.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import { describeWrongPeer } from './wrong-peer.ts';

/** While the socket holds more than this unsent, no DATA is written and no stream opened. */
const MAX_UNSENT_OCTETS = 256 * 1024;

/** The content of the PING that verifies a silent connection. */
const VERIFICATION = 0n;

/** The content of keepalive's. */
const KEEPALIVE = 1n;

/** What a server says that keepalive's are too many for (gRFC A8). */
const TOO_MANY_PINGS = 'too_many_pings';
const ENHANCE_YOUR_CALM = 11;

/** How long a connection without streams still keeps the process alive. */
const IDLE_CHECK_MS = 10;

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  readonly maxHeaderListBytes: number;
  readonly maxBufferedBytes: number;
  /** With these TLS is spoken; without, plaintext. */
  readonly tls?: TlsCredentials | undefined;
  /** In place of sockets of the operating system: a server in memory. */
  readonly dial?: Dial | undefined;
  /** Through which it is made. */
  readonly proxy?: ProxyServer | undefined;
  /** One object for all connections of a channel. */
  readonly keepalive?: KeepalivePolicy | undefined;
  /** For specs near the end of the stream ids. */
  readonly firstStreamId?: number | undefined;
}

/** Where a connection goes. */
export interface Place {
  readonly address: Address;
  /** How errors name it. */
  readonly text: string;
}

/** What a connection tells its channel. */
export interface ConnectionListener {
  onReady(connection: Connection): void;
  onCapacity(connection: Connection): void;
  /** No new streams here; running ones go on. `goAway` is the peer's word where it was the peer's wish. */
  onDraining(connection: Connection, goAway?: string): void;
  /** Once, the last event. */
  onClosed(connection: Connection, reason: string, cause: unknown): void;
}

export class Connection implements ConnectionHandler, SocketHandler {
  #peer: Peer;
  readonly #place: Place;
  readonly #listener: ConnectionListener;
  readonly #options: ConnectionOptions;
  readonly #http2: Http2Connection;
  #socket: ByteSocket;
  /** What was dialled, below a TLS socket or a tunnel. */
  readonly #wire: ByteSocket;
  readonly #monitor: ConnectionMonitor;
  #timer: NodeJS.Timeout | undefined;
  #isReady = false;
  #isConnected = false;
  /** What is waited for until `#isConnected`. */
  #phase: DialPhase = 'connect';
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isReceiving = false;
  #isFlushScheduled = false;
  /** Octets were read, and nothing was written since. */
  #isAfterRead = false;
  #isRef = true;
  /** Why the connection was ended from this side, where it was. */
  #endReason: string | undefined;
  #hasServed = false;
  /** Streams that were ever opened, of calls. */
  #opened = 0;
  /** Open streams that are no call's: they keep neither the connection nor the process. */
  #backgroundStreams = 0;
  #silence: SilenceWatch | undefined;
  #keepalive: Keepalive | undefined;

  /** @param spentMs how much of the connect timeout is spent already, by looking the name up */
  constructor(place: Place, options: ConnectionOptions, listener: ConnectionListener, spentMs: number = 0) {
    this.#place = place;
    this.#listener = listener;
    this.#options = options;
    this.#peer = { address: place.text };
    this.#monitor = new ConnectionMonitor(place.text, options.tls !== undefined, spentMs);
    this.#http2 = new Http2Connection(this, {
      frameTap: this.#monitor.frameTap,
      maxHeaderListOctets: options.maxHeaderListBytes,
      maxBufferedOctets: options.maxBufferedBytes,
      ...(options.firstStreamId === undefined ? {} : { firstStreamId: options.firstStreamId }),
    });
    this.#wire = (options.dial ?? dial)(place.address, options.tls, this, options.proxy);
    this.#socket = this.#wire;
    if (options.connectTimeoutMs !== Infinity) {
      this.#timer = setTimeout(
        () => this.#onConnectTimeout(),
        Math.min(Math.max(options.connectTimeoutMs - spentMs, 1), MAX_TIMER_MS),
      );
    }
  }

  /** All there is to know of it now. */
  get info(): ConnectionInfo {
    const http2 = this.#http2;
    const monitor = this.#monitor;
    return {
      id: monitor.connection.id,
      state: this.#stateNow,
      peer: this.#peer,
      localAddress: localAddressOf(this.#socket),
      tls: this.#isConnected ? tlsInfoOf(this.#socket) : undefined,
      localSettings: byName(http2.localSettings),
      peerSettings: byName(http2.peerSettings),
      sendWindow: http2.sendWindow,
      receiveWindow: http2.receiveWindow,
      bufferedOctets: http2.bufferedOctets,
      openStreams: http2.openStreams,
      totalStreams: this.#opened,
      sentOctets: monitor.sentOctets,
      receivedOctets: monitor.receivedOctets,
      lastPingMs: monitor.lastPingMs,
      ageMs: monitor.ageMs,
    };
  }

  get #stateNow(): ConnectionInfo['state'] {
    if (this.#isClosed) return 'closed';
    if (this.#http2.isDraining) return 'draining';
    return this.#isReady ? 'ready' : 'connecting';
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
    return this.#http2.openStreams - this.#backgroundStreams;
  }

  /** How many calls were ever opened here. */
  get openedStreams(): number {
    return this.#opened;
  }

  /** Whether the server's MAX_CONCURRENT_STREAMS is what keeps calls from being opened. */
  get isFull(): boolean {
    return this.#isReady && !this.#http2.isDraining && this.#http2.isAtStreamLimit;
  }

  /** Whether it became ready. */
  get wasReady(): boolean {
    return this.#isReady;
  }

  /** Whether the server has ended a stream here: then a loss is no reason to wait before dialling again. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** Keeps the process alive: somebody waits for this connection. */
  hold(): void {
    if (this.#isRef) return;
    this.#isRef = true;
    this.#socket.ref();
    // With TLS inside TLS the one on top does not reach it.
    this.#wire.ref();
    this.#timer?.ref();
  }

  /** Nobody waits for it to be made any more. (Once it is ready, its streams decide.) */
  letGo(): void {
    if (!this.#isRef || this.#isReady) return;
    this.#isRef = false;
    this.#socket.unref();
    this.#wire.unref();
    this.#timer?.unref();
  }

  /** Opens a stream for a request. Only while `canOpen`. */
  open(request: StreamRequest): void {
    const fields = request.callFields();
    if (this.#http2.peerMaxHeaderListOctets !== Infinity && this.#refuseTooLarge(request, fields)) return;
    if (!this.#isRef) this.hold();
    this.#silence?.onCall();
    this.#keepalive?.onCall();
    this.#opened++;
    const stream = this.#http2.open(request.head, fields, request, false);
    request.onOpen(stream, this.#peer);
  }

  /** Ends a request here whose head is larger than the server takes: some servers would end the connection for it. */
  #refuseTooLarge(request: StreamRequest, fields: FieldList | undefined): boolean {
    const most = this.#http2.peerMaxHeaderListOctets;
    const octets = this.#http2.requestListOctets(request.head, fields);
    if (octets <= most) return false;
    const reason = `the request's headers are ${octets} bytes; ${this.#peer.address} takes at most ${most} (its SETTINGS_MAX_HEADER_LIST_SIZE): send less metadata`;
    request.onEnd({ kind: 'unopened', code: StatusCode.RESOURCE_EXHAUSTED, reason });
    return true;
  }

  /** Opens a stream that is no call's, and that does not count as use. `onBackgroundEnd` must follow it. Only while `canOpen`. */
  openBackground(request: StreamRequest): void {
    this.#backgroundStreams++;
    request.onOpen(this.#http2.open(request.head, request.callFields(), request, false), this.#peer);
  }

  /** A stream of `openBackground` has ended, or is just being reset. */
  onBackgroundEnd(): void {
    this.#backgroundStreams--;
  }

  /** Ends the connection as soon as no stream is open. */
  drain(): void {
    this.#monitor.onDrain(this.#http2.openStreams);
    this.#http2.drain();
    this.#keepalive?.stop();
    this.#closeWhenIdle();
  }

  /** Ends the connection now; open streams end as lost. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#endReason ??= reason;
    this.#http2.close(0, reason);
    if (this.#isReceiving) return;
    const wasConnected = this.#isConnected;
    this.#finish(undefined);
    // There is nothing to be written yet, and a socket that waits to connect would do so for minutes.
    if (!wasConnected) this.#socket.destroy();
  }

  // --- from the HTTP/2 connection

  onOutput(): void {
    if (this.#isReceiving || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    if (this.#isAfterRead) {
      // Made by what a reply woke: a tick runs when all of that is done, and costs less than a turn of the loop.
      this.#isAfterRead = false;
      process.nextTick(this.#onFlushTurn);
    } else setImmediate(this.#onFlushTurn);
  }

  onReady(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isReady = true;
    this.#peer = this.#monitor.onReady(this.#peer);
    this.#silence = new SilenceWatch(
      () => this.#ping(VERIFICATION),
      () => this.#onSilent(),
    );
    const { keepalive } = this.#options;
    if (keepalive !== undefined)
      this.#keepalive = new Keepalive(keepalive, REAL_CLOCK, this.#keepaliveHost(keepalive));
    this.#listener.onReady(this);
  }

  onCapacity(): void {
    if (this.#http2.isDraining) this.#closeWhenIdle();
    else this.#listener.onCapacity(this);
  }

  onGoAway(code: number, lastStreamId: number, debugData: string): void {
    const { keepalive } = this.#options;
    if (code === ENHANCE_YOUR_CALM && debugData === TOO_MANY_PINGS)
      keepalive?.onTooManyPings(this.#place.text);
    this.#keepalive?.stop();
    this.#monitor.onGoAway(code, lastStreamId, debugData, this.#http2.openStreams);
    const text = debugData === '' ? '' : ` ${JSON.stringify(debugData)}`;
    this.#listener.onDraining(this, `${this.#place.text} sent GOAWAY with code ${code}${text}`);
    this.#closeWhenIdle();
  }

  onPingAck(): void {
    this.#monitor.onPingAck();
  }

  onConnectionEnd(_code: number, reason: string): void {
    this.#endReason ??= reason;
    // Inside `receive` it is seen to at its end.
    if (!this.#isReceiving) this.#finish(undefined);
  }

  // --- from the socket

  onPhase(phase: DialPhase): void {
    this.#phase = phase;
    this.#monitor.onPhase(phase);
  }

  onConnect(socket: ByteSocket, certificate: PeerCertificate | undefined): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#isConnected = true;
    this.#monitor.onConnect();
    const { remoteAddress, remotePort } = socket;
    let { address } = this.#peer;
    // A proxy's own address says nothing of the server.
    if (remoteAddress !== undefined && this.#options.proxy === undefined) {
      address = `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
    }
    this.#peer = certificate === undefined ? { address } : { address, certificate };
    this.#flush();
  }

  onRead(octets: Uint8Array): void {
    if (this.#isClosed) return;
    const http2 = this.#http2;
    const before = http2.openStreams;
    this.#silence?.onRead();
    const nowMs = performance.now();
    this.#keepalive?.onRead(nowMs);
    this.#monitor.receivedOctets += octets.length;
    http2.frameTap = this.#monitor.frameTap;
    this.#isReceiving = true;
    http2.receive(octets, nowMs);
    this.#isReceiving = false;
    if (this.#endReason !== undefined) {
      this.#finish(undefined);
      return;
    }
    if (http2.openStreams < before) this.#hasServed = true;
    if (http2.outputOctets > 0) this.#flush();
    this.#isAfterRead = true;
    if (http2.openStreams === this.#backgroundStreams) this.#onNoStreams();
  }

  onDrain(): void {
    this.#http2.outputBlocked = false;
    this.#flush();
  }

  onClose(error: Error | undefined): void {
    this.#finish(error);
  }

  readonly #onFlushTurn = (): void => {
    this.#isFlushScheduled = false;
    this.#flush();
    if (this.#http2.openStreams === this.#backgroundStreams) this.#onNoStreams();
  };

  #flush(): void {
    if (!this.#isConnected) return;
    const http2 = this.#http2;
    const socket = this.#socket;
    const first = http2.nextOutput();
    if (first === undefined) return;
    let next = http2.nextOutput();
    if (next !== undefined) socket.cork();
    socket.write(first);
    this.#monitor.sentOctets += first.length;
    while (next !== undefined) {
      socket.write(next);
      this.#monitor.sentOctets += next.length;
      // Checked as it fills: what windows allow of a large message would all go into the socket otherwise.
      if (socket.writableLength > MAX_UNSENT_OCTETS) http2.outputBlocked = true;
      next = http2.nextOutput();
    }
    socket.uncork();
    if (socket.writableLength > MAX_UNSENT_OCTETS) http2.outputBlocked = true;
  }

  #onNoStreams(): void {
    if (this.#http2.isDraining) this.#closeWhenIdle();
    else this.#scheduleIdleCheck();
  }

  /** Lets the process end soon when no more calls come. Not at once: the next call mostly follows in this turn. */
  #scheduleIdleCheck(): void {
    if (this.#idleTimer !== undefined || !this.#isRef) return;
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.openStreams > 0 || this.#isClosed || !this.#isReady) return;
      this.#isRef = false;
      this.#socket.unref();
      this.#wire.unref();
    }, IDLE_CHECK_MS);
    this.#idleTimer.unref();
  }

  #closeWhenIdle(): void {
    if (this.#isClosed || this.openStreams > 0) return;
    if (this.#isReceiving) return;
    this.close('the connection was drained');
  }

  /** The end, whoever brought it about: once. */
  #finish(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#idleTimer);
    this.#silence?.close();
    this.#keepalive?.stop();
    const reason = this.#closeReason(error);
    this.#endReason = reason;
    this.#http2.transportEnded(reason);
    this.#flush();
    // Closes once the last GOAWAY is written, whatever the peer does.
    this.#socket.destroySoon();
    this.#monitor.onClose(reason, error, this.#opened);
    this.#listener.onClosed(this, reason, error);
  }

  #onSilent(): void {
    this.#endReason = `the connection to ${this.#place.text} was silent for ${SILENCE_MS / 1000} s and did not answer a PING within ${VERIFY_TIMEOUT_MS / 1000} s`;
    this.#finish(undefined);
    this.#socket.destroy();
  }

  #ping(content: bigint): void {
    this.#monitor.onPing();
    this.#http2.ping(content);
  }

  #keepaliveHost({ timeoutMs }: KeepalivePolicy): KeepaliveHost {
    const openStreams = (): number => this.openStreams;
    return {
      get openStreams() {
        return openStreams();
      },
      ping: () => this.#ping(KEEPALIVE),
      onDead: () => {
        this.#endReason = `the connection to ${this.#place.text} was given up: nothing came within keepalive.timeoutMs ${timeoutMs} of a PING`;
        this.#finish(undefined);
        this.#socket.destroy();
      },
    };
  }

  #onConnectTimeout(): void {
    this.#endReason = `${this.#place.text} did not answer within connectTimeoutMs ${this.#options.connectTimeoutMs}: ${this.#pendingPhase()}`;
    this.#finish(undefined);
    this.#socket.destroy();
  }

  /** What connecting has come to, for the message of the connect timeout. */
  #pendingPhase(): string {
    const proxy = this.#options.proxy?.text;
    if (!this.#isConnected) {
      switch (this.#phase) {
        case 'connect':
          return proxy === undefined
            ? 'no connection was made'
            : `no connection to the proxy ${proxy} was made`;
        case 'proxy-handshake':
          return `the proxy ${proxy} accepted the connection but did not finish the TLS handshake (does it speak TLS?)`;
        case 'tunnel':
          return `the proxy ${proxy} accepted the connection but gave no answer in full (is it a proxy?)`;
        case 'handshake':
          return 'it accepted the connection but did not finish the TLS handshake (does it speak TLS?)';
        default:
          return this.#phase satisfies never;
      }
    }
    return this.#options.tls === undefined
      ? 'it accepted the connection but sent no HTTP/2 SETTINGS (is it a gRPC server, and does it want TLS?)'
      : 'it finished the TLS handshake but sent no HTTP/2 SETTINGS (is it a gRPC server?)';
  }

  #closeReason(error: Error | undefined): string {
    const { text } = this.#place;
    const { tls } = this.#options;
    if (!this.#isReady) {
      const wrong = describeWrongPeer(this.#http2.firstOctets, tls !== undefined);
      if (wrong !== undefined) return `cannot talk to ${text}: ${wrong}`;
      if (this.#endReason !== undefined) return this.#endReason;
      // With TLS 1.3 a server judges the client's certificate when the handshake is over for the client.
      const { proxy } = this.#options;
      const via = proxy === undefined ? '' : ` through the proxy ${proxy.text}`;
      if (!this.#isConnected || error instanceof TlsFailure)
        return `cannot connect to ${text}${via}: ${error === undefined ? 'the socket closed' : describeSocketError(error)}`;
      const hint =
        tls === undefined
          ? 'does it want TLS?'
          : 'does it demand a client certificate, tls.cert and tls.key?';
      return `${text} accepted the connection but closed it before it sent its HTTP/2 SETTINGS (is it a gRPC server, and ${hint})`;
    }
    if (this.#endReason !== undefined) return this.#endReason;
    return `the connection to ${text} was lost: ${error === undefined ? 'the server closed it' : describeSocketError(error)}`;
  }
}
