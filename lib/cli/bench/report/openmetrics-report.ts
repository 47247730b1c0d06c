// A load as OpenMetrics text (OpenMetrics 1.0), which Prometheus reads: for node_exporter's textfile collector, a Pushgateway,
// or a CI that keeps it.

import type { LatencyHistogram } from '../result/latency-histogram.ts';
import { type LatencySummary, type LoadSummary, type MeasuredLoad, PERCENTILES } from '../result/summary.ts';
import { BOUNDS_S, countsByBound } from './latency-bounds.ts';

type Labels = Readonly<Record<string, string>>;

/** A family's head, and its samples behind the family's name. */
class Text {
  readonly #lines: string[] = [];
  readonly #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, unit?: string): void {
    this.#lines.push(`# TYPE ${PREFIX}${name} ${type}`);
    if (unit !== undefined) this.#lines.push(`# UNIT ${PREFIX}${name} ${unit}`);
    this.#lines.push(`# HELP ${PREFIX}${name} ${help}`);
  }

  sample(name: string, value: number, labels: Labels = {}): void {
    const all = Object.entries({ ...this.#labels, ...labels })
      .map(([label, text]) => `${label}="${escaped(text)}"`)
      .join(',');
    // Twelve digits: what more there are come of the division by 1,000.
    this.#lines.push(`${PREFIX}${name}{${all}} ${Number(value.toPrecision(12))}`);
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n# EOF\n`;
  }
}

const PREFIX = 'stubless_bench_';

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function openMetricsReport({ summary, measurements }: MeasuredLoad): string {
  const text = new Text({ method: summary.method, target: summary.target });
  calls(text, summary);
  histogram(text, 'call_duration_seconds', 'Latency of calls that ended with OK', measurements.latency);
  histogram(text, 'failed_call_duration_seconds', 'Latency of calls that failed', measurements.failedLatency);
  quantiles(text, 'call_duration_quantile_seconds', 'Latency of calls that ended with OK', summary.latencyMs);
  if (summary.latenessMs !== undefined) {
    const help = 'How much later than planned calls of the open loop began';
    quantiles(text, 'lateness_quantile_seconds', help, summary.latenessMs);
  }
  gates(text, summary);
  return text.toString();
}

function calls(text: Text, { statuses, calls: counted, messages, bytes, ...summary }: LoadSummary): void {
  text.family('calls', 'counter', 'Calls that ended, by status');
  for (const { name, count } of statuses) text.sample('calls_total', count, { grpc_status: name });
  text.family('dropped_calls', 'counter', 'Planned calls that were not made, because too many were running');
  text.sample('dropped_calls_total', counted.dropped);
  text.family('messages', 'counter', 'Messages sent and received');
  text.sample('messages_total', messages.sent, { direction: 'sent' });
  text.sample('messages_total', messages.received, { direction: 'received' });
  text.family('message_bytes', 'counter', 'Octets of messages before compression', 'bytes');
  text.sample('message_bytes_total', bytes.sent, { direction: 'sent' });
  text.sample('message_bytes_total', bytes.received, { direction: 'received' });
  text.family('throughput', 'gauge', 'Calls that ended, per second');
  text.sample('throughput', summary.callsPerSecond);
  text.family('elapsed_seconds', 'gauge', 'How long the load was measured', 'seconds');
  text.sample('elapsed_seconds', summary.elapsedMs / 1000);
  text.family('client_cores', 'gauge', 'Cores that the client used');
  text.sample('client_cores', summary.clientCores);
}

function histogram(text: Text, name: string, help: string, latency: LatencyHistogram): void {
  text.family(name, 'histogram', help, 'seconds');
  let count = 0;
  for (const [at, more] of countsByBound(latency).entries()) {
    count += more;
    text.sample(`${name}_bucket`, count, { le: at < BOUNDS_S.length ? String(BOUNDS_S[at]) : '+Inf' });
  }
  text.sample(`${name}_count`, latency.count);
  text.sample(`${name}_sum`, latency.count === 0 ? 0 : (latency.meanMs * latency.count) / 1000);
}

function quantiles(text: Text, name: string, help: string, latency: LatencySummary): void {
  text.family(name, 'gauge', `${help}: percentiles, 0 for the least and 1 for the greatest`, 'seconds');
  const percentiles = PERCENTILES.map(
    (percent) => [percent / 100, latency.percentiles[String(percent)]] as const,
  );
  for (const [quantile, ms] of [[0, latency.min] as const, ...percentiles, [1, latency.max] as const]) {
    if (typeof ms === 'number')
      text.sample(name, ms / 1000, { quantile: String(Number(quantile.toPrecision(6))) });
  }
}

function gates(text: Text, { gates: all = [] }: LoadSummary): void {
  if (all.length === 0) return;
  text.family('condition_holds', 'gauge', 'Whether a condition of --fail holds: 1 or 0');
  for (const { condition, holds } of all) text.sample('condition_holds', holds ? 1 : 0, { condition });
}
