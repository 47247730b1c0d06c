// Schemas for the specs of reflection, from text to linked descriptors, and to the bytes that servers send.

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { encodeFileDescriptor } from '../../../lib/schema/registry/descriptor-set.ts';

/** File name → source text; proto3, where it does not say otherwise. */
export type Sources = Readonly<Record<string, string>>;

/** The descriptors of these files and of all that they import, imports first. */
export async function filesOf(sources: Sources): Promise<readonly FileDescriptorProto[]> {
  const directory = mkdtempSync(join(tmpdir(), 'stubless-reflection-'));
  try {
    for (const [name, text] of Object.entries(sources)) {
      const path = join(directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, /^\s*(?:syntax|edition)\b/.test(text) ? text : `syntax = "proto3";\n${text}`);
    }
    return (await loadProto(Object.keys(sources), { includeDirs: [directory] })).files;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The bytes of one of these files. */
export function bytesOf(file: FileDescriptorProto, files: readonly FileDescriptorProto[]): Uint8Array {
  return encodeFileDescriptor(
    file,
    files.filter((other) => other !== file),
  );
}

/** A service of one method, its messages beside it or imported. */
export const GREETER: Sources = {
  'greeter.proto': `
    package hello;
    import "hello/reply.proto";
    service Greeter {
      rpc SayHello (Request) returns (Reply);
      rpc Again (Request) returns (stream Reply);
    }
    message Request { string name = 1; }`,
  'hello/reply.proto': `
    package hello;
    message Reply { string message = 1; }`,
};
