// The codec against protobufjs and protobuf-es: plain object to bytes, bytes to plain values, message to ProtoJSON
// text and back, plain object to the octets of ProtoJSON and back, for small, rich and large messages. Each library has a
// process of its own, in turns; prints Markdown tables of the least CPU time and of ratios to the faster peer, and with
// --write keeps them in docs/benchmark-codec.md. Run: npm run bench:codec [-- --rounds N --write]

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { describeCommit } from '../commit.ts';
import { describeMachine } from '../machine.ts';
import { repositoryRoot } from '../native.ts';
import { codecsOf, LIBRARIES, type Library } from './codec-libraries.ts';
import { SUBJECTS } from './codec-subjects.ts';

const ROUNDS = 5;
const MIN_SAMPLE_MS = 150;
const WARM_UP_MS = 300;
/** No row may be slower than this times the faster peer. */
const LIMIT = 1.25;

const BINARY_WAYS = ['encode', 'decode'] as const;
const JSON_WAYS = ['to JSON', 'from JSON'] as const;
const JSON_CALL_WAYS = ['encode JSON', 'decode JSON'] as const;

type Way = (typeof BINARY_WAYS)[number] | (typeof JSON_WAYS)[number] | (typeof JSON_CALL_WAYS)[number];

interface Figure {
  readonly ns: Readonly<Record<Way, number>>;
  readonly octets: number;
  /** The message as ProtoJSON, as the library writes it. */
  readonly json: string;
}

let sink: unknown;

/** Nanoseconds of CPU a call, the collector's threads included, over at least so many milliseconds of it. */
function measure(work: () => unknown, atLeastMs: number): number {
  let count = 1;
  for (;;) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) sink = work();
    const { user, system } = process.cpuUsage(start);
    const ns = (user + system) * 1000;
    if (ns >= atLeastMs * 1e6) return ns / count;
    count = Math.max(count * 2, Math.ceil((count * atLeastMs * 1e6) / Math.max(ns, 1)));
  }
}

async function measureLibrary(library: Library): Promise<Figure[]> {
  const codecs = await codecsOf(library);
  const ready = SUBJECTS.map(({ type, fields, copiesForPeers = false }) => {
    const codec = codecs(type);
    const bytes = Uint8Array.from(codec.encode(fields));
    const message = codec.message(bytes);
    const json = codec.toJson(message);
    const jsonBytes = Uint8Array.from(codec.encodeJson(fields));
    const copies = copiesForPeers && library !== 'stubless';
    const work: Record<Way, () => unknown> = {
      encode: () => codec.encode(fields),
      decode: copies ? () => codec.decode(bytes.slice()) : () => codec.decode(bytes),
      'to JSON': () => codec.toJson(message),
      'from JSON': () => codec.fromJson(json),
      'encode JSON': () => codec.encodeJson(fields),
      'decode JSON': () => codec.decodeJson(jsonBytes),
    };
    return { octets: bytes.length, json, work };
  });
  const all = (work: Record<Way, () => unknown>, atLeastMs: number): Record<Way, number> => ({
    encode: measure(work.encode, atLeastMs),
    decode: measure(work.decode, atLeastMs),
    'to JSON': measure(work['to JSON'], atLeastMs),
    'from JSON': measure(work['from JSON'], atLeastMs),
    'encode JSON': measure(work['encode JSON'], atLeastMs),
    'decode JSON': measure(work['decode JSON'], atLeastMs),
  });
  // All types first: a client that runs for long has seen more than one.
  for (const { work } of ready) all(work, WARM_UP_MS / ready.length);
  return ready.map(({ octets, json, work }) => ({ ns: all(work, MIN_SAMPLE_MS), octets, json }));
}

/** What is compared is the same work: each library writes the same ProtoJSON, but for the order of members. */
function checkSameJson(samples: ReadonlyMap<Library, Figure[][]>): void {
  const ours = samples.get('stubless')?.[0] ?? [];
  for (const [library, rounds] of samples) {
    SUBJECTS.forEach(({ name }, i) => {
      if (isDeepStrictEqual(JSON.parse(rounds[0][i].json), JSON.parse(ours[i].json))) return;
      throw new Error(`${library} and stubless write different ProtoJSON for "${name}"`);
    });
  }
}

function shownTime(ns: number): string {
  return ns < 10_000 ? `${Math.round(ns)} ns` : `${(ns / 1000).toFixed(1)} µs`;
}

/** A table of some ways, and a line about all its ratios. */
function table(samples: ReadonlyMap<Library, Figure[][]>, ways: readonly Way[]): string[] {
  const lines = [
    `| message | octets | way | ${LIBRARIES.join(' | ')} | ratio |`,
    `|---|---:|---|${LIBRARIES.map(() => '---:|').join('')}---:|`,
  ];
  const ratios: number[] = [];
  SUBJECTS.forEach(({ name }, i) => {
    const example = samples.get('stubless')?.[0][i];
    for (const way of ways) {
      const figures = LIBRARIES.map((library) =>
        Math.min(...(samples.get(library) ?? []).map((round) => round[i].ns[way])),
      );
      const [ours, ...peers] = figures;
      const ratio = ours / Math.min(...peers);
      ratios.push(ratio);
      const octets = ways !== BINARY_WAYS ? Buffer.byteLength(example?.json ?? '') : example?.octets;
      lines.push(
        `| ${name} | ${octets} | ${way} | ${figures.map(shownTime).join(' | ')} | ${ratio.toFixed(2)} |`,
      );
    }
  });
  const mean = meanOf(ratios);
  lines.push(
    '',
    `Geometric mean of the ratios: ${mean.toFixed(2)}; largest: ${Math.max(...ratios).toFixed(2)}.`,
    ...ways.map((way, at) => {
      const own = ratios.filter((_, i) => i % ways.length === at);
      return `${way}: ${meanOf(own).toFixed(2)}.`;
    }),
  );
  return lines;
}

/** The geometric mean. */
function meanOf(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

function report(
  samples: ReadonlyMap<Library, Figure[][]>,
  rounds: number,
  machine: readonly string[],
): string {
  return [
    '# The codec',
    '',
    ...machine.map((line) => `- ${line}`),
    `- ${describeCommit()}`,
    '',
    `From \`npm run bench:codec\`: CPU time, user and system, the least of ${rounds} processes each, which take turns.`,
    `Ratio: to the faster of the two peers; the aim is a mean of at most 1 and no row over ${LIMIT}.`,
    '',
    '## Bytes',
    '',
    'A plain object to bytes (protobufjs: `fromObject` and `encode`; protobuf-es: `create` and `toBinary`), and bytes to',
    'plain values (protobufjs: `decode` and `toObject`; protobuf-es: `fromBinary`).',
    '',
    ...table(samples, BINARY_WAYS),
    '',
    '## ProtoJSON',
    '',
    'A decoded message to text (`JSON.stringify(reply)`; protobufjs: `toJsonString` of its ext/protojson; protobuf-es:',
    '`toJsonString`), and text to a message (`client.fromJson` after `JSON.parse`; theirs: `fromJsonString`). All three',
    'write the same members.',
    '',
    ...table(samples, JSON_WAYS),
    '',
    '## ProtoJSON of calls',
    '',
    "A plain object to JSON's octets and these to plain values, as calls with `codec: 'json'` do it; theirs: the ways above,",
    'with TextEncoder and TextDecoder.',
    '',
    ...table(samples, JSON_CALL_WAYS),
    '',
  ].join('\n');
}

function main(): void {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: String(ROUNDS) },
      write: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError(`--rounds ${values.rounds} is no number of rounds`);
  const machine = describeMachine();
  const samples = new Map<Library, Figure[][]>(LIBRARIES.map((library) => [library, []]));
  for (let round = 0; round < rounds; round++) {
    for (const library of LIBRARIES) {
      const out = execFileSync(process.execPath, [fileURLToPath(import.meta.url), library], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      });
      samples.get(library)?.push(JSON.parse(out));
    }
  }
  checkSameJson(samples);
  const text = report(samples, rounds, machine);
  console.log(text);
  if (values.write) writeFileSync(join(repositoryRoot(), 'docs', 'benchmark-codec.md'), text);
}

const asked = LIBRARIES.find((library) => library === process.argv[2]);
if (asked === undefined) main();
else console.log(JSON.stringify(await measureLibrary(asked)));
void sink;
