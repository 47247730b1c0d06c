// What a client is told to do, and what it tells of it: the same for each client, whatever it is written in.

export interface Orders {
  /** `127.0.0.1:1234` */
  readonly target: string;
  /** The file of the root certificate; without, plaintext. */
  readonly ca?: string;
  readonly calls: number;
  /** How many unary calls run at a time. */
  readonly inFlight: number;
  /** How long the text of a call's request, and of its reply, is at least. */
  readonly octets: number;
  /** Of each call and stream. */
  readonly timeoutMs: number;
  readonly waitForReady: boolean;
  /** Options of this project's client beside the defaults: `{ loadBalancing: 'round_robin' }`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The calls come so many at a time; between them are pauses that grow from one length to the other. */
  readonly burst?: { readonly calls: number; readonly fromPauseMs: number; readonly toPauseMs: number };
  /** Beside the calls. A stream sends a message, waits for its echo, and for the interval, so many times. */
  readonly streams: {
    readonly count: number;
    readonly atOnce: number;
    readonly messages: number;
    readonly intervalMs: number;
  };
  /** In place of all that: a call at each interval, until stdin ends. */
  readonly probe?: { readonly everyMs: number };
}

export interface Tally {
  readonly answered: number;
  /** How many failed with which status and text. */
  readonly lost: Readonly<Record<string, number>>;
}

export interface ProbeResult {
  /** When the call began, in milliseconds since 1970. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Empty for an answered call. */
  readonly error: string;
}

/** What a client prints at the end, as JSON behind the word `result`. Before, it prints `settled 400` now and then. */
export interface Outcome {
  readonly calls: Tally;
  readonly streams: Tally;
  /** How often it dialled. */
  readonly connections: number;
  readonly wallMs: number;
  readonly probes: readonly ProbeResult[];
}
