// The bundled descriptor.proto, for modules that are there from the start and must not draw in the .proto parser:
// whoever loads a schema brings the parser, and that gives it here.

import type { FileDescriptorProto } from './descriptor.ts';

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
