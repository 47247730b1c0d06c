// lib/values/foreign-modules.ts for CommonJS: `require` first, which every loader of CommonJS has; but for the command line,
// whose own loader (lib/cli/compiled-code.ts) gives an `import()`, which takes any module, and without a warning.

import { fileURLToPath } from 'node:url';

export async function importModule(specifier) {
  if (typeof require.import === 'function') return require.import(specifier);
  try {
    return require(specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier);
  } catch (error) {
    // An ES module, which this loader cannot require.
    if (!/^ERR_REQUIRE_/.test(error?.code)) throw error;
    return import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ specifier);
  }
}

export function requirePackage(name) {
  return require(name);
}
