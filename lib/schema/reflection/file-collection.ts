// The files that one question needs, gathered from a server that may send them all, one by one, under other names
// than they are imported by, or not at all. Ends with files that can be loaded, and reasons for those that cannot.

import { SchemaError } from '../../errors.ts';
import type { FileDescriptorProto } from '../descriptor.ts';
import { decodeCustomOptions, decodeFileDescriptor } from '../descriptor-set.ts';
import { candidateNames } from '../names.ts';
import { bundledFiles, bundledNameOfSymbol } from './bundled-files.ts';
import { isFileName, problemOfNames } from './file-names.ts';
import { referencesOf, resolveReference, symbolsOf, type TypeReference } from './file-symbols.ts';
import { type FileLookup, importsFirst, withImports } from './imports.ts';
import type { Budget } from './limits.ts';
import type { ReflectionAnswer } from './messages.ts';
import type { ReflectionSession } from './session.ts';

/** How a FileDescriptorProto begins: with its name, whose length takes one octet below the other number. */
const TAG_OF_NAME = 0x0a;
const LONG_LENGTH = 0x80;

/** What is there already and need not be asked for. */
export interface PresentFiles extends FileLookup {
  readonly server: string;
}

export interface CollectedFiles {
  /** Imports before what imports them. */
  readonly files: readonly FileDescriptorProto[];
  /** Of the symbols asked for, those that the server did not give, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
}

interface CollectedFile {
  readonly file: FileDescriptorProto;
  /** As the server sent it; undefined for one that ships with this package. */
  readonly bytes: Uint8Array | undefined;
}

/** Gathers the files that define these symbols, with all that they import. */
export async function collectFiles(
  session: ReflectionSession,
  symbols: readonly string[],
  present: PresentFiles,
  budget: Budget,
): Promise<CollectedFiles> {
  const collection = new FileCollection(session, present, budget);
  const failures = await collection.addSymbols(symbols);
  await collection.addImports();
  return { files: collection.files(), failures };
}

class FileCollection {
  readonly #session: ReflectionSession;
  readonly #present: PresentFiles;
  readonly #budget: Budget;
  readonly #files: Map<string, CollectedFile> = new Map();
  /** Full name → name of the file that defines it. */
  readonly #symbols: Map<string, string> = new Map();
  /** Import → what its file is really called. */
  readonly #actualNames: Map<string, string> = new Map();
  readonly #askedNames: Set<string> = new Set();
  readonly #askedSymbols: Set<string> = new Set();
  /** Files whose imports and types have not been looked at. */
  #fresh: FileDescriptorProto[] = [];
  #unresolved: TypeReference[] = [];

  constructor(session: ReflectionSession, present: PresentFiles, budget: Budget) {
    this.#session = session;
    this.#present = present;
    this.#budget = budget;
  }

  /** Asks for the files of symbols; gives the reasons for those that were not to be had. */
  async addSymbols(symbols: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const failures = new Map<string, string>();
    for (const symbol of symbols) this.#askedSymbols.add(symbol);
    const answers = await this.#session.ask(
      symbols.map((fileContainingSymbol) => ({ fileContainingSymbol })),
    );
    symbols.forEach((symbol, i) => {
      const problem = this.#take(answers[i]);
      if (problem !== undefined) failures.set(symbol, problem);
      else if (!this.#symbols.has(symbol))
        failures.set(symbol, 'the files that the server sent do not define it');
    });
    return failures;
  }

  /** Follows imports, and types whose import leads nowhere, until nothing is missing that can be had. */
  async addImports(): Promise<void> {
    for (let depth = 1; ; depth++) {
      const fresh = this.#fresh;
      this.#fresh = [];
      const names = this.#missingImports(fresh);
      // Not by push(...): there may be more than a call can have arguments.
      for (const file of fresh) for (const one of referencesOf(file)) this.#unresolved.push(one);
      if (names.length > 0) {
        this.#budget.checkDepth(depth);
        await this.#addNamed(names);
      } else {
        const symbols = await this.#missingSymbols();
        if (symbols.length === 0) return;
        this.#budget.checkDepth(depth);
        this.#budget.countQuestions(symbols.length);
        await this.addSymbols(symbols);
      }
    }
  }

  /** What was gathered, decoded with its custom options, its imports put right. */
  files(): FileDescriptorProto[] {
    const sent = [...this.#files.values()].filter((one) => one.bytes !== undefined);
    const bundled = [...this.#files.values()]
      .filter((one) => one.bytes === undefined)
      .map(({ file }) => file);
    const decoded = decodeCustomOptions(
      sent.map(({ bytes }) => bytes ?? new Uint8Array(0)),
      sent.map(({ file }) => file),
      bundled,
      this.#origin,
    );
    const byName = new Map([...bundled, ...decoded].map((file) => [file.name, file]));
    const lookup: FileLookup = {
      file: (name) => byName.get(name) ?? this.#present.file(name),
      fileOf: (symbol) => this.#symbols.get(symbol) ?? this.#present.fileOf(symbol),
    };
    const actualName = (name: string): string => this.#actualNames.get(name) ?? name;
    return importsFirst([...byName.values()].map((file) => withImports(file, lookup, actualName)));
  }

  get #origin(): string {
    return `the reflection of ${this.#present.server}`;
  }

  #missingImports(files: readonly FileDescriptorProto[]): string[] {
    const names = new Set<string>();
    for (const file of files) {
      for (const name of file.dependency ?? []) {
        const isThere = this.#files.has(name) || this.#present.file(name) !== undefined;
        if (!isThere && !this.#askedNames.has(name) && isFileName(name)) names.add(name);
      }
    }
    for (const name of names) this.#askedNames.add(name);
    return [...names];
  }

  async #addNamed(names: readonly string[]): Promise<void> {
    this.#budget.countQuestions(names.length);
    const answers = await this.#session.ask(names.map((fileByFilename) => ({ fileByFilename })));
    const absent: string[] = [];
    names.forEach((name, i) => {
      const before = this.#files.size;
      const problem = this.#take(answers[i]);
      if (this.#files.has(name)) return;
      // One file was asked for: what came first is it, whatever it calls itself.
      const sent = problem === undefined ? [...this.#files.keys()].slice(before) : [];
      if (sent.length > 0) this.#actualNames.set(name, sent[0]);
      else absent.push(name);
    });
    for (const file of await bundledFiles(absent)) this.#add(file, undefined);
  }

  /** Types that no file so far defines and that were not asked for yet. */
  async #missingSymbols(): Promise<string[]> {
    const isDefined = (name: string): boolean =>
      this.#symbols.has(name) || this.#present.fileOf(name) !== undefined;
    this.#unresolved = this.#unresolved.filter((one) => resolveReference(one, isDefined) === undefined);
    const symbols = new Set<string>();
    for (const { name, scope } of this.#unresolved) {
      for (const candidate of candidateNames(name, scope)) {
        if (!this.#askedSymbols.has(candidate)) symbols.add(candidate);
      }
    }
    // What everybody has, and a server may not know by name, comes from the package itself.
    const bundled = new Set<string>();
    for (const symbol of symbols) {
      const name = await bundledNameOfSymbol(symbol);
      if (name !== undefined && !this.#files.has(name)) bundled.add(name);
    }
    for (const file of await bundledFiles([...bundled])) {
      this.#add(file, undefined);
      for (const symbol of symbolsOf(file)) symbols.delete(symbol);
    }
    return [...symbols];
  }

  /** Adds the files of an answer; gives the reason where there are none. */
  #take(answer: ReflectionAnswer): string | undefined {
    if (answer.kind === 'error') return answer.message;
    if (answer.kind !== 'files') return 'the server answered with services in place of files';
    if (answer.files.length === 0) return 'the server answered without a file';
    for (const bytes of answer.files) {
      // Servers send a file again with each answer that needs it: it need not be decoded again.
      if (this.#files.has(firstText(bytes))) continue;
      this.#budget.countFile(bytes);
      let file: FileDescriptorProto;
      try {
        file = decodeFileDescriptor(bytes, this.#origin);
      } catch (error) {
        if (error instanceof SchemaError) return error.message;
        throw error;
      }
      const problem = problemOfNames(file);
      if (problem !== undefined) return problem;
      this.#add(file, bytes);
    }
    return undefined;
  }

  #add(file: FileDescriptorProto, bytes: Uint8Array | undefined): void {
    if (this.#files.has(file.name)) return;
    this.#files.set(file.name, { file, bytes });
    for (const symbol of symbolsOf(file)) {
      if (!this.#symbols.has(symbol)) this.#symbols.set(symbol, file.name);
    }
    this.#fresh.push(file);
  }
}

/** The text that a message begins with, which in a FileDescriptorProto is its name; '' where it begins otherwise. */
function firstText(bytes: Uint8Array): string {
  const [tag, length] = bytes;
  if (tag !== TAG_OF_NAME || length >= LONG_LENGTH || bytes.length < 2 + length) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset + 2, length).toString();
}
