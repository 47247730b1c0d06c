// Finds and parses the files of one load: sources where the user says they are, imports in the include directories,
// around the importing file (within its project), around the sources, and among the bundled schemas. It links nothing.

import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SchemaError } from '../../values/errors.ts';
import { called } from '../../values/options/option-words.ts';
import { isUrl } from '../../values/realm.ts';
import { bundledDirectory, bundledLink, bundledNameOf, isBundled, readBundled } from './bundled-protos.ts';
import { importerRoots, importRefusal, pathBelow, rootByPackage, rootsBelow } from './import-path.ts';
import { nearFile } from './near-file.ts';
import { ProjectDirectories } from './project-directories.ts';
import { ReadAhead } from './read-ahead.ts';
import { type FileContent, readProtoFile } from './read-proto-file.ts';
import type { SourceFile } from './source-file.ts';
import { parseFile } from './syntax/parse-file.ts';
import type { ImportStatement } from './syntax/parsed-file.ts';
import { fromWorkingDirectory, isInside } from './working-directory.ts';

/** How many files are read at a time: file descriptors are limited, and the disk is no faster with more. */
const MAX_OPEN_FILES = 32;

/** How many places the error for a missing file names; for a large tree there are hundreds. */
const MAX_PLACES_NAMED = 8;

/** A file below a directory that the user named; its imports are also looked for in that directory. */
interface FileBelow {
  readonly path: string;
  readonly root: string;
}

/** The text of a file that cannot be read twice, or has no path: a pipe's, a compressed one's. */
interface NamedText {
  readonly name: string;
  readonly text: string;
  /** What errors call it; by default its name. */
  readonly shownAs?: string | undefined;
  /** Its imports are looked for as if it were at this path. */
  readonly path?: string | undefined;
}

/** What the user names. */
export type ProtoSource = string | URL | FileBelow | NamedText;

/** A place to look. */
interface Place {
  readonly path: string;
  /** The directory that the import is relative to. */
  readonly root: string | undefined;
  /** Symbolic links may not lead out of this directory. Undefined for a file that the user named. */
  readonly within: string | undefined;
  readonly bundledName?: string | undefined;
}

/** What the user named, and where it may be. */
interface Wanted {
  readonly path: string;
  readonly places: readonly Place[];
}

export class FileFinder {
  readonly #includeDirs: readonly string[];
  readonly #projects: ProjectDirectories = new ProjectDirectories();
  /** Directories that the user named. */
  readonly #loaded: Set<string> = new Set();
  /** Directories that sources were found in, as a last resort for imports. */
  readonly #sourceRoots: Set<string> = new Set();
  readonly #byRealPath: Map<string, SourceFile> = new Map();
  /** By the path at which each was found, which spares asking the disk again for every import of it. */
  readonly #byPath: Map<string, SourceFile> = new Map();
  /** What was found at each place: many files import the same ones. */
  readonly #byPlace: Map<string, Promise<SourceFile | string>> = new Map();
  #ahead: ReadAhead | undefined;

  constructor(includeDirs: readonly string[]) {
    this.#includeDirs = includeDirs.map((directory) => resolve(directory));
  }

  /** Finds what the user named. */
  async sources(sources: readonly ProtoSource[]): Promise<SourceFile[]> {
    const wanted = sources.map((source) => (isText(source) ? source : this.#wanted(source)));
    this.#ahead = new ReadAhead(likelyPaths(wanted), (path) =>
      readProtoFile(path, undefined, (realPath) => this.#byRealPath.has(realPath)),
    );
    const files: SourceFile[] = [];
    // One after the other: the first path that leads to a file names it.
    for (const one of wanted) files.push('places' in one ? await this.#source(one) : textFile(one));
    for (const { path, root, packageName, bundledName } of files) {
      if (path === undefined || bundledName !== undefined) continue;
      const directory = dirname(path);
      this.#sourceRoots.add(root ?? directory).add(directory);
      const packageRoot = rootByPackage(directory, packageName);
      if (packageRoot !== undefined) this.#sourceRoots.add(packageRoot);
    }
    return files;
  }

  #wanted(source: string | URL | FileBelow): Wanted {
    if (isFileBelow(source)) {
      this.#loaded.add(source.root);
      return { path: fromWorkingDirectory(source.path), places: [{ ...source, within: undefined }] };
    }
    const path = sourcePath(source);
    return { path, places: this.#sourcePlaces(path) };
  }

  async #source({ path, places }: Wanted): Promise<SourceFile> {
    const { file, tried } = await this.#firstOf(places, path);
    if (file !== undefined) return file;
    const near = await nearFile(path);
    const lookedFor = near === '' ? '; looked for' : `${near} Looked for`;
    throw new SchemaError(`${path} cannot be loaded${lookedFor}\n${listed(tried)}`);
  }

  /** Finds everything that the files import, directly or indirectly, and sets their `imports`. */
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
    const seen = new Set<string>();
    const tried: string[] = [];
    for (const group of this.#importPlaces(importer, path)) {
      const places = typeof group === 'function' ? await group() : group;
      const found = await this.#firstOf(notSeen(places, seen), undefined);
      if (found.file !== undefined) return found.file;
      tried.push(...found.tried);
    }
    throw source.error(
      offset,
      `the import "${path}" was not found; set ${called('includeDirs')} to the directory that it starts from. Looked for\n${listed(tried)}`,
    );
  }

  /** In groups, because the places of one group take work to find. */
  *#importPlaces(
    importer: SourceFile,
    path: string,
  ): Generator<Iterable<Place> | (() => Promise<readonly Place[]>)> {
    yield placesBelow(this.#includeDirs, path);
    if (importer.bundledName === undefined) {
      yield placesBelow(importerRoots(importer, path), path);
      const { root } = importer;
      if (root !== undefined && this.#loaded.has(root)) yield placesBelow(rootsBelow(root, importer), path);
      // A file that ships with the package is meant, rather than one of the same name farther away.
      yield async () => ((await isBundled(path)) ? [] : this.#projectPlaces(importer, path));
    }
    yield placesBelow(this.#sourceRoots, path);
    yield [bundledPlace(path)];
  }

  /** In the directories around the importer, within its project. */
  async #projectPlaces({ path, realPath }: SourceFile, importPath: string): Promise<Place[]> {
    const places: Place[] = [];
    for (const start of new Set([path, realPath])) {
      if (start === undefined) continue;
      const roots = await this.#projects.around(dirname(start));
      const within = roots.at(-1);
      for (const root of roots) places.push({ path: pathBelow(root, importPath), root, within });
    }
    return places;
  }

  /**
   * The file at exactly this path comes first: no other takes its place. Outside the include directories a source has
   * no root: the user may name any file.
   */
  #sourcePlaces(path: string): Place[] {
    const named = { path: resolve(path), root: undefined, within: undefined };
    if (isAbsolute(path)) {
      const bundledName = bundledNameOf(path);
      return [bundledName === undefined ? named : bundledPlace(bundledName)];
    }
    const places: Place[] = [named];
    if (path.split(/[/\\]/)[0] === '..') return places;
    for (const root of this.#includeDirs) places.push({ path: join(root, path), root, within: root });
    if (importRefusal(path) === undefined) places.push(bundledPlace(path));
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
      tried.push(
        place.bundledName === undefined
          ? `  ${place.path}${result}`
          : '  a file of that name among those that come with stubless (google/, grpc/, …)',
      );
    }
    return { file: undefined, tried };
  }

  /** The file at a place, or why it is not used ('' when nothing is there). */
  #at(place: Place, shownAs: string | undefined): Promise<SourceFile | string> {
    const key = `${place.root ?? ''}\0${place.within ?? ''}\0${place.path}`;
    let result = this.#byPlace.get(key);
    if (result === undefined) {
      result = this.#look(place, shownAs);
      this.#byPlace.set(key, result);
    }
    return result;
  }

  async #look(place: Place, shownAs: string | undefined): Promise<SourceFile | string> {
    const known = this.#byPath.get(place.path);
    if (known !== undefined) return known;
    const { bundledName } = place;
    if (bundledName !== undefined) {
      const link = bundledLink(bundledName);
      if (link !== undefined)
        return this.#keep(place.path, sourceFile(place, place.path, link.parsed, bundledName));
      const text = await readBundled(bundledName);
      return text === undefined ? '' : this.#parse(place, { realPath: place.path, text }, shownAs);
    }
    const read = await this.#read(place);
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

  async #read({ path, within }: Place): Promise<FileContent> {
    const isKnown = (realPath: string): boolean => this.#byRealPath.has(realPath);
    const ahead = within === undefined ? this.#ahead?.take(path) : undefined;
    const read = await (ahead ?? readProtoFile(path, within, isKnown));
    if (read.kind !== 'pipe') return read;
    return isKnown(read.realPath) ? { kind: 'known', realPath: read.realPath } : read.read();
  }

  #parse(place: Place, read: { realPath: string; text: string }, shownAs: string | undefined): SourceFile {
    const bundledName = place.bundledName ?? bundledNameOf(read.realPath);
    const ownNames = (): Iterable<string> =>
      bundledName === undefined ? this.#ownNames(place) : [bundledName];
    const [name] = ownNames();
    const parsed = parseFile(read.text, name, shownAs ?? fromWorkingDirectory(place.path));
    return this.#keep(
      read.realPath,
      sourceFile({ ...place, bundledName }, read.realPath, parsed, name, ownNames),
    );
  }

  #keep(realPath: string, file: SourceFile): SourceFile {
    this.#byRealPath.set(realPath, file);
    if (file.path !== undefined) this.#byPath.set(file.path, file);
    return file;
  }

  /** Relative to the root it was found in or to an include directory; failing that, more and more of its path. */
  *#ownNames({ path, root }: Place): Generator<string> {
    const roots = root === undefined ? this.#includeDirs : [root, ...this.#includeDirs];
    for (const directory of roots) {
      if (isInside(path, directory) && path !== directory)
        yield relative(directory, path).split(sep).join('/');
    }
    const parts = path.split(sep).filter((part) => part !== '');
    for (let i = parts.length - 1; i >= 0; i--) yield parts.slice(i).join('/');
  }
}

/** Where sources are looked for first, and nearly always found. */
function likelyPaths(wanted: readonly (Wanted | NamedText)[]): string[] {
  const paths: string[] = [];
  for (const one of wanted) {
    if (!('places' in one)) continue;
    const [{ path, bundledName }] = one.places;
    if (bundledName === undefined) paths.push(path);
  }
  return paths;
}

function sourceFile(
  { path, root, bundledName }: Place,
  realPath: string,
  parsed: SourceFile['parsed'],
  name: string,
  otherNames: () => Iterable<string> = () => [],
): SourceFile {
  const packageName = parsed.descriptor.package;
  return { parsed, path, realPath, root, packageName, bundledName, name, otherNames, imports: [] };
}

/** A source that is not a file on disk. */
function textFile({ text, name, shownAs = name, path }: NamedText): SourceFile {
  const parsed = parseFile(text, name, shownAs);
  return {
    parsed,
    path,
    realPath: undefined,
    root: undefined,
    packageName: parsed.descriptor.package,
    bundledName: undefined,
    otherNames: () => [],
    imports: [],
    name,
  };
}

function isFileBelow(source: string | URL | FileBelow): source is FileBelow {
  return typeof source === 'object' && !isUrl(source);
}

function isText(source: ProtoSource): source is NamedText {
  return typeof source === 'object' && !isUrl(source) && 'text' in source;
}

/** One at a time: there may be hundreds of roots, and the first is nearly always right. */
function* placesBelow(roots: Iterable<string>, path: string): Generator<Place> {
  for (const root of roots) yield { path: pathBelow(root, path), root, within: root };
}

/** Only places whose roots have not been searched yet. */
function* notSeen(places: Iterable<Place>, seen: Set<string>): Generator<Place> {
  for (const place of places) {
    if (place.root !== undefined) {
      if (seen.has(place.root)) continue;
      seen.add(place.root);
    }
    yield place;
  }
}

function listed(places: readonly string[]): string {
  const named = places.slice(0, MAX_PLACES_NAMED);
  const more = places.length - named.length;
  if (more > 0) named.push(`  and ${more} more ${more === 1 ? 'place' : 'places'}`);
  return named.join('\n');
}

function bundledPlace(name: string): Place {
  const root = bundledDirectory();
  return { path: pathBelow(root, name), root, within: root, bundledName: name };
}

function sourcePath(source: string | URL): string {
  const text = String(source);
  if (isUrl(source) || text.startsWith('file:')) {
    const url = new URL(text);
    if (url.protocol === 'file:') return fileURLToPath(url);
    throw new SchemaError(`${text} cannot be loaded: only file: URLs can be read`);
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(text)) {
    throw new SchemaError(`${text} cannot be loaded: only file: URLs can be read`);
  }
  if (text === '') throw new SchemaError('an empty path cannot be loaded');
  return text;
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
