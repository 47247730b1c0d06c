// Which files are descriptor.proto; and the bundled one, for modules that are loaded from the start and must not import
// the .proto parser: loading a schema brings in the parser, which provides it here.

import type { FileDescriptorProto } from './descriptor-types.ts';

let provider: (() => FileDescriptorProto) | undefined;

/** Called by the module that can parse it. */
export function provideDescriptorProto(get: () => FileDescriptorProto): void {
  provider = get;
}

/** Whether it is available; using it means parsing a large file. */
export function isDescriptorProtoProvided(): boolean {
  return provider !== undefined;
}

/** Undefined until something that needs the parser is loaded. */
export function providedDescriptorProto(): FileDescriptorProto | undefined {
  return provider?.();
}

const EDITION_MARKS: ReadonlySet<string> = new Set([
  'FileDescriptorProto',
  'FileOptions',
  'MessageOptions',
  'FieldOptions',
]);

/** Whether a file is descriptor.proto, in some edition and under any name. */
export function isDescriptorEdition(file: FileDescriptorProto): boolean {
  return (
    file.package === 'google.protobuf' &&
    file.messageType?.some(({ name }) => EDITION_MARKS.has(name)) === true
  );
}
