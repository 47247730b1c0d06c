// Large public schemas for the benchmark: all of googleapis (npm's google-proto-files, 83 MB), Kubernetes' and
// etcd's (the Go module proxy). Too large to be devDependencies: put into .cache/schemas when asked for.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const GOOGLE_PROTO_FILES = '6.0.1';
const MODULES: readonly { readonly module: string; readonly version: string; readonly at: string }[] = [
  { module: 'k8s.io/api', version: 'v0.31.0', at: 'kubernetes/k8s.io/api' },
  { module: 'k8s.io/apimachinery', version: 'v0.31.0', at: 'kubernetes/k8s.io/apimachinery' },
  { module: 'go.etcd.io/etcd/api/v3', version: 'v3.5.15', at: 'etcd/etcd/api' },
];

export interface SchemaTree {
  readonly name: string;
  readonly root: string;
  /** Every .proto file below the root, as imports name it. */
  readonly files: readonly string[];
  /** A message to encode, as a call would. */
  readonly message: string;
}

function protosBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.proto'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

function installGoogleapis(folder: string): string {
  const root = join(folder, 'node_modules', 'google-proto-files');
  if (existsSync(root)) return root;
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const wanted = `google-proto-files@${GOOGLE_PROTO_FILES}`;
  execFileSync(
    'npm',
    [
      'install',
      '--engine-strict=false',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      wanted,
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return root;
}

/** Copies the .proto files, as the module cache's own folders have versions in their names. */
function installModules(folder: string): void {
  for (const { module, version, at } of MODULES) {
    const target = join(folder, at);
    if (existsSync(target)) continue;
    const described = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod' },
    });
    const { Dir: directory }: { Dir: string } = JSON.parse(described);
    for (const path of protosBelow(directory)) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      copyFileSync(join(directory, path), join(target, path));
    }
  }
}

/** The trees, installed. */
export function schemaTrees(): SchemaTree[] {
  const folder = resolve('.cache/schemas');
  mkdirSync(folder, { recursive: true });
  const google = installGoogleapis(folder);
  installModules(folder);
  const below = (root: string, under: string): string[] =>
    protosBelow(join(root, under)).map((path) =>
      relative(root, join(root, under, path)).replaceAll('\\', '/'),
    );
  return [
    {
      name: 'etcd',
      root: join(folder, 'etcd'),
      files: below(join(folder, 'etcd'), 'etcd'),
      message: 'etcdserverpb.RangeRequest',
    },
    {
      name: 'Kubernetes',
      root: join(folder, 'kubernetes'),
      files: below(join(folder, 'kubernetes'), 'k8s.io'),
      message: 'k8s.io.api.core.v1.Pod',
    },
    {
      name: 'googleapis/cloud',
      root: google,
      files: below(google, 'google/cloud'),
      message: 'google.cloud.vision.v1.AnnotateImageRequest',
    },
    {
      name: 'googleapis, all',
      root: google,
      // Without protobuf's own tests, which define things twice.
      files: below(google, 'google').filter((file) => !file.startsWith('google/protobuf/')),
      message: 'google.pubsub.v1.PublishRequest',
    },
  ];
}
