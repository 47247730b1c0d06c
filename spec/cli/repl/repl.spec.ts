// `stubless repl`: with lines piped in, and on a pseudo-terminal with keys.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../../support/peers/servers.ts';
import { CommandProcess } from '../command-process.ts';
import { KEYS, PseudoTerminal } from '../pseudo-terminal.ts';
import { runCli } from '../run-cli.ts';

/** A text that would set a title and turn the line, as JavaScript writes it and as it must be shown. */
const HOSTILE = "'\\x1b]0;title\\x07\\u202e'";
const ESCAPED = '\\u001b]0;title\\u0007\\u202e';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/;
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
    let commands: CommandProcess;
    before(() => {
      commands = new CommandProcess();
    });
    after(() => commands.close());

    const piped = (lines: readonly string[]) => commands.run(words(), { stdin: `${lines.join('\n')}\n` });

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
        name: 'takes a request over several lines, and one behind another',
        lines: [
          'set output jsonl',
          'call RecordRoute',
          '{',
          '"latitude":1',
          '} {"latitude":',
          '2}{"latitude":3}',
          'latitude=4',
          '',
        ],
        stdout: '{"pointCount":4}\n',
      },
      {
        name: 'takes an empty line inside a request for white space',
        lines: [
          'set output jsonl',
          'call RecordRoute',
          '{',
          '"latitude":1',
          '',
          '}',
          'latitude=2',
          '',
          'call SayHello',
        ],
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
        name: 'lists and describes in the words of the commands',
        lines: [
          'list',
          'list Greeter',
          'list routeguide.RouteGuide -l',
          'describe HelloRequest',
          'describe SayHello --template',
        ],
        stdout: [
          'helloworld.Greeter',
          'routeguide.RouteGuide',
          'helloworld.Greeter.SayHello',
          'helloworld.Greeter.SayHelloAgain',
          'helloworld.Greeter.SayHelloStreamReply',
          'helloworld.Greeter.SayHelloBidiStream',
          'routeguide.RouteGuide.GetFeature(routeguide.Point) returns (routeguide.Feature)',
        ].join('\n'),
      },
      {
        name: 'takes a line for JavaScript while JavaScript is open',
        lines: ['const listed = `', 'list', 'exit', '`', 'listed'],
        stdout: "'\\nlist\\nexit\\n'\n",
      },
      {
        name: 'writes control characters out in what JavaScript gives, throws inside, and prints',
        lines: [
          `Object.assign(new Error(${HOSTILE}), { stack: 'E: ' + ${HOSTILE} })`,
          HOSTILE,
          `({ [${HOSTILE}]: [${HOSTILE}] })`,
          `console.log(${HOSTILE})`,
          `console.log({ a: ${HOSTILE} })`,
        ],
        stdout: `[E: ${ESCAPED}]\n`,
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
      {
        name: 'leaves with .exit, as Node does',
        lines: ['.exit', 'show'],
        stdout: '',
      },
    ];
    for (const { name, lines, stdout } of rows) {
      it(name, async () => {
        const end = await piped(lines);
        expect(end.stdout).not.to.match(CONTROLS);
        expect(end.stdout.startsWith(stdout), end.stdout + end.stderr).to.equal(true);
        expect(end.status, end.stderr).to.equal(0);
      });
    }

    const mistakes: readonly [string, RegExp][] = [
      ['call', /call needs a method: call SayHello name=you/],
      ['call SayHelo', /did you mean 'helloworld\.Greeter\.SayHello'/],
      ['call SayHello nam=x', /did you mean 'name'/],
      ['call SayHello {"name" 1}', /not JSON: 1:9: expected ':'/],
      ['call SayHello you', /'you' does not set a field/],
      ['call SayHello -d', /-d needs a message after it/],
      ['edit', /edit needs a method/],
      ['desc Nope', /Nope/],
      ['show nothing', /show takes services, methods, headers, settings, not 'nothing'/],
      ['show methods Nope', /unknown service 'Nope'/],
      ['header', /header needs a name and a value/],
      ['header x-none', /the header 'x-none' is not set/],
      ['header x-tenant=s3cr3t', /: write header x-tenant: VALUE, with a colon\n$/],
      ['set colour blue', /unknown setting 'colour'/],
      ['set output xml', /one of json, jsonl, text, not 'xml'/],
      ['set timeout', /set timeout needs one value/],
      ['set timeout soon', /'soon' is not a time/],
      ['nope()', /ReferenceError: nope is not defined/],
      ['await client.nope()', /TypeError: client\.nope is not a function/],
      ['throw null', /null/],
      [`throw new Error(${HOSTILE})`, /Error: \\u001b\]0;title\\u0007\\u202e\n$/],
      [`console.error(${HOSTILE}); throw 1`, /^\\u001b\]0;title\\u0007\\u202e\nstubless|error: 1/],
      ['list Nope', /Nope/],
      ['list Greeter RouteGuide', /list takes one name; 'RouteGuide' is one too many/],
      ['list --short', /list has no option '--short'; it has -l, --long, --json/],
      ['describe', /describe needs a symbol/],
      ['describe HelloRequest --json --template', /cannot be used together/],
      [')(', /SyntaxError: Unexpected token '\)'/],
    ];
    for (const [line, message] of mistakes) {
      it(`tells in one line what is wrong with '${line}', goes on, and ends with 1`, async () => {
        const end = await piped([line, 'show']);
        expect(end.stderr).to.match(message).and.not.match(CONTROLS);
        expect(end.stderr.trim().split('\n')).to.have.length(line.startsWith('console.error') ? 2 : 1);
        expect(end.stdout).to.contain('helloworld.Greeter');
        expect(end.status).to.equal(1);
      });
    }

    it('tells of a request of a stream that is wrong, sends the others, and ends with 1', async () => {
      const end = await piped(['set output jsonl', 'call RecordRoute', 'latitude=x', 'latitude=1', '']);
      expect(end.stderr).to.match(/error: latitude: .*'x'/);
      expect(end.stdout).to.equal('{"pointCount":1}\n');
      expect(end.status).to.equal(1);
    });

    it('tells of JavaScript that was never finished', async () => {
      const end = await piped(['show settings', 'function f() {']);
      expect(end.stderr).to.match(/JavaScript of the last lines is incomplete; it was not run\n$/);
      expect(end.status).to.equal(1);
    });

    it('writes control characters out in what a forgotten promise is rejected with', async () => {
      const end = await piped([
        `Promise.reject(new Error(${HOSTILE})); 0`,
        'await new Promise(setImmediate)',
        'show',
      ]);
      expect(end.stderr).to.contain(`Uncaught Error: ${ESCAPED}`).and.not.match(CONTROLS);
      expect(end.stdout).to.contain('helloworld.Greeter');
      expect(end.status).to.equal(1);
    });

    it('saves a call to a file of requests, and calls what is in one', async () => {
      const path = join(folder, 'saved.requests.yaml');
      const saved = await piped([
        'set output jsonl',
        'header x-request-id: 7',
        'call SayHello name=you',
        `save '${path}#greets'`,
        `call '${path}#greets'`,
      ]);
      expect(saved.stdout).to.equal('{"message":"Hello you"}\n{"message":"Hello you"}\n');
      expect(saved.stderr).to.equal(`stubless: made ${path}: 'greets'\n`);
      const text = readFileSync(path, 'utf8');
      expect(text).to.include('x-request-id: "7"');
      expect(text).to.include('message: Hello you').and.include('helloworld.proto');
      const none = await piped([`save '${path}#other'`, 'save x', `call '${path}#none'`]);
      expect(none.stderr).to.include('there was no call yet that could be saved');
      expect(none.stderr).to.include('save needs a file and a name').and.include("has no request 'none'");
    });

    it('needs no home directory', async () => {
      const env = { HOME: '', XDG_STATE_HOME: '' };
      const end = await runCli(words(), { stdin: 'call SayHello name=you\n', env });
      expect(end).to.deep.equal({ status: 0, stdout: '{\n  "message": "Hello you"\n}\n', stderr: '' });
    });

    it('edits a request in $EDITOR, starting from its template', async () => {
      const editor = join(folder, 'editor.sh');
      writeFileSync(
        editor,
        '#!/bin/sh\ncp "$1" "$1.seen"; cat "$1" >&2; echo \'{"name":"edited"}\' > "$1"\n',
        { mode: 0o755 },
      );
      // A shell runs the editor, and must not read the path.
      const TMPDIR = join(folder, 'tmp $(touch ran) "x');
      mkdirSync(TMPDIR);
      const end = await runCli(words(), {
        stdin: 'set output jsonl\nedit SayHello\n',
        env: { EDITOR: JSON.stringify(editor), VISUAL: '', TMPDIR },
      });
      expect(end.stderr).to.contain('"name":');
      expect(end.stdout).to.equal('{"message":"Hello edited"}\n');
    });

    it('makes no call when the editor is left with an error', async () => {
      const end = await runCli(words(), { stdin: 'edit SayHello\n', env: { VISUAL: 'false' } });
      expect(end.stderr).to.contain('the editor left nothing; no call was made');
      expect(end.stdout).to.equal('');
    });

    it('says which editor cannot be had', async () => {
      const end = await runCli(words(), { stdin: 'edit SayHello\n', env: { VISUAL: 'no-such-editor-here' } });
      expect(end.stderr).to.contain("the editor 'no-such-editor-here' was not found; set $EDITOR");
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

    it('ends the requests of a call with Ctrl-D and stays', async () => {
      terminal.type(`call RecordRoute${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(`latitude=1${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(KEYS.ctrlD);
      await terminal.see('"pointCount": 1');
      await terminal.see(`:${server.port}> `);
      terminal.type(`call SayHello name=still${KEYS.enter}`);
      await terminal.see('Hello still');
      await terminal.see('> ');
      terminal.type(KEYS.ctrlD);
      expect(await terminal.end()).to.equal(0);
    });

    it('ends them with Ctrl-D inside a request, too, which is not sent', async () => {
      terminal.type(`call RecordRoute${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(`{"latitude":${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(KEYS.enter);
      await terminal.see('message> ');
      terminal.type(KEYS.ctrlD);
      await terminal.see('not sent: not JSON');
      await terminal.see('{}');
    });

    it('forgets what was being typed when Ctrl-C cancels a call', async () => {
      terminal.type(`call RecordRoute${KEYS.enter}`);
      await terminal.see('message> ');
      terminal.type(`latitude=1${KEYS.ctrlC}`);
      await terminal.see('CANCELLED');
      await terminal.see('> ');
      terminal.type(`call SayHello name=still${KEYS.enter}`);
      await terminal.see('Hello still');
    });

    it('stops waiting for JavaScript at Ctrl-C', async () => {
      terminal.type(`console.log('be' + 'gun'); await new Promise(() => {})${KEYS.enter}`);
      await terminal.see('begun');
      terminal.type(KEYS.ctrlC);
      await terminal.see('interrupted with Ctrl-C');
      await terminal.see('> ');
      terminal.type(`call SayHello name=still${KEYS.enter}`);
      await terminal.see('Hello still');
    });

    it('writes control characters out in results, errors and rejections', async () => {
      for (const line of [
        `new Error(${HOSTILE})`,
        `throw new Error(${HOSTILE})`,
        `await Promise.reject(new Error(${HOSTILE}))`,
        `void Promise.reject(new Error(${HOSTILE}))`,
        `console.log(${HOSTILE})`,
      ]) {
        terminal.type(`${line}${KEYS.enter}`);
        await terminal.see('title\\u0007\\u202e');
        await terminal.see('> ');
      }
      terminal.type(`throw ${HOSTILE}${KEYS.enter}`);
      await terminal.see('Uncaught Error: thrown: ');
      await terminal.see('> ');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(terminal.raw).not.to.match(/\x1b\]0;title|\x07|\u202e/);
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

  for (const [name, env] of [
    ['there is no home directory', { HOME: '', XDG_STATE_HOME: '' }],
    ['it cannot be written', { HOME: '/dev/null', XDG_STATE_HOME: '' }],
  ] as const) {
    it(`works where ${name}, and says that it keeps no history`, async () => {
      const terminal = new PseudoTerminal(words(), env);
      try {
        await terminal.see('stubless: no history: ');
        await terminal.see('> ');
        terminal.type(`call SayHello name=you${KEYS.enter}`);
        await terminal.see('Hello you');
        await terminal.see('> ');
        terminal.type(KEYS.ctrlD);
        expect(await terminal.end()).to.equal(0);
      } finally {
        terminal.kill();
      }
    });
  }

  it('says what is wrong with the target before anything can be typed', async () => {
    const end = await runCli(['repl', 'localhost:1'], { stdin: '' });
    expect(end.status).to.equal(64 + 14);
    expect(end.stderr).to.contain('cannot connect to localhost:1');
  });
});
