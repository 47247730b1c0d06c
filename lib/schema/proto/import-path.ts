// Where an import may be: the directories in which it is looked for, in order. Works on text; reads nothing.

import { basename, dirname, join, parse, sep } from 'node:path';

/** Why a path cannot be imported, or undefined. protoc's rules for virtual paths, and a few worse cases. */
export function importRefusal(path: string): string | undefined {
  if (path === '') return 'an import needs a path';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'imports are relative to an include directory';
  if (path.includes('\\')) return 'the parts of an import are separated by /';
  if (path.includes('\0')) return 'an import cannot contain a NUL character';
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) return "'.' and '..' cannot be parts of an import";
  if (parts.includes('')) return 'an import cannot have an empty part';
  return undefined;
}

/** What is known of the file that imports. */
export interface Importer {
  /** Absolute; undefined for a source that came as text. */
  readonly path: string | undefined;
  /** The directory that its own import was relative to. */
  readonly root: string | undefined;
  readonly packageName: string | undefined;
}

/**
 * Directories around the importer that `importPath` may be relative to: the root that the importer itself was found
 * below, its own directory, the one that its package suggests (`/x/a/b/c.proto` in package `a.b` suggests `/x`), and
 * the parents of enclosing directories that have the first name of the import (`a/d.proto` also suggests `/x` there).
 */
export function importerRoots(importer: Importer, importPath: string): string[] {
  if (importer.path === undefined) return [];
  const directory = dirname(importer.path);
  const roots = importer.root === undefined ? [directory] : [importer.root, directory];
  const packageRoot = rootByPackage(directory, importer.packageName);
  if (packageRoot !== undefined) roots.push(packageRoot);
  const [first, ...rest] = importPath.split('/');
  if (rest.length > 0) roots.push(...parentsOf(first, directory));
  return [...new Set(roots)];
}

/** The directories between the importer's own and `root`, the nearest first. */
export function rootsBelow(root: string, { path }: Importer): string[] {
  const found: string[] = [];
  const directory = dirname(path ?? root);
  if (!directory.startsWith(root + sep)) return found;
  for (let at = dirname(directory); at.length > root.length; at = dirname(at)) found.push(at);
  return found;
}

function parentsOf(name: string, directory: string): string[] {
  const found: string[] = [];
  const { root } = parse(directory);
  for (let at = directory; at !== root; at = dirname(at)) {
    if (basename(at) === name && dirname(at) !== root) found.push(dirname(at));
  }
  return found;
}

/** `/x` for `/x/a/b` and package `a.b`; undefined when the directories are not named after the package. */
export function rootByPackage(directory: string, packageName: string | undefined): string | undefined {
  if (packageName === undefined) return undefined;
  const tail = sep + packageName.split('.').join(sep);
  if (!directory.endsWith(tail)) return undefined;
  const root = directory.slice(0, -tail.length);
  return root === '' || root === parse(directory).root ? undefined : root;
}

/** `importPath` below `root`, with the separators of the system. */
export function pathBelow(root: string, importPath: string): string {
  return join(root, ...importPath.split('/'));
}
