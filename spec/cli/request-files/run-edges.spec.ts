// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// What is at the edges of a run of `stubless test`: nobody to be asked, an interruption in the middle, servers that are gone,
// names with a `#`, files of other systems, reports that cannot be written.

import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePorts } from '../../support/free-ports.ts';
import { runInProcess } from '../in-process.ts';
import { endOf, startCli } from '../run-cli.ts';
import { exampleFolder } from './example-folder.ts';

const SCHEMA = `schema: { proto: ${process.cwd()}/protos/helloworld.proto }`;

describe('A run of files', function () {
  this.timeout(30_000);

  const examples = exampleFolder();
  /** For each spec another one, as some name all files of it. */
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(examples.path, 'edges-'));
  });

  function write(
    name: string,
    requests: string,
    port: number = examples.port,
    schema: string = SCHEMA,
  ): string {
    const path = join(folder, name);
    writeFileSync(path, `target: 127.0.0.1:${port}\n${schema}\nrequests:\n${requests}`);
    return path;
  }

  describe('with --wait-for-ready, where nobody listens', () => {
    for (const [what, schema] of [
      ['the schema is asked for', ''],
      ['the schema is there', SCHEMA],
    ] as const) {
      it(`says so when ${what}`, async () => {
        const [port] = await freePorts(1);
        const path = write('a.yaml', '  - { name: a, method: helloworld.Greeter/SayHello }\n', port, schema);
        const { stdout, status } = await runInProcess([
          'test',
          path,
          '--wait-for-ready',
          '--timeout',
          '200ms',
        ]);
        expect(stdout)
          .to.include(`nothing listens on 127.0.0.1:${port}`)
          .and.not.include('reflection service');
        expect(status).to.equal(1);
      });
    }

    it('says so of a call, and of a list', async () => {
      const [port] = await freePorts(1);
      const target = `127.0.0.1:${port}`;
      const wait = ['--wait-for-ready', '--timeout', '200ms'];
      for (const words of [
        ['call', target, 'a.B/C'],
        ['list', target],
      ]) {
        const { stderr, status } = await runInProcess([...words, ...wait]);
        expect(stderr).to.match(
          /^stubless: DEADLINE_EXCEEDED: the timeout of 200 ms passed while waiting for a connection to .*nothing listens on/,
        );
        expect(status).to.equal(68);
      }
    });
  });

  it('has one order of timeouts, whoever sends the request', async () => {
    const sleepy = 'method: SayHello, request: { name: sleepy }';
    const path = write(
      'a.yaml',
      `  - { name: own, ${sleepy}, timeout: 30ms }\n  - { name: none, ${sleepy} }\n`,
    );
    const limits = (text: string): string[] =>
      Array.from(text.matchAll(/timeout of (\d+) ms/g), ([, ms]) => ms);
    const tested = await runInProcess(['test', path, '--timeout', '90ms']);
    expect(limits(tested.stdout)).to.deep.equal(['30', '90']);
    const own = await runInProcess(['call', `${path}#own`, '--timeout', '90ms']);
    expect(limits(own.stderr)).to.deep.equal(['30']);
    expect(own.stderr).to.include(
      "'own' has a timeout of its own, 30ms; --timeout is for requests without one",
    );
    const none = await runInProcess(['call', `${path}#none`, '--timeout', '90ms']);
    expect(limits(none.stderr)).to.deep.equal(['90']);
    const target = `127.0.0.1:${examples.port}`;
    const stdin = `set timeout 90ms\ncall '${path}#own'\ncall '${path}#none'\nsave '${folder}/saved.yaml#one'\n`;
    const repl = await runInProcess(['repl', target, '--proto', 'protos/helloworld.proto'], { stdin });
    expect(limits(repl.stderr)).to.deep.equal(['30', '90']);
    expect(readFileSync(join(folder, 'saved.yaml'), 'utf8')).to.include('timeout: 90ms');
  });

  it('runs requests of files in the REPL with variables, and saves them whole', async () => {
    const path = write(
      'a.yaml',
      '  - { name: first, method: SayHello, request: { name: "${who}" }, capture: { said: message } }\n' +
        '  - { name: then, method: SayHello, request: { name: "${said} ${env:SEC}" }, metadata: { x-request-id: "${env:SEC}" } }\n',
    );
    const saved = join(folder, 'saved.yaml');
    const words = [
      'repl',
      `127.0.0.1:${examples.port}`,
      '--proto',
      'protos/helloworld.proto',
      '--var',
      'who=me',
    ];
    const stdin = `set output jsonl\ncall '${path}#then'\nsave '${saved}#one'\n`;
    const env = { SEC: 'planted-secret' };
    const end = await runInProcess([...words, '-H', 'x-line: 1', '--rpc-header', 'x-rpc: 2'], { stdin, env });
    expect(end.stdout).to.equal('{"message":"Hello Hello me ${env:SEC}"}\n');
    const text = readFileSync(saved, 'utf8');
    expect(text).to.include('x-line: "1"').and.include('x-rpc: "2"').and.include('x-request-id: ${env:SEC}');
    expect(text)
      .to.include('name: Hello me ${env:SEC}')
      .and.not.include('timeout')
      .and.not.include('planted');
    expect(await runInProcess(['test', saved], { env })).to.include({ status: 0 });
  });

  it('writes its reports when it is interrupted, and no snapshot of that', async function () {
    if (process.platform === 'win32') this.skip();
    const path = write(
      'slow.requests.yaml',
      `  - { name: first, method: SayHello, expect: { snapshot: true } }
  - { name: slow, method: SayHello, request: { name: sleepy }, timeout: 60s, expect: { snapshot: true } }
  - { name: last, method: SayHello }
`,
    );
    const snapshots = join(folder, 'slow.snapshots.yaml');
    writeFileSync(snapshots, 'slow: { reply: { message: kept } }\n');
    const quick = write('quick.requests.yaml', '  - { name: quick, method: SayHello }\n');
    const report = join(folder, 'out.json');
    const child = startCli(['test', path, quick, '--update', '--report', `json=${report}`]);
    const ended = endOf(child);
    // The quick one has ended, so the other one runs.
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect((await ended).status).to.equal(130);
    const [{ requests }] = JSON.parse(readFileSync(report, 'utf8')).files;
    const ends = requests.map(({ name, outcome, reason }: Record<string, unknown>) => [
      name,
      outcome,
      reason,
    ]);
    expect(ends.slice(-2)).to.deep.equal([
      ['slow', 'failed', 'interrupted'],
      ['last', 'skipped', 'interrupted'],
    ]);
    expect(readFileSync(snapshots, 'utf8')).to.include('slow: { reply: { message: kept } }');
  });

  it('keeps its snapshots when the server is gone', async () => {
    const [port] = await freePorts(1);
    const requests = '  - { name: a, method: SayHello, expect: { snapshot: true } }\n';
    const path = write('a.requests.yaml', requests, port);
    const snapshots = join(folder, 'a.snapshots.yaml');
    expect(await runInProcess(['test', path, '--update'])).to.include({ status: 1, stderr: '' });
    expect(existsSync(snapshots)).to.equal(false);
    writeFileSync(snapshots, 'a: { reply: { message: kept } }\n');
    const { status, stdout } = await runInProcess(['test', path, '--update']);
    expect(stdout).to.include('nothing listens on');
    expect(status).to.equal(1);
    expect(readFileSync(snapshots, 'utf8')).to.equal('a: { reply: { message: kept } }\n');
  });

  it('takes an empty file of snapshots for none, and keeps its comments', async () => {
    const path = write('a.requests.yaml', '  - { name: a, method: SayHello, expect: { snapshot: true } }\n');
    const snapshots = join(folder, 'a.snapshots.yaml');
    for (const text of ['', '# mine\n']) {
      writeFileSync(snapshots, text);
      expect((await runInProcess(['test', path])).stdout).to.include('none; --update writes it');
      expect(await runInProcess(['test', path, '--update'])).to.include({ status: 0 });
      expect(readFileSync(snapshots, 'utf8')).to.include(text);
      expect(await runInProcess(['test', path])).to.include({ status: 0 });
    }
  });

  it('knows files and names with a #, and files with a byte order mark and the line ends of Windows', async () => {
    const own = join(folder, 'with #1 space.yaml');
    mkdirSync(own);
    const path = join(own, 'c#.requests.yaml');
    const text = `\ufefftarget: 127.0.0.1:${examples.port}\n${SCHEMA}\nrequests:\n  - { name: "a#b", method: SayHello, request: { name: you } }\n`;
    writeFileSync(path, text.replaceAll('\n', '\r\n'));
    expect(await runInProcess(['call', `${path}#a#b`])).to.include({ stdout: '{"message":"Hello you"}\n' });
    const target = `127.0.0.1:${examples.port}`;
    const words = [
      'call',
      target,
      'helloworld.Greeter/SayHello',
      'name=me',
      '--proto',
      'protos/helloworld.proto',
    ];
    const saved = await runInProcess([...words, '--save', `${path}#c.yaml#d`]);
    expect(saved.stderr).to.include("'c.yaml#d'");
    const written = readFileSync(path, 'utf8');
    expect(written.replaceAll('\r\n', '')).to.not.include('\n');
    const { stdout } = await runInProcess(['test', own]);
    expect(stdout).to.include('2 passed: 2 requests in 1 file');
  });

  it('runs a file once, however often and in whatever way it is named', async () => {
    const path = write('a.requests.yaml', '  - { name: a, method: SayHello }\n');
    const { stdout } = await runInProcess(['test', path, folder, join(folder, '.', 'a.requests.yaml')]);
    expect(stdout).to.include('1 passed: 1 request in 1 file');
  });

  it('refuses files without requests, and two reports in one place', async () => {
    const empty = write('none.yaml', '  []\n');
    expect(await runInProcess(['test', empty])).to.include({
      status: 1,
      stderr: `stubless: there are no requests in ${empty}\n`,
    });
    const path = write('a.yaml', '  - { name: a, method: SayHello }\n');
    const both = await runInProcess(['test', path, '--report', 'json=-', '--report', 'junit=-']);
    expect(both).to.include({
      status: 2,
      stdout: '',
      stderr: 'stubless: --report: standard output can have one report only\n',
    });
  });

  it('tells of each report that cannot be written, and writes the others', async () => {
    const path = write('a.yaml', '  - { name: a, method: SayHello }\n');
    const reports = [`junit=${folder}/none/a.xml`, `json=${folder}/out.json`, `json=${folder}/none/a.json`];
    const end = await runInProcess(['test', path, ...reports.flatMap((report) => ['--report', report])]);
    expect(end.stderr.match(/cannot write .*\/none\/a\.(?:xml|json)/g)).to.have.length(2);
    expect(end.status).to.equal(1);
    expect(existsSync(join(folder, 'out.json'))).to.equal(true);
  });
});
