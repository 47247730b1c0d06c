// Receive windows: what the peer may send, and when it gets credit for more (RFC 9113 §5.2, §6.9).
//
// The connection's credit returns on arrival, whatever readers do, so that one stalled stream never stalls
// another. A stream's returns for octets of an incomplete message when its reader says so (`credit`) and for
// all others when they are taken. Together, unread octets are bounded: above the limit no stream gets credit
// but to finish its present message. Padding is nobody's to read and is credited at once.
//
// A stream's window grows while its reader keeps up, to what bandwidth-estimate.ts makes of the connection.

import { BandwidthEstimate } from './bandwidth-estimate.ts';
import { ConnectionFault, FLOW_CONTROL_ERROR } from './error-code.ts';
import { DEFAULT_WINDOW_OCTETS } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Stream } from './stream.ts';

/** A stream's reader keeps up when no more than this part of its window waits to be read. */
const KEPT_UP_PART = 8;

/** The content of the PING that measures, 'window': its answer is for nobody else. */
const MEASURING_PING = 0x7769_6e64_6f77n;

export interface ReceiveLimits {
  readonly connectionWindowOctets: number;
  readonly initialWindowOctets: number;
  readonly maxWindowOctets: number;
  readonly maxBufferedOctets: number;
}

export class ReceiveFlow {
  /** Octets that arrived and were not taken, over all streams, ended ones included. */
  bufferedOctets = 0;
  readonly #writer: FrameWriter;
  readonly #limits: ReceiveLimits;
  readonly #connectionTarget: number;
  #connectionWindow: number;
  #connectionPending = 0;
  /** Streams with credit kept back until less is buffered. */
  readonly #withheld = new Set<Stream>();
  readonly #estimate: BandwidthEstimate;
  /** The stream that is being measured. */
  #measured: Stream | undefined;
  /** DATA arrived since the last answer: a PING on a connection where nothing happens is an abuse to some servers. */
  #hasData = false;
  /** By how much the windows of open streams are larger than they were at first. */
  #grownOctets = 0;
  /** The time of the frames at hand. */
  nowMs = 0;

  constructor(writer: FrameWriter, limits: ReceiveLimits) {
    this.#writer = writer;
    this.#limits = limits;
    // The connection's window cannot be made smaller than it starts (§6.9.2).
    this.#connectionTarget = Math.max(limits.connectionWindowOctets, DEFAULT_WINDOW_OCTETS);
    this.#connectionWindow = this.#connectionTarget;
    this.#estimate = new BandwidthEstimate(limits.initialWindowOctets, limits.maxWindowOctets);
  }

  /** Opens the connection's window to its size; follows our SETTINGS. */
  begin(): void {
    const increment = this.#connectionTarget - DEFAULT_WINDOW_OCTETS;
    if (increment > 0) this.#writer.windowUpdate(0, increment);
  }

  /** What the peer may send at this moment on the connection; whole again when credit was all returned. */
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

  /** The same frame on its stream; false when it exceeds the stream's window. */
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

  credit(stream: Stream, octets: number): void {
    const granted = Math.min(octets, stream.uncredited);
    stream.uncredited -= granted;
    this.#grant(stream, granted);
  }

  taken(stream: Stream, octets: number): void {
    const taken = Math.min(octets, stream.unread);
    stream.unread -= taken;
    this.bufferedOctets -= taken;
    // What was credited while its message was incomplete is not credited again.
    if (stream.uncredited > stream.unread) {
      const granted = stream.uncredited - stream.unread;
      stream.uncredited = stream.unread;
      if (this.bufferedOctets > this.#limits.maxBufferedOctets) {
        stream.withheldCredit += granted;
        this.#withheld.add(stream);
      } else {
        this.#grant(stream, granted);
      }
    }
    if (this.#withheld.size > 0 && this.bufferedOctets <= this.#limits.maxBufferedOctets)
      this.#releaseWithheld();
  }

  /** The stream was reset: nobody will read what waits. */
  drop(stream: Stream): void {
    this.#withheld.delete(stream);
    this.taken(stream, stream.unread);
  }

  /** The stream ended: it needs no credit any more. */
  ended(stream: Stream): void {
    if (this.#withheld.size > 0) this.#withheld.delete(stream);
    this.#grownOctets -= stream.grownOctets;
    stream.grownOctets = 0;
  }

  /** The answer to a PING; whether it was one of ours here. */
  pingAnswered(opaque: bigint): boolean {
    const stream = this.#measured;
    if (opaque !== MEASURING_PING || stream === undefined) return false;
    this.#measured = undefined;
    this.#hasData = false;
    if (this.#estimate.end(stream.bodyOctets, this.nowMs) && this.#isWidening(stream)) this.#tell(stream);
    return true;
  }

  #releaseWithheld(): void {
    for (const stream of this.#withheld) {
      const { withheldCredit } = stream;
      stream.withheldCredit = 0;
      this.#grant(stream, withheldCredit);
    }
    this.#withheld.clear();
  }

  /** Gathers credit until it is half a window: the peer never waits for less than the other half. */
  #grant(stream: Stream, octets: number): void {
    stream.pendingCredit += octets;
    // Credit kept back is lost to the window for now: half of the rest must do, or a message may never end.
    const reachable = stream.windowTarget - stream.withheldCredit;
    if (stream.pendingCredit * 2 < reachable || stream.pendingCredit === 0) return;
    if (stream.remoteEnded || !stream.isOpen) return;
    this.#tell(stream);
    // Half a window came and its reader kept up, so the window may be what limits it.
    if (this.#hasData && this.#estimate.isDue(this.nowMs) && hasKeptUp(stream)) {
      this.#measured = stream;
      this.#estimate.begin(stream.bodyOctets, this.nowMs);
      this.#writer.ping(MEASURING_PING);
    }
  }

  #isWidening(stream: Stream): boolean {
    return stream.isOpen && !stream.remoteEnded && hasKeptUp(stream);
  }

  /** Tells the peer of a stream's credit, and of more where its window may grow. */
  #tell(stream: Stream): void {
    let increment = stream.pendingCredit;
    const wanted = this.#estimate.windowOctets - stream.windowTarget;
    if (wanted > 0 && hasKeptUp(stream)) {
      // All windows that grew may be filled and never read.
      const room = this.#limits.maxBufferedOctets - this.bufferedOctets - this.#grownOctets;
      const growth = Math.max(0, Math.min(wanted, room));
      stream.windowTarget += growth;
      stream.grownOctets += growth;
      this.#grownOctets += growth;
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
