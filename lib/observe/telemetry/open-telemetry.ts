// The part of @opentelemetry/api that is used here, declared as types of our own, since programs without OpenTelemetry
// do not have that package and must compile all the same. Also how the package is found.

import { requirePackage } from '../../values/foreign-modules.ts';

export type Attributes = Record<string, string | number | boolean>;

/** Opaque: the context that is active where a call is made, and what a span adds to it. */
export type OtelContext = unknown;

export interface OtelSpan {
  setAttribute(key: string, value: string | number | boolean): unknown;
  addEvent(name: string, attributes?: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  isRecording(): boolean;
  end(): void;
}

export interface OtelTracer {
  startSpan(name: string, options: { kind: number; attributes: Attributes }, context: never): OtelSpan;
}

export interface OtelCounter {
  add(value: number, attributes: Attributes, context: never): void;
}

export interface OtelHistogram {
  record(value: number, attributes: Attributes, context: never): void;
}

interface OtelInstrumentOptions {
  description: string;
  unit: string;
  advice?: { explicitBucketBoundaries: number[] };
}

export interface OtelMeter {
  createCounter(name: string, options: OtelInstrumentOptions): OtelCounter;
  createHistogram(name: string, options: OtelInstrumentOptions): OtelHistogram;
}

/** The module itself: `import * as api from '@opentelemetry/api'`. */
export interface OtelApi {
  readonly context: { active(): OtelContext };
  readonly trace: {
    getTracer(name: string, version?: string): OtelTracer;
    setSpan(context: never, span: never): OtelContext;
  };
  readonly metrics: { getMeter(name: string, version?: string): OtelMeter };
  readonly propagation: { inject(context: never, carrier: Record<string, string>): void };
}

/** SpanKind.CLIENT and SpanStatusCode.ERROR of the API, which never change. */
export const SPAN_KIND_CLIENT = 2;
export const SPAN_STATUS_ERROR = 2;

/** The application's own @opentelemetry/api. TypeError if it cannot be found. */
export function findApi(): OtelApi {
  // First as this package would import it, then as the program would: they may be installed in different places.
  const { createRequire } = process.getBuiltinModule('node:module');
  for (const load of [requirePackage, createRequire(`${process.cwd()}/`)]) {
    try {
      return load('@opentelemetry/api') as OtelApi;
    } catch {
      // Not there; the error below says what to do.
    }
  }
  throw new TypeError(
    'telemetry needs the package @opentelemetry/api: npm install @opentelemetry/api, or give it as telemetry: { api }',
  );
}
