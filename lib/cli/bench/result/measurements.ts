// Collects what happened to the calls of a load: totals, latencies and intervals. It makes no calls and prints nothing.
// What was collected can be taken out as data and added to other measurements: of a part of a load to those of the whole.

import { type HistogramDocument, LatencyHistogram } from './latency-histogram.ts';
import { PackedHistogram } from './packed-histogram.ts';

/** One interval of the run. */
export interface Interval {
  /** Seconds since the measured part began, at the interval's start. */
  readonly startS: number;
  readonly begun: number;
  readonly ok: number;
  readonly failed: number;
  readonly latency: LatencyHistogram;
}

interface CountedInterval {
  begun: number;
  ok: number;
  failed: number;
  readonly latency: PackedHistogram;
}

/** What to call a failure: `UNAVAILABLE` and its text. */
export type NameFailure = (error: unknown) => {
  readonly name: string;
  readonly details: string;
  /** Of a gRPC status. */
  readonly code?: number;
};

/** How calls ended with one status. */
export interface StatusCount {
  /** `OK`, `UNAVAILABLE`, …; or the name of an error other than a status. */
  readonly name: string;
  /** Of a gRPC status. */
  readonly code?: number;
  count: number;
  /** The first text that came with it. */
  readonly sample: string;
}

/** Measurements as data, to be written, sent and added to others. */
export interface MeasurementsDocument {
  readonly begun: number;
  readonly dropped: number;
  readonly messages: { readonly sent: number; readonly received: number };
  /** Octets of messages, before compression. */
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly latency: HistogramDocument;
  readonly failedLatency: HistogramDocument;
  readonly messageGap: HistogramDocument;
  readonly lateness: HistogramDocument;
  readonly statuses: readonly Readonly<StatusCount>[];
  readonly intervalMs: number;
  /** Those in which something happened. */
  readonly intervals: readonly IntervalDocument[];
}

interface IntervalDocument {
  /** How many intervals lie between the begin and it. */
  readonly index: number;
  readonly begun: number;
  readonly ok: number;
  readonly failed: number;
  /** Of the calls that ended with OK in it. */
  readonly latency: HistogramDocument;
}

/** How long an interval is at first; joined in pairs, they last a power of two times as long. */
export const INTERVAL_MS = 250;

/** So many intervals are kept: when a run outlasts them, they are joined in pairs and last twice as long. */
export const MAX_INTERVALS = 600;

/** Kinds of errors told apart; more are counted together. */
const MAX_KINDS = 100;

export class Measurements {
  /** Of calls that ended with OK. */
  readonly latency: LatencyHistogram = new LatencyHistogram();
  /** Of those that failed. */
  readonly failedLatency: LatencyHistogram = new LatencyHistogram();
  /** Of each reply of a stream after the one before it (or the call's begin). */
  readonly messageGap: LatencyHistogram = new LatencyHistogram();
  /** How much later than planned calls of an open loop began. */
  readonly lateness: LatencyHistogram = new LatencyHistogram();
  readonly statuses: Map<string, StatusCount> = new Map();
  begun = 0;
  /** Calls of an open loop that were not made, because too many were running. */
  dropped = 0;
  requestMessages = 0;
  replyMessages = 0;
  requestBytes = 0;
  replyBytes = 0;
  inFlight = 0;
  /** By index; only those in which something happened. */
  #intervals = new Map<number, CountedInterval>();
  /** The interval of the calls before, and so most likely of the next; and latencies of it that are not in it yet. */
  #current: CountedInterval | undefined;
  readonly #recent = new LatencyHistogram();
  #currentIndex = 0;
  readonly #startMs: number;
  #intervalMs: number;

  /** @param startMs when the measured part begins, by the clock that all other times are of */
  constructor(startMs: number, intervalMs: number = INTERVAL_MS) {
    this.#startMs = startMs;
    this.#intervalMs = intervalMs;
  }

  onBegin(nowMs: number): void {
    this.begun++;
    this.inFlight++;
    this.#intervalAt(nowMs).begun++;
  }

  onOk(latencyMs: number, nowMs: number): void {
    this.inFlight--;
    this.latency.record(latencyMs);
    this.#intervalAt(nowMs).ok++;
    this.#recent.record(latencyMs);
    const status = this.statuses.get('OK');
    if (status === undefined) this.statuses.set('OK', { name: 'OK', count: 1, sample: '' });
    else status.count++;
  }

  onFailure(failure: ReturnType<NameFailure>, latencyMs: number, nowMs: number): void {
    this.inFlight--;
    this.failedLatency.record(latencyMs);
    this.#intervalAt(nowMs).failed++;
    const { details, ...kind } = failure;
    this.#count({ ...kind, count: 1, sample: details });
  }

  /** How long an interval lasts, in milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** All intervals from the begin to the last in which something happened. */
  get intervals(): Interval[] {
    this.#settle();
    const length = Math.max(-1, ...this.#intervals.keys()) + 1;
    return Array.from({ length }, (_, index) => {
      const { latency, ...counts } = this.#intervals.get(index) ?? emptyInterval();
      return { startS: (index * this.#intervalMs) / 1000, ...counts, latency: latency.toHistogram() };
    });
  }

  /** What was collected since the last time, which is not collected any more; calls in flight go on. */
  takeDocument(): MeasurementsDocument {
    const document = this.toDocument();
    for (const histogram of [this.latency, this.failedLatency, this.messageGap, this.lateness])
      histogram.clear();
    this.statuses.clear();
    this.#intervals.clear();
    this.#current = undefined;
    this.begun = 0;
    this.dropped = 0;
    this.requestMessages = 0;
    this.replyMessages = 0;
    this.requestBytes = 0;
    this.replyBytes = 0;
    return document;
  }

  /** All that was collected. */
  toDocument(): MeasurementsDocument {
    this.#settle();
    return {
      begun: this.begun,
      dropped: this.dropped,
      messages: { sent: this.requestMessages, received: this.replyMessages },
      bytes: { sent: this.requestBytes, received: this.replyBytes },
      latency: this.latency.toDocument(),
      failedLatency: this.failedLatency.toDocument(),
      messageGap: this.messageGap.toDocument(),
      lateness: this.lateness.toDocument(),
      statuses: [...this.statuses.values()],
      intervalMs: this.#intervalMs,
      intervals: [...this.#intervals]
        .sort(([one], [other]) => one - other)
        .map(([index, { latency, ...counts }]) => ({ index, ...counts, latency: latency.toDocument() })),
    };
  }

  /** Adds what others collected; their times count from their own begin as these do from theirs. */
  addDocument(document: MeasurementsDocument): void {
    this.begun += document.begun;
    this.dropped += document.dropped;
    this.requestMessages += document.messages.sent;
    this.replyMessages += document.messages.received;
    this.requestBytes += document.bytes.sent;
    this.replyBytes += document.bytes.received;
    this.inFlight += document.begun - document.latency.count - document.failedLatency.count;
    this.latency.addDocument(document.latency);
    this.failedLatency.addDocument(document.failedLatency);
    this.messageGap.addDocument(document.messageGap);
    this.lateness.addDocument(document.lateness);
    for (const status of document.statuses) this.#count(status);
    while (this.#intervalMs < document.intervalMs) this.#joinPairs();
    for (const { index, begun, ok, failed, latency } of document.intervals) {
      const own = this.#interval(index, document.intervalMs);
      own.begun += begun;
      own.ok += ok;
      own.failed += failed;
      own.latency.add(latency);
    }
  }

  /** Counts calls that ended otherwise than well, or any of a document. */
  #count(status: Readonly<StatusCount>): void {
    const isKnown = this.statuses.has(status.name) || this.statuses.size < MAX_KINDS;
    const { code, name, ...rest } = status;
    const kind = isKnown ? { name, ...(code === undefined ? {} : { code }) } : { name: 'others' };
    const counted = this.statuses.get(kind.name);
    if (counted === undefined) this.statuses.set(kind.name, { ...kind, ...rest });
    else counted.count += status.count;
  }

  #intervalAt(nowMs: number): CountedInterval {
    const index = Math.max(0, Math.floor((nowMs - this.#startMs) / this.#intervalMs));
    if (index !== this.#currentIndex || this.#current === undefined) {
      this.#settle();
      this.#current = this.#interval(index, this.#intervalMs);
      this.#currentIndex = Math.floor((nowMs - this.#startMs) / this.#intervalMs);
    }
    return this.#current;
  }

  /** The interval that holds the `index`-th of a length, which is at most the own. */
  #interval(index: number, lengthMs: number): CountedInterval {
    let at = Math.floor((index * lengthMs) / this.#intervalMs);
    while (at >= MAX_INTERVALS) {
      this.#joinPairs();
      at = Math.floor((index * lengthMs) / this.#intervalMs);
    }
    let interval = this.#intervals.get(at);
    if (interval === undefined) {
      interval = emptyInterval();
      this.#intervals.set(at, interval);
    }
    return interval;
  }

  /** Puts the latencies of the current interval where they belong. */
  #settle(): void {
    this.#current?.latency.add(this.#recent.toDocument());
    this.#recent.clear();
  }

  #joinPairs(): void {
    this.#settle();
    const joined = new Map<number, CountedInterval>();
    for (const [index, interval] of this.#intervals) {
      const at = Math.floor(index / 2);
      const pair = joined.get(at);
      if (pair === undefined) joined.set(at, interval);
      else {
        pair.begun += interval.begun;
        pair.ok += interval.ok;
        pair.failed += interval.failed;
        pair.latency.add(interval.latency.toDocument());
      }
    }
    this.#intervals = joined;
    this.#intervalMs *= 2;
    this.#current = undefined;
  }
}

function emptyInterval(): CountedInterval {
  return { begun: 0, ok: 0, failed: 0, latency: new PackedHistogram() };
}
