// Prints each survivor when it is found, as a plugin of Stryker: a run takes long, and its end may not be waited for.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { MutationTestingPlanReadyEvent, Reporter } from '@stryker-mutator/api/report';
import { isEquivalent, type Mutant, survivor, survivorText } from './score.ts';

class SurvivorReporter implements Reporter {
  readonly #texts = new Map<string, readonly string[]>();

  onMutationTestingPlanReady({ mutantPlans }: MutationTestingPlanReadyEvent): void {
    for (const { mutant } of mutantPlans) {
      const file = relative('.', mutant.fileName);
      if (!this.#texts.has(file)) this.#texts.set(file, readFileSync(file, 'utf8').split('\n'));
    }
  }

  onMutantTested(mutant: Mutant): void {
    if (mutant.status !== 'Survived' && mutant.status !== 'NoCoverage') return;
    const file = relative('.', mutant.fileName);
    const found = survivor(mutant, file, this.#texts);
    if (!isEquivalent(file, found)) console.log(survivorText(file, found));
  }
}

export const strykerPlugins: readonly unknown[] = [
  { kind: 'Reporter', name: 'survivors', factory: () => new SurvivorReporter() },
];
