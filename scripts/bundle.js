// Builds the package's code in dist/: its doors (index, testing, matchers) and the command line, from one graph of modules, so
// that whatever two of them need is there once. What is imported on demand lies in files of its own (dist/chunks).
//
// Of one process there must be one Client. So `require` gives what `import` gives wherever it can: index.cjs requires
// index.js. Loaders that take no ES modules (Jest's, ts-node's, Node with --no-experimental-require-module) get the same
// code once more as dist/commonjs.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { rollup } from 'rollup';
import { parseAst } from 'rollup/parseAst';
import { textsModule } from './bundled-texts.js';

const FOLDER = 'dist';
const TARGET = 'node20.19';
const DOORS = {
  index: 'lib/index.ts',
  testing: 'lib/testing/index.ts',
  'testing-chai': 'lib/testing/matchers/chai.ts',
  'testing-jest': 'lib/testing/matchers/jest.ts',
  'testing-vitest': 'lib/testing/matchers/vitest.ts',
};
/** What the command's file, dist/cli.cjs, runs (lib/cli/start.ts), and what its threads run. */
const COMMAND = { command: 'lib/cli/main.ts', 'cli/bench-thread': 'lib/cli/bench/load/bench-thread.ts' };

/** Packages that the command line brings along. */
const BUNDLED = ['commander', 'uplot', 'yaml'];
/** What users install beside this package when they want it. */
const OPTIONAL = /^(?:google-auth-library|@opentelemetry\/)/;

const LIBRARY = resolve('lib');
const isOfLibrary = (id) => id.startsWith(`${LIBRARY}/`) && !id.startsWith(`${LIBRARY}/cli/`);

const TEXT = /\.(?:html|css|min\.js)$/;

/** What modules are without their types, by what they are with them: both bundles take nearly all from here. */
const erased = new Map();

/** Erases the types. */
const typescript = {
  name: 'typescript',
  async transform(code, id) {
    if (!id.endsWith('.ts')) return null;
    if (!erased.has(code)) {
      const options = { loader: 'ts', target: TARGET, sourcefile: id };
      const result = await transform(code, {
        ...options,
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      });
      erased.set(code, result.code);
    }
    return { code: erased.get(code), map: null };
  },
};

/** The bundled schemas are part of the code: nothing built looks for files beside itself. */
const texts = {
  name: 'texts',
  load(id) {
    if (TEXT.test(id)) return `export default ${JSON.stringify(readFileSync(id, 'utf8'))};`;
    return textsModule(id) ?? null;
  },
};

const COMMONJS_PACKAGES = {
  commander: "export { Command, CommanderError, Option } from 'commander';",
  yaml: "export { isAlias, isMap, parse, parseDocument } from 'yaml';",
};

/** Packages that are CommonJS, each as one ES module. */
const packages = {
  name: 'packages',
  resolveId(id) {
    if (id in COMMONJS_PACKAGES) return `\0${id}`;
    return id.startsWith('uplot/') ? resolve('node_modules', id) : null;
  },
  async load(id) {
    if (!id.startsWith('\0')) return null;
    const { outputFiles } = await build({
      stdin: { contents: COMMONJS_PACKAGES[id.slice(1)], resolveDir: '.' },
      write: false,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: TARGET,
      legalComments: 'none',
      logLevel: 'warning',
      plugins: [withoutPrograms],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    return outputFiles[0].text;
  },
};

/** commander starts other programs for commands that are files; ours are none, and node:child_process takes time to load. */
const withoutPrograms = {
  name: 'without-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, () => ({ path: 'none', namespace: 'none' }));
    onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** A module that was moved would be taken for none. */
function sourceFile(path) {
  if (!existsSync(path)) throw new Error(`there is no ${path}`);
  return resolve(path);
}

/** Threads of the command line need it, too. */
const COMMAND_LINE_WORDS = sourceFile('lib/cli/command/command-line-words.ts');

/** Reads files in the place of modules of lib/, as a hook of Rollup's. */
function inPlaceOf(files) {
  const places = new Map(Object.entries(files).map(([module, file]) => [sourceFile(module), file]));
  return (id) => (places.has(id) ? readFileSync(places.get(id), 'utf8') : null);
}

/** As ES modules, the package's files lie beside each other, and Node may require them. */
const published = {
  name: 'published',
  load: inPlaceOf({ 'lib/values/late-module.ts': 'scripts/published/late-module.js' }),
};

/** Loaders of CommonJS have `require` alone; only what is no module of ours may be one that they cannot take. */
const commonJs = {
  name: 'commonjs',
  load: inPlaceOf({
    'lib/values/foreign-modules.ts': 'scripts/commonjs/foreign-modules.js',
    'lib/values/late-module.ts': 'scripts/commonjs/late-module.js',
    'lib/cli/bench/load/thread-program.ts': 'scripts/commonjs/thread-program.js',
  }),
  renderDynamicImport({ targetModuleId }) {
    return targetModuleId === null
      ? { left: 'import(', right: ')' }
      : { left: 'Promise.resolve().then(() => require(', right: '))' };
  },
};

/**
 * Each file takes time to find and read, so what the first call reads is in few of them: with these modules in one comes all
 * that they import and that is in none before. The rest is left to Rollup.
 */
const CHUNKS = [
  // What the command line says without the library, such as --help.
  ['words', ['lib/cli/main.ts']],
  ['client', [DOORS.index]],
  // Whatever a schema is loaded from; text format is read in option values, too.
  [
    'schema',
    ['lib/schema/sources/load-source.ts', 'lib/schema/proto/load-proto.ts', 'lib/schema/text/from-text.ts'],
  ],
  // What reflection needs, without what describes it.
  ['descriptor-set', ['lib/schema/registry/descriptor-set.ts', 'lib/schema/registry/descriptor-index.ts']],
  // Named in lib/schema/print/provided-introspection.ts.
  ['introspection', ['lib/schema/print/introspection.ts']],
  ['calling', ['lib/cli/commands/call.ts']],
  ['yaml', ['lib/cli/client/yaml-text.ts']],
  ['requests', ['lib/cli/commands/test.ts']],
];

function manualChunks() {
  let chunks;
  return (id, { getModuleInfo }) => {
    chunks ??= CHUNKS.map(([name, entries]) => [name, closureOf(entries, getModuleInfo)]);
    const [name] = chunks.find(([, modules]) => modules.has(id)) ?? [];
    // The entries are files of their own.
    const isOfEntry =
      name === 'words' ? !isOfLibrary(id) && id !== COMMAND_LINE_WORDS : id === resolve(DOORS.index);
    return isOfEntry ? undefined : name;
  };
}

/** Modules, and what they import but for what they import on demand. */
function closureOf(entries, getModuleInfo) {
  const found = new Set();
  const left = entries.map(sourceFile);
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    left.push(...(getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

const IN_COMMENTS = { '\u2192': '->', '\u2026': '...', '\u00a7': 'section ' };

/** One character beyond Latin-1, and V8 holds and reads a whole file with twice the memory: a tenth of the time to import it. */
function ascii(code) {
  return code.replace(
    /[^\0-\x7f]/g,
    (character) => IN_COMMENTS[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Lines that are comments, which are for readers of the source: a tenth of what an import reads. */
function withoutComments(code) {
  const texts = [];
  findTemplates(parseAst(code), texts);
  texts.sort((a, b) => a.start - b.start);
  return code.replace(/^[ \t]*\/\/.*\n/gm, (line, at) => {
    while (texts.length > 0 && texts[0].end <= at) texts.shift();
    return texts[0]?.start < at ? line : '';
  });
}

/** Where template literals have text, which may look like anything. */
function findTemplates(node, found) {
  if (node.type === 'TemplateElement') found.push(node);
  for (const key in node) {
    const inner = node[key];
    if (inner !== null && typeof inner === 'object') findTemplates(inner, found);
  }
}

async function bundle(input, plugins, output) {
  const bundled = await rollup({
    input,
    external: (id) => id.startsWith('node:') || OPTIONAL.test(id),
    plugins: [...plugins, texts, packages, typescript],
    onLog(level, log) {
      if (level !== 'debug') throw new Error(log.message);
    },
  });
  const { output: files } = await bundled.generate({
    hoistTransitiveImports: false,
    manualChunks: manualChunks(),
    onlyExplicitManualChunks: true,
    minifyInternalExports: false,
    ...output,
  });
  for (const { fileName, code } of files) {
    const path = join(FOLDER, fileName);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, ascii(withoutComments(code)));
  }
  await bundled.close();
}

const doorOf = (door) => `'use strict';
// Where ES modules can be required, import and require give the same classes.
let door;
try {
  door = require('./${door}.js');
} catch (error) {
  if (!isNoEsModuleHere(error)) throw error;
  door = require('./commonjs/${door}.cjs');
}
module.exports = door;

// Node's own codes for it (Jest gives the first of them, too), or what comes of reading an ES module as a script. By name,
// as the error may be of another realm.
function isNoEsModuleHere(error) {
  const { code, name, message } = Object(error);
  if (typeof code === 'string' && code.startsWith('ERR_REQUIRE_')) return true;
  // What a required ES module imports Node looks for on the disk, and Yarn's Plug'n'Play keeps it in archives.
  if (code === 'ERR_MODULE_NOT_FOUND' && process.versions.pnp !== undefined) return true;
  return (
    name === 'SyntaxError' &&
    /Cannot use (?:import statement|'import\\.meta')|Unexpected token '?(?:import|export)/.test(message)
  );
}
`;

await bundle(DOORS, [published], { format: 'es', chunkFileNames: 'chunks/[name].js' });
await bundle({ ...DOORS, ...COMMAND }, [commonJs], {
  format: 'cjs',
  interop: 'default',
  entryFileNames: 'commonjs/[name].cjs',
  chunkFileNames: ({ moduleIds }) =>
    moduleIds.some(isOfLibrary) ? 'commonjs/chunks/[name].cjs' : 'commonjs/cli/[name].cjs',
});
await build({
  entryPoints: ['lib/cli/start.ts'],
  outfile: join(FOLDER, 'cli.cjs'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: TARGET,
  logLevel: 'warning',
});
for (const door of Object.keys(DOORS)) writeFileSync(join(FOLDER, `${door}.cjs`), doorOf(door));
chmodSync(join(FOLDER, 'cli.cjs'), 0o755);

const licences = BUNDLED.map((name) => {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}\n`;
});
writeFileSync(
  join(FOLDER, 'cli-licences.txt'),
  `What the command line brings along of other packages.\n\n${licences.join('\n---\n\n')}`,
);
