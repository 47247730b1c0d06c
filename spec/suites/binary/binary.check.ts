// The standalone executable for this platform (npm run build:binary), tried where there is neither Node nor a file of
// ours: with files, reflection, bundled imports, load and the REPL.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../../support/peers/servers.ts';

const BINARY = join(
  process.cwd(),
  '.build',
  'binary',
  process.platform === 'win32' ? 'stubless.exe' : 'stubless',
);

interface End {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the standalone executable', function () {
  this.timeout(60_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let folder = '';
  before(async () => {
    server = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-binary-'));
    writeFileSync(
      join(folder, 'own.proto'),
      'syntax = "proto3"; import "google/type/date.proto"; import "helloworld.proto"; message Own { google.type.Date day = 1; helloworld.HelloReply reply = 2; }',
    );
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  /** In an empty environment, and in a directory of its own. */
  const run = (args: readonly string[], input = ''): Promise<End> =>
    new Promise((resolve, reject) => {
      const child = spawn(BINARY, args, { cwd: folder, env: { HOME: folder } });
      const texts = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          texts[name] += text;
        });
      }
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, ...texts }));
      child.stdin.end(input);
    });
  const target = (): string => `localhost:${server.port}`;

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await run(['--version'])).to.deep.equal({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('calls, with a schema that came with it', async () => {
    const end = await run(['call', target(), 'SayHello', 'name=you', '--proto', 'helloworld.proto']);
    expect(end).to.deep.equal({ status: 0, stdout: '{"message":"Hello you"}\n', stderr: '' });
  });

  it('finds bundled imports of a file of the user', async () => {
    const end = await run(['describe', 'own.proto', 'google.type.Date']);
    expect(end).to.include({ status: 0, stderr: '' });
    expect(end.stdout).to.contain('message Date {');
  });

  it('ends a failed call as the command does', async () => {
    const end = await run(['call', 'localhost:1', 'SayHello', '--proto', 'helloworld.proto']);
    expect(end.status).to.equal(64 + 14);
    expect(end.stderr).to.contain('cannot connect to localhost:1');
  });

  it('makes load and writes its report', async () => {
    const args = [
      'bench',
      target(),
      'SayHello',
      '-n',
      '50',
      '--proto',
      'helloworld.proto',
      '--html',
      'report.html',
    ];
    const end = await run([...args, '--json']);
    expect(JSON.parse(end.stdout).calls.ok).to.equal(50);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).to.contain('uPlot');
  });

  it('makes load in several threads', async () => {
    const end = await run([
      'bench',
      target(),
      'SayHello',
      '--proto',
      'helloworld.proto',
      '-n',
      '40',
      '-c',
      '4',
      '--threads',
      '2',
      '--json',
    ]);
    expect(end.stderr).to.equal('');
    const summary: { calls: { ok: number }; clientThreads: object } = JSON.parse(end.stdout);
    expect(summary.calls.ok).to.equal(40);
    expect(summary.clientThreads).to.deep.equal({ count: 2, lost: [] });
  });

  it('talks line by line', async () => {
    const end = await run(
      ['repl', target(), '--proto', 'helloworld.proto'],
      'call SayHello name=you\nreply.message.length\n',
    );
    expect(end.stdout).to.contain('"message": "Hello you"').and.contain('\n9\n');
  });
});
