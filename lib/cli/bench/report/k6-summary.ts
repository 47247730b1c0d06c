// A load in the form that k6 gives to handleSummary(), and its reporters and dashboards read: metrics by name, with values and
// thresholds. Its names for gRPC are k6's: grpc_req_duration, iterations, dropped_iterations, checks, vus.
// https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/

import type { GateResult } from '../result/gate-result.ts';
import type { LoadSummary, MeasuredLoad } from '../result/summary.ts';

interface K6Metric {
  readonly type: 'trend' | 'counter' | 'rate' | 'gauge';
  readonly contains: 'time' | 'data' | 'default';
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

const CHECK = 'status is OK';
/** k6 names groups and checks by the MD5 of their paths: those of '' and of '::status is OK'. */
const ROOT_ID = 'd41d8cd98f00b204e9800998ecf8427e';
const TREND = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)'];

export function k6Summary({ summary, measurements }: MeasuredLoad): object {
  const { calls, elapsedMs, bytes, load, gates = [] } = summary;
  const seconds = elapsedMs / 1000 || 1;
  const counter = (count: number, contains: K6Metric['contains'] = 'default'): K6Metric => ({
    type: 'counter',
    contains,
    values: { count, rate: count / seconds },
  });
  const ended = calls.ok + calls.failed;
  const callers = load.concurrency ?? measurements.inFlight;
  const vus: K6Metric = {
    type: 'gauge',
    contains: 'default',
    values: { value: callers, min: callers, max: callers },
  };
  const metrics: Record<string, K6Metric> = {
    grpc_req_duration: { type: 'trend', contains: 'time', values: trend(measurements) },
    iterations: counter(ended),
    dropped_iterations: counter(calls.dropped),
    checks: {
      type: 'rate',
      contains: 'default',
      values: { rate: ended === 0 ? 0 : calls.ok / ended, passes: calls.ok, fails: calls.failed },
    },
    data_sent: counter(bytes.sent, 'data'),
    data_received: counter(bytes.received, 'data'),
    ...(load.kind === 'closed' ? { vus, vus_max: vus } : {}),
  };
  for (const gate of gates) withThreshold(metrics, gate);
  return {
    root_group: {
      name: '',
      path: '',
      id: ROOT_ID,
      groups: [],
      checks: [{ name: CHECK, path: `::${CHECK}`, id: CHECK_ID, passes: calls.ok, fails: calls.failed }],
    },
    options: { summaryTrendStats: TREND, summaryTimeUnit: 'ms', noColor: true },
    state: { isStdOutTTY: false, isStdErrTTY: false, testRunDurationMs: elapsedMs },
    metrics,
    // Not of k6: what was called.
    stubless: about(summary),
  };
}

const CHECK_ID = 'd83a99fb6db0de09e9f0d32dd8d2e9d5';

function trend({ latency }: MeasuredLoad['measurements']): Record<string, number> {
  if (latency.count === 0) return Object.fromEntries(TREND.map((name) => [name, 0]));
  const values: Readonly<Record<string, number>> = {
    avg: latency.meanMs,
    min: latency.leastMs,
    med: latency.percentileMs(50),
    max: latency.greatestMs,
  };
  return Object.fromEntries(
    TREND.map((name) => [name, values[name] ?? latency.percentileMs(Number(/[\d.]+/.exec(name)?.[0]))]),
  );
}

/** To the metric that it is about. */
function withThreshold(metrics: Record<string, K6Metric>, { condition, holds, unit }: GateResult): void {
  const name = condition.startsWith('dropped')
    ? 'dropped_iterations'
    : unit === 'ms'
      ? 'grpc_req_duration'
      : unit === 'calls/s'
        ? 'iterations'
        : 'checks';
  const metric = metrics[name];
  metrics[name] = { ...metric, thresholds: { ...metric.thresholds, [condition]: { ok: holds } } };
}

function about({ method, target, startedAt, load, machine }: LoadSummary): object {
  return { method, target, startedAt, load, ...(machine === undefined ? {} : { machine }) };
}
