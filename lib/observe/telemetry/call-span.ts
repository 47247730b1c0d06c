// The span of a call: name and attributes follow OpenTelemetry's semantic conventions for gRPC, with an event for each
// message (gRFC A72) and for each attempt after the first.

import type { CallAttempt, ObservedCall } from '../observed-call.ts';
import {
  type Attributes,
  type OtelApi,
  type OtelContext,
  type OtelSpan,
  type OtelTracer,
  SPAN_KIND_CLIENT,
  SPAN_STATUS_ERROR,
} from './open-telemetry.ts';

const OK = 0;

export class CallSpan {
  /** The OpenTelemetry context of whatever the call does; it contains the span. */
  readonly context: OtelContext;
  readonly #api: OtelApi;
  readonly #span: OtelSpan;
  #sent = 0;
  #received = 0;

  constructor(api: OtelApi, tracer: OtelTracer, call: ObservedCall, parent: OtelContext) {
    const { name, attributes } = describe(call);
    const options = { kind: SPAN_KIND_CLIENT, attributes };
    this.#api = api;
    this.#span = tracer.startSpan(name, options, parent as never);
    this.context = api.trace.setSpan(parent as never, this.#span as never);
  }

  /** The fields that carry the context to the server: traceparent, and whatever the application's propagator adds. */
  fields(): Record<string, string> {
    const carrier: Record<string, string> = {};
    this.#api.propagation.inject(this.context as never, carrier);
    return carrier;
  }

  onAttempt({ number }: CallAttempt): void {
    if (number > 1) this.#span.addEvent('attempt', { 'previous-rpc-attempts': number - 1 });
  }

  onStream({ peer }: CallAttempt): void {
    const parts = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(peer?.address ?? '');
    if (parts === null) {
      if (peer !== undefined) this.#span.setAttribute('network.peer.address', peer.address);
      return;
    }
    this.#span.setAttribute('network.peer.address', parts[1] ?? parts[2]);
    this.#span.setAttribute('network.peer.port', Number(parts[3]));
  }

  onMessage(direction: 'sent' | 'received', octets: number): void {
    if (!this.#span.isRecording()) return;
    const isSent = direction === 'sent';
    this.#span.addEvent(isSent ? 'Outbound message' : 'Inbound message', {
      'sequence-number': isSent ? this.#sent++ : this.#received++,
      'message-size': octets,
    });
  }

  onEnd({ code = OK, codeName = 'OK', details = '' }: ObservedCall): void {
    const span = this.#span;
    span.setAttribute('rpc.grpc.status_code', code);
    if (code !== OK) {
      span.setAttribute('error.type', codeName);
      span.setStatus({ code: SPAN_STATUS_ERROR, message: `${codeName}: ${details}` });
    }
    span.end();
  }
}

/** If no method was found, `method` is only the name that the caller used. */
function describe({ method, target }: ObservedCall): {
  readonly name: string;
  readonly attributes: Attributes;
} {
  const attributes: Attributes = { 'rpc.system': 'grpc' };
  const path = /^\/(.+)\/([^/]+)$/.exec(method);
  if (path !== null) {
    attributes['rpc.service'] = path[1];
    attributes['rpc.method'] = path[2];
  } else attributes['rpc.method'] = method;
  const server = /^(?:[a-z][a-z0-9+.-]*:\/*)?(?:[^/]*\/)*(?:\[([^\]]+)\]|([^:/,]+)):(\d+)/i.exec(target);
  if (server === null) attributes['server.address'] = target;
  else {
    attributes['server.address'] = server[1] ?? server[2];
    attributes['server.port'] = Number(server[3]);
  }
  return { name: path === null ? method : method.slice(1), attributes };
}
