// The `telemetry` option: its fields, defaults and checks.

import { findApi, type OtelApi, type OtelMeter, type OtelTracer } from './open-telemetry.ts';

/** OpenTelemetry settings. See docs/observability.md. */
export interface TelemetryOptions {
  /** Record the metrics of gRFC A66. Default true. */
  readonly metrics?: boolean | undefined;
  /** Make a span for each call, and send its context to the server. Default true. */
  readonly traces?: boolean | undefined;
  /** Where metrics go. Default: a meter of the global meter provider. */
  readonly meter?: OtelMeter | undefined;
  /** Where spans go. Default: a tracer of the global tracer provider. */
  readonly tracer?: OtelTracer | undefined;
  /**
   * Whether metrics name a method of `client.raw`, given its path; otherwise it counts as `other`, because names that
   * the program makes up must not multiply the attributes without bound (gRFC A66). Default: never.
   */
  readonly rawMethods?: ((path: string) => boolean) | undefined;
  /**
   * The module, from `import * as api from '@opentelemetry/api'`, for bundles, in which it cannot be found by name.
   * Default: found by name; a TypeError if it is not installed.
   */
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

/** undefined for no telemetry. TypeError that names the option. */
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
    throw new TypeError(`telemetry.${name} must be an OpenTelemetry ${name}, with ${method}(…)`);
  }
}
