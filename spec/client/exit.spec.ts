// When a process that uses the client ends: while something of the user's is pending it lives, and then nothing of
// ours keeps it alive, closed or not. Each program runs alone, through the built package.

import { expect } from 'chai';
import { startExampleServer } from '../support/peers/servers.ts';
import { runShortLived } from '../support/program.ts';

/** Well below any timeout of ours that could end a process by accident (10 s a call, 5 s of close's grace). */
const SOON_MS = 4_000;

interface Case {
  readonly name: string;
  readonly program: string;
  readonly stdout: string;
}

const cases: Case[] = [
  {
    name: 'a script that closes its client ends',
    program: "console.log((await client.request('SayHello', { name: 'a' })).message); await client.close();",
    stdout: 'Hello a\n',
  },
  {
    name: 'a script that forgets close() ends too',
    program: "console.log((await client.request('SayHello', { name: 'b' })).message);",
    stdout: 'Hello b\n',
  },
  {
    name: 'a pending call keeps the process alive until its deadline',
    program:
      "client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 300 }).catch((e) => console.log(e.codeName));",
    stdout: 'DEADLINE_EXCEEDED\n',
  },
  {
    name: 'a call to a server that allows none keeps the process alive until its deadline',
    program:
      "const { createServer } = process.getBuiltinModule('node:http2');" +
      'const server = createServer({ settings: { maxConcurrentStreams: 0 } });' +
      "server.on('session', (session) => session.unref());" +
      "await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)); server.unref();" +
      "const other = new Client('127.0.0.1', server.address().port);" +
      "other.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.of(), { timeoutMs: 300 })" +
      '.catch((e) => console.log(e.codeName));',
    stdout: 'DEADLINE_EXCEEDED\n',
  },
  {
    name: 'a call whose reply nobody awaits is still made',
    program: "client.request('SayHello', { name: 'c' }).then((reply) => console.log(reply.message));",
    stdout: 'Hello c\n',
  },
  {
    name: 'a call that waits for its next attempt keeps the process alive',
    program:
      "const retry = { statusCodes: ['UNIMPLEMENTED'], maxAttempts: 2, initialBackoffMs: 200 };" +
      "const call = client.raw('/no/Such', { cardinality: 'unary_unary' })(Buffer.of(), { retry });" +
      'call.catch((e) => console.log(e.codeName, call.attempts));',
    stdout: 'UNIMPLEMENTED 2\n',
  },
  {
    name: 'a call whose credentials never come keeps the process alive until its deadline',
    program:
      'const credentials = () => new Promise(() => {});' +
      'const other = new Client(client.channel, { credentials, allowCredentialsOverPlaintext: true });' +
      "await other.load('protos/helloworld.proto');" +
      "other.request('SayHello', {}, { timeoutMs: 300 }).catch((e) => console.log(e.codeName));",
    stdout: 'DEADLINE_EXCEEDED\n',
  },
  {
    name: 'a call whose interceptor never answers keeps the process alive until its deadline',
    program:
      'const interceptors = [(call, next) => next(), () => new Promise(() => {})];' +
      "client.request('SayHello', {}, { timeoutMs: 300, interceptors }).catch((e) => console.log(e.codeName));",
    stdout: 'DEADLINE_EXCEEDED\n',
  },
  {
    name: 'an intercepted call whose request nobody writes keeps the process alive until its deadline',
    program:
      'const interceptors = [(call, next) => next()];' +
      "client.open('SayHello', { timeoutMs: 300, interceptors }).catch((e) => console.log(e.codeName));",
    stdout: 'DEADLINE_EXCEEDED\n',
  },
  {
    name: 'calls that are cancelled while their interceptor or credentials are at work leave nothing',
    program:
      'const never = () => new Promise(() => {});' +
      "const one = client.request('SayHello', {}, { timeoutMs: 60_000, interceptors: [never] });" +
      'const other = new Client(client.channel, { credentials: never, allowCredentialsOverPlaintext: true });' +
      "await other.load('protos/helloworld.proto');" +
      "const two = other.request('SayHello', {}, { timeoutMs: 60_000 });" +
      'setTimeout(() => { one.cancel(); two.cancel(); }, 50);' +
      'console.log((await one.status).codeName, (await two.status).codeName);',
    stdout: 'CANCELLED CANCELLED\n',
  },
  {
    name: 'a cancelled call leaves nothing',
    program:
      "const call = client.request('SayHello', { name: 'sleepy' }); setTimeout(() => call.cancel(), 50);" +
      'console.log((await call.status).codeName);',
    stdout: 'CANCELLED\n',
  },
  {
    name: 'a stream left early leaves nothing',
    program:
      "for await (const reply of client.request('SayHelloStreamReply', { name: 'd' })) {" +
      'console.log(typeof reply.message); break; }',
    stdout: 'string\n',
  },
  {
    name: 'an open request stream that is cancelled does not keep the process alive',
    program: "const call = client.open('RouteChat'); await call.write({ message: 'x' }); call.cancel();",
    stdout: '',
  },
  {
    name: 'close() without a call has nothing to wait for',
    program: 'await client.close(); await client.close();',
    stdout: '',
  },
  {
    name: 'close() lets a running call end within its grace, then cancels it',
    program:
      "const call = client.request('SayHello', { name: 'sleepy' }); setTimeout(() => client.close({ graceMs: 100 }), 100);" +
      'console.log((await call.status).codeName);',
    stdout: 'CANCELLED\n',
  },
  {
    name: 'a client of a port where nothing listens fails and ends',
    program:
      "const other = new Client('127.0.0.1', 1); await other.load('protos/helloworld.proto');" +
      "await other.request('SayHello', {}).catch((e) => console.log(e.codeName));",
    stdout: 'UNAVAILABLE\n',
  },
  {
    name: 'a client that never calls holds nothing',
    program: '',
    stdout: '',
  },
];

describe('the end of a process', function () {
  this.timeout(60_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  for (const c of cases) {
    it(c.name, async () => {
      const setUp = [
        "import { Client } from 'stubless';",
        `const client = new Client('127.0.0.1', ${server.port});`,
        "await client.load('protos/helloworld.proto'); await client.load('protos/route_guide.proto');",
      ];
      const end = await runShortLived([...setUp, c.program].join('\n'), SOON_MS);
      expect(end).to.deep.equal({ status: 0, stdout: c.stdout, stderr: '' });
    });
  }

  const balanced: readonly (readonly [name: string, options: string, target: string])[] = [
    [
      'health watches of servers that are not called do not keep the process alive',
      "{ loadBalancing: 'round_robin', healthCheck: true }",
      'ipv4:127.0.0.1:$PORT',
    ],
    [
      'nor does dialling a server that does not answer, beside one that does',
      "{ loadBalancing: 'round_robin' }",
      'ipv4:127.0.0.1:$PORT,192.0.2.1:7',
    ],
    [
      'nor looking a name up from time to time',
      "{ loadBalancing: 'round_robin', dns: { minIntervalMs: 10, refreshIntervalMs: 10 } }",
      'dns:///localhost:$PORT',
    ],
    ['nor the look-out for connections that are idle', '{ idleConnectionMs: 60_000 }', '127.0.0.1:$PORT'],
  ];
  for (const [name, options, target] of balanced) {
    it(name, async () => {
      const program = `
        import { Client } from 'stubless';
        const client = new Client('${target.replace('$PORT', String(server.port))}', ${options});
        await client.load('protos/helloworld.proto');
        console.log((await client.request('SayHello', { name: 'e' })).message);`;
      expect(await runShortLived(program, SOON_MS)).to.deep.equal({
        status: 0,
        stdout: 'Hello e\n',
        stderr: '',
      });
    });
  }
});
