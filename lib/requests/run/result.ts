// What came of requests, for whoever reports it. Types only; no text in it has been masked or made safe to print yet.

import type { Place } from '../file/source-file.ts';

/** One expectation that was not met. */
export interface Failure {
  /** The expectation in the file. */
  readonly place: Place;
  /** What differs, such as `reply.items[0].price`, `status` or `headers.x-request-id`. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface RequestResult {
  readonly file: string;
  /** With the number of its row behind it, where it was sent for several: `creates [2]`. */
  readonly name: string;
  readonly place: Place;
  readonly method: string;
  readonly tags: readonly string[];
  readonly outcome: Outcome;
  /** Why it was skipped, or why it could not be sent. */
  readonly reason: string | undefined;
  /** What in the file is the reason, where it is something in particular. */
  readonly reasonAt?: Place | undefined;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
  readonly attempts: number;
  /** The words of a command line that sends it again; undefined for one that was not sent. */
  readonly again: readonly string[] | undefined;
}

export interface FileResult {
  readonly file: string;
  readonly results: readonly RequestResult[];
  readonly durationMs: number;
  /** Why none of it could run, such as a server that cannot be reached for its schema. */
  readonly error: string | undefined;
}
