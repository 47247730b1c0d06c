// How the command line ends when a server does not tell its schema, or answers what is no reply: with the status of the
// call that failed, in the command line's words, and with the name of the server.

import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, answersFrom, listenReflection } from '../schema/reflection/reflection-peer.ts';
import { filesOf, GREETER } from '../schema/reflection/schema-files.ts';
import { closing } from '../support/closing.ts';
import { runInProcess } from './in-process.ts';
import { endOf, runCli } from './run-cli.ts';

/** The server sends back what came, which is no text. */
const ODD = `
  package odd;
  service Odd { rpc One (In) returns (Out); rpc Many (In) returns (stream Out); }
  message In { bytes octets = 1; }
  message Out { string text = 1; }`;

const COMMANDS = [
  ['list'],
  ['call', 'a.B/C'],
  ['call', 'C'],
  ['describe', 'a.B'],
  ['bench', 'a.B/C'],
  ['repl'],
];

describe('The exit status of the command line', function () {
  this.timeout(30_000);

  const open = closing();
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stubless-status-'));
    await writeFile(join(folder, 'odd.proto'), `syntax = "proto3";\n${ODD}`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const target = async (answer: Answer): Promise<string> =>
    `127.0.0.1:${open(await listenReflection({ answer: () => answer })).port}`;

  const refusals: readonly (readonly [string, Answer, number, RegExp])[] = [
    ['that is unavailable', { status: 14, message: 'no healthy upstream' }, 78, /no healthy upstream/],
    ['that is exhausted', { status: 8, message: 'slow down' }, 72, /slow down/],
    ['that fails', { status: 13, message: 'oh' }, 77, /oh/],
    [
      'that wants a token',
      { status: 16, message: 'missing token' },
      80,
      /UNAUTHENTICATED: missing token.*-H/,
    ],
    ['that permits nothing', { status: 7, message: 'not you' }, 71, /PERMISSION_DENIED: not you/],
    ['without reflection', { status: 12 }, 1, /has no reflection service; give its schema with --proto FILE/],
  ];
  for (const [name, answer, status, text] of refusals) {
    for (const words of status === 78 ? COMMANDS : COMMANDS.slice(0, 2)) {
      it(`is ${status} of ${words.join(' ')} at a server ${name}`, async () => {
        const [command, ...rest] = words;
        const address = await target(answer);
        // As it was built, too, where the server is not ready.
        for (const run of status === 78 ? [runInProcess, runCli] : [runInProcess]) {
          const end = await run([command, address, ...rest]);
          expect(end.stderr).to.match(text).and.include(address);
          expect(end.stderr).to.not.match(/client\.|reflection\.metadata|sent to it; the option/);
          expect(end.stderr.trimEnd().split('\n')).to.have.length(1);
          expect([end.status, end.stdout]).to.deep.equal([status, '']);
        }
      });
    }
  }

  for (const words of COMMANDS) {
    it(`is that of DEADLINE_EXCEEDED when --timeout passes while ${words.join(' ')} asks for the schema`, async () => {
      const [command, ...rest] = words;
      const address = await target('silence');
      const end = await runInProcess([command, address, ...rest, '--timeout', '300ms']);
      expect(end.stderr)
        .to.match(/^stubless: .*300 ?ms.*\n$/)
        .and.include(address);
      expect([end.status, end.stdout]).to.deep.equal([68, '']);
    });
  }

  it('is 1 for a service that there is not: the server told all it has', async () => {
    const peer = open(await listenReflection({ answer: answersFrom(await filesOf(GREETER)) }));
    const end = await runInProcess(['call', `127.0.0.1:${peer.port}`, 'hello.Greter/SayHello']);
    expect(end.stderr).to.match(/hello\.Greter\/SayHello/);
    expect(end.status).to.equal(1);
  });

  for (const [form, ...options] of [['json'], ['text'], ['full'], ['json', '--max-messages', '1']]) {
    it(`is that of INTERNAL for what is no reply, shown as ${[form, ...options].join(' ')}`, async () => {
      const peer = open(await listenReflection({ answer: () => 'silence' }));
      const proto = join(folder, 'odd.proto');
      for (const method of ['One', 'Many']) {
        const end = await runInProcess([
          'call',
          `127.0.0.1:${peer.port}`,
          method,
          '--proto',
          proto,
          '-d',
          '{"octets":"/w=="}',
          '-o',
          form,
          ...options,
        ]);
        expect(end.stderr).to.match(/^stubless: INTERNAL: the reply cannot be decoded: .*text.*\n$/);
        expect(end.status).to.equal(77);
        if (form === 'full')
          expect(JSON.parse(end.stdout).status).to.include({ code: 13, codeName: 'INTERNAL' });
        else expect(end.stdout).to.equal('');
      }
    });
  }

  for (const method of ['One', 'Many']) {
    it(`is shown as INTERNAL by the REPL for what is no reply to ${method}`, async () => {
      const peer = open(await listenReflection({ answer: () => 'silence' }));
      const target = `127.0.0.1:${peer.port}`;
      const end = await runCli(['repl', target, '--proto', join(folder, 'odd.proto')], {
        stdin: `set verbose on\ncall ${method} {"octets":"/w=="}\n`,
      });
      expect(end.stderr)
        .to.match(/^error: INTERNAL: the reply cannot be decoded: .*text/m)
        .and.match(/^< status: 13 INTERNAL, the reply cannot be decoded/m)
        .and.not.include('CANCELLED');
      expect([end.status, end.stdout]).to.deep.equal([1, '']);
    });
  }

  it('is that of INTERNAL for a load that gets no reply that is one', async () => {
    const peer = open(await listenReflection({ answer: () => 'silence' }));
    const proto = join(folder, 'odd.proto');
    const end = await runInProcess([
      'bench',
      `127.0.0.1:${peer.port}`,
      'One',
      '--proto',
      proto,
      '-d',
      '{"octets":"/w=="}',
      '-n',
      '3',
    ]);
    expect(end.stdout).to.match(/INTERNAL +3/);
    expect(end.status).to.equal(77);
  });

  it('is that of RESOURCE_EXHAUSTED for a reply that would become more than it may', async () => {
    const fields = Array.from({ length: 2000 }, (_, i) => `int32 f${i} = ${i + 1};`).join(' ');
    await writeFile(
      join(folder, 'wide.proto'),
      `syntax = "proto3"; package wide; service S { rpc Get (In) returns (Out); } message In { bytes octets = 1; }
       message Out { Inner inner = 1; } message Inner { repeated Wide wide = 1; } message Wide { ${fields} }`,
    );
    const octets = Buffer.alloc(40_000, Buffer.from([0x0a, 0])).toString('base64');
    const words = ['Get', '--proto', join(folder, 'wide.proto'), '-d', JSON.stringify({ octets })];
    const { status, stderr } = await runInProcess(['call', await target('silence'), ...words]);
    expect(status).to.equal(72);
    expect(stderr).to.include('values.maxDecodedBytes');
  });

  it('is 1 for results that cannot be written, and the reason is said', async function () {
    // A device of Linux that is a disk without room.
    if (!existsSync('/dev/full')) return this.skip();
    const peer = open(await listenReflection({ answer: answersFrom(await filesOf(GREETER)) }));
    for (const words of [['list', `127.0.0.1:${peer.port}`], ['--help'], ['completion', 'bash']]) {
      const shell = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, join('dist', 'cli.cjs'), ...words];
      const child = spawn('sh', shell, { env: { ...process.env, NO_COLOR: '1' } });
      const { status, stderr } = await endOf(child);
      expect({ status, stderr }).to.deep.equal({
        status: 1,
        stderr: 'stubless: cannot write to standard output: ENOSPC: no space left on device, write\n',
      });
    }
  });
});
