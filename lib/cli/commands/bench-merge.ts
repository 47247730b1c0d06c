// `stubless bench merge`: what several `stubless bench --shard` wrote, reported as one load.

import { createReadStream } from 'node:fs';
import { messageOf } from '../../values/realm.ts';
import {
  checkReports,
  exitStatus,
  REPORT,
  Reports,
  type ReportValues,
} from '../bench/report/load-reports.ts';
import { mergeResults } from '../bench/result/merge-results.ts';
import { type FoundLine, readResults } from '../bench/result/read-results.ts';
import { ShardRuns } from '../bench/result/shard-run.ts';
import { summarize } from '../bench/result/summary.ts';
import type { Command } from '../command/command-definition.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { isStdinPath } from '../command/standard-input.ts';

export const benchMerge: Command<ReportValues> = {
  name: 'bench merge',
  summary: 'report the results of several bench --shard as one load',
  description: `Takes files that --result wrote, and logs: lines that hold no result are passed over, and so is what stands before
one in its line. Shards of another plan, version or start time are left out; it says so, and which are missing or there twice.
Exit status: 1 when a shard is missing, was interrupted, cut off or left out, or none of its calls succeeded; otherwise that of bench.`,
  arguments: [
    {
      name: 'file',
      description: 'results and logs, or - for standard input',
      isRepeated: true,
      completion: 'file',
    },
  ],
  groups: [REPORT],
  examples: [
    { says: 'results that were written to files', line: 'stubless bench merge shard-*.json' },
    {
      says: 'the logs of the pods of a Kubernetes Job',
      line: 'kubectl logs --tail=-1 -l job-name=load | stubless bench merge --html report.html -',
    },
  ],
  async run(paths, options, io) {
    io.keepsStatus = true;
    if (paths.filter(isStdinPath).length > 1) {
      throw new UsageError('standard input can be read only once; give - once');
    }
    checkReports(options, paths);
    const reports = await Reports.open(options, io);
    const runs = new ShardRuns();
    const notes: string[] = [];
    for (const path of paths) notes.push(...(await readFrom(path, runs, io)));
    const isRead = notes.length === 0;
    const merged = mergeResults(runs.all, notes, Date.now());
    for (const note of notes) notice(io, note);
    if (merged === undefined) throw new LocalError('nothing to report: no shard made any calls');
    const { plan, run, about, shards, isComplete } = merged;
    const summary = summarize(plan, run, { ...about, shards, notes });
    const holds = await reports.give({ summary, measurements: run.measurements });
    return isRead && isComplete ? exitStatus(summary, holds) : EXIT.failed;
  },
};

/** Gives what cannot be used, each in one line. */
async function readFrom(path: string, runs: ShardRuns, io: Io): Promise<readonly string[]> {
  const add = (line: FoundLine): void => runs.add(line);
  if (isStdinPath(path)) return readResults(io.stdin, 'standard input', add);
  try {
    return await readResults(createReadStream(path), path, add);
  } catch (cause) {
    // The others can be reported all the same.
    return [`cannot read ${path}: ${messageOf(cause)}`];
  }
}
