// What to do about a module that cannot be imported: it is TypeScript, or not the kind of module that its package
// declares, or needs a package that is not installed. It reads error texts of Node.js, and imports nothing.

import { extname } from 'node:path';
import { errorCodeOf, messageOf } from '../../values/realm.ts';

/** `; ` and what to do; empty if nothing is known. */
export function importHint(path: string, error: unknown): string {
  const text = messageOf(error);
  const extension = extname(path);
  if (/^\.[cm]?ts$/.test(extension)) {
    return `; compile it and load the ${extension.replace('t', 'j')}, or import it with what runs your TypeScript (tsx, ts-node, vitest) and load the module: client.load(await import(path))`;
  }
  if (/outside a module|Unexpected token 'export'/.test(text)) {
    return '; it is an ES module in a package of CommonJS modules: put "type": "module" into a package.json in its folder, or rename it to .mjs';
  }
  if (/(?:exports|require|module) is not defined/.test(text)) {
    return '; it is a CommonJS module in a package of ES modules: put "type": "commonjs" into a package.json in its folder, or rename it to .cjs';
  }
  const [, name] = /Cannot find (?:package|module) '([^'./][^']*)'/.exec(text) ?? [];
  const isMissing = name !== undefined && /MODULE_NOT_FOUND$/.test(errorCodeOf(error) ?? '');
  return isMissing
    ? `; the package that it was generated for must be installed: npm install ${packageOf(name)}`
    : '';
}

/** `@bufbuild/protobuf/codegenv2` belongs to the package `@bufbuild/protobuf`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}
