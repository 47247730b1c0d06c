// What `stubless bench --openmetrics` writes, read by Prometheus' own parser, which refuses what OpenMetrics 1.0 does not
// allow. `npm run report` runs it; the parser comes from PyPI into .cache/openmetrics.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../support/peers/servers.ts';
import { runCli } from './run-cli.ts';

const CACHE = join('.cache', 'openmetrics');
const PYTHON = join(CACHE, 'venv', 'bin', 'python');
const PARSER = 'prometheus_client==0.26.0';
const PROGRAM = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = text_string_to_metric_families(open(sys.argv[1]).read())
print(json.dumps([{ 'name': f.name, 'type': f.type, 'unit': f.unit,
                    'samples': [{ 'name': s.name, 'labels': s.labels, 'value': s.value } for s in f.samples] } for f in families]))
`;

interface Family {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

describe('the OpenMetrics of a load, read by Prometheus', function () {
  this.timeout(300_000);

  before(() => {
    mkdirSync(CACHE, { recursive: true });
    if (!existsSync(PYTHON)) execFileSync('python3', ['-m', 'venv', join(CACHE, 'venv')]);
    execFileSync(PYTHON, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', PARSER]);
  });

  async function read(words: readonly string[], status: number): Promise<ReadonlyMap<string, Family>> {
    const path = join(CACHE, 'load.prom');
    const server = await startExampleServer();
    try {
      const target = `localhost:${server.port}`;
      const proto = ['--proto', 'protos/helloworld.proto'];
      const end = await runCli([
        'bench',
        target,
        ...words,
        ...proto,
        '--warm-up',
        '0',
        '--openmetrics',
        path,
      ]);
      expect(end.status, end.stderr).to.equal(status);
    } finally {
      await server.close();
    }
    const families: Family[] = JSON.parse(execFileSync(PYTHON, ['-c', PROGRAM, path], { encoding: 'utf8' }));
    return new Map(families.map((family) => [family.name.replace('stubless_bench_', ''), family]));
  }

  it('has what the load did, of a closed loop with a condition that does not hold', async () => {
    const families = await read(['SayHello', 'name="a\\', '-n', '500', '--fail', 'p99<1us,errors<1%'], 1);
    expect(families.get('calls')).to.deep.include({ type: 'counter' });
    const [calls] = families.get('calls')?.samples ?? [];
    expect(calls).to.deep.include({ name: 'stubless_bench_calls_total', value: 500 });
    expect(calls.labels).to.include({ method: 'helloworld.Greeter.SayHello', grpc_status: 'OK' });
    const duration = families.get('call_duration_seconds');
    expect(duration).to.include({ type: 'histogram', unit: 'seconds' });
    const last = duration?.samples.find(({ labels }) => labels['le'] === '+Inf');
    expect(last?.value).to.equal(500);
    expect(families.has('lateness_quantile_seconds')).to.equal(false);
  });

  it('has how late calls began, of an open loop that fails', async () => {
    const words = ['SayHello', 'name=x', '--rps', '200', '-z', '1s', '--max-size', '1'];
    const families = await read(words, 72);
    const names = families.get('calls')?.samples.map(({ labels }) => labels['grpc_status']);
    expect(names).to.deep.equal(['RESOURCE_EXHAUSTED']);
    expect(families.get('failed_call_duration_seconds')?.samples.at(-1)?.value).to.be.above(0);
    expect(families.get('lateness_quantile_seconds')).to.include({ type: 'gauge', unit: 'seconds' });
  });
});
