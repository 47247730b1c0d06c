// A connection that was dialled, whatever is spoken on it: its socket, how it becomes ready, its peer, and its one end. What
// octets mean, and which calls are on it, is the subclass's. It knows no other connection.

import type { Peer, PeerCertificate, StreamRequest } from '../../rpc/transport.ts';
import type { ByteSocket } from '../socket/byte-socket.ts';
import type { DialPhase } from '../socket/dial.ts';
import type { PatienceClock } from '../timing/patience.ts';
import { type ConnectionInfo, type SocketInfo, socketInfo } from './connection-info.ts';
import { ConnectionMonitor } from './connection-monitor.ts';
import type { ConnectionOptions, Place } from './connection-options.ts';
import { ConnectionSocket } from './connection-socket.ts';
import { type BegunConnection, Establishment } from './establishment.ts';
import { type Failure, failureText } from './failure.ts';
import { peerOf } from './peer.ts';
import type { ConnectionListener, PooledConnection } from './pooled-connection.ts';

export abstract class DialledConnection<Wire extends ByteSocket> implements PooledConnection {
  protected peer: Peer;
  protected readonly place: Place;
  protected readonly options: ConnectionOptions;
  protected readonly listener: ConnectionListener;
  protected readonly monitor: ConnectionMonitor;
  protected readonly clock: PatienceClock;
  protected readonly establishment: Establishment;
  /** The listener has been told of its end, or is about to be. */
  protected isOver = false;
  /** Why the connection was ended from this side, where it was. */
  protected endReason: string | undefined;
  /** Streams that were ever opened, of calls. */
  protected opened = 0;
  readonly #isBegun: boolean;

  /**
   * @param dnsMs how long looking its name up took before; it is not part of the connect timeout
   * @param begun its socket is on the way, or there
   */
  constructor(
    place: Place,
    options: ConnectionOptions,
    listener: ConnectionListener,
    dnsMs: number,
    begun: BegunConnection | undefined,
  ) {
    this.place = place;
    this.options = options;
    this.listener = listener;
    this.peer = { address: place.text };
    this.monitor = begun?.monitor ?? new ConnectionMonitor(place.text, options.tls !== undefined, dnsMs);
    const onTimeout = (reason: string): void => this.giveUp(reason);
    this.establishment = begun?.establishment ?? new Establishment(place, options, onTimeout);
    this.establishment.onTimeout = onTimeout;
    this.clock = this.establishment.clock;
    this.#isBegun = begun !== undefined;
  }

  // --- what the subclass provides

  /** Made by `socketOn`, as the last thing of the constructor. */
  protected abstract readonly socket: ConnectionSocket;
  abstract readonly canOpen: boolean;
  abstract readonly isDraining: boolean;
  abstract readonly isClosed: boolean;
  abstract readonly isFull: boolean;
  abstract readonly hasServed: boolean;
  abstract readonly openStreams: number;
  abstract readonly info: ConnectionInfo;
  abstract open(request: StreamRequest): void;
  abstract openBackground(request: StreamRequest): void;
  abstract onBackgroundEnd(): void;
  abstract drain(): void;
  abstract close(reason: string): void;
  /** Octets can go both ways. */
  protected abstract onConnected(stream: Wire): void;
  /** It is over: ends what is open on it, and says why. */
  protected abstract endStreams(error: Error | undefined): Omit<Failure, 'cause'>;

  // --- its socket

  /** @param wire what was dialled */
  protected socketOn(wire: ByteSocket): ConnectionSocket {
    const isUnused = (): boolean => this.openStreams === 0 && !this.isOver && this.establishment.isReady;
    if (!this.#isBegun && !this.isOver) this.establishment.start();
    return new ConnectionSocket(wire, isUnused);
  }

  /** Keeps the process alive: somebody waits for this connection. */
  hold(): void {
    this.socket.hold();
  }

  /** Nobody waits for it to be made any longer. (Once it is ready, its streams decide.) */
  letGo(): void {
    if (!this.establishment.isReady) this.socket.letGo();
  }

  // --- what is known of it

  get ageMs(): number {
    return this.monitor.ageMs;
  }

  /** How many calls were ever opened here. */
  get openedStreams(): number {
    return this.opened;
  }

  /** Whether it came about: what a client's certificate is refused with comes when the handshake seems to be over. */
  get wasReady(): boolean {
    return this.establishment.isReady;
  }

  /** What there is to know of it, whatever is spoken on it. */
  protected get ownInfo(): SocketInfo & Pick<ConnectionInfo, 'state' | 'peer' | 'totalStreams'> {
    const { isConnected } = this.establishment;
    return {
      ...socketInfo({ socket: this.socket.current, isConnected, monitor: this.monitor }),
      state: this.#state,
      peer: this.peer,
      totalStreams: this.opened,
    };
  }

  get #state(): ConnectionInfo['state'] {
    if (this.isOver) return 'closed';
    if (this.isDraining) return 'draining';
    return this.establishment.isReady ? 'ready' : 'connecting';
  }

  // --- from the dial

  onPhase(phase: DialPhase): void {
    this.establishment.onPhase(phase);
    this.monitor.onPhase(phase);
  }

  onConnect(stream: Wire, certificate: PeerCertificate | undefined): void {
    if (this.isOver) {
      stream.destroy();
      return;
    }
    this.socket.current = stream;
    this.establishment.onConnect();
    this.monitor.onConnect();
    this.peer = peerOf(stream, this.place.text, this.options.proxy !== undefined, certificate);
    this.onConnected(stream);
  }

  onClose(error: Error | undefined): void {
    this.finish(error);
    this.socket.onClose();
  }

  // --- its end

  /** The end, whoever brought it about: once. */
  protected finish(error: Error | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.establishment.stop();
    const end = this.endStreams(error);
    this.socket.closeSoon();
    this.monitor.onClose(failureText(end), error, this.opened);
    this.listener.onClosed(this, { ...end, cause: error });
  }

  /** Ends it at once: nobody is there to hear of it, or nobody yet. */
  protected giveUp(reason: string): void {
    this.endReason = reason;
    this.finish(undefined);
    this.socket.destroy();
  }
}
