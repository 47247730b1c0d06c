// Whether a line that calls itself a result is one: it may have been cut short, garbled, or edited. What passes can be added
// up without further checks.

import { MAX_SHARDS } from '../plan/plan-part.ts';
import { BUCKETS } from './latency-histogram.ts';
import { INTERVAL_MS, MAX_INTERVALS } from './measurements.ts';
import { isRecord } from './plan-document.ts';
import { RESULT_FORMAT, type ResultDocument } from './result-document.ts';

/** What is wrong with a value, behind its path; undefined for nothing. */
type Check = (value: unknown, path: string) => string | undefined;

const wrong = (path: string, value: unknown, right: string): string => {
  const shown = JSON.stringify(value) ?? 'missing';
  return `${path} is ${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}, not ${right}`;
};

const text: Check = (value, path) => (typeof value === 'string' ? undefined : wrong(path, value, 'a text'));
const number: Check = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? undefined : wrong(path, value, 'a number');
const amount: Check = (value, path) =>
  typeof value === 'number' && value >= 0 && Number.isFinite(value)
    ? undefined
    : wrong(path, value, 'a number of at least 0');
const count: Check = (value, path) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : wrong(path, value, 'a whole number');

const orNull =
  (check: Check): Check =>
  (value, path) =>
    value === null ? undefined : check(value, path);
const orAbsent =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? undefined : check(value, path);
const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) =>
    typeof value === 'string' && values.includes(value)
      ? undefined
      : wrong(path, value, `one of ${values.join(', ')}`);
const list =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return wrong(path, value, 'a list');
    for (const [index, one] of value.entries()) {
      const found = check(one, `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (!isRecord(value)) return wrong(path, value, 'an object');
    for (const [name, check] of Object.entries(fields)) {
      const found = check(value[name], path === '' ? name : `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };

/** An object whose fields are texts, whatever their names. */
const texts: Check = (value, path) => {
  if (!isRecord(value)) return wrong(path, value, 'an object');
  const other = Object.entries(value).find(([, one]) => typeof one !== 'string');
  return other === undefined ? undefined : wrong(`${path}.${other[0]}`, other[1], 'a text');
};

const histogramFields = record({
  count,
  sumMs: amount,
  sumOfSquares: amount,
  leastMs: amount,
  greatestMs: amount,
  buckets: list(count),
});

/** What is further from 1970, no Date can say. */
const GREATEST_TIME_MS = 8.64e15;
const time: Check = (value, path) =>
  typeof value === 'number' && Math.abs(value) <= GREATEST_TIME_MS
    ? undefined
    : wrong(path, value, 'a time in milliseconds since 1970');

/** The buckets are there, and hold together what was counted. */
const histogram: Check = (value, path) => {
  const found = histogramFields(value, path);
  if (found !== undefined) return found;
  const { count: all, buckets } = value as { count: number; buckets: number[] };
  if (buckets.length % 2 !== 0) return `${path}.buckets has a bucket without a count`;
  let last = 0;
  let sum = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    last += buckets[at];
    sum += buckets[at + 1];
  }
  if (last >= BUCKETS) return `${path}.buckets ends with bucket ${last}, behind the last (${BUCKETS - 1})`;
  return sum === all ? undefined : `${path}.buckets hold ${sum} values, and count is ${all}`;
};

const interval: Check = (value, path) => {
  const found = record({ index: count, begun: count, ok: count, failed: count, latency: histogram })(
    value,
    path,
  );
  if (found !== undefined) return found;
  const { index } = value as { index: number };
  return index < MAX_INTERVALS ? undefined : wrong(`${path}.index`, index, `below ${MAX_INTERVALS}`);
};

/** Doubled as often as needed. */
const intervalLength: Check = (value, path) =>
  Number.isSafeInteger(Math.log2(Number(value) / INTERVAL_MS)) && Number(value) >= INTERVAL_MS
    ? undefined
    : wrong(path, value, `${INTERVAL_MS} times a power of two`);

const both = record({ sent: count, received: count });

const MEASURED = record({
  begun: count,
  dropped: count,
  messages: both,
  bytes: both,
  latency: histogram,
  failedLatency: histogram,
  messageGap: histogram,
  lateness: histogram,
  statuses: list(record({ name: text, code: orAbsent(count), count, sample: text })),
  intervalMs: intervalLength,
  intervals: list(interval),
});

const LOAD = record({
  kind: oneOf('closed', 'open'),
  calls: orNull(count),
  durationMs: orNull(amount),
  warmUpMs: amount,
  concurrency: orAbsent(count),
  maxInFlight: orAbsent(count),
  stages: orAbsent(list(record({ fromRate: amount, toRate: amount, durationMs: orNull(amount) }))),
});

const PLAN = record({
  target: text,
  method: text,
  cardinality: text,
  load: LOAD,
  connections: orNull(count),
  messages: count,
  messageIntervalMs: amount,
  timeoutMs: orNull(amount),
  requests: record({ count, sha256: text }),
  options: texts,
});

const serverOffset: Check = (value, path) => {
  const found = list(number)(value, path);
  if (found !== undefined) return found;
  return Array.isArray(value) && value.length === 2 ? undefined : wrong(path, value, 'two numbers');
};

const shard: Check = (value, path) => {
  const found = record({ index: count, of: count })(value, path);
  if (found !== undefined) return found;
  const { index, of } = value as { index: number; of: number };
  // Those that are missing are listed.
  if (of > MAX_SHARDS) return wrong(`${path}.of`, of, `at most ${MAX_SHARDS}`);
  return index >= 1 && index <= of ? undefined : wrong(`${path}.index`, index, `between 1 and ${of}`);
};

const RESULT = record({
  version: text,
  run: text,
  line: count,
  state: oneOf('running', 'finished', 'interrupted', 'failed'),
  error: orAbsent(text),
  shard,
  plan: orAbsent(PLAN),
  startAtMs: orNull(time),
  machine: record({ host: text, platform: text, cores: count, runtime: text }),
  clock: record({
    readyAtMs: time,
    startedAtMs: orNull(time),
    steppedMs: number,
    server: orNull(serverOffset),
  }),
  elapsedMs: amount,
  cpuMs: amount,
  connections: count,
  threads: record({ count, lost: list(record({ thread: count, reason: text })) }),
  measured: MEASURED,
});

/** The document, or what is wrong with it in words. */
export function checkedDocument(value: unknown): ResultDocument | string {
  if (!isRecord(value)) return 'not an object';
  const { stublessBench: format, version } = value;
  if (format !== RESULT_FORMAT) {
    const by = typeof version === 'string' ? `, written by stubless ${version}` : '';
    return `of format ${JSON.stringify(format)}${by}; this stubless reads format ${RESULT_FORMAT}`;
  }
  const found = RESULT(value, '');
  if (found !== undefined) return found;
  const document = value as unknown as ResultDocument;
  if (document.plan === undefined && document.state !== 'failed') return 'plan is missing';
  return document;
}
