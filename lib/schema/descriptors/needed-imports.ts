// Repairs a file's imports: under the actual names of the files, without those that do not exist, and with all that its
// types need. This makes a schema that reflection pieced together one that any other tool can load.

import type { FileDescriptorProto } from './descriptor-types.ts';
import { referencesOf, resolveReference } from './file-symbols.ts';
import { moveImports, withMovedImports } from './moved-imports.ts';
import { exportedBy, VisibleFiles } from './public-imports.ts';

/** The files that a file may import, and where symbols are. */
export interface FileLookup {
  file(name: string): FileDescriptorProto | undefined;
  /** The name of the file that defines a symbol. */
  fileOf(fullName: string): string | undefined;
}

/**
 * The file with its imports repaired; the same object if nothing is wrong. `actualName` returns the actual name of an
 * import's file; an import that is still not among `files` is left out.
 */
export function withImports(
  file: FileDescriptorProto,
  files: FileLookup,
  actualName: (name: string) => string = (name) => name,
): FileDescriptorProto {
  const given = file.dependency ?? [];
  const moved = moveImports(file, (name) => {
    const actual = actualName(name);
    return files.file(actual) === undefined || actual === file.name ? undefined : actual;
  });
  const { kept } = moved;
  const visible = visibleFrom(kept, files);
  const added = new Set<string>();
  for (const reference of referencesOf(file)) {
    const symbol = resolveReference(reference, (name) => files.fileOf(name) !== undefined);
    const owner = symbol === undefined ? undefined : files.fileOf(symbol);
    if (owner === undefined || owner === file.name || added.has(owner) || visible.has(owner)) continue;
    added.add(owner);
  }
  if (added.size === 0 && kept.length === given.length && kept.every((name, i) => name === given[i]))
    return file;
  return withMovedImports(file, moved, [...added]);
}

/** How many public imports are followed for one file; what is farther away is imported directly. */
const MAX_PUBLIC_IMPORTS_FOLLOWED = 32;

/** These files, and what they import publicly. */
function visibleFrom(names: readonly string[], files: FileLookup): VisibleFiles<string> {
  let followed = 0;
  return new VisibleFiles(
    names,
    (name) => exportedBy(files.file(name)),
    () => ++followed <= MAX_PUBLIC_IMPORTS_FOLLOWED + names.length,
  );
}

/** The files in an order in which imports come before what imports them. A cycle is left to whoever checks the files. */
export function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const done = new Set<FileDescriptorProto>();
  const begun = new Set<FileDescriptorProto>();
  for (const start of files) {
    // An explicit stack, because import chains can be deeper than the engine's.
    const pending: { file: FileDescriptorProto; isEnd: boolean }[] = [{ file: start, isEnd: false }];
    for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
      const { file, isEnd } = step;
      if (isEnd) done.add(file);
      else if (!begun.has(file)) {
        begun.add(file);
        pending.push({ file, isEnd: true });
        for (const name of [...(file.dependency ?? []), ...(file.optionDependency ?? [])].reverse()) {
          const imported = byName.get(name);
          if (imported !== undefined) pending.push({ file: imported, isEnd: false });
        }
      }
    }
  }
  return [...done];
}
