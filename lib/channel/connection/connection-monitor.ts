// What is noted of one connection as it goes: when it was made, how much passed, what there is to tell of it. It only
// looks; the connection (dialled-connection.ts) does the work.

import { errorCodeName } from '../../http2/error-code.ts';
import type { FrameTap } from '../../http2/frame-tap.ts';
import type { ConnectTiming, Peer } from '../../rpc/transport.ts';
import type { DialPhase } from '../socket/dial.ts';
import {
  connectionClose,
  connectionDial,
  connectionDrain,
  connectionGoAway,
  connectionReady,
  frameSeen,
  type ObservedConnection,
} from './connection-events.ts';
import type { HttpVersion } from './connection-info.ts';
import { frameEvent } from './frame-event.ts';

let connections = 0;

export class ConnectionMonitor {
  readonly connection: ObservedConnection;
  /** Octets read from and written to the socket. */
  receivedOctets = 0;
  sentOctets = 0;
  /** When the last PING was sent. */
  pingSentMs: number = -Infinity;
  /** Milliseconds that the last PING took to be answered. */
  lastPingMs: number | undefined;
  readonly #dialedMs: number = performance.now();
  readonly #dnsMs: number | undefined;
  #connectedMs = 0;
  /** When TLS with the server began, and when octets could go both ways. */
  #handshakeMs = 0;
  #openMs = 0;
  #readyMs = 0;
  #isProxied = false;
  #isPingOut = false;
  #tap: FrameTap | undefined;

  /** @param dnsMs how long looking its name up took before, 0 where it was not looked up for it */
  constructor(address: string, isSecure: boolean, dnsMs: number) {
    this.connection = { id: ++connections, address, isSecure };
    this.#dnsMs = dnsMs > 0 ? dnsMs : undefined;
    const { connection } = this;
    if (connectionDial.hasSubscribers) connectionDial.publish({ connection });
  }

  /** Who sees each frame; undefined while nobody wants to. */
  get frameTap(): FrameTap | undefined {
    if (!frameSeen.hasSubscribers) return undefined;
    this.#tap ??= {
      onFrame: (direction, type, flags, streamId, bytes, start, end) => {
        frameSeen.publish(frameEvent(this.connection, direction, type, flags, streamId, bytes, start, end));
      },
    };
    return this.#tap;
  }

  /** Milliseconds since the dial. */
  get ageMs(): number {
    return performance.now() - this.#dialedMs;
  }

  /** How it was made; undefined before it was. */
  get timing(): ConnectTiming | undefined {
    if (this.#readyMs === 0) return undefined;
    const { isSecure } = this.connection;
    const tunnelMs = (isSecure ? this.#handshakeMs : this.#openMs) - this.#connectedMs;
    return {
      startedAt: performance.timeOrigin + this.#dialedMs,
      readyAt: performance.timeOrigin + this.#readyMs,
      dnsMs: this.#dnsMs,
      connectMs: this.#connectedMs - this.#dialedMs,
      proxyMs: this.#isProxied ? tunnelMs : undefined,
      tlsMs: isSecure ? this.#openMs - this.#handshakeMs : undefined,
      settingsMs: this.#readyMs - this.#openMs,
    };
  }

  onPhase(phase: DialPhase): void {
    if (phase === 'connect') return;
    const nowMs = performance.now();
    if (this.#connectedMs === 0) this.#connectedMs = nowMs;
    if (phase === 'handshake') this.#handshakeMs = nowMs;
    else this.#isProxied = true;
  }

  /** Octets can go both ways. */
  onConnect(): void {
    this.#openMs = performance.now();
    if (this.#connectedMs === 0) this.#connectedMs = this.#openMs;
  }

  /** Calls can be sent; gives the peer with what is known now. */
  onReady(peer: Peer, httpVersion: HttpVersion): Peer {
    this.#readyMs = performance.now();
    const { connection, timing } = this;
    if (timing !== undefined && connectionReady.hasSubscribers) {
      connectionReady.publish({ connection, peer, timing, httpVersion });
    }
    return { ...peer, connect: timing };
  }

  onPing(): void {
    this.pingSentMs = performance.now();
    this.#isPingOut = true;
  }

  onPingAck(): void {
    if (this.#isPingOut) this.lastPingMs = performance.now() - this.pingSentMs;
    this.#isPingOut = false;
  }

  onGoAway(code: number, lastStreamId: number, debugData: string, openStreams: number): void {
    if (!connectionGoAway.hasSubscribers) return;
    const { connection } = this;
    const codeName = errorCodeName(code);
    connectionGoAway.publish({ connection, code, codeName, lastStreamId, debugData, openStreams });
  }

  onDrain(openStreams: number): void {
    const { connection } = this;
    if (connectionDrain.hasSubscribers) connectionDrain.publish({ connection, openStreams });
  }

  onClose(reason: string, cause: unknown, streams: number): void {
    if (!connectionClose.hasSubscribers) return;
    const { connection, ageMs } = this;
    connectionClose.publish({ connection, reason, cause, wasReady: this.#readyMs > 0, streams, ageMs });
  }
}
