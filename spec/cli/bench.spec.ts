// `stubless bench` as a process against a real server: what it measures, prints and writes, and how it ends.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LoadSummary } from '../../lib/cli/bench/result/summary.ts';
import { startExampleServer } from '../support/peers/servers.ts';
import { runInProcess } from './in-process.ts';
import { type CliEnd, endOf, runCli, startCli } from './run-cli.ts';

const PROTOS = ['--proto', 'protos/helloworld.proto', '--proto', 'protos/route_guide.proto'];

describe('stubless bench', function () {
  this.timeout(30_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let folder = '';
  before(async () => {
    server = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-bench-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  const bench = (args: readonly string[], stdin = '', run: typeof runCli = runInProcess): Promise<CliEnd> =>
    run(['bench', `localhost:${server.port}`, ...args, ...PROTOS], { stdin });
  const summary = async (args: readonly string[], stdin?: string): Promise<LoadSummary> => {
    const end = await bench([...args, '--json'], stdin);
    expect(end.stderr).to.equal('');
    expect(end.status).to.equal(0);
    return JSON.parse(end.stdout);
  };

  it('makes exactly so many calls and sums them up', async () => {
    const end = await bench(['SayHello', 'name=you', '-n', '40', '-c', '4'], '', runCli);
    expect(end).to.include({ status: 0, stderr: '' });
    expect(end.stdout).to.contain('helloworld.Greeter.SayHello at localhost:');
    expect(end.stdout).to.contain('4 callers over one connection');
    expect(end.stdout).to.contain('40 ok, 0 failed');
    expect(end.stdout).to.match(/p99 +[\d.]+ ms/);
    expect(end.stdout).to.match(/\n {2}OK +40\n$/);
  });

  it('gives the same as JSON, over several connections', async () => {
    const found = await summary(['SayHello', '-n', '30', '-c', '3', '--connections', '3']);
    expect(found.calls).to.deep.equal({ begun: 30, ok: 30, failed: 0, dropped: 0, unfinished: 0 });
    expect(found.load).to.deep.equal({ kind: 'closed', concurrency: 3, connections: 3, warmUpMs: 0 });
    expect(found.statuses).to.deep.equal([{ name: 'OK', count: 30 }]);
    expect(found.messages).to.deep.equal({ sent: 30, received: 30 });
    expect(found.latencyMs.min).to.be.above(0);
  });

  it('makes an open loop with the rate that was asked for', async () => {
    const found = await summary(['SayHello', '--rps', '200', '-z', '500ms', '--warm-up', '0']);
    // On a busy machine the end comes late, and calls are due until then.
    expect(found.calls.begun).to.be.within(98, 1 + found.elapsedMs * 0.2);
    expect(found.load.stages).to.deep.equal([{ fromRate: 200, toRate: 200, durationMs: null }]);
  });

  it('climbs by stages', async () => {
    const found = await summary(['SayHello', '--ramp', '0..200:400ms;200:200ms', '--warm-up', '0']);
    expect(found.calls.begun).to.be.within(78, 81);
  });

  it('counts the messages of streams both ways, and the time between replies', async () => {
    const found = await summary(['RecordRoute', 'latitude=1', '--messages', '7', '-n', '5', '-c', '1']);
    expect(found.messages).to.deep.equal({ sent: 35, received: 5 });
    const rectangle = [
      'lo.latitude=400000000',
      'lo.longitude=-750000000',
      'hi.latitude=420000000',
      'hi.longitude=-730000000',
    ];
    const listed = await summary(['ListFeatures', ...rectangle, '-n', '3', '-c', '1']);
    expect(listed.messages.received).to.be.above(3);
    expect(listed.messageGapMs?.max).to.be.above(0);
  });

  it('fills placeholders in for each call, and uses several requests in turn', async () => {
    const found = await summary(
      ['SayHello', '-n', '6', '-d', '-'],
      '{"name":"{{n}} {{uuid}}"} {"name":"fixed"}',
    );
    expect(found.calls.ok).to.equal(6);
  });

  it('writes comma-separated values', async () => {
    const end = await bench(['SayHello', '-n', '5', '--csv'], '', runCli);
    expect(end.stdout).to.match(
      /^startS,callsPerSecond,begun,ok,failed,p50Ms,p90Ms,p99Ms,maxMs,isAfterEnd\r\n0,/,
    );
  });

  it('writes a page that holds the figures and nothing from elsewhere', async () => {
    const path = join(folder, 'report.html');
    const end = await bench(['SayHello', '-n', '20', '--html', path], '', runCli);
    expect(end.status).to.equal(0);
    const page = readFileSync(path, 'utf8');
    const json = /<script type="application\/json" id="summary">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    expect(JSON.parse(json).calls.ok).to.equal(20);
    expect(page).to.not.match(/(?:src|href)="(?!data:)/);
  });

  it('takes none for no time where that is the default', async () => {
    const quick = await bench(['SayHello', 'name=x', '-n', '3', '--warm-up', 'none']);
    expect(quick.status).to.equal(0);
    expect(quick.stdout).to.contain('3 ok, 0 failed');
    const words = ['RecordRoute', '-d', '{}{}', '-n', '2', '--message-interval', 'none'];
    expect((await bench(words)).stdout).to.contain('2 ok, 0 failed');
  });

  it('says how calls failed, and ends as the failure does when none ended well', async () => {
    const gone = await runInProcess(['bench', 'localhost:1', 'SayHello', '-n', '3', ...PROTOS]);
    expect(gone.status).to.equal(64 + 14);
    expect(gone.stdout).to.match(/UNAVAILABLE +3 {2}cannot connect to localhost:1/);
  });

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`reports what it has at ${signal}`, async () => {
      const mute = createServer().listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const { port } = mute.address() as AddressInfo;
      const child = startCli([
        'bench',
        `localhost:${port}`,
        'SayHello',
        '-c',
        '5',
        '--warm-up',
        '0',
        ...PROTOS,
      ]);
      const [socket]: Socket[] = await once(mute, 'connection');
      child.kill(signal);
      const end = await endOf(child);
      socket.destroy();
      mute.close();
      expect(end.stdout).to.contain('(interrupted)').and.contain('0 ok, 0 failed, 5 unfinished');
      expect(end.status).to.equal(status);
    });
  }

  const mistakes: readonly [string, readonly string[], number, RegExp][] = [
    ['two kinds of loops', ['SayHello', '-c', '2', '--rps', '5'], 2, /-c is for a closed loop/],
    [
      'two rates',
      ['SayHello', '--rps', '5', '--ramp', '1:1s'],
      2,
      /--rps and --ramp cannot be used together/,
    ],
    ['a bound without an open loop', ['SayHello', '--max-in-flight', '5'], 2, /for --rps and --ramp/],
    ['a rate that is none', ['SayHello', '--rps', '0'], 2, /'0' is not a rate/],
    ['a stage that is none', ['SayHello', '--ramp', 'fast'], 2, /'fast' is not a stage; write rate:time/],
    ['no calls', ['SayHello', '-n', '0'], 2, /'0' is not a whole number of at least 1/],
    ['two reports in one place', ['SayHello', '--json', '--csv'], 2, /cannot be used together/],
    ['a stream of messages for one', ['SayHello', '--messages', '2'], 2, /takes one request/],
    ['a placeholder there is not', ['SayHello', 'name={{nam}}'], 1, /unknown placeholder \{\{nam\}\}/],
    ['a wrong field', ['SayHello', 'nam=x'], 1, /did you mean 'name'/],
    [
      'a place that cannot be written',
      ['SayHello', '-n', '1', '--html', '/nowhere/x.html'],
      1,
      /cannot write/,
    ],
  ];
  for (const [name, args, status, message] of mistakes) {
    it(`refuses ${name}`, async () => {
      const end = await bench(args);
      expect(end.stderr).to.match(message);
      expect(end.stderr.trim().split('\n')).to.have.length(1);
      expect(end.status).to.equal(status);
      expect(end.stdout).to.equal('');
    });
  }
});
