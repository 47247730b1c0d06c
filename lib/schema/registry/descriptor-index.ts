// Where things are in the bytes of a large FileDescriptorSet: the names, packages and imports of its files, and, package by
// package as somebody asks, what they define. Nothing is decoded for that. A set that is in any way unusual gets no
// index: it is decoded as a whole, which says what is wrong with it, if anything is.

import { SchemaError } from '../../values/errors.ts';
import { bufferOf } from '../../values/octets.ts';
import { MAX_DEPTH } from '../codec/wire/nesting.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { lowerFirst, parentScope } from '../descriptors/names.ts';
import { FILE, MESSAGE } from '../descriptors/source-path.ts';
import { checkFile } from '../descriptors/validate.ts';
import { decodeDescriptorSet } from './descriptor-set.ts';
import type { ServiceInfo } from './loaded-method.ts';
import { OutlineReader, UnusualBytes } from './outline-reader.ts';
import { RepeatedTexts } from './repeated-texts.ts';
import { servicesIn } from './service-outline.ts';
import { type FileIndex, type FileTaker, UnreadFiles } from './unread-files.ts';

const FILES = 1;
const FILE_NAME = 1;
const FILE_EDITION = 14;
/** Other names are rare, and take more than their octets to tell. */
const ASCII = /^[ -~]*$/;
const NO_DEFINITIONS: ReadonlyMap<string, number> = new Map();

interface IndexedFile {
  readonly name: string;
  readonly package: string;
  readonly hasServices: boolean;
  /** Its place in the set: with its tag, and without. */
  readonly recordStart: number;
  readonly start: number;
  readonly end: number;
}

export class DescriptorIndex implements FileIndex {
  readonly origin: string;
  readonly all: readonly number[];
  readonly #bytes: Buffer;
  /** The names of all imports. */
  readonly #imported: Set<string> = new Set();
  readonly #files: readonly IndexedFile[];
  readonly #byName: Map<string, number> = new Map();
  readonly #byPackage: Map<string, number[]> = new Map();
  #longestPackage = 0;
  /** Package → name of a definition at the top of one of its files → file. */
  readonly #definitions: Map<string, ReadonlyMap<string, number>> = new Map();
  #byMethod: ReadonlyMap<string, ReadonlySet<number>> | undefined;
  #services: readonly ServiceInfo[] | undefined;
  #extending: readonly number[] | undefined;

  /** The index of a set; undefined for one that has to be decoded as a whole. */
  static of(bytes: Uint8Array, origin: string): DescriptorIndex | undefined {
    return unlessUnusual(() => new DescriptorIndex(bytes, origin));
  }

  private constructor(bytes: Uint8Array, origin: string) {
    this.#bytes = bufferOf(bytes);
    this.origin = origin;
    this.#files = indexedFiles(this.#bytes, this.#imported, origin);
    this.all = [...this.#files.keys()];
    for (const [i, file] of this.#files.entries()) {
      // Of two files with one name, the registry has to say whether they are the same.
      if (this.#byName.has(file.name)) throw new UnusualBytes();
      this.#byName.set(file.name, i);
      this.#longestPackage = Math.max(this.#longestPackage, file.package.length);
      const others = this.#byPackage.get(file.package);
      if (others === undefined) this.#byPackage.set(file.package, [i]);
      else others.push(i);
    }
  }

  get hasServices(): boolean {
    return this.#files.some((file) => file.hasServices);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** What files of the set import that is not in it. */
  get missingImports(): readonly string[] {
    return [...this.#imported].filter((name) => !this.has(name));
  }

  filesOf(symbol: string): readonly number[] | undefined {
    return unlessUnusual(() => {
      const file = this.#fileOf(symbol);
      return file === undefined ? [] : [file];
    });
  }

  #fileOf(symbol: string): number | undefined {
    // A reply may ask for names of any length: nothing is defined in a scope that is longer than all packages.
    const beyond = symbol.indexOf('.', this.#longestPackage + 1);
    let name = beyond < 0 ? symbol : symbol.slice(0, beyond);
    for (let scope = parentScope(name); ; scope = parentScope(scope)) {
      const found = this.#definitionsIn(scope).get(name.slice(scope === '' ? 0 : scope.length + 1));
      if (found !== undefined) return found;
      if (scope === '') return undefined;
      name = scope;
    }
  }

  #definitionsIn(packageName: string): ReadonlyMap<string, number> {
    const known = this.#definitions.get(packageName);
    if (known !== undefined) return known;
    const files = this.#byPackage.get(packageName);
    // Not kept: there is no end of names that replies may ask for.
    if (files === undefined) return NO_DEFINITIONS;
    const definitions = new Map<string, number>();
    for (const file of files) {
      const reader = this.#reader(file);
      while (reader.next()) {
        const { number } = reader;
        if (number < FILE.message || number > FILE.extension) continue;
        const name = reader.nameInside();
        // Whether two definitions of one name mean the same, the registry has to say.
        if (definitions.has(name)) throw new UnusualBytes();
        definitions.set(name, file);
      }
    }
    this.#definitions.set(packageName, definitions);
    return definitions;
  }

  filesWithMethod(service: string, method: string): readonly number[] | undefined {
    return unlessUnusual(() => {
      const file = service === '' ? undefined : this.#fileOf(service);
      if (file !== undefined) {
        const own = this.#servicesIn(file).find(({ fullName }) => fullName === service);
        if (own?.methods.some(({ name }) => name === method) === true) return [file];
      }
      this.#byMethod ??= this.#methods();
      return [...(this.#byMethod.get(method) ?? [])];
    });
  }

  /** The files of methods, by the method's name and in lower camel case. */
  #methods(): ReadonlyMap<string, ReadonlySet<number>> {
    const all = new Map<string, Set<number>>();
    for (const [i, { hasServices }] of this.#files.entries()) {
      if (!hasServices) continue;
      const names = this.#servicesIn(i).flatMap(({ methods }) => methods.map(({ name }) => name));
      for (const name of [...names, ...names.map(lowerFirst)]) {
        const files = all.get(name);
        if (files === undefined) all.set(name, new Set([i]));
        else files.add(i);
      }
    }
    return all;
  }

  services(): readonly ServiceInfo[] | undefined {
    this.#services ??= unlessUnusual(() =>
      this.#files.flatMap((file, i) => (file.hasServices ? this.#servicesIn(i) : [])),
    );
    return this.#services;
  }

  #servicesIn(file: number): ServiceInfo[] {
    return servicesIn(this.#reader(file), this.#files[file].package);
  }

  filesWithExtensions(): readonly number[] | undefined {
    this.#extending ??= unlessUnusual(() =>
      this.all.filter((file) => definesExtension(this.#reader(file), FILE, 0)),
    );
    return this.#extending;
  }

  withImports(files: readonly number[]): readonly number[] {
    const found = new Set(files);
    // A Set is iterated in order of insertion, what is added on the way included.
    for (const file of found) {
      for (const name of importsIn(this.#reader(file))) {
        const imported = this.#byName.get(name);
        if (imported !== undefined) found.add(imported);
      }
    }
    // As in the set: imports first, if its maker kept to that.
    return [...found].sort((a, b) => a - b);
  }

  decode(files: readonly number[]): readonly FileDescriptorProto[] {
    return decodeDescriptorSet(this.#bytesOf(files), this.origin);
  }

  unread(taker: FileTaker): UnreadFiles {
    return new UnreadFiles(this, taker);
  }

  /** A set of some of the files. */
  #bytesOf(files: readonly number[]): Uint8Array {
    if (files.length === this.all.length) return this.#bytes;
    return Buffer.concat(
      files.map((i) => this.#bytes.subarray(this.#files[i].recordStart, this.#files[i].end)),
    );
  }

  #reader(file: number): OutlineReader {
    const { start, end } = this.#files[file];
    return new OutlineReader(this.#bytes, start, end);
  }
}

/** Undefined if the bytes turn out to be unusual. */
function unlessUnusual<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    // SchemaError for a file's own facts, TypeError for text that is not UTF-8: decoding says the same, and where.
    if (error instanceof UnusualBytes || error instanceof SchemaError || error instanceof TypeError)
      return undefined;
    throw error;
  }
}

function indexedFiles(bytes: Buffer, imported: Set<string>, origin: string): IndexedFile[] {
  const texts = new RepeatedTexts(bytes);
  const files: IndexedFile[] = [];
  const set = new OutlineReader(bytes, 0, bytes.length);
  const reader = new OutlineReader(bytes, 0, 0);
  const checked = new Set<string>();
  while (set.next()) {
    if (set.number !== FILES || !set.isDelimited) throw new UnusualBytes();
    const { fieldStart: recordStart, start, pos: end } = set;
    reader.enter(start, end);
    const { name, package: packageName, syntax, edition, hasServices } = readHead(reader, texts, imported);
    if (!ASCII.test(name)) throw new UnusualBytes();
    files.push({ name, package: packageName, hasServices, recordStart, start, end });
    // The files of a set have a few syntaxes, and many of them a package.
    const facts = `${packageName} ${syntax} ${edition}`;
    if (checked.has(facts)) continue;
    checked.add(facts);
    checkFile({ proto: { name, package: packageName, syntax, edition } as FileDescriptorProto, origin });
  }
  return files;
}

interface FileHead extends Pick<IndexedFile, 'name' | 'package' | 'hasServices'> {
  readonly syntax: string | undefined;
  readonly edition: number | undefined;
}

/** What a file says of itself, apart from its definitions. */
function readHead(reader: OutlineReader, texts: RepeatedTexts, imported: Set<string>): FileHead {
  let [name, packageName, syntax]: (string | undefined)[] = [];
  let edition: number | undefined;
  let hasServices = false;
  while (reader.next()) {
    switch (reader.number) {
      case FILE_NAME:
        name = once(name, texts.text(reader));
        break;
      case FILE.package:
        packageName = once(packageName, texts.text(reader));
        break;
      case FILE.dependency:
      case FILE.optionDependency:
        imported.add(texts.text(reader));
        break;
      case FILE.service:
        hasServices = true;
        break;
      case FILE.syntax:
        syntax = once(syntax, texts.text(reader));
        break;
      case FILE_EDITION:
        edition = once(edition, reader.integer());
        break;
      default:
    }
  }
  if (name === undefined || name === '') throw new UnusualBytes();
  return { name, package: packageName ?? '', hasServices, syntax, edition };
}

function importsIn(reader: OutlineReader): string[] {
  const imports: string[] = [];
  while (reader.next()) {
    if (reader.number === FILE.dependency || reader.number === FILE.optionDependency)
      imports.push(reader.text());
  }
  return imports;
}

/** A field that may be there once: of several, decoders take the last. */
function once<T>(before: T | undefined, value: T): T {
  if (before !== undefined) throw new UnusualBytes();
  return value;
}

/** Whether a file or a message defines extensions, itself or in its messages. */
function definesExtension(
  reader: OutlineReader,
  numbers: { message: number; extension: number },
  depth: number,
): boolean {
  if (depth > MAX_DEPTH) throw new UnusualBytes();
  while (reader.next()) {
    if (reader.number === numbers.extension) return true;
    if (reader.number !== numbers.message) continue;
    const inside = new OutlineReader(reader.bytes, reader.start, reader.pos);
    if (definesExtension(inside, IN_MESSAGE, depth + 1)) return true;
  }
  return false;
}

const IN_MESSAGE = { message: MESSAGE.nested, extension: MESSAGE.extension } as const;
