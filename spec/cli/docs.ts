// The part of docs/cli.md that is made from the commands' definitions. `npm run docs:cli` writes it; a spec holds it.

import { readFileSync, writeFileSync } from 'node:fs';
import { commandsMarkdown } from '../../lib/cli/markdown.ts';

const PATH = 'docs/cli.md';
const BEGIN = '<!-- made by `npm run docs:cli` from lib/cli; do not edit below -->';

/** The file as it should be. */
export async function cliGuide(): Promise<{ readonly is: string; readonly shouldBe: string }> {
  const is = readFileSync(PATH, 'utf8');
  const at = is.indexOf(BEGIN);
  if (at < 0) throw new Error(`${PATH} lacks the line ${BEGIN}`);
  return { is, shouldBe: `${is.slice(0, at)}${BEGIN}\n\n${await commandsMarkdown()}\n` };
}

if (process.argv[2] === '--write') writeFileSync(PATH, (await cliGuide()).shouldBe);
