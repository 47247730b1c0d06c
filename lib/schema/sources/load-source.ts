// Turns whatever load was given into descriptors, or methods with their own codecs: tells the kinds of source apart by
// their form, and imports what each needs only when it comes.

import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPromise } from 'node:util/types';
import { SchemaError } from '../../values/errors.ts';
import { isArrayBuffer, isBytes, isUrl, ownBytes } from '../../values/realm.ts';
import { shortenedList } from '../../values/text/shortened-text.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import type { ProtoSource } from '../proto/file-finder.ts';
import { loadProto, loadProtoSource } from '../proto/load-proto.ts';
import { textRefusal } from '../proto/read-proto-file.ts';
import { decodeProtoText } from '../proto/syntax/proto-text.ts';
import { fromWorkingDirectory } from '../proto/working-directory.ts';
import type { CodecService } from '../registry/codec-service.ts';
import type { DescriptorSource } from '../registry/source-stage.ts';
import { DEFAULT_MAX_UNPACKED_BYTES, type Findings, isObject } from './findings.ts';

const TAKEN = `It takes one of these, or an array of them:
  a path or file: URL of a .proto file, a directory, a FileDescriptorSet (.binpb, .protoset, .pb, .desc, .json, .txtpb) or a generated module
  the source text of a .proto file
  a FileDescriptorSet as bytes or object
  a protobufjs Root or its JSON, a PackageDefinition of @grpc/proto-loader, a grpc-js service definition
  an imported generated module`;

/** The text of a .proto has more than one line, states its syntax or begins with a declaration; a path does not. */
const SOURCE_TEXT =
  /\n|^\s*(?:syntax|edition)\s*=|^\s*(?:message|enum|service|package|import|option|extend)\s[^\n]*[{;]/;
const SOURCE_TEXT_NAME = 'source.proto';

export interface LoadSourceOptions {
  readonly includeDirs: readonly string[];
  /** The most bytes that one compressed file may become. */
  readonly maxUnpackedBytes?: number;
  /** Decodes and checks the files of a large descriptor set when they are needed, not all at once. */
  readonly isLazy?: boolean;
}

/** Throws TypeError for what is not a source, and SchemaError for one that cannot be read. */
export async function loadSources(source: unknown, options: LoadSourceOptions): Promise<DescriptorSource[]> {
  const given: readonly unknown[] = Array.isArray(source) ? source : [source];
  if (given.length === 0) throw new TypeError(`load was given an empty array. ${TAKEN}`);
  for (const one of given) {
    if (isPromise(one))
      throw new TypeError('load does not take a Promise; await it first: client.load(await …)');
    if (typeof one !== 'string' && !isObject(one)) {
      const what =
        one == null ? String(one) : Array.isArray(one) ? 'an array inside an array' : `a ${typeof one}`;
      throw new TypeError(`load does not take ${what}. ${TAKEN}`);
    }
  }
  const protos: ProtoSource[] = [];
  const sources: DescriptorSource[] = [];
  for (const one of given) {
    if (typeof one === 'string' || isUrl(one)) {
      if (typeof one === 'string' && SOURCE_TEXT.test(one)) sources.push(await fromText(one, options));
      else await takePathSource(one, options, protos, sources);
    } else sources.push(await fromObject(one as object, options));
  }
  // Together: files that import each other are read once and named once.
  if (protos.length > 0) {
    const { files, places, madeOf } = await loadProto(protos, options);
    const origin = originOf(protos);
    sources.unshift({ files, origin, places, madeOf: [origin, ...madeOf] });
  }
  return sources;
}

const MAX_NAMED = 10;

function originOf(protos: readonly ProtoSource[]): string {
  return shortenedList(protos, MAX_NAMED, (one) =>
    typeof one === 'string' || isUrl(one) ? String(one) : 'text' in one ? one.name : one.path,
  );
}

async function fromText(text: string, options: LoadSourceOptions): Promise<DescriptorSource> {
  const { files, places, madeOf } = await loadProtoSource(text, SOURCE_TEXT_NAME, options);
  const origin = 'source text';
  return {
    files,
    origin,
    places: new Map([...places, [SOURCE_TEXT_NAME, origin]]),
    madeOf: [origin, ...madeOf],
  };
}

/** Adds a .proto file to those that are loaded together, and anything else to the sources. */
async function takePathSource(
  source: string | URL,
  { maxUnpackedBytes = DEFAULT_MAX_UNPACKED_BYTES, isLazy }: LoadSourceOptions,
  protos: ProtoSource[],
  sources: DescriptorSource[],
): Promise<void> {
  // The common case, which needs no look at the disk.
  if (String(source).endsWith('.proto')) {
    protos.push(source);
    return;
  }
  const path = pathOf(source);
  if (path === undefined) {
    protos.push(source);
    return;
  }
  const { openPath } = await import('./path-source.ts');
  const found = await openPath(path, maxUnpackedBytes);
  if (found.kind === 'proto') protos.push(source);
  else if (found.kind === 'directory') {
    const { protoFilesBelow } = await import('./proto-directory.ts');
    protos.push(...(await protoFilesBelow(path)).map((file) => ({ path: file, root: path })));
  } else if (found.kind === 'module') sources.push(await fromModule(path));
  else if (found.content === 'proto') protos.push(await protoText(path, found.bytes));
  else sources.push(await fromContent(path, found.content, found.bytes, isLazy));
}

/** A .proto file that cannot be read again by its path. */
async function protoText(path: string, bytes: Uint8Array): Promise<ProtoSource> {
  const shownAs = fromWorkingDirectory(path);
  const refusal = textRefusal(bytes);
  if (refusal !== undefined) throw new SchemaError(`${shownAs} cannot be loaded: it ${refusal}`);
  const isPipe = /^\/(?:dev|proc)\//.test(path);
  const name = `${basename(path).replace(/\.(?:proto\.)?gz$/i, '')}.proto`;
  // For a file that comes through a pipe, imports are looked for as protoc does, from the working directory.
  return {
    name,
    text: decodeProtoText(bytes),
    shownAs,
    path: isPipe ? resolve(name) : join(dirname(path), name),
  };
}

/** Undefined for a URL that is not a file: URL, which the parser's finder refuses. */
function pathOf(source: string | URL): string | undefined {
  const text = String(source);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return isUrl(source) || /^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(text) || text === ''
    ? undefined
    : resolve(text);
}

async function fromContent(
  path: string,
  content: 'descriptors' | 'json' | 'text',
  bytes: Uint8Array,
  isLazy: boolean | undefined,
): Promise<DescriptorSource> {
  const { takeContent } = await import('./path-source.ts');
  const origin = fromWorkingDirectory(path);
  const out = findings(origin, { isLazy });
  takeContent(content, bytes, out);
  if (content === 'json' && isEmpty(out)) {
    throw new SchemaError(`${origin}: is JSON, but not a FileDescriptorSet or a schema of protobufjs`);
  }
  return finished(out);
}

async function fromModule(path: string): Promise<DescriptorSource> {
  const { takeModule, protoFileOf } = await import('./path-source.ts');
  const origin = fromWorkingDirectory(path);
  const out = findings(origin, { protoFile: protoFileOf(path) });
  await takeModule(path, out);
  if (isEmpty(out)) {
    throw new SchemaError(`${origin}: not a module with services or descriptors${siblingOf(path)}`);
  }
  return finished(out);
}

function isEmpty({ files, services }: Findings): boolean {
  return files.length === 0 && services.length === 0;
}

/** A hint for generators that put services and messages in different modules. */
function siblingOf(path: string): string {
  const file = basename(path);
  if (/_pb\.[cm]?js$/.test(file) && !file.includes('_grpc_pb.')) {
    return `; its services may be in ${file.replace('_pb.', '_grpc_pb.')}`;
  }
  return /\.client\.[cm]?js$/.test(file)
    ? `; its service is described in ${file.replace('.client.', '.')}`
    : '';
}

async function fromObject(source: object, { isLazy }: LoadSourceOptions): Promise<DescriptorSource> {
  if (isBytes(source) || isArrayBuffer(source)) {
    const { takeDescriptorSet } = await import('./large-set.ts');
    const out = findings('the bytes given', { isLazy });
    const bytes = isBytes(source) ? ownBytes(source) : new Uint8Array(source);
    // What is decoded, now or later, must not depend on what becomes of the user's copy.
    takeDescriptorSet(Uint8Array.from(bytes), out);
    return finished(out);
  }
  const { takeObject } = await import('./module-source.ts');
  const out = findings('the object given');
  takeObject(source as Readonly<Record<string, unknown>>, out);
  if (isEmpty(out)) {
    const keys = Object.keys(source).slice(0, 4).join(', ');
    throw new TypeError(`load does not take an object${keys === '' ? '' : ` with ${keys}`}. ${TAKEN}`);
  }
  return finished(out);
}

/** Nothing yet. */
function findings(
  origin: string,
  { protoFile, isLazy = false }: { protoFile?: string | undefined; isLazy?: boolean | undefined } = {},
): Findings {
  return { origin, files: [], services: [] as CodecService[], protoFile, isLazy };
}

/** Adds the bundled files that many descriptor sets leave out, and keeps each file once. */
async function finished({ files, services, origin, index, digest }: Findings): Promise<DescriptorSource> {
  if (index !== undefined) {
    const bundled = await bundledOf(index.missingImports);
    if (!bundled.some(({ name }) => index.has(name))) return { files: bundled, origin, services, index };
    // They need what is in the set, which takes precedence over the bundled files of that name.
    files.push(...index.decode(index.all));
  }
  const byName = new Map<string, FileDescriptorProto>();
  const own = files.filter((file) => {
    const twin = byName.get(file.name);
    if (twin === undefined) byName.set(file.name, file);
    // A hostile set may well have two different files of one name: the registry refuses that.
    return twin === undefined || JSON.stringify(twin, bigintText) !== JSON.stringify(file, bigintText);
  });
  const missing = new Set(own.flatMap((file) => file.dependency ?? []).filter((name) => !byName.has(name)));
  const bundled = (await bundledOf([...missing])).filter((file) => !byName.has(file.name));
  const madeOf = digest === undefined ? undefined : [origin, digest];
  return { files: [...bundled, ...own], origin, services, madeOf };
}

async function bundledOf(names: readonly string[]): Promise<readonly FileDescriptorProto[]> {
  if (names.length === 0) return [];
  const { bundledFiles } = await import('../reflection/bundled-files.ts');
  return bundledFiles(names);
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
