// The schemas that ship with the package: where they are, and their links, kept for the whole process because
// they never change and nearly every schema needs some.

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileDescriptorProto } from '../descriptor.ts';
import { provideDescriptorProto } from '../descriptor-proto.ts';
import { Linker } from './linker.ts';
import { parseFile } from './parse-file.ts';
import type { ParsedFile } from './parsed-file.ts';
import type { LinkedFile } from './symbol-table.ts';

const LANDMARK: readonly string[] = ['protos', 'google', 'protobuf', 'descriptor.proto'];

const DESCRIPTOR_PROTO = LANDMARK.slice(1).join('/');

let directory: string | undefined;
let embedded: ReadonlyMap<string, string> | undefined;

/** Where embedded files are said to be. */
const EMBEDDED_DIRECTORY = resolve(sep, 'embedded', LANDMARK[0]);

/** For an executable that has no files beside it: the texts of all bundled files, by name. */
export function embedBundledFiles(texts: ReadonlyMap<string, string>): void {
  embedded = texts;
  directory = EMBEDDED_DIRECTORY;
}

/** The text of a bundled file; undefined for a name that none has. */
export function readBundled(name: string): string | undefined {
  if (embedded !== undefined) return embedded.get(name);
  try {
    return readFileSync(join(bundledDirectory(), ...name.split('/')), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return undefined;
    throw error;
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** The directory `protos` of the package, found by walking up, since this file runs from lib, .build and dist. */
export function bundledDirectory(): string {
  if (directory === undefined) {
    let at = dirname(fileURLToPath(import.meta.url));
    while (!existsSync(join(at, ...LANDMARK)) && dirname(at) !== at) at = dirname(at);
    // Its real path, so that a file of it is the same file by whatever path it is reached.
    directory = realpathSync(join(at, LANDMARK[0]));
  }
  return directory;
}

/** The name by which a file in that directory is imported; undefined for any other file. */
export function bundledNameOf(realPath: string): string | undefined {
  const way = relative(bundledDirectory(), realPath);
  return way.startsWith('..') || isAbsolute(way) ? undefined : way.split(sep).join('/');
}

const linker: Linker = new Linker();
const linked: Map<string, LinkedFile> = new Map();
const pure: WeakSet<LinkedFile> = new WeakSet();

/** The link of a bundled file, if it was made before. */
export function bundledLink(name: string): LinkedFile | undefined {
  return linked.get(name);
}

/**
 * Links a bundled file once for all. Undefined when it cannot be shared, because one of its imports is not the
 * bundled file of that name but somebody's own.
 */
export function linkBundled(
  name: string,
  parsed: ParsedFile,
  imports: readonly LinkedFile[],
): LinkedFile | undefined {
  if (!imports.every((file) => pure.has(file))) return undefined;
  return linked.get(name) ?? linkShared(name, parsed, imports);
}

function linkShared(name: string, parsed: ParsedFile, imports: readonly LinkedFile[]): LinkedFile {
  const file = linker.link(parsed, imports);
  linked.set(name, file);
  pure.add(file);
  return file;
}

/** descriptor.proto itself, which imports nothing: for whoever reads descriptors, without waiting. */
export function bundledDescriptorProto(): FileDescriptorProto {
  const known = linked.get(DESCRIPTOR_PROTO);
  if (known !== undefined) return known.descriptor;
  const parsed = parseFile(readBundled(DESCRIPTOR_PROTO) ?? '', DESCRIPTOR_PROTO, DESCRIPTOR_PROTO);
  return linkShared(DESCRIPTOR_PROTO, parsed, []).descriptor;
}

provideDescriptorProto(bundledDescriptorProto);
