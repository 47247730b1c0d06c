// `--protocol`, `--http1` and `--get` of the command line: which of them go together, and what is said of what is spoken.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
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
    ['--http1', 'gRPC needs HTTP/2: leave --http1 out, or add --protocol grpc-web or --protocol connect'],
    [
      '--http1 --protocol connect --keepalive 10s',
      '--keepalive sends PINGs, which HTTP/1.1 does not have: leave out --keepalive or --http1',
    ],
    [
      '--protocol grpcweb',
      "--protocol must be one of grpc, grpc-web, connect, not 'grpcweb'; did you mean 'grpc-web'?",
    ],
    ['--protocol soap', "--protocol must be one of grpc, grpc-web, connect, not 'soap'"],
    ['--get', '--get needs --protocol connect, not grpc'],
    ['--get --protocol grpc-web', '--get needs --protocol connect, not grpc-web'],
    ['--grpc-web-text', '--grpc-web-text needs --protocol grpc-web, not grpc'],
    ['--grpc-web-text --protocol connect', '--grpc-web-text needs --protocol grpc-web, not connect'],
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

  it('counts the connections of a load over HTTP/1.1', async () => {
    const line = ['bench', target, 'SayHello', '-n', '20', '-c', '4', '--protocol', 'connect', '--json'];
    const { stdout } = await runInProcess([...line, '--http1']);
    expect(JSON.parse(stdout).load).to.include({ concurrency: 4, connections: 4 });
    expect(JSON.parse((await runInProcess(line)).stdout).load.connections).to.equal(1);
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
