// `npm start`: runs every file of examples/ against an embedded server, and shows its code beside what it prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { serveExamples } from '../spec/support/peers/example-server.ts';

const hasColours = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
const bold = (text: string): string => (hasColours ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string): string => (hasColours ? `\x1b[2m${text}\x1b[0m` : text);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The examples in the order of their README. */
function exampleFiles(): string[] {
  const readme = readFileSync('examples/README.md', 'utf8');
  return Array.from(readme.matchAll(/^\| \[(.+?\.js)\]/gm), (match) => `examples/${match[1]}`);
}

interface Listing {
  readonly title: string;
  /** All of the program. */
  readonly code: string;
  /** Without what all examples have in common: the import, the client, its close. */
  readonly body: string;
}

/** An example is paragraphs: title and imports; set-up; what it is about; close; what it prints. */
function listing(file: string): Listing {
  const source = readFileSync(file, 'utf8');
  const title = source.slice(3, source.indexOf('   node '));
  const paragraphs = source.slice(source.indexOf('\n') + 1).split('\n\n');
  return { title, code: paragraphs.slice(0, -1).join('\n\n'), body: paragraphs.slice(2, -2).join('\n\n') };
}

async function run(file: string, address: string): Promise<void> {
  const child = spawn(process.execPath, [file, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  let rest = '';
  for await (const text of child.stdout) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) print(`  ${line}`);
  }
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) process.exitCode = 1;
}

const server = await serveExamples();
try {
  for (const [i, file] of exampleFiles().entries()) {
    const { title, code, body } = listing(file);
    print(`\n${bold(title)} ${dim(file)}\n`);
    for (const line of (i === 0 ? code : body).split('\n')) print(dim(`  │ ${line}`.trimEnd()));
    print('');
    await run(file, `localhost:${server.port}`);
    if (i === 0) print(dim('\n(From here on without the import, the client and its close.)'));
  }
} finally {
  await server.close();
}
print('\nThese programs are files to copy: examples/. What else there is: README.md.');
