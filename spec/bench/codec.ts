// The codec against protobufjs and protobuf-es: plain object to bytes and bytes to plain values, for small,
// rich and large messages. Each library has a process of its own, in turns; prints a Markdown table of medians
// and of ratios to the fastest peer. Run: node .build/spec/bench/codec.js

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { encodeDescriptorSet } from '../../lib/schema/descriptor-set.ts';
import { loadProto } from '../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../lib/schema/registry.ts';
import { median } from './figures.ts';
import { repositoryRoot } from './native.ts';

const SCHEMA = join(repositoryRoot(), 'spec', 'bench', 'codec.proto');
const LIBRARIES = ['stubless', 'protobufjs', 'protobuf-es'] as const;
const ROUNDS = 5;
const MIN_SAMPLE_MS = 150;
const WARM_UP_MS = 300;
/** DESIGN.md, "How fast": no row may be slower than this times the fastest peer. */
const LIMIT = 1.25;

type Library = (typeof LIBRARIES)[number];
type Fields = Record<string, unknown>;

interface Subject {
  readonly name: string;
  readonly type: string;
  readonly fields: Fields;
  /** The peers' values alias the input: they are given a copy, as memory that is read into again needs. */
  readonly copiesForPeers?: boolean;
}

interface Figure {
  readonly subject: string;
  readonly encodeNs: number;
  readonly decodeNs: number;
  readonly octets: number;
}

const address = (i: number): Fields => ({
  street: `${i} Long Street`,
  city: 'Oslo',
  country: 'Norway',
  zip: 1000 + i,
});

const item = (i: number): Fields => ({
  sku: `sku-${i}`,
  title: `The title of item number ${i}`,
  price: i + 0.5,
  quantity: i % 7,
  kind: 1 + (i % 2),
  tags: ['new', 'sale'],
  weight: 1.5,
  taxed: i % 2 === 0,
});

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

const SUBJECTS: readonly Subject[] = [
  { name: 'small', type: 'Small', fields: { payload: { body: Buffer.alloc(10, 7) } } },
  { name: 'small text', type: 'Address', fields: address(7) },
  {
    name: 'rich',
    type: 'Rich',
    fields: {
      id: 1234567890123,
      customer: 'Zoë Ångström',
      address: address(1),
      items: times(5, item),
      labels: { env: 'prod', tier: 'gold', region: 'eu-north-1' },
      places: { 1: address(2), 2: address(3) },
      voucher: { type: 1, body: Buffer.alloc(32, 3) },
      scores: [1, 22, 333, 4444, 55555],
      samples: [0.5, 1.5, 2.25],
      checksum: 1234567890123,
      balance: -123456789,
      signature: Buffer.alloc(64, 9),
      note: 'leave it with the neighbours',
      kind: 2,
      created: 1700000000000,
      kinds: [1, 2, 1],
    },
  },
  { name: 'large: 1,000 items', type: 'ItemList', fields: { items: times(1000, item) } },
  {
    name: 'large: 20,000 numbers',
    type: 'Numbers',
    fields: {
      integers: times(10_000, (i) => (i * 7919) % 100_000),
      doubles: times(5000, (i) => i * 1.1),
      longs: times(5000, (i) => (i - 2500) * 1_000_003),
    },
  },
  {
    name: 'large: 1,000 labels',
    type: 'Labels',
    fields: { labels: Object.fromEntries(times(1000, (i) => [`label-${i}`, `value ${i}`])) },
  },
  {
    name: 'large: 1 MiB of bytes',
    type: 'Payload',
    fields: { body: Buffer.alloc(1024 * 1024, 1) },
    copiesForPeers: true,
  },
];

interface Codec {
  encode(fields: Fields): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

async function codecOf(library: Library): Promise<(type: string) => Codec> {
  if (library === 'protobufjs') {
    const root = protobuf.parse(readFileSync(SCHEMA, 'utf8')).root;
    return (name) => {
      const type = root.lookupType(`stubless.bench.${name}`);
      // The options nearest to our defaults; longs as they come (Long objects): it has no bigint.
      const options = { enums: String, defaults: true };
      return {
        encode: (fields) => type.encode(type.fromObject(fields)).finish(),
        decode: (bytes) => type.toObject(type.decode(bytes), options),
      };
    };
  }
  const { files } = await loadProto([SCHEMA]);
  if (library === 'stubless') {
    const registry = new Registry();
    registry.add(files, SCHEMA);
    return (name) => {
      const codec = registry.message(`stubless.bench.${name}`);
      return {
        encode: (fields) => {
          const { bytes, start, end } = codec.encode(fields, 0);
          return bytes.subarray(start, end);
        },
        decode: (bytes) => codec.decode(bytes, 0, bytes.length),
      };
    };
  }
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeDescriptorSet(files)));
  return (name) => {
    const schema = registry.getMessage(`stubless.bench.${name}`);
    if (schema === undefined) throw new Error(`protobuf-es has no ${name}`);
    return {
      encode: (fields) => toBinary(schema, create(schema, forEs(fields))),
      decode: (bytes) => fromBinary(schema, bytes),
    };
  };
}

/** protobuf-es wants bigint for 64 bits and { case, value } for a oneof; made once, outside what is measured. */
function forEs(fields: Fields): Fields {
  const known = esForms.get(fields);
  if (known !== undefined) return known;
  const { voucher, ...form } = fields;
  if (voucher !== undefined) form['payment'] = { case: 'voucher', value: voucher };
  for (const key of ['id', 'checksum', 'balance', 'created']) {
    if (typeof form[key] === 'number') form[key] = BigInt(form[key]);
  }
  if (Array.isArray(form['longs'])) form['longs'] = form['longs'].map(BigInt);
  esForms.set(fields, form);
  return form;
}

const esForms = new Map<Fields, Fields>();
let sink: unknown;

/** Nanoseconds a call, over at least MIN_SAMPLE_MS. */
function measure(work: () => unknown, atLeastMs: number): number {
  let count = 1;
  for (;;) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) sink = work();
    const ns = Number(process.hrtime.bigint() - start);
    if (ns >= atLeastMs * 1e6) return ns / count;
    count = Math.max(count * 2, Math.ceil((count * atLeastMs * 1e6) / Math.max(ns, 1)));
  }
}

async function measureLibrary(library: Library): Promise<Figure[]> {
  const codecs = await codecOf(library);
  const ready = SUBJECTS.map(({ name, type, fields, copiesForPeers = false }) => {
    const codec = codecs(type);
    const bytes = Uint8Array.from(codec.encode(fields));
    const copies = copiesForPeers && library !== 'stubless';
    const decode = copies ? () => codec.decode(bytes.slice()) : () => codec.decode(bytes);
    return { name, bytes, encode: () => codec.encode(fields), decode };
  });
  // All types first: a client that runs for long has seen more than one.
  for (const { encode, decode } of ready) {
    measure(encode, WARM_UP_MS / ready.length);
    measure(decode, WARM_UP_MS / ready.length);
  }
  return ready.map(({ name, bytes, encode, decode }) => ({
    subject: name,
    encodeNs: measure(encode, MIN_SAMPLE_MS),
    decodeNs: measure(decode, MIN_SAMPLE_MS),
    octets: bytes.length,
  }));
}

function shownTime(ns: number): string {
  return ns < 10_000 ? `${Math.round(ns)} ns` : `${(ns / 1000).toFixed(1)} µs`;
}

function report(samples: ReadonlyMap<Library, Figure[][]>): string {
  const lines = [
    `Codec, medians of ${ROUNDS} processes each, Node ${process.version}. Ratio: to the faster of the two peers; limit ${LIMIT}.`,
    '',
    `| message | octets | way | ${LIBRARIES.join(' | ')} | ratio |`,
    `|---|---:|---|${LIBRARIES.map(() => '---:|').join('')}---:|`,
  ];
  const ratios: number[] = [];
  SUBJECTS.forEach(({ name }, i) => {
    for (const way of ['encodeNs', 'decodeNs'] as const) {
      const figures = LIBRARIES.map((library) => {
        const rounds = samples.get(library) ?? [];
        return median(rounds.map((round) => round[i][way]));
      });
      const [ours, ...peers] = figures;
      const ratio = ours / Math.min(...peers);
      ratios.push(ratio);
      const octets = samples.get('stubless')?.[0][i].octets ?? 0;
      const cells = figures.map(shownTime).join(' | ');
      lines.push(`| ${name} | ${octets} | ${way.slice(0, 6)} | ${cells} | ${ratio.toFixed(2)} |`);
    }
  });
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  lines.push(
    '',
    `Geometric mean of the ratios: ${mean.toFixed(2)}; largest: ${Math.max(...ratios).toFixed(2)}`,
  );
  return lines.join('\n');
}

async function main(): Promise<void> {
  const asked = LIBRARIES.find((library) => library === process.argv[2]);
  if (asked !== undefined) {
    console.log(JSON.stringify(await measureLibrary(asked)));
    return;
  }
  const samples = new Map<Library, Figure[][]>(LIBRARIES.map((library) => [library, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const library of LIBRARIES) {
      const out = execFileSync(process.execPath, [fileURLToPath(import.meta.url), library], {
        encoding: 'utf8',
      });
      samples.get(library)?.push(JSON.parse(out));
    }
  }
  console.log(report(samples));
}

await main();
void sink;
