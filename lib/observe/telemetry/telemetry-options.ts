// The `telemetry` option: what it may hold, its defaults and checks.

import { findApi, type OtelApi, type OtelMeter, type OtelTracer } from './open-telemetry.ts';

/** OpenTelemetry settings. */
export interface TelemetryOptions {
  /** Record gRFC A66's metrics. Default true. */
  readonly metrics?: boolean | undefined;
  /** Make a span of each call, and send its context along. Default true. */
  readonly traces?: boolean | undefined;
  /** Where metrics go. Default the global meter provider's. */
  readonly meter?: OtelMeter | undefined;
  /** Where spans go. Default the global tracer provider's. */
  readonly tracer?: OtelTracer | undefined;
  /**
   * Whether metrics name a method of `client.raw`, by its path; others count as `other` (gRFC A66: names that the
   * program makes up must not become attributes without end). Default none.
   */
  readonly rawMethods?: ((path: string) => boolean) | undefined;
  /** `import * as api from '@opentelemetry/api'`, where it cannot be found by its name: in bundles. */
  readonly api?: OtelApi | undefined;
}

/** Telemetry options, complete and checked. */
export interface CheckedTelemetry {
  readonly api: OtelApi;
  readonly hasMetrics: boolean;
  readonly hasTraces: boolean;
  readonly meter: OtelMeter | undefined;
  readonly tracer: OtelTracer | undefined;
  readonly rawMethods: (path: string) => boolean;
}

const NAMES = ['metrics', 'traces', 'meter', 'tracer', 'rawMethods', 'api'];

/** undefined where there is to be none. TypeError that names the option. */
export function checkTelemetry(given: unknown): CheckedTelemetry | undefined {
  if (given === undefined || given === false) return undefined;
  if (given !== true && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw new TypeError(`telemetry must be true, false or an object, not ${typeof given}`);
  }
  const options: TelemetryOptions = given === true ? {} : given;
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) {
      throw new TypeError(`there is no telemetry option '${name}'; there are ${NAMES.join(', ')}`);
    }
  }
  const { metrics = true, traces = true, meter, tracer, rawMethods = () => false, api } = options;
  checkType('metrics', metrics, 'boolean');
  checkType('traces', traces, 'boolean');
  checkType('rawMethods', rawMethods, 'function');
  checkMethod('meter', meter, 'createHistogram');
  checkMethod('tracer', tracer, 'startSpan');
  if (api !== undefined && typeof api.propagation?.inject !== 'function') {
    throw new TypeError("telemetry.api must be the module '@opentelemetry/api'");
  }
  return { api: api ?? findApi(), hasMetrics: metrics, hasTraces: traces, meter, tracer, rawMethods };
}

function checkType(name: string, value: unknown, type: string): void {
  if (typeof value !== type) throw new TypeError(`telemetry.${name} must be a ${type}, not ${typeof value}`);
}

function checkMethod(name: string, value: unknown, method: string): void {
  if (value === undefined) return;
  if (typeof (value as Record<string, unknown> | null)?.[method] !== 'function') {
    throw new TypeError(`telemetry.${name} must have ${method}(…), as OpenTelemetry's have`);
  }
}
