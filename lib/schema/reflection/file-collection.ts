// The files that one request needs, gathered from a server that may send them all at once, one by one, under other names
// than they are imported by, or not at all. Ends with files that can be loaded, and reasons for those that cannot.

import { posix } from 'node:path';
import { SchemaError } from '../../values/errors.ts';
import { bufferOf } from '../../values/octets.ts';
import { shortenedList } from '../../values/text/shortened-text.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { type ExtensionNumber, keyOfExtension } from '../descriptors/extension-number.ts';
import {
  extensionsOf,
  referencesOf,
  resolveReference,
  type TypeReference,
} from '../descriptors/file-symbols.ts';
import { candidateNames } from '../descriptors/names.ts';
import { type FileLookup, importsFirst, withImports } from '../descriptors/needed-imports.ts';
import { symbolsOf } from '../descriptors/symbol-table.ts';
import { decodeCustomOptions, decodeFileDescriptor } from '../registry/descriptor-set.ts';
import { bundledFiles, bundledFilesOf } from './bundled-files.ts';
import { isFileName, problemOfNames } from './file-names.ts';
import type { Budget } from './limits.ts';
import type { ReflectionAnswer } from './messages.ts';
import type { ReflectionSession } from './session.ts';

/** How a FileDescriptorProto begins: with its name, whose length takes one octet if it is less than LONG_LENGTH. */
const TAG_OF_NAME = 0x0a;
const LONG_LENGTH = 0x80;

/** The syntax of what versions of grpc-go send for a file whose generated code is not linked in: a name alone. */
const SYNTAX_OF_PLACEHOLDER = '<unknown:0>';

/** What is already known and need not be asked for. */
export interface PresentFiles extends FileLookup {
  readonly server: string;
  /** The file that the server sent before under a name, even if it is to be asked for again. */
  sent(name: string): FileDescriptorProto | undefined;
}

export interface CollectedFiles {
  /** Imports before what imports them. */
  readonly files: readonly FileDescriptorProto[];
  /** The symbols that were asked for and that the server did not provide, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
  /** What is missing from files, by the file's name, with the reason. */
  readonly gaps: ReadonlyMap<string, string>;
}

const EXTENSIONS_AT_A_TIME = 16;
/** How many imports of one file an error names. */
const MAX_NAMED_IMPORTS = 3;

interface CollectedFile {
  readonly file: FileDescriptorProto;
  /** As the server sent it; undefined for one that ships with this package. */
  readonly bytes: Uint8Array | undefined;
}

/** What came of an answer: the files in it, by the names that they have here, and what was wrong with it. */
interface Taken {
  readonly names: readonly string[];
  readonly problem: string | undefined;
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
  return { files: collection.files(), failures, gaps: collection.gaps() };
}

/**
 * Gathers the files that define these extensions, with all that they import; those that the server does not give are
 * left out.
 */
export async function collectExtensions(
  session: ReflectionSession,
  extensions: readonly ExtensionNumber[],
  present: PresentFiles,
  budget: Budget,
): Promise<CollectedFiles> {
  const collection = new FileCollection(session, present, budget);
  await collection.addExtensions(extensions);
  await collection.addImports();
  return { files: collection.files(), failures: new Map(), gaps: collection.gaps() };
}

class FileCollection {
  readonly #session: ReflectionSession;
  readonly #present: PresentFiles;
  readonly #budget: Budget;
  readonly #files: Map<string, CollectedFile> = new Map();
  /** Files as they came, with the names that they have here, by the names that the server gave them. */
  readonly #sent: Map<string, { readonly bytes: Uint8Array; readonly name: string }[]> = new Map();
  /** Full name → name of the file that defines it. */
  readonly #symbols: Map<string, string> = new Map();
  /** Import → what its file is really called. */
  readonly #actualNames: Map<string, string> = new Map();
  /** Keys of the extensions that were found. */
  readonly #extensions: Set<string> = new Set();
  readonly #askedNames: Set<string> = new Set();
  /** Import → why its file is not here. */
  readonly #absent: Map<string, string> = new Map();
  readonly #askedSymbols: Set<string> = new Set();
  /** Files whose imports and types have not been looked at. */
  #fresh: FileDescriptorProto[] = [];
  #unresolved: TypeReference[] = [];

  constructor(session: ReflectionSession, present: PresentFiles, budget: Budget) {
    this.#session = session;
    this.#present = present;
    this.#budget = budget;
  }

  /** Asks for the files of symbols; returns the reasons for those that could not be had. */
  async addSymbols(symbols: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const failures = new Map<string, string>();
    for (const symbol of symbols) this.#askedSymbols.add(symbol);
    const answers = await this.#session.ask(
      symbols.map((fileContainingSymbol) => ({ fileContainingSymbol })),
    );
    symbols.forEach((symbol, i) => {
      const { problem } = this.#take(answers[i]);
      if (!this.#symbols.has(symbol))
        failures.set(symbol, problem ?? 'the files that the server sent do not define it');
    });
    // A server need not know what everybody has.
    for (const file of await bundledFilesOf(failures.keys())) {
      this.#add(file, undefined);
      for (const symbol of symbolsOf(file)) failures.delete(symbol);
    }
    return failures;
  }

  /** Asks for the files of extensions, a few at a time, since one file mostly has many. */
  async addExtensions(extensions: readonly ExtensionNumber[]): Promise<void> {
    let left = [...extensions];
    while (left.length > 0) {
      const asked = left.splice(0, EXTENSIONS_AT_A_TIME);
      this.#budget.countQuestions(asked.length);
      const answers = await this.#session.ask(
        asked.map((fileContainingExtension) => ({ fileContainingExtension })),
      );
      for (const answer of answers) this.#take(answer);
      left = left.filter((one) => !this.#extensions.has(keyOfExtension(one)));
    }
  }

  /** Follows imports, and types that no import leads to, until everything that can be had is here. */
  async addImports(): Promise<void> {
    for (let depth = 1; ; depth++) {
      const fresh = this.#fresh;
      this.#fresh = [];
      const names = this.#missingImports(fresh);
      // Not by push(...): there may be more than a call can have arguments.
      for (const file of fresh) {
        for (const one of referencesOf(file)) {
          this.#unresolved.push(one);
          if (!one.name.startsWith('.')) this.#budget.countLookups(one.scope.split('.').length);
        }
      }
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

  /** What was gathered, decoded with its custom options, with its imports repaired. */
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
    const named = decoded.map((file, i) => withName(file, sent[i].file.name));
    const byName = new Map([...bundled, ...named].map((file) => [file.name, file]));
    const lookup: FileLookup = {
      file: (name) => byName.get(name) ?? this.#present.file(name),
      fileOf: (symbol) => this.#symbols.get(symbol) ?? this.#present.fileOf(symbol),
    };
    const actualName = (name: string): string => this.#actualNames.get(name) ?? name;
    return importsFirst([...byName.values()].map((file) => withImports(file, lookup, actualName)));
  }

  /** Files whose imports are not all here. An unused import does no harm, so this is not a failure yet. */
  gaps(): ReadonlyMap<string, string> {
    const gaps = new Map<string, string>();
    if (this.#absent.size === 0) return gaps;
    for (const { file } of this.#files.values()) {
      const absent = (file.dependency ?? []).filter((name) => this.#absent.has(name));
      if (absent.length === 0) continue;
      const why = (name: string): string => `its import "${name}" cannot be had: ${this.#absent.get(name)}`;
      gaps.set(file.name, shortenedList(absent, MAX_NAMED_IMPORTS, why, '; '));
    }
    return gaps;
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
      const before = new Set(this.#files.keys());
      const { names: inAnswer, problem } = this.#take(answers[i]);
      if (this.#files.has(name)) return;
      const actual = this.#meantBy(name, inAnswer, before);
      if (actual !== undefined) this.#actualNames.set(name, actual);
      else {
        absent.push(name);
        this.#absent.set(name, problem ?? 'the server answered with other files');
      }
    });
    for (const file of await bundledFiles(absent)) {
      this.#add(file, undefined);
      this.#absent.delete(file.name);
    }
  }

  /** Which file of an answer is the one that was asked for, whatever its name. */
  #meantBy(name: string, inAnswer: readonly string[], before: ReadonlySet<string>): string | undefined {
    const sameLastPart = (one: string): boolean => posix.basename(one) === posix.basename(name);
    const added = inAnswer.filter((one) => !before.has(one));
    const imported = new Set(added.flatMap((one) => this.#files.get(one)?.file.dependency ?? []));
    return (
      added.find(sameLastPart) ??
      added.find((one) => !imported.has(one)) ??
      added[0] ??
      inAnswer.find(sameLastPart)
    );
  }

  /** Types that no file so far defines and that were not asked for yet. */
  async #missingSymbols(): Promise<string[]> {
    const isDefined = (name: string): boolean =>
      this.#symbols.has(name) || this.#present.fileOf(name) !== undefined;
    const unresolved: TypeReference[] = [];
    const symbols = new Set<string>();
    for (const one of this.#unresolved) {
      if (resolveReference(one, isDefined) !== undefined) continue;
      unresolved.push(one);
      for (const candidate of candidateNames(one.name, one.scope)) {
        if (!this.#askedSymbols.has(candidate)) symbols.add(candidate);
      }
      // Checked here already: each may stand for as many names as its scope has parts.
      this.#budget.checkQuestions(symbols.size);
    }
    this.#unresolved = unresolved;
    // What everybody has, and a server may not know, comes from the package itself.
    for (const file of await bundledFilesOf(symbols)) {
      this.#add(file, undefined);
      for (const symbol of symbolsOf(file)) symbols.delete(symbol);
    }
    return [...symbols];
  }

  /** Adds the files of an answer. A broken one does not affect the others, which may be all that is needed. */
  #take(answer: ReflectionAnswer): Taken {
    const nothing = (problem: string): Taken => ({ names: [], problem });
    if (answer.kind === 'error') return nothing(answer.message);
    if (answer.kind !== 'files') return nothing(`the server answered with ${answer.kind} instead of files`);
    if (answer.files.length === 0) return nothing('the server answered without a file');
    const names: string[] = [];
    let problem: string | undefined;
    for (const bytes of answer.files) {
      const taken = this.#takeFile(bytes);
      if ('name' in taken) names.push(taken.name);
      else problem ??= taken.problem;
    }
    return { names, problem };
  }

  /** Adds a file as the server sent it; returns its name here, or what is wrong with it. */
  #takeFile(bytes: Uint8Array): { readonly name: string } | { readonly problem: string } {
    // Servers send a file again with each answer that needs it; it need not be decoded again.
    const known = this.#sent.get(firstText(bytes))?.find((one) => Buffer.compare(one.bytes, bytes) === 0);
    if (known !== undefined) return known;
    this.#budget.countFile(bytes);
    let sent: FileDescriptorProto;
    try {
      sent = decodeFileDescriptor(bytes, this.#origin);
    } catch (error) {
      if (error instanceof SchemaError) return { problem: error.message };
      throw error;
    }
    const problem = problemOfNames(sent);
    if (problem !== undefined) return { problem };
    if (sent.syntax === SYNTAX_OF_PLACEHOLDER)
      return { problem: 'the server has no more of it than its name' };
    const file = withName(sent, this.#ownName(sent));
    const others = this.#sent.get(sent.name);
    if (others === undefined) this.#sent.set(sent.name, [{ bytes, name: file.name }]);
    else others.push({ bytes, name: file.name });
    this.#add(file, bytes);
    return file;
  }

  /** The name of a file here: a different one if the server gave the same name to a file that shares nothing with it. */
  #ownName(file: FileDescriptorProto): string {
    const symbols = new Set(symbolsOf(file));
    const isStranger = (name: string): boolean => {
      const known = this.#files.get(name)?.file ?? this.#present.sent(name);
      if (known === undefined || symbols.size === 0) return false;
      const theirs = symbolsOf(known);
      return theirs.length > 0 && !theirs.some((symbol) => symbols.has(symbol));
    };
    if (!isStranger(file.name)) return file.name;
    for (let n = 2; ; n++) if (!isStranger(`${n}/${file.name}`)) return `${n}/${file.name}`;
  }

  #add(file: FileDescriptorProto, bytes: Uint8Array | undefined): void {
    if (this.#files.has(file.name)) return;
    this.#files.set(file.name, { file, bytes });
    for (const symbol of symbolsOf(file)) {
      if (!this.#symbols.has(symbol)) this.#symbols.set(symbol, file.name);
    }
    for (const extension of extensionsOf(file)) this.#extensions.add(extension);
    this.#fresh.push(file);
  }
}

/**
 * The text that a message begins with, which in a FileDescriptorProto is its name; '' if it begins with something else.
 */
function firstText(bytes: Uint8Array): string {
  const [tag, length] = bytes;
  if (tag !== TAG_OF_NAME || length >= LONG_LENGTH || bytes.length < 2 + length) return '';
  return bufferOf(bytes, 2, 2 + length).toString();
}

function withName(file: FileDescriptorProto, name: string): FileDescriptorProto {
  return file.name === name ? file : { ...file, name };
}
