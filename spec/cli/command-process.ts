// A process that runs one command after the other, for commands that take a process for themselves: `stubless repl` sets
// global names, its console, and what happens to errors that nobody caught. And for commands in another directory.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { INHERITED } from '../support/eval.ts';
import { type Printed, runInProcess, type Setup, tellUncaught } from './in-process.ts';

interface Place extends Setup {
  readonly cwd?: string;
}

export class CommandProcess {
  readonly #child: ChildProcess = fork(fileURLToPath(import.meta.url), [], { execArgv: [...INHERITED] });

  /** Runs a command to its end; one at a time. */
  async run(args: readonly string[], setup: Place = {}): Promise<Printed> {
    this.#child.send([args, setup]);
    const answered = new AbortController();
    const next = (event: string) => once(this.#child, event, { signal: answered.signal });
    const [answer] = await Promise.race([next('message'), next('exit')]);
    // The listener for the other one.
    answered.abort();
    if (typeof answer !== 'object' || answer === null)
      throw new Error(`the process ended with ${answer} in the middle of ${args.join(' ')}`);
    return answer;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    this.#child.kill();
    await ended;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('uncaughtException', tellUncaught);
  process.on('message', ([args, { cwd, ...setup }]: [readonly string[], Place]) => {
    if (cwd !== undefined) process.chdir(cwd);
    void runInProcess(args, setup).then((printed) => process.send?.(printed));
  });
}
