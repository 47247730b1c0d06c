// A directory of .proto files for each test, and what the specs of loading them share.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { LoadedProto } from '../../../lib/schema/proto/load-proto.ts';

export const HEAD = 'syntax = "proto3"; ';

export const dependencyOf = (message: string): string => `${HEAD}message ${message} {}`;

export interface ProtoDirectory {
  /** Makes files, by their paths below the directory. */
  write(files: Readonly<Record<string, string>>): void;
  /** The whole path of one. */
  at(path: string): string;
}

/** For a `describe`: each of its tests begins with an empty directory. */
export function protoDirectory(): ProtoDirectory {
  let directory: string;
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'stubless-proto-')));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const at = (path: string): string => join(directory, path);
  return {
    at,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(at(path)), { recursive: true });
        writeFileSync(at(path), text);
      }
    },
  };
}

export function names({ files }: LoadedProto): string[] {
  return files.map(({ name }) => name);
}

export async function refusal(load: Promise<LoadedProto>): Promise<string> {
  try {
    await load;
  } catch (error) {
    expect(error).to.have.property('name', 'SchemaError');
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was refused');
}
