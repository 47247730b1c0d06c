// How long large schemas take to load, and how much memory they keep: this library, protobufjs alone and
// @grpc/proto-loader on the same trees, each in a process of its own, in turns. Then the first use of one message,
// which is not to pay for all others. Prints a Markdown table and writes it to docs/benchmark-schemas.md.

import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { loadProto, loadProtoSource } from '../../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';
import { median } from '../figures.ts';
import { repositoryRoot } from '../native.ts';
import { type SchemaTree, schemaTrees } from './schema-trees.ts';

const LIBRARIES = ['stubless', 'protobufjs', 'proto-loader'] as const;
const ROUNDS = 3;
const LIMIT_MS = 180_000;
const MIB = 1024 * 1024;
const MANY_FIELDS = 10_000;

type Library = (typeof LIBRARIES)[number];

interface Figures {
  readonly loadMs: number;
  readonly firstUseMs: number;
  readonly heapMiB: number;
}

/** Schemas that import from outside their tree find it among those that ship with this package. */
const roots = (tree: SchemaTree): string[] => [tree.root, join(repositoryRoot(), 'protos')];

const noMessage: Record<string, unknown> = {};

/** Loads the tree; gives what uses one message of it for the first time, and holds on to all of it. */
async function load(library: Library, tree: SchemaTree): Promise<() => unknown> {
  switch (library) {
    case 'stubless': {
      const registry = new Registry();
      const paths = tree.files.map((file) => join(tree.root, file));
      registry.add((await loadProto(paths, { includeDirs: roots(tree) })).files, tree.root);
      return () => registry.message(tree.message).encode(noMessage, 0);
    }
    case 'protobufjs': {
      const root = new protobuf.Root();
      const { resolvePath } = root;
      root.resolvePath = (origin, target) => {
        if (origin === '' || target.startsWith(tree.root)) return target;
        const found = roots(tree).map((at) => join(at, target));
        return found.find((path) => existsSync(path)) ?? resolvePath.call(root, origin, target);
      };
      root.loadSync(tree.files.map((file) => join(tree.root, file)));
      return () => root.lookupType(tree.message).encode(noMessage).finish();
    }
    case 'proto-loader': {
      const definition = loadSync([...tree.files], { includeDirs: roots(tree) });
      return () => Object.keys(definition).length;
    }
  }
}

async function measure(library: Library, tree: SchemaTree): Promise<Figures> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  const use = await load(library, tree);
  const loaded = performance.now();
  use();
  const used = performance.now();
  globalThis.gc?.();
  const heapMiB = (process.memoryUsage().heapUsed - before) / MIB;
  use();
  return { loadMs: loaded - start, firstUseMs: used - loaded, heapMiB };
}

/** The same in a process of its own; the reason when it cannot load the tree. */
function inProcess(library: Library, tree: number): Figures | string {
  const script = fileURLToPath(import.meta.url);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=4096', script, library, String(tree)],
    { encoding: 'utf8', timeout: LIMIT_MS },
  );
  if (status === 0) return JSON.parse(stdout);
  return /^\w*Error: (.{1,80})/m.exec(stderr)?.[1] ?? `ended with ${status}`;
}

async function manyFields(): Promise<string> {
  const lines = Array.from({ length: MANY_FIELDS }, (_, i) => `optional string field_${i} = ${i + 1};`);
  const text = `syntax = "proto3"; package many; message M { ${lines.join('\n')} }`;
  const start = performance.now();
  const { files } = await loadProtoSource(text, 'many.proto');
  const registry = new Registry();
  registry.add(files, 'many.proto');
  registry.message('many.M').encode({ field_7: 'x' }, 0);
  return (performance.now() - start).toFixed(0);
}

const cell = (figures: readonly (Figures | string)[], of: (figure: Figures) => number): string => {
  const good = figures.filter((figure) => typeof figure !== 'string');
  return good.length === 0
    ? '–'
    : of === firstUse
      ? median(good.map(of)).toFixed(1)
      : median(good.map(of)).toFixed(0);
};
const firstUse = (figure: Figures): number => figure.firstUseMs;

async function main(): Promise<void> {
  const trees = schemaTrees();
  const asked = LIBRARIES.find((library) => library === process.argv[2]);
  if (asked !== undefined) {
    console.log(JSON.stringify(await measure(asked, trees[Number(process.argv[3])])));
    return;
  }
  const lines = [
    '# Large schemas',
    '',
    `Medians of ${ROUNDS} processes each, Node ${process.version}, from \`npm run bench:schemas\`: all .proto files of a tree`,
    'loaded by path; "first use" is the first encoding of one of its messages, after that.',
    '',
    '| tree | files | library | load, ms | heap, MiB | first use, ms |',
    '|---|---:|---|---:|---:|---:|',
  ];
  const notes: string[] = [];
  for (const [i, tree] of trees.entries()) {
    const samples = new Map<Library, (Figures | string)[]>(LIBRARIES.map((library) => [library, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const library of LIBRARIES) samples.get(library)?.push(inProcess(library, i));
    }
    for (const [library, figures] of samples) {
      const shown = [cell(figures, (figure) => figure.loadMs), cell(figures, (figure) => figure.heapMiB)];
      const first = library === 'proto-loader' ? 'at load' : cell(figures, firstUse);
      lines.push(`| ${tree.name} | ${tree.files.length} | ${library} | ${shown.join(' | ')} | ${first} |`);
      const reason = figures.find((figure) => typeof figure === 'string');
      if (reason !== undefined) notes.push(`- ${library} does not load ${tree.name}: ${reason}`);
    }
  }
  lines.push(
    '',
    `A message of ${MANY_FIELDS} fields: ${await manyFields()} ms from source text to its first encoding.`,
  );
  if (notes.length > 0) lines.push('', ...notes);
  const report = `${lines.join('\n')}\n`;
  console.log(report);
  writeFileSync(join(repositoryRoot(), 'docs', 'benchmark-schemas.md'), report);
}

await main();
