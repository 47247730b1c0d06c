// `stubless repl`: with lines piped in, and on a pseudo-terminal with keys.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../support/servers.ts';
import { KEYS, PseudoTerminal } from './pseudo-terminal.ts';
import { type CliEnd, runCli } from './run-cli.ts';

const PROTOS = ['--proto', 'protos/helloworld.proto', '--proto', 'protos/route_guide.proto'];

describe('stubless repl', function () {
  this.timeout(30_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let folder = '';
  before(async () => {
    server = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-repl-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  const words = (): string[] => ['repl', `localhost:${server.port}`, ...PROTOS];

  describe('with lines piped in', () => {
    const piped = (lines: readonly string[]): Promise<CliEnd> =>
      runCli(words(), { stdin: `${lines.join('\n')}\n` });

    const rows: readonly {
      readonly name: string;
      readonly lines: readonly string[];
      readonly stdout: string;
    }[] = [
      {
        name: 'calls with words and with JSON, without quotes',
        lines: ['set output jsonl', 'call SayHello name=you', 'call SayHello {"name": "J son"}'],
        stdout: '{"message":"Hello you"}\n{"message":"Hello J son"}\n',
      },
      {
        name: 'takes the requests of a stream from the lines that follow, until an empty one',
        lines: ['set output jsonl', 'call RecordRoute', 'latitude=1', '{"latitude":2}', '', 'call SayHello'],
        stdout: '{"pointCount":2}\n{"message":"Hello "}\n',
      },
      {
        name: 'takes them until the end of the input, too',
        lines: ['set output jsonl', 'call RecordRoute', 'latitude=1'],
        stdout: '{"pointCount":1}\n',
      },
      {
        name: 'shows services, methods and symbols',
        lines: ['show', 'show methods RouteGuide', 'desc routeguide.Point'],
        stdout: [
          'helloworld.Greeter',
          'routeguide.RouteGuide',
          'routeguide.RouteGuide/GetFeature(routeguide.Point) returns (routeguide.Feature)',
          'routeguide.RouteGuide/ListFeatures(routeguide.Rectangle) returns (stream routeguide.Feature)',
          'routeguide.RouteGuide/RecordRoute(stream routeguide.Point) returns (routeguide.RouteSummary)',
          'routeguide.RouteGuide/RouteChat(stream routeguide.RouteNote) returns (stream routeguide.RouteNote)',
        ].join('\n'),
      },
      {
        name: 'keeps headers until they are taken back',
        lines: [
          'header x-tenant: blue',
          'header X-Other:green',
          'show headers',
          'header x-tenant',
          'show headers',
        ],
        stdout: 'x-tenant: blue\nx-other: green\nx-other: green\n',
      },
      {
        name: 'runs JavaScript with the client, the last reply and top-level await',
        lines: [
          'call SayHello name=you',
          'reply.message',
          'const { message } = await client.request("SayHello", { name: "js" })',
          'message.length',
          'function twice(x) {',
          '  return 2 * x }',
          'twice(21)',
          '{ a: 1 }',
          'for (const x of [1, 2]) await console.log(x)',
        ],
        stdout: '{\n  "message": "Hello you"\n}\n\'Hello you\'\n8\n42\n{ a: 1 }\n1\n2\n',
      },
      {
        name: 'leaves with exit, and runs nothing behind it',
        lines: ['exit', 'show'],
        stdout: '',
      },
    ];
    for (const { name, lines, stdout } of rows) {
      it(name, async () => {
        const end = await piped(lines);
        expect(end.stdout.startsWith(stdout), end.stdout + end.stderr).to.equal(true);
        expect(end.status, end.stderr).to.equal(0);
      });
    }

    const mistakes: readonly [string, RegExp][] = [
      ['call', /call needs a method: call SayHello name=you/],
      ['call SayHelo', /did you mean 'helloworld\.Greeter\.SayHello'/],
      ['call SayHello nam=x', /did you mean 'name'/],
      ['call SayHello {"name" 1}', /not JSON: 1:9: expected ':'/],
      ['call SayHello you', /'you' sets no field/],
      ['call SayHello -d', /-d needs a message behind it/],
      ['edit', /edit needs a method/],
      ['desc Nope', /Nope/],
      ['show nothing', /show is for services, methods, headers, settings, not 'nothing'/],
      ['show methods Nope', /there is no service 'Nope'/],
      ['header', /header needs a name and a value/],
      ['header x-none', /no header 'x-none' is set/],
      ['set colour blue', /there is no setting 'colour'/],
      ['set output xml', /one of json, jsonl, text, not 'xml'/],
      ['set timeout', /set timeout needs one value/],
      ['set timeout soon', /'soon' is not a time/],
      ['nope()', /ReferenceError: nope is not defined/],
      ['await client.nope()', /TypeError: client\.nope is not a function/],
      ['throw null', /null/],
      [')(', /SyntaxError: Unexpected token '\)'/],
    ];
    for (const [line, message] of mistakes) {
      it(`tells in one line what is wrong with '${line}', goes on, and ends with 1`, async () => {
        const end = await piped([line, 'show']);
        expect(end.stderr).to.match(message);
        expect(end.stderr.trim().split('\n')).to.have.length(1);
        expect(end.stdout).to.contain('helloworld.Greeter');
        expect(end.status).to.equal(1);
      });
    }

    it('edits a request in $EDITOR, starting from its template', async () => {
      const editor = join(folder, 'editor.sh');
      writeFileSync(
        editor,
        '#!/bin/sh\ncp "$1" "$1.seen"; cat "$1" >&2; echo \'{"name":"edited"}\' > "$1"\n',
        { mode: 0o755 },
      );
      const end = await runCli(words(), {
        stdin: 'set output jsonl\nedit SayHello\n',
        env: { EDITOR: editor, VISUAL: '' },
      });
      expect(end.stderr).to.contain('"name":');
      expect(end.stdout).to.equal('{"message":"Hello edited"}\n');
    });

    it('makes no call when the editor is left with an error', async () => {
      const end = await runCli(words(), { stdin: 'edit SayHello\n', env: { VISUAL: 'false' } });
      expect(end.stderr).to.contain('the editor gave nothing; no call was made');
      expect(end.stdout).to.equal('');
    });

    it('says which editor cannot be had', async () => {
      const end = await runCli(words(), { stdin: 'edit SayHello\n', env: { VISUAL: 'no-such-editor-here' } });
      expect(end.stderr).to.contain("there is no editor 'no-such-editor-here'; set $EDITOR");
    });
  });

  describe('on a terminal', () => {
    let terminal: PseudoTerminal;
    let history = '';
    beforeEach(async () => {
      history = join(folder, 'history');
      terminal = new PseudoTerminal([...words(), '--history', history]);
      await terminal.see('2 services');
      await terminal.see('> ');
    });
    afterEach(() => terminal.kill());

    it('completes commands, methods, fields and enough JavaScript', async () => {
      terminal.type(`ca${KEYS.tab}`);
      await terminal.see('call ');
      terminal.type(`GetF${KEYS.tab}`);
      await terminal.see('GetFeature');
      terminal.type(` lat${KEYS.tab}`);
      await terminal.see('latitude=');
      terminal.type(`7 longitude=9${KEYS.enter}`);
      await terminal.see('"longitude": 9');
      await terminal.see('> ');
      terminal.type(`client.waitFor${KEYS.tab}`);
      await terminal.see('client.waitForReady');
      terminal.type(`${KEYS.ctrlC}${KEYS.ctrlD}`);
      expect(await terminal.end()).to.equal(0);
    });

    it('keeps its history for the next time', async () => {
      terminal.type(`call SayHello name=first${KEYS.enter}`);
      await terminal.see('Hello first');
      await terminal.see('> ');
      terminal.type(KEYS.ctrlD);
      expect(await terminal.end()).to.equal(0);
      expect(readFileSync(history, 'utf8')).to.contain('call SayHello name=first');
      const again = new PseudoTerminal([...words(), '--history', history]);
      try {
        await again.see('2 services');
        await again.see('> ');
        again.type(`${KEYS.up}${KEYS.enter}`);
        await again.see('Hello first');
      } finally {
        again.kill();
      }
    });

    it('chats: replies come between the requests that are typed', async () => {
      terminal.type(`call RouteChat${KEYS.enter}`);
      await terminal.see('an empty line ends them');
      await terminal.see('message> ');
      terminal.type(`message=one location.latitude=1${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(`message=two location.latitude=1${KEYS.enter}`);
      await terminal.see('"message": "one"');
      terminal.type(KEYS.enter);
      await terminal.see(`:${server.port}> `);
      terminal.type(KEYS.ctrlD);
      expect(await terminal.end()).to.equal(0);
    });

    it('cancels a call with Ctrl-C and stays', async () => {
      terminal.type(`call RecordRoute${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(KEYS.ctrlC);
      await terminal.see('CANCELLED');
      terminal.type(`call SayHello name=still${KEYS.enter}`);
      await terminal.see('Hello still');
      terminal.type(KEYS.ctrlD);
      expect(await terminal.end()).to.equal(0);
    });

    it('shows errors of JavaScript and goes on', async () => {
      terminal.type(`nope()${KEYS.enter}`);
      await terminal.see('ReferenceError: nope is not defined');
      terminal.type(`1 +${KEYS.enter}`);
      await terminal.see('... ');
      terminal.type(`41${KEYS.enter}`);
      await terminal.see('42');
    });
  });

  it('says what is wrong with the target before anything can be typed', async () => {
    const end = await runCli(['repl', 'localhost:1'], { stdin: '' });
    expect(end.status).to.equal(64 + 14);
    expect(end.stderr).to.contain('cannot connect to localhost:1');
  });
});
