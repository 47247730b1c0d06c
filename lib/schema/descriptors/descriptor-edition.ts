// descriptor.proto as it takes to read and write the options of some files: the package's own, and whatever a copy among
// the files has in addition. Each compiler ships its own edition, and some people add options to theirs.

import { isDescriptorEdition } from './bundled-descriptor-proto.ts';
import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from './descriptor-types.ts';

/** `base`, with whatever else a descriptor.proto among the files has; `base` itself if that is nothing. */
export function withEditionOf(
  base: FileDescriptorProto,
  files: readonly FileDescriptorProto[],
): FileDescriptorProto {
  return files.filter((file) => file !== base && isDescriptorEdition(file)).reduce(withEdition, base);
}

function withEdition(base: FileDescriptorProto, own: FileDescriptorProto): FileDescriptorProto {
  const { messageType = NONE, enumType = NONE } = base;
  const messages = merged(messageType, own.messageType, withFields);
  const enums = merged(enumType, own.enumType, withValues);
  return messages === messageType && enums === enumType
    ? base
    : { ...base, messageType: messages, enumType: enums };
}

const NONE: readonly never[] = [];

/** `base` with each element completed by its namesake, plus those that it lacks; `base` itself if nothing is new. */
function merged<T extends { readonly name: string }>(
  base: readonly T[],
  own: readonly T[] = NONE,
  complete: (one: T, other: T) => T,
): readonly T[] {
  const others = new Map(own.map((one) => [one.name, one]));
  const all = base.map((one) => {
    const other = others.get(one.name);
    others.delete(one.name);
    return other === undefined ? one : complete(one, other);
  });
  all.push(...others.values());
  return all.length === base.length && all.every((one, i) => one === base[i]) ? base : all;
}

function withFields(base: DescriptorProto, own: DescriptorProto): DescriptorProto {
  const numbers = new Set(base.field?.map(({ number }) => number));
  const names = new Set(base.field?.map(({ name }) => name));
  const added = (own.field ?? []).filter(({ number, name }) => !numbers.has(number) && !names.has(name));
  const { nestedType = NONE, enumType = NONE, extensionRange = NONE } = base;
  const messages = merged(nestedType, own.nestedType, withFields);
  const enums = merged(enumType, own.enumType, withValues);
  if (added.length === 0 && messages === nestedType && enums === enumType) return base;
  const field = [...(base.field ?? []), ...added.map(({ oneofIndex: _, proto3Optional: __, ...one }) => one)];
  // The extension ranges of the copy leave out the numbers of its fields.
  const ranges = added.length === 0 ? extensionRange : (own.extensionRange ?? NONE);
  // What one edition has, another may have reserved.
  const reserved = added.length === 0 ? {} : { reservedName: NONE, reservedRange: NONE };
  return { ...base, ...reserved, field, nestedType: messages, enumType: enums, extensionRange: ranges };
}

function withValues(base: EnumDescriptorProto, own: EnumDescriptorProto): EnumDescriptorProto {
  const numbers = new Set(base.value?.map(({ number }) => number));
  const names = new Set(base.value?.map(({ name }) => name));
  const added = (own.value ?? []).filter(({ number, name }) => !numbers.has(number) && !names.has(name));
  if (added.length === 0) return base;
  return { ...base, reservedName: NONE, reservedRange: NONE, value: [...(base.value ?? []), ...added] };
}
