// What a file descriptor defines and what it refers to, by name. The descriptor may come from a hostile server and is
// not checked yet: nothing is assumed of it except what decoding guarantees.

import type { DescriptorProto, FieldDescriptorProto, FileDescriptorProto } from './descriptor-types.ts';
import { keyOfExtension } from './extension-number.ts';
import { candidateNames, qualify } from './names.ts';
import { definitionsOf } from './symbol-table.ts';

/** A name as written in a descriptor, and the scope in which to look it up. */
export interface TypeReference {
  readonly name: string;
  readonly scope: string;
}

/** The full names of a file's services. */
export function servicesOf(file: FileDescriptorProto): string[] {
  return (file.service ?? []).map(({ name }) => qualify(file.package ?? '', name));
}

/** The keys of a file's extensions, for each message that the name of what it extends may refer to. */
export function extensionsOf(file: FileDescriptorProto): string[] {
  const found: string[] = [];
  for (const { kind, fullName, proto } of definitionsOf({ proto: file, origin: '' })) {
    if (kind !== 'extension') continue;
    for (const containingType of candidateNames(proto.extendee ?? '', fullName)) {
      found.push(keyOfExtension({ containingType, extensionNumber: proto.number }));
    }
  }
  return found;
}

/** All types that a file's fields, extensions and methods name, each once. */
export function referencesOf(file: FileDescriptorProto): TypeReference[] {
  const found = new Map<string, TypeReference>();
  const add = (name: string | undefined, scope: string): void => {
    if (name === undefined || name === '') return;
    // An absolute name means the same everywhere.
    const key = name.startsWith('.') ? name : `${scope} ${name}`;
    if (!found.has(key)) found.set(key, { name, scope });
  };
  const addField = (field: FieldDescriptorProto, scope: string): void => {
    add(field.typeName, scope);
    add(field.extendee, scope);
  };
  const addMessage = (message: DescriptorProto, around: string): void => {
    const scope = qualify(around, message.name);
    for (const field of message.field ?? []) addField(field, scope);
    for (const extension of message.extension ?? []) addField(extension, scope);
    for (const nested of message.nestedType ?? []) addMessage(nested, scope);
  };
  const scope = file.package ?? '';
  for (const message of file.messageType ?? []) addMessage(message, scope);
  for (const extension of file.extension ?? []) addField(extension, scope);
  for (const service of file.service ?? []) {
    for (const method of service.method ?? []) {
      add(method.inputType, qualify(scope, service.name));
      add(method.outputType, qualify(scope, service.name));
    }
  }
  return [...found.values()];
}

/** The full name that a reference resolves to, among those that `isDefined` knows; undefined if it resolves to none. */
export function resolveReference(
  { name, scope }: TypeReference,
  isDefined: (fullName: string) => boolean,
): string | undefined {
  for (const candidate of candidateNames(name, scope)) if (isDefined(candidate)) return candidate;
  return undefined;
}
