// The README's programs: each block marked `ts` compiles in a strict project, runs against the example server
// through the built package, and prints what the comments beside its console.log say.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { runNode } from './support/program.ts';
import { startExampleServer } from './support/servers.ts';

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

function blocks(markdown: string): Block[] {
  return Array.from(markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm), (match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1],
  }));
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
  return ['README.md', 'CONTRIBUTING.md', 'examples/README.md', ...docs].filter((file) =>
    file.endsWith('.md'),
  );
}

function compile(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { incremental, tsBuildInfoFile, outDir, sourceMap, ...settings } = config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...settings, types: ['node'], noUnusedLocals: false },
    '.',
  );
  const compiler = ts.createProgram({ rootNames: files, options });
  const diagnostics = [...ts.getPreEmitDiagnostics(compiler), ...compiler.emit().diagnostics];
  return diagnostics.map((d) => {
    const at = d.file && d.start !== undefined ? d.file.getLineAndCharacterOfPosition(d.start) : undefined;
    const text = ts.flattenDiagnosticMessageText(d.messageText, '\n');
    return `${d.file?.fileName ?? ''}:${(at?.line ?? 0) + 1} ${text}`;
  });
}

describe('README.md', function () {
  this.timeout(60_000);

  const markdown = readFileSync('README.md', 'utf8');
  const found = blocks(markdown);
  const path = (block: Block): string => `${FOLDER}/line-${block.line}.ts`;
  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let errors: string[] = [];

  before(async () => {
    server = await startExampleServer();
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const block of found) {
      writeFileSync(path(block), program(block).replaceAll('50051', String(server.port)));
    }
    errors = compile(found.map(path));
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

  it('is joined by docs/options.md, which lists every option, itself or in a guide', () => {
    const files = readdirSync('lib/options').map((file) => readFileSync(join('lib/options', file), 'utf8'));
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

  for (const page of pages()) {
    it(`finds the files that ${page} links to`, () => {
      const links = readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g);
      const targets = Array.from(links, (match) => join(dirname(page), match[1]));
      expect(targets.filter((target) => !existsSync(target))).to.deep.equal([]);
    });
  }
});
