// One run of files: planned, sent, reported. The exit status is 1 where anything failed.

import { setMaxListeners } from 'node:events';
import type { RequestFile } from '../../requests/file/request-file.ts';
import { githubAnnotations } from '../../requests/report/github-annotations.ts';
import { isFailed, type ReportedFile, reportedFile, requestsOf } from '../../requests/report/reported-run.ts';
import { CoverageCounter } from '../../requests/run/coverage.ts';
import { type PlannedFile, type PlanOptions, planFile } from '../../requests/run/plan.ts';
import type { FileResult } from '../../requests/run/result.ts';
import { INTERRUPTED, runFiles } from '../../requests/run/run-requests.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { suggestion } from '../../values/nearest-names.ts';
import { explain } from '../command/explain.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import type { VariableValues } from '../options/variables.ts';
import { coverageLines } from './coverage-text.ts';
import { isOnGitHub } from './mistakes.ts';
import { CommandTargets, type TargetOptions } from './open-targets.ts';
import { refuseMistakes, textBeside } from './read-file.ts';
import { allWritten, refuseSharedReports, reportWrites } from './report-files.ts';
import { DEFAULT_JOBS, type RunValues } from './run-options.ts';
import { readSnapshots, SnapshotWriter } from './snapshot-files.ts';
import { TerminalReport } from './terminal-report.ts';
import { givenVariables } from './variable-sources.ts';

export type TestRunValues = RunValues & VariableValues & TargetOptions;

/** Runs files and reports. Throws a MistakesError, with nothing sent, where a file has mistakes. */
export async function runTests(
  files: readonly RequestFile[],
  options: TestRunValues,
  io: Io,
  secrets: Secrets,
): Promise<number> {
  const startMs = performance.now();
  io.setColour(options.color);
  // Each client and each call in progress listens to it.
  setMaxListeners(0, io.signal);
  const {
    retry = 0,
    jobs = DEFAULT_JOBS,
    bail = false,
    coverage: wantsCoverage,
    report: reports = [],
  } = options;
  refuseSharedReports(reports);
  const targets = new CommandTargets(targetOptions(options), io, secrets);
  const report = new TerminalReport(io.out, secrets, files, (options.verbose ?? 0) > 0);
  const coverage = wantsCoverage === true ? new CoverageCounter() : undefined;
  const snapshots = options.update === true ? new SnapshotWriter() : undefined;
  const isQuiet = reports.some(({ path }) => path === '-');
  try {
    const plans = await planAll(files, options, io, secrets, targets);
    const reported: ReportedFile[] = [];
    const onFile = (result: FileResult): void => {
      const file = reportedFile(result, secrets);
      reported.push(file);
      if (!isQuiet) report.file(file);
    };
    for (const { error, path } of plans.failed) onFile({ file: path, results: [], durationMs: 0, error });
    for (const { target, files: read } of plans.planned.flatMap(({ requests }) => requests)) {
      coverage?.add(target.client);
      if (read.snapshot !== undefined) report.reads(read.snapshot.source);
    }
    await runFiles(plans.planned, {
      signal: io.signal,
      jobs,
      bail,
      retry,
      secrets,
      onFile,
      onCall: (request, record) => coverage?.called(request, record),
      ...(snapshots === undefined ? {} : { onSnapshot: (request, fresh) => snapshots.add(request, fresh) }),
    });
    const run = { files: inOrder(reported, files), durationMs: performance.now() - startMs };
    const covered = coverage?.result();
    if (!isQuiet) {
      if (covered !== undefined) for (const line of coverageLines(covered)) void io.out.line(line);
      report.summary(run);
      if (isOnGitHub(io)) for (const line of githubAnnotations(run)) void io.out.line(line);
    }
    await allWritten([...reportWrites(reports, run, covered, io), snapshots?.write(secrets, io)], io);
    const isCut = requestsOf(run).some(({ reason }) => reason === INTERRUPTED);
    return isCut || isFailed(run) ? EXIT.failed : EXIT.ok;
  } finally {
    await targets.close();
  }
}

/** As they were given, not as they ended. */
function inOrder(reported: readonly ReportedFile[], files: readonly RequestFile[]): ReportedFile[] {
  const order = new Map(files.map(({ source }, index) => [source.path, index]));
  return [...reported].sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0));
}

/** Without what is for the run alone. */
function targetOptions({
  tag: _tag,
  grep: _grep,
  bail: _bail,
  jobs: _jobs,
  retry: _retry,
  coverage: _coverage,
  update: _update,
  watch: _watch,
  report: _report,
  verbose: _verbose,
  env: _env,
  var: _var,
  secrets: _secrets,
  ...options
}: TestRunValues): TargetOptions {
  return options;
}

interface Plans {
  readonly planned: readonly PlannedFile[];
  /** Files that could not be planned, since their server or schema cannot be had. */
  readonly failed: readonly { readonly path: string; readonly error: string }[];
}

async function planAll(
  files: readonly RequestFile[],
  options: TestRunValues,
  io: Io,
  secrets: Secrets,
  targets: CommandTargets,
): Promise<Plans> {
  const { tag, grep } = options;
  const given = await givenVariables(options, io, secrets);
  const planOptions: PlanOptions = {
    targets,
    variables: given.layers,
    environment: given.environment,
    secrets,
    signal: io.signal,
    selects: (request) =>
      (tag === undefined || tag.some((name) => request.tags.includes(name))) &&
      (grep === undefined || request.name.includes(grep)),
    readText: textBeside,
    readSnapshots,
  };
  const planned: PlannedFile[] = [];
  const failed: { path: string; error: string }[] = [];
  for (const file of files) {
    try {
      planned.push(await planFile(file, planOptions));
    } catch (error) {
      if (error instanceof UsageError || error instanceof LocalError || io.signal.aborted) throw error;
      failed.push({ path: file.source.path, error: explain(error).lines[0] });
    }
  }
  refuseMistakes(files);
  const isAny = files.some(({ requests }) => requests.some(planOptions.selects));
  if (!isAny) refuseNone(files, options);
  return { planned, failed };
}

/** A mistyped --tag or --grep, or files without requests, would otherwise pass with nothing sent. */
function refuseNone(files: readonly RequestFile[], { tag, grep }: RunValues): void {
  const requests = files.flatMap((file) => file.requests);
  if (requests.length === 0) {
    throw new LocalError(`there are no requests in ${files.map(({ source }) => source.path).join(', ')}`);
  }
  const tags = new Set(requests.flatMap((request) => request.tags));
  const unknown = tag?.find((name) => !tags.has(name));
  if (unknown !== undefined && tag?.every((name) => !tags.has(name)) === true) {
    throw new UsageError(`--tag: no request has the tag '${unknown}'${suggestion(unknown, tags)}`);
  }
  if (grep === undefined) return;
  const names = new Set(requests.map(({ name }) => name));
  const among = tag === undefined ? suggestion(grep, names) : ' and such a --tag';
  throw new UsageError(`--grep: no request has '${grep}' in its name${among}`);
}
