// The client metrics of gRFC A66 ("OpenTelemetry Metrics"), under its names, units, attributes and buckets.

import type { CallAttempt, ObservedCall } from '../observed-call.ts';
import type { OtelContext, OtelCounter, OtelHistogram, OtelMeter } from './open-telemetry.ts';

/** Seconds. gRFC A66, "Buckets": latency. */
export const LATENCY_BUCKETS: readonly number[] = [
  0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01,
  0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65,
  0.8, 1, 2, 5, 10, 20, 50, 100,
];
/** Bytes. gRFC A66, "Buckets": size. */
const SIZE_BUCKETS: readonly number[] = [
  0, 1024, 2048, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456,
  1_073_741_824, 4_294_967_296,
];
/** The name for methods that no schema names. */
const OTHER = 'other';
const MS_PER_S = 1000;

export class CallMetrics {
  readonly #started: OtelCounter;
  readonly #attemptDuration: OtelHistogram;
  readonly #sent: OtelHistogram;
  readonly #received: OtelHistogram;
  readonly #callDuration: OtelHistogram;
  readonly #target: string;
  readonly #rawMethods: (path: string) => boolean;

  constructor(meter: OtelMeter, target: string, rawMethods: (path: string) => boolean) {
    this.#target = target;
    this.#rawMethods = rawMethods;
    this.#started = meter.createCounter('grpc.client.attempt.started', {
      description: 'Number of client call attempts started',
      unit: '{attempt}',
    });
    this.#attemptDuration = histogram(
      meter,
      'grpc.client.attempt.duration',
      's',
      'End-to-end time taken to complete a client call attempt',
      LATENCY_BUCKETS,
    );
    this.#sent = histogram(
      meter,
      'grpc.client.attempt.sent_total_compressed_message_size',
      'By',
      'Compressed message bytes sent per client call attempt',
      SIZE_BUCKETS,
    );
    this.#received = histogram(
      meter,
      'grpc.client.attempt.rcvd_total_compressed_message_size',
      'By',
      'Compressed message bytes received per client call attempt',
      SIZE_BUCKETS,
    );
    this.#callDuration = histogram(
      meter,
      'grpc.client.call.duration',
      's',
      "Time taken by gRPC to complete a call from the application's perspective",
      LATENCY_BUCKETS,
    );
  }

  attemptStarted(call: ObservedCall, context: OtelContext): void {
    this.#started.add(1, this.#attributes(call), context as never);
  }

  attemptEnded(call: ObservedCall, attempt: CallAttempt, context: OtelContext): void {
    const attributes = { ...this.#attributes(call), 'grpc.status': attempt.codeName ?? 'UNKNOWN' };
    const durationMs = (attempt.endMs ?? 0) - attempt.startMs;
    this.#attemptDuration.record(durationMs / MS_PER_S, attributes, context as never);
    this.#sent.record(attempt.sentBytes, attributes, context as never);
    this.#received.record(attempt.receivedBytes, attributes, context as never);
  }

  callEnded(call: ObservedCall, context: OtelContext): void {
    const attributes = { ...this.#attributes(call), 'grpc.status': call.codeName ?? 'UNKNOWN' };
    this.#callDuration.record((call.timing.endMs ?? 0) / MS_PER_S, attributes, context as never);
  }

  #attributes({ method, isRaw, cardinality }: ObservedCall): Record<string, string> {
    const isNamed = cardinality !== undefined && (!isRaw || this.#rawMethods(method));
    return { 'grpc.method': isNamed ? method.slice(1) : OTHER, 'grpc.target': this.#target };
  }
}

function histogram(
  meter: OtelMeter,
  name: string,
  unit: string,
  description: string,
  buckets: readonly number[],
): OtelHistogram {
  return meter.createHistogram(name, {
    description,
    unit,
    advice: { explicitBucketBoundaries: [...buckets] },
  });
}
