// Which files are descriptor.proto; and the bundled one, for modules that are there from the start and must not draw in
// the .proto parser: whoever loads a schema brings the parser, and that gives it here.

import type { FileDescriptorProto } from './descriptor-types.ts';

let provider: (() => FileDescriptorProto) | undefined;

/** Called by the module that can parse it. */
export function provideDescriptorProto(get: () => FileDescriptorProto): void {
  provider = get;
}

/** Whether it can be had; having it costs the parsing of a large file. */
export function isDescriptorProtoProvided(): boolean {
  return provider !== undefined;
}

/** Undefined before anything that needs the parser was loaded. */
export function providedDescriptorProto(): FileDescriptorProto | undefined {
  return provider?.();
}

const EDITION_MARKS: ReadonlySet<string> = new Set([
  'FileDescriptorProto',
  'FileOptions',
  'MessageOptions',
  'FieldOptions',
]);

/** Whether a file is descriptor.proto, in some edition and under whatever name it is kept. */
export function isDescriptorEdition(file: FileDescriptorProto): boolean {
  return (
    file.package === 'google.protobuf' &&
    file.messageType?.some(({ name }) => EDITION_MARKS.has(name)) === true
  );
}
