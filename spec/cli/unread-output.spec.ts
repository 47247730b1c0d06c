// Commands whose exit status is what they are run for keep it though nobody reads what they print: in a job with pipefail,
// `stubless diff … | head -1` must not pass because head had enough.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { closing } from '../support/closing.ts';
import { listenHttp2 } from '../support/peers/peer.ts';
import { startExampleServer } from '../support/peers/servers.ts';
import { runInProcess } from './in-process.ts';
import { type CliEnd, endOf, startCli } from './run-cli.ts';

const PROTOS = ['--proto', 'protos/helloworld.proto'];
/** A HealthCheckResponse that says NOT_SERVING, with its message header. */
const NOT_SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 2]);
/** No load is as fast. */
const TOO_FAST = ['--fail', 'p99<1us'];

describe('The exit status of a command whose output nobody reads', function () {
  this.timeout(60_000);

  const open = closing();
  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let folder = '';
  const path = (name: string): string => join(folder, name);
  before(async () => {
    server = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-unread-'));
    const greeter = 'syntax = "proto3";\nmessage A {}\nservice S { rpc M (A) returns (A);';
    writeFileSync(path('old.proto'), `${greeter} rpc N (A) returns (A); }`);
    writeFileSync(path('new.proto'), `${greeter} }`);
    const words = ['-n', '20', '-c', '2', '--result', path('load.json')];
    expect((await runInProcess(bench(...words))).status).to.equal(0);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  const bench = (...words: readonly string[]): string[] => [
    'bench',
    `localhost:${server.port}`,
    'SayHello',
    ...PROTOS,
    ...words,
  ];

  /** Standard output is closed before the command writes anything. */
  function runUnread(words: readonly string[]): Promise<CliEnd> {
    const child = startCli(words);
    child.stdin.end();
    child.stdout.destroy();
    return endOf(child);
  }

  const verdicts: readonly (readonly [string, () => string[], number, RegExp])[] = [
    ['a load that a condition does not hold for', () => bench('-n', '20', ...TOO_FAST), 1, /does not hold/],
    ['a load all of whose calls failed', () => bench('-n', '20', 'name=nobody'), 69, /^$/],
    ['a load that went well', () => bench('-n', '20'), 0, /^$/],
    ['loads that were merged', () => ['bench', 'merge', path('load.json'), ...TOO_FAST], 1, /does not hold/],
    ['schemas that differ', () => ['diff', path('old.proto'), path('new.proto')], 1, /1 of them breaking/],
  ];
  for (const [name, words, status, text] of verdicts) {
    it(`is ${status} for ${name}`, async () => {
      const end = await runUnread(words());
      expect(end.stderr).to.match(text);
      expect(end.status).to.equal(status);
    });
  }

  it('is 1 for a server that does not serve', async () => {
    const peer = open(await listenHttp2((request) => request.head().write(NOT_SERVING).status(0)));
    expect(await runUnread(['health', peer.target])).to.include({ status: 1, stderr: '' });
  });

  it('is 1 for a shard whose result is lost, and says so', async () => {
    const { status, stderr } = await runUnread(bench('-z', '1m', '--shard', '1/2'));
    expect(stderr).to.match(/^stubless: nobody read the result to its end/m);
    expect(status).to.equal(1);
  });

  it('is 0 for replies of which somebody had enough', async () => {
    const words = ['call', `localhost:${server.port}`, 'SayHello', ...PROTOS];
    expect(await runUnread(words)).to.include({ status: 0, stderr: '' });
  });
});
