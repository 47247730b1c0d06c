// Paths that load takes which are no .proto files: descriptors as bytes or JSON, and modules. Told apart by what
// the name ends in, and where that says nothing by how the content begins.

import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SchemaError } from '../../errors.ts';
import { decodeDescriptorSet } from '../descriptor-set.ts';
import { takeObject } from './module-source.ts';
import { type Findings, isObject } from './source.ts';

/** Larger files are refused before they are read. */
const MAX_DESCRIPTOR_FILE_BYTES = 256 * 1024 * 1024;
/** The tag of FileDescriptorSet.file, which every set that is not empty begins with. */
const FILE_TAG = 0x0a;
/** As far as one looks for what no text has. */
const PROBE_BYTES = 1024;

function isControl(byte: number): boolean {
  return byte < 0x09 || (byte > 0x0d && byte < 0x20);
}

export type PathKind = 'proto' | 'directory' | 'descriptors' | 'json' | 'module' | 'unclear';

const KINDS: ReadonlyMap<string, PathKind> = new Map<string, PathKind>([
  ['proto', 'proto'],
  ['binpb', 'descriptors'],
  ['protoset', 'descriptors'],
  ['pb', 'descriptors'],
  ['desc', 'descriptors'],
  ['fds', 'descriptors'],
  ['bin', 'descriptors'],
  ['json', 'json'],
  ['js', 'module'],
  ['mjs', 'module'],
  ['cjs', 'module'],
  ['ts', 'module'],
  ['mts', 'module'],
  ['cts', 'module'],
]);

function kindOfName(path: string): PathKind {
  return KINDS.get(/\.([A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? '') ?? 'unclear';
}

/** What is there; a path to nothing is a .proto's, which is looked for in more places. */
export async function kindOfPath(path: string): Promise<PathKind> {
  const kind = kindOfName(path);
  if (kind === 'proto') return kind;
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return 'directory';
  if (kind !== 'unclear' || found?.isFile() !== true) return kind === 'unclear' ? 'proto' : kind;
  const bytes = await readRegularFile(path);
  return bytes[0] === FILE_TAG && bytes.subarray(0, PROBE_BYTES).some(isControl) ? 'descriptors' : 'proto';
}

/** Adds the descriptors of a file, or what a module has. */
export async function takePath(path: string, kind: PathKind, out: Findings): Promise<void> {
  switch (kind) {
    case 'descriptors':
      out.files.push(...decodeDescriptorSet(await readRegularFile(path), path));
      return;
    case 'json':
      takeJson(await readRegularFile(path), out);
      return;
    default:
      takeObject(await importModule(path), out);
  }
}

/** The .proto file that a generated module's name comes from: `shop_grpc_pb.js` from `shop.proto`. */
export function protoFileOf(path: string): string {
  return basename(path).replace(/(?:_grpc)?(?:_pb|\.pb)?\.[A-Za-z]+$/, '.proto');
}

function takeJson(bytes: Uint8Array, out: Findings): void {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    // JSON.parse quotes the text that it cannot read.
    throw new SchemaError(`${out.origin}: is no JSON`, {
      cause: error instanceof Error ? error.name : error,
    });
  }
  if (isObject(json)) takeObject(json, out);
}

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  await regularFile(path);
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SchemaError(`${path}: the module cannot be imported: ${reason}`, { cause: error });
  }
}

async function regularFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new SchemaError(`${path} cannot be loaded: ${code === 'ENOENT' ? 'there is no such file' : code}`);
  });
  if (!found.isFile()) throw new SchemaError(`${path} cannot be loaded: it is no regular file`);
  if (found.size > MAX_DESCRIPTOR_FILE_BYTES) {
    const limit = `MAX_DESCRIPTOR_FILE_BYTES ${MAX_DESCRIPTOR_FILE_BYTES}`;
    throw new SchemaError(`${path} cannot be loaded: it has ${found.size} bytes, more than ${limit}`);
  }
}

async function readRegularFile(path: string): Promise<Uint8Array> {
  await regularFile(path);
  return readFile(path);
}
