// `stubless bench` in several threads and processes, and `stubless bench merge`: as commands against a real server.

import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ResultDocument } from '../../lib/cli/bench/result/result-document.ts';
import type { LoadSummary } from '../../lib/cli/bench/result/summary.ts';
import { parseCommandLine } from '../../lib/cli/command-line.ts';
import { TestServer } from '../../lib/testing/index.ts';
import { until } from '../support/peers/fleet.ts';
import { runInProcess } from './in-process.ts';
import { type CliEnd, endOf, runCli, startCli } from './run-cli.ts';

const PROTO = ['--proto', 'protos/helloworld.proto'];

describe('stubless bench in parts', function () {
  this.timeout(60_000);

  let server: TestServer;
  let target = '';
  let folder = '';
  /** The names that the server was greeted with. */
  let names: string[] = [];
  before(async () => {
    server = new TestServer('protos/helloworld.proto', {
      SayHello: ({ name }: { name: string }) => {
        names.push(name);
        return { message: `Hello ${name}` };
      },
    });
    ({ target } = await server.listen());
    folder = mkdtempSync(join(tmpdir(), 'stubless-shards-'));
  });
  beforeEach(() => {
    names = [];
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const inFolder = (name: string): string => join(folder, name);
  const bench = (args: readonly string[], run: typeof runCli = runInProcess, env = {}): Promise<CliEnd> =>
    run(['bench', target, 'SayHello', ...args, ...PROTO], { stdin: '', env });
  const linesOf = (text: string): ResultDocument[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{"stublessBench":'))
      .map((line) => JSON.parse(line) as ResultDocument);
  const merged = async (...args: readonly string[]): Promise<LoadSummary & { readonly stderr: string }> => {
    const { stdout, stderr } = await runInProcess(['bench', 'merge', ...args, '--json']);
    return { ...(JSON.parse(stdout) as LoadSummary), stderr };
  };
  const numbers = (count: number): string[] =>
    Array.from({ length: count }, (_, number) => `user ${number}`).sort();

  it('makes each call of the plan once in its threads, and reports one load', async () => {
    const end = await bench(['name=user {{n}}', '-n', '60', '-c', '6', '--threads', '3', '--json'], runCli);
    expect(end).to.include({ status: 0, stderr: '' });
    const summary = JSON.parse(end.stdout) as LoadSummary;
    expect(summary.calls).to.deep.equal({ begun: 60, ok: 60, failed: 0, dropped: 0, unfinished: 0 });
    expect(summary.load).to.deep.equal({ kind: 'closed', concurrency: 6, connections: 3, warmUpMs: 0 });
    expect(summary.clientThreads).to.deep.equal({ count: 3, lost: [] });
    expect(names.sort()).to.deep.equal(numbers(60));
  });

  it('makes each call of the plan once in the threads of its shards, as many as each has', async () => {
    const paths = [1, 2, 3].map((threads) => inFolder(`threads-${threads}.json`));
    const ends = paths.map((path, index) => {
      const shard = ['--shard', `${index + 1}/3`, '--threads', String(index + 1), '--result', path];
      return bench(['name=user {{n}}', '--rps', '300', '-n', '45', ...shard], runCli);
    });
    for (const end of await Promise.all(ends)) expect(end).to.include({ status: 0, stderr: '' });
    expect(names.sort()).to.deep.equal(numbers(45));
    const summary = await merged(...paths);
    expect(summary.calls.ok).to.equal(45);
    expect(summary.clientThreads).to.deep.equal({ count: 6, lost: [] });
  });

  it('uses the rows of a file once each, an open loop in two threads', async () => {
    const path = inFolder('rows.jsonl');
    writeFileSync(
      path,
      numbers(40)
        .map((name) => `{"name":"${name}"}\n`)
        .join(''),
    );
    const end = await bench(['-d', `@${path}`, '--rps', '400', '-n', '40', '--threads', '2'], runCli);
    expect(end).to.include({ status: 0, stderr: '' });
    expect(end.stdout).to.match(/planned +400 calls\/s over 2 connections/);
    expect(end.stdout).to.match(/this process +[\d.]+ cores, 2 threads/);
    expect(names.sort()).to.deep.equal(numbers(40));
  });

  it('makes each call of the plan once in its shards, whose results add up to one load', async () => {
    const paths = [1, 2, 3].map((index) => inFolder(`shard-${index}.json`));
    for (const [index, path] of paths.entries()) {
      const end = await bench([
        'name=user {{n}}',
        '-n',
        '50',
        '-c',
        '5',
        '--shard',
        `${index + 1}/3`,
        '--result',
        path,
      ]);
      expect(end).to.include({ status: 0, stderr: '' });
      expect(end.stdout).to.match(new RegExp(`shard +${index + 1} of 3: what follows is of its part`));
    }
    expect(names.sort()).to.deep.equal(numbers(50));
    const summary = await merged(...paths);
    expect(summary.calls).to.deep.equal({ begun: 50, ok: 50, failed: 0, dropped: 0, unfinished: 0 });
    expect(summary.load).to.deep.equal({ kind: 'closed', concurrency: 5, connections: 3, warmUpMs: 0 });
    expect(summary.bytes.sent).to.equal(2 * 50 + names.join('').length);
    expect(summary.shards?.each.map(({ calls }) => calls.ok)).to.deep.equal([17, 17, 16]);
    const text = await runInProcess(['bench', 'merge', ...paths]);
    expect(text.status).to.equal(0);
    expect(text.stdout)
      .to.match(/\n {2}1\/3 +\S+ +ended +17 +0 /)
      .and.match(/the shards began within .* of each other, by their own clocks/);
  });

  it('writes its result to standard output in place of the report, and where Kubernetes says its index', async () => {
    const ends = [0, 1].map((index) =>
      bench(['name=user {{n}}', '-n', '8', '-c', '2', '--shard', 'job/2'], runInProcess, {
        JOB_COMPLETION_INDEX: String(index),
      }),
    );
    const logs: string[] = [];
    for (const one of ends) {
      const { stdout, stderr, status } = await one;
      expect(status).to.equal(0);
      expect(stderr).to.match(
        /^stubless: shard [12]\/2: 4 calls ok, 0 failed, .*'stubless bench merge' reports all/,
      );
      const lines = linesOf(stdout);
      expect(lines.map(({ state, line }) => [line, state])).to.deep.equal([
        [0, 'running'],
        [1, 'finished'],
      ]);
      expect(stdout.trimEnd().split('\n')).to.have.length(2);
      logs.push(...stdout.split('\n').map((line) => `[pod/load/bench] ${line}\n`), stderr);
    }
    const end = await runInProcess(['bench', 'merge', '-', '--csv'], { stdin: logs.join('') });
    expect(end).to.include({ status: 0, stderr: '' });
    expect(end.stdout).to.match(/\r\n0,[\d.]+,8,8,0,/);
  });

  it('begins with its warm-up at the time that was given', async () => {
    const startAtMs = Date.now() + 700;
    const path = inFolder('timed.json');
    const args = ['-n', '4', '-c', '2', '--warm-up', '50ms', '--threads', '2', '--result', path];
    await bench([...args, '--start-at', new Date(startAtMs).toISOString()], runCli);
    const [last] = linesOf(readFileSync(path, 'utf8')).slice(-1);
    expect(last.startAtMs).to.equal(startAtMs);
    expect(last.clock.readyAtMs).to.be.below(startAtMs + 20_000);
    expect(last.clock.startedAtMs).to.be.at.least(startAtMs + 50);
    const late = await bench([...args, '--start-at', String(startAtMs - 60_000)]);
    expect(late.stderr).to.match(
      /^stubless: the time to start had passed [\d.]+ s before all was ready: this load begins late\n$/,
    );
  });

  it('that is killed has told what it saw, and is reported as cut off', async () => {
    const path = inFolder('killed.json');
    const args = ['bench', target, 'SayHello', '-z', '1h', '--warm-up', '0', '--result', path, ...PROTO];
    const child = startCli(args);
    await until(() => names.length >= 5);
    child.kill('SIGKILL');
    await endOf(child);
    const summary = await merged(path);
    expect(summary).to.include({ isCutOff: true, isInterrupted: false });
    expect(summary.stderr).to.match(
      /^stubless: shard 1\/1 of .*killed\.json was cut off after [\d.]+ s: it was killed, or still runs\n$/,
    );
  });

  it('that is interrupted reports what it has, in threads too', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const path = inFolder('interrupted.json');
    const args = ['-c', '4', '--warm-up', '0', '--threads', '2', '--result', path, ...PROTO];
    const child = startCli(['bench', `127.0.0.1:${port}`, 'SayHello', ...args]);
    const sockets: Socket[] = [];
    mute.on('connection', (socket: Socket) => sockets.push(socket));
    while (sockets.length < 2) await once(mute, 'connection');
    child.kill('SIGINT');
    const end = await endOf(child);
    for (const socket of sockets) socket.destroy();
    mute.close();
    expect(end.stdout).to.contain('(interrupted)').and.contain('0 ok, 0 failed, 4 unfinished');
    expect(end.status).to.equal(130);
    expect(linesOf(readFileSync(path, 'utf8')).at(-1)).to.include({ state: 'interrupted' });
  });

  it('that cannot begin has said so in its result, and the other shards are reported', async () => {
    const paths = [inFolder('good.json'), inFolder('bad.json')];
    await bench(['-n', '4', '-c', '2', '--shard', '1/2', '--result', paths[0]]);
    const end = await runInProcess([
      'bench',
      '127.0.0.1:1',
      'SayHello',
      '-n',
      '4',
      '-c',
      '2',
      '--shard',
      '2/2',
      '--result',
      paths[1],
    ]);
    expect(end.status).to.equal(64 + 14);
    const merge = await runInProcess(['bench', 'merge', ...paths]);
    expect(merge.status).to.equal(1);
    expect(merge.stderr).to.match(
      /^stubless: shard 2\/2 of .*bad\.json made no calls: UNAVAILABLE: cannot connect to 127\.0\.0\.1:1/,
    );
    expect(merge.stderr.trimEnd().split('\n')).to.have.length(1);
    expect(merge.stdout).to.contain('2 ok, 0 failed');
  });

  const lines: readonly [readonly string[], string, readonly string[]][] = [
    [['bench', 'merge', 'a.json'], 'bench merge', ['a.json']],
    [['bench', '--json', 'merge', 'a.json', '-'], 'bench merge', ['a.json', '-']],
    [['--json', 'bench', '--html', 'x.html', 'merge', 'a.json'], 'bench merge', ['a.json']],
    [['bench', '--result', 'merge', 'host:1', 'M'], 'bench', ['host:1', 'M']],
    [['bench', 'merge:1', 'M'], 'bench', ['merge:1', 'M']],
  ];
  for (const [argv, name, words] of lines) {
    it(`is told from bench: ${argv.join(' ')}`, async () => {
      const parsed = await parseCommandLine(argv, '0.1.0');
      if (parsed.kind !== 'run') throw new Error(parsed.text);
      expect([parsed.command.name, parsed.words]).to.deep.equal([name, words]);
    });
  }

  it('merges what it can read', async () => {
    const paths = [inFolder('report.txt'), inFolder('missing.json'), inFolder('good-again.json')];
    writeFileSync(paths[0], 'nothing\n');
    await bench(['-n', '2', '-c', '2', '--result', paths[2]]);
    const { status, stderr, stdout } = await runInProcess(['bench', 'merge', ...paths]);
    expect(status).to.equal(1);
    expect(stderr.trimEnd().split('\n')).to.have.length(2);
    expect(stderr)
      .to.contain('report.txt holds no result')
      .and.contain('cannot read')
      .and.contain('missing.json');
    expect(stdout).to.contain('2 ok, 0 failed');
    const none = await runInProcess(['bench', 'merge', paths[0]]);
    expect(none).to.include({ status: 1, stdout: '' });
    expect(none.stderr).to.contain('nothing to report: no shard made any calls');
  });

  it('keeps what a file holds until there is something to write', async () => {
    const path = inFolder('kept.json');
    writeFileSync(path, 'from before');
    await bench(['nam=x', '-n', '1', '-c', '1', '--result', path, '--shard', '1/1']);
    expect(linesOf(readFileSync(path, 'utf8')).map(({ state }) => state)).to.deep.equal(['failed']);
    const wrong = await bench(['-n', '1', '--result', join(folder, 'no', 'folder.json')]);
    expect(wrong.status).to.equal(1);
    expect(wrong.stderr).to.match(/cannot write .*folder\.json/);
    expect(existsSync(join(folder, 'no'))).to.equal(false);
  });

  it('whose result cannot be written makes no calls, and says so once', async function () {
    if (!existsSync('/dev/full')) return this.skip();
    const end = await bench(['-n', '4', '-c', '2', '--result', '/dev/full']);
    expect(end).to.include({ status: 1, stdout: '' });
    expect(end.stderr).to.match(/^stubless: cannot write \/dev\/full: ENOSPC.*\n$/);
    expect(names).to.deep.equal([]);
  });

  it('says that it waits for the time to start', async () => {
    const startAt = new Date(Date.now() + 3_600_000).toISOString();
    const args = ['name=you', '-n', '2', '-c', '1', '--start-at', startAt, ...PROTO];
    const child = startCli(['bench', target, 'SayHello', ...args]);
    let told = '';
    child.stderr.on('data', (text: string | Buffer) => {
      told += String(text);
    });
    await until(() => told.includes('\n'));
    child.kill('SIGINT');
    await endOf(child);
    expect(told).to.match(/^stubless: waits 3\d\d\d\.\d s for --start-at, and begins at \S+Z\n$/);
    expect(Date.parse(/at (\S+Z)/.exec(told)?.[1] ?? '')).to.be.closeTo(Date.parse(startAt), 1000);
  });

  const mistakes: readonly [string, readonly string[], RegExp][] = [
    [
      'a shard that is none',
      ['--shard', '2'],
      /'2' is not a shard; write 1\/4 for the first of four, up to 4\/4, or job\/4/,
    ],
    ['a shard before the first', ['--shard', '0/4'], /'0\/4' is not a shard/],
    ['a shard behind the last', ['--shard', '5/4'], /'5\/4' is not a shard: of 4 the last is 4\/4/],
    [
      'a shard of a job that it is not in',
      ['--shard', 'job/4'],
      /--shard job\/4 needs JOB_COMPLETION_INDEX, which is not set/,
    ],
    [
      'more shards than callers',
      ['-c', '3', '--shard', '1/4'],
      /4 shards cannot share -c 3: give each at least one/,
    ],
    [
      'more threads than callers',
      ['-c', '3', '--threads', '4'],
      /--threads 4 cannot share -c 3: give each at least one/,
    ],
    [
      'more threads than a shard has calls',
      ['-n', '8', '--shard', '2/4', '--threads', '3'],
      /--threads 3 cannot share -n 2 of this shard/,
    ],
    ['a number of threads that is none', ['--threads', 'many'], /'many' is not a whole number/],
    [
      'a time that is none',
      ['--start-at', 'noon'],
      /'noon' is not a time; write 2026-01-31T12:00:00Z, or seconds/,
    ],
    ['a day there is not', ['--start-at', '2026-02-30T12:00:00Z'], /is not a time/],
    [
      'a judgement of a part',
      ['--shard', '1/2', '--fail', 'throughput>1000'],
      /--fail is for a whole load, of which this is one of 2 shards: give it to 'stubless bench merge', which/,
    ],
    [
      'two things on standard output',
      ['--shard', '1/2', '--json'],
      /the result and --json cannot both be standard output/,
    ],
  ];
  for (const [name, args, message] of mistakes) {
    it(`refuses ${name}`, async () => {
      const end = await bench(args);
      expect(end.stderr).to.match(message);
      expect(end.stderr.trim().split('\n')).to.have.length(1);
      expect(end).to.include({ status: 2, stdout: '' });
    });
  }
});
