// The files of one load as a graph: what each is called in descriptors, and in which order they are linked.

import type { SchemaError } from '../../values/errors.ts';
import type { Importer } from './import-path.ts';
import type { ParsedFile } from './syntax/parsed-file.ts';

export interface SourceFile extends Importer {
  readonly parsed: ParsedFile;
  /** `path` with symbolic links resolved; undefined for a source that came as text. */
  readonly realPath: string | undefined;
  /** The name of a file that ships with the package; undefined for any other. */
  readonly bundledName: string | undefined;
  /** Names for it if its own is taken, each longer than the one before. */
  otherNames(): Iterable<string>;
  /** In the order of `parsed.imports`. */
  imports: SourceFile[];
  /** Its name in descriptors; until files are named, what it is called if nobody imports it. */
  name: string;
}

/**
 * Gives each file its one name: the path by which it was first imported, else its own. Two files that would have
 * the same name are told apart by more of their path.
 */
export function nameFiles(sources: readonly SourceFile[]): void {
  const importedAs = new Map<SourceFile, string>();
  const all = reachable(sources);
  for (const file of all) {
    file.imports.forEach((imported, i) => {
      if (!importedAs.has(imported)) importedAs.set(imported, file.parsed.imports[i].path);
    });
  }
  const taken = new Set<string>();
  for (const file of all) {
    const name = file.bundledName ?? importedAs.get(file) ?? file.name;
    file.name = taken.has(name) ? otherName(file, name, taken) : name;
    taken.add(file.name);
  }
}

function otherName(file: SourceFile, name: string, taken: ReadonlySet<string>): string {
  for (const other of [file.name, ...file.otherNames()]) if (!taken.has(other)) return other;
  return `${taken.size}/${name}`;
}

/** In the order in which a reader of the sources would meet them. */
function reachable(sources: readonly SourceFile[]): SourceFile[] {
  const seen = new Set(sources);
  // A Set is iterated in order of insertion, what is added on the way included.
  for (const file of seen) for (const imported of file.imports) seen.add(imported);
  return [...seen];
}

/** Imports before what imports them. Throws SchemaError for a cycle, naming it. */
export function orderFiles(sources: readonly SourceFile[]): SourceFile[] {
  const done = new Set<SourceFile>();
  for (const source of sources) {
    // An explicit stack, because import chains can be deeper than the engine's.
    const path: { file: SourceFile; next: number }[] = [{ file: source, next: 0 }];
    const onPath = new Set([source]);
    while (path.length > 0) {
      const step = path[path.length - 1];
      if (step.next === step.file.imports.length || done.has(step.file)) {
        done.add(step.file);
        onPath.delete(step.file);
        path.pop();
        continue;
      }
      const index = step.next++;
      const imported = step.file.imports[index];
      if (done.has(imported)) continue;
      if (onPath.has(imported)) {
        throw cycleError(
          path.map(({ file }) => file),
          imported,
          index,
        );
      }
      onPath.add(imported);
      path.push({ file: imported, next: 0 });
    }
  }
  return [...done];
}

function cycleError(path: readonly SourceFile[], start: SourceFile, index: number): SchemaError {
  const last = path[path.length - 1];
  const names = [...path.slice(path.indexOf(start)), start].map((file) => file.name);
  return last.parsed.source.error(last.parsed.imports[index].offset, `import cycle: ${names.join(' -> ')}`);
}
