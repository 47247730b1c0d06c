// Reports a client's calls to OpenTelemetry: the metrics of gRFC A66, a span per call, and its context in the request's
// metadata. It sees calls only through observe/observed-call.ts, and never makes one fail.

import { fieldsOfInput } from '../../rpc/metadata-fields.ts';
import type { CallAttempt, CallObserver, ObservedCall } from '../observed-call.ts';
import { CallMetrics } from './call-metrics.ts';
import { CallSpan } from './call-span.ts';
import type { OtelContext, OtelTracer } from './open-telemetry.ts';
import type { CheckedTelemetry } from './telemetry-options.ts';

/** The name of our tracer and meter. */
const NAME = 'stubless';

export class Telemetry {
  readonly options: CheckedTelemetry;
  readonly #version: string;
  readonly #target: string;
  #metrics: CallMetrics | undefined;
  #tracer: OtelTracer | undefined;

  /** @param target the client's, as a URI */
  constructor(options: CheckedTelemetry, version: string, target: string) {
    this.options = options;
    this.#target = target;
    this.#version = version;
  }

  /** Made at the first call, so that a global meter provider set after the client was made still counts. */
  get metrics(): CallMetrics | undefined {
    const { hasMetrics, meter, api, rawMethods } = this.options;
    if (!hasMetrics) return undefined;
    this.#metrics ??= new CallMetrics(
      meter ?? api.metrics.getMeter(NAME, this.#version),
      this.#target,
      rawMethods,
    );
    return this.#metrics;
  }

  get tracer(): OtelTracer | undefined {
    const { hasTraces, tracer, api } = this.options;
    if (!hasTraces) return undefined;
    this.#tracer ??= tracer ?? api.trace.getTracer(NAME, this.#version);
    return this.#tracer;
  }

  /** The observer of one call. */
  observe(): CallObserver {
    return new TelemetryObserver(this);
  }
}

class TelemetryObserver implements CallObserver {
  readonly #telemetry: Telemetry;
  readonly #metrics: CallMetrics | undefined;
  #span: CallSpan | undefined;
  /** The context that was active where the call was made, plus its span. */
  #context: OtelContext;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
    this.#metrics = telemetry.metrics;
  }

  onStart(call: ObservedCall): void {
    const { options, tracer } = this.#telemetry;
    this.#context = options.api.context.active();
    if (tracer === undefined) return;
    this.#span = new CallSpan(options.api, tracer, call, this.#context);
    this.#context = this.#span.context;
  }

  fields(): readonly string[] {
    const carrier = this.#span?.fields() ?? {};
    const fields: string[] = [];
    for (const [name, value] of Object.entries(carrier)) {
      try {
        fields.push(...(fieldsOfInput({ [name]: value }) ?? []));
      } catch {
        // A propagator's header that gRPC cannot carry: the trace ends here, but the call goes on.
      }
    }
    return fields;
  }

  onAttempt(call: ObservedCall, attempt: CallAttempt): void {
    this.#metrics?.attemptStarted(call, this.#context);
    this.#span?.onAttempt(attempt);
  }

  onStream(_: ObservedCall, attempt: CallAttempt): void {
    this.#span?.onStream(attempt);
  }

  onMessage(_: ObservedCall, __: CallAttempt, direction: 'sent' | 'received', octets: number): void {
    this.#span?.onMessage(direction, octets);
  }

  onAttemptEnd(call: ObservedCall, attempt: CallAttempt): void {
    this.#metrics?.attemptEnded(call, attempt, this.#context);
  }

  onEnd(call: ObservedCall): void {
    this.#metrics?.callEnded(call, this.#context);
    this.#span?.onEnd(call);
  }
}
