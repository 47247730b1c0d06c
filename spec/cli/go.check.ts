// The built command line against grpc-go's interop server, by reflection alone: golden output. `npm run cli:go`, after
// `npm run interop`, which installs the server.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { runCli } from './run-cli.ts';

const SERVER = '.cache/interop/go/server';

describe('stubless against grpc-go', function () {
  this.timeout(30_000);

  let server: ChildProcessWithoutNullStreams | undefined;
  let target = '';
  before(async function () {
    if (!existsSync(SERVER)) this.skip();
    const started = spawn(SERVER);
    server = started;
    target = await new Promise((resolve) => {
      started.stdout.once('data', (line) => resolve(String(line).trim().replace('listening ', '')));
    });
  });
  after(() => {
    server?.stdin.end();
  });

  interface Row {
    readonly name: string;
    readonly args: (target: string) => string[];
    readonly stdin?: string;
    readonly stdout: string;
    readonly stderr?: string;
    readonly status?: number;
  }
  const rows: Row[] = [
    {
      name: 'lists services',
      args: (at) => ['list', at],
      stdout:
        'grpc.health.v1.Health\ngrpc.reflection.v1.ServerReflection\ngrpc.reflection.v1alpha.ServerReflection\ngrpc.testing.TestService\n',
    },
    {
      name: 'describes a message',
      args: (at) => ['describe', at, 'grpc.testing.Payload'],
      stdout:
        '// message grpc.testing.Payload, grpc/testing/messages.proto\nmessage Payload {\n  PayloadType type = 1;\n  bytes body = 2;\n}\n',
    },
    {
      name: 'calls one to one',
      args: (at) => ['call', at, 'UnaryCall', 'responseSize=3', 'payload.body=aGk='],
      stdout: '{"payload":{"body":"AAAA"}}\n',
    },
    {
      name: 'calls one to many',
      args: (at) => [
        'call',
        at,
        'StreamingOutputCall',
        'responseParameters[0].size=1',
        'responseParameters[1].size=2',
      ],
      stdout: '{"payload":{"body":"AA=="}}\n{"payload":{"body":"AAA="}}\n',
    },
    {
      name: 'calls many to one',
      args: (at) => ['call', at, 'StreamingInputCall', '-d', '-'],
      stdin: '{"payload":{"body":"aGk="}}\n{"payload":{"body":"aGkh"}}\n',
      stdout: '{"aggregatedPayloadSize":5}\n',
    },
    {
      name: 'calls many to many',
      args: (at) => ['call', at, 'FullDuplexCall', '-d', '-', '-o', 'text'],
      stdin: '{"responseParameters":[{"size":1}]} {"responseParameters":[{"size":2}]}',
      stdout: 'payload {\n  body: "\\000"\n}\n# ---\npayload {\n  body: "\\000\\000"\n}\n',
    },
    {
      name: 'says in which line of a stream a request is wrong',
      args: (at) => ['call', at, 'FullDuplexCall', '-d', '-'],
      stdin: '{}\n{"responseParameters":{"size":1}}\n',
      stdout: '',
      stderr: 'stubless: standard input, line 2: responseParameters: expected an array',
      status: 1,
    },
    {
      name: 'ends with the status that the server gives',
      args: (at) => ['call', at, 'UnaryCall', 'responseStatus.code=5', 'responseStatus.message=nope'],
      stdout: '',
      stderr: 'stubless: NOT_FOUND: nope\n',
      status: 69,
    },
    { name: 'asks for health', args: (at) => ['health', at], stdout: 'SERVING\n' },
    {
      name: 'finds no difference between the server and itself',
      args: (at) => ['diff', at, at],
      stdout: '',
      stderr: 'no changes\n',
    },
  ];
  for (const { name, args, stdin = '', stdout, stderr = '', status = 0 } of rows) {
    it(name, async () => {
      const end = await runCli(args(target), { stdin });
      expect(end.stdout).to.equal(stdout);
      expect(end.stderr.startsWith(stderr), end.stderr).to.equal(true);
      if (stderr === '') expect(end.stderr).to.equal('');
      expect(end.status).to.equal(status);
    });
  }
});
