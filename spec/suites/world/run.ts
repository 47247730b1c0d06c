// npm run world: plays worlds.
//   -- --seeds N [--from M] [--jobs J]   many; ends with `N passed, N failed`
//   -- --seed N [--shrink [--oracle O]]  one, told as a story; cut down to what its first finding, or O's, needs
//   -- --plan FILE [--shrink]            one that was written down (the last line but one of a shrunk story)

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judge } from './judge.ts';
import type { WorldPlan } from './plan.ts';
import { makePlan } from './plan-maker.ts';
import { type Found, type SearchPart, search, searchInProcesses } from './search.ts';
import { shrink } from './shrink.ts';
import { planOf, planText, storyOf } from './story.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    part: { type: 'boolean' },
    seed: { type: 'string' },
    plan: { type: 'string' },
    shrink: { type: 'boolean' },
    oracle: { type: 'string' },
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
  },
});

async function tell(plan: WorldPlan): Promise<void> {
  let verdict = await judge(plan);
  if (values.shrink === true && verdict.findings.length > 0) {
    const oracle = values.oracle ?? verdict.findings[0].oracle;
    const small = await shrink(plan, async (candidate) => {
      const { findings } = await judge(candidate);
      return findings.some((one) => one.oracle === oracle);
    });
    verdict = await judge(small);
    console.log(planText(small));
  }
  console.log(storyOf(verdict));
  process.exitCode = verdict.findings.length > 0 ? 1 : 0;
}

async function tellMany(): Promise<void> {
  const seeds = Number(values.seeds);
  const from = Number(values.from);
  const jobs = Number(values.jobs);
  const byOracle = new Map<string, { readonly first: Found; count: number }>();
  let [played, failed, tasks] = [0, 0, 0];
  const startMs = performance.now();
  const add = (part: SearchPart): void => {
    played += part.seeds;
    failed += part.failed;
    tasks += part.tasks;
    for (const found of part.found) {
      const known = byOracle.get(found.oracle);
      if (known !== undefined) known.count++;
      else {
        byOracle.set(found.oracle, { first: found, count: 1 });
        console.log(`seed ${found.seed}: "${found.oracle}": ${found.what}`);
      }
    }
  };
  if (jobs > 1) await searchInProcesses({ from, seeds, jobs }, add);
  else await search({ from, seeds, step: 1, first: false }, add);
  const seconds = (performance.now() - startMs) / 1000;
  for (const [oracle, { first, count }] of byOracle)
    console.log(`${oracle}: ${count} seeds, the first ${first.seed}`);
  console.log(
    `${(played / seconds).toFixed(0)} seeds/s, ${(tasks / played).toFixed(0)} tasks a world, ${seconds.toFixed(0)} s`,
  );
  console.log(`${played - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

if (values.part === true) {
  const [from, seeds, step] = positionals.map(Number);
  await search({ from, seeds, step, first: false }, (part) => process.send?.(part));
  process.disconnect();
} else if (values.seed !== undefined) await tell(makePlan(Number(values.seed)));
else if (values.plan !== undefined) await tell(planOf(readFileSync(values.plan, 'utf8')));
else await tellMany();
