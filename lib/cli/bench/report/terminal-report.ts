// A load's summary as text for people.

import { type LatencySummary, type LoadSummary, PERCENTILES } from '../result/summary.ts';

const BAR_COLUMNS = 40;

/** @param printable makes what a server sent harmless to a terminal */
export function terminalReport(summary: LoadSummary, printable: (text: string) => string): string {
  const { calls, load, messages } = summary;
  const lines: string[] = [];
  const row = (name: string, value: string): void => {
    lines.push(`  ${name.padEnd(22)}${value}`);
  };
  lines.push(`${summary.method} at ${summary.target}`, '');
  if (load.kind === 'closed') {
    row('callers', `${load.concurrency} at a time over ${connections(load.connections)}`);
  } else {
    const stages = (load.stages ?? []).map(({ fromRate, toRate, durationMs }) => {
      const rate = fromRate === toRate ? `${fromRate}` : `${fromRate} to ${toRate}`;
      return `${rate} calls/s${durationMs === null ? '' : ` for ${durationMs / 1000} s`}`;
    });
    row('planned', `${stages.join(', then ')} over ${connections(load.connections)}`);
  }
  row('time', `${(summary.elapsedMs / 1000).toFixed(2)} s${summary.isInterrupted ? ' (interrupted)' : ''}`);
  row('calls', `${count(calls.ok)} ok, ${count(calls.failed)} failed${dropped(summary)}`);
  row('throughput', `${count(summary.callsPerSecond)} calls/s`);
  if (messages.sent !== calls.begun || messages.received !== calls.ok) {
    const seconds = summary.elapsedMs / 1000 || 1;
    row('messages sent', `${count(messages.sent)} (${count(messages.sent / seconds)}/s)`);
    row('messages received', `${count(messages.received)} (${count(messages.received / seconds)}/s)`);
  }
  row('this process', `${summary.clientCores.toFixed(2)} cores${saturated(summary)}`);
  latencies(lines, 'Latency of successful calls', summary.latencyMs);
  if (calls.failed > 0) latencies(lines, 'Latency of failed calls', summary.failedLatencyMs);
  if (summary.messageGapMs !== undefined) {
    latencies(lines, 'Time between replies of a stream', summary.messageGapMs);
  }
  if (summary.latenessMs !== undefined && (summary.latenessMs.percentiles['99'] ?? 0) > LATE_MS) {
    latencies(lines, 'Delay before calls started (included in their latency)', summary.latenessMs);
  }
  if (summary.distribution.length > 0) lines.push('', 'Distribution', ...bars(summary));
  lines.push('', 'Statuses');
  for (const { name, count: number, sample } of summary.statuses) {
    row(name, `${count(number)}${sample === undefined ? '' : `  ${printable(sample)}`}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Above this the generator itself was late enough to say so. */
const LATE_MS = 2;

function latencies(lines: string[], title: string, latency: LatencySummary): void {
  if (latency.mean === null) return;
  lines.push('', title);
  const parts: [string, number | null][] = [
    ['least', latency.least],
    ['mean', latency.mean],
    ['std. deviation', latency.standardDeviation],
    ...PERCENTILES.map((percent): [string, number | null] => [
      `${percent} %`,
      latency.percentiles[String(percent)] ?? null,
    ]),
    ['greatest', latency.greatest],
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

export function milliseconds(ms: number | null): string {
  if (ms === null) return '-';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3)} ms`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
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

function saturated({ clientCores }: LoadSummary): string {
  return clientCores >= 0.95 ? ': all that one process can use, so this client may be the bottleneck' : '';
}
