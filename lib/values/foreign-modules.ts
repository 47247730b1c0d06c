// Modules that are not part of this package: what its users installed beside it, and files that they name. The build
// for CommonJS has scripts/commonjs/foreign-modules.js in the place of this file, because loaders of CommonJS other than
// Node's (Jest's) have no `import()`.

/** Imports a package by its name, or a file by its URL. */
export function importModule(specifier: string): Promise<unknown> {
  // The comments keep bundlers from looking for what is known only at run time.
  return import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ specifier);
}

/** A package that is CommonJS, at once, as this package would import it. Throws when it is not there. */
export function requirePackage(name: string): unknown {
  // By a way that bundlers do not follow: webpack warns of names that it does not know.
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);
}
