// The files of --report, of a run and of one that did not begin because of mistakes in files: CI shows both.

import { writeFileSync } from 'node:fs';
import { type MistakesError, mistakeText } from '../../requests/file/source-file.ts';
import { jsonReport } from '../../requests/report/json-report.ts';
import { junitXml } from '../../requests/report/junit-xml.ts';
import { type ReportedRun, reportedFile } from '../../requests/report/reported-run.ts';
import type { Coverage } from '../../requests/run/coverage.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { writing } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import type { RunValues } from './run-options.ts';

type Reports = NonNullable<RunValues['report']>;

/** Writes each report. */
export function reportWrites(
  reports: Reports,
  run: ReportedRun,
  coverage: Coverage | undefined,
  io: Io,
): readonly Promise<void>[] {
  return reports.map(async ({ form, path }) => {
    const text = form === 'junit' ? junitXml(run) : jsonReport(run, coverage);
    if (path === '-') void io.out.write(text);
    else await writing(path, () => writeFileSync(path, text));
  });
}

/** A file that cannot be written does not keep the others from being written. */
export async function allWritten(writes: readonly (Promise<void> | undefined)[]): Promise<void> {
  const unwritten = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected');
  if (unwritten?.status === 'rejected') throw unwritten.reason;
}

/** Reports of a run in which nothing was sent: the files that have mistakes, and which. */
export function reportMistakes(
  { mistakes }: MistakesError,
  reports: Reports,
  secrets: Secrets,
  io: Io,
): Promise<void> {
  const files = [...new Set(mistakes.map(({ place }) => place.file))].map((file) => {
    const its = mistakes.filter(({ place }) => place.file === file);
    return reportedFile(
      { file, results: [], durationMs: 0, error: its.map(mistakeText).join('; ') },
      secrets,
    );
  });
  return allWritten(reportWrites(reports, { files, durationMs: 0 }, undefined, io));
}
