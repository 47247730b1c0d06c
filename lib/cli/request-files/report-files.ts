// The files of --report, of a run and of one that did not begin because of mistakes in files: CI shows both.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type MistakesError, mistakeText } from '../../requests/file/source-file.ts';
import { jsonReport } from '../../requests/report/json-report.ts';
import { junitXml } from '../../requests/report/junit-xml.ts';
import { type ReportedRun, reportedFile } from '../../requests/report/reported-run.ts';
import type { Coverage } from '../../requests/run/coverage.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { tellFailure } from '../command/explain.ts';
import { UsageError, writing } from '../command/failure.ts';
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

/** A file that cannot be written does not keep the others from being written; each such file is told. */
export async function allWritten(writes: readonly (Promise<void> | undefined)[], io: Io): Promise<void> {
  const unwritten = (await Promise.allSettled(writes)).flatMap((end) =>
    end.status === 'rejected' ? [end.reason as unknown] : [],
  );
  for (const other of unwritten.slice(1)) tellFailure(other, io);
  if (unwritten.length > 0) throw unwritten[0];
}

/** Throws a UsageError for two reports in one place: one would be written over the other. */
export function refuseSharedReports(reports: Reports): void {
  const places = reports.map(({ path }) => (path === '-' ? path : resolve(path)));
  const again = places.findIndex((place, index) => places.indexOf(place) !== index);
  if (again < 0) return;
  const { path } = reports[again];
  throw new UsageError(`--report: ${path === '-' ? 'standard output' : path} can have one report only`);
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
  return allWritten(reportWrites(reports, { files, durationMs: 0 }, undefined, io), io);
}
