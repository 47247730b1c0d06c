// `--codec json` of the command line: which commands take it, and what is said to a server that does not know JSON.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../lib/testing/index.ts';
import { startExampleServer } from '../support/peers/servers.ts';
import { runInProcess } from './in-process.ts';

const PROTO = 'protos/helloworld.proto';

describe('--codec', () => {
  let grpcJs: Awaited<ReturnType<typeof startExampleServer>>;
  let server: TestServer;
  let target = '';
  let folder = '';
  before(async () => {
    grpcJs = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-codec-'));
    server = new TestServer(PROTO, {
      SayHello: ({ name }: { name: string }) => ({ message: name }),
    } as never);
    const { host, port } = await server.listen();
    target = `${host}:${port}`;
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([server.close(), grpcJs.close()]);
  });

  for (const args of [
    ['call', 'SayHello', 'name=you'],
    ['bench', 'SayHello', 'name=you', '-n', '3', '--json'],
    ['health'],
    ['ping'],
    ['list'],
  ]) {
    it(`json is taken by ${args[0]}`, async () => {
      const [command, ...rest] = args;
      const { status, stdout, stderr } = await runInProcess([command, target, ...rest, '--codec', 'json']);
      expect(stderr).to.equal('');
      expect(status).to.equal(0);
      if (command === 'call') expect(stdout).to.equal('{"message":"you"}\n');
    });
  }

  it('is taken from the config file', async () => {
    const config = join(folder, 'stubless.config.json');
    writeFileSync(config, JSON.stringify({ codec: 'json' }));
    const args = [
      'call',
      `localhost:${grpcJs.port}`,
      'SayHello',
      'name=you',
      '--proto',
      PROTO,
      '--config',
      config,
    ];
    const { status, stderr } = await runInProcess(args);
    expect(status).not.to.equal(0);
    expect(stderr).to.match(/JSON.*use --codec proto/);
    const { stdout } = await runInProcess([...args, '--codec', 'proto']);
    expect(stdout).to.equal('{"message":"Hello you"}\n');
  });

  it('leaves binary requests and replies to the wire format', async () => {
    const form = ['--codec', 'json', '--input', 'binary', '-o', 'binary', '-d', '-'];
    const { stdout, stderr } = await runInProcess(['call', target, 'SayHello', ...form], {
      stdin: '\n\x03you',
    });
    expect(stderr).to.equal('');
    expect(stdout).to.equal('\n\x03you');
  });

  it('shows a call as a whole', async () => {
    const args = ['call', target, 'SayHello', 'name=you', '--codec', 'json', '-o', 'full'];
    const { stdout } = await runInProcess(args);
    expect(JSON.parse(stdout).messages).to.deep.equal([{ message: 'you' }]);
  });

  it('is refused where it is neither', async () => {
    const { status, stderr } = await runInProcess(['call', target, 'SayHello', '--codec', 'xml']);
    expect(status).to.equal(2);
    expect(stderr).to.match(/--codec must be one of proto, json, not 'xml'/);
  });
});
