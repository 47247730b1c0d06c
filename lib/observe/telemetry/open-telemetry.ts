// The part of @opentelemetry/api that is used here, as types of this package's own: who does without OpenTelemetry has
// no such package, and its types must not be missed. And how the package is found.

import { createRequire } from 'node:module';
import { requirePackage } from '../../values/foreign-modules.ts';

export type Attributes = Record<string, string | number | boolean>;

/** Opaque: what is active where a call is made, and what a span adds to it. */
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

/** `import * as api from '@opentelemetry/api'`. */
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

/** The application's own @opentelemetry/api. TypeError when there is none. */
export function findApi(): OtelApi {
  // As this package would import it, or else as the program would: the two may be installed apart.
  for (const load of [requirePackage, createRequire(`${process.cwd()}/`)]) {
    try {
      return load('@opentelemetry/api') as OtelApi;
    } catch {
      // Not there: the error below says what to do.
    }
  }
  throw new TypeError(
    'telemetry needs the package @opentelemetry/api: npm install @opentelemetry/api, or give it as telemetry: { api }',
  );
}
