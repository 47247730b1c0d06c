// docs/load-testing.md: its blocks of shell and its GitHub workflow are run, against a server here, with other programs than
// stubless played by scripts: ssh runs its command here, and so do parallel and npx.

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { TestServer } from '../../lib/testing/index.ts';
import { environment } from '../cli/run-cli.ts';
import { freePorts } from '../support/free-ports.ts';

const GUIDE = 'docs/load-testing.md';
const TEXT = readFileSync(GUIDE, 'utf8');

const blocksOf = (language: string): string[] =>
  Array.from(
    TEXT.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')),
    (match) => match[1],
  );

interface Step {
  readonly id?: string;
  readonly run?: string;
}

interface Job {
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
}

/** What other programs are here. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ssh: 'shift\nexec sh -c "$*"',
  npx: '[ "$1" = --yes ] && shift\nexec "$@"',
  parallel: `shift 2; command=$1; shift 2
for one; do sh -c "$(printf %s "$command" | sed "s/{}/$one/g")" & done
wait`,
};

describe(GUIDE, function () {
  this.timeout(120_000);

  let server: TestServer;
  let target = '';
  let folder = '';
  let gate = '';
  before(async () => {
    server = new TestServer(
      'protos/helloworld.proto',
      { SayHello: ({ name }: { name: string }) => ({ message: `Hello ${name}` }) },
      { reflection: true },
    );
    ({ target } = await server.listen());
    folder = mkdtempSync(join(tmpdir(), 'stubless-guide-'));
    const cli = join(process.cwd(), 'dist', 'cli.cjs');
    mkdirSync(join(folder, 'bin'));
    // What a cluster would do, spec/suites/kubernetes shows.
    const pod = `JOB_COMPLETION_INDEX=$i stubless bench ${target} SayHello name=you -n 30 -c 3 --shard job/3`;
    const kubectl = `[ "$1" = logs ] || exit 0\nfor i in 0 1 2; do ${pod} 2>&1; done | sed 's|^|[pod/load/stubless] |'`;
    const [port] = await freePorts(1);
    gate = `127.0.0.1:${port}`;
    const programs = { ...PROGRAMS, kubectl, stubless: `exec '${process.execPath}' '${cli}' "$@"` };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, 'bin', name), 0o755);
    }
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The same with this server, in less time. */
  const shortened = (script: string): string =>
    script
      .replaceAll(/localhost:50051|api\.example\.com/g, target)
      .replaceAll(/-z (?:10s|5s|1m)/g, '-z 100ms --warm-up 20ms')
      .replaceAll(/-z 1h/g, '-n 5')
      .replaceAll(/\+ (?:3|10|120) \)/g, '+ 1 )')
      .replaceAll(/--rps \d+/g, '--rps 60')
      .replaceAll('127.0.0.1:7411', gate)
      .replaceAll('-c 200', '-c 8')
      // Neither a busy machine nor chance is to decide.
      .replaceAll('p99<50ms', 'p99<1h')
      .replaceAll('throughput>1000', 'throughput>0')
      .replaceAll('bench compare', 'bench compare --tolerance 100%');

  const run = (script: string, cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const PATH = [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter);
      const child = spawn('sh', ['-ec', shortened(script)], { cwd, env: environment({ PATH, ...env }) });
      let out = '';
      let err = '';
      child.stdin.end();
      child.stdout.on('data', (chunk) => (out += chunk));
      child.stderr.on('data', (chunk) => (err += chunk));
      child.on('close', (status) => {
        if (status === 0) resolve(out);
        else reject(new Error(`status ${status}: ${err}`));
      });
    });

  for (const [index, script] of blocksOf('sh').entries()) {
    it(`shows commands that do what it says: ${script.split('\n')[0]}`, async () => {
      const own = join(folder, `block-${index}`);
      mkdirSync(own);
      const out = await run(script, own);
      expect(out)
        .to.contain('helloworld.Greeter.SayHello at ')
        .and.match(/\n {2}OK +\d/);
      if (script.includes('--html')) expect(existsSync(join(own, 'report.html'))).to.equal(true);
      const of = /--shard [^ ]*\/(\d)/.exec(script)?.[1];
      if (of !== undefined) expect(out).to.match(new RegExp(`\\n {2}${of}/${of} .* ended `));
    });
  }

  it('shows a workflow that does what it says', async () => {
    const [text] = blocksOf('yaml');
    const { jobs } = parse(text) as { readonly jobs: Readonly<Record<'plan' | 'load' | 'report', Job>> };
    const own = join(folder, 'workflow');
    mkdirSync(own);
    const script = ({ steps }: Job, values: Readonly<Record<string, unknown>> = {}): string =>
      steps
        .flatMap((step) => step.run ?? [])
        .join('\n')
        .replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name: string) => String(values[name]));
    const outputs = join(own, 'outputs');
    await run(script(jobs.plan), own, { GITHUB_OUTPUT: outputs });
    const [, start] = /^at=(\d+)$/m.exec(readFileSync(outputs, 'utf8')) ?? [];
    expect(start).to.match(/^\d{10}$/);
    const { shard: shards } = jobs.load.strategy?.matrix ?? { shard: [] };
    await Promise.all(
      shards.map((shard) =>
        run(script(jobs.load, { 'matrix.shard': shard, 'needs.plan.outputs.start': start }), own),
      ),
    );
    const out = await run(script(jobs.report), own);
    expect(out).to.match(/4\/4 .* ended /);
    expect(existsSync(join(own, 'report.html'))).to.equal(true);
  });
});
