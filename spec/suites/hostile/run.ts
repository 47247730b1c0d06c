// The command of the hostile server suite: runs every case, each group in a process of its own for the client,
// and prints what failed with what was wanted.
//
// usage: node .build/spec/suites/hostile/run.js [--subject stubless|grpc-js] [--group NAME]… [--case TEXT]
//        [--runtime node-22|node-24|bun|deno]… [--verbose]

import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installRuntimes, type Runtime } from '../runtimes/install.ts';
import { HOSTILE_GROUPS } from './cases.ts';
import type { CaseSeen, HostileCase, HostileGroup } from './hostile-case.ts';
import { HostileServer } from './hostile-server.ts';
import { callsOf, judge, wasUndisturbed } from './judge.ts';
import type { CaseOrder, Report } from './subject-process.ts';

/** Cases that run at once: they mostly wait. */
const AT_ONCE = 12;
/** What the client's process may grow by in a whole group, beside what single cases may. */
const GROUP_MEMORY_MB = 128;
/** A case that takes longer has put the client's process out. */
const STUCK_MS = 60_000;
/** So often a case is run anew that failed on a machine that left its processes waiting. */
const MOST_REPEATS = 4;
const DEAD = "the client's process died or was stuck";
const WARM_UP: HostileCase = {
  name: 'warm-up',
  source: '',
  server: (peer) => peer.greet(),
  want: { code: 'OK' },
};

const { values: args } = parseArgs({
  options: {
    subject: { type: 'string', default: 'stubless' },
    group: { type: 'string', multiple: true, default: [] },
    case: { type: 'string' },
    runtime: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', default: false },
  },
});

const tally = { passed: 0, failed: 0, skipped: 0, repeated: 0 };

/** The client's process, from the runner's side. */
class SubjectProcess {
  readonly uncaught: string[] = [];
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (seen: CaseSeen | string) => void>();
  #onMemory: ((memoryMb: number) => void) | undefined;
  #nextId = 0;
  #isGone = false;

  constructor(subject: string, runtime: Runtime | undefined) {
    this.#child = fork(fileURLToPath(new URL('./subject-process.js', import.meta.url)), [subject], {
      ...(runtime !== undefined && { execPath: path.resolve(runtime.path) }),
      execArgv:
        runtime === undefined || runtime.name.startsWith('node') ? ['--expose-gc'] : [...runtime.args],
    });
    this.ready = new Promise((resolve) => {
      this.#child.on('message', (report: Report) => {
        if (report.kind === 'ready') resolve();
        else if (report.kind === 'uncaught') this.uncaught.push(report.text);
        else if (report.kind === 'memory') this.#onMemory?.(report.memoryMb);
        else this.#settle(report.id, report.kind === 'seen' ? report.seen : report.text);
      });
      this.#child.on('exit', () => {
        this.#isGone = true;
        resolve();
        for (const id of [...this.#waiting.keys()]) this.#settle(id, DEAD);
        this.#onMemory?.(0);
      });
    });
  }

  /** Runs a case; a text when nothing could be seen. */
  run(order: Omit<CaseOrder, 'id'>): Promise<CaseSeen | string> {
    const id = this.#nextId++;
    if (this.#isGone) return Promise.resolve(DEAD);
    return new Promise((resolve) => {
      // A process that does not answer is stuck in a loop: it ends, and with it what it was running.
      const timer = setTimeout(() => this.end(), STUCK_MS + order.lastsMs);
      this.#waiting.set(id, (seen) => {
        clearTimeout(timer);
        resolve(seen);
      });
      this.#child.send({ id, ...order });
    });
  }

  memoryMb(): Promise<number> {
    if (this.#isGone) return Promise.resolve(0);
    return new Promise((resolve) => {
      this.#onMemory = resolve;
      this.#child.send('memory');
    });
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  #settle(id: number, seen: CaseSeen | string): void {
    this.#waiting.get(id)?.(seen);
    this.#waiting.delete(id);
  }
}

interface Verdict {
  readonly complaints: readonly string[];
  /** It says something about the client. */
  readonly isFair: boolean;
}

async function verdictOn(one: HostileCase, subject: SubjectProcess): Promise<Verdict> {
  const server = new HostileServer(one);
  const port = await server.listen();
  const seen = await subject.run({
    port,
    client: one.client ?? {},
    calls: callsOf(one),
    spacingMs: one.spacingMs ?? 0,
    isInTurn: one.isInTurn === true,
    isFollowed: one.want.after !== 'none',
    lastsMs: Math.max(0, one.want.withinMs ?? 0, ...callsOf(one).map(({ timeoutMs }) => timeoutMs ?? 0)),
    isMeasured: one.limits !== undefined,
  });
  // The client is closed by now; scripts that still wait for it see that.
  await server.close();
  if (typeof seen === 'string') return { complaints: [seen], isFair: true };
  return { complaints: judge(one, seen, server), isFair: wasUndisturbed(seen, server) };
}

/** Real deadlines go by when a process waits for the processor, too: a case that then failed is run again. */
async function complaintsOf(one: HostileCase, subject: SubjectProcess): Promise<readonly string[]> {
  let verdict = await verdictOn(one, subject);
  for (let repeat = 0; repeat < MOST_REPEATS && !verdict.isFair && verdict.complaints.length > 0; repeat++) {
    tally.repeated++;
    if (args.verbose) console.log(`again ${one.name}: ${verdict.complaints.join('; ')}`);
    verdict = await verdictOn(one, subject);
  }
  return verdict.complaints;
}

function print(
  group: HostileGroup,
  one: HostileCase,
  complaints: readonly string[],
  elapsedMs: number,
): void {
  tally[complaints.length === 0 ? 'passed' : 'failed']++;
  if (complaints.length === 0) {
    if (args.verbose) console.log(`ok   ${group.name}: ${one.name} (${elapsedMs.toFixed(0)} ms)`);
    return;
  }
  console.log(`FAIL ${group.name}: ${one.name} [${one.source}]`);
  for (const complaint of complaints) console.log(`       ${complaint}`);
}

/** A subject that has not what a case is about has nothing to show in it; said with the reason. */
function isSkipped(group: HostileGroup, one: HostileCase): boolean {
  if (args.subject !== 'grpc-js' || one.notForGrpcJs === undefined) return false;
  tally.skipped++;
  if (args.verbose) console.log(`skip ${group.name}: ${one.name} (${one.notForGrpcJs})`);
  return true;
}

async function runGroup(group: HostileGroup, runtime: Runtime | undefined): Promise<void> {
  const subject = new SubjectProcess(args.subject, runtime);
  await subject.ready;
  await complaintsOf(WARM_UP, subject);
  const memoryBefore = await subject.memoryMb();
  const cases = group.cases.filter((one) => !isSkipped(group, one));
  const waiting = cases.filter((one) => one.limits === undefined);
  const runOne = async (one: HostileCase): Promise<void> => {
    const startedMs = performance.now();
    print(group, one, await complaintsOf(one, subject), performance.now() - startedMs);
  };
  const worker = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await runOne(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const one of cases) if (one.limits !== undefined) await runOne(one);
  const grownMb = (await subject.memoryMb()) - memoryBefore;
  const faults = [...subject.uncaught];
  if (grownMb > GROUP_MEMORY_MB) faults.push(`the client's process grew by ${grownMb.toFixed(0)} MB`);
  for (const fault of faults) {
    tally.failed++;
    console.log(`FAIL ${group.name}: ${fault}`);
  }
  subject.end();
}

function chosen(): HostileGroup[] {
  const unknown = args.group.find((wanted) => !HOSTILE_GROUPS.some(({ name }) => name === wanted));
  if (unknown !== undefined) throw new RangeError(`there is no group '${unknown}'`);
  return HOSTILE_GROUPS.filter(({ name }) => args.group.length === 0 || args.group.includes(name))
    .map((group) => ({
      name: group.name,
      cases: group.cases.filter((one) => args.case === undefined || one.name.includes(args.case)),
    }))
    .filter((group) => group.cases.length > 0);
}

/** What the client runs on, one after the other; the server stays on this Node.js. */
function chosenRuntimes(): (Runtime | undefined)[] {
  if (args.runtime.length === 0) return [undefined];
  const installed = installRuntimes();
  return args.runtime.map((wanted) => {
    const runtime = installed.find(({ name }) => name === wanted);
    if (runtime === undefined) throw new RangeError(`there is no runtime '${wanted}'`);
    return runtime;
  });
}

for (const runtime of chosenRuntimes()) {
  if (runtime !== undefined) console.log(`== ${runtime.name}`);
  for (const group of chosen()) await runGroup(group, runtime);
}
const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} not for ${args.subject}`;
const repeated = tally.repeated === 0 ? '' : `, ${tally.repeated} runs repeated on a busy machine`;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}${repeated}`);
// A peer's failures are for reading; ours are for mending. A run of nothing shows nothing.
const isGood = args.subject !== 'stubless' || (tally.failed === 0 && tally.passed > 0);
process.exit(isGood ? 0 : 1);
