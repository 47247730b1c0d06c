// The files of a large descriptor set of which only an index was read: each is decoded, checked and added to a registry
// with all that it imports when something first needs it. When anything is wrong with one of them, the rest is read as
// well, as if the whole set had been loaded at once, so that the error is the one that this would have thrown.

import { SchemaError } from '../../values/errors.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { parseMethodName } from '../descriptors/method-name.ts';
import type { UnreadDefinitions } from '../descriptors/symbol-table.ts';
import type { ServiceInfo } from './loaded-method.ts';

/** For a method that more files have, one might as well read all. */
const MAX_FILES_OF_METHOD = 100;

/** What is known of files that were not read. They are told apart by number, in the order of their set. */
export interface FileIndex {
  readonly origin: string;
  readonly all: readonly number[];
  /** What the files import that is not among them. */
  readonly missingImports: readonly string[];
  readonly hasServices: boolean;
  has(name: string): boolean;
  /** The file that defines a symbol, or something around it, if any. Undefined if only reading all of them can tell. */
  filesOf(symbol: string): readonly number[] | undefined;
  /** The file of a service's method; of an incomplete name, all files with methods of that name. Undefined as above. */
  filesWithMethod(service: string, method: string): readonly number[] | undefined;
  /** Undefined as above. */
  filesWithExtensions(): readonly number[] | undefined;
  /** Undefined as above. */
  services(): readonly ServiceInfo[] | undefined;
  /** The files, in order, with all that they import. */
  withImports(files: readonly number[]): readonly number[];
  /** Throws SchemaError. */
  decode(files: readonly number[]): readonly FileDescriptorProto[];
  /** All of the files, unread. Made by the index, since nobody without one needs the code for it. */
  unread(taker: FileTaker): UnreadFiles;
}

/** Where files go that are read. */
export interface FileTaker {
  /** Checks files and adds them: all or, with a SchemaError, none. */
  add(files: readonly FileDescriptorProto[]): void;
  /** Only checks all of the files, as if none had been added before. Throws SchemaError. */
  checkAll(files: readonly FileDescriptorProto[]): void;
}

export class UnreadFiles implements UnreadDefinitions {
  readonly #index: FileIndex;
  readonly #taker: FileTaker;
  readonly #read: Set<number> = new Set();
  #areExtensionsRead = false;
  /** While files are checked, only what is already there counts. */
  #isReading = false;
  #fault: SchemaError | undefined;

  constructor(index: FileIndex, taker: FileTaker) {
    this.#index = index;
    this.#taker = taker;
  }

  /** What is wrong with the set, once that has shown. What was read before can be used all the same. */
  get fault(): SchemaError | undefined {
    return this.#fault;
  }

  /** Whether some files are still unread. */
  get isPartial(): boolean {
    return this.#fault === undefined && this.#read.size < this.#index.all.length;
  }

  /** Whether there are services, read or not. */
  get hasServices(): boolean {
    return this.#index.hasServices;
  }

  /** The services of all files, in order; undefined if all files have to be read to know. */
  services(): readonly ServiceInfo[] | undefined {
    return this.#index.services();
  }

  readSymbol(fullName: string): void {
    if (!this.#isOver) this.#readFiles(this.#index.filesOf(fullName));
  }

  readExtensions(): void {
    // Asked for each field of a reply that may be an extension.
    if (this.#areExtensionsRead || this.#isOver) return;
    this.#readFiles(this.#index.filesWithExtensions());
    this.#areExtensionsRead = true;
  }

  /** Reads whatever it takes to know which method a name means. */
  readMethod(name: string): void {
    if (this.#isOver || typeof name !== 'string') return;
    const { service, method } = parseMethodName(name);
    const files = this.#index.filesWithMethod(service, method);
    // What is nearly the name, only all of them can tell.
    this.#readFiles(files?.length === 0 || (files?.length ?? 0) > MAX_FILES_OF_METHOD ? undefined : files);
  }

  readAll(): void {
    if (!this.#isOver) this.#readFiles(undefined);
    if (this.#fault !== undefined && !this.#isReading) throw this.#fault;
  }

  get #isOver(): boolean {
    return this.#isReading || !this.isPartial;
  }

  #readFiles(files: readonly number[] | undefined): void {
    if (files?.every((file) => this.#read.has(file)) === true) return;
    this.#isReading = true;
    try {
      if (files === undefined || !this.#tryAdd(this.#index.withImports(files))) this.#addRest();
    } finally {
      this.#isReading = false;
    }
  }

  #tryAdd(files: readonly number[]): boolean {
    try {
      this.#addUnread(files);
      return true;
    } catch (error) {
      if (error instanceof SchemaError) return false;
      throw error;
    }
  }

  #addRest(): void {
    try {
      this.#addUnread(this.#index.all);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      this.#fault = this.#faultOfAll() ?? error;
    }
  }

  /** An error may name what was there first, or list names in that order: not what happened to be read before. */
  #faultOfAll(): SchemaError | undefined {
    if (this.#read.size === 0) return undefined;
    try {
      this.#taker.checkAll(this.#index.decode(this.#index.all));
    } catch (error) {
      if (error instanceof SchemaError) return error;
      throw error;
    }
    return undefined;
  }

  /** Imports that were read before are decoded again, for the options that they define. */
  #addUnread(files: readonly number[]): void {
    const decoded = this.#index.decode(files);
    this.#taker.add(decoded.filter((_, i) => !this.#read.has(files[i])));
    for (const file of files) this.#read.add(file);
  }
}
