// One connection of a server of a world: HTTP/2 in the server's role, by hand, with what servers in the field do: GOAWAY
// in one step or two, limits that change, streams refused, PINGs unanswered. What a call is answered is the exchange's.

import { HeaderDecoder } from '../../../lib/http2/hpack/decoder.ts';
import type { EventLoop, Task } from './event-loop.ts';
import { Exchange, type ExchangeHost } from './exchange.ts';
import type { VirtualSocket } from './socket.ts';
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FRAME,
  type Frame,
  FrameFeed,
  frame,
  headerBlock,
  number32,
  settings,
  unpadded,
} from './wire.ts';

const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const ALL_STREAMS = 0x7fffffff;
const DEFAULT_WINDOW = 65_535;
const REFUSED_STREAM = 7;
/** How long a connection that is done waits for the client to close. */
const LINGER_MS = 60_000;
const MAX_FRAME_OCTETS = 16_384;

export interface ServerHost extends ExchangeHost {
  readonly maxStreams: number | undefined;
  readonly requestsPerConnection: number | undefined;
  readonly graceMs: number;
  /** The client did what HTTP/2 forbids. */
  onBreach(what: string): void;
  onDraining(connection: ServerConnection): void;
  onClosed(connection: ServerConnection): void;
}

interface Outgoing {
  window: number;
  waiting: Buffer[];
  trailers: Buffer | undefined;
}

export class ServerConnection {
  readonly isTls: boolean;
  readonly number: number;
  /** Whether a stream was answered. */
  hasServed = false;
  isClosed = false;
  readonly socket: VirtualSocket;
  readonly #loop: EventLoop;
  readonly #host: ServerHost;
  readonly #feed = new FrameFeed();
  readonly #decoder = new HeaderDecoder(4096, 1 << 20);
  readonly exchanges = new Map<number, Exchange>();
  readonly #outgoing = new Map<number, Outgoing>();
  #window = DEFAULT_WINDOW;
  #initialWindow = DEFAULT_WINDOW;
  #received = DEFAULT_WINDOW;
  #lastId = 0;
  /** Streams above it are not looked at. */
  #lastTaken = ALL_STREAMS;
  #goAway: 'none' | 'announced' | 'final' = 'none';
  /** Limits as they were told, until the client has acknowledged them. */
  #limits: (number | undefined)[] = [];
  #limit: number | undefined;
  #block: { id: number; flags: number; parts: Buffer[] } | undefined;
  #isFrozen: boolean;
  #isGreeted = false;
  #held: Uint8Array[] = [];
  #end: Task | undefined;
  requests = 0;

  constructor(
    loop: EventLoop,
    socket: VirtualSocket,
    host: ServerHost,
    number: number,
    isTls: boolean,
    isFrozen: boolean,
  ) {
    this.#loop = loop;
    this.socket = socket;
    this.#host = host;
    this.number = number;
    this.isTls = isTls;
    socket.use({
      onRead: (octets) => this.#onRead(octets),
      onDrain() {},
      onEnd: () => this.close(),
      onClose: () => this.#onClose(),
    });
    this.#isFrozen = isFrozen;
    if (!isFrozen) this.#greet();
  }

  #greet(): void {
    this.#isGreeted = true;
    this.#limits.push(this.#host.maxStreams);
    const { maxStreams } = this.#host;
    this.#write(settings(maxStreams === undefined ? [] : [[MAX_CONCURRENT_STREAMS, maxStreams]]));
    this.#host.onGreeted(this);
  }

  /** The process stands still, or goes on. */
  freeze(isFrozen: boolean): void {
    const wasFrozen = this.#isFrozen;
    this.#isFrozen = isFrozen;
    if (!wasFrozen || isFrozen || this.isClosed) return;
    if (!this.#isGreeted) this.#greet();
    for (const octets of this.#held.splice(0)) this.#onRead(octets);
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  // --- what a server does by itself

  changeLimit(maxStreams: number): void {
    if (this.isClosed || this.#isFrozen) return;
    this.#limits.push(maxStreams);
    this.#write(settings([[MAX_CONCURRENT_STREAMS, maxStreams]]));
  }

  /** GOAWAY as grpc-go sends it, first without a limit, or as nginx does, with the last stream at once. */
  drain(style: 'two-step' | 'one-step'): void {
    if (this.isClosed || this.#goAway !== 'none') return;
    this.#host.onDraining(this);
    if (style === 'one-step') {
      this.#goAwayFinally();
      return;
    }
    this.#goAway = 'announced';
    this.#write(frame(FRAME.GOAWAY, 0, 0, number32(ALL_STREAMS, 0)));
    this.#write(frame(FRAME.PING, 0, 0, Buffer.from('goodbye!')));
    this.#later(5000, () => this.#goAwayFinally());
  }

  /** Closes both ways, behind what was written. */
  close(): void {
    if (this.isClosed) return;
    this.socket.destroySoon();
    this.#onClose();
  }

  /** As a process that is killed: its kernel closes, or a firewall resets. */
  kill(isReset: boolean): void {
    if (this.isClosed) return;
    if (isReset) this.socket.abort();
    else this.socket.destroy();
    this.#onClose();
  }

  halfClose(): void {
    this.socket.end();
    this.socket.pause(true);
  }

  #goAwayFinally(): void {
    if (this.isClosed || this.#goAway === 'final') return;
    this.#goAway = 'final';
    this.#lastTaken = this.#lastId;
    this.#write(frame(FRAME.GOAWAY, 0, 0, number32(this.#lastId, 0)));
    this.#end = this.#later(this.#host.graceMs, () => this.close());
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#goAway !== 'final' || this.exchanges.size > 0 || this.#outgoing.size > 0) return;
    // A socket that is closed while the client still sends is reset, and what is on its way is lost: so it lingers until
    // the client closes, too.
    this.socket.end();
    this.#later(LINGER_MS, () => this.close());
  }

  #later(ms: number, run: () => void): Task {
    return this.#loop.world.timerAt(this.#loop.nowMs + ms, () => {
      if (!this.isClosed) run();
    });
  }

  #onClose(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.#end !== undefined) this.#end.run = undefined;
    for (const exchange of [...this.exchanges.values()]) exchange.onLost();
    this.exchanges.clear();
    this.#outgoing.clear();
    this.#host.onClosed(this);
  }

  #write(octets: Uint8Array): void {
    if (!this.isClosed) this.socket.write(octets);
  }

  // --- what comes

  #onRead(octets: Uint8Array): void {
    if (this.isClosed) return;
    if (this.#isFrozen) {
      this.#held.push(octets);
      return;
    }
    for (const one of this.#feed.take(octets)) if (!this.isClosed) this.#onFrame(one);
  }

  #onFrame(one: Frame): void {
    const { type, flags, id, payload } = one;
    switch (type) {
      case FRAME.HEADERS:
      case FRAME.CONTINUATION:
        this.#onHeaders(one);
        return;
      case FRAME.DATA:
        this.#onData(one);
        return;
      case FRAME.RST_STREAM:
        this.exchanges.get(id)?.onReset();
        this.forget(id);
        return;
      case FRAME.SETTINGS:
        this.#onSettings(flags, payload);
        return;
      case FRAME.PING:
        if ((flags & ACK) !== 0) {
          if (this.#goAway === 'announced') this.#goAwayFinally();
        } else this.#write(frame(FRAME.PING, ACK, 0, payload));
        return;
      case FRAME.WINDOW_UPDATE: {
        const octets = payload.readUInt32BE(0);
        if (id === 0) this.#window += octets;
        else {
          const out = this.#outgoing.get(id);
          if (out !== undefined) out.window += octets;
        }
        this.#pump();
        return;
      }
      default:
    }
  }

  #onSettings(flags: number, payload: Buffer): void {
    if ((flags & ACK) !== 0) {
      this.#limit = this.#limits.shift();
      return;
    }
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== INITIAL_WINDOW_SIZE) continue;
      const size = payload.readUInt32BE(at + 2);
      for (const out of this.#outgoing.values()) out.window += size - this.#initialWindow;
      this.#initialWindow = size;
    }
    this.#write(frame(FRAME.SETTINGS, ACK, 0));
    this.#pump();
  }

  #onHeaders(one: Frame): void {
    if (one.type === FRAME.HEADERS) this.#block = { id: one.id, flags: one.flags, parts: [unpadded(one)] };
    else this.#block?.parts.push(one.payload);
    const block = this.#block;
    if (block === undefined || (one.flags & END_HEADERS) === 0) return;
    this.#block = undefined;
    const octets = Buffer.concat(block.parts);
    const fields = this.#decoder.decode(octets, 0, octets.length);
    const { id } = block;
    if (this.exchanges.has(id)) {
      this.#host.onBreach(`a second header block on stream ${id}`);
      return;
    }
    if (id <= this.#lastId || id % 2 === 0) {
      this.#host.onBreach(`stream ${id} after stream ${this.#lastId}`);
      return;
    }
    this.#lastId = id;
    const isEnded = (block.flags & END_STREAM) !== 0;
    if (id > this.#lastTaken) return;
    if (this.#limit !== undefined && this.exchanges.size >= this.#limit) {
      // It had heard of the limit when it opened this, unless one is on its way.
      if (this.#limits.length === 0) this.#host.onBreach(`more streams than ${this.#limit}`);
      this.reset(id, REFUSED_STREAM);
      return;
    }
    const { requestsPerConnection } = this.#host;
    const exchange = new Exchange(this.#loop, this, id, fields, this.#host);
    if (!exchange.isHealth) this.requests++;
    this.exchanges.set(id, exchange);
    this.#outgoing.set(id, { window: this.#initialWindow, waiting: [], trailers: undefined });
    exchange.begin();
    if (isEnded) exchange.onRequestEnd();
    if (requestsPerConnection !== undefined && this.requests >= requestsPerConnection) this.drain('one-step');
  }

  #onData(one: Frame): void {
    this.#received -= one.payload.length;
    if (this.#received < 0) this.#host.onBreach('more DATA than the connection window allows');
    const exchange = this.exchanges.get(one.id);
    const octets = unpadded(one);
    this.#creditConnection(one.payload.length);
    if (exchange === undefined) return;
    exchange.onData(octets);
    if ((one.flags & END_STREAM) !== 0) exchange.onRequestEnd();
  }

  #creditConnection(octets: number): void {
    if (octets === 0) return;
    this.#received += octets;
    this.#write(frame(FRAME.WINDOW_UPDATE, 0, 0, number32(octets)));
  }

  // --- what an exchange asks for

  credit(id: number, octets: number): void {
    if (octets > 0 && this.exchanges.has(id))
      this.#write(frame(FRAME.WINDOW_UPDATE, 0, id, number32(octets)));
  }

  headers(id: number, fields: readonly string[], isEnd: boolean): void {
    this.#write(frame(FRAME.HEADERS, END_HEADERS | (isEnd ? END_STREAM : 0), id, headerBlock(fields)));
    if (isEnd) this.forget(id);
  }

  data(id: number, octets: Buffer): void {
    this.#outgoing.get(id)?.waiting.push(octets);
    this.#pump();
  }

  trailers(id: number, fields: readonly string[]): void {
    const out = this.#outgoing.get(id);
    if (out === undefined) return;
    out.trailers = headerBlock(fields);
    this.#pump();
  }

  reset(id: number, code: number): void {
    this.#write(frame(FRAME.RST_STREAM, 0, id, number32(code)));
    this.forget(id);
  }

  /** A stream is over. */
  forget(id: number): void {
    this.#outgoing.delete(id);
    if (this.exchanges.delete(id)) this.#closeWhenDone();
  }

  /** Writes what the windows allow. */
  #pump(): void {
    for (const [id, out] of this.#outgoing) {
      while (out.waiting.length > 0 && this.#window > 0 && out.window > 0) {
        const [first] = out.waiting;
        const length = Math.min(first.length, this.#window, out.window, MAX_FRAME_OCTETS);
        this.#write(frame(FRAME.DATA, 0, id, first.subarray(0, length)));
        this.#window -= length;
        out.window -= length;
        if (length === first.length) out.waiting.shift();
        else out.waiting[0] = first.subarray(length);
      }
      if (out.waiting.length > 0 || out.trailers === undefined) continue;
      this.#write(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, id, out.trailers));
      this.exchanges.get(id)?.onAnswered();
      this.forget(id);
    }
  }
}
