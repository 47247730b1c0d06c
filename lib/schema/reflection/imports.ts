// A file's imports put right: under the names that files really have, none that is not there, and none missing that
// its types need. So a schema that reflection pieced together is one that any other tool can load.

import type { FileDescriptorProto } from '../descriptor.ts';
import { referencesOf, resolveReference } from './file-symbols.ts';

/** The files that a file may import, and where symbols are. */
export interface FileLookup {
  file(name: string): FileDescriptorProto | undefined;
  /** The name of the file that defines a symbol. */
  fileOf(fullName: string): string | undefined;
}

/**
 * The file with its imports put right, itself if they are. `actualName` gives what an import's file is really called;
 * what is not among `files` then is left out.
 */
export function withImports(
  file: FileDescriptorProto,
  files: FileLookup,
  actualName: (name: string) => string = (name) => name,
): FileDescriptorProto {
  const given = file.dependency ?? [];
  const kept: string[] = [];
  const placeOf = new Map<string, number>();
  /** Where each import has gone; -1 where it is left out. */
  const places = given.map((name) => {
    const actual = actualName(name);
    if (files.file(actual) === undefined || actual === file.name) return -1;
    const place = placeOf.get(actual) ?? kept.push(actual) - 1;
    placeOf.set(actual, place);
    return place;
  });
  const visible = visibleFrom(kept, files);
  for (const reference of referencesOf(file)) {
    const symbol = resolveReference(reference, (name) => files.fileOf(name) !== undefined);
    const owner = symbol === undefined ? undefined : files.fileOf(symbol);
    if (owner === undefined || owner === file.name || visible.has(owner)) continue;
    kept.push(owner);
    visible.add(owner);
  }
  if (kept.length === given.length && kept.every((name, i) => name === given[i])) return file;
  const moved = (indexes: readonly number[] | undefined): readonly number[] =>
    (indexes ?? []).map((index) => places[index] ?? -1).filter((index) => index !== -1);
  const { publicDependency, weakDependency } = file;
  return {
    ...file,
    dependency: kept,
    ...(publicDependency === undefined ? {} : { publicDependency: moved(publicDependency) }),
    ...(weakDependency === undefined ? {} : { weakDependency: moved(weakDependency) }),
  };
}

/** Those files, and what they import publicly. */
function visibleFrom(names: readonly string[], files: FileLookup): Set<string> {
  const visible = new Set(names);
  // A Set is iterated in order of insertion, what is added on the way included.
  for (const name of visible) {
    const file = files.file(name);
    for (const index of file?.publicDependency ?? []) {
      const exported = file?.dependency?.[index];
      if (exported !== undefined) visible.add(exported);
    }
  }
  return visible;
}

/** Imports before what imports them. A cycle is left as it is, for whoever checks the files. */
export function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const done = new Set<FileDescriptorProto>();
  const begun = new Set<FileDescriptorProto>();
  for (const start of files) {
    // An own stack, because chains of imports can be longer than the engine's.
    const pending: { file: FileDescriptorProto; isEnd: boolean }[] = [{ file: start, isEnd: false }];
    for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
      const { file, isEnd } = step;
      if (isEnd) done.add(file);
      else if (!begun.has(file)) {
        begun.add(file);
        pending.push({ file, isEnd: true });
        for (const name of [...(file.dependency ?? [])].reverse()) {
          const imported = byName.get(name);
          if (imported !== undefined) pending.push({ file: imported, isEnd: false });
        }
      }
    }
  }
  return [...done];
}
