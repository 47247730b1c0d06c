// A load's metrics to an OpenTelemetry collector, while it runs and when it has ended: through OpenTelemetry's own exporter,
// which users install beside this package. It knows the exporter's data (ResourceMetrics), and no instruments: what was
// measured is in a histogram already.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '../../../values/foreign-modules.ts';
import { messageOf } from '../../../values/realm.ts';
import { VERSION } from '../../../values/version.ts';
import { LocalError } from '../../command/failure.ts';
import type { LatencyHistogram } from '../result/latency-histogram.ts';
import type { Measurements } from '../result/measurements.ts';
import { BOUNDS_S, countsByBound } from './latency-bounds.ts';
import type { ResourceAttributes } from './otlp-resource.ts';

/** What there is of an exporter: `PushMetricExporter` of @opentelemetry/sdk-metrics. */
export interface MetricExporter {
  export(metrics: object, onDone: (result: { readonly code: number; readonly error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

/** In the order in which they are looked for. */
const PACKAGES = ['@opentelemetry/exporter-metrics-otlp-proto', '@opentelemetry/exporter-metrics-otlp-http'];

/** Errors: LocalError that says what to install, or what is wrong with what is. */
export async function otlpExporter(url: string): Promise<MetricExporter> {
  for (const name of PACKAGES) {
    const found = (await imported(name)) as { OTLPMetricExporter?: unknown } | undefined;
    const Exporter = found?.OTLPMetricExporter;
    if (typeof Exporter === 'function') {
      // A collector's base address, as OTEL_EXPORTER_OTLP_ENDPOINT has it; the exporter wants the whole.
      const whole = new URL(url);
      if (whole.pathname === '/') whole.pathname = '/v1/metrics';
      return Reflect.construct(Exporter, [{ url: whole.href }]) as MetricExporter;
    }
  }
  throw new LocalError(
    `--otlp needs OpenTelemetry's exporter: npm install ${PACKAGES[0]}@0.223 @opentelemetry/api`,
  );
}

/** From beside this package, or from where the user is; undefined where it is in neither. */
async function imported(name: string): Promise<unknown> {
  try {
    return await importModule(name);
  } catch {
    let path: string;
    try {
      path = createRequire(join(process.cwd(), 'noone.js')).resolve(name);
    } catch {
      return undefined;
    }
    try {
      return await importModule(pathToFileURL(path).href);
    } catch (cause) {
      throw new LocalError(`--otlp: ${name} is at ${path}, but cannot be used: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
}

/** What all metrics are of. */
export interface PushedLoad {
  readonly method: string;
  readonly target: string;
}

type Attributes = Readonly<Record<string, string | number>>;

/** How often a running load tells. */
const EVERY_MS = 10_000;
/** So long the last metrics may take: the exporter tries again for 10 s, and the report is there already. */
const END_MS = 2500;

/** `DataPointType` and `AggregationTemporality` of @opentelemetry/sdk-metrics. */
const POINT = { histogram: 0, sum: 3 } as const;
const CUMULATIVE = 1;

export class OtlpPush {
  readonly #exporter: MetricExporter;
  readonly #resource: object;
  readonly #startMs: number;
  readonly #onProblem: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastProblem = '';
  #isOver = false;

  /**
   * @param attributes of the process that sends
   * @param onProblem told why a push failed, once for each reason
   */
  constructor(exporter: MetricExporter, attributes: ResourceAttributes, onProblem: (text: string) => void) {
    this.#exporter = exporter;
    this.#resource = resourceOf(attributes);
    this.#onProblem = onProblem;
    this.#startMs = Date.now();
  }

  /**
   * A load begins: from now on what it has measured is sent every few seconds.
   * @param measured all of it; undefined before there is anything
   */
  follow(about: PushedLoad, measured: () => Measurements | undefined, everyMs: number = EVERY_MS): void {
    const push = (): void => {
      const measurements = measured();
      // What goes wrong is told there.
      if (measurements !== undefined) void this.#push(about, measurements);
    };
    this.#timer = setInterval(push, everyMs).unref();
  }

  /** Sends what came of the load, and ends: a collector that does not answer is not waited for. */
  async end(about: PushedLoad, measurements: Measurements): Promise<void> {
    clearInterval(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#tell(
          `the collector has not taken the last metrics within ${END_MS / 1000} s of the load's end: they are given up`,
        );
        this.#isOver = true;
        resolve();
      }, END_MS);
    });
    await Promise.race([late, this.#last(about, measurements)]);
    clearTimeout(timer);
  }

  async #last(about: PushedLoad, measurements: Measurements): Promise<void> {
    await this.#push(about, measurements);
    try {
      await this.#exporter.shutdown();
    } catch (error) {
      // The report has been given: a collector is not to make a failure of it.
      this.#tell(`cannot end sending metrics to the collector: ${messageOf(error)}`);
    }
  }

  #tell(problem: string): void {
    if (!this.#isOver) this.#onProblem(problem);
  }

  async #push(about: PushedLoad, measurements: Measurements): Promise<void> {
    const scopeMetrics = [scopeMetricsOf(about, measurements, this.#startMs, Date.now())];
    const metrics = { resource: this.#resource, scopeMetrics };
    const problem = await new Promise<string>((resolve) => {
      try {
        this.#exporter.export(metrics, ({ code, error }) =>
          resolve(code === 0 ? '' : error === undefined ? 'the exporter failed' : messageOf(error)),
        );
      } catch (error) {
        resolve(messageOf(error));
      }
    });
    if (problem !== '' && problem !== this.#lastProblem) {
      this.#tell(`cannot send metrics to the collector: ${problem}`);
    }
    this.#lastProblem = problem;
  }
}

function scopeMetricsOf(
  { method, target }: PushedLoad,
  { latency, failedLatency, lateness, statuses, ...counted }: Measurements,
  startMs: number,
  endMs: number,
): object {
  const attributes: Attributes = { 'rpc.system': 'grpc', 'rpc.method': method, 'server.address': target };
  const times = { startTime: hrTime(startMs), endTime: hrTime(endMs) };
  const sum = (name: string, unit: string, description: string, points: readonly [Attributes, number][]) => ({
    descriptor: { name, unit, description, type: 'COUNTER', valueType: 0, advice: {} },
    aggregationTemporality: CUMULATIVE,
    dataPointType: POINT.sum,
    isMonotonic: true,
    dataPoints: points.map(([own, value]) => ({ ...times, attributes: { ...attributes, ...own }, value })),
  });
  const histogram = (name: string, description: string, values: LatencyHistogram) => ({
    descriptor: { name, unit: 's', description, type: 'HISTOGRAM', valueType: 1, advice: {} },
    aggregationTemporality: CUMULATIVE,
    dataPointType: POINT.histogram,
    dataPoints: [{ ...times, attributes, value: histogramValue(values) }],
  });
  return {
    scope: { name: 'stubless bench', version: VERSION },
    metrics: [
      sum(
        'stubless.bench.calls',
        '{call}',
        'Calls that ended, by status',
        [...statuses.values()].map(({ name, count }) => [{ 'grpc.status': name }, count]),
      ),
      sum('stubless.bench.dropped', '{call}', 'Planned calls that were not made', [[{}, counted.dropped]]),
      histogram('stubless.bench.call.duration', 'Latency of calls that ended with OK', latency),
      histogram('stubless.bench.failed_call.duration', 'Latency of calls that failed', failedLatency),
      histogram('stubless.bench.lateness', 'How much later than planned calls began', lateness),
    ].filter(({ dataPoints }) => dataPoints.length > 0),
  };
}

function histogramValue(latency: LatencyHistogram): object {
  const isEmpty = latency.count === 0;
  return {
    buckets: { boundaries: BOUNDS_S, counts: countsByBound(latency) },
    count: latency.count,
    sum: isEmpty ? 0 : (latency.meanMs * latency.count) / 1000,
    ...(isEmpty ? {} : { min: latency.leastMs / 1000, max: latency.greatestMs / 1000 }),
  };
}

/** `Resource` of @opentelemetry/resources, as far as exporters ask. */
function resourceOf(attributes: ResourceAttributes): object {
  const resource = {
    attributes,
    asyncAttributesPending: false,
    getRawAttributes: () => Object.entries(attributes),
    merge: () => resource,
  };
  return resource;
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
