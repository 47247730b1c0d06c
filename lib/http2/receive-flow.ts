// How much the peer may send (RFC 9113 §5.2, §6.9).
//
// The connection's credit returns on arrival, whatever readers do, so that one stalled stream never stalls
// another. A stream's credit returns when its octets are taken, so its unread octets and its window together never
// exceed its initial window. Two things go beyond that, and share one budget, maxBufferedOctets: the growth of windows,
// and credit for the octets of an incomplete message. That credit must return before they are taken, or a message larger
// than the window would never be complete; it is lent until they are taken. When the budget is used up, streams queue
// for loans. One stream at a time whose reader is waiting is favoured: it gets what it asks for until it has its
// message. So one stream can always go on, and no more is held than the budget, an initial window for each
// stream, and the rest of one message. Padding is never read, so it is credited at once.
//
// While its reader keeps up, a stream's window grows to the size that bandwidth-estimate.ts recommends.

import { BandwidthEstimate } from './bandwidth-estimate.ts';
import { ConnectionFault, FLOW_CONTROL_ERROR } from './error-code.ts';
import { DEFAULT_WINDOW_OCTETS } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Stream } from './stream.ts';

/** A stream's reader keeps up while no more than an eighth of its window is waiting to be read. */
const KEPT_UP_PART = 8;

/** The content of the PING that measures, 'window', which tells its answer from those to other PINGs. */
const MEASURING_PING = 0x7769_6e64_6f77n;

export interface ReceiveLimits {
  readonly connectionWindowOctets: number;
  readonly initialWindowOctets: number;
  readonly maxWindowOctets: number;
  readonly maxBufferedOctets: number;
}

export class ReceiveFlow {
  /** Octets that arrived and have not been taken, over all streams, including ended ones. */
  bufferedOctets = 0;
  readonly #writer: FrameWriter;
  readonly #limits: ReceiveLimits;
  readonly #connectionTarget: number;
  #connectionWindow: number;
  #connectionPending = 0;
  /** Streams that are waiting for a loan: those whose reader is waiting for the message, and the others. */
  readonly #awaited = new Set<Stream>();
  readonly #unawaited = new Set<Stream>();
  /** The stream that gets loans beyond the budget. */
  #favoured: Stream | undefined;
  /** How much of the budget is used: loans, growth, and unread octets of ended streams beyond their initial window. */
  #budgetUsed = 0;
  readonly #estimate: BandwidthEstimate;
  /** The stream that is being measured. */
  #measured: Stream | undefined;
  /** Whether DATA arrived since the last answer: some servers treat a PING on an idle connection as abuse. */
  #hasData = false;
  /** How much the windows of open streams have grown, in all. */
  #grownOctets = 0;
  /** The time of the current frames. */
  nowMs = 0;

  constructor(writer: FrameWriter, limits: ReceiveLimits) {
    this.#writer = writer;
    this.#limits = limits;
    // The connection's window cannot be made smaller than it starts (§6.9.2).
    this.#connectionTarget = Math.max(limits.connectionWindowOctets, DEFAULT_WINDOW_OCTETS);
    this.#connectionWindow = this.#connectionTarget;
    this.#estimate = new BandwidthEstimate(limits.initialWindowOctets, limits.maxWindowOctets);
  }

  /** Opens the connection's window to its full size, right after our SETTINGS. */
  begin(): void {
    const increment = this.#connectionTarget - DEFAULT_WINDOW_OCTETS;
    if (increment > 0) this.#writer.windowUpdate(0, increment);
  }

  /** What the peer may send on the connection once all pending credit is returned. */
  get connectionWindow(): number {
    return this.#connectionWindow + this.#connectionPending;
  }

  /** A DATA frame of this many octets, padding included, on whatever stream. */
  connectionReceived(octets: number): void {
    this.#connectionWindow -= octets;
    if (this.#connectionWindow < 0) {
      throw new ConnectionFault(FLOW_CONTROL_ERROR, 'DATA exceeds the window of the connection');
    }
    this.#connectionPending += octets;
    if (this.#connectionPending * 2 >= this.#connectionTarget) {
      this.#writer.windowUpdate(0, this.#connectionPending);
      this.#connectionWindow += this.#connectionPending;
      this.#connectionPending = 0;
    }
  }

  /** The same frame, on its stream; false when it exceeds the stream's window. */
  received(stream: Stream, frameOctets: number, dataOctets: number): boolean {
    stream.receiveWindow -= frameOctets;
    if (stream.receiveWindow < 0) return false;
    this.#hasData = true;
    stream.unread += dataOctets;
    stream.uncredited += dataOctets;
    this.bufferedOctets += dataOctets;
    if (frameOctets > dataOctets) this.#grant(stream, frameOctets - dataOctets);
    return true;
  }

  /** Asks for credit for octets of an incomplete message; `isAwaited`: its reader is waiting for it. */
  credit(stream: Stream, octets: number, isAwaited: boolean): void {
    stream.wantedLoan = Math.min(stream.uncredited, stream.wantedLoan + octets);
    const wasFavoured = this.#favoured === stream;
    if (stream.isAwaited !== isAwaited) {
      stream.isAwaited = isAwaited;
      this.#leave(stream);
    }
    if (stream.wantedLoan > 0) this.#ask(stream);
    if (wasFavoured && this.#favoured === undefined) this.#lend();
  }

  taken(stream: Stream, octets: number): void {
    const taken = Math.min(octets, stream.unread);
    const repaid = Math.min(taken, stream.unread - stream.uncredited);
    stream.unread -= taken;
    this.bufferedOctets -= taken;
    this.#budgetUsed -= repaid;
    // What was lent is not credited again.
    const granted = stream.uncredited - stream.unread;
    if (granted > 0) {
      stream.uncredited = stream.unread;
      this.#grant(stream, granted);
    }
    if (this.#awaited.size > 0 || this.#unawaited.size > 0 || this.#favoured !== undefined) {
      // Its reader has a message; if it waits for the next, it will say so.
      stream.isAwaited = false;
      stream.wantedLoan = Math.min(stream.uncredited, stream.wantedLoan);
      this.#leave(stream);
      if (stream.wantedLoan > 0) this.#unawaited.add(stream);
      this.#lend();
    }
  }

  /** The stream was reset: nobody will read what is left. */
  drop(stream: Stream): void {
    stream.wantedLoan = 0;
    this.taken(stream, stream.unread);
  }

  /** The stream ended and needs no more credit. */
  ended(stream: Stream): void {
    stream.wantedLoan = 0;
    const { grownOctets, unread } = stream;
    if (grownOctets > 0) {
      stream.grownOctets = 0;
      this.#grownOctets -= grownOctets;
      this.#budgetUsed -= grownOctets;
    }
    if (unread > 0) {
      // Nothing more can come: from now on only what is held beyond an initial window counts.
      const lent = unread - stream.uncredited;
      stream.uncredited = Math.min(unread, this.#limits.initialWindowOctets);
      this.#budgetUsed += unread - stream.uncredited - lent;
    }
    if (this.#awaited.size > 0 || this.#unawaited.size > 0 || this.#favoured !== undefined) {
      this.#leave(stream);
      this.#lend();
    }
  }

  /** Takes the answer to a PING; false when it is not an answer to a PING sent here. */
  pingAnswered(opaque: bigint): boolean {
    const stream = this.#measured;
    if (opaque !== MEASURING_PING || stream === undefined) return false;
    this.#measured = undefined;
    this.#hasData = false;
    if (this.#estimate.end(stream.bodyOctets, this.nowMs) && this.#isWidening(stream)) this.#tell(stream);
    return true;
  }

  /** Takes a stream out of the queues and no longer favours it. */
  #leave(stream: Stream): void {
    this.#awaited.delete(stream);
    this.#unawaited.delete(stream);
    if (this.#favoured === stream) this.#favoured = undefined;
  }

  /** Lends what the stream wants, or puts the stream in its queue. */
  #ask(stream: Stream): void {
    if (this.#mayLend(stream)) {
      this.#awaited.delete(stream);
      this.#unawaited.delete(stream);
      const { wantedLoan } = stream;
      stream.wantedLoan = 0;
      stream.uncredited -= wantedLoan;
      this.#budgetUsed += wantedLoan;
      this.#grant(stream, wantedLoan);
    } else (stream.isAwaited ? this.#awaited : this.#unawaited).add(stream);
  }

  #mayLend(stream: Stream): boolean {
    // To a stream that has ended nothing is really lent, since no more can come; the favoured one gets all it asks for.
    if (stream.remoteEnded || this.#favoured === stream) return true;
    if (this.#budgetUsed + stream.wantedLoan <= this.#limits.maxBufferedOctets) return true;
    if (!stream.isAwaited || this.#favoured !== undefined) return false;
    this.#favoured = stream;
    return true;
  }

  /** Lends what there is to the streams in the queues, first to those whose reader is waiting. */
  #lend(): void {
    for (const stream of this.#awaited) {
      if (!this.#mayLend(stream)) return;
      this.#ask(stream);
    }
    for (const stream of this.#unawaited) {
      if (!this.#mayLend(stream)) return;
      this.#ask(stream);
    }
  }

  /** Gathers credit until it is half a window: meanwhile the peer still has the other half. */
  #grant(stream: Stream, octets: number): void {
    stream.pendingCredit += octets;
    // A loan that has not been given is missing from the window for now: half of the rest must do, or a message might
    // never be complete.
    const reachable = stream.windowTarget - stream.wantedLoan;
    if (stream.pendingCredit * 2 < reachable || stream.pendingCredit === 0) return;
    if (stream.remoteEnded || !stream.isOpen) return;
    this.#tell(stream);
    // Half a window came and its reader kept up, so the window may be what limits the stream.
    if (this.#hasData && this.#estimate.isDue(this.nowMs) && hasKeptUp(stream)) {
      this.#measured = stream;
      this.#estimate.begin(stream.bodyOctets, this.nowMs);
      this.#writer.ping(MEASURING_PING);
    }
  }

  #isWidening(stream: Stream): boolean {
    return stream.isOpen && !stream.remoteEnded && hasKeptUp(stream);
  }

  /** Sends the peer a stream's credit, and more where its window may grow. */
  #tell(stream: Stream): void {
    let increment = stream.pendingCredit;
    const wanted = this.#estimate.windowOctets - stream.windowTarget;
    if (wanted > 0 && hasKeptUp(stream)) {
      // Every grown window may be filled and never read, so growth counts; half of the budget is kept for loans.
      const { maxBufferedOctets } = this.#limits;
      const room = Math.min(maxBufferedOctets - this.#budgetUsed, maxBufferedOctets / 2 - this.#grownOctets);
      const growth = Math.max(0, Math.min(wanted, Math.floor(room)));
      stream.windowTarget += growth;
      stream.grownOctets += growth;
      this.#grownOctets += growth;
      this.#budgetUsed += growth;
      increment += growth;
    }
    if (increment === 0) return;
    stream.pendingCredit = 0;
    stream.receiveWindow += increment;
    this.#writer.windowUpdate(stream.id, increment);
  }
}

function hasKeptUp(stream: Stream): boolean {
  return stream.uncredited * KEPT_UP_PART <= stream.windowTarget;
}
