// What to do about a module that cannot be imported: it is TypeScript, or of the other kind of module than its package
// says, or needs a package that is not there. It reads error texts of Node.js, and imports nothing.

import { extname } from 'node:path';
import { errorCodeOf, messageOf } from '../../values/realm.ts';

/** `; ` and what to do; empty where nothing is known. */
export function importHint(path: string, error: unknown): string {
  const text = messageOf(error);
  const extension = extname(path);
  if (/^\.[cm]?ts$/.test(extension)) {
    return `; compile it and load the ${extension.replace('t', 'j')}, or import it by what runs your TypeScript (tsx, ts-node, vitest) and load the module: client.load(await import(path))`;
  }
  if (/outside a module|Unexpected token 'export'/.test(text)) {
    return '; it is an ES module in a package of CommonJS modules: put "type": "module" into a package.json in its folder, or name it .mjs';
  }
  if (/(?:exports|require|module) is not defined/.test(text)) {
    return '; it is a CommonJS module in a package of ES modules: put "type": "commonjs" into a package.json in its folder, or name it .cjs';
  }
  const [, name] = /Cannot find (?:package|module) '([^'./][^']*)'/.exec(text) ?? [];
  const isMissing = name !== undefined && /MODULE_NOT_FOUND$/.test(errorCodeOf(error) ?? '');
  return isMissing ? `; what it is generated for has to be installed: npm install ${packageOf(name)}` : '';
}

/** `@bufbuild/protobuf/codegenv2` is of the package `@bufbuild/protobuf`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}
