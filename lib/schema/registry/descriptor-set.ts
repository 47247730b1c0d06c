// Descriptors as bytes (protoc's --descriptor_set_out, what reflection sends) and back, through the codec itself:
// descriptor.proto is a schema like any other. Options that are extensions defined in the files themselves come out under
// their names; others stay with their message as the octets they came in.

import { SchemaError } from '../../values/errors.ts';
import { decodeMeanwhile } from '../codec/codec.ts';
import type { MessageCodec } from '../codec/method.ts';
import { type FieldPlan, MAP, type Plan } from '../codec/plan.ts';
import { DecodeError } from '../codec/wire/decode-error.ts';
import { MAX_DEPTH } from '../codec/wire/nesting.ts';
import { isDescriptorEdition } from '../descriptors/bundled-descriptor-proto.ts';
import { withEditionOf } from '../descriptors/descriptor-edition.ts';
import { descriptorSchema } from '../descriptors/descriptor-proto-literal.ts';
import type { DescriptorProto, FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { NOT_WELL_KNOWN } from '../descriptors/well-known-kind.ts';
import type { fromText } from '../text/from-text.ts';
import { Registry } from './registry.ts';

const SET = 'google.protobuf.FileDescriptorSet';
const FILE = 'google.protobuf.FileDescriptorProto';

let plainRegistry: Registry | undefined;

function descriptorRegistry(descriptorProto: FileDescriptorProto): Registry {
  const registry = new Registry({ defaults: false });
  registry.add([descriptorProto], 'the package itself');
  return registry;
}

function plain(): Registry {
  plainRegistry ??= descriptorRegistry(descriptorSchema());
  return plainRegistry;
}

/** Decodes the bytes of a FileDescriptorSet. Throws SchemaError, naming `origin`, when they are not one. */
export function decodeDescriptorSet(bytes: Uint8Array, origin: string): FileDescriptorProto[] {
  const files = filesOf(decodeSet(plain(), bytes, origin));
  const registry = registryWithOptions(files);
  return registry === undefined ? files : filesOf(decodeSet(registry, bytes, origin));
}

/** Part of a set may be needed because a message that is being decoded has something of a type that it defines. */
function decodeSet(registry: Registry, bytes: Uint8Array, origin: string): object {
  return explained(origin, () => decodeMeanwhile(registry.plan(SET), bytes) as object);
}

/** Decodes the bytes of FileDescriptorProtos, one each. Throws SchemaError, naming `origin`, when they are not. */
export function decodeFileDescriptors(all: readonly Uint8Array[], origin: string): FileDescriptorProto[] {
  const files = all.map((bytes) => decodeFileDescriptor(bytes, origin));
  return decodeCustomOptions(all, files, [], origin);
}

/** Decodes one FileDescriptorProto; options that are extensions stay the octets they came in. */
export function decodeFileDescriptor(bytes: Uint8Array, origin: string): FileDescriptorProto {
  return decode(plain().message(FILE), bytes, origin) as FileDescriptorProto;
}

/**
 * The same files, already decoded once, with options that are extensions under their names if these files or `imports`
 * define them.
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
  return all.map((bytes, i) => {
    try {
      return decode(better, bytes, origin) as FileDescriptorProto;
    } catch (error) {
      // The value of an option does not fit its type: it stays octets, like those of unknown options.
      if (error instanceof SchemaError) return files[i];
      throw error;
    }
  });
}

/**
 * The files of a FileDescriptorSet that is parsed ProtoJSON, or an object like it. What descriptor.proto and the files do
 * not define is skipped, like unknown fields of the binary form: other tools add members of their own. Throws
 * SchemaError, naming `origin`, when it is not one.
 */
export function readDescriptorSet(set: unknown, origin: string): FileDescriptorProto[] {
  return readTwice(origin, (registry) => registry.fromJson(SET, knownMembers(registry.plan(SET), set, 0)));
}

/** The same for a FileDescriptorSet in text format. What reads that is given: descriptors of servers, in octets, do without. */
export function readDescriptorSetText(
  text: string,
  origin: string,
  read: typeof fromText,
): FileDescriptorProto[] {
  return readTwice(origin, (registry) => read(registry, SET, text, true));
}

/** Once to learn the extensions that the files define, and again with these. */
function readTwice(origin: string, read: (registry: Registry) => unknown): FileDescriptorProto[] {
  try {
    const files = filesOf(read(plain()) as object);
    const registry = registryWithOptions(files);
    return registry === undefined ? files : filesOf(read(registry) as object);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError || error instanceof DecodeError))
      throw error;
    throw new SchemaError(`${origin}: ${error.message}`, { cause: error });
  }
}

/** A copy of an object that stands for a message, with only those members that the message type has. */
function knownMembers(plan: Plan, value: unknown, depth: number): unknown {
  if (!isMessageObject(value) || depth > MAX_DEPTH || plan.wellKnown !== NOT_WELL_KNOWN) return value;
  const copy = Object.create(null);
  for (const key of Reflect.ownKeys(value)) {
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own === undefined || !('value' in own)) continue;
    // Unknown fields of the binary form are kept under a symbol.
    const field = typeof key === 'string' ? fieldNamed(plan, key) : undefined;
    if (typeof key === 'string' && field === undefined) continue;
    const known = field === undefined ? own.value : knownValue(field, own.value, depth + 1);
    Object.defineProperty(copy, key, { ...own, value: known });
  }
  return copy;
}

function fieldNamed(plan: Plan, key: string): FieldPlan | undefined {
  return key.startsWith('[') ? plan.findExtension(key) : plan.names.get(key);
}

function knownValue(field: FieldPlan, value: unknown, depth: number): unknown {
  if (!field.isMessage || field.shape === MAP) return value;
  const message = field.link();
  if (Array.isArray(value)) return value.map((item) => knownMembers(message, item, depth));
  return knownMembers(message, value, depth);
}

function isMessageObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function filesOf(set: object): FileDescriptorProto[] {
  return 'file' in set && Array.isArray(set.file) ? set.file : [];
}

function decode(codec: MessageCodec, bytes: Uint8Array, origin: string): object {
  return explained(origin, () => codec.decode(bytes, 0, bytes.length));
}

function explained(origin: string, decoded: () => object): object {
  try {
    return decoded();
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

/** A registry that knows the options that these files define; undefined when they define none. */
function registryWithOptions(files: readonly FileDescriptorProto[]): Registry | undefined {
  const descriptorProto = withEditionOf(descriptorSchema(), files);
  if (descriptorProto === descriptorSchema() && !files.some(extendsOptions)) return undefined;
  try {
    const registry = descriptorRegistry(descriptorProto);
    registry.add(
      files.filter((file) => !isDescriptorEdition(file)),
      'the descriptors',
    );
    return registry;
  } catch (error) {
    // Loading these files will report what is wrong with them; until then their options stay octets.
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
}

/** The messages of descriptor.proto that can be extended, in its package or from outside. */
const OPTIONS = /^(?:\.?google\.protobuf\.)?\w*(?:Options|FeatureSet)$/;

function extendsOptions(scope: FileDescriptorProto | DescriptorProto): boolean {
  if (scope.extension?.some(({ extendee }) => OPTIONS.test(extendee ?? '')) === true) return true;
  const inside =
    'nestedType' in scope ? scope.nestedType : 'messageType' in scope ? scope.messageType : undefined;
  return inside?.some(extendsOptions) ?? false;
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
