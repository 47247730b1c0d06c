// Loads .proto files and everything they import into linked descriptors, imports first. Each file is read once,
// however it is reached; a missing one is an error that lists the places tried.

import { isDescriptorEdition } from '../descriptors/bundled-descriptor-proto.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { bundledDirectory, isBundled, linkBundled } from './bundled-protos.ts';
import { FileFinder, type ProtoSource } from './file-finder.ts';
import type { LinkedFile } from './linking/link-table.ts';
import { Linker } from './linking/linker.ts';
import { twinOf } from './linking/repeated-definitions.ts';
import { nameFiles, orderFiles, type SourceFile } from './source-file.ts';
import { parseFile } from './syntax/parse-file.ts';
import type { ParsedFile } from './syntax/parsed-file.ts';

// So that code that imports the parser on demand gets the bundled files with it.
export { bundledDirectory, isBundled };

export interface LoadProtoOptions {
  /** Directories in which imports are looked for first, and sources after the working directory. Default none. */
  readonly includeDirs?: readonly string[] | undefined;
}

export interface LoadedProto {
  /** Everything that was loaded, imports first. */
  readonly files: readonly FileDescriptorProto[];
  /** The names, in `files`, of what was asked for. */
  readonly sources: readonly string[];
  /** Where each of `files` was read, by its name. */
  readonly places: ReadonlyMap<string, string>;
  /** Everything that `files` depend on: of each its name and place, what its imports led to, and its text. */
  readonly madeOf: readonly string[];
}

/**
 * Loads files by path or `file:` URL. A relative path is looked for in the working directory, then in `includeDirs`
 * and among the schemas that ship with the package. SchemaError when anything is missing or wrong.
 */
export async function loadProto(
  sources: readonly ProtoSource[],
  options: LoadProtoOptions = {},
): Promise<LoadedProto> {
  const finder = new FileFinder(options.includeDirs ?? []);
  const files = await finder.sources(sources);
  await finder.imports(files);
  return linkAll(files);
}

/** Loads source text; `name` is what descriptors and errors call it. Imports are looked for as for a file. */
export function loadProtoSource(
  text: string,
  name: string,
  options: LoadProtoOptions = {},
): Promise<LoadedProto> {
  return loadProto([{ text, name }], options);
}

function linkAll(sources: readonly SourceFile[]): LoadedProto {
  nameFiles(sources);
  const linker = new Linker();
  const linked = new Map<SourceFile, LinkedFile>();
  for (const file of inLinkOrder(sources)) {
    const link = linkOne(file, linker, linked);
    const twin = twinOf(link, linker.table);
    if (twin !== undefined) file.name = twin.descriptor.name;
    linked.set(file, twin ?? link);
  }
  const files = [...new Set(linked.values())];
  return {
    files: files.map(({ descriptor }) => descriptor),
    sources: sources.map(({ name }) => name),
    places: new Map(files.map(({ descriptor, parsed }) => [descriptor.name, parsed.source.displayName])),
    madeOf: [...linked.keys()].flatMap(({ name, imports, parsed: { source } }) => [
      name,
      source.displayName,
      JSON.stringify(imports.map((imported) => imported.name)),
      source.text,
    ]),
  };
}

/**
 * Imports first; and before all else the user's own descriptor.proto, if any, which the bundled files then use as well.
 */
function inLinkOrder(sources: readonly SourceFile[]): readonly SourceFile[] {
  const ordered = orderFiles(sources);
  const edition = ordered.find(
    ({ bundledName, parsed }) => bundledName === undefined && isDescriptorEdition(parsed.descriptor),
  );
  return edition === undefined ? ordered : orderFiles([edition, ...sources]);
}

function linkOne(file: SourceFile, linker: Linker, linked: ReadonlyMap<SourceFile, LinkedFile>): LinkedFile {
  const imports = file.imports.map((imported) => {
    const link = linked.get(imported);
    if (link === undefined) throw new Error(`${imported.name} is linked after ${file.name}`);
    return link;
  });
  let { parsed } = file;
  if (file.bundledName !== undefined) {
    const shared = linkBundled(file.bundledName, parsed, imports);
    if (shared !== undefined) {
      linker.adopt(shared);
      return shared;
    }
    // The parsed file may already be linked for other loads: this one needs its own copy.
    parsed = parseFile(parsed.source.text, file.name, parsed.source.displayName);
  }
  const { descriptor } = parsed;
  descriptor.name = file.name;
  nameImports(parsed, file.imports);
  return linker.link(parsed, imports);
}

/** Gives imports the names of the files they led to; two that led to the same file become one. */
function nameImports({ descriptor, imports }: ParsedFile, files: readonly SourceFile[]): void {
  const dependency: string[] = [];
  const optionDependency: string[] = [];
  const publicly = new Set<number>();
  const weakly = new Set<number>();
  const places = new Map<string, number>();
  const optionPlaces = new Map<string, number>();
  imports.forEach((statement, i) => {
    const { kind } = statement;
    const { name } = files[i];
    const [list, placeOf] = kind === 'option' ? [optionDependency, optionPlaces] : [dependency, places];
    const place = placeOf.get(name) ?? list.push(name) - 1;
    placeOf.set(name, place);
    // Its comments follow it.
    statement.place = place;
    if (kind === 'public') publicly.add(place);
    if (kind === 'weak') weakly.add(place);
  });
  if (dependency.length > 0) descriptor.dependency = dependency;
  if (optionDependency.length > 0) descriptor.optionDependency = optionDependency;
  if (publicly.size > 0) descriptor.publicDependency = [...publicly];
  if (weakly.size > 0) descriptor.weakDependency = [...weakly];
}
