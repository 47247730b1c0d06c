// Loads .proto files with everything that they import into linked descriptors, imports first. Each file is read
// once, whatever ways lead to it; what is missing is an error that lists every place tried.

import type { FileDescriptorProto } from '../descriptor.ts';
import { linkBundled } from './bundled-protos.ts';
import { FileFinder } from './file-finder.ts';
import { Linker } from './linker.ts';
import { parseFile } from './parse-file.ts';
import { nameFiles, orderFiles, type SourceFile } from './source-file.ts';
import type { LinkedFile } from './symbol-table.ts';

export interface LoadProtoOptions {
  /** Directories that imports, and sources, are looked for in before any other place. Default none. */
  readonly includeDirs?: readonly string[] | undefined;
}

export interface LoadedProto {
  /** Everything that was loaded, imports first. */
  readonly files: readonly FileDescriptorProto[];
  /** The names, in `files`, of what was asked for. */
  readonly sources: readonly string[];
}

/**
 * Loads files by path or `file:` URL. A relative path is looked for in `includeDirs`, in the working directory
 * and among the schemas that ship with the package. SchemaError when anything is missing or wrong.
 */
export async function loadProto(
  sources: readonly (string | URL)[],
  options: LoadProtoOptions = {},
): Promise<LoadedProto> {
  const finder = new FileFinder(options.includeDirs ?? []);
  const files = await finder.sources(sources);
  await finder.imports(files);
  return linkAll(files);
}

/** Loads source text; `name` is what descriptors and errors call it. Imports are looked for as for a file. */
export async function loadProtoSource(
  text: string,
  name: string,
  options: LoadProtoOptions = {},
): Promise<LoadedProto> {
  const finder = new FileFinder(options.includeDirs ?? []);
  const parsed = parseFile(text, name, name);
  const packageName = parsed.descriptor.package;
  const file: SourceFile = {
    parsed,
    path: undefined,
    root: undefined,
    packageName,
    bundledName: undefined,
    ownNames: [name],
    imports: [],
    name,
  };
  await finder.imports([file]);
  return linkAll([file]);
}

function linkAll(sources: readonly SourceFile[]): LoadedProto {
  nameFiles(sources);
  const linker = new Linker();
  const linked = new Map<SourceFile, LinkedFile>();
  for (const file of orderFiles(sources)) linked.set(file, linkOne(file, linker, linked));
  return {
    files: [...linked.values()].map(({ descriptor }) => descriptor),
    sources: sources.map(({ name }) => name),
  };
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
    // The parsed file may have been linked for others: this load needs one of its own.
    parsed = parseFile(parsed.source.text, file.name, parsed.source.displayName);
  }
  const { descriptor } = parsed;
  descriptor.name = file.name;
  rename(descriptor.dependency, file, false);
  rename(descriptor.optionDependency, file, true);
  return linker.link(parsed, imports);
}

/** Imports are called by the names of the files that they led to. */
function rename(dependencies: string[] | undefined, file: SourceFile, ofOptions: boolean): void {
  let i = 0;
  file.parsed.imports.forEach(({ kind }, j) => {
    if ((kind === 'option') === ofOptions && dependencies !== undefined)
      dependencies[i++] = file.imports[j].name;
  });
}
