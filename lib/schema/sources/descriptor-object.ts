// Descriptors as objects: FileDescriptorSets and FileDescriptorProtos from any library, protoc-gen-es's file_… exports,
// ts-proto's protoMetadata. All become plain ProtoJSON-like objects, which the codec of descriptor.proto checks.

import { SchemaError } from '../../values/errors.ts';
import { keepEsUnknownFields } from '../codec/es-unknown-fields.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { decodeDescriptorSet, readDescriptorSet } from '../registry/descriptor-set.ts';
import { type Findings, isFunction, isObject, type Properties } from './findings.ts';
import { repairFile } from './ts-proto-schema.ts';

const MAX_DEPTH = 100;
const DESCRIPTION_LISTS = ['messageType', 'enumType', 'service', 'extension', 'dependency'];

/** Takes an object that is a descriptor or has one; returns whether it was. */
export function takeDescriptorObject(value: Properties, out: Findings): boolean {
  const files = fileObjects(value, out.origin);
  if (files === undefined) return false;
  out.files.push(...files);
  return true;
}

function fileObjects(value: Properties, origin: string): readonly FileDescriptorProto[] | undefined {
  if (Array.isArray(value['file'])) return filesOfObjects(value['file'], origin);
  // google-protobuf's FileDescriptorSet.
  const { getFileList, serializeBinary } = value;
  if (isFunction(getFileList) && isFunction(serializeBinary)) {
    return decodeDescriptorSet(serializeBinary.call(value) as Uint8Array, origin);
  }
  const described = esFileOf(value);
  if (described !== undefined)
    return filesOfObjects(
      withImports(described).map((file) => file['proto']),
      origin,
    );
  const { kind, files } = value;
  // protobuf-es's createFileRegistry.
  if (kind === 'registry' && isObject(files) && Symbol.iterator in files) {
    return filesOfObjects(
      Array.from(files as unknown as Iterable<unknown>, (file) => (isObject(file) ? file['proto'] : file)),
      origin,
    );
  }
  if (isObject(value['fileDescriptor'])) return tsProtoFiles(value, origin);
  const isFile =
    typeof value['name'] === 'string' && DESCRIPTION_LISTS.some((one) => Array.isArray(value[one]));
  return isFile ? filesOfObjects([value], origin) : undefined;
}

/** protoc-gen-es: the file to which a file, message, enum, extension or service description belongs. */
function esFileOf(value: Properties): Properties | undefined {
  const { kind, proto, file } = value;
  if (kind === 'file' && isObject(proto) && Array.isArray(value['dependencies'])) return value;
  if (typeof kind !== 'string' || !isObject(file) || !isObject(proto)) return undefined;
  return file['kind'] === 'file' ? esFileOf(file) : undefined;
}

/** A file and what it imports, imports first. Iterative, as chains of imports can be long. */
function withImports(start: Properties): Properties[] {
  const begun = new Set<unknown>();
  const done: Properties[] = [];
  const pending: { file: Properties; isEnd: boolean }[] = [{ file: start, isEnd: false }];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { file, isEnd } = step;
    if (isEnd) done.push(file);
    else if (!begun.has(file)) {
      begun.add(file);
      pending.push({ file, isEnd: true });
      const dependencies = Array.isArray(file['dependencies']) ? file['dependencies'] : [];
      for (const dependency of dependencies) {
        if (isObject(dependency)) pending.push({ file: dependency, isEnd: false });
      }
    }
  }
  return done;
}

function tsProtoFiles(metadata: Properties, origin: string): readonly FileDescriptorProto[] {
  const file = withImports(metadata).map(({ fileDescriptor, references }) => {
    const copy = plainCopy(fileDescriptor, 0, origin);
    if (isObject(copy)) repairFile(copy, references);
    return copy;
  });
  return readDescriptorSet({ file }, origin);
}

function filesOfObjects(files: readonly unknown[], origin: string): readonly FileDescriptorProto[] {
  return readDescriptorSet({ file: files.map((file) => plainCopy(file, 0, origin)) }, origin);
}

/**
 * A copy of the object's own data: what a library adds to its messages ($typeName) is not part of the descriptor, and the
 * prototypes of some hold defaults that nobody set.
 */
function plainCopy(value: unknown, depth: number, origin: string): unknown {
  if (depth > MAX_DEPTH)
    throw new SchemaError(`${origin}: a descriptor contains itself, or is nested too deeply`);
  if (Array.isArray(value)) return value.map((item) => plainCopy(item, depth + 1, origin));
  if (!isObject(value) || ArrayBuffer.isView(value)) return value;
  const copy = Object.create(null);
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (key === '$unknown') keepEsUnknownFields(copy, item);
    if (key.startsWith('$') || typeof item === 'function' || item === undefined) continue;
    copy[key] = plainCopy(item, depth + 1, origin);
  }
  return copy;
}
