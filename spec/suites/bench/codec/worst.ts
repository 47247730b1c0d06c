// How long 4 MiB of the worst messages hold the event loop, and beside it a bare loop that only makes the same objects.
// Milliseconds of the main thread (where the system tells; else of the clock), best of a few taken in turns, as a Markdown
// table. Decoding has met the aim when it takes less than LIMIT_MS, or at most so many times what the bare loop does.
// Run: npm run bench:worst [-- --write] [text in the name of a message…]; --write keeps it in docs/benchmark-worst.md

import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadProtoSource } from '../../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';
import { describeCommit } from '../commit.ts';
import { describeMachine } from '../machine.ts';
import { repositoryRoot } from '../native.ts';
import { type Fields, SCHEMA, WORST_MESSAGES, type WorstMessage } from './worst-messages.ts';

const RUNS = 5;
const LIMIT_MS = 250;
const LIMIT_FACTOR = 1.1;
const NS_PER_MS = 1e6;
/** How many of the objects are compared. */
const FEW = 1000;

/** Time of this thread alone, where /proc has it: other processes do not count. */
function nowMs(): number {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1');
    return Number(text.split(' ')[0]) / NS_PER_MS;
  } catch {
    return performance.now(); // not Linux
  }
}

let sink: unknown;

function timeOf(work: () => unknown): number {
  sink = undefined;
  const start = nowMs();
  sink = work();
  return nowMs() - start;
}

/** That the bare loop makes what decoding makes: as many of the same, in objects of the same kind. */
function checkSame({ name, field }: WorstMessage, decoded: Fields, bare: unknown): void {
  const value = decoded[field];
  const [count, bareCount] = [value, bare].map((made) => Object.keys(Object(made)).length);
  if (count !== bareCount)
    throw new Error(`${name}: ${count} were decoded, and the bare loop makes ${bareCount}`);
  for (const key of Object.keys(Object(value)).slice(0, FEW)) {
    deepStrictEqual(plainly(Object(value)[key]), plainly(Object(bare)[key]), `${name}: ${key}`);
  }
}

/** Without classes, which differ. */
function plainly(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainly);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainly(item)]));
}

interface Row {
  readonly decodeMs: number;
  readonly bareMs: number;
  readonly encodeMs: number;
}

function measure(codec: ReturnType<Registry['message']>, message: WorstMessage): Row {
  const bytes = message.octets();
  const decode = (): Fields => codec.decode(bytes, 0, bytes.length) as Fields;
  const decoded = decode();
  const count = Object.keys(Object(decoded[message.field])).length;
  checkSame(message, decoded, message.bare(count));
  let row: Row = { decodeMs: Infinity, bareMs: Infinity, encodeMs: Infinity };
  for (let run = 0; run < RUNS; run++) {
    row = {
      decodeMs: Math.min(row.decodeMs, timeOf(decode)),
      bareMs: Math.min(
        row.bareMs,
        timeOf(() => message.bare(count)),
      ),
      encodeMs: Math.min(
        row.encodeMs,
        timeOf(() => codec.encode(decoded, 0).end),
      ),
    };
  }
  return row;
}

/** Whether the aim is met, and by which of its two measures. */
function verdict({ decodeMs, bareMs }: Row): string {
  if (decodeMs < LIMIT_MS) return `yes: under ${LIMIT_MS} ms`;
  const factor = (decodeMs / bareMs).toFixed(2);
  return decodeMs <= bareMs * LIMIT_FACTOR
    ? `yes: ${factor} x the bare loop`
    : `no: ${factor} x the bare loop`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { write: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const registry = new Registry({ maxDecodedBytes: Infinity });
  registry.add((await loadProtoSource(SCHEMA, 'worst.proto')).files, 'worst.proto');
  const codec = registry.message('worst.Worst');
  const lines = [
    '# The worst messages',
    '',
    ...describeMachine().map((line) => `- ${line}`),
    `- ${describeCommit()}`,
    '',
    `From \`npm run bench:worst\`: 4 MiB of each, milliseconds of the main thread, best of ${RUNS} in turns. A bare loop makes the`,
    `same objects out of nothing. The aim: less than ${LIMIT_MS} ms, or at most ${LIMIT_FACTOR} x the bare loop.`,
    '',
    '| message | decode, ms | bare loop, ms | met | encode, ms |',
    '|---|---:|---:|---|---:|',
  ];
  for (const message of WORST_MESSAGES) {
    if (positionals.length > 0 && !positionals.some((part) => message.name.includes(part))) continue;
    const row = measure(codec, message);
    const [decodeMs, bareMs, encodeMs] = [row.decodeMs, row.bareMs, row.encodeMs].map((ms) => ms.toFixed(0));
    lines.push(`| ${message.name} | ${decodeMs} | ${bareMs} | ${verdict(row)} | ${encodeMs} |`);
  }
  const text = `${lines.join('\n')}\n`;
  console.log(text);
  if (values.write) writeFileSync(join(repositoryRoot(), 'docs', 'benchmark-worst.md'), text);
}

await main();
void sink;
