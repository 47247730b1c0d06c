// Modules of this package that are read when they are first needed, by code that cannot wait for `import()`. Which they are,
// each user knows. Here, in the source, none can be had so: users import them before it comes to that. In the published package,
// the ES modules have scripts/published/late-module.js in place of this file, and CommonJS scripts/commonjs/late-module.js.

/** Whether `requireLate` can be had. */
export function hasLateModules(): boolean {
  return false;
}

/** A chunk of the package's code, by its file name: once a whole, however often it is asked for. */
export function requireLate(file: string): unknown {
  throw new Error(`${file} cannot be loaded without waiting for it`);
}
