// The beginning of the page that an HTTP server sends instead of a gRPC answer, as text to quote: what a proxy says
// about a failure is often all there is to know about it. It must not know calls.

import type { Timers } from '../values/clock.ts';
import { pageText } from '../values/text/page-text.ts';
import type { FieldList } from './transport.ts';

/** How much of a page is read. */
const MAX_PAGE_OCTETS = 4096;

/** How long a page with a content-length may take to arrive: it only explains a failure that is certain. */
const WAIT_MS = 1000;
/** The same for a page without a content-length, which may have no end. */
const UNTOLD_WAIT_MS = 150;

const BINARY = /^\s*(?:image|audio|video|font)\//i;
const MARKUP = /html|xml/i;
const TEXT = /^\s*text\/|html|json|xml/i;

export class HttpPage {
  readonly #octets: Uint8Array;
  readonly #type: string;
  readonly #timers: Timers;
  readonly #timer: unknown;
  #length = 0;

  private constructor(octets: number, type: string, timers: Timers, waitMs: number, onLate: () => void) {
    this.#octets = new Uint8Array(Math.min(octets, MAX_PAGE_OCTETS));
    this.#type = type;
    this.#timers = timers;
    this.#timer = timers.setTimer(onLate, waitMs);
  }

  /**
   * The page that follows a response head; undefined if it could not be read, so that waiting for it would be
   * pointless.
   * @param onLate called if it takes too long
   */
  static behind(head: FieldList, timers: Timers, onLate: () => void): HttpPage | undefined {
    let octets: number | undefined;
    let type = 'text/plain';
    for (let i = 0; i < head.length; i += 2) {
      const value = head[i + 1];
      if (head[i] === 'content-length') octets = Number(value);
      else if (head[i] === 'content-type') type = value;
      else if (head[i] === 'content-encoding') return undefined;
    }
    if (BINARY.test(type)) return undefined;
    if (octets === undefined) return new HttpPage(Infinity, type, timers, UNTOLD_WAIT_MS, onLate);
    if (!(octets > 0)) return undefined;
    return new HttpPage(octets, type, timers, WAIT_MS, onLate);
  }

  /**
   * Takes a chunk; returns whether there is more of the page than is read of it. The end of any other is about to come, and
   * leaves a connection of HTTP/1.1 in use.
   */
  take(chunk: Uint8Array, start: number, end: number): boolean {
    const octets = Math.min(end - start, this.#octets.length - this.#length);
    this.#octets.set(chunk.subarray(start, start + octets), this.#length);
    this.#length += octets;
    return octets < end - start;
  }

  /** Stops waiting for the page. */
  stop(): void {
    this.#timers.clearTimer(this.#timer);
  }

  /** The page's text without tags, shortened if it is long; empty if it is not text. */
  get text(): string {
    const octets = this.#octets.subarray(0, this.#length);
    return pageText(octets, MARKUP.test(this.#type), TEXT.test(this.#type));
  }
}
