// `stubless bench compare`, and conditions of bench and bench merge, as commands: results that bench wrote, and what is wrong
// with others.

import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../support/peers/servers.ts';
import { runInProcess } from './in-process.ts';
import { type CliEnd, runCli } from './run-cli.ts';

const PROTOS = ['--proto', 'protos/helloworld.proto'];

describe('stubless bench compare', function () {
  this.timeout(60_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const bench = (...args: readonly string[]): Promise<CliEnd> =>
    runInProcess(['bench', `localhost:${server.port}`, 'SayHello', ...PROTOS, '--warm-up', '0', ...args]);
  const compare = (...args: readonly string[]): Promise<CliEnd> =>
    runInProcess(['bench', 'compare', ...args]);
  before(async () => {
    server = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-compare-'));
    for (const name of ['a.json', 'b.json', 'c.json']) {
      const words = ['-z', '300ms', '-c', name === 'c.json' ? '3' : '2', '--result', path(name)];
      expect((await bench(...words)).status).to.equal(0);
    }
    mkdirSync(path('several'));
    mkdirSync(path('none'));
    for (const name of ['a.json', 'b.json']) {
      writeFileSync(path(join('several', name)), readFileSync(path(name)));
    }
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  it('says for each figure what changed, or why it does not know', async () => {
    const end = await compare(path('a.json'), path('b.json'));
    expect(end).to.include({ status: 0, stderr: '' });
    expect(end.stdout).to.contain('(one run), then ').and.contain('the true change lies between');
    // 300 ms are two intervals.
    expect(end.stdout).to.match(/\nthroughput .*measure for 2\.5 s or longer\n/);
    expect(end.stdout).to.contain('Noise is what differs within each run.');
  });

  it('takes folders and files with several runs, and gives JSON', async () => {
    const both = path('both.jsonl');
    writeFileSync(
      both,
      `a log\n${readFileSync(path('a.json'), 'utf8')}${readFileSync(path('b.json'), 'utf8')}`,
    );
    const end = await compare(path('several'), both, '--json');
    expect(end).to.include({ status: 0, stderr: '' });
    const found = JSON.parse(end.stdout);
    expect(found).to.deep.include({ runs: { before: 2, after: 2 }, noise: 'runs' });
    const [throughput] = found.metrics;
    expect(throughput).to.include({ name: 'throughput', change: 0, verdict: 'noise' });
  });

  /** A result that was slower by so many times: its latencies' buckets moved by whole powers of two, 128 buckets each. */
  const slower = (name: string, powers: number): string => {
    const moved = JSON.parse(
      JSON.stringify(JSON.parse(readFileSync(path(name), 'utf8').trimEnd().split('\n').at(-1) ?? '')),
      (key, value) => {
        if (key !== 'latency' || value.count === 0) return value;
        const [first, ...rest] = value.buckets;
        const factor = 2 ** powers;
        return {
          ...value,
          buckets: [first + 128 * powers, ...rest],
          sumMs: value.sumMs * factor,
          sumOfSquares: value.sumOfSquares * factor ** 2,
          leastMs: value.leastMs * factor,
          greatestMs: value.greatestMs * factor,
        };
      },
    );
    return JSON.stringify({ ...moved, line: 0 });
  };

  it('ends with status 1 when something is worse, and names it', async () => {
    // Runs with an own name each, of which those after are slower by far.
    const runs = (powers: number): string =>
      Array.from({ length: 4 }, (_, index) =>
        slower(index % 2 === 0 ? 'a.json' : 'b.json', powers).replace(
          /"run":"[^"]*"/,
          `"run":"${powers}-${index}"`,
        ),
      ).join('\n');
    writeFileSync(path('before.jsonl'), runs(0));
    writeFileSync(path('after.jsonl'), runs(12));
    const end = await compare(path('before.jsonl'), path('after.jsonl'));
    expect(end.stdout).to.match(/\nmean .* worse\n/);
    expect(end.status).to.equal(1);
    expect((await compare(path('after.jsonl'), path('before.jsonl'))).status).to.equal(0);
  });

  it('says when machines, versions or targets differ, and compares all the same', async () => {
    const other = readFileSync(path('b.json'), 'utf8')
      .replaceAll(/"host":"[^"]*"/g, '"host":"elsewhere"')
      .replaceAll(/"version":"[^"]*"/g, '"version":"9.9.9"');
    writeFileSync(path('other.json'), other);
    const end = await compare(path('a.json'), path('other.json'));
    expect(end.status).to.equal(0);
    expect(end.stderr).to.match(/^stubless: the machines differ: .* before, elsewhere .* after\n/);
    expect(end.stderr).to.match(/\nstubless: the versions of stubless differ: \S+ before, 9\.9\.9 after\n$/);
  });

  const mistakes: readonly [string, () => readonly string[], number, RegExp][] = [
    ['one file', () => [path('a.json')], 2, /missing required argument 'after'/],
    ['a file that is not there', () => [path('a.json'), path('x.json')], 1, /cannot read .*x\.json: ENOENT/],
    [
      'what is no result',
      () => ['package.json', path('a.json')],
      1,
      /package\.json holds no result: give what 'stubless bench --result' wrote/,
    ],
    [
      'an empty folder',
      () => [path('a.json'), path('none')],
      1,
      /none holds no results: no file there ends in \.json/,
    ],
    [
      'another plan',
      () => [path('a.json'), path('c.json')],
      1,
      /c\.json is of another plan than .*a\.json \(load\.concurrency: 3 instead of 2\): make both with the same options/,
    ],
    ['standard input twice', () => ['-', '-'], 2, /standard input can be read only once/],
    [
      'a tolerance without a unit',
      () => [path('a.json'), path('b.json'), '--tolerance', '5'],
      2,
      /'5' is not a tolerance; write percent, as in 5%/,
    ],
  ];
  for (const [what, words, status, message] of mistakes) {
    it(`refuses ${what} in one line`, async () => {
      const end = await compare(...words());
      expect(end.status).to.equal(status);
      expect(end.stdout).to.equal('');
      expect(end.stderr)
        .to.match(message)
        .and.match(/^[^\n]*\n$/);
    });
  }

  it('refuses another version of the format, and a report', async () => {
    const newer = readFileSync(path('a.json'), 'utf8').replaceAll(
      '{"stublessBench":1',
      '{"stublessBench":99',
    );
    writeFileSync(path('newer.json'), newer);
    const end = await compare(path('a.json'), path('newer.json'));
    expect(end.status).to.equal(1);
    expect(end.stderr).to.match(/^stubless: .*newer\.json, line 1: a result that is of format 99/);
    writeFileSync(path('report.json'), (await bench('-n', '2', '--json')).stdout);
    const report = await compare(path('a.json'), path('report.json'));
    expect(report.stderr).to.match(/report\.json holds no result: .* not a report/);
  });

  describe('conditions', () => {
    it('end a load with status 1 when they do not hold, each told in a line and in the report', async () => {
      const end = await bench('-n', '20', '--fail', 'p99<1us,errors<=0%', '--fail', 'ok>=20', '--json');
      expect(end.status).to.equal(1);
      expect(end.stderr).to.match(/^stubless: p99<1us does not hold: it was [\d.]+ ms\n$/);
      const { gates } = JSON.parse(end.stdout);
      expect(
        gates.map(({ condition, holds }: { condition: string; holds: boolean }) => [condition, holds]),
      ).to.deep.equal([
        ['p99<1us', false],
        ['errors<=0%', true],
        ['ok>=20', true],
      ]);
    });

    it('leave status 0 when all hold', async () => {
      const end = await bench('-n', '20', '--fail', 'p99<1h,errors<=0%,throughput>0');
      expect(end).to.include({ status: 0, stderr: '' });
      expect(end.stdout).to.match(/\nConditions\n {2}p99<1h +holds +[\d.]+ ms\n/);
    });

    it('leave the status of the failure where no call succeeded', async () => {
      const end = await runInProcess([
        'bench',
        '127.0.0.1:1',
        'SayHello',
        '-n',
        '2',
        ...PROTOS,
        '--fail',
        'p99<1s',
      ]);
      expect(end.status).to.equal(64 + 14);
      expect(end.stderr).to.contain('p99<1s does not hold: nothing was measured');
    });

    it('judge what bench merge puts together', async () => {
      const end = await runInProcess(['bench', 'merge', path('a.json'), '--fail', 'ok>1000000000']);
      expect(end.status).to.equal(1);
      expect(end.stderr).to.match(/^stubless: ok>1000000000 does not hold: it was [\d,]+\n$/);
    });

    it('that are wrong make no calls', async () => {
      const end = await bench('-n', '2', '--fail', 'p99<50');
      expect(end.status).to.equal(2);
      expect(end.stderr).to.match(/^stubless: --fail: 'p99<50': '50' has no unit/);
    });
  });

  describe('reports for other programs', () => {
    it('are written beside the report', async () => {
      const [metrics, k6] = [path('load.prom'), path('k6.json')];
      const end = await bench('-n', '20', '--openmetrics', metrics, '--k6-summary', k6);
      expect(end).to.include({ status: 0, stderr: '' });
      expect(readFileSync(metrics, 'utf8')).to.match(
        /stubless_bench_calls_total\{.*grpc_status="OK"\} 20\n[\s\S]*\n# EOF\n$/,
      );
      expect(JSON.parse(readFileSync(k6, 'utf8')).metrics.iterations.values.count).to.equal(20);
    });

    it('that cannot be written are told of before any call', async () => {
      const end = await bench('-n', '2', '--openmetrics', path(join('nowhere', 'x')));
      expect(end.status).to.equal(1);
      expect(end.stdout).to.equal('');
      expect(end.stderr).to.match(/^stubless: cannot write .*nowhere/);
    });

    it('that would take the place of one another are refused', async () => {
      const file = path('twice');
      for (const [words, problem] of [
        [['--html', file, '--openmetrics', file], `--html and --openmetrics would both write ${file}`],
        [['--k6-summary', file, '--result', file], `--result and --k6-summary would both write ${file}`],
        [['--html', '-'], '--html takes the name of a file; standard output has the report'],
      ] as const) {
        const end = await bench('-n', '2', ...words);
        expect(end).to.include({ status: 2, stdout: '' });
        expect(end.stderr).to.include(problem);
      }
      expect(existsSync(file)).to.equal(false);
      const before = readFileSync(path('a.json'), 'utf8');
      const end = await runInProcess(['bench', 'merge', path('a.json'), '--html', path('a.json')]);
      expect(end).to.include({ status: 2, stdout: '' });
      expect(end.stderr).to.include(`--html would take the place of ${path('a.json')}, which is read`);
      expect(readFileSync(path('a.json'), 'utf8')).to.equal(before);
    });

    it('reach a collector from the command as it is published', async () => {
      const paths: (string | undefined)[] = [];
      const collector = createServer((request, response) => {
        paths.push(request.url);
        request.resume().on('end', () => response.end());
      }).listen(0, '127.0.0.1');
      try {
        await once(collector, 'listening');
        const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
        // Its own loader of modules has no import() of scripts.
        const words = ['bench', `localhost:${server.port}`, 'SayHello', ...PROTOS, '-n', '2', '--otlp', url];
        const end = await runCli(words);
        expect(end).to.include({ status: 0, stderr: '' });
        expect(paths).to.deep.equal(['/v1/metrics']);
      } finally {
        collector.close();
      }
    });

    it('need the address of a collector', async () => {
      for (const url of ['here', 'ftp://127.0.0.1', 'http://']) {
        const end = await bench('-n', '2', '--otlp', url);
        expect(end.status).to.equal(2);
        expect(end.stderr).to.match(
          /is not the address of a collector; write it as in http:\/\/127\.0\.0\.1:4318\n$/,
        );
      }
    });
  });
});
