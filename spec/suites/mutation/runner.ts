// Runs the specs for Stryker, in a process of its own: all once, to learn which spec runs which code, then for each mutant
// those that run it. Stryker's own plugin for mocha reads files that mocha 12 does not have.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import Mocha from 'mocha';

/** What a spec may take beside five times what it took at first; then it hangs, and has failed. */
const SPARE_MS = 3000;
const FIRST_TIMEOUT_MS = 10_000;
/** How long each spec took, for the processes that come after the first. */
const DURATIONS_FILE = 'durations.json';
/** Tells the runner's process which specs there are: paths, between commas. */
export const SPECS_VARIABLE = 'MUTATION_SPECS';
const EVERY_SPEC = /^/;

/** Mocha asks a pattern several times for each of some thousand titles; a long one would take longer than the specs. */
class TitleFilter extends RegExp {
  readonly #titles: ReadonlySet<string>;

  constructor(titles: readonly string[]) {
    super('');
    this.#titles = new Set(titles);
  }

  override test(title: string): boolean {
    return this.#titles.has(title);
  }
}

class SpecRunner implements TestRunner {
  readonly #mocha: Mocha;
  readonly #context: InstrumenterContext;
  #tests: TestResult[] = [];
  #isLoaded = false;
  #durations: Record<string, number> = {};

  constructor(files: readonly string[], context: InstrumenterContext) {
    this.#context = context;
    this.#mocha = new Mocha({ timeout: FIRST_TIMEOUT_MS, reporter: Mocha.reporters.Base });
    this.#mocha.cleanReferencesAfterRun(false);
    for (const file of files) this.#mocha.addFile(file);
    const limitMs = (title: string) => 5 * (this.#durations[title] ?? FIRST_TIMEOUT_MS) + SPARE_MS;
    this.#mocha.suite.beforeEach('say which spec runs', function () {
      const title = this.currentTest?.fullTitle();
      if (title === undefined) return;
      context.currentTestId = title;
      this.currentTest?.timeout(limitMs(title));
    });
    // As mocha's own command does: mocha then fails the spec that runs.
    process.on('unhandledRejection', (reason) => {
      throw reason;
    });
  }

  async init(): Promise<void> {
    if (existsSync(DURATIONS_FILE)) this.#durations = JSON.parse(readFileSync(DURATIONS_FILE, 'utf8'));
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async dryRun({ coverageAnalysis, disableBail }: DryRunOptions): Promise<DryRunResult> {
    const result = await this.#run(EVERY_SPEC, disableBail);
    this.#durations = Object.fromEntries(this.#tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    writeFileSync(DURATIONS_FILE, JSON.stringify(this.#durations));
    const { mutantCoverage } = this.#context;
    if (result.status !== DryRunStatus.Complete || coverageAnalysis === 'off') return result;
    return { ...result, ...(mutantCoverage === undefined ? {} : { mutantCoverage }) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { testFilter, activeMutant, mutantActivation, hitLimit } = options;
    setOrDelete(this.#context, 'hitLimit', hitLimit);
    setOrDelete(this.#context, 'hitCount', hitLimit === undefined ? undefined : 0);
    setOrDelete(this.#context, 'activeMutant', mutantActivation === 'static' ? activeMutant.id : undefined);
    const grep = testFilter === undefined ? EVERY_SPEC : new TitleFilter(testFilter);
    return toMutantRunResult(await this.#run(grep, options.disableBail, activeMutant.id));
  }

  async #run(grep: RegExp, disableBail: boolean, mutant?: string): Promise<DryRunResult> {
    this.#tests = [];
    try {
      if (!this.#isLoaded) await this.#mocha.loadFilesAsync();
      this.#isLoaded = true;
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String(error) };
    }
    setOrDelete(this.#context, 'activeMutant', mutant);
    setBail(this.#mocha.suite, !disableBail);
    this.#mocha.grep(grep);
    await new Promise<void>((resolve) => this.#watch(this.#mocha.run(() => resolve())));
    const { hitCount, hitLimit } = this.#context;
    return (
      determineHitLimitReached(hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests: this.#tests }
    );
  }

  #watch(runner: Mocha.Runner): void {
    runner.on('pass', (test) => this.#tests.push({ ...facts(test), status: TestStatus.Success }));
    runner.on('fail', (test, error) => {
      this.#tests.push({ ...facts(test), status: TestStatus.Failed, failureMessage: String(error?.message) });
    });
  }
}

function facts(test: Mocha.Test): { id: string; name: string; timeSpentMs: number } {
  return { id: test.fullTitle(), name: test.fullTitle(), timeSpentMs: test.duration ?? 0 };
}

function setOrDelete<K extends keyof InstrumenterContext>(
  context: InstrumenterContext,
  key: K,
  value: InstrumenterContext[K] | undefined,
): void {
  if (value === undefined) delete context[key];
  else context[key] = value;
}

function setBail(suite: Mocha.Suite, bail: boolean): void {
  suite.bail(bail);
  for (const child of suite.suites) setBail(child, bail);
}

function specRunner(): TestRunner {
  const scope: Record<string, InstrumenterContext | undefined> = globalThis as never;
  const context = scope[INSTRUMENTER_CONSTANTS.NAMESPACE] ?? {};
  scope[INSTRUMENTER_CONSTANTS.NAMESPACE] = context;
  return new SpecRunner((process.env[SPECS_VARIABLE] ?? '').split(','), context);
}
specRunner.inject = [] as const;

export const strykerPlugins: readonly unknown[] = [
  { kind: 'TestRunner', name: 'specs', factory: specRunner },
];
