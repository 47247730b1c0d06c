// How long 4 MiB of the worst messages hold the event loop: many empty messages, maps, merges, numbers of one octet.
// Milliseconds of the main thread (where the system tells; else of the clock), best of a few, as a Markdown table.
// Run: node .build/spec/suites/bench/codec/worst.js

import { readFileSync } from 'node:fs';
import { loadProtoSource } from '../../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';

const OCTETS = 4 * 1024 * 1024;
const RUNS = 5;
const NS_PER_MS = 1e6;

const SCHEMA = `syntax = "proto3"; package worst;
message Empty {}
message Small { int32 a = 1; string s = 2; repeated int32 r = 3; map<string, int32> m = 4; }
message Nest { Nest n = 1; int32 a = 2; repeated Nest l = 3; }
message Worst {
  repeated Empty empty = 1; map<string, Small> small_by_name = 2; map<int32, Empty> empty_by_number = 3;
  repeated int32 integers = 4; repeated string texts = 5; repeated Small smalls = 6; repeated bytes blobs = 7;
  Small merged = 8; repeated int64 longs = 9; repeated bool flags = 10; Nest nest = 11; repeated Nest nests = 12;
  map<int64, int64> longs_by_long = 13; oneof choice { Small one = 14; Small two = 15; } map<string, string> names = 16;
}`;

const varint = (value: number): number[] => {
  const octets: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...octets, rest];
    octets.push((rest & 127) | 128);
  }
};
/** The same octets again and again. */
const again = (...octets: number[]): Uint8Array =>
  Buffer.alloc(Math.floor(OCTETS / octets.length) * octets.length, Uint8Array.from(octets));
/** Entries of a map, each with a key of its own. */
const entries = (tag: number[], key: (i: number) => number[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  for (let i = 0, size = 0; size < OCTETS - 64; i++) {
    const octets = key(i);
    parts.push(Uint8Array.from([...tag, octets.length, ...octets]));
    size += tag.length + 1 + octets.length;
  }
  return Buffer.concat(parts);
};
const textKey = (i: number): number[] => {
  const text = Buffer.from(i.toString(36));
  return [0x0a, text.length, ...text];
};
const packed = (tag: number): Uint8Array =>
  Buffer.concat([Uint8Array.from([tag, ...varint(OCTETS - 8)]), Buffer.alloc(OCTETS - 8, 1)]);

const MESSAGES: Readonly<Record<string, () => Uint8Array>> = {
  'empty messages': () => again(0x0a, 0),
  'messages with an empty list and map each': () => again(0x32, 0),
  'messages of one number': () => again(0x32, 2, 0x08, 1),
  'messages of a list of one number': () => again(0x32, 2, 0x18, 1),
  'messages of a map of one entry': () => again(0x32, 2, 0x22, 0),
  'messages in each other': () => again(0x62, 4, 0x0a, 2, 0x0a, 0),
  'map of messages by name': () => entries([0x12], textKey),
  'map of empty messages by number': () => entries([0x1a], (i) => [0x08, ...varint(i)]),
  'map of texts': () => entries([0x82, 0x01], textKey),
  'map of longs': () => entries([0x6a], (i) => [0x08, ...varint(i)]),
  'one entry of a map': () => again(0x12, 0),
  'one message in parts': () => again(0x42, 2, 0x18, 1),
  'members of a oneof in turns': () => again(0x72, 0, 0x7a, 0),
  'empty texts': () => again(0x2a, 0),
  'bytes of one octet': () => again(0x3a, 1, 65),
  'packed int32': () => packed(0x22),
  'packed int64': () => packed(0x4a),
  'packed bool': () => packed(0x52),
  'unknown fields': () => again(0xa0, 0x06, 1),
};

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

function best(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    sink = undefined;
    const start = nowMs();
    sink = work();
    least = Math.min(least, nowMs() - start);
  }
  return least;
}

async function main(): Promise<void> {
  const registry = new Registry({ maxDecodedBytes: Infinity });
  registry.add((await loadProtoSource(SCHEMA, 'worst.proto')).files, 'worst.proto');
  const codec = registry.message('worst.Worst');
  console.log(`4 MiB of each, Node ${process.version}, best of ${RUNS}.\n`);
  console.log('| message | decode, ms | encode, ms |\n|---|---:|---:|');
  for (const [name, make] of Object.entries(MESSAGES)) {
    const bytes = make();
    const decodeMs = best(() => codec.decode(bytes, 0, bytes.length));
    const message = codec.decode(bytes, 0, bytes.length);
    const encodeMs = best(() => codec.encode(message, 0).end);
    console.log(`| ${name} | ${decodeMs.toFixed(0)} | ${encodeMs.toFixed(0)} |`);
  }
}

await main();
void sink;
