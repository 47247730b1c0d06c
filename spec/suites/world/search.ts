// Plays the worlds of many seeds and gathers what oracles found, in this process or in several.

import { fork } from 'node:child_process';
import { judge } from './judge.ts';
import { makePlan } from './plan-maker.ts';

/** Something an oracle found. */
export interface Found {
  readonly seed: number;
  readonly oracle: string;
  readonly what: string;
}

export interface SearchPart {
  readonly seeds: number;
  readonly failed: number;
  readonly tasks: number;
  readonly found: readonly Found[];
}

/** At what no oracle stands: the simulation itself broke. */
const BROKEN = 'the world broke';

/** How often a part of a search tells what it has. */
const REPORT_MS = 1000;

export interface SearchPlan {
  readonly from: number;
  readonly seeds: number;
  /** Every so many-th seed. */
  readonly step: number;
  /** Stop at the first finding. */
  readonly first: boolean;
}

/** Plays `seeds` worlds, and gives to `report` what came since the last time. */
export async function search(plan: SearchPlan, report: (part: SearchPart) => void): Promise<void> {
  const { from, seeds, step, first } = plan;
  let part = { seeds: 0, failed: 0, tasks: 0, found: [] as Found[] };
  let reportedMs = performance.now();
  const flush = (): void => {
    report(part);
    part = { seeds: 0, failed: 0, tasks: 0, found: [] };
    reportedMs = performance.now();
  };
  for (let i = 0; i < seeds; i++) {
    const seed = from + i * step;
    const found = await findingsOf(seed, (tasks) => {
      part.tasks += tasks;
    });
    part.seeds++;
    if (found.length > 0) part.failed++;
    part.found.push(...found);
    if (found.length > 0 && first) break;
    if (performance.now() - reportedMs > REPORT_MS) flush();
  }
  flush();
}

/** The first finding of each oracle in the world of a seed. */
async function findingsOf(seed: number, onTasks: (tasks: number) => void): Promise<Found[]> {
  try {
    const { findings, record } = await judge(makePlan(seed));
    onTasks(record.tasks);
    const byOracle = new Map<string, Found>();
    for (const { oracle, what } of findings) {
      if (!byOracle.has(oracle)) byOracle.set(oracle, { seed, oracle, what });
    }
    return [...byOracle.values()];
  } catch (error) {
    const what = error instanceof Error ? String(error.stack) : String(error);
    return [{ seed, oracle: BROKEN, what }];
  }
}

/** The same, in so many processes side by side. */
export async function searchInProcesses(
  { from, seeds, jobs }: { readonly from: number; readonly seeds: number; readonly jobs: number },
  report: (part: SearchPart) => void,
): Promise<void> {
  const [, program] = process.argv;
  const run = (job: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const count = Math.ceil((seeds - job) / jobs);
      const args = ['--part', String(from + job), String(count), String(jobs)];
      const child = fork(program, args, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      child.on('message', (part) => report(part as SearchPart));
      child.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`a process of the search ended with code ${code}`));
      });
    });
  await Promise.all(Array.from({ length: jobs }, (_, job) => run(job)));
}
