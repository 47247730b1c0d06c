// How far the server's clock is from this one, by the `date` of its responses. A date is in whole seconds, and lies between
// the request and the response: each narrows down the difference, most where the second changes. It sends nothing of its own.

/** The difference is at least the one and at most the other, in milliseconds. */
export type ClockOffset = readonly [leastMs: number, greatestMs: number];

const A_SECOND_MS = 1000;
/** Servers make a date once a second and use it until a timer says otherwise, which may be late. */
const STALE_MS = 50;

export class ServerClock {
  #leastMs = -Infinity;
  #greatestMs = Infinity;

  /**
   * Takes in a date.
   * @param date as in HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`; anything else is passed over
   * @param sentMs when the request was sent, and the response came, by this clock
   */
  saw(date: string | undefined, sentMs: number, receivedMs: number): void {
    const dateMs = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(dateMs)) return;
    // The server's time was in [date, date + 1 s) when it answered, which was between the two.
    this.#leastMs = Math.max(this.#leastMs, dateMs - receivedMs);
    this.#greatestMs = Math.min(this.#greatestMs, dateMs + A_SECOND_MS + STALE_MS - sentMs);
  }

  /** null while nothing is known, and where the dates contradict each other: several servers, or a clock that was set. */
  get offset(): ClockOffset | null {
    if (this.#leastMs === -Infinity || this.#leastMs > this.#greatestMs) return null;
    return [Math.round(this.#leastMs), Math.round(this.#greatestMs)];
  }
}

/** What several saw of one server; null where they contradict each other. */
export function commonOffset(offsets: readonly (ClockOffset | null)[]): ClockOffset | null {
  const known = offsets.filter((offset) => offset !== null);
  if (known.length === 0) return null;
  const leastMs = Math.max(...known.map(([least]) => least));
  const greatestMs = Math.min(...known.map(([, greatest]) => greatest));
  return leastMs > greatestMs ? null : [leastMs, greatestMs];
}
