// The documentation's programs. Each block of the README marked `ts` compiles in a strict project, runs against the
// example server through the built package, and prints what the comments beside its console.log say. Those of the guides,
// which often are parts of programs, compile with what their page leaves to the reader.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { compilerErrors } from './support/compiler.ts';
import { startExampleServer } from './support/peers/servers.ts';
import { runNode } from './support/program.ts';

const FOLDER = '.build/readme';

/** What a block relies on when it does not make its own client: the README's first block. */
const PRELUDE = [
  "import { Client } from 'stubless';",
  "const client = new Client('localhost', 50051);",
  "await client.load('protos/helloworld.proto');",
  "await client.load('protos/route_guide.proto');",
  '',
].join('\n');

interface Block {
  readonly line: number;
  readonly code: string;
}

function blocks(markdown: string, language = 'ts'): Block[] {
  return Array.from(
    markdown.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm')),
    (match) => ({
      line: markdown.slice(0, match.index).split('\n').length,
      code: match[1],
    }),
  );
}

function program({ code }: Block): string {
  const body = /new Client[<(]/.test(code) ? code : PRELUDE + code;
  return /\bawait client\.close\(\)/.test(body) || !/\bclient\b/.test(body)
    ? body
    : `${body}await client.close();\n`;
}

/** The comments beside console.log statements, in order. */
function promisedLines(code: string): string[] {
  return Array.from(code.matchAll(/console\.log\(.*\);? \/\/ (.+)$/gm), (match) => match[1]);
}

/** Every page of documentation. */
function pages(): string[] {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file));
  return [
    ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'],
    ...docs.filter((file) => file.endsWith('.md')),
  ];
}

/** The headings of a page as links name them: one that comes again has a number behind it. */
function anchors(page: string): string[] {
  const counts = new Map<string, number>();
  return Array.from(readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm), ([, heading]) => {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? `#${name}` : `#${name}-${count}`;
  });
}

/** What the programs of a page of docs/ leave to the reader, as declarations. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'docs/compression.md': 'declare const name: string;',
  'docs/connections.md':
    'declare const resolver: ResolverFactory; declare const registry: { watch(path: string, f: (instances: { ip: string; port: number }[]) => void): { on(event: string, f: (error: Error) => void): void; stop(): void } };',
  'docs/credentials.md': 'declare const tokens: { current(): string };',
  'docs/from-grpc-js.md': 'declare const grpc: any; declare const protoLoader: any;',
  'docs/interceptors.md':
    'declare const cache: Map<string, any>; declare function record(method: string, codeName: string, ms: number): void;',
  'docs/introspection.md':
    'declare const feature: DynamicMessage; declare const text: string; declare const bytes: Uint8Array;',
  'docs/patterns.md': "import { expect } from 'chai'; import type {} from 'stubless/testing/chai';",
  'docs/proxies.md': 'declare const username: string; declare const password: string;',
  'docs/resilience.md': "import { readFileSync } from 'node:fs'; declare const point: object;",
  'docs/testing.md':
    "import { expect } from 'chai'; declare function checkout(client: Client, items: object[]): Promise<string>;",
};
/** Modules of the reader's own that programs import. */
const OF_THE_READER: Readonly<Record<string, string>> = {
  'services.d.ts':
    "export interface Services { 'helloworld.Greeter.SayHello': { request: { name?: string }; reply: { message: string }; cardinality: 'unary_unary' } }",
  'frameworks.d.ts':
    "declare module 'vitest' { export interface Assertion<T = any> {} export const expect: { (value: unknown): Assertion; extend(matchers: object): void; addSnapshotSerializer(serializer: object): void }; } declare module 'expect' { export interface Matchers<R> {} }",
  'some-codec.d.ts':
    "declare module 'some-codec' { export function compressSync(bytes: Uint8Array): Uint8Array; export function uncompressSync(bytes: Uint8Array, options: object): Uint8Array; }",
};
const EXPORTS = ['Client', 'RpcError', 'StatusCode', 'Metadata', 'bearerToken', 'googleCredentials'];
const TYPES = ['Interceptor', 'Compression', 'ResolverFactory', 'DynamicMessage', 'CallEvent'];

/** A block of a guide as a whole module: with the imports and objects that it does not repeat. */
function guideModule(page: string, { code }: Block): string {
  const isThere = (name: string): boolean =>
    new RegExp(`import [^;]*\\b${name}\\b[^;]*from|(?:const|let) ${name}\\b`).test(code);
  const left = (LEFT_OUT[page] ?? '')
    .split(/(?<=;) (?=declare|import)/)
    .filter((line) => !isThere(/^(?:declare const|import \{) (\w+)/.exec(line)?.[1] ?? 'nothing at all'));
  if (!isThere('client')) left.push('declare const client: Client;');
  if (!isThere('server')) left.push('declare const server: TestServer;');
  const lacks = (name: string): boolean =>
    !isThere(name) && new RegExp(`\\b${name}\\b`).test([...left, code].join('\n'));
  const imports = [...EXPORTS.filter(lacks), ...TYPES.filter(lacks).map((name) => `type ${name}`)];
  const testing = ['TestServer', 'rpcError'].filter(lacks);
  return [
    `import { ${imports.join(', ')} } from 'stubless';`,
    `import { ${testing.join(', ')} } from 'stubless/testing';`,
    ...left,
    code,
    'export {};',
  ].join('\n');
}

/** Compiles files of a folder as this project's own, and says what is wrong with them. */
function compile(folder: string, files: readonly string[], more: object = {}): Promise<readonly string[]> {
  const { compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8'));
  const { incremental, tsBuildInfoFile, rootDir, outDir, sourceMap, ...settings } = compilerOptions;
  return compilerErrors(resolve(folder), files, { ...settings, noUnusedLocals: false, ...more });
}

describe('README.md', function () {
  this.timeout(60_000);

  const markdown = readFileSync('README.md', 'utf8');
  const found = blocks(markdown);
  const name = (block: Block): string => `line-${block.line}.ts`;
  const path = (block: Block): string => join(FOLDER, name(block));
  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let errors: readonly string[] = [];

  before(async () => {
    server = await startExampleServer({ reflection: true });
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const block of found) {
      writeFileSync(path(block), program(block).replaceAll('50051', String(server.port)));
    }
    errors = await compile(FOLDER, found.map(name));
  });
  after(() => server.close());

  it('has programs that compile under strict and noPropertyAccessFromIndexSignature', () => {
    expect(found.length).to.be.greaterThan(3);
    expect(errors).to.deep.equal([]);
  });

  for (const block of found) {
    it(`has a program at line ${block.line} that runs and prints what it says`, async () => {
      const end = await runNode([path(block).replace(/\.ts$/, '.js')]);
      expect(end.stderr).to.equal('');
      expect(end.status).to.equal(0);
      const printed = end.stdout.split('\n');
      for (const line of promisedLines(block.code)) {
        const at = printed.indexOf(line);
        expect(at, `${line} in\n${end.stdout}`).to.be.at.least(0);
        printed.splice(0, at + 1);
      }
    });
  }

  it('has no program that escapes: each block is a program, commands or indented in neither', () => {
    const languages = Array.from(markdown.matchAll(/^ *```(\w*)\n/gm), (match) => match[1]).filter(
      (name) => name !== '',
    );
    expect(new Set(languages)).to.deep.equal(new Set(['ts', 'sh']));
  });

  it('has the figures of docs/benchmark.md', () => {
    const row = (name: string): string[] =>
      new RegExp(`^\\| ${name} +\\|(.*)$`, 'm')
        .exec(readFileSync('docs/benchmark.md', 'utf8'))?.[1]
        .split('|')
        .map((cell) => cell.trim()) ?? [];
    const [ours, grpcJs, , nodes] = row('unary, 128 in flight');
    const alone = row('unary, 1 in flight').map((cell) => cell.replace(' µs', ''));
    const text = markdown.replaceAll(/\s+/g, ' ');
    expect(text).to.include(
      `With 128 calls in flight, a unary call costs ${ours} of CPU time, compared with ${nodes} over Node's own HTTP/2 and ${grpcJs} with grpc-js; one call at a time costs ${alone[0]}, ${alone[3]} and ${alone[1]} µs`,
    );
  });

  it('is joined by docs/options.md, which lists every option, itself or in a guide', () => {
    const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((file) => /^(?:call|catalog|client)[\\/][a-z]+-options?\.ts$|option-checks\.ts$/.test(file))
      .map((file) => readFileSync(join('lib', file), 'utf8'));
    const names = files.flatMap((source) =>
      Array.from(source.matchAll(/^ {2}readonly (\w+)\?:/gm), (match) => match[1]),
    );
    // Those of one subject are in the guide that the page links to.
    const options = readFileSync('docs/options.md', 'utf8');
    const guides = Array.from(options.matchAll(/\]\(([\w-]+\.md)/g), (match) => join('docs', match[1]));
    const page = [options, ...guides.map((guide) => readFileSync(guide, 'utf8'))].join('\n');
    expect(names).to.include.members(['timeoutMs', 'authority', 'includeDirs']);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).to.deep.equal([]);
  });

  it('and the guides name files of lib/ and spec/ that exist', () => {
    const named = pages().flatMap((page) =>
      Array.from(
        readFileSync(page, 'utf8').matchAll(/(?<![\w/.-])(?:lib|spec)\/[\w/.-]+\.ts\b/g),
        ([path]) => ({
          page,
          path,
        }),
      ),
    );
    expect(named.length).to.be.greaterThan(5);
    expect(named.filter(({ path }) => !existsSync(path))).to.deep.equal([]);
  });

  for (const page of pages()) {
    it(`finds the files and headings that ${page} links to`, () => {
      const links = readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]*)(#[^)]+)?\)/g);
      const missing = Array.from(links).filter(([, path, anchor]) => {
        const target = path === '' ? page : join(dirname(page), path);
        return !existsSync(target) || (anchor !== undefined && !anchors(target).includes(anchor));
      });
      expect(missing.map(([link]) => link)).to.deep.equal([]);
    });
  }
});

describe('The guides', function () {
  this.timeout(60_000);

  // Those of the API, which TypeDoc makes, have signatures in place of programs.
  const guides = pages().filter((page) => page.startsWith('docs/') && !page.startsWith('docs/api/'));

  const folder = '.build/guides';
  before(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(OF_THE_READER)) writeFileSync(join(folder, name), text);
  });

  /** Programs may read `process.env.NAME`, and those in JavaScript leave types out. */
  const settings = {
    ts: {},
    js: { strict: false, exactOptionalPropertyTypes: false, noUnusedParameters: false },
  };
  for (const [language, more] of Object.entries(settings)) {
    it(`have programs in ${language} that compile`, async () => {
      const files = guides.flatMap((page) =>
        blocks(readFileSync(page, 'utf8'), language).map((block) => {
          const file = `${page.replaceAll(/\W/g, '-')}-line-${block.line}.ts`;
          writeFileSync(join(folder, file), guideModule(page, block));
          return file;
        }),
      );
      expect(files.length).to.be.greaterThan(5);
      const given = [...files, ...Object.keys(OF_THE_READER)];
      const options = { noEmit: true, noPropertyAccessFromIndexSignature: false, ...more };
      expect(await compile(folder, given, options)).to.deep.equal([]);
    });
  }

  it('have no block in another language that escapes', () => {
    const languages = guides.flatMap((page) =>
      Array.from(readFileSync(page, 'utf8').matchAll(/^ *```(\w+)\n/gm), (match) => match[1]),
    );
    // What a terminal shows is in `console`; blocks of `yaml` are for spec/docs/request-files.spec.ts.
    const known = ['console', 'js', 'json', 'mermaid', 'sh', 'ts', 'yaml'];
    expect([...new Set(languages)].sort()).to.deep.equal(known);
  });

  it('are all in the index, docs/README.md', () => {
    const index = readFileSync('docs/README.md', 'utf8');
    const missing = pages().filter(
      (page) => page.startsWith('docs/') && !page.includes('decisions') && page !== 'docs/README.md',
    );
    expect(missing.filter((page) => !index.includes(`](${page.slice('docs/'.length)})`))).to.deep.equal([]);
  });
});
