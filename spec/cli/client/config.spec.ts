// The config file: which one is found, whether it is believed, what it may change, and what is said of it.

import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findConfig } from '../../../lib/cli/client/config.ts';
import { readConfig, whyUntrusted } from '../../../lib/cli/client/config-file.ts';
import { TestServer } from '../../../lib/testing/index.ts';
import { rejection } from '../../support/closing.ts';
import { CommandProcess } from '../command-process.ts';
import { endOf, runCli, startCli } from '../run-cli.ts';

const NAME = 'stubless.config.json';
const NOBODY = 65534;

describe('the config file', function () {
  this.timeout(30_000);

  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'stubless-config-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = (...parts: string[]): string => join(folder, ...parts);
  const make = (...parts: string[]): string => {
    mkdirSync(path(...parts), { recursive: true });
    return path(...parts);
  };
  const write = (document: unknown, ...parts: string[]): string => {
    const file = path(...parts, NAME);
    writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
    return file;
  };

  describe('is looked for', () => {
    it('here and above, the nearest first', () => {
      const deep = make('a', 'b');
      const above = write({});
      expect(findConfig(deep, undefined)).to.equal(above);
      const here = write({}, 'a', 'b');
      expect(findConfig(deep, undefined)).to.equal(here);
    });

    for (const mark of ['.git', '.hg', '.jj', '.svn']) {
      it(`as far as the root of a repository, where ${mark} is`, () => {
        const deep = make('repository', 'a');
        write({});
        make('repository', mark);
        expect(findConfig(deep, undefined)).to.equal(undefined);
        const own = write({}, 'repository');
        expect(findConfig(deep, undefined)).to.equal(own);
      });
    }

    it('as far as a work tree of git, whose .git is a file', () => {
      const deep = make('tree', 'a');
      write({});
      writeFileSync(path('tree', '.git'), 'gitdir: elsewhere');
      expect(findConfig(deep, undefined)).to.equal(undefined);
    });

    it('as far as the home directory', () => {
      const deep = make('home', 'a');
      write({});
      expect(findConfig(deep, path('home'))).to.equal(undefined);
      symlinkSync('home', path('link'));
      expect(findConfig(deep, path('link'))).to.equal(undefined);
      const own = write({}, 'home');
      expect(findConfig(deep, path('home'))).to.equal(own);
    });
  });

  describe('is believed', () => {
    const user = process.geteuid?.() ?? 0;
    before(function () {
      if (process.geteuid === undefined) this.skip();
    });

    it('where it is the user’s, or root’s', () => {
      expect(whyUntrusted(write({}), user)).to.equal(undefined);
      expect(whyUntrusted('/', user)).to.equal(undefined);
    });

    it('not where it is another user’s', () => {
      // Of a user whose id is another one, unless it were root's.
      if (user === 0) chownSync(write({}), NOBODY, NOBODY);
      else write({});
      expect(whyUntrusted(path(NAME), user === 0 ? 0 : user + 1)).to.match(
        /^belongs to another user \(id \d+\)$/,
      );
    });

    it('not where every user can write to it', () => {
      chmodSync(write({}), 0o666);
      expect(whyUntrusted(path(NAME), user)).to.equal('can be written to by every user');
    });

    it('not where a link to it, or what a link leads to, is another user’s', function () {
      if (user !== 0) this.skip();
      writeFileSync(path('own.json'), '{}');
      symlinkSync('own.json', path('link.json'));
      expect(whyUntrusted(path('link.json'), 0)).to.equal(undefined);
      lchownSync(path('link.json'), NOBODY, NOBODY);
      expect(whyUntrusted(path('link.json'), 0)).to.match(/another user/);
      lchownSync(path('link.json'), 0, 0);
      chownSync(path('own.json'), NOBODY, NOBODY);
      expect(whyUntrusted(path('link.json'), 0)).to.match(/another user/);
    });
  });

  describe('may give', () => {
    const apply = async (document: unknown, word: string, options: object = {}) =>
      (await readConfig(write(document))).apply(word, options);

    it('a header a number of any length', async () => {
      const { options } = await apply({ headers: { 'x-number': 'N' } }, 'host');
      expect(options).to.deep.equal({ header: [['x-number', 'N']] });
      const file = await readConfig(write('{"headers": {"x-number": 12345678901234567890}}'));
      expect(file.apply('host', {}).options).to.deep.equal({
        header: [['x-number', '12345678901234567890']],
      });
    });

    it('a name an address, which is said', async () => {
      const targets = { prod: { address: 'https://api.example.com', timeout: '5s' } };
      expect(await apply({ targets }, 'prod')).to.deep.equal({
        word: 'https://api.example.com',
        options: { timeout: 5000 },
        routing: 'prod is https://api.example.com',
      });
    });

    it('a name that is nearly a target no other meaning, but says so', async () => {
      const targets = {
        staging: { address: 'https://s.example' },
        'spec-files': { address: 'https://x.example' },
      };
      const routing = async (word: string) => (await apply({ targets }, word)).routing;
      expect(await routing('stagin')).to.equal(
        "stagin is taken as a host, since it is not a named target; did you mean 'staging'?",
      );
      // Hosts, addresses and schema files that are like none, or what they are whatever a file says.
      for (const word of ['db', 'stagin.example', 'stagin:443', 'localhost'])
        expect(await routing(word)).to.equal(undefined);
    });

    const addresses = [
      '127.0.0.1:50051',
      'localhost',
      'LOCALHOST',
      'localhost:1',
      'api.example.com',
      'https://x',
      'dns:///x',
      'unix:x',
      '[::1]:1',
      '50051',
      ':50051',
    ];
    for (const address of addresses) {
      it(`no other meaning to ${address}, which is an address`, async () => {
        const file = await readConfig(write({ targets: { [address]: { address: 'https://evil.example' } } }));
        expect(file.targets).to.deep.equal([]);
        const { word, routing } = file.apply(address, {});
        expect(word).to.equal(address);
        expect(routing).to.equal(`${address} is an address, so targets.${address} is not used`);
      });
    }

    const detours: [object, object, string | undefined][] = [
      [{ timeout: '5s' }, {}, undefined],
      [{ proxy: 'http://user:secret@proxy.example:3128' }, {}, 'with proxy http://proxy.example:3128'],
      [{ proxy: 'http://user:sec/r@t@proxy.example:3128' }, {}, 'with proxy http://proxy.example:3128'],
      [{ proxy: 'user:secret@proxy.example:3128' }, {}, 'with proxy proxy.example:3128'],
      [{ proxy: 'http://proxy.example:3128' }, { proxy: 'http://own.example' }, undefined],
      [{ insecure: true, authority: 'x' }, {}, 'with authority x, with insecure'],
      [{ plaintext: true }, { tls: true }, undefined],
      [{ plaintext: true }, {}, 'with plaintext'],
    ];
    for (const [document, options, routing] of detours) {
      it(`${JSON.stringify(document)} beside ${JSON.stringify(options)}, and says ${routing ?? 'nothing'}`, async () => {
        expect((await apply(document, 'host', options)).routing).to.equal(routing);
      });
    }
  });

  describe('is refused', () => {
    const SECRET = 's3cr3t';
    const rows: [string, string, RegExp][] = [
      [
        'with a misspelt option',
        '{"timeuot": "5s"}',
        /json: timeuot is not known; did you mean 'timeout'\?$/,
      ],
      ['with a misspelt part', '{"target": {}}', /target is not known; did you mean 'targets'\?$/],
      [
        'with an option that is nothing like one',
        '{"zzz": {}}',
        /zzz is not known; there are headers, .*, targets$/,
      ],
      [
        'with a misspelt option of a target',
        '{"targets": {"a": {"adress": "x"}}}',
        /targets\.a\.adress is not known; did you mean 'address'\?$/,
      ],
      ['with a misspelt list of headers', '{"header": {}}', /header is not known; .*did you mean 'headers'/],
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'].flatMap(
        (key): [string, string, RegExp][] => [
          [`with ${key}`, `{"${key}": {"proxy": "http://evil.example"}}`, new RegExp(`${key} is not known`)],
          [
            `with ${key} in a target`,
            `{"targets": {"a": {"address": "x", "${key}": {"plaintext": true}}}}`,
            new RegExp(`targets\\.a\\.${key} is not known`),
          ],
        ],
      ),
      ['with an option twice', `{"token": "${SECRET}", "token": "x"}`, /not JSON: 1:21: .*"?token"?/],
      ['without an address', '{"targets": {"a": {}}}', /targets\.a needs an address/],
      [
        'with a header that is no text',
        `{"headers": {"a": {"b": "${SECRET}"}}}`,
        /headers\.a must be a string/,
      ],
      ['with a token that is no text', `{"token": ["${SECRET}"]}`, /token must be a string/],
      ['as JSON that is none', `{"token": ${SECRET}}`, /not JSON: 1:11: expected a value$/],
      ['as JSON with more behind', `{"token": "a"} ${SECRET}`, /not JSON: 1:16: expected the end$/],
    ];
    for (const [name, text, message] of rows) {
      it(`${name}, and no secret is quoted`, async () => {
        const error = await rejection(readConfig(write(text)).then((file) => file.apply('a', {})));
        expect(error.message).to.match(message).and.not.include(SECRET);
      });
    }

    it('as YAML that is none, and no secret is quoted', async () => {
      const file = path('stubless.config.yaml');
      writeFileSync(file, `token: "a" ${SECRET}\n`);
      const error = await rejection(readConfig(file));
      expect(error.message)
        .to.match(/yaml: not YAML: 1:\d+ \(\w+\)$/)
        .and.not.include(SECRET);
    });

    it('as YAML with __proto__', async () => {
      const file = path('stubless.config.yaml');
      writeFileSync(file, '__proto__:\n  proxy: http://evil.example\n');
      expect((await rejection(readConfig(file))).message).to.match(/__proto__ is not known/);
    });
  });

  describe('in a command', () => {
    let server: TestServer;
    let target = '';
    let commands: CommandProcess;
    before(async () => {
      commands = new CommandProcess();
      server = new TestServer(
        'protos/helloworld.proto',
        { SayHello: () => ({ message: 'hi' }) },
        { reflection: true },
      );
      target = (await server.listen()).target.replace('http://', '');
    });
    after(() => Promise.all([server.close(), commands.close()]));

    const here = () => ({ cwd: folder, env: { HOME: '/nonexistent' } });
    const call = (where: string, ...options: string[]) =>
      commands.run(['call', where, 'SayHello', ...options], here());

    it('never sends a call for one address to another', async () => {
      write({ targets: { [target]: { address: '127.0.0.1:1' } } });
      // As it was built, too.
      for (const { status, stdout, stderr } of [
        await call(target),
        await runCli(['call', target, 'SayHello'], here()),
      ]) {
        expect([status, stdout]).to.deep.equal([0, '{"message":"hi"}\n']);
        expect(stderr).to.match(/is an address, so targets\./);
      }
    });

    it('is not missed where the current directory was removed', async () => {
      const gone = make('gone');
      const child = startCli(['list', join(process.cwd(), 'protos', 'helloworld.proto')], { cwd: gone });
      rmSync(gone, { recursive: true });
      const { status, stderr } = await endOf(child);
      expect([status, stderr]).to.deep.equal([0, '']);
    });

    it('is not read where it is another user’s, which is said, unless it is named', async function () {
      if (process.geteuid?.() !== 0) this.skip();
      const file = write({ targets: { here: { address: target } } });
      chownSync(file, NOBODY, NOBODY);
      const found = await call('here');
      expect(found.stderr).to.include(
        `stubless: ${file} belongs to another user (id ${NOBODY}), so it is not read; --config ${file} reads it anyway\n`,
      );
      expect(found.status).not.to.equal(0);
      expect(await call('here', '--config', file)).to.deep.equal({
        status: 0,
        stdout: '{"message":"hi"}\n',
        stderr: `stubless: here is ${target} (${file})\n`,
      });
    });

    const proto = join(process.cwd(), 'protos', 'helloworld.proto');
    const older = (): string => {
      writeFileSync(path('old.proto'), 'syntax = "proto3"; message M {}');
      return path('old.proto');
    };
    const coloured: readonly (readonly [name: string, args: () => readonly string[], stdin?: string])[] = [
      ['list', () => ['list', proto, '--json']],
      ['describe', () => ['describe', proto]],
      ['diff', () => ['diff', older(), proto]],
      ['call', () => ['call', target, 'SayHello', '-v']],
      ['repl', () => ['repl', target], 'call SayHello\ncall Nope\n'],
      ['health', () => ['health', target]],
    ];
    for (const [name, args, stdin] of coloured) {
      it(`turns colours off for ${name}`, async () => {
        const run = () =>
          commands.run(args(), {
            cwd: folder,
            env: { HOME: '/nonexistent', NO_COLOR: '', FORCE_COLOR: '1' },
            stdin: stdin ?? '',
          });
        write({});
        const before = await run();
        expect(before.stdout + before.stderr).to.include('\x1b[');
        write({ color: false });
        const after = await run();
        expect(after.stdout + after.stderr)
          .to.not.equal('')
          .and.not.include('\x1b');
      });
    }

    it('names targets for the REPL too, and is silent while a line is completed', async () => {
      write({ targets: { here: { address: target }, 'odd name': { address: 'x' } } });
      const run = (args: string[], stdin = '') => commands.run(args, { ...here(), stdin });
      expect((await run(['repl', 'here'], 'list Greeter\n')).stdout).to.include(
        'helloworld.Greeter.SayHello\n',
      );
      expect(await run(['completion', '--words', '--', 'call', ''])).to.deep.equal({
        status: 0,
        stdout: 'here\n:file\n',
        stderr: '',
      });
      expect(await run(['completion', '--words', '--', 'call', 'here', 'SayHello', ''])).to.include({
        stdout: 'name=\n',
        stderr: '',
      });
    });
  });
});
