// The imports of a file when the files that they name are renamed, merged or left out: everything that refers to imports
// by index (public and weak ones, and the places of comments) moves with them.

import type { FileDescriptorProto, SourceCodeInfo } from './descriptor-types.ts';

// Field numbers of FileDescriptorProto, which source info's paths start with.
const DEPENDENCY = 3;
const PUBLIC_DEPENDENCY = 10;
const WEAK_DEPENDENCY = 11;

const NOWHERE = -1;

interface Distinct<T> {
  /** Each once. */
  readonly kept: T[];
  /** The new index of each item before; NOWHERE if it is left out. */
  readonly places: readonly number[];
}

/** The new names of a file's imports. */
export type MovedImports = Distinct<string>;

function distinct<T>(items: readonly (T | undefined)[]): Distinct<T> {
  const kept: T[] = [];
  const placeOf = new Map<T, number>();
  const places = items.map((item) => {
    if (item === undefined) return NOWHERE;
    const place = placeOf.get(item) ?? kept.push(item) - 1;
    placeOf.set(item, place);
    return place;
  });
  return { kept, places };
}

/** `newName` returns the new name of an import; undefined leaves it out. */
export function moveImports(
  file: FileDescriptorProto,
  newName: (name: string) => string | undefined,
): MovedImports {
  return distinct((file.dependency ?? []).map(newName));
}

/** The file with these imports; `added` come last, so that they change no other index. */
export function withMovedImports(
  file: FileDescriptorProto,
  { kept, places }: MovedImports,
  added: readonly string[],
): FileDescriptorProto {
  const dependency = [...kept, ...added];
  if (places.every((place, i) => place === i)) return { ...file, dependency };
  const moved = (indexes: readonly number[]): Distinct<number> =>
    distinct(indexes.map((index) => (places[index] === NOWHERE ? undefined : places[index])));
  const publicly = file.publicDependency && moved(file.publicDependency);
  const weakly = file.weakDependency && moved(file.weakDependency);
  const { sourceCodeInfo } = file;
  const listPlaces = new Map([
    [DEPENDENCY, places],
    [PUBLIC_DEPENDENCY, publicly?.places ?? []],
    [WEAK_DEPENDENCY, weakly?.places ?? []],
  ]);
  return {
    ...file,
    dependency,
    ...(publicly === undefined ? {} : { publicDependency: publicly.kept }),
    ...(weakly === undefined ? {} : { weakDependency: weakly.kept }),
    ...(sourceCodeInfo === undefined ? {} : { sourceCodeInfo: withMovedPaths(sourceCodeInfo, listPlaces) }),
  };
}

function withMovedPaths(
  info: SourceCodeInfo,
  listPlaces: ReadonlyMap<number, readonly number[]>,
): SourceCodeInfo {
  const location = info.location?.flatMap((one) => {
    const [list, index, ...rest] = one.path ?? [];
    const places = listPlaces.get(list);
    if (places === undefined || index === undefined) return [one];
    const place = places[index] ?? NOWHERE;
    return place === NOWHERE ? [] : [{ ...one, path: [list, place, ...rest] }];
  });
  return location === undefined ? info : { ...info, location };
}
