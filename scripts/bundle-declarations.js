// Writes dist/index.d.ts, dist/testing.d.ts and those of the matchers, each door's declarations in one file, from those that the compiler made
// of each module (tsconfig.dist.json). What the first door exports is the same type at the second, which imports it
// from there: two declarations of a class with private members would not be.

import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const FOLDER = resolve('.build/declarations');
const FIRST = resolve(FOLDER, 'index.d.ts');
const FIRST_DOOR = './index.js';

/** What a module takes from others, by the others' paths. */
function takenBy(path, keyword) {
  const taken = new Map();
  const statements = readFileSync(path, 'utf8').matchAll(
    new RegExp(`^${keyword} (?:type )?\\{([^}]*)\\} from '(\\.[^']+)';$`, 'gm'),
  );
  for (const [, list, from] of statements) {
    const source = resolve(dirname(path), from.replace(/\.ts$/, '.d.ts'));
    const names = list
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '');
    taken.set(source, [...(taken.get(source) ?? []), ...names]);
  }
  return taken;
}

/** Names at the first door, by the modules that they come from. Those under another name are not taken from there. */
const exported = takenBy(FIRST, 'export');

/** Modules with classes of the first door of which a module behind the second takes something else, too. */
const copiedClasses = new Set();

const fromFirstDoor = {
  name: 'from-first-door',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return null;
    const path = resolve(dirname(importer), source.replace(/\.ts$/, '.d.ts'));
    const names = exported.get(path);
    if (names === undefined) return null;
    const taken = takenBy(importer, 'import').get(path) ?? [];
    if (taken.every((name) => names.includes(name))) return { id: FIRST_DOOR, external: true };
    // A copy of an interface is as good; a second class would not be the first one.
    const text = readFileSync(path, 'utf8');
    if (names.some((name) => text.includes(`class ${name} `))) copiedClasses.add(path);
    return null;
  },
};

/** Static members for other modules of the library, whose types would bring half of it along. */
const INTERNAL = /\n *\/\*\*(?:(?!\*\/)[\s\S])*@internal(?:(?!\*\/)[\s\S])*\*\/\n *static [^;]*;/g;

/** The constructor of a class that nobody but the library extends, for the same reason. */
const INTERNAL_CONSTRUCTOR =
  /(?<= abstract class \w+ \{\n *#private;)\n *\/\*\* @internal \*\/\n *constructor\([^;]*;/g;

const withoutInternals = {
  name: 'without-internals',
  transform: (code) => ({
    code: code.replace(INTERNAL, '').replace(INTERNAL_CONSTRUCTOR, ''),
    map: null,
  }),
};

async function bundle(input, file, plugins) {
  const bundled = await rollup({
    input: resolve(FOLDER, input),
    external: /^node:/,
    plugins: [...plugins, withoutInternals, dts()],
    onLog(level, log) {
      if (level !== 'debug') throw new Error(log.message);
    },
  });
  const { output } = await bundled.write({ file, format: 'es' });
  await bundled.close();
  for (const path of Object.keys(output[0].modules)) {
    if (copiedClasses.has(path)) throw new Error(`${file} would have another copy of the classes of ${path}`);
  }
}

await bundle('index.d.ts', 'dist/index.d.ts', []);
await bundle('testing/index.d.ts', 'dist/testing.d.ts', [fromFirstDoor]);
for (const framework of ['chai', 'jest', 'vitest']) {
  await bundle(`testing/matchers/${framework}.d.ts`, `dist/testing-${framework}.d.ts`, [fromFirstDoor]);
}
// Vitest is the user's: its module can be added to only where it is installed, and only by a file that imports it.
appendFileSync(
  'dist/testing-vitest.d.ts',
  `
import 'vitest';

declare module 'vitest' {
  interface Assertion<T = any> extends StublessMatchers {}
}
`,
);
