// How VitePress makes the site: its navigation is docs/README.md's list of guides, read by site.js, and anchors are
// those that GitHub gives headings, so that a link works in both places.

import { readFileSync } from 'node:fs';

/** What site.js has found out: titles, navigation, the repository. */
const { title, description, repository, sidebar, base } = JSON.parse(
  readFileSync(new URL('../../site.json', import.meta.url), 'utf8'),
);

/** An anchor of GitHub's. */
function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}

export default {
  title,
  description,
  base,
  lang: 'en',
  outDir: '../site',
  cacheDir: '../vite',
  lastUpdated: false,
  // Dates and such would make each build another.
  metaChunk: true,
  markdown: { anchor: { slugify: slug }, toc: { slugify: slug } },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/docs/' },
      { text: 'API', link: '/docs/api/stubless' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
  },
};
