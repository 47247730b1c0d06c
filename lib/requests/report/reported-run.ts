// What came of a run, fit to be seen: without secrets, and without characters that a terminal or a log would obey. Every
// report is made of this, so that none of them can show more.

import { escapeText } from '../../values/text/escaped-text.ts';
import type { Place } from '../file/source-file.ts';
import { namedWords, shellLine } from '../run/repeated-line.ts';
import type { Failure, FileResult, Outcome, RequestResult } from '../run/result.ts';
import type { Secrets } from '../secrets.ts';

export interface ReportedRequest extends Omit<RequestResult, 'again'> {
  /** A line for a shell that sends it again. */
  readonly again: string | undefined;
}

export interface ReportedFile extends Omit<FileResult, 'results'> {
  readonly requests: readonly ReportedRequest[];
}

export interface ReportedRun {
  readonly files: readonly ReportedFile[];
  readonly durationMs: number;
}

export function reportedFile(
  { file, results, durationMs, error }: FileResult,
  secrets: Secrets,
): ReportedFile {
  const shown = (text: string): string => escapeText(secrets.masked(text));
  return {
    file: shown(file),
    requests: results.map((result) => reportedRequest(result, secrets, shown)),
    durationMs,
    error: error === undefined ? undefined : shown(error),
  };
}

function reportedRequest(
  result: RequestResult,
  secrets: Secrets,
  shown: (text: string) => string,
): ReportedRequest {
  const { file, name, place, method, tags, outcome, reason, reasonAt, failures } = result;
  const { durationMs, attempts, again } = result;
  const shownPlace = ({ file: path, line, column }: Place): Place => ({ file: shown(path), line, column });
  return {
    file: shown(file),
    name: shown(name),
    place: shownPlace(place),
    method: shown(method),
    tags: tags.map(shown),
    outcome,
    reason: reason === undefined ? undefined : shown(reason),
    reasonAt: reasonAt === undefined ? undefined : shownPlace(reasonAt),
    failures: failures.map((failure) => ({
      place: shownPlace(failure.place),
      subject: shown(failure.subject),
      expected: shown(failure.expected),
      actual: shown(failure.actual),
    })),
    durationMs,
    attempts,
    again:
      again === undefined ? undefined : escapeText(shellLine(repeatable(again, result, secrets), secrets)),
  };
}

/** What was captured comes from no environment: whoever wants it again captures it anew. */
function repeatable(
  words: readonly string[],
  { file, name }: RequestResult,
  secrets: Secrets,
): readonly string[] {
  return words.some((word) => secrets.hasCaptured(word)) ? namedWords(file, name) : words;
}

export const requestsOf = ({ files }: ReportedRun): readonly ReportedRequest[] =>
  files.flatMap(({ requests }) => requests);

/** How many requests ended in each way. */
export function countsOf(requests: readonly ReportedRequest[]): Record<Outcome, number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of requests) counts[outcome]++;
  return counts;
}

/** Whether anything went wrong. */
export function isFailed({ files }: ReportedRun): boolean {
  return files.some(
    ({ requests, error }) => error !== undefined || requests.some(({ outcome }) => outcome === 'failed'),
  );
}

/** `reply.name: expected "a", came "b"` */
export const failureLine = ({ subject, expected, actual }: Failure): string =>
  `${subject}: expected ${expected}, came ${actual}`;

/** A request's failures, and why it could not be sent, a line each. */
export function failureLines({ failures, reason }: ReportedRequest): readonly string[] {
  const lines = failures.map(failureLine);
  return reason === undefined ? lines : [...lines, reason];
}
