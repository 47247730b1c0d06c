// Builds dist/cli.js: the command line with its argument parser in it, one more file for each command, read when that
// command runs. The library stays in dist/index.js, which both share. The licences of what is bundled go beside it.

import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

/** `../index.ts`, from wherever in lib/cli, is the built library. */
const library = {
  name: 'library',
  setup({ onResolve }) {
    onResolve({ filter: /(?:^|\/)\.\.\/index\.ts$/ }, () => ({ path: './index.js', external: true }));
  },
};

await build({
  entryPoints: { cli: 'lib/cli/main.ts' },
  outdir: 'dist',
  chunkNames: 'cli-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [library],
  // commander is CommonJS.
  banner: {
    js: "import{createRequire as stublessRequire}from'node:module';const require=stublessRequire(import.meta.url);",
  },
});

const BUNDLED = ['commander', 'uplot', 'yaml'];
const licences = BUNDLED.map((name) => {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}\n`;
});
writeFileSync('dist/cli-licences.txt', `dist/cli*.js hold these packages.\n\n${licences.join('\n---\n\n')}`);
