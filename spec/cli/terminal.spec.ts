// The command line on a terminal: a pseudo-terminal of Python's, in which the built command is typed to.

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../support/peers/servers.ts';

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

interface Session {
  readonly status: number;
  /** What was seen, line feeds as they are elsewhere. */
  readonly screen: string;
}

/** Types each text when the one before it was seen. */
function onTerminal(
  args: readonly string[],
  steps: readonly (readonly [string, string])[],
  env: Readonly<Record<string, string>> = { NO_COLOR: '1' },
): Promise<Session> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...own } = process.env;
  const child = spawn(
    'python3',
    ['spec/cli/terminal.py', process.execPath, join('dist', 'cli.cjs'), ...args],
    {
      env: { ...own, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const shown: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => shown.push(chunk));
  child.stdin.end(steps.map((step) => JSON.stringify(step)).join('\n'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const lines = Buffer.concat(shown).toString('utf8').replaceAll('\r', '').trimEnd().split('\n');
      resolve({ status: Number(lines.pop()), screen: lines.join('\n').trimEnd() });
    });
  });
}

describe('stubless on a terminal', function () {
  this.timeout(30_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  before(async function () {
    // The pseudo-terminal is Python's: without it there is none to type to.
    if (!hasPython) this.skip();
    server = await startExampleServer();
  });
  after(() => server?.close());

  const call = (...args: string[]): string[] => [
    'call',
    `localhost:${server.port}`,
    ...args,
    '--proto',
    'protos/helloworld.proto',
  ];

  it('talks both ways, a request a line, and goes on after one that is wrong', async () => {
    const { status, screen } = await onTerminal(call('SayHelloBidiStream', '-o', 'jsonl'), [
      ['Ctrl-C cancels', '{"name":"one"}\n'],
      ['Hello one', 'name="number two"\n'],
      ['Hello number two', 'nam=three\n'],
      ["did you mean 'name'?", 'name="open\n'],
      ['is never closed', '{"name":\n'],
      ['{"name":', '"four"}\n'],
      ['Hello four', '\x04'],
    ]);
    expect(screen).to.include('stubless: nam: ');
    for (const name of ['one', 'number two', 'four'])
      expect(screen).to.include(`{"message":"Hello ${name}"}`);
    expect(status).to.equal(0);
  });

  it('cancels at Ctrl-C', async () => {
    const { status } = await onTerminal(call('SayHelloBidiStream'), [
      ['Ctrl-C cancels', '{"name":"one"}\n'],
      ['Hello one', '\x03'],
    ]);
    expect(status).to.equal(130);
  });

  it('prints indented JSON, in colour unless NO_COLOR says otherwise', async () => {
    expect(await onTerminal(call('SayHello', 'name=x'), [])).to.deep.equal({
      status: 0,
      screen: '{\n  "message": "Hello x"\n}',
    });
    const { screen } = await onTerminal(call('SayHello', 'name=x'), [], {});
    expect(screen).to.equal('{\n  \x1b[34m"message"\x1b[39m: \x1b[32m"Hello x"\x1b[39m\n}');
    const plain = await onTerminal(call('SayHello', 'name=x', '--no-color'), [], {});
    expect(plain.screen).not.to.include('\x1b');
  });

  it('keeps binary from the terminal', async () => {
    const { status, screen } = await onTerminal(call('SayHello', 'name=x', '-o', 'binary'), []);
    expect(screen).to.include('would garble the terminal');
    expect(status).to.equal(2);
  });
});
