// The schemas that ship with the package, by name, and their links, kept for the whole process because
// they never change and nearly every schema needs some.

import { relative, resolve, sep } from 'node:path';
import { provideDescriptorProto } from '../descriptors/bundled-descriptor-proto.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { descriptorText } from './descriptor-text.ts';
import type { LinkedFile } from './linking/link-table.ts';
import { Linker } from './linking/linker.ts';
import { parseFile } from './syntax/parse-file.ts';
import type { ParsedFile } from './syntax/parsed-file.ts';
import { isInside } from './working-directory.ts';

const DESCRIPTOR_PROTO = 'google/protobuf/descriptor.proto';

/**
 * The directory under which errors show the bundled files, and under which one can be asked for. Nothing is there: they
 * are part of the code.
 */
const DIRECTORY = resolve(sep, 'bundled with stubless');

/** The text of a bundled file; undefined when none has this name. */
export async function readBundled(name: string): Promise<string | undefined> {
  return (await import('./bundled-texts.ts')).bundledText(name);
}

/** Whether a file of that name ships with the package. */
export async function isBundled(name: string): Promise<boolean> {
  return linked.has(name) || (await readBundled(name)) !== undefined;
}

/** The directory that the paths of bundled files begin with; see DIRECTORY. */
export function bundledDirectory(): string {
  return DIRECTORY;
}

/** The name by which a file in that directory is imported; undefined for any other file. */
export function bundledNameOf(path: string): string | undefined {
  return isInside(path, DIRECTORY) ? relative(DIRECTORY, path).split(sep).join('/') : undefined;
}

const linker: Linker = new Linker();
const linked: Map<string, LinkedFile> = new Map();
const pure: WeakSet<LinkedFile> = new WeakSet();

/** A bundled file in its linked form, if it was linked before. */
export function bundledLink(name: string): LinkedFile | undefined {
  return linked.get(name);
}

/**
 * Links a bundled file once and for all. Undefined when it cannot be shared, because one of its imports is the
 * user's own file rather than the bundled one of that name.
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

/** descriptor.proto itself, which imports nothing, so that code that reads descriptors can have it synchronously. */
export function bundledDescriptorProto(): FileDescriptorProto {
  const known = linked.get(DESCRIPTOR_PROTO);
  if (known !== undefined) return known.descriptor;
  const parsed = parseFile(descriptorText(), DESCRIPTOR_PROTO, DESCRIPTOR_PROTO);
  return linkShared(DESCRIPTOR_PROTO, parsed, []).descriptor;
}

provideDescriptorProto(bundledDescriptorProto);
