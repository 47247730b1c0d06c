// One tree of .proto files, each loaded by itself, compared and written.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { SchemaPrinter } from '../../../lib/schema/print/schema-printer.ts';
import { bundledDirectory } from '../../../lib/schema/proto/bundled-protos.ts';
import { type LoadedProto, loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { decodeDescriptorSet, encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { protoFilesBelow } from '../../../lib/schema/sources/proto-directory.ts';
import { messageOf } from '../../../lib/values/realm.ts';
import { comparableDescriptor, firstDifference } from '../../schema/proto/descriptor-json.ts';
import type { Protoc } from '../../support/protoc.ts';

/** The bundled schemas, as files. */
const BUNDLED = resolve('protos');
/** protoc takes longer to start than to read these. */
const BATCH_FILES = 100;
/** @bufbuild/protobuf does not read the items of a MessageSet, so that those of options are missing in its JSON. */
const MESSAGE_SET = '.message_set_extension]: expected absent';

interface Counts {
  files: number;
  accepted: number;
  refusedByBoth: number;
  compared: number;
  equal: number;
  protoset: number;
  source: number;
}

export interface TreeResult {
  readonly directory: string;
  readonly counts: Readonly<Counts>;
  /** By kind, each with its file and the reason. */
  readonly differences: ReadonlyMap<string, readonly string[]>;
}

/** A file that was loaded. */
interface Accepted {
  readonly path: string;
  readonly name: string;
  readonly file: FileDescriptorProto;
  /** Where protoc has to look so that it reads what we read. */
  readonly roots: readonly string[];
}

export class Tree {
  readonly #directory: string;
  readonly #includeDirs: readonly string[];
  readonly #protoc: Protoc | undefined;
  readonly #differences: Map<string, string[]> = new Map();
  readonly #counts: Counts = {
    files: 0,
    accepted: 0,
    refusedByBoth: 0,
    compared: 0,
    equal: 0,
    protoset: 0,
    source: 0,
  };

  constructor(directory: string, includeDirs: readonly string[], protoc: Protoc | undefined) {
    this.#directory = directory;
    this.#includeDirs = includeDirs;
    this.#protoc = protoc;
  }

  async run(): Promise<TreeResult> {
    const accepted: Accepted[] = [];
    for (const path of await protoFilesBelow(this.#directory)) {
      this.#counts.files++;
      const one = await this.#load(path);
      if (one !== undefined) accepted.push(one);
    }
    if (this.#protoc !== undefined) this.#compareAll(accepted, this.#protoc);
    return { directory: this.#directory, counts: this.#counts, differences: this.#differences };
  }

  #differ(kind: string, path: string, reason: string): void {
    const list = this.#differences.get(kind) ?? [];
    list.push(`${relative(this.#directory, path)}: ${reason}`);
    this.#differences.set(kind, list);
  }

  async #load(path: string): Promise<Accepted | undefined> {
    let loaded: LoadedProto;
    try {
      loaded = await loadProto([{ path, root: this.#directory }], { includeDirs: this.#includeDirs });
    } catch (error) {
      this.#refused(path, error);
      return undefined;
    }
    this.#counts.accepted++;
    const [name] = loaded.sources;
    const file = loaded.files.find((one) => one.name === name);
    if (file === undefined) throw new Error(`${path} is not among what was loaded`);
    this.#writeProtoset(path, file, loaded);
    await this.#writeSource(path, file, loaded);
    return { path, name, file, roots: rootsOf(loaded) };
  }

  #refused(path: string, error: unknown): void {
    const isOurs = error instanceof Error && error.name === 'SchemaError';
    const reason = messageOf(error);
    if (!isOurs) this.#differ('fails with another error than SchemaError', path, reason);
    else if (this.#protoc === undefined) this.#differ('refused', path, reason);
    else if (this.#isTakenByProtoc(path, this.#protoc)) this.#differ('only we refuse it', path, reason);
    else this.#counts.refusedByBoth++;
  }

  /** From any root that is likely. */
  #isTakenByProtoc(path: string, protoc: Protoc): boolean {
    for (let root = dirname(path); ; root = dirname(root)) {
      if (typeof protoc.files(this.#rootsFrom(root), [relative(root, path)]) !== 'string') return true;
      if (root === this.#directory || root === dirname(root)) return false;
    }
  }

  #rootsFrom(root: string): string[] {
    return [...new Set([...this.#includeDirs, root, BUNDLED])];
  }

  #writeProtoset(path: string, file: FileDescriptorProto, { files }: LoadedProto): void {
    const kind = 'another file after it was written as a set of descriptors';
    try {
      const again = decodeDescriptorSet(encodeDescriptorSet(files), 'the set').find(
        ({ name }) => name === file.name,
      );
      const difference = firstDifference(comparableDescriptor(file), comparableDescriptor(again));
      if (difference === undefined) this.#counts.protoset++;
      else this.#differ(kind, path, difference);
    } catch (error) {
      this.#differ(kind, path, messageOf(error));
    }
  }

  async #writeSource(path: string, file: FileDescriptorProto, { files }: LoadedProto): Promise<void> {
    const kind = 'another file after it was written as .proto source';
    const directory = mkdtempSync(join(tmpdir(), 'stubless-wild-'));
    try {
      const printer = new SchemaPrinter(() => files);
      for (const one of files) {
        const to = join(directory, one.name);
        mkdirSync(dirname(to), { recursive: true });
        writeFileSync(to, printer.file(one));
      }
      const { files: again } = await loadProto([join(directory, file.name)], { includeDirs: [directory] });
      const twin = again.find(({ name }) => name === file.name);
      const difference = firstDifference(withoutSpans(file), withoutSpans(twin));
      if (difference === undefined) this.#counts.source++;
      else this.#differ(kind, path, difference);
    } catch (error) {
      this.#differ(kind, path, messageOf(error));
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** Files with the same roots together. */
  #compareAll(accepted: readonly Accepted[], protoc: Protoc): void {
    const byRoots = new Map<string, Accepted[]>();
    for (const one of accepted) {
      const key = one.roots.join('\0');
      byRoots.set(key, [...(byRoots.get(key) ?? []), one]);
    }
    for (const group of byRoots.values()) {
      for (let i = 0; i < group.length; i += BATCH_FILES)
        this.#compare(group.slice(i, i + BATCH_FILES), protoc);
    }
  }

  #compare(batch: readonly Accepted[], protoc: Protoc): void {
    const [first] = batch;
    const theirs = protoc.files(
      first.roots,
      batch.map(({ name }) => name),
    );
    if (typeof theirs === 'string' && batch.length > 1) {
      // Something in it is refused, or contradicts another: find out what, by halves.
      const half = Math.ceil(batch.length / 2);
      this.#compare(batch.slice(0, half), protoc);
      this.#compare(batch.slice(half), protoc);
      return;
    }
    if (typeof theirs === 'string') {
      this.#differ('only protoc refuses it', first.path, theirs.trim());
      return;
    }
    for (const { path, name, file } of batch) {
      this.#counts.compared++;
      const expected = comparableDescriptor(theirs.get(name));
      const difference = firstDifference(expected, comparableDescriptor(file));
      if (difference === undefined || difference.includes(MESSAGE_SET)) this.#counts.equal++;
      else this.#differ("another descriptor than protoc's", path, difference);
    }
  }
}

/** The directories that the names of the files are relative to, the bundled one last. */
function rootsOf({ files, places }: LoadedProto): string[] {
  const roots = new Set<string>();
  for (const { name } of files) {
    const path = resolve(places.get(name) ?? name);
    if (path.endsWith(`/${name}`)) roots.add(path.slice(0, -name.length - 1));
  }
  roots.delete(bundledDirectory());
  return [...roots, BUNDLED];
}

/** Statements that may be written as one: their comments then stand together. */
const SHARED = /^7$|^(?:4,\d+,(?:3,\d+,)*(?:5|6|9|10))$|^(?:5,\d+|4,\d+,(?:3,\d+,)*4,\d+),[45]$/;

/** What source that is written anew keeps: comments, each at its declaration, and no places. */
function withoutSpans(file: FileDescriptorProto | undefined): unknown {
  const plain = comparableDescriptor(file) as Record<string, unknown>;
  const locations = (plain['sourceCodeInfo'] ?? {}) as Record<string, Record<string, unknown>>;
  const placed = Object.entries(locations).flatMap(([path, location]) => {
    const { leadingComments, trailingComments, leadingDetachedComments } = location;
    const comments = { leadingComments, trailingComments, leadingDetachedComments };
    const isBare = Object.values(comments).every((one) => one === undefined);
    return isBare || SHARED.test(path)
      ? []
      : [[path, JSON.parse(JSON.stringify(comments, cleaned))] as const];
  });
  return { ...plain, sourceCodeInfo: Object.fromEntries(placed), comments: commentsOf(file) };
}

/** All of them, wherever they stand. */
function commentsOf(file: FileDescriptorProto | undefined): string[] {
  const locations = file?.sourceCodeInfo?.location ?? [];
  const all = locations.flatMap((one) => [
    ...(one.leadingDetachedComments ?? []),
    one.leadingComments,
    one.trailingComments,
  ]);
  return all.flatMap((text) => (text === undefined ? [] : [String(cleaned('', text))])).sort();
}

/** Whatever ended the lines, and whether it was a block: they are written as lines that end with a line feed. */
function cleaned(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/[ \t\r]+$/gm, '').replace(/^\n+|\n+$/g, '');
}
