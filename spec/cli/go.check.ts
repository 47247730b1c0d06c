// The built command line against servers on grpc-go: its own of interop tests by reflection alone, golden output; and that of
// spec/suites/interop/servers/examples, which answers as the example server does, for the files of examples/requests.
// `npm run cli:go` builds both servers.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { runCli } from './run-cli.ts';

const CACHE = '.cache/interop';
const EXAMPLES = 'examples/requests';

/** As far as it matters here, the JSON report. */
interface RunReport {
  readonly failed: number;
  readonly files: readonly {
    readonly file: string;
    readonly requests: readonly {
      readonly outcome: string;
      readonly name: string;
      readonly failures: readonly object[];
    }[];
  }[];
}

/** Starts a server; it ends with its standard input. */
async function startServer(
  program: string,
  args: readonly string[] = [],
): Promise<{ readonly server: ChildProcessWithoutNullStreams; readonly target: string }> {
  const server = spawn(program, args);
  server.stderr.pipe(process.stderr);
  await once(server, 'spawn');
  const [line] = await once(server.stdout, 'data');
  return { server, target: String(line).trim().replace('listening ', '') };
}

describe('stubless against grpc-go', function () {
  this.timeout(30_000);

  let server: ChildProcessWithoutNullStreams | undefined;
  let target = '';
  before(async () => {
    ({ server, target } = await startServer(`${CACHE}/go/server`));
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

describe(`The files of ${EXAMPLES} against grpc-go`, function () {
  this.timeout(30_000);

  let server: ChildProcessWithoutNullStreams | undefined;
  let target = '';
  before(async () => {
    ({ server, target } = await startServer(`${CACHE}/examples/server`, ['protos']));
  });
  after(() => {
    server?.stdin.end();
  });

  const env = { EXAMPLE_TOKEN: 'not-a-secret' };
  const files = readdirSync(EXAMPLES).filter((name) => name.includes('.requests.'));
  const outcomes = new Map<string, readonly string[]>();

  it('are sent in one run', async () => {
    const args = ['test', EXAMPLES, '--target', target, '--report', 'json=-'];
    const end = await runCli(args, { env });
    const report: RunReport = JSON.parse(end.stdout);
    for (const { file, requests } of report.files) {
      const told = requests.map(({ outcome, name, failures }) =>
        outcome === 'passed' ? outcome : `${outcome}: ${name} ${JSON.stringify(failures)}`,
      );
      outcomes.set(file, told);
    }
    expect(end.stderr).to.equal('');
    expect({ status: end.status, failed: report.failed }).to.deep.equal({ status: 0, failed: 0 });
    expect(files.length).to.be.at.least(30);
    expect(outcomes.size).to.equal(files.length);
  });
  for (const file of files) {
    it(`passes ${file}`, () => {
      const skipped = file === 'skip.requests.yaml' ? ['skipped: not yet []'] : [];
      const found = outcomes.get(`${EXAMPLES}/${file}`) ?? [];
      expect(found).to.include('passed');
      expect(found.filter((outcome) => outcome !== 'passed')).to.deep.equal(skipped);
    });
  }

  it('pass with the schema that the server tells, too', async () => {
    const file = `${EXAMPLES}/unary.requests.yaml`;
    const end = await runCli(['test', file, '--target', target, '--reflect'], { env });
    expect({ status: end.status, stderr: end.stderr }).to.deep.equal({ status: 0, stderr: '' });
  });
});
