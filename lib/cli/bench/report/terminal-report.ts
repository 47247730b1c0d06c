// A load's summary as text for people: the report where no other form was asked for.

import { amount } from '../gates/gate.ts';
import { machineText } from '../result/machine-text.ts';
import { type LatencySummary, type LoadSummary, PERCENTILES } from '../result/summary.ts';
import { coresRow, shardLines } from './shards-report.ts';
import { count, milliseconds } from './terminal-text.ts';

const BAR_COLUMNS = 40;

/** @param printable makes what servers and the results of others say harmless to a terminal */
export function terminalReport(summary: LoadSummary, printable: (text: string) => string): string {
  const { calls, load, messages } = summary;
  const lines: string[] = [];
  const row = (name: string, value: string): void => {
    lines.push(`  ${name.padEnd(22)}${value}`);
  };
  lines.push(`${printable(summary.method)} at ${printable(summary.target)}`, '');
  if (load.kind === 'closed') {
    row('concurrency', `${callers(load.concurrency ?? 0)} over ${connections(load.connections)}`);
  } else {
    const stages = (load.stages ?? []).map(({ fromRate, toRate, durationMs }) => {
      const rate = fromRate === toRate ? `${fromRate}` : `${fromRate} to ${toRate}`;
      return `${rate} calls/s${durationMs === null ? '' : ` for ${durationMs / 1000} s`}`;
    });
    row('planned', `${stages.join(', then ')} over ${connections(load.connections)}`);
  }
  if (summary.shard !== undefined) {
    row('shard', `${summary.shard.index} of ${summary.shard.of}: what follows is of its part of that`);
  }
  const end = summary.isCutOff ? ' (cut off)' : summary.isInterrupted ? ' (interrupted)' : '';
  row('time', `${(summary.elapsedMs / 1000).toFixed(2)} s${end}`);
  row('calls', `${count(calls.ok)} ok, ${count(calls.failed)} failed${dropped(summary)}`);
  row('throughput', `${count(summary.callsPerSecond)} calls/s`);
  if (messages.sent !== calls.begun || messages.received !== calls.ok) {
    const seconds = summary.elapsedMs / 1000 || 1;
    row('messages sent', `${count(messages.sent)} (${count(messages.sent / seconds)}/s)`);
    row('messages received', `${count(messages.received)} (${count(messages.received / seconds)}/s)`);
  }
  row(...coresRow(summary));
  const ended = calls.ok + calls.failed;
  if (ended > 0) row('CPU per call', microseconds((summary.clientCores * summary.elapsedMs) / ended));
  if (summary.machine !== undefined) row('machine', machineText(summary.machine));
  if (summary.latenessMs !== undefined) row('lateness', lateness(summary.latenessMs));
  latencies(lines, 'Latency of successful calls', summary.latencyMs);
  if (calls.failed > 0) latencies(lines, 'Latency of failed calls', summary.failedLatencyMs);
  if (summary.messageGapMs !== undefined) {
    latencies(lines, 'Time between replies of a stream', summary.messageGapMs);
  }
  if (summary.distribution.length > 0) lines.push('', 'Distribution', ...bars(summary));
  if (summary.shards !== undefined) lines.push('', 'Shards', ...shardLines(summary.shards, printable));
  lines.push('', 'Statuses');
  for (const { name, count: number, sample } of summary.statuses) {
    row(printable(name), `${count(number)}${sample === undefined ? '' : `  ${printable(sample)}`}`);
  }
  lines.push(...gateLines(summary));
  return `${lines.join('\n')}\n`;
}

function gateLines({ gates = [] }: LoadSummary): string[] {
  if (gates.length === 0) return [];
  const width = Math.max(...gates.map(({ condition }) => condition.length));
  return [
    '',
    'Conditions',
    ...gates.map(({ condition, holds, actual, unit }) => {
      const was = actual === null ? 'nothing was measured' : amount(actual, unit);
      return `  ${condition.padEnd(width)}  ${holds ? 'holds        ' : 'DOES NOT HOLD'}  ${was}`;
    }),
  ];
}

/** Above this the generator itself was late enough to say so. */
const LATE_MS = 2;

/** How much later than planned calls of an open loop began. */
function lateness({ percentiles, max }: LatencySummary): string {
  const p99 = percentiles['99'] ?? null;
  const figures = `p50 ${milliseconds(percentiles['50'] ?? null)}, p99 ${milliseconds(p99)}, max ${milliseconds(max)}`;
  return (p99 ?? 0) > LATE_MS
    ? `${figures}: this client was late, and its lateness is part of the latencies`
    : figures;
}

/** CPU time, in milliseconds, to three digits. */
function microseconds(ms: number): string {
  return `${Number((ms * 1000).toPrecision(3)).toLocaleString('en-US')} µs`;
}

const callers = (number: number): string => (number === 1 ? 'one caller' : `${count(number)} callers`);

function latencies(lines: string[], title: string, latency: LatencySummary): void {
  if (latency.mean === null) return;
  lines.push('', title);
  const parts: [string, number | null][] = [
    ['min', latency.min],
    ['mean', latency.mean],
    ['stdev', latency.stdev],
    ...PERCENTILES.map((percent): [string, number | null] => [
      `p${percent}`,
      latency.percentiles[String(percent)] ?? null,
    ]),
    ['max', latency.max],
  ];
  for (const [name, ms] of parts) lines.push(`  ${name.padEnd(22)}${milliseconds(ms)}`);
}

function bars({ distribution }: LoadSummary): string[] {
  const most = Math.max(...distribution.map((bar) => bar.count));
  return distribution.map(({ fromMs, toMs, count: number }) => {
    const width = (number / most) * BAR_COLUMNS;
    // What is there shows.
    const bar = number === 0 ? '' : '█'.repeat(Math.floor(width)) + (width < 1 ? '▏' : '');
    return `  ${milliseconds(fromMs).padStart(12)} – ${milliseconds(toMs).padEnd(12)} ${count(number).padStart(9)} ${bar}`.trimEnd();
  });
}

function connections(number: number): string {
  return number === 1 ? 'one connection' : `${number} connections`;
}

function dropped({ calls }: LoadSummary): string {
  const parts: string[] = [];
  if (calls.dropped > 0) {
    parts.push(`${count(calls.dropped)} not made, because --max-in-flight calls were running`);
  }
  if (calls.unfinished > 0) parts.push(`${count(calls.unfinished)} unfinished`);
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}
