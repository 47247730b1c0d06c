// What came of a run as one JSON document, for programs: docs/requests.md describes its form.

import type { Coverage } from '../run/coverage.ts';
import { countsOf, type ReportedRequest, type ReportedRun, requestsOf } from './reported-run.ts';

export function jsonReport(run: ReportedRun, coverage: Coverage | undefined): string {
  const all = requestsOf(run);
  const document = {
    version: 1,
    ...countsOf(all),
    errors: run.files.filter(({ error }) => error !== undefined).length,
    durationMs: rounded(run.durationMs),
    files: run.files.map(({ file, requests, durationMs, error }) => ({
      file,
      durationMs: rounded(durationMs),
      error,
      requests: requests.map(requestOf),
    })),
    coverage,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function requestOf(request: ReportedRequest): object {
  const { name, place, method, tags, outcome, reason, failures, durationMs, attempts, again } = request;
  return {
    name,
    line: place.line,
    method,
    tags,
    outcome,
    reason,
    durationMs: rounded(durationMs),
    attempts,
    failures: failures.map(({ place: { line, column }, subject, expected, actual }) => ({
      subject,
      expected,
      actual,
      line,
      column,
    })),
    again,
  };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
