// biome-ignore-all lint/suspicious/noTemplateCurlyInString: headers have such variables
// What `stubless bench --kubernetes` prints and refuses. That Kubernetes reads it so, spec/suites/kubernetes shows.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { isCarried } from '../../../../lib/cli/bench/kubernetes/carried-line.ts';
import { parseWith } from '../../../../lib/cli/command/argument-parser.ts';
import { bench } from '../../../../lib/cli/commands/bench.ts';
import { writtenOptions } from '../../../../lib/cli/options/written-options.ts';
import { type Printed, runInProcess, type Setup } from '../../in-process.ts';

const SERVER = 'greeter.default.svc:50051';
const SCHEMA = ['--proto', 'protos/helloworld.proto', '--no-config'];

const run = (args: readonly string[], setup: Setup = { stdin: '' }): Promise<Printed> =>
  runInProcess(['bench', ...args], setup);

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] };
    };
  };
}

async function manifest(
  args: readonly string[],
  setup?: Setup,
): Promise<{
  readonly text: string;
  readonly told: string;
  readonly resources: readonly Resource[];
  readonly args: readonly string[];
}> {
  const { status, stdout, stderr } = await run(args, setup);
  expect(status, stderr).to.equal(0);
  const resources = parseAllDocuments(stdout, { version: '1.1' }).map(
    (document) => document.toJS() as Resource,
  );
  const job = resources[resources.length - 1];
  return { text: stdout, told: stderr, resources, args: job.spec.template.spec.containers[0].args };
}

describe('stubless bench --kubernetes', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-manifest-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints a Job alone where one pod needs no file', async () => {
    const { resources, args } = await manifest([
      SERVER,
      'SayHello',
      'name=you',
      '--kubernetes',
      '1',
      '--no-config',
    ]);
    expect(resources.map(({ kind }) => kind)).to.deep.equal(['Job']);
    expect(args).to.deep.equal([
      'bench',
      SERVER,
      'SayHello',
      'name=you',
      '--no-config',
      '--shard=job/1',
      '--result=-',
    ]);
  });

  it('has the same name for the same load, and another for another', async () => {
    const line = [SERVER, 'SayHello', 'name=you', ...SCHEMA, '--kubernetes'];
    const nameOf = async (args: readonly string[]) => (await manifest(args)).resources[0].metadata.name;
    const name = await nameOf([...line, '2']);
    expect(name).to.match(/^stubless-bench-[0-9a-f]{10}$/);
    expect(await nameOf([...line, '2'])).to.equal(name);
    for (const other of [['3'], ['2', '-c', '9'], ['2', '--namespace', 'load'], ['2', '--image', 'x:1']]) {
      expect(await nameOf([...line, ...other])).not.to.equal(name);
    }
  });

  it('writes requests into the ConfigMap, from files, from standard input and where they are long', async () => {
    const file = join(folder, 'requests.json');
    writeFileSync(file, '{"name":"of a file"}');
    const long = JSON.stringify({ name: 'x'.repeat(2000) });
    const { resources, args } = await manifest(
      [
        SERVER,
        'SayHello',
        ...SCHEMA,
        '-d',
        `@${file}`,
        '-d',
        '-',
        '-d',
        long,
        '-d',
        '{"name":"short"}',
        '--kubernetes',
        '2',
      ],
      { stdin: '{"name":"piped"}' },
    );
    expect(resources[0].data).to.deep.equal({
      'request.json': '{"name":"of a file"}',
      'request-2.json': '{"name":"piped"}',
      'request-3.json': long,
    });
    expect(args.filter((word) => word.startsWith('--data'))).to.deep.equal([
      '--data=@/plan/request.json',
      '--data=@/plan/request-2.json',
      '--data=@/plan/request-3.json',
      '--data={"name":"short"}',
    ]);
    expect(args).to.include('--protoset=/plan/schema.binpb');
  });

  it('takes what is piped in without -d for the requests, as bench does', async () => {
    const { args } = await manifest([SERVER, 'SayHello', ...SCHEMA, '--kubernetes', '2'], {
      stdin: '{"name":"piped"}',
    });
    expect(args).to.include('--data=@/plan/request.json');
  });

  it('keeps secrets out, and says how to make the Secret', async () => {
    const { text, told, args } = await manifest([
      `https://${SERVER}`,
      'SayHello',
      'name=you',
      ...SCHEMA,
      '--kubernetes',
      '2',
      '--token',
      'a-secret',
      '-H',
      'x-api-key: b-secret',
      '-H',
      'x-build: ${BUILD}',
      '-H',
      'x-open: known',
      '--proxy',
      'http://me:c-secret@proxy:1',
      '--namespace',
      'load',
      '--secret-name',
      'mine',
    ]);
    expect(text).not.to.match(/[abc]-secret/);
    expect(args.filter((word) => /^--(?:header|proxy)/.test(word))).to.deep.equal([
      '--proxy=$(STUBLESS_PROXY)',
      '--header=x-api-key: $${X_API_KEY}',
      '--header=x-build: $${BUILD}',
      '--header=x-open: known',
      '--header=authorization: Bearer $${AUTHORIZATION}',
    ]);
    expect(told).to.include(
      'make them first: kubectl create secret generic mine -n load --from-literal=STUBLESS_PROXY=… --from-literal=X_API_KEY=… --from-literal=BUILD=… --from-literal=AUTHORIZATION=…',
    );
    expect(told).to.include("  AUTHORIZATION: the value of the header authorization, without 'Bearer'");
  });

  it('names what a request of a file takes from the environment', async () => {
    const path = join(folder, 'a.requests.yaml');
    const metadata = "{ authorization: 'Bearer ${env:TOKEN}', x-build: 'of ${env:BUILD}' }";
    writeFileSync(
      path,
      `target: ${SERVER}\nrequests:\n  - { name: a, method: SayHello, metadata: ${metadata} }\n`,
    );
    const env = { TOKEN: 'a-secret', BUILD: 'b-secret' };
    const { text, args } = await manifest([`${path}#a`, ...SCHEMA, '--kubernetes', '2'], { stdin: '', env });
    expect(text).not.to.match(/[ab]-secret/);
    expect(args.filter((word) => word.startsWith('--rpc-header'))).to.deep.equal([
      '--rpc-header=authorization: Bearer $${TOKEN}',
      '--rpc-header=x-build: of $${BUILD}',
    ]);
  });

  it('gives two secrets two keys, though one is called like the header of the other', async () => {
    const headers = ['-H', 'x-token: a-secret', '-H', 'x-own: ${X_TOKEN}'];
    const { args } = await manifest([SERVER, 'SayHello', ...SCHEMA, '--kubernetes', '1', ...headers]);
    expect(args).to.include('--header=x-token: $${X_TOKEN_2}').and.include('--header=x-own: $${X_TOKEN}');
  });

  it('waits for ever where it is told to', async () => {
    const words = ['--kubernetes', '2', '--gate-timeout', 'none'];
    const { text, args } = await manifest([SERVER, 'SayHello', ...SCHEMA, ...words]);
    expect(args).to.include('--gate-timeout=none');
    expect(text).not.to.include('activeDeadlineSeconds');
  });

  it('says what kubectl apply cannot take, and what no ConfigMap can', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(300_000) });
    const line = [SERVER, 'SayHello', ...SCHEMA, '-d', '-', '--kubernetes', '2'];
    expect((await manifest(line, { stdin: large })).told).to.match(
      /more than 'kubectl apply' can note \(256 KiB\); use 'kubectl apply --server-side -f -'/,
    );
    const { status, stderr } = await run(line, { stdin: JSON.stringify({ name: 'x'.repeat(1_100_000) }) });
    expect(status).to.equal(1);
    expect(stderr).to.match(
      /the plan is 1\.0 MiB of files \(request\.json 1\.0 MiB, schema\.binpb .*\), and a ConfigMap holds 1\.0 MiB; give fewer requests/,
    );
  });

  it('writes options so that they are read again as they were', () => {
    const given: Readonly<Record<string, readonly string[]>> = {
      '--ramp': ['0.5..100:30s;7:1m30s'],
      '--warm-up': ['0'],
      '--message-interval': ['1.5s'],
      '--duration': ['1h'],
      '--timeout': ['none'],
      '--max-size': ['none', '3MiB'],
      '--header': ['a: b: c'],
      '--rpc-header': ['a: b'],
      '--reflect-header': ['a: b'],
      '--rps': ['0.25'],
      '--keepalive': ['15s'],
      '--retry': ['3'],
      '--reflect-max-size': ['1KiB'],
      '--threads': ['auto', '3'],
      '--start-at': ['1700000000'],
      '--start-gate': ['a:1', '[::1]:2'],
      '--shard': ['2/3', 'job/3'],
      '--var': ['a=b=c'],
      '--image': ['a/b:1'],
      '--namespace': ['load'],
      '--secret-name': ['s'],
      '--protocol': ['connect'],
      '--codec': ['json'],
      '--input': ['text'],
      '--interval': ['1s'],
      '--fail': ['p99<1ms'],
    };
    const definitions = bench.groups
      .filter(({ title }) => title !== 'Report' && title !== 'Kubernetes')
      .flatMap(({ options }) => options)
      .filter(isCarried);
    for (const definition of definitions) {
      const [flag = ''] = /--[a-z0-9-]+/.exec(definition.flags) ?? [];
      const isValue = definition.flags.includes('<');
      const texts = isValue
        ? (given[flag] ?? [definition.choices?.[0] ?? (definition.parse === undefined ? 'text' : '20')])
        : [undefined];
      for (const text of texts) {
        const words = [SERVER, 'SayHello', text === undefined ? flag : `${flag}=${text}`];
        const parsed = parseWith(bench, words);
        if (parsed.kind !== 'run') throw new Error(`${flag} is no option`);
        const again = writtenOptions(parsed.options, definitions).map((word) =>
          word.text === undefined ? word.flag : `${word.flag}=${word.text}`,
        );
        const reread = parseWith(bench, [SERVER, 'SayHello', ...again]);
        expect(reread.kind === 'run' && reread.options, again.join(' ')).to.deep.equal(parsed.options);
      }
    }
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['no pods', ['--kubernetes', '0'], "--kubernetes: '0' is not a whole number of at least 1"],
    ['half a pod', ['--kubernetes', '1.5'], "--kubernetes: '1.5' is not a whole number of at least 1"],
    ['too many pods', ['--kubernetes', '10001'], "--kubernetes: '10001' is more than 10000"],
    [
      'an image in capitals',
      ['--kubernetes', '2', '--image', 'Stubless:1'],
      "--image: 'Stubless:1' is not an image, such as registry.example.com/stubless:0.1.0: its name is lower-case",
    ],
    [
      'an image with an empty tag',
      ['--kubernetes', '2', '--image', 'stubless:'],
      'its tag is letters, digits',
    ],
    [
      'an image with a short digest',
      ['--kubernetes', '2', '--image', 'stubless@sha256:12'],
      'its digest is an algorithm and at least 32 hex digits',
    ],
    [
      'a namespace with a dot',
      ['--kubernetes', '2', '--namespace', 'a.b'],
      "--namespace: 'a.b' is not a namespace's name; write lower-case letters",
    ],
    [
      'a Secret with a blank',
      ['--kubernetes', '2', '--secret-name', 'a b'],
      "--secret-name: 'a b' is not a Secret's name",
    ],
    ['an image alone', ['--image', 'stubless:1'], '--image is for --kubernetes, which was not given'],
    [
      'a report',
      ['--kubernetes', '2', '--html', 'a.html'],
      "--html is for the merged report: leave it out beside --kubernetes, and give it to 'stubless bench merge'",
    ],
    [
      'a shard',
      ['--kubernetes', '2', '--shard', '1/2'],
      '--shard is what --kubernetes gives to each pod; leave it out',
    ],
    [
      'a start',
      ['--kubernetes', '2', '--start-at', '1700000000'],
      '--start-at is what --kubernetes gives to each pod; leave it out',
    ],
    [
      'fewer callers than pods',
      ['--kubernetes', '3', '-c', '2'],
      '3 pods cannot share -c 2: give more, or --kubernetes 2',
    ],
    [
      'fewer calls than pods',
      ['--kubernetes', '3', '-n', '2'],
      '3 pods cannot share -n 2: give more, or --kubernetes 2',
    ],
    [
      'threads without work',
      ['--kubernetes', '3', '-c', '4', '--threads', '2'],
      '--threads 2 cannot share -c 1 of this shard',
    ],
    [
      'the threads of a node',
      ['--kubernetes', '3', '--threads', 'auto'],
      '--threads auto counts the cores of a node, of which a pod has only what it asks for; give their number',
    ],
    [
      'messages of one request',
      ['--kubernetes', '2', '--messages', '3'],
      'takes one request: --messages and --message-interval are for streams',
    ],
    [
      'a gate without an address',
      ['--gate-timeout', '1m'],
      '--gate-timeout is for --start-gate, which was not given',
    ],
    [
      'a gate without a shard',
      ['--start-gate', 'a'],
      '--start-gate is where shards meet; say which this is, with --shard i/n',
    ],
    [
      'two starts',
      ['--start-gate', 'a', '--shard', '1/2', '--start-at', '1700000000'],
      '--start-at and --start-gate cannot be used together',
    ],
  ];
  for (const [name, args, message] of refused) {
    it(`refuses ${name}`, async () => {
      const { status, stdout, stderr } = await run([SERVER, 'SayHello', 'name=you', ...SCHEMA, ...args]);
      expect(stderr).to.include(message);
      expect(stderr.trim().split('\n')).to.have.lengthOf(1);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
    });
  }

  for (const [target, message] of [
    [
      'localhost:50051',
      "is this machine, and in a pod it is the pod itself; give the server's name in the cluster",
    ],
    ['127.0.0.1:50051', 'is this machine'],
    [':50051', 'is this machine'],
    ['http://localhost:50051/prefix', 'is this machine'],
    ['ipv6:[::1]:50051', 'is this machine'],
    ['unix:/tmp/socket', 'is a socket of this machine, which no pod has'],
    ['host.docker.internal:50051', 'is this machine for its containers'],
    ['printer.local:50051', "is a name of this machine's network (mDNS)"],
  ] as const) {
    it(`refuses the target ${target}`, async () => {
      const { status, stderr } = await run([target, 'SayHello', 'name=you', ...SCHEMA, '--kubernetes', '2']);
      expect(stderr).to.include(message);
      expect(status).to.equal(2);
    });
  }

  it('takes targets that a cluster knows', async () => {
    for (const target of [
      SERVER,
      'greeter.default.svc.cluster.local:50051',
      '10.0.0.7:50051',
      'dns:///greeter:50051',
      'https://api.example.com/prefix',
    ]) {
      expect(
        (await manifest([target, 'SayHello', 'name=you', ...SCHEMA, '--kubernetes', '2'])).args[1],
      ).to.equal(target);
    }
  });

  it('tells of methods and requests that the schema does not have, before any pod does', async () => {
    const unknown = await run([SERVER, 'SayHowdy', ...SCHEMA, '--kubernetes', '2']);
    expect(unknown.stderr).to.include('SayHowdy');
    const wrong = await run([SERVER, 'SayHello', '-d', '{"nam":1}', ...SCHEMA, '--kubernetes', '2']);
    expect(wrong.stderr).to.include('nam');
    expect([unknown.status, wrong.status]).to.deep.equal([1, 1]);
  });

  it('tells of requests that are no JSON where it has no schema to hold them against', async () => {
    const file = join(folder, 'broken.json');
    const line = [SERVER, 'helloworld.Greeter/SayHello', '--no-config', '--kubernetes', '2'];
    const wrong: readonly (readonly [string | Buffer, RegExp])[] = [
      ['{"name": "you"', /^stubless: .*broken\.json: not JSON: /],
      ['{"name": you}', /^stubless: .*broken\.json: not JSON: .*placeholders|not JSON: /],
      [
        Buffer.from([0xc3, 0x28]),
        /^stubless: .*broken\.json is not UTF-8 text; for binary messages: --input binary/,
      ],
    ];
    for (const [text, message] of wrong) {
      writeFileSync(file, text);
      const { status, stdout, stderr } = await run([...line, '-d', `@${file}`]);
      expect(stderr).to.match(message);
      expect(stderr.trim().split('\n')).to.have.lengthOf(1);
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
    }
    const piped = await run([...line, '-d', '-'], { stdin: '{"name":' });
    expect(piped.stderr).to.match(/^stubless: standard input: not JSON: /);
    expect((await run([...line, '-d', '{"name":'])).stderr).to.match(/^stubless: -d: not JSON: /);
    const words = await run([...line, '--input', 'binary', '-d', 'name']);
    expect(words.stderr).to.match(/^stubless: binary messages come from a file or standard input: /);
    expect(words).to.include({ status: 2, stdout: '' });
    writeFileSync(file, '{"name":"{{n}}"}\n{"name":"other"}\n');
    for (const good of [['-d', `@${file}`], ['-d', '{}'], ['--input', 'text', '-d', 'name: "x"'], []]) {
      expect((await run([...line, ...good])).status, good.join(' ')).to.equal(0);
    }
  });
});
