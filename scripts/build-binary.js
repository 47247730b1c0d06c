// Builds the command line as executables that need no Node: Bun's compiler puts its runtime and our bundle into one
// file, the bundled schemas with it.
//
//   npm run build:binary                 for this platform, in .build/binary
//   npm run build:binary -- --all        for Linux, macOS and Windows, x64 and arm64

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { embeddedTexts } from './bundled-texts.js';

const BUN = '1.4.5';
const FOLDER = join('.build', 'binary');
const TARGETS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'];

/** From the npm package that holds the bare executable; the one on npm called bun only chooses from these. */
function installBun() {
  const folder = join('.cache', 'bun', BUN);
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch;
  const name = `@oven/bun-${process.platform === 'win32' ? 'windows' : process.platform}-${arch}`;
  const path = join(
    folder,
    'node_modules',
    ...name.split('/'),
    'bin',
    process.platform === 'win32' ? 'bun.exe' : 'bun',
  );
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--force'];
    execFileSync('npm', ['install', ...options, `${name}@${BUN}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  }
  return path;
}

const OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
};

/** What threads run, as a script's text: an executable has no files beside it. */
const threadProgram = {
  name: 'thread-program',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]bench[\\/]load[\\/]thread-program\.ts$/ }, async () => {
      const { outputFiles } = await build({
        ...OPTIONS,
        entryPoints: ['lib/cli/bench/load/bench-thread.ts'],
        format: 'cjs',
        write: false,
        // A script has no place of its own, and finds no packages of the user.
        define: { 'import.meta.url': '"file:///"' },
        plugins: [embeddedTexts],
      });
      return {
        contents: `export const THREAD_PROGRAM = ${JSON.stringify(outputFiles[0].text)};`,
        loader: 'js',
      };
    });
  },
};

mkdirSync(FOLDER, { recursive: true });
const bundle = join(FOLDER, 'stubless.mjs');
await build({
  ...OPTIONS,
  entryPoints: ['lib/cli/main.ts'],
  outfile: bundle,
  format: 'esm',
  plugins: [embeddedTexts, threadProgram],
});

const bun = installBun();
const own = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
for (const target of process.argv.includes('--all') ? TARGETS : [own]) {
  const name = target === own ? 'stubless' : `stubless-${target}`;
  const outfile = join(FOLDER, target.startsWith('windows') ? `${name}.exe` : name);
  // Bytecode saves the parser's time at each start; it exists for CommonJS alone.
  const options = ['--compile', '--minify', '--bytecode', '--format=cjs', `--target=bun-${target}`];
  execFileSync(bun, ['build', ...options, bundle, '--outfile', outfile], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, BUN_INSTALL_CACHE_DIR: join(process.cwd(), '.cache', 'bun', 'cache') },
  });
  console.log(outfile);
}
