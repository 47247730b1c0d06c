// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Secrets of files of requests: whatever a run prints or writes, none of it holds a planted token, even where the server
// sends it back.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Secrets } from '../../../lib/requests/secrets.ts';
import { runInProcess } from '../in-process.ts';
import { runCli } from '../run-cli.ts';
import { exampleFolder } from './example-folder.ts';

/** Long enough to be shortened where values are shown; with what JSON, XML and shells escape. */
const TOKEN = `pl"an<ted'&${'0123456789abcdefghijklmnopqrstuvwxyz'.repeat(6)}`;
const SHORT = 'q7Z!';
/** No more of a long secret may be seen than so many characters in a row. */
const SEEN = 12;

describe('Secrets of files of requests', function () {
  this.timeout(30_000);

  const folder = exampleFolder();
  let file = '';
  before(() => {
    file = folder.write(
      `variables: { token: "\${env:TOKEN}" }
requests:
  - name: echoed in a reply
    method: SayHello
    request: { name: "\${token}" }
    metadata: { authorization: "Bearer \${env:TOKEN}", x-request-id: "\${env:ASCII}" }
    expect:
      reply: { message: no }
      headers: { x-request-id: no }
  - name: expected and not come
    method: SayHello
    request: { name: x }
    expect: { reply: { message: "\${env:TOKEN}" } }
    capture: { said: message }
  - name: echoed in an error
    method: SayHello
    request: { name: "nobody \${env:TOKEN}" }
  - name: captured
    method: SayHello
    request: { name: "\${env:SHORT}" }
    expect: { reply: { message: no } }
  - name: in rows
    method: SayHello
    each: [{ who: "\${env:TOKEN}" }]
    request: { name: "\${who}" }
    expect: { reply: { message: { $length: 1 } } }
`,
    );
  });

  const env = { TOKEN, SHORT, ASCII: TOKEN };
  const args = (more: readonly string[]): string[] => [
    'test',
    file,
    '-v',
    '--coverage',
    '--report',
    `junit=${folder.path}/junit.xml`,
    '--report',
    `json=${folder.path}/report.json`,
    ...more,
  ];

  function expectNone(what: string, text: string): void {
    const forms = [TOKEN, JSON.stringify(TOKEN).slice(1, -1), Buffer.from(TOKEN).toString('base64')];
    for (const form of forms) {
      for (let at = 0; at + SEEN <= form.length; at++) {
        const part = form.slice(at, at + SEEN);
        expect(text.includes(part), `${what} shows ${part} in ${text}`).to.equal(false);
      }
    }
    expect(text.includes(SHORT), `${what} shows the short one`).to.equal(false);
  }

  it('are in nothing that is printed or written', async () => {
    const end = await runInProcess(args([]), { env: { ...env, GITHUB_ACTIONS: 'true' } });
    expect(end.status).to.equal(1);
    const printed = { ...end, status: '' };
    expect(printed.stdout).to.include('5 failed').and.include('${env:TOKEN}').and.include('::error file=');
    expectNone('standard output', printed.stdout);
    expectNone('standard error', printed.stderr);
    for (const name of ['junit.xml', 'report.json']) {
      const text = readFileSync(join(folder.path, name), 'utf8');
      expect(text).to.include('${env:TOKEN}');
      expectNone(name, text);
    }
  });

  it('are in nothing that the built command prints, in colours or not', async () => {
    for (const more of [{}, { FORCE_COLOR: '1', NO_COLOR: '' }]) {
      const end = await runCli(args([]), { env: { ...env, ...more } });
      expect(end.stdout).to.include('5 failed');
      expectNone('standard output', end.stdout);
      expectNone('standard error', end.stderr);
    }
  });

  it('are in no mistake', async () => {
    const path = join(folder.path, 'bad.requests.yaml');
    writeFileSync(
      path,
      `target: "\${env:TOKEN}"\nrequests:\n  - { method: SayHello, request: { name: "\${env:SHORT}", a: 1 } }\n`,
    );
    const end = await runInProcess(['test', path], { env });
    expect(end.status).to.not.equal(0);
    expectNone('standard output', end.stdout);
    expectNone('standard error', end.stderr);
  });

  it('come back from the environment in the line that sends a request again', async () => {
    const { stdout } = await runInProcess(args(['--grep', 'echoed in a reply']), { env });
    expect(stdout).to.include(`-H 'authorization: Bearer \${TOKEN}'`);
    expect(stdout).to.include(`-d '{"name":"'"$TOKEN"'"}'`);
  });

  it('come from a file outside of the repository', async () => {
    const outside = join(folder.path, 'secrets.env');
    writeFileSync(outside, `# for tests\nexport TOKEN="${SHORT}-of-file"\nASCII = x-of-file\n\nSHORT=abcd\n`);
    const { stdout } = await runInProcess(args(['--secrets', outside, '--grep', 'echoed in a reply']), {});
    expect(stdout).to.include('came     "Hello ${env:TOKEN}"').and.not.include('of-file');
    const repository = join(folder.path, 'repository');
    mkdirSync(join(repository, '.git'), { recursive: true });
    writeFileSync(join(repository, 'secrets.env'), '');
    expect(await runInProcess(args(['--secrets', join(repository, 'secrets.env')]))).to.include({
      status: 2,
      stderr: `stubless: ${repository}/secrets.env is inside of the repository ${repository}; secrets belong outside, where they cannot be committed\n`,
    });
    writeFileSync(outside, `${TOKEN}\n`);
    const { stderr } = await runInProcess(args(['--secrets', outside]));
    expect(stderr).to.equal(`stubless: ${outside}:1:1: not of the form NAME=value\n`);
  });
});

describe('Captured secrets of files of requests', function () {
  this.timeout(30_000);

  const folder = exampleFolder();

  /** What no server's own words contain, in each way in which a value becomes secret. */
  const PLANTED = {
    named: 'zq81-planted-by-its-name',
    said: 'zq82-planted-as-the-file-says',
    shaped: `eyJhbGciOiJIUzI1NiJ9.${'zq83plantedshape'.repeat(20)}`,
    used: 'zq84-planted-by-its-use',
    header: 'zq85-planted-by-its-header',
    given: 'zq86-planted-on-the-line',
  };
  const OPEN = 'zq99-not-a-secret-at-all';

  function write(name: string): string {
    const login = (name_: string, value: string, capture: string): string =>
      `  - { name: ${name_}, method: SayHello, request: { name: "${value}" }, capture: { ${capture} } }\n`;
    return folder.write(
      `variables: { password: none }
requests:
${login('a', PLANTED.named, 'token: message')}${login('b', PLANTED.said, 'id: { path: message, secret: true }')}${login('d', PLANTED.used, 'used: message')}  - name: c
    method: SayHello
    metadata: { x-request-id: "${PLANTED.shaped}" }
    capture: { plain: { header: x-request-id } }
  - name: e
    method: SayHello
    metadata: { x-request-id: "${PLANTED.header}" }
    capture: { sid: { header: x-request-id, secret: true } }
${login('f', OPEN, 'session: { path: message, secret: false }')}  - name: uses them
    method: SayHello
    request: { name: "\${token} \${id} \${plain} \${used} \${sid} \${session} \${password}" }
    metadata: { authorization: "Bearer \${used}" }
    expect: { reply: { message: no } }
  - name: expects them
    method: SayHello
    expect: { reply: { message: "\${token}" }, trailers: { x-a: "\${id}", x-b: "\${plain}", x-c: "\${used}", x-d: "\${sid}", x-e: "\${session}" } }
  - name: fails with them
    method: SayHello
    request: { name: "nobody \${token} \${id}" }
  - name: kept
    method: SayHello
    request: { name: "\${token} \${used}" }
    metadata: { authorization: "Bearer \${used}" }
    expect: { snapshot: true }
`,
      name,
    );
  }

  function expectNone(what: string, text: string): void {
    for (const [name, value] of Object.entries(PLANTED)) {
      // What the file itself says stands in it; what came of it does not.
      for (const form of [value, Buffer.from(value).toString('base64')]) {
        for (let at = 0; at + SEEN <= form.length; at++) {
          const part = form.slice(at, at + SEEN);
          expect(text.includes(part), `${what} shows ${part} of ${name} in ${text}`).to.equal(false);
        }
      }
    }
  }

  const given = ['--var', `password=${PLANTED.given}`];

  it('are in nothing that a run prints or writes', async () => {
    const path = write('captured.requests.yaml');
    const reports = [
      '--report',
      `junit=${folder.path}/junit.xml`,
      '--report',
      `json=${folder.path}/report.json`,
    ];
    const args = ['test', path, '-v', '--coverage', ...reports, ...given];
    for (const more of [[], ['--update'], ['-j', '1', '--retry', '1']]) {
      const { stdout, stderr } = await runInProcess([...args, ...more], { env: { GITHUB_ACTIONS: 'true' } });
      expect(stdout).to.include('${token}').and.include('::error file=').and.include(OPEN);
      expectNone('standard output', stdout);
      expectNone('standard error', stderr);
      for (const name of ['junit.xml', 'report.json']) {
        const text = readFileSync(join(folder.path, name), 'utf8');
        expect(text).to.include('${token}').and.include(OPEN);
        expectNone(name, text);
      }
    }
    expectNone('the snapshots', readFileSync(join(folder.path, 'captured.snapshots.yaml'), 'utf8'));
    const { stdout } = await runInProcess(['test', path, '--grep', 'kept', ...given]);
    expect(stdout, 'a snapshot holds for the next value').to.include('3 passed');
  });

  it('are captured anew by the line that sends a request again', async () => {
    const path = write('again.requests.yaml');
    const { stdout } = await runInProcess(['test', path, '--grep', 'uses them', ...given]);
    expect(stdout).to.include(`again: stubless call '${path}#uses them'\n`);
  });

  it('are in nothing that call, bench and the REPL print or save', async () => {
    const path = write('call.requests.yaml');
    const page = join(folder.path, 'bench.html');
    const saved = join(folder.path, 'saved.requests.yaml');
    const uses = `${path}#uses them`;
    const ends = [
      await runInProcess(['call', uses, '-v', '-o', 'full', '--save', `${saved}#one`, ...given]),
      await runInProcess(['call', `${path}#fails with them`, '-v', ...given]),
      await runInProcess([
        'bench',
        `${path}#fails with them`,
        '-n',
        '2',
        '-c',
        '1',
        '--html',
        page,
        ...given,
      ]),
      await runInProcess(['bench', `${path}#fails with them`, '-n', '2', '-c', '1', '--json', ...given]),
      await runInProcess(['repl', `localhost:${folder.port}`, '--proto', 'protos/helloworld.proto'], {
        stdin: `set verbose on\ncall '${path}#kept'\nsave '${saved}#two'\n`,
      }),
    ];
    for (const { stdout, stderr } of ends) {
      expectNone('standard output', stdout);
      expectNone('standard error', stderr);
    }
    expect(ends[0].stdout).to.include('${token}').and.include(OPEN);
    expectNone('the page', readFileSync(page, 'utf8'));
    const written = readFileSync(saved, 'utf8');
    expect(ends[4].stderr).to.include('added to');
    expect(written).to.include('name: one').and.include('name: two').and.include('${env:TOKEN}');
    expectNone('the saved requests', written);
  });
});

describe('Secrets', () => {
  const secrets = new Secrets();
  secrets.add('A', 'abcdefghijklmnop');
  secrets.add('B', 'klmnopqrstuvwxyz');
  secrets.add('SHORT', 'abc');
  secrets.add('FOUR', 'wxyz');
  secrets.add('DOLLAR', 'x${y}');
  secrets.add('ANGLE', 'a<b&c');

  const rows: readonly [string, string][] = [
    ['nothing of it', 'nothing of it'],
    ['<abcdefghijklmnop>', '<${env:A}>'],
    ['parts: abcdefghijkl…', 'parts: ${env:A}…'],
    ['…efghijklmnop', '…${env:A}'],
    ['too short a part: abcdefghijk', 'too short a part: abcdefghijk'],
    ['abcdefghijklmnopqrstuvwxyz', '${env:A}${env:B}'],
    ['wxyz abc', '${env:FOUR} abc'],
    [Buffer.from('abcdefghijklmnop').toString('base64'), '${env:A}'],
    ['cut off: "klmnopq…"', 'cut off: "${env:B}…"'],
    ['cut off before: "…vwxyz"', 'cut off before: "…${env:B}"'],
    ['three of it: abc…', 'three of it: abc…'],
    ['four of it: abcd…', 'four of it: ${env:A}…'],
    ['in a file: x$${y}', 'in a file: ${env:DOLLAR}'],
    ['of Go: a\\u003cb\\u0026c', 'of Go: ${env:ANGLE}'],
  ];
  for (const [text, masked] of rows) {
    it(`are hidden in '${text}'`, () => {
      expect(secrets.masked(text)).to.equal(masked);
    });
  }

  it('are kept up to a number of characters, in all their forms', () => {
    const values = Array.from({ length: 20 }, () => randomBytes(150).toString('base64url'));
    // How many characters all of their forms have is looked for: the least limit that they fit.
    const isFitting = (limit: number): boolean => {
      const own = new Secrets(limit);
      try {
        for (const value of values) own.addCaptured('token', value);
        return true;
      } catch (error) {
        expect(error).to.be.instanceOf(RangeError);
        expect(String(error)).to.include(`more than ${limit} characters`);
        return false;
      }
    };
    let [least, most] = [0, 1_000_000];
    while (least < most) {
      const middle = (least + most) >> 1;
      if (isFitting(middle)) most = middle;
      else least = middle + 1;
    }
    expect([isFitting(least - 1), isFitting(least)]).to.deep.equal([false, true]);
    const own = new Secrets(least);
    for (const value of values) own.addCaptured('token', value);
    for (const value of values) expect(own.masked(value)).to.equal('${token}');
    expect(() => own.addCaptured('token', 'one more than fits')).to.throw(RangeError);
    // What is there already takes no more.
    own.addCaptured('again', values[0]);
  });

  it('take no time to speak of where they repeat themselves', () => {
    const own = new Secrets();
    own.addCaptured('token', 'x'.repeat(100_000));
    expect(own.masked(`<${'x'.repeat(10_000)}>`)).to.equal('<${token}>');
  });

  for (const secret of ['hunter2pass', 'a-longer-planted-secret']) {
    for (const before of ['', 'u', 'u:', 'me:', 'user:']) {
      it(`are hidden in the base64 of '${before}${secret}!'`, () => {
        const own = new Secrets();
        own.add('PASSWORD', secret);
        for (const form of ['base64', 'base64url'] as const) {
          const text = own.masked(Buffer.from(`${before}${secret}!`).toString(form));
          expect(text).to.include('${env:PASSWORD}');
          const left = Buffer.from(text.replace('${env:PASSWORD}', ''), 'base64').toString();
          expect(left.length, text).to.be.lessThan(before.length + 6);
        }
      });
    }
  }
});
