// Builds dist/cli.js: the command line, with its argument parser and a copy of the library in it, in pieces that are read
// when a command needs them. A copy, because dist/index.js is one file with all that the library can do: a call from a
// shell would spend a third of its time on reading what it does not use. The licences of what is bundled go beside it.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

// Pieces are named by what is in them: those of the build before would stay.
for (const file of readdirSync('dist')) if (/^cli-\w+\.js$/.test(file)) rmSync(`dist/${file}`);

/** commander starts other programs for commands that are files; ours are none, and node:child_process takes time to load. */
const withoutPrograms = {
  name: 'without-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

await build({
  entryPoints: { cli: 'lib/cli/start.ts' },
  outdir: 'dist',
  chunkNames: 'cli-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [withoutPrograms],
  // What users install beside us when they want it.
  external: ['google-auth-library', '@opentelemetry/*'],
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
