// A connection over TLS of which the server chooses by ALPN what is spoken: it is dialled here, and from the handshake on it is
// one of HTTP/2 or of HTTP/1.1.

import type { Socket } from 'node:net';
import type { PeerCertificate, StreamRequest } from '../../rpc/transport.ts';
import { type ConnectionInfo, socketInfo } from '../connection/connection-info.ts';
import { ConnectionMonitor } from '../connection/connection-monitor.ts';
import type { ConnectionOptions, Place } from '../connection/connection-options.ts';
import { ConnectionSocket } from '../connection/connection-socket.ts';
import { type BegunConnection, Establishment } from '../connection/establishment.ts';
import { failureText } from '../connection/failure.ts';
import type { ConnectionListener, PooledConnection } from '../connection/pooled-connection.ts';
import { SocketConnection } from '../connection/socket-connection.ts';
import { type DialPhase, dialStream, type StreamHandler, tellOf } from '../socket/dial.ts';
import { ALPN_EITHER, ALPN_H2 } from '../socket/secure-socket.ts';
import { Http1Connection } from './http1-connection.ts';

export class NegotiatedConnection implements PooledConnection, StreamHandler {
  readonly #place: Place;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #monitor: ConnectionMonitor;
  readonly #establishment: Establishment;
  readonly #wire: Socket;
  readonly #socket: ConnectionSocket;
  /** What it has become. */
  #chosen: SocketConnection | Http1Connection | undefined;
  #isHeld = true;
  /** It ended before it became anything. */
  #isClosed = false;

  /** @param dnsMs how long looking its name up took before; it is not part of the connect timeout */
  constructor(place: Place, options: ConnectionOptions, listener: ConnectionListener, dnsMs: number = 0) {
    this.#place = place;
    this.#options = options;
    this.#listener = listener;
    this.#monitor = new ConnectionMonitor(place.text, options.tls !== undefined, dnsMs);
    this.#establishment = new Establishment(place, options, (reason) => this.close(reason));
    this.#wire = dialStream(place.address, options.tls, this, options.proxy, ALPN_EITHER);
    this.#socket = new ConnectionSocket(this.#wire, () => false);
    if (!this.#isClosed) this.#establishment.start();
  }

  get ageMs(): number {
    return this.#monitor.ageMs;
  }

  get info(): ConnectionInfo {
    if (this.#chosen !== undefined) return this.#chosen.info;
    return {
      ...socketInfo({ socket: this.#wire, isConnected: false, monitor: this.#monitor }),
      httpVersion: undefined,
      state: this.#isClosed ? 'closed' : 'connecting',
      peer: { address: this.#place.text },
      localSettings: {},
      peerSettings: {},
      sendWindow: 0,
      receiveWindow: 0,
      bufferedOctets: 0,
      openStreams: 0,
      totalStreams: 0,
    };
  }

  get carriesOneCall(): boolean {
    return this.#chosen instanceof Http1Connection;
  }

  get wasGivenUp(): boolean {
    return this.#chosen instanceof Http1Connection && this.#chosen.wasGivenUp;
  }

  get canOpen(): boolean {
    return this.#chosen?.canOpen === true;
  }

  get isDraining(): boolean {
    return this.#chosen?.isDraining === true;
  }

  get isClosed(): boolean {
    return this.#chosen?.isClosed ?? this.#isClosed;
  }

  get isFull(): boolean {
    return this.#chosen?.isFull === true;
  }

  get wasReady(): boolean {
    return this.#chosen?.wasReady === true;
  }

  get hasServed(): boolean {
    return this.#chosen?.hasServed === true;
  }

  get openStreams(): number {
    return this.#chosen?.openStreams ?? 0;
  }

  get openedStreams(): number {
    return this.#chosen?.openedStreams ?? 0;
  }

  open(request: StreamRequest): void {
    this.#chosen?.open(request);
  }

  openBackground(request: StreamRequest): void {
    this.#chosen?.openBackground(request);
  }

  onBackgroundEnd(): void {
    this.#chosen?.onBackgroundEnd();
  }

  hold(): void {
    this.#isHeld = true;
    (this.#chosen ?? this.#socket).hold();
  }

  letGo(): void {
    this.#isHeld = false;
    (this.#chosen ?? this.#socket).letGo();
  }

  drain(): void {
    if (this.#chosen === undefined) this.close('the connection was drained');
    else this.#chosen.drain();
  }

  close(reason: string): void {
    if (this.#chosen !== undefined) this.#chosen.close(reason);
    else {
      this.#finish(reason, undefined);
      this.#socket.destroy();
    }
  }

  // --- from the dial

  onPhase(phase: DialPhase): void {
    this.#establishment.onPhase(phase);
    this.#monitor.onPhase(phase);
  }

  onConnect(stream: Socket, certificate: PeerCertificate | undefined): void {
    if (this.#isClosed) {
      stream.destroy();
      return;
    }
    const begun: BegunConnection = {
      monitor: this.#monitor,
      establishment: this.#establishment,
      wire: this.#wire,
    };
    const { alpnProtocol } = stream as { alpnProtocol?: unknown };
    const chosen =
      alpnProtocol === ALPN_H2
        ? new SocketConnection(this.#place, this.#http2Options(stream), this.#forward(), 0, begun)
        : new Http1Connection(this.#place, this.#options, this.#forward(), 0, begun);
    this.#chosen = chosen;
    if (!this.#isHeld) chosen.letGo();
    chosen.onConnect(stream, certificate);
  }

  onClose(error: Error | undefined): void {
    if (this.#chosen !== undefined) this.#chosen.onClose(error);
    else {
      this.#finish(undefined, error);
      this.#socket.onClose();
    }
  }

  #http2Options(stream: Socket): ConnectionOptions {
    return {
      ...this.#options,
      dial: (_address, _credentials, handler) => {
        tellOf(stream, handler);
        return this.#wire;
      },
    };
  }

  /** What it has become tells the subchannel of this one. */
  #forward(): ConnectionListener {
    const listener = this.#listener;
    return {
      onReady: () => listener.onReady(this),
      onCapacity: () => listener.onCapacity(this),
      onDraining: (_, goAway) => listener.onDraining(this, goAway),
      onClosed: (_, failure) => listener.onClosed(this, failure),
    };
  }

  #finish(endReason: string | undefined, error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#establishment.stop();
    const end = this.#establishment.failureOf(new Uint8Array(0), endReason, error);
    this.#monitor.onClose(failureText(end), error, 0);
    this.#listener.onClosed(this, { ...end, cause: error });
  }
}
