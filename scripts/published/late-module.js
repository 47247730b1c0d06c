// lib/values/late-module.ts for the package as it is published. Node can require an ES module without waiting, and gives what
// `import` gives, as long as nothing has its own idea of loading modules. Whoever is not certain of that imports: bundlers, which
// leave nothing beside the code; other runtimes; module hooks and transpilers (tsx, ts-node, import-in-the-middle), which make
// another module of the same file; a realm of its own (Jest's), where `require` would be the main realm's. Outside node_modules,
// Node warns when it requires an ES module.

/** What this code is called in the package as it was installed; hooks that replace modules add a query to it. */
const PUBLISHED = /^file:.*\/node_modules\/.*\/dist\/chunks\/client\.js$/;
const HOOKS = /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader)(?:\s|=|$)/;

let known;

export function hasLateModules() {
  known ??= PUBLISHED.test(import.meta.url) && requiresAsItImports();
  return known;
}

function requiresAsItImports() {
  const { env, execArgv, features, versions } = process;
  if (features.require_module !== true || versions.bun !== undefined || versions.deno !== undefined)
    return false;
  const module = process.getBuiltinModule('node:module');
  const isMainRealm = module instanceof Object;
  // Transpilers add the endings that they take.
  const isHooked =
    HOOKS.test([env.NODE_OPTIONS ?? '', ...execArgv].join(' ')) || Object.keys(module._extensions).length > 3;
  return isMainRealm && !isHooked;
}

export function requireLate(file) {
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(`./${file}`);
}
