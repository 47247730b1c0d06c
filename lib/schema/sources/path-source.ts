// Paths that load takes and has to examine: descriptors as bytes, JSON or text, modules, and .proto files that are
// compressed or come from a pipe. Told apart by the extension, or if that says nothing by how the content begins.

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SchemaError } from '../../values/errors.ts';
import { importModule as importFile } from '../../values/foreign-modules.ts';
import { isError, messageOf } from '../../values/realm.ts';
import { isPipe } from '../proto/pipe-reader.ts';
import { readDescriptorSetText } from '../registry/descriptor-set.ts';
import { fromText } from '../text/from-text.ts';
import { type Findings, isObject } from './findings.ts';
import { importHint } from './import-hint.ts';
import { takeDescriptorSet } from './large-set.ts';
import { takeObject } from './module-source.ts';
import { checkRegularFile, readNamedFile } from './named-file.ts';

/** The tag of FileDescriptorSet.file, which every set that is not empty begins with. */
const FILE_TAG = 0x0a;
/** How far to look for octets that no text has. */
const PROBE_BYTES = 1024;
/** How a FileDescriptorSet in text format begins, after comments. */
const TEXT_SET = /^\uFEFF?(?:\s|#[^\n]*\n)*file\s*:?\s*[{<[]/;
const JSON_OBJECT = /^\uFEFF?\s*\{/;

function isControl(byte: number): boolean {
  return byte < 0x09 || (byte > 0x0d && byte < 0x20);
}

type ContentKind = 'proto' | 'descriptors' | 'json' | 'text';

/** What a path leads to. */
export type PathSource =
  /** A .proto file, or nothing: it is then looked for in more places. */
  | { readonly kind: 'proto' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'module' }
  | { readonly kind: 'content'; readonly content: ContentKind; readonly bytes: Uint8Array };

const KINDS: ReadonlyMap<string, ContentKind | 'module'> = new Map<string, ContentKind | 'module'>([
  ['proto', 'proto'],
  ['binpb', 'descriptors'],
  ['protoset', 'descriptors'],
  ['pb', 'descriptors'],
  ['desc', 'descriptors'],
  ['fds', 'descriptors'],
  ['bin', 'descriptors'],
  ['json', 'json'],
  ['txtpb', 'text'],
  ['textpb', 'text'],
  ['textproto', 'text'],
  ['pbtxt', 'text'],
  ['js', 'module'],
  ['mjs', 'module'],
  ['cjs', 'module'],
  ['ts', 'module'],
  ['mts', 'module'],
  ['cts', 'module'],
]);

const COMPRESSED = /\.gz$/i;

function kindOfName(path: string): ContentKind | 'module' | undefined {
  return KINDS.get(/\.([A-Za-z]+)$/.exec(path.replace(COMPRESSED, ''))?.[1]?.toLowerCase() ?? '');
}

/** What a path leads to. Reads the file only if nothing but its content can tell. */
export async function openPath(path: string, maxUnpackedBytes: number): Promise<PathSource> {
  const named = kindOfName(path);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return { kind: 'directory' };
  if (named === 'module' && !COMPRESSED.test(path)) return { kind: 'module' };
  if (named === undefined && !(found !== undefined && isReadable(path, found))) return { kind: 'proto' };
  const bytes = await readNamedFile(path, maxUnpackedBytes);
  const content = named === undefined || named === 'module' ? kindOfContent(bytes) : named;
  // It is read again by its path, as its imports are relative to that.
  const isPlain = found?.isFile() === true && !COMPRESSED.test(path);
  return content === 'proto' && isPlain ? { kind: 'proto' } : { kind: 'content', content, bytes };
}

function isReadable(path: string, found: Stats): boolean {
  return found.isFile() || isPipe(path, found);
}

function kindOfContent(bytes: Uint8Array): ContentKind {
  const start = bytes.subarray(0, PROBE_BYTES);
  if (start[0] === FILE_TAG && start.some(isControl)) return 'descriptors';
  const text = new TextDecoder().decode(start);
  if (JSON_OBJECT.test(text)) return 'json';
  return TEXT_SET.test(text) ? 'text' : 'proto';
}

/** Adds the descriptors in a file's content. */
export function takeContent(content: Exclude<ContentKind, 'proto'>, bytes: Uint8Array, out: Findings): void {
  switch (content) {
    case 'descriptors':
      takeDescriptorSet(bytes, out);
      return;
    case 'text':
      out.files.push(...readDescriptorSetText(textOf(bytes, out.origin), out.origin, fromText));
      return;
    case 'json':
      takeJson(bytes, out);
      return;
    default:
      content satisfies never;
  }
}

/** Adds what is found in a module. */
export async function takeModule(path: string, out: Findings): Promise<void> {
  takeObject(await importModule(path), out);
}

/** Strictly: replacing octets that are not UTF-8 would change what is read. */
function textOf(bytes: Uint8Array, origin: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SchemaError(`${origin}: has octets that are not UTF-8`);
  }
}

/** The .proto file that a generated module's name comes from: `shop_grpc_pb.js` from `shop.proto`. */
export function protoFileOf(path: string): string {
  return basename(path).replace(/(?:_grpc)?(?:_pb|\.pb)?\.[A-Za-z]+$/, '.proto');
}

function takeJson(bytes: Uint8Array, out: Findings): void {
  let json: unknown;
  try {
    json = JSON.parse(textOf(bytes, out.origin));
  } catch (error) {
    if (error instanceof SchemaError) throw error;
    // JSON.parse quotes the text that it cannot read.
    throw new SchemaError(`${out.origin}: is not valid JSON`, {
      cause: isError(error) ? error.name : error,
    });
  }
  if (isObject(json)) takeObject(json, out);
}

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  await checkRegularFile(path);
  try {
    return (await importFile(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const hint = importHint(path, error);
    // With our hint, Node's own advice in further lines would be too much.
    const reason = hint === '' ? messageOf(error) : messageOf(error).split('\n', 1)[0];
    throw new SchemaError(`${path}: the module cannot be imported: ${reason}${hint}`, { cause: error });
  }
}
