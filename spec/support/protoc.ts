// protoc as a judge: what it makes of .proto files, as ProtoJSON of their descriptors, or what it says against them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry, fromBinary, type Registry, toJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { messageOf } from '../../lib/values/realm.ts';

const FLAGS = ['--include_imports', '--include_source_info', '--retain_options'];

export class Protoc {
  readonly #command: readonly string[];
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'stubless-protoc-'));

  /** `command` as in a shell, without quotes. */
  constructor(command: string = process.env['PROTOC'] ?? 'protoc') {
    this.#command = command.split(' ');
  }

  /** Its version, or undefined where it cannot be run. */
  version(): string | undefined {
    const [program, ...first] = this.#command;
    const run = spawnSync(program, [...first, '--version'], { encoding: 'utf8' });
    return run.status === 0 ? run.stdout.trim() : undefined;
  }

  /** The files that the sources need, by name; or its complaint. */
  files(roots: readonly string[], sources: readonly string[]): Map<string, unknown> | string {
    const output = join(this.#directory, 'set.binpb');
    const [program, ...first] = this.#command;
    const words = [
      ...FLAGS,
      ...roots.map((root) => `-I${root}`),
      `--descriptor_set_out=${output}`,
      ...sources,
    ];
    const run = spawnSync(program, [...first, ...words], { encoding: 'utf8' });
    if (run.error !== undefined) throw run.error;
    return run.status === 0 ? readSet(output, sources[0]) : run.stderr;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

function readSet(path: string, first: string): Map<string, unknown> {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(path));
  let registry: Registry | undefined;
  try {
    registry = createFileRegistry(set);
  } catch (error) {
    // Editions that the decoder does not know: custom options are left out of the comparison then.
    console.log(`no registry for ${first} …: ${messageOf(error)}`);
  }
  const options = registry === undefined ? {} : { registry };
  return new Map(set.file.map((file) => [file.name, toJson(FileDescriptorProtoSchema, file, options)]));
}
