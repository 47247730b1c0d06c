// How long the URL of a GET may be: as long as the user allows, and shorter than any that the servers have refused.

/** The default of `maxGetUrlBytes`: many servers and proxies take no request line of more than 8 KiB. */
export const DEFAULT_MAX_GET_URL_OCTETS: number = 7 * 1024;

/** What servers answer to a URL that they find too long: 414, and 431 those that count it with the head. */
const TOO_LONG: ReadonlySet<string> = new Set(['414', '431']);

/** Whether a response head says that the URL was too long. */
export function saysTooLong(status: string): boolean {
  return TOO_LONG.has(status);
}

export class GetUrls {
  readonly #maxOctets: number;
  /** The shortest that was refused. A call that gets that is sent again as a POST, as are later ones of such a length. */
  #refusedOctets = Infinity;

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  mayHave(octets: number): boolean {
    return octets <= this.#maxOctets && octets < this.#refusedOctets;
  }

  refused(octets: number): void {
    this.#refusedOctets = Math.min(this.#refusedOctets, octets);
  }
}
