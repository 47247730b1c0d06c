// Metrics to a collector: through OpenTelemetry's own exporter, to a server that decodes them with protobufjs by the
// published numbers of opentelemetry-proto.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { expect } from 'chai';
import protobuf from 'protobufjs';
import { type MetricExporter, OtlpPush, otlpExporter } from '../../../../lib/cli/bench/report/otlp-push.ts';
import { resourceAttributes } from '../../../../lib/cli/bench/report/otlp-resource.ts';
import { needEval } from '../../../support/eval.ts';
import { until } from '../../../support/peers/fleet.ts';
import { TurnedTime } from '../../../support/time/turned-time.ts';
import { measuredLoad } from './measured.ts';

/** What of opentelemetry/proto/metrics/v1/metrics.proto is looked at. */
const PROTO = `syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { repeated Metric metrics = 2; }
message Metric { string name = 1; string unit = 3; Sum sum = 7; Histogram histogram = 9; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message NumberPoint { fixed64 start = 2; fixed64 time = 3; double as_double = 4; sfixed64 as_int = 6; repeated KeyValue attributes = 7; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message HistogramPoint { fixed64 start = 2; fixed64 time = 3; fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6;
  repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; double min = 11; double max = 12; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { string string_value = 1; }
`;

interface HistogramPoint {
  readonly sum: number;
  readonly bucket_counts: readonly number[];
  readonly explicit_bounds: readonly number[];
}

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly data_points: readonly { readonly as_int: number }[] };
  readonly histogram?: { readonly data_points: readonly HistogramPoint[] };
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly string_value: string };
}

interface Decoded {
  readonly resource_metrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scope_metrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

/** What the exporter is given. */
interface Sent {
  readonly scopeMetrics: readonly {
    readonly metrics: readonly { readonly dataPoints: readonly { readonly value: number }[] }[];
  }[];
}

interface Received {
  readonly path: string | undefined;
  readonly body: Buffer;
}

describe('metrics for an OpenTelemetry collector', () => {
  const received: Received[] = [];
  let status = 200;
  let collector: Server;
  let url = '';
  beforeEach(async () => {
    received.length = 0;
    status = 200;
    collector = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      received.push({ path: request.url, body: Buffer.concat(chunks) });
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    collector.closeAllConnections();
    collector.close();
    await once(collector, 'close');
  });

  it('are sent at the end, with all that was measured', async function () {
    needEval(this);
    const { summary, measurements } = measuredLoad();
    const problems: string[] = [];
    const attributes = resourceAttributes({ OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=load-1' });
    const push = new OtlpPush(await otlpExporter(url), attributes, (problem) => problems.push(problem));
    await push.end(summary, measurements);
    expect(problems).to.deep.equal([]);
    expect(received.map(({ path }) => path)).to.deep.equal(['/v1/metrics']);
    const type = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Request');
    const decoded = type.toObject(type.decode(received[0].body), { longs: Number }) as unknown as Decoded;
    const [resource] = decoded.resource_metrics;
    const told = resource.resource.attributes.map(({ key, value }) => [key, value.string_value]);
    expect(Object.fromEntries(told)).to.deep.equal(attributes);
    const { metrics } = resource.scope_metrics[0];
    const calls = metrics.find(({ name }) => name === 'stubless.bench.calls')?.sum;
    expect(calls).to.include({ aggregation_temporality: 2, is_monotonic: true });
    expect(calls?.data_points.map(({ as_int: value }) => value)).to.deep.equal([999, 1]);
    const duration = metrics.find(({ name }) => name === 'stubless.bench.call.duration');
    expect(duration?.unit).to.equal('s');
    const [point] = duration?.histogram?.data_points ?? [];
    expect(point).to.include({ count: 999, min: 0.001, max: 0.999 });
    expect(point.sum).to.be.closeTo(499.5, 1e-6);
    expect(point.bucket_counts).to.have.length(point.explicit_bounds.length + 1);
    expect(point.bucket_counts.reduce((sum, count) => sum + count, 0)).to.equal(999);
  });

  it('are sent while the load runs, with all that it has measured by then', async () => {
    const { summary, measurements } = measuredLoad();
    const sent: number[] = [];
    const exporter = {
      export: (metrics: object, onDone: (result: { readonly code: number }) => void) => {
        const { scopeMetrics } = metrics as Sent;
        sent.push(scopeMetrics[0].metrics[0].dataPoints.reduce((sum, { value }) => sum + value, 0));
        onDone({ code: 0 });
      },
      shutdown: () => Promise.resolve(),
    };
    let asked = 0;
    let measured: typeof measurements | undefined;
    const push = new OtlpPush(exporter, {}, () => {});
    const soFar = () => {
      asked++;
      return measured;
    };
    push.follow(summary, soFar, 1);
    await until(() => asked > 1);
    expect(sent, 'before the measured part').to.deep.equal([]);
    measured = measurements;
    await until(() => sent.length > 1);
    await push.end(summary, measurements);
    expect(new Set(sent)).to.deep.equal(new Set([1000]));
  });

  it('that a collector refuses are told of in one line, and end nothing', async () => {
    status = 400;
    const { summary, measurements } = measuredLoad();
    const problems: string[] = [];
    const push = new OtlpPush(new OTLPMetricExporter({ url: `${url}/own` }), {}, (problem) =>
      problems.push(problem),
    );
    await push.end(summary, measurements);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(/^cannot send metrics to the collector: /);
    expect(received[0].path).to.equal('/own');
  });

  it('are given up soon after the end, where the collector does not answer', async () => {
    using time = new TurnedTime();
    const { summary, measurements } = measuredLoad();
    const silent: readonly [string, MetricExporter][] = [
      ['export', { export: () => {}, shutdown: async () => {} }],
      ['shutdown', { export: (_, onDone) => onDone({ code: 0 }), shutdown: () => new Promise(() => {}) }],
    ];
    for (const [name, exporter] of silent) {
      const problems: string[] = [];
      let isOver = false;
      void new OtlpPush(exporter, {}, (problem) => problems.push(problem))
        .end(summary, measurements)
        .then(() => {
          isOver = true;
        });
      await time.pass(2000);
      expect(isOver, name).to.equal(false);
      await time.pass(1000);
      expect(isOver, name).to.equal(true);
      expect(problems, name).to.deep.equal([
        "the collector has not taken the last metrics within 2.5 s of the load's end: they are given up",
      ]);
    }
  });

  it('that fail when they were given up are not told of again', async () => {
    using time = new TurnedTime();
    const { summary, measurements } = measuredLoad();
    const problems: string[] = [];
    let fail = (): void => {};
    const exporter: MetricExporter = {
      export(_, onDone) {
        fail = () => onDone({ code: 1, error: new Error('connect ECONNREFUSED') });
      },
      shutdown: () => Promise.reject(new Error('still busy')),
    };
    const ended = new OtlpPush(exporter, {}, (problem) => problems.push(problem)).end(summary, measurements);
    await time.pass(3000);
    await ended;
    fail();
    await time.pass(1);
    expect(problems).to.have.length(1);
  });

  it('end nothing where their exporter cannot end', async () => {
    const { summary, measurements } = measuredLoad();
    const problems: string[] = [];
    const exporter = {
      export: (_metrics: object, onDone: (result: { readonly code: number }) => void) => onDone({ code: 0 }),
      shutdown: () => Promise.reject(new Error('still busy')),
    };
    await new OtlpPush(exporter, {}, (problem) => problems.push(problem)).end(summary, measurements);
    expect(problems).to.deep.equal(['cannot end sending metrics to the collector: still busy']);
  });
});
