// Builds the documentation as one site, .cache/docs/site, with VitePress: the README as its home page, the guides, the
// API, the changes. It fails on dead links: to pages, to headings, and to files of the repository, which the site
// links to where they are published.
//
//   node scripts/docs/site.js            for a site at the root of its host
//   DOCS_BASE=/stubless/ node …          for one below it

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { CACHE, tool } from './tools.js';

const STAGE = join(CACHE, 'pages');
const SITE = join(CACHE, 'site');
const { description, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const REPOSITORY = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
const FENCE = /^ *(?:```|~~~)/;

/** The repository's pages, by their paths. */
function pages() {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) =>
    posix.join('docs', file),
  );
  return [
    ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'],
    ...docs.filter((file) => file.endsWith('.md')),
  ];
}

/** Where a page is on the site: a folder's README is its index. */
const staged = (path) => path.replace(/(^|\/)README\.md$/, '$1index.md');

const problems = [];
const known = new Set(pages());

/** A link of a page, as it is on the site. */
function link(from, target) {
  if (/^(?:#|[a-z]+:)/.test(target)) return target;
  const [path, anchor = ''] = target.split(/(?=#)/);
  const file = posix.join(posix.dirname(from), path).replace(/\/$/, '');
  if (known.has(file)) return `${path.replace(/README\.md$/, 'index.md')}${anchor}`;
  if (known.has(`${file}/README.md`)) return `${path.replace(/\/?$/, '/')}index.md${anchor}`;
  if (!existsSync(file)) {
    problems.push(`${from}: there is no ${target}`);
    return target;
  }
  return `${REPOSITORY}/${statSync(file).isDirectory() ? 'tree' : 'blob'}/main/${file}${anchor}`;
}

/** A page as the site has it: links of its own, and nothing that VitePress takes for a template of Vue's. */
function stagedText(path) {
  let isCode = false;
  const text = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => {
      if (FENCE.test(line)) isCode = !isCode;
      if (isCode || FENCE.test(line)) return line;
      return line.replaceAll(/\]\(([^)\s]+)\)/g, (_, target) => `](${link(path, target)})`);
    })
    .join('\n');
  return `::: v-pre\n${text}\n:::\n`;
}

/** The first heading of a page. */
function titleOf(path) {
  return /^# (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1].replaceAll('`', '') ?? path;
}

/** The sidebar: the sections of docs/README.md, and the pages that each names. */
function sidebar() {
  const [, ...sections] = readFileSync('docs/README.md', 'utf8').split(/^## /m);
  return [
    { text: 'stubless', link: '/' },
    ...sections.map((section) => ({
      text: section.split('\n', 1)[0],
      collapsed: false,
      items: Array.from(section.matchAll(/\]\(([^)#]+\.md)\)/g), ([, target]) => {
        const path = posix.join('docs', target);
        return { text: titleOf(path), link: `/${staged(path).replace(/(?:index)?\.md$/, '')}` };
      }),
    })),
  ];
}

/** Links of the built pages that lead nowhere: to a file that is not there, or to a heading that its page has not. */
function deadLinks() {
  const html = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.html'),
  );
  const texts = new Map(
    html.map((file) => [file.replaceAll('\\', '/'), readFileSync(join(SITE, file), 'utf8')]),
  );
  const ids = new Map(
    Array.from(texts, ([file, text]) => [
      file,
      new Set(Array.from(text.matchAll(/\sid="([^"]+)"/g), ([, id]) => id)),
    ]),
  );
  const base = process.env.DOCS_BASE ?? '/';
  const dead = [];
  for (const [file, text] of texts) {
    for (const [, address] of text.matchAll(/<a\s[^>]*?href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(address)) continue;
      const [path, anchor = ''] = address.replaceAll('&amp;', '&').split('#');
      const target =
        path === ''
          ? file
          : path.startsWith(base)
            ? path.slice(base.length)
            : posix.join(posix.dirname(file), path);
      const page = target === '' || target.endsWith('/') ? `${target}index.html` : target;
      if (!existsSync(join(SITE, page))) dead.push(`${file}: no page ${address}`);
      else if (anchor !== '' && !ids.get(page)?.has(decodeURIComponent(anchor)))
        dead.push(`${file}: no heading ${address}`);
    }
  }
  return { dead: [...new Set(dead)], pages: texts.size };
}

rmSync(STAGE, { recursive: true, force: true });
rmSync(SITE, { recursive: true, force: true });
for (const path of known) {
  const to = join(STAGE, staged(path));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, stagedText(path));
}
mkdirSync(join(STAGE, '.vitepress'), { recursive: true });
writeFileSync(
  join(STAGE, '.vitepress/config.js'),
  readFileSync(join(import.meta.dirname, 'vitepress.config.js'), 'utf8'),
);
const settings = {
  title: 'stubless',
  description,
  // Until its owner has named it (scripts/repository.js), the repository is nowhere to be found.
  repository: REPOSITORY.includes('/OWNER/') ? undefined : REPOSITORY,
  sidebar: sidebar(),
  base: process.env.DOCS_BASE ?? '/',
};
writeFileSync(join(CACHE, 'site.json'), JSON.stringify(settings, undefined, 2));

const built = spawnSync(process.execPath, [tool('vitepress/bin/vitepress.js'), 'build', STAGE], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (built.status !== 0) {
  console.error('FAIL: VitePress did not build the site');
  process.exitCode = 1;
} else {
  const { dead, pages } = deadLinks();
  for (const problem of [...problems, ...dead]) console.error(`FAIL: ${problem}`);
  if (problems.length + dead.length > 0) process.exitCode = 1;
  else console.log(`${pages} pages in ${SITE}, every link leads somewhere`);
}
