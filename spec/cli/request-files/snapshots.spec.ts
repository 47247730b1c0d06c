// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Snapshots of files of requests, runs at each change, and coverage.

import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { maskedSnapshot } from '../../../lib/cli/request-files/snapshot-files.ts';
import { renewedSnapshot } from '../../../lib/requests/run/snapshot.ts';
import { Secrets } from '../../../lib/requests/secrets.ts';
import { runInProcess } from '../in-process.ts';
import { startCli } from '../run-cli.ts';
import { exampleFolder } from './example-folder.ts';

describe('stubless test', function () {
  this.timeout(30_000);

  const folder = exampleFolder();

  const head = (): string =>
    `target: localhost:${folder.port}\nschema: { proto: [${process.cwd()}/protos/helloworld.proto, ${process.cwd()}/protos/route_guide.proto] }\nrequests:\n`;

  it('writes snapshots with --update, holds to them, and renews what no longer holds', async () => {
    const path = join(folder.path, 'a.requests.yaml');
    const snapshots = join(folder.path, 'a.snapshots.yaml');
    const requests = (name: string): string =>
      `${head()}  - { name: one, method: SayHello, request: { name: ${name} }, expect: { snapshot: true } }
  - { name: many, method: SayHelloStreamReply, request: { name: a }, expect: { snapshot: true } }
  - { name: fails, method: SayHello, request: { name: nobody }, expect: { snapshot: true } }
`;
    writeFileSync(path, requests('you'));
    const missing = await runInProcess(['test', path]);
    expect(missing.stdout).to.include(
      'snapshot\n        expected one\n        came     none; --update writes it',
    );
    expect(missing.status).to.equal(1);
    expect(existsSync(snapshots)).to.equal(false);

    const made = await runInProcess(['test', path, '--update']);
    expect(made.stderr).to.equal(`stubless: wrote 3 snapshots to ${snapshots}\n`);
    expect(made.status).to.equal(0);
    expect(readFileSync(snapshots, 'utf8')).to.include('message: Hello you').and.include('code: NOT_FOUND');
    expect((await runInProcess(['test', path])).stdout).to.include('3 passed');

    // What a person has written stays.
    const edited = readFileSync(snapshots, 'utf8').replace(
      'message: Salut a',
      'message: { $matches: ^Salut } # kept',
    );
    writeFileSync(snapshots, edited);
    writeFileSync(path, requests('me'));
    const other = await runInProcess(['test', path]);
    expect(other.stdout).to.include('expected "Hello you"\n        came     "Hello me"');
    expect(other.stdout).to.match(/--> .*a\.snapshots\.yaml:(\d+):\d+\n {6}\1 \| +\S/);
    expect((await runInProcess(['test', path, '--update'])).stderr).to.include('wrote 1 snapshot');
    expect(readFileSync(snapshots, 'utf8')).to.include('message: Hello me').and.include('# kept');
    expect((await runInProcess(['test', path])).stdout).to.include('3 passed');
  });

  it('tells of mistakes in snapshots', async () => {
    const path = join(folder.path, 'b.requests.yaml');
    writeFileSync(path, `${head()}  - { name: one, method: SayHello, expect: { snapshot: true } }\n`);
    writeFileSync(join(folder.path, 'b.snapshots.yaml'), 'one: { reply: { mesage: 1 } }\n');
    const { stderr } = await runInProcess(['test', path]);
    expect(stderr).to.equal(
      `stubless: ${folder.path}/b.snapshots.yaml:1:17: mesage: helloworld.HelloReply has no field 'mesage'; did you mean 'message'?\n`,
    );
  });

  it('leave the numbers of other snapshots as they are, and no secret in keys and numbers', async () => {
    const path = join(folder.path, 'numbers.requests.yaml');
    const kept = 'other: { reply: { id: 9007199254740993, price: 1.50 } }\n';
    writeFileSync(join(folder.path, 'numbers.snapshots.yaml'), kept);
    writeFileSync(path, `${head()}  - { name: one, method: SayHello, expect: { snapshot: true } }\n`);
    expect((await runInProcess(['test', path, '--update'])).status).to.equal(0);
    expect(readFileSync(join(folder.path, 'numbers.snapshots.yaml'), 'utf8')).to.include(kept);

    const secrets = new Secrets();
    secrets.add('PIN', '73519264');
    const masked = maskedSnapshot(
      { reply: { '73519264': [73519264, 73519264n, '73519264', 7, true] } },
      secrets,
    );
    expect(masked).to.deep.equal({
      reply: { '${env:PIN}': ['${env:PIN}', '${env:PIN}', '${env:PIN}', 7, true] },
    });
  });

  it('that cannot be read or written are told by name, and keep no report from being written', async () => {
    const path = join(folder.path, 'unread.requests.yaml');
    const snapshots = join(folder.path, 'unread.snapshots.yaml');
    writeFileSync(path, `${head()}  - { name: one, method: SayHello, expect: { snapshot: true } }\n`);
    mkdirSync(snapshots);
    const unread = await runInProcess(['test', path]);
    expect(unread.status).to.equal(1);
    expect(unread.stderr).to.include(`${snapshots}:1:1: cannot read ${snapshots}: EISDIR`);
    rmSync(snapshots, { recursive: true });
    symlinkSync(join(folder.path, 'no', 'such', 'folder'), snapshots);
    const report = join(folder.path, 'unread.json');
    const unwritten = await runInProcess([
      ...['test', path, '--update'],
      ...['--report', `junit=${folder.path}/no/such/folder.xml`, '--report', `json=${report}`],
    ]);
    expect(unwritten.status).to.equal(1);
    expect(unwritten.stdout).to.include('1 passed');
    expect(unwritten.stderr).to.include('stubless: cannot write');
    expect(JSON.parse(readFileSync(report, 'utf8')).passed).to.equal(1);
  });

  it('counts what was called and what came', async () => {
    const path = join(folder.path, 'c.requests.yaml');
    writeFileSync(
      path,
      `${head()}  - { name: one, method: SayHello }\n  - { name: two, method: GetFeature }\n`,
    );
    const { stdout } = await runInProcess(['test', path, '--coverage', '--report', 'json=-']);
    const { coverage } = JSON.parse(stdout);
    expect(coverage.methods).to.deep.equal([
      {
        of: 'helloworld.Greeter',
        seen: ['SayHello'],
        missing: ['SayHelloAgain', 'SayHelloStreamReply', 'SayHelloBidiStream'],
      },
      {
        of: 'routeguide.RouteGuide',
        seen: ['GetFeature'],
        missing: ['ListFeatures', 'RecordRoute', 'RouteChat'],
      },
    ]);
    const text = (await runInProcess(['test', path, '--coverage'])).stdout;
    expect(text).to.include('  methods called: 2 of 8\n');
  });

  it('keeps the snapshots of files apart whose names differ in their ends', async () => {
    const own = mkdtempSync(join(folder.path, 'apart-'));
    const names = ['a.requests.yaml', 'a.requests.yml', 'a.requests.json', 'a.yaml', 'a.json'];
    for (const name of names) {
      const { port } = folder;
      const request = { name: 'one', method: 'SayHello', request: { name }, expect: { snapshot: true } };
      const schema = { proto: `${process.cwd()}/protos/helloworld.proto` };
      writeFileSync(
        join(own, name),
        JSON.stringify({ target: `localhost:${port}`, schema, requests: [request] }),
      );
    }
    const paths = names.map((name) => join(own, name));
    const made = await runInProcess(['test', ...paths, '--update']);
    expect(made.stderr.split('\n')).to.have.length(names.length + 1);
    expect(existsSync(join(own, 'a.snapshots.yaml'))).to.equal(true);
    expect(existsSync(join(own, 'a.requests.json.snapshots.yaml'))).to.equal(true);
    const held = await runInProcess(['test', ...paths]);
    expect(held.stdout).to.include(`${names.length} passed: ${names.length} requests`);
  });

  it('runs again when a file changes, or comes back with its folder, until it is interrupted', async function () {
    if (process.platform === 'win32') this.skip();
    const watched = mkdtempSync(join(folder.path, 'watched-'));
    const path = join(watched, 'a.requests.yaml');
    writeFileSync(path, `${head()}  - { name: one, method: SayHello }\n`);
    const child = startCli(['test', watched, '--watch', '--report', `junit=${watched}/out.json`]);
    let text = '';
    const until = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(text)) {
        const [chunk] = await once(child.stdout, 'data');
        text += String(chunk);
      }
      text = '';
    };
    await until(/1 request in 1 file.*\n.*waiting for changes/);
    writeFileSync(
      path,
      `${head()}  - { name: one, method: SayHello }\n  - { name: two, method: SayHello }\n`,
    );
    await until(/2 requests in 1 file.*\n.*waiting for changes/);
    rmSync(watched, { recursive: true });
    await until(/waiting for changes/);
    mkdirSync(watched);
    writeFileSync(path, `${head()}  - { name: back, method: SayHello }\n`);
    await until(/1 request in 1 file.*\n.*waiting for changes/);
    writeFileSync(path, `${head()}  - { name: back, method: SayHello, tags: [changed] }\n`);
    await until(/1 request in 1 file.*\n.*waiting for changes/);
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).to.equal(130);
  });
});

describe('A renewed snapshot', () => {
  const rows: readonly [string, unknown, unknown, readonly string[], unknown][] = [
    [
      'takes what differs',
      { reply: { a: 1, b: 2 } },
      { reply: { a: 3, b: 4 } },
      ['reply.a'],
      { reply: { a: 3, b: 2 } },
    ],
    [
      'keeps what was edited and holds',
      { reply: { $exactly: { a: { $present: true }, b: 2 } } },
      { reply: { $exactly: { a: 7, b: 3 } } },
      ['reply.b'],
      { reply: { $exactly: { a: { $present: true }, b: 3 } } },
    ],
    [
      'replaces operators that do not hold',
      { reply: { a: { $above: 9 } } },
      { reply: { $exactly: { a: 7 } } },
      ['reply.a'],
      { reply: { a: 7 } },
    ],
    [
      'goes into lists',
      { replies: [{ a: 1 }, { a: 2 }] },
      { replies: [{ a: 1 }, { a: 3 }] },
      ['replies[1].a'],
      { replies: [{ a: 1 }, { a: 3 }] },
    ],
    [
      'follows the kind of end',
      { reply: { a: 1 } },
      { status: { code: 'NOT_FOUND' } },
      ['status'],
      { status: { code: 'NOT_FOUND' } },
    ],
    [
      'gains and loses fields',
      { reply: { $exactly: { a: 1 } } },
      { reply: { $exactly: { b: 1 } } },
      ['reply.a', 'reply.b'],
      { reply: { $exactly: { b: 1 } } },
    ],
  ];
  for (const [name, old, fresh, failed, renewed] of rows) {
    it(name, () => {
      expect(renewedSnapshot(old, fresh, failed)).to.deep.equal(renewed);
    });
  }
});
