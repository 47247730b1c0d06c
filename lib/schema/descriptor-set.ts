// Descriptors as bytes (protoc's --descriptor_set_out, what reflection sends) and back, through the codec
// itself: descriptor.proto is a schema like any other. Options that are extensions known among the files
// themselves come out under their names; others stay with their message as the octets they came in.

import { SchemaError } from '../errors.ts';
import { DecodeError } from './decode-error.ts';
import type { DescriptorProto, FileDescriptorProto } from './descriptor.ts';
import { DESCRIPTOR_PROTO, descriptorSchema } from './descriptor-schema.ts';
import type { MessageCodec } from './method.ts';
import { Registry } from './registry.ts';

const SET = 'google.protobuf.FileDescriptorSet';
const FILE = 'google.protobuf.FileDescriptorProto';

let plainRegistry: Registry | undefined;

function descriptorRegistry(): Registry {
  const registry = new Registry({ defaults: false }, { keepUnknown: true });
  registry.add([descriptorSchema()], 'the package itself');
  return registry;
}

function plain(): Registry {
  plainRegistry ??= descriptorRegistry();
  return plainRegistry;
}

/** Decodes the bytes of a FileDescriptorSet. SchemaError, naming `origin`, when they are none. */
export function decodeDescriptorSet(bytes: Uint8Array, origin: string): FileDescriptorProto[] {
  const files = filesOf(decode(plain().message(SET), bytes, origin));
  const registry = registryWithOptions(files);
  return registry === undefined ? files : filesOf(decode(registry.message(SET), bytes, origin));
}

/** Decodes the bytes of FileDescriptorProtos, one each. SchemaError, naming `origin`, when they are none. */
export function decodeFileDescriptors(all: readonly Uint8Array[], origin: string): FileDescriptorProto[] {
  const files = all.map((bytes) => decodeFileDescriptor(bytes, origin));
  return decodeCustomOptions(all, files, [], origin);
}

/** One FileDescriptorProto, with options that are extensions as the octets they came in. */
export function decodeFileDescriptor(bytes: Uint8Array, origin: string): FileDescriptorProto {
  return decode(plain().message(FILE), bytes, origin) as FileDescriptorProto;
}

/**
 * The same files, already decoded once, with the options under their names that are extensions which these files
 * or `imports` define.
 */
export function decodeCustomOptions(
  all: readonly Uint8Array[],
  files: readonly FileDescriptorProto[],
  imports: readonly FileDescriptorProto[],
  origin: string,
): FileDescriptorProto[] {
  const registry = registryWithOptions([...imports, ...files]);
  if (registry === undefined) return [...files];
  const better = registry.message(FILE);
  return all.map((bytes) => decode(better, bytes, origin) as FileDescriptorProto);
}

/**
 * The files of a FileDescriptorSet that is ProtoJSON, parsed, or an object like it. Options in brackets that no file
 * of the set defines are left out. SchemaError, naming `origin`, when it is none.
 */
export function readDescriptorSet(set: unknown, origin: string): FileDescriptorProto[] {
  try {
    const files = filesOf(plain().fromJson(SET, withoutExtensions(set)) as object);
    const registry = registryWithOptions(files);
    return registry === undefined ? files : filesOf(registry.fromJson(SET, set) as object);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError || error instanceof DecodeError))
      throw error;
    throw new SchemaError(`${origin}: ${error.message}`, { cause: error });
  }
}

function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const keys = Object.keys(value);
  if (!keys.some((key) => key.startsWith('[')) && !keys.some((key) => holds(value, key))) return value;
  const copy = Object.create(null);
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'string' && key.startsWith('[')) continue;
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own !== undefined && 'value' in own) {
      Object.defineProperty(copy, key, { ...own, value: withoutExtensions(own.value) });
    }
  }
  return copy;
}

function holds(value: object, key: string): boolean {
  const item: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof item === 'object' && item !== null;
}

function filesOf(set: object): FileDescriptorProto[] {
  return 'file' in set && Array.isArray(set.file) ? set.file : [];
}

function decode(codec: MessageCodec, bytes: Uint8Array, origin: string): object {
  try {
    return codec.decode(bytes, 0, bytes.length);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new SchemaError(`${origin}: ${error.message}`, { cause: error });
  }
}

/** Copied out of the codec's memory. */
function encode(codec: MessageCodec, value: object): Uint8Array {
  const { bytes, start, end } = codec.encode(value, 0);
  return Uint8Array.from(bytes.subarray(start, end));
}

/** A registry that knows the extensions of options which these files define; undefined when there are none. */
function registryWithOptions(files: readonly FileDescriptorProto[]): Registry | undefined {
  if (!files.some(extendsOptions)) return undefined;
  const registry = descriptorRegistry();
  try {
    // Their own copy of descriptor.proto may be of another version: ours has to serve, as it is the plan's.
    registry.add(
      files.filter((file) => file.name !== DESCRIPTOR_PROTO),
      'the descriptors',
    );
  } catch (error) {
    // Whoever loads these files is told what is wrong with them; meanwhile their options stay octets.
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
  return registry;
}

function extendsOptions(file: FileDescriptorProto): boolean {
  return file.dependency?.includes(DESCRIPTOR_PROTO) === true && definesExtensions(file);
}

function definesExtensions(scope: FileDescriptorProto | DescriptorProto): boolean {
  if ((scope.extension?.length ?? 0) > 0) return true;
  const nested = 'dependency' in scope || 'messageType' in scope ? scope.messageType : undefined;
  const inside = 'nestedType' in scope ? scope.nestedType : nested;
  return inside?.some(definesExtensions) ?? false;
}

/** Encodes files as a FileDescriptorSet. */
export function encodeDescriptorSet(files: readonly FileDescriptorProto[]): Uint8Array {
  const registry = registryWithOptions(files) ?? plain();
  return encode(registry.message(SET), { file: files });
}

/** Encodes one file as a FileDescriptorProto. */
export function encodeFileDescriptor(
  file: FileDescriptorProto,
  imports: readonly FileDescriptorProto[],
): Uint8Array {
  const registry = registryWithOptions([...imports, file]) ?? plain();
  return encode(registry.message(FILE), file);
}
