// What files are called, and which are left out, when they come from different sources: the names in a set of descriptors
// are unique only in that set, so two projects may each have a common.proto; and one file may come again under another
// name. In both cases, imports of the file get its new name.

import { isDescriptorEdition } from './bundled-descriptor-proto.ts';
import type { FileDescriptorProto } from './descriptor-types.ts';
import { moveImports, withMovedImports } from './moved-imports.ts';
import { qualify } from './names.ts';
import { exportedBy } from './public-imports.ts';
import { type SymbolStage, symbolsOf } from './symbol-table.ts';

/** A file as it is added. */
export interface NamedFile {
  readonly proto: FileDescriptorProto;
  /** What it was called in its source. */
  readonly givenName: string;
  /** Everything it defines is already there, in files that are imported in its place. */
  readonly isRepeated: boolean;
}

/** The files of one source under names of their own, with their imports. */
export function withOwnNames(
  files: readonly FileDescriptorProto[],
  stage: SymbolStage,
): readonly NamedFile[] {
  const renamed = new Map<string, readonly string[]>();
  const repeated = new Set<FileDescriptorProto>();
  let edition = editionIn(stage);
  for (const proto of files) {
    const { name } = proto;
    if (stage.file(name)?.proto === proto) continue;
    const owners = isDescriptorEdition(proto) ? edition : ownersOf(proto, stage);
    if (owners !== undefined) {
      repeated.add(proto);
      renamed.set(name, owners);
    } else if (isStranger(proto, name, stage)) {
      let n = 2;
      // A file that was renamed when it came before is not a stranger to the name that it got then.
      while (isStranger(proto, `${n}/${name}`, stage)) n++;
      renamed.set(name, [`${n}/${name}`]);
    }
    if (edition === undefined && isDescriptorEdition(proto)) edition = renamed.get(name) ?? [name];
  }
  return files.map((proto) => ({
    proto: renamed.size === 0 ? proto : withNames(proto, renamed),
    givenName: proto.name,
    isRepeated: repeated.has(proto),
  }));
}

function withNames(
  proto: FileDescriptorProto,
  renamed: ReadonlyMap<string, readonly string[]>,
): FileDescriptorProto {
  const name = renamed.get(proto.name)?.[0] ?? proto.name;
  if (proto.dependency === undefined) return { ...proto, name };
  const moved = moveImports(proto, (one) => renamed.get(one)?.[0] ?? one);
  // What one file defined may be in several.
  const others = new Set(proto.dependency.flatMap((one) => renamed.get(one)?.slice(1) ?? []));
  for (const one of moved.kept) others.delete(one);
  return { ...withMovedImports(proto, moved, [...others]), name };
}

/**
 * The descriptor.proto that is there. Each compiler ships its own; as only options are described there, one serves for
 * all.
 */
function editionIn(stage: SymbolStage): readonly string[] | undefined {
  const file = stage.get('google.protobuf.FileOptions')?.file.proto;
  return file === undefined || !isDescriptorEdition(file) ? undefined : [file.name];
}

/** The files that define everything this one defines and publicly imports; undefined if something in it is new. */
function ownersOf(proto: FileDescriptorProto, stage: SymbolStage): readonly string[] | undefined {
  const { messageType, enumType, service, extension } = proto;
  const first = messageType?.[0] ?? enumType?.[0] ?? service?.[0] ?? extension?.[0];
  // A file is nearly always new, and then the rest need not be listed.
  if (first === undefined || stage.get(qualify(proto.package ?? '', first.name)) === undefined)
    return undefined;
  const owners = new Set<string>();
  for (const symbol of symbolsOf(proto)) {
    const present = stage.get(symbol);
    if (present === undefined) return undefined;
    owners.add(present.file.proto.name);
  }
  if (owners.has(proto.name)) return undefined;
  for (const exported of exportedBy(proto)) owners.add(exported);
  return [...owners];
}

/** Whether the file already there under that name is a different one, which shares no definition with this. */
function isStranger(proto: FileDescriptorProto, name: string, stage: SymbolStage): boolean {
  const twin = stage.file(name);
  if (twin === undefined || twin.proto === proto) return false;
  const symbols = symbolsOf(proto);
  if (symbols.length === 0) return String(twin.proto.dependency) !== String(proto.dependency);
  return symbols.every((symbol) => stage.get(symbol)?.file !== twin);
}
