// What a load must have shown, as `--fail` has it: `p99<50ms,errors<0.1%`. Reads the conditions; what they are held against
// is in gate.ts.

import { nearestNames } from '../../../values/nearest-names.ts';
import { durationMs } from '../../../values/text/duration-text.ts';
import { UsageError } from '../../command/failure.ts';
import type { Unit } from '../result/gate-result.ts';

type Comparison = '<' | '<=' | '>' | '>=';

export interface Condition {
  /** As it was written, without blanks. */
  readonly text: string;
  /** `p99`, `errors`, … */
  readonly metric: string;
  /** Of a percentile: 99. */
  readonly percent?: number;
  readonly comparison: Comparison;
  /** In milliseconds, percent, calls or calls per second. */
  readonly limit: number;
  readonly unit: Unit;
}

interface Metric {
  readonly unit: Unit;
  /** A condition as it may be meant. */
  readonly example: string;
  readonly help: string;
}

/** All metrics but the percentiles. */
export const METRICS: Readonly<Record<string, Metric>> = {
  min: { unit: 'ms', example: 'min<1ms', help: 'the shortest latency of a call that succeeded' },
  mean: { unit: 'ms', example: 'mean<20ms', help: 'their mean' },
  stdev: { unit: 'ms', example: 'stdev<10ms', help: 'their standard deviation' },
  max: { unit: 'ms', example: 'max<1s', help: 'the longest' },
  errors: { unit: '%', example: 'errors<0.1%', help: 'the share of calls that failed, of all that ended' },
  failed: { unit: 'calls', example: 'failed<10', help: 'how many failed' },
  ok: { unit: 'calls', example: 'ok>=1000', help: 'how many succeeded' },
  dropped: {
    unit: 'calls',
    example: 'dropped<=0',
    help: 'planned calls of an open loop that were not made, because --max-in-flight were running',
  },
  throughput: { unit: 'calls/s', example: 'throughput>1000', help: 'calls that ended, per second' },
  lateness: {
    unit: 'ms',
    example: 'lateness<1ms',
    help: 'how late calls of an open loop began: the 99th percentile',
  },
};

/** What other tools call them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  avg: 'mean',
  average: 'mean',
  med: 'p50',
  median: 'p50',
  latency: 'p99',
  duration: 'p99',
  fastest: 'min',
  slowest: 'max',
  error_rate: 'errors',
  failures: 'failed',
  calls: 'ok',
  count: 'ok',
  rps: 'throughput',
  qps: 'throughput',
  rate: 'throughput',
};

const PERCENTILE = /^p(\d+(?:\.\d+)?)$/;

/** Conditions with commas between them. Errors: UsageError that quotes the condition and says how it would be right. */
export function parseConditions(text: string): Condition[] {
  return text.split(',').map((part) => parseCondition(part.trim()));
}

function parseCondition(given: string): Condition {
  const match = /^([^<>=!]*?)\s*(<=|>=|<|>|[=!]+)\s*(.*)$/s.exec(given);
  if (match === null) {
    throw new UsageError(
      `'${given}' is not a condition; write a metric, < or > and a limit, as in p99<50ms or errors<0.1%`,
    );
  }
  const [, name, comparison] = match;
  const limit = withoutBlank(match[3]);
  const text = `${name}${comparison}${limit}`;
  const metric = metricOf(name, text);
  if (!isComparison(comparison)) {
    throw new UsageError(`'${text}': conditions have <, <=, > or >=; write it as in ${metric.example}`);
  }
  const percent = PERCENTILE.exec(name)?.[1];
  return {
    text,
    metric: name,
    ...(percent === undefined ? {} : { percent: Number(percent) }),
    comparison,
    limit: limitOf(limit, text, metric),
    unit: metric.unit,
  };
}

/** One may stand before the unit; within the number it is a slip of the hand: `5 0ms` is not 50. */
function withoutBlank(limit: string): string {
  return limit.replace(/(?<=[\d.])\s+(?=[^\s\d.])/, '');
}

function isComparison(text: string): text is Comparison {
  return text === '<' || text === '<=' || text === '>' || text === '>=';
}

function metricOf(name: string, text: string): Metric {
  const percent = PERCENTILE.exec(name)?.[1];
  if (percent !== undefined) {
    if (!(Number(percent) > 0 && Number(percent) < 100)) {
      throw new UsageError(
        `'${text}': ${name} is not a percentile; they lie between p0 and p100, which are min and max`,
      );
    }
    return { unit: 'ms', example: `${name}<50ms`, help: '' };
  }
  const metric = Object.hasOwn(METRICS, name) ? METRICS[name] : undefined;
  if (metric !== undefined) return metric;
  const names = ['p50', 'p95', 'p99', ...Object.keys(METRICS)];
  const lower = name.toLowerCase();
  const other = Object.hasOwn(OTHER_NAMES, lower) ? OTHER_NAMES[lower] : undefined;
  const near = other === undefined ? nearestNames(name, names, 1) : [other];
  const meant = near.length === 0 ? '' : `; did you mean '${near[0]}'?`;
  const known = `There are p50, p99.9 and other percentiles, ${Object.keys(METRICS).join(', ')}`;
  throw new UsageError(`'${text}': unknown metric '${name}'${meant}${meant === '' ? '.' : ''} ${known}`);
}

/** The number, in the metric's unit. */
function limitOf(limit: string, text: string, metric: Metric): number {
  const { unit, example } = metric;
  const wrong = (why: string): UsageError => new UsageError(`'${text}': ${why}; write it as in ${example}`);
  if (limit === '') throw wrong('the limit is missing');
  if (unit === 'ms') return millisecondsOf(limit, wrong);
  const match = /^(\d+(?:\.\d+)?)(.*)$/.exec(limit);
  const [, number, given] = match ?? [];
  if (number === undefined) throw wrong(`'${limit}' is not a number`);
  if (unit === '%') {
    if (given === '') throw wrong(`'${limit}' has no unit: it is a share of calls`);
    if (given !== '%') throw wrong(`'${given}' is not its unit: it is a share of calls`);
    if (Number(number) > 100) throw wrong(`${limit} is more than all calls`);
    return Number(number);
  }
  if (!Number.isFinite(Number(number))) throw wrong(`'${limit}' is too large`);
  const units = unit === 'calls' ? [''] : ['', '/s'];
  if (!units.includes(given)) {
    throw wrong(`'${given}' is not its unit: it counts calls${unit === 'calls' ? '' : ' per second'}`);
  }
  if (unit === 'calls' && !/^\d+$/.test(number)) throw wrong(`${number} is not a whole number of calls`);
  return Number(number);
}

function millisecondsOf(limit: string, wrong: (why: string) => UsageError): number {
  if (/^\d+(?:\.\d+)?$/.test(limit)) throw wrong(`'${limit}' has no unit: it is a time`);
  const micros = /^(\d+(?:\.\d+)?)(?:us|µs|μs)$/.exec(limit);
  const ms = micros === null ? durationMs(limit) : Number(micros[1]) / 1000;
  if (ms === undefined || ms === 0 || ms === Infinity) throw wrong(`'${limit}' is not a time`);
  return ms;
}
