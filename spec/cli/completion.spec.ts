import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../lib/testing/index.ts';
import { runCli } from './run-cli.ts';

describe('stubless completion', function () {
  this.timeout(30_000);

  let server: TestServer;
  let target = '';
  before(async () => {
    server = new TestServer('protos/route_guide.proto', {}, { reflection: true });
    target = (await server.listen()).target;
  });
  after(() => server.close());

  const rows: [string, () => string[], string[]][] = [
    ['commands', () => ['des'], ['describe']],
    ['long options', () => ['call', '--emit'], ['--emit-defaults']],
    ['values that there are', () => ['call', '-o', 'js'], ['json', 'jsonl']],
    ['files for options that take them', () => ['call', '--proto', 'x'], [':file']],
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
    ['services of a file', () => ['list', 'protos/route_guide.proto', ''], ['routeguide.RouteGuide']],
    ['symbols', () => ['describe', target, 'RouteS'], ['routeguide.RouteSummary']],
    ['nothing of a target that is away', () => ['call', 'localhost:1', ''], []],
    ['nothing where nothing fits', () => ['call', target, 'Nope'], []],
  ];
  for (const [name, words, expected] of rows) {
    it(`offers ${name}`, async () => {
      const { stdout, stderr, status } = await runCli(['completion', '--words', '--', ...words()]);
      expect(stdout.split('\n').filter((line) => line !== '')).to.deep.equal(expected);
      expect([stderr, status]).to.deep.equal(['', 0]);
    });
  }

  it('is a script that bash understands, and that completes behind a colon', async function () {
    if (spawnSync('bash', ['-c', 'mapfile -t a < /dev/null']).status !== 0) this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'stubless-completion-'));
    try {
      const command = join(folder, 'stubless');
      writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${resolve('dist/cli.js')}" "$@"\n`);
      chmodSync(command, 0o755);
      const script =
        'eval "$(stubless completion bash)"; COMP_LINE="stubless call $TARGET GetF"; COMP_POINT=$(printf %s "$COMP_LINE" | wc -c); _stubless; echo "$COMPREPLY"';
      const { PATH } = process.env;
      const env = { ...process.env, TARGET: target, PATH: `${folder}${delimiter}${PATH ?? ''}` };
      // The server is in this very process: it must not wait for the shell.
      const printed = await new Promise((done, fail) => {
        execFile('bash', ['-c', script], { env }, (error, stdout) =>
          error === null ? done(stdout) : fail(error),
        );
      });
      expect(printed).to.equal('routeguide.RouteGuide/GetFeature\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const shell of ['zsh', 'fish']) {
    it(`is a script that ${shell} understands`, async function () {
      if (spawnSync(shell, ['--version']).status !== 0) this.skip();
      const { stdout } = await runCli(['completion', shell]);
      execFileSync(shell, ['-n'], { input: stdout });
    });
  }

  it('names the shells that there are', async () => {
    const { status, stderr } = await runCli(['completion', 'tcsh']);
    expect([status, stderr]).to.deep.equal([2, "stubless: completion is for bash, zsh, fish, not 'tcsh'\n"]);
  });
});
