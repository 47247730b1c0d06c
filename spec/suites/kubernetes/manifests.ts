// biome-ignore-all lint/suspicious/noTemplateCurlyInString: headers have such variables
// Lines of `stubless bench --kubernetes`, and what their manifests are to say when Kubernetes' own code has read them.

import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from './controller.ts';
import type { Kubectl } from './kubectl.ts';

const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');
const SERVER = 'greeter.default.svc:50051';
const SCHEMA = ['--proto', 'protos/helloworld.proto'];

/** Texts that YAML 1.1 would take for something else, or for its own signs, and that a shell or Kubernetes would replace. */
const AWKWARD = [
  'yes',
  'NO',
  'on',
  '~',
  'null',
  '012',
  '0x1f',
  '1_000',
  '1:30',
  '12e3',
  '2026-01-31',
  '.inf',
  '=',
  '<<',
  '- a',
  'a: b',
  '#c',
  'a #b',
  "it's",
  '"q"',
  '{a}',
  '[b]',
  '&a',
  '*b',
  '!c',
  '|',
  '>',
  '%d',
  '@e',
  '`f`',
  ' lead',
  'trail ',
  'a\tb',
  'ü€🎉',
  '$(JOB_COMPLETION_INDEX)',
  '$$(A)',
  '$(',
  '${B}',
  '$$',
  '$',
  '\\n',
  '\u2028',
  '\u0085',
  '',
];

interface Line {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly kinds: readonly string[];
  /** Words of the pods that must be there, in this order. */
  readonly words?: readonly string[];
  readonly data?: Readonly<Record<string, string | Buffer>>;
  /** What must not be in the manifest, anywhere. */
  readonly secrets?: readonly string[];
}

const requests = AWKWARD.map((name) => JSON.stringify({ name })).join('\n');

export const LINES: readonly Line[] = [
  {
    name: 'the least: one pod, the schema from the server',
    args: [SERVER, 'SayHello', '--kubernetes', '1'],
    kinds: ['Job'],
  },
  {
    name: 'files of a schema and of requests',
    args: [SERVER, 'SayHello', ...SCHEMA, '-d', '-', '--kubernetes', '3', '-n', '300', '--namespace', 'load'],
    stdin: requests,
    kinds: ['ConfigMap', 'Service', 'Job'],
    data: { 'request.json': requests },
  },
  {
    name: 'words that YAML, shells and Kubernetes read otherwise',
    args: [
      SERVER,
      'SayHello',
      'name=yes',
      ...SCHEMA,
      ...AWKWARD.filter((text) => text.trim() === text && !/[^ -~]/.test(text)).flatMap((text) => [
        '-H',
        `x-text: ${text.replaceAll('${', '$${')}`,
      ]),
      '--user-agent',
      'yes',
      '--kubernetes',
      '2',
    ],
    kinds: ['ConfigMap', 'Service', 'Job'],
    words: AWKWARD.filter((text) => text.trim() === text && !/[^ -~]/.test(text)).map(
      (text) => `--header=x-text: ${text.replaceAll('${', '$${')}`,
    ),
  },
  {
    name: 'binary requests, certificates, a key, a token and a password',
    args: [
      `https://${SERVER}`,
      'SayHello',
      ...SCHEMA,
      '--input',
      'binary',
      '-d',
      '-',
      '--kubernetes',
      '10000',
      '-c',
      '10000',
      '--ca',
      join(CERTIFICATES, 'root.pem'),
      '--cert',
      join(CERTIFICATES, 'client.pem'),
      '--key',
      join(CERTIFICATES, 'client.key'),
      '--passphrase',
      'open-sesame',
      '--token',
      'a-secret-token',
      '-H',
      'x-api-key: another-secret',
      '-H',
      'x-build: ${BUILD}',
      '--proxy',
      'http://user:proxy-secret@proxy.example:3128',
      '--image',
      `registry.example.com:5000/tools/stubless:0.1.0@sha256:${'ab'.repeat(32)}`,
    ],
    stdin: '\n\u0003yes',
    kinds: ['ConfigMap', 'Service', 'Job'],
    data: { 'request.bin': '\n\u0003yes', 'ca.pem': readFileSync(join(CERTIFICATES, 'root.pem')) },
    secrets: [
      'open-sesame',
      'a-secret-token',
      'another-secret',
      'proxy-secret',
      readFileSync(join(CERTIFICATES, 'client.key'), 'utf8').split('\n')[1] ?? '',
    ],
  },
  {
    name: 'every option of the load',
    args: [
      SERVER,
      'SayHello',
      'name=x {{n}}',
      ...SCHEMA,
      '--ramp',
      '0.5..100:30s;100:1m30s',
      '--max-in-flight',
      '64',
      '--connections',
      '8',
      '--warm-up',
      '0',
      '--threads',
      '2',
      '--timeout',
      'none',
      '--max-size',
      '1MiB',
      '--gate-timeout',
      '90s',
      '--no-proxy',
      '--kubernetes',
      '4',
    ],
    kinds: ['ConfigMap', 'Service', 'Job'],
    words: [
      '--max-in-flight=64',
      '--connections=8',
      '--warm-up=0ms',
      '--threads=2',
      '--no-proxy',
      '--timeout=none',
      '--gate-timeout=90000ms',
    ],
  },
];

interface Checked {
  readonly kind: string;
  readonly name: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly data?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** The manifest of a line. @param cli the built command line */
export function manifestOf(cli: string, args: readonly string[], stdin = ''): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'bench', ...args, '--no-config'], {
    input: stdin,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

export async function checkLine(line: Line, cli: string, kubectl: Kubectl): Promise<void> {
  const manifest = manifestOf(cli, line.args, line.stdin);
  for (const secret of line.secrets ?? [])
    assert.ok(!manifest.includes(secret), `a secret is in the manifest: ${secret}`);
  const text = execFileSync(MANIFEST, ['check'], {
    input: manifest,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const checked = JSON.parse(text) as Checked[];
  assert.deepEqual(
    checked.map(({ kind }) => kind),
    line.kinds,
  );
  for (const { kind, errors, warnings } of checked) {
    assert.deepEqual({ kind, errors, warnings }, { kind, errors: [], warnings: [] });
  }
  const data = checked.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
  for (const [name, content] of Object.entries(line.data ?? {})) {
    assert.deepEqual(
      Buffer.from(data[name] ?? '', 'base64'),
      Buffer.from(content),
      `${name} of the ConfigMap`,
    );
  }
  // Kubernetes makes one dollar sign of two; that no other is a variable, playing the Job shows.
  const words = (checked.at(-1)?.args ?? []).map((word) => word.replaceAll('$$', '$'));
  const found = words.filter((word) => line.words?.includes(word) === true);
  assert.deepEqual(found, line.words ?? []);
  await checkKubectl(manifest, checked, kubectl);
}

async function checkKubectl(manifest: string, checked: readonly Checked[], kubectl: Kubectl): Promise<void> {
  const dry = ['--dry-run=client', '--validate=false', '-o', 'name'];
  const names = checked.map(({ kind, name }) =>
    kind === 'Job' ? `job.batch/${name}` : `${kind.toLowerCase()}/${name}`,
  );
  for (const verb of ['create', 'apply']) {
    assert.deepEqual(
      (await kubectl.run([verb, ...dry], manifest)).trim().split('\n'),
      names,
      `kubectl ${verb}`,
    );
  }
}
