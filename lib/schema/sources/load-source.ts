// Turns whatever load was given into descriptors, or methods with their own codecs: tells the kinds of source apart
// by what they are, and imports what each needs only when it comes.

import { basename, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SchemaError } from '../../errors.ts';
import type { CodecService } from '../codec-service.ts';
import type { FileDescriptorProto } from '../descriptor.ts';
import type { DescriptorSource } from '../registry.ts';
import type { PathKind } from './path-source.ts';
import { type Findings, isObject } from './source.ts';

const TAKEN = `It takes one of these, or an array of them:
  a path or file: URL of a .proto file, a directory, a FileDescriptorSet (.binpb, .protoset, .pb, .desc, .json) or a generated module
  the source text of a .proto file
  a FileDescriptorSet as bytes or object
  a protobufjs Root or its JSON, a PackageDefinition of @grpc/proto-loader, a grpc-js service definition
  an imported generated module`;

/** A .proto is more than one line, says its syntax or begins with a declaration; a path does none of it. */
const SOURCE_TEXT =
  /\n|^\s*(?:syntax|edition)\s*=|^\s*(?:message|enum|service|package|import|option|extend)\s[^\n]*[{;]/;
const SOURCE_TEXT_NAME = 'source.proto';

export interface LoadSourceOptions {
  readonly includeDirs: readonly string[];
}

/** TypeError for what is no source; SchemaError for one that cannot be read. */
export async function loadSources(source: unknown, options: LoadSourceOptions): Promise<DescriptorSource[]> {
  const given: readonly unknown[] = Array.isArray(source) ? source : [source];
  if (given.length === 0) throw new TypeError(`load was given an empty array. ${TAKEN}`);
  for (const one of given) {
    if (typeof one !== 'string' && !isObject(one)) {
      const what =
        one == null ? String(one) : Array.isArray(one) ? 'an array in an array' : `a ${typeof one}`;
      throw new TypeError(`load does not take ${what}. ${TAKEN}`);
    }
  }
  const protos: (string | URL)[] = [];
  const sources: DescriptorSource[] = [];
  for (const one of given) {
    if (typeof one === 'string' || one instanceof URL) {
      if (typeof one === 'string' && SOURCE_TEXT.test(one)) sources.push(await fromText(one, options));
      else await takePathSource(one, protos, sources);
    } else sources.push(await fromObject(one as object));
  }
  // Together: files that import each other are read once and named once.
  if (protos.length > 0) {
    const { loadProto } = await import('../proto/load-proto.ts');
    const { files } = await loadProto(protos, options);
    sources.unshift({ files, origin: originOf(protos) });
  }
  return sources;
}

const MAX_NAMED = 10;

function originOf(protos: readonly (string | URL)[]): string {
  const named = protos.slice(0, MAX_NAMED).map((one) => String(one));
  return protos.length > MAX_NAMED
    ? `${named.join(', ')} and ${protos.length - MAX_NAMED} more`
    : named.join(', ');
}

async function fromText(text: string, options: LoadSourceOptions): Promise<DescriptorSource> {
  const { loadProtoSource } = await import('../proto/load-proto.ts');
  const { files } = await loadProtoSource(text, SOURCE_TEXT_NAME, options);
  return { files, origin: 'source text' };
}

/** A .proto goes to those that are loaded together. */
async function takePathSource(
  source: string | URL,
  protos: (string | URL)[],
  sources: DescriptorSource[],
): Promise<void> {
  // The common case, and the one that needs no look at the disk.
  if (String(source).endsWith('.proto')) {
    protos.push(source);
    return;
  }
  const path = pathOf(source);
  if (path === undefined) {
    protos.push(source);
    return;
  }
  const { kindOfPath } = await import('./path-source.ts');
  const kind = await kindOfPath(path);
  if (kind === 'proto') protos.push(source);
  else if (kind === 'directory') {
    const { protoFilesBelow } = await import('./proto-directory.ts');
    protos.push(...(await protoFilesBelow(path)));
  } else sources.push(await fromPath(path, kind));
}

/** Undefined for a URL that is no file: the parser's finder refuses it. */
function pathOf(source: string | URL): string | undefined {
  const text = String(source);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return source instanceof URL || /^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(text) || text === ''
    ? undefined
    : resolve(text);
}

async function fromPath(path: string, kind: PathKind): Promise<DescriptorSource> {
  const { takePath, protoFileOf } = await import('./path-source.ts');
  const way = relative(resolve('.'), path);
  const origin = way.startsWith('..') ? path : way;
  const out = findings(origin, kind === 'module' ? protoFileOf(path) : undefined);
  await takePath(path, kind, out);
  if (kind !== 'descriptors' && out.files.length === 0 && out.services.length === 0) {
    const what =
      kind === 'json'
        ? 'JSON of a FileDescriptorSet or of protobufjs'
        : 'module with services or descriptors';
    throw new SchemaError(`${origin}: is no ${what}${kind === 'module' ? siblingOf(path) : ''}`);
  }
  return finished(out);
}

/** Generators that put services and messages in different modules. */
function siblingOf(path: string): string {
  const file = basename(path);
  if (/_pb\.[cm]?js$/.test(file) && !file.includes('_grpc_pb.')) {
    return `; its services may be in ${file.replace('_pb.', '_grpc_pb.')}`;
  }
  return /\.client\.[cm]?js$/.test(file)
    ? `; its service is described in ${file.replace('.client.', '.')}`
    : '';
}

async function fromObject(source: object): Promise<DescriptorSource> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const { decodeDescriptorSet } = await import('../descriptor-set.ts');
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    return finished({ ...findings('the bytes given'), files: decodeDescriptorSet(bytes, 'the bytes given') });
  }
  const { takeObject } = await import('./module-source.ts');
  const out = findings('the object given');
  takeObject(source as Readonly<Record<string, unknown>>, out);
  if (out.files.length === 0 && out.services.length === 0) {
    const keys = Object.keys(source).slice(0, 4).join(', ');
    throw new TypeError(`load does not take an object${keys === '' ? '' : ` with ${keys}`}. ${TAKEN}`);
  }
  return finished(out);
}

function findings(origin: string, protoFile?: string): Findings {
  return { origin, files: [], services: [] as CodecService[], protoFile };
}

/** With the files that everybody has and many sets leave out, and each file once. */
async function finished({ files, services, origin }: Findings): Promise<DescriptorSource> {
  const byName = new Map<string, FileDescriptorProto>();
  const own = files.filter((file) => {
    const twin = byName.get(file.name);
    if (twin === undefined) byName.set(file.name, file);
    // A hostile set may well have two files of one name: that is for the registry to say.
    return twin === undefined || JSON.stringify(twin, bigintText) !== JSON.stringify(file, bigintText);
  });
  const missing = new Set(own.flatMap((file) => file.dependency ?? []).filter((name) => !byName.has(name)));
  if (missing.size === 0) return { files: own, origin, services };
  const { bundledFiles } = await import('../reflection/bundled-files.ts');
  const bundled = (await bundledFiles([...missing])).filter((file) => !byName.has(file.name));
  return { files: [...bundled, ...own], origin, services };
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
