// Fits a server's files to the schema that was loaded: definitions that were also loaded are left out, since those win, and
// contradictions are reported. Among the server's own files the newer wins.

import type { DescriptorProto, FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { qualify } from '../descriptors/names.ts';
import { importsFirst, withImports } from '../descriptors/needed-imports.ts';
import { meaningOf } from '../descriptors/same-definition.ts';
import { differenceOf, type SchemaDifference } from '../descriptors/schema-difference.ts';
import {
  type Definition,
  definitionsOf,
  type FileDefinition,
  type SymbolLookup,
  symbolsOf,
} from '../descriptors/symbol-table.ts';

/** What was loaded. */
export interface LoadedLayer extends SymbolLookup {
  file(name: string): FileDescriptorProto | undefined;
}

export interface ReflectedLayer {
  /** Imports before what imports them. */
  readonly files: readonly FileDescriptorProto[];
  readonly differences: readonly SchemaDifference[];
}

/** Fits the server's files, newest first, to what was loaded. Files that need no change stay the same objects. */
export function fitToLoaded(files: readonly FileDescriptorProto[], loaded: LoadedLayer): ReflectedLayer {
  const sources = files.map((proto): FileDefinition => ({ proto, origin: '' }));
  const reflected = new Map<string, Definition>();
  for (const source of sources) {
    for (const one of definitionsOf(source)) {
      if (!reflected.has(one.fullName)) reflected.set(one.fullName, one);
    }
  }
  const lookup: SymbolLookup = { get: (name) => reflected.get(name) ?? loaded.get(name) };
  const differences: SchemaDifference[] = [];
  const kept: FileDescriptorProto[] = [];
  let isChanged = false;
  for (const source of sources) {
    const left = new Set<string>();
    for (const one of definitionsOf(source)) {
      const top = topOf(one);
      const isOlder = reflected.get(top.fullName)?.file !== source;
      const present = loaded.get(top.fullName);
      if (present === undefined && !isOlder) continue;
      left.add(top.fullName);
      if (isOlder || present === undefined) continue;
      const twin = loaded.get(one.fullName);
      const isSame = twin?.kind === one.kind && meaningOf(twin, loaded) === meaningOf(one, lookup);
      if (!isSame) differences.push(differenceOf(twin, one, present));
    }
    const file = renamed(without(source.proto, left), loaded);
    isChanged ||= file !== source.proto;
    if (file === source.proto || hasDefinitions(file)) kept.push(file);
  }
  return { files: importsFirst(isChanged ? withImportsOf(kept, loaded) : kept), differences };
}

/** The top-level definition that a definition is in. */
function topOf(definition: Definition): Definition {
  let top = definition;
  while (top.parent !== undefined) top = top.parent;
  return top;
}

/** The file without these of its top-level definitions. */
function without(file: FileDescriptorProto, left: ReadonlySet<string>): FileDescriptorProto {
  if (left.size === 0) return file;
  const stays = ({ name }: { readonly name: string }): boolean =>
    !left.has(qualify(file.package ?? '', name));
  // Comments refer to declarations by index, and the indexes have changed.
  const { sourceCodeInfo: _, ...rest } = file;
  return {
    ...rest,
    messageType: (file.messageType ?? []).filter((one: DescriptorProto) => stays(one)),
    enumType: (file.enumType ?? []).filter(stays),
    service: (file.service ?? []).filter(stays),
    extension: (file.extension ?? []).filter(stays),
  };
}

function hasDefinitions(file: FileDescriptorProto): boolean {
  return [file.messageType, file.enumType, file.service, file.extension].some(
    (list) => (list?.length ?? 0) > 0,
  );
}

/** Under a different name if a file of that name was loaded: this one is only what is left of the server's. */
function renamed(file: FileDescriptorProto, loaded: LoadedLayer): FileDescriptorProto {
  if (loaded.file(file.name) === undefined) return file;
  let name = file.name;
  while (loaded.file(name) !== undefined) name = `reflected/${name}`;
  return { ...file, name };
}

function withImportsOf(files: readonly FileDescriptorProto[], loaded: LoadedLayer): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const owners = new Map<string, string>();
  for (const proto of files) {
    for (const symbol of symbolsOf(proto)) owners.set(symbol, proto.name);
  }
  const lookup = {
    file: (name: string) => byName.get(name) ?? loaded.file(name),
    fileOf: (symbol: string) => owners.get(symbol) ?? loaded.get(symbol)?.file.proto.name,
  };
  return files.map((file) => withImports(file, lookup));
}
