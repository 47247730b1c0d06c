// What OpenTelemetry's own SDK exports of a client's calls: metrics as gRFC A66 has them, spans, and the context that
// reaches the server.

import { type Context, context, propagation, type Span, type TextMapSetter, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { Client, type TelemetryOptions } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { frame } from '../../support/messages.ts';
import { listenHttp2 } from '../../support/peers/peer.ts';
import { type ExampleServer, startExampleServer } from '../../support/peers/servers.ts';

/** What W3C's propagator writes (version, trace, span, flags), and a header that gRPC cannot carry. */
const TRACE_CONTEXT = {
  inject(active: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(active);
    if (span === undefined) return;
    setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-0${span.traceFlags}`);
    setter.set(carrier, 'not for grpc', 'x');
  },
  extract: (active: Context): Context => active,
  fields: () => ['traceparent'],
};

interface Point {
  readonly attributes: Record<string, unknown>;
  readonly value: unknown;
}

describe('Telemetry', () => {
  const close = closing();
  let server: ExampleServer;
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const telemetry: TelemetryOptions = { meter: meters.getMeter('t'), tracer: tracers.getTracer('t') };

  before(async () => {
    server = await startExampleServer();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(TRACE_CONTEXT);
  });
  after(async () => {
    context.disable();
    propagation.disable();
    await meters.shutdown();
    await server.close();
  });
  beforeEach(async () => {
    await metrics();
    spans.reset();
  });

  async function connect(options: TelemetryOptions | true = telemetry): Promise<Client> {
    const client = close(new Client('localhost', server.port, { telemetry: options }));
    await client.load('protos/helloworld.proto');
    return client;
  }

  /** What was recorded since the last time, by name. */
  async function metrics(): Promise<Record<string, { unit: string; points: Point[] }>> {
    exporter.reset();
    await reader.forceFlush();
    const found: Record<string, { unit: string; points: Point[] }> = {};
    for (const { scopeMetrics } of exporter.getMetrics()) {
      for (const { metrics: all } of scopeMetrics) {
        for (const { descriptor, dataPoints } of all) {
          if (dataPoints.length > 0)
            found[descriptor.name] = { unit: descriptor.unit, points: [...dataPoints] as Point[] };
        }
      }
    }
    return found;
  }

  describe('metrics', () => {
    it('are gRFC A66’s, with its units and attributes', async () => {
      const client = await connect();
      await client.request('SayHello', { name: 'you' });
      const seen = await metrics();
      const method = {
        'grpc.method': 'helloworld.Greeter/SayHello',
        'grpc.target': `dns:///localhost:${server.port}`,
      };
      const units = Object.fromEntries(Object.entries(seen).map(([name, { unit }]) => [name, unit]));
      expect(units).to.deep.equal({
        'grpc.client.attempt.started': '{attempt}',
        'grpc.client.attempt.duration': 's',
        'grpc.client.attempt.sent_total_compressed_message_size': 'By',
        'grpc.client.attempt.rcvd_total_compressed_message_size': 'By',
        'grpc.client.call.duration': 's',
      });
      for (const [name, { points }] of Object.entries(seen)) {
        expect(points).to.have.length(1);
        const status = name.endsWith('started') ? {} : { 'grpc.status': 'OK' };
        expect(points[0].attributes).to.deep.equal({ ...method, ...status });
      }
      expect(seen['grpc.client.attempt.started'].points[0].value).to.equal(1);
      const sumOf = (name: string) => (seen[name].points[0].value as Histogram).sum as number;
      expect(sumOf('grpc.client.attempt.sent_total_compressed_message_size')).to.equal(5);
      expect(sumOf('grpc.client.attempt.rcvd_total_compressed_message_size')).to.equal(11);
      expect(sumOf('grpc.client.call.duration')).to.be.within(0.0001, 10);
      expect(sumOf('grpc.client.attempt.duration')).to.be.at.most(sumOf('grpc.client.call.duration'));
    });

    it('have its buckets', async () => {
      const client = await connect();
      await client.request('SayHello', { name: 'you' });
      const seen = await metrics();
      const bucketsOf = (name: string) => (seen[name].points[0].value as Histogram).buckets.boundaries;
      const seconds = bucketsOf('grpc.client.call.duration');
      expect([seconds[0], seconds[1], seconds.at(-1), seconds.length]).to.deep.equal([0, 0.00001, 100, 41]);
      expect(bucketsOf('grpc.client.attempt.duration')).to.deep.equal(seconds);
      const sizes = bucketsOf('grpc.client.attempt.sent_total_compressed_message_size');
      expect([sizes[1], sizes.at(-1), sizes.length]).to.deep.equal([1024, 4_294_967_296, 14]);
      expect(bucketsOf('grpc.client.attempt.rcvd_total_compressed_message_size')).to.deep.equal(sizes);
    });

    it('distinguish statuses', async () => {
      const client = await connect();
      await rejection(client.request('SayHello', { name: 'nobody' }));
      await rejection(client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 30 }));
      const { points } = (await metrics())['grpc.client.call.duration'];
      const statuses = points.map(({ attributes }) => attributes['grpc.status']);
      expect(statuses).to.have.members(['NOT_FOUND', 'DEADLINE_EXCEEDED']);
    });

    it('count every attempt', async () => {
      const peer = close(await listenHttp2());
      const client = close(new Client(peer.target, { telemetry }));
      const call = client.raw('/s/Unary', { cardinality: 'unary_unary' })();
      (await peer.request(1)).stream.reset(7);
      (await peer.request(2)).head().write(frame(1)).status(0);
      await call;
      const seen = await metrics();
      expect(seen['grpc.client.attempt.started'].points[0].value).to.equal(2);
      const { points } = seen['grpc.client.attempt.duration'];
      const statuses = points.map(({ attributes }) => attributes['grpc.status']);
      expect(statuses).to.have.members(['UNAVAILABLE', 'OK']);
      expect(seen['grpc.client.call.duration'].points).to.have.length(1);
    });

    const raw: readonly (readonly [TelemetryOptions, string])[] = [
      [telemetry, 'other'],
      [{ ...telemetry, rawMethods: () => true }, 'helloworld.Greeter/SayHello'],
    ];
    for (const [options, name] of raw) {
      it(`call a method that no schema names ${name}`, async () => {
        const client = await connect(options);
        await client.raw('/helloworld.Greeter/SayHello', { cardinality: 'unary_unary' })();
        const { points } = (await metrics())['grpc.client.call.duration'];
        expect(points[0].attributes['grpc.method']).to.equal(name);
      });
    }

    it('can be left out', async () => {
      const client = await connect({ ...telemetry, metrics: false });
      await client.request('SayHello', { name: 'you' });
      expect(await metrics()).to.deep.equal({});
      expect(spans.getFinishedSpans()).to.have.length(1);
    });
  });

  describe('traces', () => {
    it('have one span per call, named after its method', async () => {
      const client = await connect();
      await client.request('SayHello', { name: 'you' });
      const [span, ...others] = spans.getFinishedSpans();
      expect(others).to.deep.equal([]);
      expect(span.name).to.equal('helloworld.Greeter/SayHello');
      expect(span.kind).to.equal(2);
      const { 'network.peer.address': address, ...attributes } = span.attributes;
      expect(['127.0.0.1', '::1']).to.include(address);
      expect(attributes).to.deep.equal({
        'rpc.system': 'grpc',
        'rpc.service': 'helloworld.Greeter',
        'rpc.method': 'SayHello',
        'rpc.grpc.status_code': 0,
        'server.address': 'localhost',
        'server.port': server.port,
        'network.peer.port': server.port,
      });
      expect(span.status.code).to.equal(0);
      expect(span.events.map((event) => [event.name, event.attributes?.['message-size']])).to.deep.equal([
        ['Outbound message', 5],
        ['Inbound message', 11],
      ]);
    });

    it('say how a call failed', async () => {
      const client = await connect();
      await rejection(client.request('SayHello', { name: 'nobody' }));
      const [span] = spans.getFinishedSpans();
      expect(span.attributes).to.include({ 'rpc.grpc.status_code': 5, 'error.type': 'NOT_FOUND' });
      expect(span.status).to.deep.equal({ code: 2, message: 'NOT_FOUND: no greeting for nobody' });
    });

    it('are children of the span that is active where the call is made', async () => {
      const client = await connect();
      await tracers.getTracer('t').startActiveSpan('outer', async (outer: Span) => {
        await client.request('SayHello', { name: 'you' });
        outer.end();
      });
      const [inner, outer] = spans.getFinishedSpans();
      expect(inner.parentSpanContext?.spanId).to.equal(outer.spanContext().spanId);
    });

    const given: readonly (readonly [string, Record<string, string>])[] = [
      ['reach the server as traceparent, beside the call’s own metadata', { a: 'b' }],
      ['leave a traceparent that the caller gives alone', { a: 'b', traceparent: 'mine' }],
    ];
    for (const [name, metadata] of given) {
      it(name, async () => {
        const peer = close(await listenHttp2());
        const client = close(new Client(peer.target, { telemetry }));
        const call = client.raw('/s/Unary', { cardinality: 'unary_unary' })(undefined, { metadata });
        const request = await peer.request(1);
        request.head().write(frame(1)).status(0);
        await call;
        const { traceId, spanId } = spans.getFinishedSpans()[0].spanContext();
        const wanted = metadata['traceparent'] ?? `00-${traceId}-${spanId}-01`;
        expect(request.headers.filter((field) => field === 'traceparent')).to.have.length(1);
        expect(request.header('traceparent')).to.equal(wanted);
        expect(request.header('a')).to.equal('b');
      });
    }

    it('end with a call whose method is not known', async () => {
      const client = await connect();
      await rejection(client.request('SayGoodbye'));
      const [span] = spans.getFinishedSpans();
      expect(span.name).to.equal('SayGoodbye');
      expect(span.attributes['error.type']).to.equal('CANCELLED');
    });

    it('can be left out', async () => {
      const client = await connect({ ...telemetry, traces: false });
      await client.request('SayHello', { name: 'you' });
      expect(spans.getFinishedSpans()).to.deep.equal([]);
    });
  });

  it('goes to the global providers when it is just true', async () => {
    trace.setGlobalTracerProvider(tracers);
    try {
      const client = await connect(true);
      await client.request('SayHello', { name: 'you' });
      expect(spans.getFinishedSpans()[0].instrumentationScope.name).to.equal('stubless');
    } finally {
      trace.disable();
    }
  });

  const wrong: readonly (readonly [unknown, string])[] = [
    ['yes', 'telemetry must be true, false or an object, not string'],
    [{ metric: true }, "no telemetry option 'metric'"],
    [{ metrics: 'yes' }, 'telemetry.metrics must be a boolean'],
    [{ meter: {} }, 'telemetry.meter must be an OpenTelemetry meter, with createHistogram'],
    [{ tracer: null }, 'telemetry.tracer must be an OpenTelemetry tracer, with startSpan'],
    [{ api: {} }, "telemetry.api must be the module '@opentelemetry/api'"],
  ];
  for (const [value, text] of wrong) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      expect(() => new Client('localhost:1', { telemetry: value as never })).to.throw(TypeError, text);
    });
  }
});
