// Modules that are not part of this package: packages that its users installed alongside it, and files that they name.
// The CommonJS build replaces this file with scripts/commonjs/foreign-modules.js, because CommonJS loaders other than
// Node's (such as Jest's) have no `import()`.

/** Imports a package by name, or a file by URL. */
export function importModule(specifier: string): Promise<unknown> {
  // The comments keep bundlers from looking for modules that are known only at run time.
  return import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ specifier);
}

/** A CommonJS package, loaded synchronously, as this package would import it. Throws if it is not installed. */
export function requirePackage(name: string): unknown {
  // In a way that bundlers do not follow: webpack warns about names that it does not know.
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);
}
