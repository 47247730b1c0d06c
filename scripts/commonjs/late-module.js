// lib/values/late-module.ts for CommonJS, where nothing has to be waited for. Each file by its name, so that bundlers find it.

export function hasLateModules() {
  // Always so; Rollup must not know, or it leaves out what is imported otherwise.
  return typeof require === 'function';
}

export function requireLate(file) {
  if (file === 'introspection.js') return require('./introspection.cjs');
  throw new Error(`there is no late module ${file}`);
}
