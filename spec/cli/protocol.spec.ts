// `--protocol`, `--http1` and `--get` of the command line: which of them go together, and what is said of what is spoken.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../lib/testing/index.ts';
import { runInProcess } from './in-process.ts';

const SCHEMA = `
  syntax = "proto3";
  service Greeter {
    rpc SayHello(Name) returns (Greeting);
    rpc Look(Name) returns (Name) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc Watch(Name) returns (stream Name) { option idempotency_level = NO_SIDE_EFFECTS; }
  }
  message Name { string name = 1; }
  message Greeting { string message = 1; }`;

describe('--protocol', () => {
  let server: TestServer;
  let target = '';
  before(async () => {
    server = new TestServer(SCHEMA, {
      SayHello: ({ name }: { name: string }) => ({ message: name }),
      Look: ({ name }: { name: string }) => ({ name }),
      Watch: ({ name }: { name: string }) => [{ name }],
    } as never);
    const { host, port } = await server.listen();
    target = `${host}:${port}`;
  });
  after(() => server.close());

  const wrong: readonly (readonly [words: string, said: string])[] = [
    [
      '--http1',
      'gRPC needs HTTP/2: leave --http1 out (--no-http1 turns it off), or add --protocol grpc-web or --protocol connect',
    ],
    [
      '--http1 --protocol connect --keepalive 10s',
      '--keepalive sends PINGs, which HTTP/1.1 does not have: leave out --keepalive, or --http1 (--no-http1 turns it off)',
    ],
    ['--get', '--get needs --protocol connect, not grpc (--no-get turns it off)'],
    ['--get --protocol grpc-web', '--get needs --protocol connect, not grpc-web (--no-get turns it off)'],
    [
      '--grpc-web-text',
      '--grpc-web-text needs --protocol grpc-web, not grpc (--no-grpc-web-text turns it off)',
    ],
    [
      '--grpc-web-text --protocol connect',
      '--grpc-web-text needs --protocol grpc-web, not connect (--no-grpc-web-text turns it off)',
    ],
    [
      '--protocol grpcweb',
      "--protocol must be one of grpc, grpc-web, connect, not 'grpcweb'; did you mean 'grpc-web'?",
    ],
    ['--protocol soap', "--protocol must be one of grpc, grpc-web, connect, not 'soap'"],
  ];
  for (const [protocol, label] of [
    ['grpc-web', 'gRPC-Web'],
    ['connect', 'Connect'],
  ]) {
    it(`${protocol} is pinged over both versions of HTTP, and said so`, async () => {
      const line = ['ping', target, '-n', '1', '--protocol', protocol];
      const two = await runInProcess(line);
      expect(two.stdout).to.match(/^connected to \S+ \(plaintext, HTTP\/2\).*\n.*HTTP\/2 settings/);
      expect(two.stdout).to.include(`\n${label}: answers\n`);
      const one = await runInProcess([...line, '--http1']);
      expect(one.stdout).to.match(/^connected to \S+ \(plaintext, HTTP\/1\.1\).*\ntime: .*connect .*\n/);
      expect(one.stdout).to.not.include('HTTP/2');
      expect(one.stdout).to.include(`\n${label}: answers\n`);
      const { stdout } = await runInProcess([...line, '--http1', '--json']);
      expect(JSON.parse(stdout)).to.include({ httpVersion: '1.1', health: 'OK' });
    });
  }

  it('is named with -v where it is HTTP/1.1', async () => {
    const line = ['call', target, 'SayHello', 'name=you', '--protocol', 'connect', '--http1', '-v'];
    const { stderr, status } = await runInProcess(line);
    expect(status, stderr).to.equal(0);
    expect(stderr).to.match(
      /\* connected to \S+ over HTTP\/1\.1, which has no frames: (?:DNS \S+ ms, )?connect \S+ ms\n/,
    );
  });

  const gets: readonly (readonly [method: string, used: string, said: string])[] = [
    ['Look', 'GET', '* GET, unless the URL gets too long'],
    [
      'SayHello',
      'POST',
      '* POST in spite of --get: Greeter.SayHello is not marked idempotency_level = NO_SIDE_EFFECTS',
    ],
    ['Watch', 'POST', '* POST in spite of --get: Greeter.Watch streams'],
  ];
  for (const [method, used, said] of gets) {
    it(`connect with --get calls ${method} with ${used}, and -v says so`, async () => {
      server.clearCalls();
      const line = ['call', target, method, 'name=you', '--protocol', 'connect', '--get', '-v'];
      const { stderr, status } = await runInProcess(line);
      expect(status, stderr).to.equal(0);
      expect(stderr).to.include(`${said}\n`);
      expect(server.callsOf(method).map(({ httpMethod }) => httpMethod)).to.deep.equal([used]);
    });
  }

  it('connect with --get loads a method with GET, and the repl calls it so', async () => {
    server.clearCalls();
    const flags = ['--protocol', 'connect', '--get'];
    await runInProcess(['bench', target, 'Look', '-n', '2', ...flags]);
    await runInProcess(['repl', target, ...flags], { stdin: 'call Look name=you\n' });
    expect(server.callsOf('Look').map(({ httpMethod }) => httpMethod)).to.deep.equal(['GET', 'GET', 'GET']);
  });

  it('grpc-web can be base64', async () => {
    const line = ['call', target, 'SayHello', 'name=you', '--protocol', 'grpc-web', '--grpc-web-text'];
    expect((await runInProcess(line)).stdout).to.equal('{"message":"you"}\n');
    expect(server.callsOf('SayHello').at(-1)?.metadata.get('accept')).to.equal('application/grpc-web-text');
  });

  describe('set by the config file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'protocol-'));
    after(() => rmSync(folder, { recursive: true }));
    const call = async (config: object, words: string): Promise<{ status: number; said: string }> => {
      const file = join(folder, 'stubless.config.json');
      writeFileSync(file, JSON.stringify(config));
      server.clearCalls();
      const line = ['call', target, 'Look', 'name=you', '-v', '--config', file, ...words.split(' ')];
      const { status, stderr } = await runInProcess(line);
      return { status, said: stderr };
    };

    it('is overridden by --no-http1 and --no-get', async () => {
      const config = { protocol: 'connect', http1: true, get: true };
      for (const [words, version, httpMethod] of [
        ['--config-says-it', '1.1', 'GET'],
        ['--no-http1', '2', 'GET'],
        ['--no-get', '1.1', 'POST'],
        ['--no-get --no-http1', '2', 'POST'],
        ['--no-get --no-http1 --protocol grpc-web', '2', 'POST'],
        ['--no-get --no-http1 --protocol grpc', '2', 'POST'],
      ] as const) {
        const { status, said } = await call(config, words.replace('--config-says-it', '--plaintext'));
        expect(status, said).to.equal(0);
        expect(said.includes('over HTTP/1.1'), words).to.equal(version === '1.1');
        expect(server.callsOf('Look').map((one) => one.httpMethod)).to.deep.equal([httpMethod]);
      }
    });

    it('is overridden by --no-grpc-web-text', async () => {
      const config = { protocol: 'grpc-web', grpcWebText: true };
      for (const [words, accept] of [
        ['--plaintext', 'application/grpc-web-text'],
        ['--no-grpc-web-text', undefined],
        ['--no-grpc-web-text --protocol connect', undefined],
      ] as const) {
        const { status, said } = await call(config, words);
        expect(status, said).to.equal(0);
        expect(server.callsOf('Look').at(-1)?.metadata.get('accept')).to.equal(accept);
      }
    });

    it('does not fit another protocol, which says what turns it off', async () => {
      const { status, said } = await call({ protocol: 'connect', get: true }, '--protocol grpc-web');
      expect([status, said]).to.deep.equal([
        2,
        'stubless: --get needs --protocol connect, not grpc-web (--no-get turns it off)\n',
      ]);
    });
  });

  it('says what sets reserved metadata in words of the command line, where something does', async () => {
    for (const [name, hint] of [
      ['connect-timeout-ms', '; --timeout sets it'],
      ['content-encoding', '; --compress sets it'],
      ['accept-encoding', ''],
      ['connect-protocol-version', ''],
    ] as const) {
      const line = ['call', target, 'Look', '--protocol', 'connect', '-H', `${name}: 1`];
      const { status, stderr } = await runInProcess(line);
      expect(stderr).to.equal(
        `stubless: metadata name '${name}' is reserved for the protocol connect${hint}\n`,
      );
      expect(status).to.equal(1);
    }
  });

  it('counts the connections of a load over HTTP/1.1', async () => {
    const line = ['bench', target, 'SayHello', '-n', '20', '-c', '4', '--protocol', 'connect', '--json'];
    const { stdout } = await runInProcess([...line, '--http1']);
    expect(JSON.parse(stdout).load).to.include({ concurrency: 4, connections: 4 });
    expect(JSON.parse((await runInProcess(line)).stdout).load.connections).to.equal(1);
  });

  it('counts the connections that a load had at once, though none is left at its end', async () => {
    const held: http.ServerResponse[] = [];
    const closing = http.createServer((request, response) => {
      request.resume().on('end', () => {
        held.push(response);
        if (held.length < 4) return;
        for (const one of held.splice(0))
          one.writeHead(200, { 'content-type': 'application/proto', connection: 'close' }).end();
      });
    });
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = closing.address() as AddressInfo;
      const line = ['bench', `127.0.0.1:${port}`, 'SayHello', '-n', '8', '-c', '4', '--json'];
      const proto = ['--proto', 'protos/helloworld.proto', '--protocol', 'connect', '--http1'];
      const { stdout } = await runInProcess([...line, ...proto]);
      const { load, calls } = JSON.parse(stdout);
      expect(calls.ok).to.equal(8);
      // One that has ended may not be closed when the next one is ready.
      expect(load.connections).to.be.within(4, 8);
    } finally {
      closing.close();
    }
  });

  it('is named in the command line’s words where both sides cannot stream over HTTP/1.1', async () => {
    const refusing = http.createServer((_, response) => response.writeHead(505).end());
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = refusing.address() as AddressInfo;
      const line = ['list', `127.0.0.1:${port}`, '--protocol', 'connect', '--http1'];
      expect((await runInProcess(line)).stderr).to.include(
        'both sides cannot stream at once over HTTP/1.1: use HTTP/2 (leave out --http1); or give its schema with --proto FILE',
      );
    } finally {
      refusing.close();
    }
  });

  for (const [words, said] of wrong) {
    it(`makes a wrong line of ${words}`, async () => {
      const { status, stderr } = await runInProcess(['list', 'localhost:1', ...words.split(' ')]);
      expect(stderr).to.equal(`stubless: ${said}\n`);
      expect(status).to.equal(2);
    });
  }
});
