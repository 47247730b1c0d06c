// What became of the mutants: killed, survived, or known to be equivalent.

import { EQUIVALENT, type EquivalentMutant } from './equivalent.ts';

/** The part of Stryker's result that is looked at. */
export interface Mutant {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement?: string | undefined;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

interface Survivor {
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly replacement: string;
  readonly mutator: string;
  readonly status: string;
}

export interface FileScore {
  readonly file: string;
  readonly killed: number;
  readonly equivalent: number;
  readonly survived: readonly Survivor[];
}

/** A survivor, for the terminal. */
export function survivorText(file: string, survivor: Survivor): string {
  const { line, column, code, replacement, mutator, status } = survivor;
  const place = `${file}:${line}:${column} ${mutator}${status === 'NoCoverage' ? ', run by no spec' : ''}`;
  return `\n${place}\n  ${code}\n  → ${replacement.replace(/\s+/g, ' ')}`;
}

/** The lines of each mutated file. */
export type Texts = ReadonlyMap<string, readonly string[]>;

const KILLED = ['Killed', 'Timeout'];
const SURVIVED = ['Survived', 'NoCoverage'];

export function scores(mutants: readonly Mutant[], texts: Texts): FileScore[] {
  return [...texts.keys()].map((file) => {
    const own = mutants.filter(({ fileName }) => fileName.endsWith(file));
    const survived = own
      .filter(({ status }) => SURVIVED.includes(status))
      .map((mutant) => survivor(mutant, file, texts));
    const told = survived.filter((one) => !isEquivalent(file, one));
    return {
      file,
      killed: own.filter(({ status }) => KILLED.includes(status)).length,
      equivalent: survived.length - told.length,
      survived: told,
    };
  });
}

/** The rows for the files of this run that no survivor is. */
export function staleRows(mutants: readonly Mutant[], texts: Texts): EquivalentMutant[] {
  const survived = mutants.filter(({ status }) => SURVIVED.includes(status));
  return EQUIVALENT.filter(
    (row) =>
      texts.has(row.file) &&
      !survived.some(
        (one) => one.fileName.endsWith(row.file) && isSame(row, row.file, survivor(one, row.file, texts)),
      ),
  );
}

export function survivor(mutant: Mutant, file: string, texts: Texts): Survivor {
  const { line, column } = mutant.location.start;
  return {
    line,
    column,
    code: texts.get(file)?.[line - 1]?.trim() ?? '',
    replacement: mutant.replacement ?? '',
    mutator: mutant.mutatorName,
    status: mutant.status,
  };
}

export function isEquivalent(file: string, one: Survivor): boolean {
  return EQUIVALENT.some((row) => isSame(row, file, one));
}

function isSame(row: EquivalentMutant, file: string, { code, replacement }: Survivor): boolean {
  if (row.file !== file || row.line !== code) return false;
  return row.replacement === undefined || [row.replacement].flat().includes(replacement);
}
