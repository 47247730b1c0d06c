// What completion offers, and its scripts in the shells themselves where they are installed.

import { type ExecFileException, execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { expect } from 'chai';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { TestServer } from '../../../lib/testing/index.ts';
import {
  answersFrom,
  listenReflection,
  type ReflectionPeer,
} from '../../schema/reflection/reflection-peer.ts';
import { runInProcess } from '../in-process.ts';
import { runCli } from '../run-cli.ts';

const SHOP = `syntax = "proto3"; package shop;
enum Kind { UNKNOWN = 0; ACTIVE = 1; ASLEEP = 2; }
message Find { Kind kind = 1; Inner inner = 2; map<string, Inner> by = 3; bool exact = 4; repeated Kind kinds = 5;
  map<bool, Kind> flags = 6; repeated Inner list = 7; map<string, string> labels = 8; }
message Inner { string text = 1; Kind kind = 2; Find back = 3; }
service Shop { rpc Look(Find) returns (Find); }
`;

/** Names that a shell would take for more than names. */
const HOSTILE: FileDescriptorProto = {
  name: 'h.proto',
  package: 'h',
  syntax: 'proto3',
  messageType: [
    {
      name: 'M',
      field: [`$(touch\${IFS}ran)`, '`touch ran`', 'a;touch ran', "'\n:file", '\x1b]0;t\x07', '\u202e'].map(
        (jsonName, i) => ({
          name: `f${i}`,
          number: i + 1,
          label: 'LABEL_OPTIONAL',
          type: 'TYPE_STRING',
          jsonName,
        }),
      ),
    },
  ],
  service: [{ name: 'S', method: [{ name: 'Go', inputType: '.h.M', outputType: '.h.M' }] }],
};

const BARE = `syntax = "proto3"; enum kind { NONE = 0; BIG = 1; } message find { kind kind = 1; find inner = 2; }
service bare { rpc Get(find) returns (find); }
`;

const runs = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

describe('stubless completion', function () {
  this.timeout(30_000);

  let server: TestServer;
  let shop: TestServer;
  let hostile: ReflectionPeer;
  let folder = '';
  let target = '';
  let shopTarget = '';
  let bare: TestServer;
  let bareTarget = '';
  before(async () => {
    server = new TestServer('protos/route_guide.proto', {}, { reflection: true });
    target = (await server.listen()).target;
    folder = mkdtempSync(join(tmpdir(), 'stubless-completion-'));
    writeFileSync(join(folder, 'shop.proto'), SHOP);
    shop = new TestServer(join(folder, 'shop.proto'), {}, { reflection: true });
    shopTarget = (await shop.listen()).target;
    writeFileSync(join(folder, 'bare.proto'), BARE);
    bare = new TestServer(join(folder, 'bare.proto'), {}, { reflection: true });
    bareTarget = (await bare.listen()).target;
    hostile = await listenReflection({ answer: answersFrom([HOSTILE]) });
  });
  after(async () => {
    await Promise.all([server.close(), shop.close(), bare.close(), hostile.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const offered = async (run: typeof runCli, ...args: string[]): Promise<string[]> => {
    const { stdout, stderr, status } = await run(['completion', ...args]);
    expect([stderr, status]).to.deep.equal(['', 0]);
    return stdout.split('\n').filter((line) => line !== '');
  };

  const rows: [string, () => string[], string[]][] = [
    ['commands', () => ['des'], ['describe']],
    ['the second word of a command', () => ['bench', 'me'], [':file', 'merge']],
    ['options of a command of two words', () => ['bench', 'merge', '--ht'], ['--html']],
    ['an option with a digit', () => ['bench', 'merge', '--k6'], ['--k6-summary']],
    ['files for an option with a digit', () => ['bench', 'merge', '--k6-summary=x'], [':file']],
    ['files for a command of two words', () => ['bench', 'merge', 'x'], [':file']],
    ['long options', () => ['call', '--emit'], ['--emit-defaults']],
    ['values that there are', () => ['call', '-o', 'js'], ['json', 'jsonl']],
    ['values in the same word', () => ['call', '--output=js'], ['--output=json', '--output=jsonl']],
    ['files for options that take them', () => ['call', '--proto', 'x'], [':file']],
    ['files in the same word', () => ['call', '--proto=x'], [':file']],
    ['directories for options that take them', () => ['call', '--import-path=x'], [':directory']],
    [
      'methods of the target',
      () => ['call', target, 'routeguide.RouteGuide/R'],
      ['routeguide.RouteGuide/RecordRoute', 'routeguide.RouteGuide/RouteChat'],
    ],
    ['methods by their own names', () => ['call', target, 'GetF'], ['routeguide.RouteGuide/GetFeature']],
    [
      'methods behind options',
      () => ['call', '--plaintext', '-H', 'a: b', target, 'GetF'],
      ['routeguide.RouteGuide/GetFeature'],
    ],
    ['fields of a method', () => ['call', target, 'RouteChat', 'm'], ['message=']],
    [
      'all fields, those of messages with a dot behind',
      () => ['call', shopTarget, 'shop.Shop/Look', ''],
      ['by.', 'exact=', 'flags.', 'inner.', 'kind=', 'kinds=', 'labels.', 'list[0].'],
    ],
    [
      'fields of a field',
      () => ['call', shopTarget, 'Look', 'inner.'],
      ['inner.back.', 'inner.kind=', 'inner.text='],
    ],
    [
      'fields in depth',
      () => ['call', shopTarget, 'Look', 'exact=true', 'inner.back.inner.t'],
      ['inner.back.inner.text='],
    ],
    ['fields of the values of a map', () => ['call', shopTarget, 'Look', 'by.key.t'], ['by.key.text=']],
    [
      'fields of the values of a map by a key in brackets',
      () => ['call', shopTarget, 'Look', 'by[a.b].'],
      ['by[a.b].back.', 'by[a.b].kind=', 'by[a.b].text='],
    ],
    ['what follows a key in brackets', () => ['call', shopTarget, 'Look', 'by[a.b]'], ['by[a.b].']],
    ['what follows a key of scalars', () => ['call', shopTarget, 'Look', 'labels[a.b]'], ['labels[a.b]=']],
    ['nothing of a key that is being typed', () => ['call', shopTarget, 'Look', 'by[a.'], []],
    [
      'keys that can only be two',
      () => ['call', shopTarget, 'Look', 'flags.'],
      ['flags.false=', 'flags.true='],
    ],
    [
      'values of a map that are of an enum',
      () => ['call', shopTarget, 'Look', 'flags.true=A'],
      ['flags.true=ACTIVE', 'flags.true=ASLEEP'],
    ],
    [
      'the same by a key in brackets, in depth',
      () => ['call', shopTarget, 'Look', 'by[x].back.flags[true]=U'],
      ['by[x].back.flags[true]=UNKNOWN'],
    ],
    ['nothing for a whole map', () => ['call', shopTarget, 'Look', 'flags='], []],
    ['fields of an element', () => ['call', shopTarget, 'Look', 'list[0].t'], ['list[0].text=']],
    ['nothing of a list without an index', () => ['call', shopTarget, 'Look', 'list.t'], []],
    ['shells', () => ['completion', ''], ['bash', 'fish', 'zsh']],
    ['shells by their beginning', () => ['completion', 'z'], ['zsh']],
    ['one shell', () => ['completion', 'bash', ''], []],
    ['values of an enum', () => ['call', shopTarget, 'Look', 'kind=A'], ['kind=ACTIVE', 'kind=ASLEEP']],
    [
      'values of an enum in depth',
      () => ['call', shopTarget, 'Look', 'inner.kind=U'],
      ['inner.kind=UNKNOWN'],
    ],
    ['truth', () => ['bench', shopTarget, 'Look', 'exact='], ['exact=false', 'exact=true']],
    [
      'fields and values of a schema without a package',
      () => ['call', bareTarget, 'bare/Get', 'inner.kind=B'],
      ['inner.kind=BIG'],
    ],
    ['services of a file', () => ['list', 'protos/route_guide.proto', ''], ['routeguide.RouteGuide']],
    ['symbols', () => ['describe', target, 'RouteS'], ['routeguide.RouteSummary']],
    ['nothing of a target that is away', () => ['call', '127.0.0.1:1', ''], []],
    ['nothing where nothing fits', () => ['call', target, 'Nope'], []],
    [
      'fields by their names, which are identifiers, whatever a server calls them in JSON',
      () => ['call', `127.0.0.1:${hostile.port}`, 'Go', ''],
      ['f0=', 'f1=', 'f2=', 'f3=', 'f4=', 'f5='],
    ],
  ];
  for (const [name, words, expected] of rows) {
    it(`offers ${name}`, async () => {
      expect((await offered(runInProcess, '--words', '--', ...words())).sort()).to.deep.equal(expected);
    });
  }

  it('waits no longer for a server than it is typed, whatever a config file lets calls take', async () => {
    const silent = await listenReflection({ answer: () => 'silence' });
    try {
      writeFileSync(join(folder, 'stubless.config.json'), '{"timeout": "10m", "connectTimeout": "10m"}');
      const words = ['call', `127.0.0.1:${silent.port}`, ''];
      // It would be killed after 20 seconds.
      expect(await runCli(['completion', '--words', '--', ...words], { cwd: folder })).to.deep.equal({
        status: 0,
        stdout: '',
        stderr: '',
      });
    } finally {
      rmSync(join(folder, 'stubless.config.json'));
      await silent.close();
    }
  });

  const lines: [string, string[]][] = [
    ['stubless call TARGET Look kind=A', ['kind=ACTIVE', 'kind=ASLEEP']],
    [`stubless call -H 'a: b' TARGET "Look" inner.t`, ['inner.text=']],
    ['stubless call -H a:\\ b TARGET Look "inner.t', ['inner.text=']],
    ["stubless  des'c", ['describe']],
    ['stubless call TARGET Look exact=true  k', ['kind=', 'kinds=']],
  ];
  for (const [line, expected] of lines) {
    it(`reads a line as a shell does: ${line}`, async () => {
      const words = line.replace('TARGET', shopTarget);
      for (const run of [runInProcess, runCli])
        expect((await offered(run, '--line', words)).sort()).to.deep.equal(expected);
    });
  }

  it('names the shells that there are', async () => {
    const rows: [string[], string][] = [
      [['tcsh'], ", not 'tcsh'"],
      [['bash', 'zsh'], ", not 'bash zsh'"],
      [['constructor'], ", not 'constructor'"],
      [[], ''],
    ];
    for (const [words, end] of rows) {
      const { status, stderr } = await runInProcess(['completion', ...words]);
      expect([status, stderr]).to.deep.equal([2, `stubless: give a shell, one of bash, zsh, fish${end}\n`]);
    }
  });

  /**
   * Runs a shell that finds a `stubless` in its path: this one, or one that answers with the text alone. A shell's script
   * is always the same one, so it is asked for once.
   */
  async function inShell(
    words: readonly string[],
    answer?: string,
  ): Promise<{ stdout: string; stderr: string }> {
    const script = join(folder, `script.${words[0]}`);
    if (!existsSync(script)) writeFileSync(script, (await runCli(['completion', words[0]])).stdout);
    const bin = mkdtempSync(join(folder, 'bin-'));
    const cli = resolve('dist/cli.cjs');
    const command = join(bin, 'stubless');
    writeFileSync(
      command,
      `#!/bin/sh\ncase "$2" in ${words[0]}) exec cat "${script}";; esac\n` +
        (answer === undefined ? `exec "${process.execPath}" "${cli}" "$@"\n` : `cat "${bin}/answer"\n`),
    );
    writeFileSync(join(bin, 'answer'), answer ?? '');
    chmodSync(command, 0o755);
    const env = { ...process.env, HOME: bin, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
    const [shell, ...args] = words;
    // The server is in this very process: it must not wait for the shell.
    return new Promise((done, fail) => {
      execFile(shell, args, { env, cwd: folder }, (error: ExecFileException | null, stdout, stderr) =>
        error === null ? done({ stdout, stderr }) : fail(error),
      );
    });
  }

  describe('in bash', () => {
    before(function () {
      if (!runs('bash')) this.skip();
    });

    /** What one Tab gives, with `set -u`, and without the package bash-completion. */
    const completed = async (line: string, breaks: string, answer?: string): Promise<string[]> => {
      const script =
        `set -u; eval "$(stubless completion bash)"; COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDBREAKS="$2"; ` +
        `_stubless; printf "%s\\n" \${COMPREPLY[@]+"\${COMPREPLY[@]}"}`;
      const words = ['bash', '--norc', '--noprofile', '-c', script, 'x', line.replace('TARGET', shopTarget)];
      const { stdout, stderr } = await inShell([...words, breaks], answer);
      expect(stderr).to.equal('');
      return stdout.split('\n').filter((one) => one !== '');
    };
    const USUAL = ' \t\n"\'><=;|&(:';

    const cases: [string, string, string[]][] = [
      ['stubless call TARGET Look kind=A', USUAL, ['ACTIVE', 'ASLEEP']],
      ['stubless call TARGET Look kind=A', ' ', ['kind=ACTIVE', 'kind=ASLEEP']],
      ['stubless call TARGET Look inner.kind=', USUAL, ['ACTIVE', 'ASLEEP', 'UNKNOWN']],
      ['stubless call TARGET Look inner.t', USUAL, ['inner.text=']],
      ['stubless call TARGET Nothing', USUAL, []],
      ['stubless call --output=js', USUAL, ['json', 'jsonl']],
      ['stubless call --proto=./sh', USUAL, ['./shop.proto']],
      ['stubless call --proto=./sh', ' ', ['--proto=./shop.proto']],
      ['stubless call --proto ./sh', '', ['./shop.proto']],
      ['stubless des', '', ['describe']],
    ];
    for (const [line, breaks, expected] of cases) {
      it(`completes ${line} where words break at ${JSON.stringify(breaks)}`, async () => {
        expect(await completed(line, breaks)).to.deep.equal(expected);
      });
    }

    it('takes an answer as text, and quotes it', async () => {
      const answer = '$(touch ran)\n`touch ran`\na b\nplain=\n';
      expect(await completed('stubless call ', USUAL, answer)).to.deep.equal([
        '\\$\\(touch\\ ran\\)',
        '\\`touch\\ ran\\`',
        'a\\ b',
        'plain=',
      ]);
    });

    it('offers nothing where there is no answer', async () => {
      expect(await completed('stubless call ', USUAL, '')).to.deep.equal([]);
    });
  });

  describe('in zsh', () => {
    before(function () {
      if (!runs('zsh')) this.skip();
    });

    it('is a script that zsh understands', async () => {
      const { stdout } = await inShell([
        'zsh',
        '-f',
        '-c',
        'stubless completion zsh > s; zsh -n s && echo well',
      ]);
      expect(stdout).to.equal('well\n');
    });

    it('gives what there is to compadd, which quotes it', async () => {
      const script =
        `compdef() { : }; eval "$(stubless completion zsh)"; compadd() { print -r -- "$*" \${(P)@[-1]} }; ` +
        'words=(stubless call "$1" Look kind=A) CURRENT=5 PREFIX=kind=A; _stubless; ' +
        'words=(stubless des) CURRENT=2 PREFIX=des; _stubless; words=(stubless call "$1" Look inner.t) CURRENT=5 PREFIX=inner.t; _stubless';
      const { stdout, stderr } = await inShell(['zsh', '-f', '-c', script, 'x', shopTarget]);
      expect([stdout, stderr]).to.deep.equal([
        '-U -a closed kind=ACTIVE kind=ASLEEP\n-U -a closed describe\n-U -S  -a open inner.text=\n',
        '',
      ]);
    });
  });

  describe('in fish', () => {
    before(function () {
      if (!runs('fish')) this.skip();
    });

    it('is a script that fish understands', async () => {
      const script = 'stubless completion fish > s.fish; fish --no-execute s.fish; and echo well';
      expect((await inShell(['fish', '--no-config', '-c', script])).stdout).to.equal('well\n');
    });

    it('completes', async () => {
      const script =
        'stubless completion fish | source; complete -C "stubless call $argv[1] Look kind=A"; complete -C "stubless des"; complete -C "stubless call $argv[1] Look inner.t"';
      const { stdout, stderr } = await inShell(['fish', '--no-config', '-c', script, shopTarget]);
      expect([stdout, stderr]).to.deep.equal(['kind=ACTIVE\nkind=ASLEEP\ndescribe\ninner.text=\n', '']);
    });
  });
});
