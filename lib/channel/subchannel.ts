// One address and the connections to it: makes them, counts failures and says when the next attempt may be, gives a
// connection to a call, and adds one where the server allows no more streams on those there are. Which address a call
// goes to is the balancer's. Sources: grpc doc/connectivity-semantics-and-api.md, doc/connection-backoff.md.

import type { StreamRequest, Transport } from '../rpc/transport.ts';
import { type Address, addressText } from './address.ts';
import { backgroundTransport } from './background-stream.ts';
import { DEFAULT_BACKOFF, nextDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { ConnectionInfo } from './connection-info.ts';

/** gRPC's states of the connections to one address. */
export type SubchannelState = 'idle' | 'connecting' | 'ready' | 'transient_failure';

/** Why something cannot be connected to. */
export interface Failure {
  readonly reason: string;
  readonly cause: unknown;
}

/** A connection as a subchannel needs it. */
export interface Link {
  readonly canOpen: boolean;
  readonly isDraining: boolean;
  readonly isClosed: boolean;
  readonly isFull: boolean;
  readonly wasReady: boolean;
  readonly hasServed: boolean;
  readonly openStreams: number;
  readonly openedStreams: number;
  readonly info: ConnectionInfo;
  open(request: StreamRequest): void;
  openBackground(request: StreamRequest): void;
  onBackgroundEnd(): void;
  hold(): void;
  letGo(): void;
  drain(): void;
  close(reason: string): void;
}

/** What a link tells of itself. */
export interface LinkListener {
  onReady(link: Link): void;
  onCapacity(link: Link): void;
  onDraining(link: Link, goAway?: string): void;
  onClosed(link: Link, reason: string, cause: unknown): void;
}

/** Watches whether a service on a connection is fit to be called (gRFC A17). */
export interface HealthCheck {
  /** `onHealth` with undefined: it serves; with a reason: it does not. */
  watch(
    transport: Transport,
    onHealth: (reason: string | undefined) => void,
  ): {
    /** Ends it, without a word more. */
    stop(): void;
  };
}

/** What a subchannel needs of its channel. */
export interface SubchannelHost {
  readonly clock: Clock;
  readonly maxConnections: number;
  readonly healthCheck: HealthCheck | undefined;
  /** Whether somebody waits for a connection. */
  readonly isHeld: boolean;
  /** Starts to connect. `spentMs` of the connect timeout are over. */
  dial(address: Address, listener: LinkListener, spentMs: number): Link;
  onLinkClosed(link: Link): void;
  /** There may be room for calls. */
  onCapacity(): void;
  /** Another connection is being made beside `count` that have all the streams the server allows. */
  onGrowth(address: Address, count: number): void;
}

/**
 * So many connections in a row may be lost without an answer before the next dial has to wait: a server that
 * accepts and then hangs up must not be dialled for every call.
 */
const FORGIVEN_LOSSES = 2;

export class Subchannel implements LinkListener {
  readonly address: Address;
  readonly #host: SubchannelHost;
  readonly #onChange: (subchannel: Subchannel) => void;
  /** Ready for calls, in the order in which they are filled. */
  readonly #links: Link[] = [];
  #pending: Link | undefined;
  #isRetired = false;
  #failures = 0;
  /** Connections in a row that were lost before the server had answered anything on them. */
  #unserved = 0;
  #dialledMs = 0;
  #nextDialMs = 0;
  #failure: Failure | undefined;
  /** The connection whose server's health is watched. */
  #watched: Link | undefined;
  #watch: { stop(): void } | undefined;
  /** undefined while it serves; empty while nothing is known. */
  #unhealthy: string | undefined;

  /** @param onChange the state or the failure has changed */
  constructor(address: Address, host: SubchannelHost, onChange: (subchannel: Subchannel) => void) {
    this.address = address;
    this.#host = host;
    this.#onChange = onChange;
  }

  get state(): SubchannelState {
    if (this.#links.length > 0) {
      if (this.#unhealthy === undefined) return 'ready';
      return this.#unhealthy === '' ? 'connecting' : 'transient_failure';
    }
    if (this.#pending !== undefined) return 'connecting';
    return this.#failures > 0 ? 'transient_failure' : 'idle';
  }

  /** Why it failed last, as long as it is not ready since. */
  get failure(): Failure | undefined {
    const unhealthy = this.#unhealthy;
    if (unhealthy === undefined || unhealthy === '') return this.#failure;
    return { reason: `${addressText(this.address)} is not healthy: ${unhealthy}`, cause: undefined };
  }

  /** When it may be dialled again; for ever where a connection is there that does not serve. */
  get nextDialMs(): number {
    if (this.#links.length > 0) return Infinity;
    return this.#failures > 0 ? this.#nextDialMs : 0;
  }

  /** Whether its address is no longer in use. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** The connection that the next call would get if there is one only; calls may go there without asking again. */
  get only(): Link | undefined {
    return this.state === 'ready' ? this.#links[0] : undefined;
  }

  /** Streams of calls on connections that take new ones. */
  get openStreams(): number {
    let count = 0;
    for (const link of this.#links) count += link.openStreams;
    return count;
  }

  /** Whether an attempt to connect is allowed now. */
  get isDue(): boolean {
    return this.#failures === 0 || this.#host.clock.now() >= this.#nextDialMs;
  }

  /** Dials, unless there is a connection or an attempt. */
  connect(spentMs: number = 0): void {
    if (this.#pending === undefined && this.#links.length === 0 && !this.#isRetired) this.#dial(spentMs);
  }

  /** A connection on which a stream can be opened now. */
  take(): Link | undefined {
    for (const link of this.#links) {
      if (link.canOpen) return link;
      // Its stream ids are used up. (One that is closed tells of it itself, in a moment.)
      if (link.isDraining && !link.isClosed) {
        this.onDraining(link);
        return this.take();
      }
    }
    return undefined;
  }

  /** A call has to wait: makes another connection where that helps and is allowed. */
  grow(): void {
    const count = this.#links.length;
    if (this.#pending !== undefined || count === 0 || count >= this.#host.maxConnections || !this.isDue)
      return;
    if (!this.#links.every((link) => link.isFull)) return;
    this.#host.onGrowth(this.address, count);
    this.#dial(0);
  }

  /** Whether somebody waits for a connection: then it keeps the process alive while it is made. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#pending?.hold();
    else this.#pending?.letGo();
  }

  /** Gives up the attempt to connect: another address was faster. */
  abandon(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    pending.close('another address was connected first');
  }

  /** Closes connections that are not in use. With `all`, the last of them too. */
  closeUnused(wasUsed: (link: Link) => boolean, all: boolean): void {
    const unused = this.#links.filter((link) => link.openStreams === 0 && !wasUsed(link));
    if (!all && unused.length === this.#links.length) unused.shift();
    for (const link of unused) {
      this.#forget(link);
      link.drain();
    }
    if (unused.length > 0) this.#onChange(this);
  }

  /** For ever: no new calls, and running ones go on, unless there is a reason to end them. Nothing more is heard of it. */
  retire(reason: string | undefined): void {
    this.#isRetired = true;
    this.abandon();
    const links = this.#links.splice(0);
    this.#watchHealth();
    for (const link of links) {
      if (reason === undefined) link.drain();
      else link.close(reason);
    }
  }

  // --- from its connections

  onReady(link: Link): void {
    if (link !== this.#pending) return;
    this.#pending = undefined;
    this.#links.push(link);
    if (this.#unserved <= FORGIVEN_LOSSES) this.#failures = 0;
    this.#failure = undefined;
    this.#watchHealth();
    this.#onChange(this);
  }

  onCapacity(link: Link): void {
    if (this.#links.includes(link) && this.#unhealthy === undefined) this.#host.onCapacity();
  }

  onDraining(link: Link, goAway?: string): void {
    if (!this.#forget(link)) return;
    if (goAway !== undefined) this.#countLoss(link, goAway, undefined);
    this.#onChange(this);
  }

  onClosed(link: Link, reason: string, cause: unknown): void {
    const isOurs = this.#forget(link);
    this.#host.onLinkClosed(link);
    if (!isOurs) return;
    this.#countLoss(link, reason, cause);
    this.#onChange(this);
  }

  /** False when it was none of those that take calls, or will. */
  #forget(link: Link): boolean {
    if (link === this.#pending) {
      this.#pending = undefined;
      return true;
    }
    const index = this.#links.indexOf(link);
    if (index < 0) return false;
    this.#links.splice(index, 1);
    this.#watchHealth();
    return true;
  }

  /** Decides whether the next dial may follow at once. */
  #countLoss(link: Link, reason: string, cause: unknown): void {
    this.#failure = { reason, cause };
    if (link.hasServed) this.#unserved = 0;
    else this.#unserved++;
    if (link.wasReady && this.#unserved <= FORGIVEN_LOSSES) {
      // It worked until now: the next call may dial at once.
      this.#failures = 0;
    } else {
      this.#failures++;
      const delayMs = nextDelayMs(DEFAULT_BACKOFF, this.#failures, this.#host.clock.random());
      this.#nextDialMs = this.#dialledMs + delayMs;
    }
  }

  #dial(spentMs: number): void {
    this.#dialledMs = this.#host.clock.now();
    this.#pending = this.#host.dial(this.address, this, spentMs);
    if (!this.#host.isHeld) this.#pending.letGo();
  }

  /** Keeps the watch on the first connection, which stands for the server. */
  #watchHealth(): void {
    const { healthCheck } = this.#host;
    const [link] = this.#links;
    if (healthCheck === undefined || link === this.#watched) return;
    this.#watch?.stop();
    this.#watch = undefined;
    this.#watched = link;
    this.#unhealthy = link === undefined ? undefined : '';
    if (link === undefined) return;
    this.#watch = healthCheck.watch(backgroundTransport(link), (reason) => {
      if (this.#watched !== link || this.#unhealthy === reason) return;
      this.#unhealthy = reason;
      this.#onChange(this);
    });
  }
}
