// Finds and parses the files of one load: sources where the user says, imports in the include directories, around
// the file that imports, around the sources, and among the bundled schemas. It reads, but links nothing.

import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SchemaError } from '../../errors.ts';
import { bundledDirectory, bundledLink, bundledNameOf, readBundled } from './bundled-protos.ts';
import { importerRoots, importRefusal, pathBelow, rootByPackage } from './import-path.ts';
import { parseFile } from './parse-file.ts';
import type { ImportStatement } from './parsed-file.ts';
import { readProtoFile } from './read-proto-file.ts';
import type { SourceFile } from './source-file.ts';

/** Files being read at a time: descriptors are limited, and the disk gains nothing from more. */
const MAX_OPEN_FILES = 32;

/** A place to look: with `root`, links may not lead out of it. */
interface Place {
  readonly path: string;
  readonly root: string | undefined;
  readonly bundledName?: string | undefined;
}

export class FileFinder {
  readonly #includeDirs: readonly string[];
  /** Directories that sources were found in, as a last resort for imports. */
  readonly #sourceRoots: Set<string> = new Set();
  readonly #byRealPath: Map<string, SourceFile> = new Map();
  /** What was found at each place: many files import the same ones. */
  readonly #byPlace: Map<string, Promise<SourceFile | string>> = new Map();

  constructor(includeDirs: readonly string[]) {
    this.#includeDirs = includeDirs.map((directory) => resolve(directory));
  }

  /** Finds what the user named. */
  async sources(sources: readonly (string | URL)[]): Promise<SourceFile[]> {
    const files: SourceFile[] = [];
    // One after the other: the first path that leads to a file names it.
    for (const source of sources) files.push(await this.#source(sourcePath(source)));
    for (const { path, root, packageName, bundledName } of files) {
      if (path === undefined || bundledName !== undefined) continue;
      const directory = dirname(path);
      this.#sourceRoots.add(root ?? directory).add(directory);
      const packageRoot = rootByPackage(directory, packageName);
      if (packageRoot !== undefined) this.#sourceRoots.add(packageRoot);
    }
    return files;
  }

  async #source(path: string): Promise<SourceFile> {
    const { file, tried } = await this.#firstOf(this.#sourcePlaces(path), path);
    if (file === undefined) throw new SchemaError(`${path} cannot be loaded; tried\n${tried.join('\n')}`);
    return file;
  }

  /** Finds what the files import, and what that imports, and sets their `imports`. */
  async imports(files: readonly SourceFile[]): Promise<void> {
    const seen = new Set(files);
    let wave: readonly SourceFile[] = [...seen];
    while (wave.length > 0) {
      const statements = wave.flatMap((file) =>
        file.parsed.imports.map((statement) => ({ file, statement })),
      );
      const found = await mapLimited(statements, ({ file, statement }) => this.#import(file, statement));
      for (const file of wave) file.imports = [];
      const next: SourceFile[] = [];
      statements.forEach(({ file }, i) => {
        file.imports.push(found[i]);
        if (seen.has(found[i])) return;
        seen.add(found[i]);
        next.push(found[i]);
      });
      wave = next;
    }
  }

  async #import(importer: SourceFile, { path, offset }: ImportStatement): Promise<SourceFile> {
    const { source } = importer.parsed;
    const refusal = importRefusal(path);
    if (refusal !== undefined) throw source.error(offset, refusal);
    const { file, tried } = await this.#firstOf(this.#importPlaces(importer, path), undefined);
    if (file === undefined)
      throw source.error(offset, `the import "${path}" is not to be found; tried\n${tried.join('\n')}`);
    return file;
  }

  /** One at a time: of a large tree there are thousands, and the first is nearly always right. */
  *#importPlaces(importer: SourceFile, path: string): Generator<Place> {
    const seen = new Set<string>();
    for (const group of [
      () => this.#includeDirs,
      () => (importer.bundledName === undefined ? importerRoots(importer, path) : []),
      () => this.#sourceRoots,
    ]) {
      for (const root of group()) {
        if (seen.has(root)) continue;
        seen.add(root);
        yield { path: pathBelow(root, path), root };
      }
    }
    yield bundledPlace(path);
  }

  /** Outside the include directories a source has no root: the user may name any file. */
  #sourcePlaces(path: string): Place[] {
    if (isAbsolute(path)) {
      const bundledName = bundledNameOf(path);
      return [bundledName === undefined ? { path, root: undefined } : bundledPlace(bundledName)];
    }
    const isBelow = path.split(/[/\\]/)[0] !== '..';
    const places: Place[] = [];
    if (isBelow) for (const root of this.#includeDirs) places.push({ path: join(root, path), root });
    places.push({ path: resolve(path), root: undefined });
    if (isBelow && importRefusal(path) === undefined) places.push(bundledPlace(path));
    return places;
  }

  async #firstOf(
    places: Iterable<Place>,
    shownAs: string | undefined,
  ): Promise<{ file: SourceFile | undefined; tried: readonly string[] }> {
    const tried: string[] = [];
    for (const place of places) {
      const result = await this.#at(place, shownAs);
      if (typeof result !== 'string') return { file: result, tried };
      tried.push(`  ${place.path}${result}`);
    }
    return { file: undefined, tried };
  }

  /** The file at a place, or why there is none. */
  #at(place: Place, shownAs: string | undefined): Promise<SourceFile | string> {
    const key = `${place.root ?? ''}\0${place.path}`;
    let result = this.#byPlace.get(key);
    if (result === undefined) {
      result = this.#look(place, shownAs);
      this.#byPlace.set(key, result);
    }
    return result;
  }

  async #look(place: Place, shownAs: string | undefined): Promise<SourceFile | string> {
    const { bundledName } = place;
    if (bundledName !== undefined) {
      const known = this.#byRealPath.get(place.path);
      if (known !== undefined) return known;
      const link = bundledLink(bundledName);
      if (link !== undefined) return this.#keep(place.path, sourceFile(place, link.parsed, [bundledName]));
      const text = readBundled(bundledName);
      return text === undefined ? '' : this.#parse(place, { realPath: place.path, text }, shownAs);
    }
    const read = await readProtoFile(place.path, place.root, (realPath) => this.#byRealPath.has(realPath));
    switch (read.kind) {
      case 'absent':
        return '';
      case 'refused':
        return ` ${read.reason}`;
      case 'known':
        return this.#byRealPath.get(read.realPath) ?? ' was read before';
      case 'text':
        // Another reader may have been faster.
        return this.#byRealPath.get(read.realPath) ?? this.#parse(place, read, shownAs);
      default:
        return read satisfies never;
    }
  }

  #parse(place: Place, read: { realPath: string; text: string }, shownAs: string | undefined): SourceFile {
    const bundledName = place.bundledName ?? bundledNameOf(read.realPath);
    const ownNames = bundledName === undefined ? this.#ownNames(place) : [bundledName];
    const displayName = shownAs ?? fromWorkingDirectory(place.path);
    const parsed = parseFile(read.text, ownNames[0], displayName);
    return this.#keep(read.realPath, sourceFile({ ...place, bundledName }, parsed, ownNames));
  }

  #keep(realPath: string, file: SourceFile): SourceFile {
    this.#byRealPath.set(realPath, file);
    return file;
  }

  /** Relative to the root it was found in or to an include directory, else more and more of its path. */
  #ownNames({ path, root }: Place): string[] {
    const roots = root === undefined ? this.#includeDirs : [root, ...this.#includeDirs];
    const names = roots
      .map((directory) => relative(directory, path))
      .filter((way) => way !== '' && !isAbsolute(way) && way.split(sep)[0] !== '..')
      .map((way) => way.split(sep).join('/'));
    const parts = path.split(sep).filter((part) => part !== '');
    for (let i = parts.length - 1; i >= 0; i--) names.push(parts.slice(i).join('/'));
    return names;
  }
}

function sourceFile(place: Place, parsed: SourceFile['parsed'], ownNames: readonly string[]): SourceFile {
  const { path, root, bundledName } = place;
  const packageName = parsed.descriptor.package;
  return { parsed, path, root, packageName, bundledName, ownNames, imports: [], name: ownNames[0] };
}

function bundledPlace(name: string): Place {
  const root = bundledDirectory();
  return { path: pathBelow(root, name), root, bundledName: name };
}

function sourcePath(source: string | URL): string {
  const text = String(source);
  if (source instanceof URL || text.startsWith('file:')) {
    const url = new URL(text);
    if (url.protocol === 'file:') return fileURLToPath(url);
    throw new SchemaError(`${text} cannot be loaded: of URLs only file: URLs are read`);
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(text)) {
    throw new SchemaError(`${text} cannot be loaded: of URLs only file: URLs are read`);
  }
  if (text === '') throw new SchemaError('an empty path cannot be loaded');
  return text;
}

/** As short as errors can name it. */
function fromWorkingDirectory(path: string): string {
  const way = relative(resolve('.'), path);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way;
}

async function mapLimited<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++;
      results[i] = await map(items[i]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_OPEN_FILES, items.length) }, work));
  return results;
}
