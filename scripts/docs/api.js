// Writes docs/api/ from the docstrings of what the package exports, with TypeDoc, or compares it with them:
//
//   node scripts/docs/api.js            writes
//   node scripts/docs/api.js --check    fails where the pages are not what it would write
//
// The pages are committed, so that a change of the public API shows in the diff of whoever makes it. An export without
// documentation fails, too.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CACHE, tool } from './tools.js';

const PAGES = 'docs/api';
const MADE = join(CACHE, 'api');

/** Types that signatures name and nobody imports: they are parts of the types of an exported one. */
const NOT_EXPORTED = [
  'ErrorDetails',
  'Eventual',
  'HandlerOfTypes',
  'IsUntyped',
  'KeyOfService',
  'LoadBalancing',
  'MethodsOf',
  'Options',
  'OtelApi',
  'OtelMeter',
  'OtelTracer',
  'ServiceIn',
  'StreamRequest',
  'Target',
  'Transport',
  'TypesOf',
  'WaitSource',
];

/** Those whose matchers have a door each. */
const FRAMEWORKS = ['chai', 'jest', 'vitest'];

const options = {
  plugin: [tool('typedoc-plugin-markdown/dist/index.js'), resolve('scripts/docs/api-order.js')],
  tsconfig: resolve('tsconfig.dist.json'),
  entryPoints: [
    resolve('lib/index.ts'),
    resolve('lib/testing/index.ts'),
    ...FRAMEWORKS.map((name) => resolve(`lib/testing/matchers/${name}.ts`)),
  ],
  out: MADE,
  readme: 'none',
  // Lines and files change without the API.
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  sort: ['source-order'],
  outputFileStrategy: 'modules',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  ...Object.fromEntries(
    [
      'parametersFormat',
      'interfacePropertiesFormat',
      'classPropertiesFormat',
      'typeDeclarationFormat',
      'typeAliasPropertiesFormat',
      'propertyMembersFormat',
    ].map((format) => [format, 'table']),
  ),
  tableColumnSettings: {
    hideSources: true,
    hideModifiers: true,
    hideInherited: true,
    hideOverrides: true,
    leftAlignHeaders: true,
  },
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: [
    'Class',
    'Constructor',
    'Interface',
    'TypeAlias',
    'Function',
    'Variable',
    'Method',
    'Accessor',
  ],
  intentionallyNotExported: NOT_EXPORTED,
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
};

const MARK = '<!-- made by `npm run docs:api` from the docstrings in lib/; do not edit -->';

/** The doors: the page that TypeDoc makes of each, the page it becomes, its title and what a reader finds there. */
const DOORS = [
  ['index.md', 'stubless.md', 'stubless', 'Everything that `import { … } from "stubless"` gives.'],
  [
    'testing.md',
    'stubless-testing.md',
    'stubless/testing',
    'Everything that `import { … } from "stubless/testing"` gives: a gRPC server for tests. [The guide](../testing.md).',
  ],
  ...FRAMEWORKS.map((name) => [
    `testing/matchers/${name}.md`,
    `stubless-testing-${name}.md`,
    `stubless/testing/${name}`,
    `Everything that \`import { … } from "stubless/testing/${name}"\` gives: matchers. [The guide](../testing.md#matchers).`,
  ]),
];

/** The anchors of what a page tells of, by their names: those that GitHub gives to the headings of level 3. */
function anchors(text) {
  const counts = new Map();
  const found = new Map();
  for (const [, level, heading] of text.matchAll(/^(#+) (.*)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    if (level === '###') found.set(heading.replace('()', ''), count === 0 ? slug : `${slug}-${count}`);
  }
  return found;
}

/** Links to what a page tells of go to its heading: TypeDoc also counts headings that are rows of tables here. */
function withAnchors(text, file, all) {
  return text.replaceAll(/\[`(\w+)`\]\(([\w-]+\.md)?#[^)]*\)/g, (link, name, page = '') => {
    const anchor = all.get(page === '' ? file : page)?.get(name);
    return anchor === undefined ? link : `[\`${name}\`](${page}#${anchor})`;
  });
}

/** The same without the line breaks of docstrings, which say nothing: a paragraph, or an item of a list, is a line. */
function unwrapped(text) {
  let isCode = false;
  const lines = [];
  for (const line of text.split('\n')) {
    const isFence = line.startsWith('```');
    const before = lines.at(-1) ?? '';
    const goesOn = !isCode && !isFence && /^[^\s#|>-]/.test(line) && /^[^#|<`]|^`[^`]/.test(before);
    if (goesOn && !line.startsWith('***')) lines[lines.length - 1] = `${before} ${line.trim()}`;
    else lines.push(line);
    if (isFence) isCode = !isCode;
  }
  return lines.join('\n');
}

/** A page of TypeDoc's as it is in docs/: without what concerns lib/ alone, or changes with what stands around it. */
function page(text, title, purpose) {
  const lines = text
    .replace(/^# .*$/m, `# ${title}\n\n${purpose}`)
    .replaceAll(/<a id="[^"]*"><\/a> /g, '')
    .replaceAll(/^#+ (?:Inherited from|Overrides|Implementation of)\n\n.*\n\n?/gm, '')
    .replaceAll(/^#+ Extends\n\n- `(?!Error)\w+`\n\n/gm, '')
    .replaceAll(/(?<![\w/[`])docs\/([\w-]+\.md)/g, '[$1](../$1)')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n');
  // Pages of one folder link to each other without it.
  const linked = DOORS.reduce(
    (all, [from, to]) => all.replaceAll(`](${from}`, `](${to}`).replaceAll(`](${basename(from)}`, `](${to}`),
    lines,
  );
  return `${MARK}\n\n${unwrapped(linked).trim()}\n`;
}

rmSync(MADE, { recursive: true, force: true });
mkdirSync(CACHE, { recursive: true });
writeFileSync(join(CACHE, 'typedoc.json'), JSON.stringify(options, undefined, 2));
const made = spawnSync(
  process.execPath,
  [tool('typedoc/bin/typedoc'), '--options', join(CACHE, 'typedoc.json')],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
if (made.status !== 0) {
  console.error('FAIL: what TypeDoc says above is to be mended, in the docstrings or in scripts/docs/api.js');
  process.exit(1);
}
const texts = DOORS.map(([from, to, title, purpose]) => [
  to,
  page(readFileSync(join(MADE, from), 'utf8'), title, purpose),
]);
const allAnchors = new Map(texts.map(([file, text]) => [file, anchors(text)]));
const pages = new Map(texts.map(([file, text]) => [file, withAnchors(text, file, allAnchors)]));

if (process.argv[2] === '--check') {
  const there = existsSync(PAGES) ? readdirSync(PAGES) : [];
  const stale = [...new Set([...pages.keys(), ...there])].filter(
    (file) => !there.includes(file) || readFileSync(join(PAGES, file), 'utf8') !== pages.get(file),
  );
  if (stale.length > 0) {
    console.error(
      `FAIL: the public API is not what ${PAGES} says; run \`npm run docs:api\` and read its diff:`,
    );
    for (const file of stale) console.error(`  ${PAGES}/${file}`);
    process.exitCode = 1;
  }
} else {
  rmSync(PAGES, { recursive: true, force: true });
  mkdirSync(PAGES, { recursive: true });
  for (const [file, text] of pages) writeFileSync(join(PAGES, file), text);
}
