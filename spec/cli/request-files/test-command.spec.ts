// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// `stubless test` against the example server: what runs, what is told of it, and how it ends.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runInProcess, type Setup } from '../in-process.ts';
import { endOf, runCli, startCli } from '../run-cli.ts';
import { exampleFolder } from './example-folder.ts';

const SCHEMA = `schema: { proto: [${process.cwd()}/protos/helloworld.proto, ${process.cwd()}/protos/route_guide.proto] }`;

describe('stubless test', function () {
  this.timeout(30_000);

  const folder = exampleFolder();

  /** Runs one file; times, the port and the folder are taken out of what it prints. */
  async function run(requests: string, args: readonly string[] = [], setup: Setup = {}) {
    const path = join(folder.path, 'a.requests.yaml');
    writeFileSync(path, `target: localhost:${folder.port}\n${SCHEMA}\nrequests:\n${requests}`);
    const end = await runInProcess(['test', path, ...args], setup);
    return { ...end, stdout: plain(end.stdout), stderr: plain(end.stderr) };
  }

  const plain = (text: string): string =>
    text
      .replaceAll(`${folder.path}/`, '')
      .replaceAll(String(folder.port), 'PORT')
      .replaceAll(`${process.cwd()}/`, '')
      .replace(/\((?:\d+(?:\.\d+)?) m?s([,)])/g, '(TIME$1');

  it('passes quietly, a line for each file', async () => {
    const end = await run(
      '  - { name: greets, method: SayHello, request: { name: you }, expect: { reply: { message: Hello you } } }\n',
    );
    expect(end).to.deep.equal({
      status: 0,
      stdout: '✓ a.requests.yaml: 1 passed (TIME)\n1 passed: 1 request in 1 file (TIME)\n',
      stderr: '',
    });
  });

  it('shows each request with -v', async () => {
    const { stdout } = await run('  - { name: greets, method: SayHello }\n', ['-v']);
    expect(stdout).to.include('  ✓ greets (TIME)\n');
  });

  it('tells what was expected, what came, where, and how to send it again', async () => {
    const end = await run(`  - name: greets
    method: SayHello
    request: { name: "it's you" }
    metadata: { x-request-id: [a, b] }
    timeout: 5s
    expect:
      reply: { message: Hello me }
`);
    expect(end).to.deep.equal({
      status: 1,
      stdout: `✗ a.requests.yaml: 1 failed (TIME)
  ✗ greets  helloworld.Greeter.SayHello (TIME)
      reply.message
        expected "Hello me"
        came     "Hello it's you"
      --> a.requests.yaml:10:25
      10 |       reply: { message: Hello me }
         |                         ^
      again: stubless call localhost:PORT helloworld.Greeter/SayHello -d '{"name":"it'\\''s you"}' -H 'x-request-id: a' -H 'x-request-id: b' --proto protos/helloworld.proto --proto protos/route_guide.proto --timeout 5s
1 failed: 1 request in 1 file (TIME)
`,
      stderr: '',
    });
  });

  it('shows the line that asked for it below each failure, once for those of one line', async () => {
    const { stdout } = await run(`  - name: finds
    method: GetFeature
    request: { latitude: 407838351, longitude: -746143763 }
    expect:
      within: 1h
      reply:
        name: Elsewhere
        location: { latitude: 1, longitude: 2 }
`);
    expect(
      stdout.slice(stdout.indexOf('      reply'), stdout.indexOf('      again')),
    ).to.equal(`      reply.name
        expected "Elsewhere"
        came     "Patriots Path, Mendham, NJ 07945, USA"
      --> a.requests.yaml:10:15
      10 |         name: Elsewhere
         |               ^
      reply.location.latitude
        expected 1
        came     407838351
      reply.location.longitude
        expected 2
        came     -746143763
      --> a.requests.yaml:11:31
      11 |         location: { latitude: 1, longitude: 2 }
         |                               ^             ^
`);
  });

  it('gives a line that a shell takes, and that sends the same', async () => {
    const { stdout } = await run(`  - name: greets
    method: SayHello
    request: { name: "it's \\"you\\" $HOME" }
    expect: { reply: { message: no } }
`);
    const [, line = ''] = /again: stubless (.*)/.exec(stdout) ?? [];
    const { execFileSync } = await import('node:child_process');
    const command = `${process.execPath} dist/cli.cjs ${line.replace('PORT', String(folder.port))}`;
    expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).to.equal(
      '{"message":"Hello it\'s \\"you\\" $HOME"}\n',
    );
  });

  it('carries values from one request to the next, with their types', async () => {
    const end = await run(`  - name: first
    method: GetFeature
    request: { latitude: 407838351, longitude: -746143763 }
    capture: { lat: location.latitude, place: location, named: name, by: { trailer: x-none } }
`);
    expect(end.stdout).to.include(
      'capture.by\n        expected the trailer x-none\n        came     nothing there',
    );
    const next = await run(`  - name: first
    method: GetFeature
    request: { latitude: 407838351, longitude: -746143763 }
    capture: { lat: location.latitude, place: location, named: name }
  - name: second
    method: GetFeature
    request: "\${place}"
    expect: { reply: { name: "\${named}", location: { latitude: "\${lat}" } } }
  - name: third
    method: SayHello
    request: { name: "\${lat} \${named}" }
    expect: { reply: { message: "Hello 407838351 Patriots Path, Mendham, NJ 07945, USA" } }
`);
    expect(next.stdout).to.include('3 passed');
  });

  it('skips what needs a capture that did not come', async () => {
    const { status, stdout } = await run(`  - name: first
    method: SayHello
    request: { name: nobody }
    capture: { said: message }
  - name: second
    method: SayHello
    request: { name: "\${said}" }
`);
    expect(stdout).to.include("  - second: skipped: ${said} did not come: 'first' gave none\n");
    expect(status).to.equal(1);
  });

  it('runs only what is asked for, and what that needs', async () => {
    const requests = `  - { name: other, method: SayHello }
  - { name: login, method: SayHello, capture: { said: message } }
  - { name: smoke, method: SayHello, tags: [smoke, fast], request: { name: "\${said}" } }
`;
    for (const args of [
      ['--tag', 'smoke'],
      ['--grep', 'smo'],
    ]) {
      const { stdout } = await run(requests, ['-v', ...args]);
      expect(stdout).to.include('✓ login').and.include('✓ smoke').and.not.include('other');
    }
    const refused = async (...args: string[]): Promise<string> => {
      const { status, stdout, stderr } = await run(requests, args);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
      return stderr;
    };
    expect(await refused('--tag', 'smoek')).to.equal(
      "stubless: --tag: no request has the tag 'smoek'; did you mean 'smoke'?\n",
    );
    expect(await refused('--grep', 'logni')).to.equal(
      "stubless: --grep: no request has 'logni' in its name; did you mean 'login'?\n",
    );
    expect(await refused('--grep', 'login', '--tag', 'smoke')).to.equal(
      "stubless: --grep: no request has 'login' in its name and such a --tag\n",
    );
  });

  it('stops at the first failure with --bail', async () => {
    const { stdout } = await run(
      '  - { name: a, method: SayHello, request: { name: nobody } }\n  - { name: b, method: SayHello }\n',
      ['--bail'],
    );
    expect(stdout).to.include('- b: skipped: another request failed (--bail)');
  });

  it('tries again with --retry, and says so', async () => {
    const { stdout } = await run('  - { name: a, method: SayHello, request: { name: nobody } }\n', [
      '--retry',
      '1',
    ]);
    expect(stdout).to.include('helloworld.Greeter.SayHello (TIME, 2 attempts)');
  });

  it('sends a request for each row, of the file itself, of CSV and of JSON lines', async () => {
    writeFileSync(
      join(folder.path, 'rows.csv'),
      'lat,lon,named\n407838351,-746143763,"Patriots Path, Mendham, NJ 07945, USA"\n1,1,""\n',
    );
    writeFileSync(join(folder.path, 'rows.jsonl'), '{"who":"a"}\n\n{"who":"b"}\n');
    const { stdout, status } = await run(
      `  - name: inline
    method: SayHello
    each: [{ who: a, said: Hello a }, { who: b, said: Hello c }]
    request: { name: "\${who}" }
    expect: { reply: { message: "\${said}" } }
  - name: csv
    method: GetFeature
    each: { csv: rows.csv }
    request: { latitude: "\${lat}", longitude: "\${lon}" }
    expect: { reply: { name: "\${named}" } }
  - name: lines
    method: SayHello
    each: { jsonl: rows.jsonl }
    request: { name: "\${who}" }
    expect: { reply: { message: "Hello \${who}" } }
`,
      ['-v'],
    );
    expect(stdout).to.include('✓ inline [1]').and.include('✗ inline [2]').and.include('came     "Hello b"');
    expect(stdout).to.include('✓ csv [1]').and.include('✓ csv [2]').and.include('✓ lines [2]');
    expect(status).to.equal(1);
  });

  it('sends messages of a stream after a while, and after replies', async () => {
    const { stdout } = await run(`  - name: chat
    method: SayHelloBidiStream
    requests:
      - { name: a }
      - { name: b, $delay: 5ms }
      - { name: c, $afterReply: 2 }
    expect:
      replies: [{ message: Hello a }, { message: Hello b }, { message: Hello c }]
`);
    expect(stdout).to.include('1 passed');
  });

  it('ends a stream that falls silent, where that is expected', async () => {
    const { stdout } = await run(`  - name: silent
    method: SayHelloBidiStream
    requests: [{ name: a }, { name: b, $delay: 10s }]
    expect: { replies: [{ message: Hello a }], quietFor: 50ms }
`);
    expect(stdout).to.include('1 passed');
  });

  it('tells of a server that is not there, and runs the files of others', async () => {
    const [here, there] = ['here', 'there'].map((name) => join(folder.path, `${name}.requests.yaml`));
    const body = 'requests: [{ name: a, method: helloworld.Greeter/SayHello }]\n';
    writeFileSync(here, `target: localhost:${folder.port}\n${SCHEMA}\n${body}`);
    writeFileSync(there, `target: localhost:1\n${body}`);
    const { status, stdout } = await runInProcess(['test', here, there]);
    expect(stdout).to.include('there.requests.yaml: nothing was sent\n').and.include('UNAVAILABLE');
    expect(stdout).to.include('here.requests.yaml: 1 passed').and.include('1 file not sent, 1 passed');
    expect(status).to.equal(1);
  });

  it('ends calls at --timeout, unless they say otherwise', async () => {
    const sleepy = 'method: SayHello, request: { name: sleepy }, expect: { status: DEADLINE_EXCEEDED }';
    const { stdout } = await run(`  - { name: a, ${sleepy} }\n  - { name: b, timeout: 30ms, ${sleepy} }\n`, [
      '--timeout',
      '40ms',
    ]);
    expect(stdout).to.include('2 passed');
  });

  it('ends at an interruption, and skips what is left', async function () {
    if (process.platform === 'win32') this.skip();
    const own = mkdtempSync(join(folder.path, 'interrupted-'));
    const path = join(own, 'long.yaml');
    const long = '  - { name: NAME, method: SayHello, request: { name: sleepy }, timeout: 60s }\n';
    const requests = ['a', 'b'].map((name) => long.replace('NAME', name)).join('');
    writeFileSync(
      path,
      `target: localhost:${folder.port}\n${SCHEMA}\nrequests:\n  - { name: first, method: SayHello }\n${requests}`,
    );
    const other = join(own, 'quick.yaml');
    writeFileSync(
      other,
      `target: localhost:${folder.port}\n${SCHEMA}\nrequests:\n  - { name: quick, method: SayHello }\n`,
    );
    const child = startCli(['test', path, other]);
    const ended = endOf(child);
    // The quick one has ended, so the other one runs.
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).to.equal(130);
    expect(stdout).to.include('b: skipped: interrupted');
  });

  it('fails where something failed, though nobody reads that', async () => {
    const own = mkdtempSync(join(folder.path, 'unread-'));
    const head = `target: localhost:${folder.port}\n${SCHEMA}\nrequests:\n  - { name: one, method: SayHello`;
    writeFileSync(join(own, 'a.requests.yaml'), `${head} }\n`);
    const failing = `${head}, request: { name: nobody }, retry: 2 }\n`;
    for (const name of ['b', 'c']) writeFileSync(join(own, `${name}.requests.yaml`), failing);
    const child = startCli(['test', own, '-j', '1']);
    const ended = endOf(child);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).to.deep.include({ status: 1, stderr: '' });
  });

  it('runs as it was built', async () => {
    const path = join(folder.path, 'built.requests.json');
    writeFileSync(
      path,
      JSON.stringify({
        target: `localhost:${folder.port}`,
        schema: { proto: `${process.cwd()}/protos/helloworld.proto` },
        requests: [
          {
            name: 'as it was built',
            method: 'SayHello',
            request: { name: 'x' },
            expect: { reply: { message: 'Hello x' } },
          },
        ],
      }),
    );
    const end = await runCli(
      ['test', folder.path, '--grep', 'as it was built', '--report', `json=${folder.path}/out.json`],
      {
        cwd: folder.path,
      },
    );
    expect(end.stderr).to.equal('');
    expect(JSON.parse(readFileSync(join(folder.path, 'out.json'), 'utf8'))).to.include({ version: 1 });
  });
});
