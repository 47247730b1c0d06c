// Every named thing in the loaded files, by full name: where it was defined and its descriptor. Adding is staged, so that
// a faulty file leaves nothing behind. Resolves names; knows no plans, options or values.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  ServiceDescriptorProto,
} from './descriptor-types.ts';
import { candidateNames, parentScope, qualify } from './names.ts';

/** A file and where it came from. */
export interface FileDefinition {
  readonly proto: FileDescriptorProto;
  readonly origin: string;
}

export interface MessageDefinition {
  readonly kind: 'message';
  readonly fullName: string;
  readonly proto: DescriptorProto;
  readonly file: FileDefinition;
  readonly parent: MessageDefinition | undefined;
}

export interface EnumDefinition {
  readonly kind: 'enum';
  readonly fullName: string;
  readonly proto: EnumDescriptorProto;
  readonly file: FileDefinition;
  readonly parent: MessageDefinition | undefined;
}

export interface ServiceDefinition {
  readonly kind: 'service';
  readonly fullName: string;
  readonly proto: ServiceDescriptorProto;
  readonly file: FileDefinition;
  readonly parent: undefined;
}

export interface ExtensionDefinition {
  readonly kind: 'extension';
  readonly fullName: string;
  readonly proto: FieldDescriptorProto;
  readonly file: FileDefinition;
  readonly parent: MessageDefinition | undefined;
}

export type Definition = MessageDefinition | EnumDefinition | ServiceDefinition | ExtensionDefinition;

/** Something that finds definitions by full name. */
export interface SymbolLookup {
  get(fullName: string): Definition | undefined;
}

/** Finds what a type name refers to inside a scope (a full name), the innermost match first. */
export function resolveType(
  lookup: SymbolLookup,
  name: string,
  scope: string,
): MessageDefinition | EnumDefinition | undefined {
  // Compilers write absolute names, which mean one thing only.
  if (name.startsWith('.')) return typeIn(lookup, name.slice(1));
  for (const candidate of candidateNames(name, scope)) {
    const found = typeIn(lookup, candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeIn(lookup: SymbolLookup, fullName: string): MessageDefinition | EnumDefinition | undefined {
  const found = lookup.get(fullName);
  return found?.kind === 'message' || found?.kind === 'enum' ? found : undefined;
}

/** The scope in which the names inside a definition are resolved. */
export function scopeOf(definition: Definition): string {
  return definition.kind === 'extension' ? parentScope(definition.fullName) : definition.fullName;
}

/** All definitions of a file, containers before what they contain. */
export function definitionsOf(file: FileDefinition): Definition[] {
  const { proto } = file;
  const out: Definition[] = [];
  const scope = proto.package ?? '';
  for (const message of proto.messageType ?? []) addMessage(message, scope, file, undefined, out);
  for (const e of proto.enumType ?? []) {
    out.push({ kind: 'enum', fullName: qualify(scope, e.name), proto: e, file, parent: undefined });
  }
  for (const extension of proto.extension ?? []) {
    const fullName = qualify(scope, extension.name);
    out.push({ kind: 'extension', fullName, proto: extension, file, parent: undefined });
  }
  for (const service of proto.service ?? []) {
    const fullName = qualify(scope, service.name);
    out.push({ kind: 'service', fullName, proto: service, file, parent: undefined });
  }
  return out;
}

/** The full names of all messages, enums, services and extensions of a file. */
export function symbolsOf(proto: FileDescriptorProto): string[] {
  return definitionsOf({ proto, origin: '' }).map(({ fullName }) => fullName);
}

/** Into a list, not by nested generators: those would cost as much for each message as it is deep. */
function addMessage(
  proto: DescriptorProto,
  scope: string,
  file: FileDefinition,
  parent: MessageDefinition | undefined,
  out: Definition[],
): void {
  const fullName = qualify(scope, proto.name);
  const definition: MessageDefinition = { kind: 'message', fullName, proto, file, parent };
  out.push(definition);
  for (const nested of proto.nestedType ?? []) addMessage(nested, fullName, file, definition, out);
  for (const e of proto.enumType ?? []) {
    out.push({ kind: 'enum', fullName: qualify(fullName, e.name), proto: e, file, parent: definition });
  }
  for (const one of proto.extension ?? []) {
    const extension = { proto: one, fullName: qualify(fullName, one.name), file, parent: definition };
    out.push({ kind: 'extension', ...extension });
  }
}

/** Definitions that are read, and added to the table, when something asks for them. */
export interface UnreadDefinitions {
  /** Reads what defines a symbol, if it is among them. */
  readSymbol(fullName: string): void;
  /** Reads all extensions. */
  readExtensions(): void;
  /** Throws SchemaError if any of them is faulty; the others leave that to this. */
  readAll(): void;
}

/** Symbols, files, and extensions by what they extend. */
export class SymbolTable implements SymbolLookup {
  readonly #files: Map<string, FileDefinition> = new Map();
  readonly #symbols: Map<string, Definition> = new Map();
  readonly #extensions: Map<string, Map<number, ExtensionDefinition>> = new Map();
  /** What looking at all of the table reads first, and looking for what is not there asks. */
  unread: UnreadDefinitions | undefined;

  get files(): ReadonlyMap<string, FileDefinition> {
    this.unread?.readAll();
    return this.#files;
  }

  get symbols(): ReadonlyMap<string, Definition> {
    this.unread?.readAll();
    return this.#symbols;
  }

  /** Full name of the extended message → field number → extension. */
  get extensions(): ReadonlyMap<string, ReadonlyMap<number, ExtensionDefinition>> {
    this.unread?.readAll();
    return this.#extensions;
  }

  /** The files that were read. */
  get readFiles(): ReadonlyMap<string, FileDefinition> {
    return this.#files;
  }

  get(fullName: string): Definition | undefined {
    const definition = this.#symbols.get(fullName);
    if (definition !== undefined || this.unread === undefined) return definition;
    this.unread.readSymbol(fullName);
    return this.#symbols.get(fullName);
  }

  extension(extendee: string, number: number): ExtensionDefinition | undefined {
    const extension = this.#extensions.get(extendee)?.get(number);
    if (extension !== undefined || this.unread === undefined) return extension;
    this.unread.readExtensions();
    return this.#extensions.get(extendee)?.get(number);
  }

  /** Takes over all of a stage at once. */
  commit(stage: SymbolStage): void {
    for (const [name, file] of stage.files) this.#files.set(name, file);
    for (const [name, definition] of stage.symbols) this.#symbols.set(name, definition);
    for (const [extendee, added] of stage.extensions) {
      const present = this.#extensions.get(extendee);
      if (present === undefined) this.#extensions.set(extendee, added);
      else for (const [number, extension] of added) present.set(number, extension);
    }
  }
}

/** What one `add` would add to a table, looked up as if it were already there. */
export class SymbolStage implements SymbolLookup {
  readonly files: Map<string, FileDefinition> = new Map();
  readonly symbols: Map<string, Definition> = new Map();
  readonly extensions: Map<string, Map<number, ExtensionDefinition>> = new Map();
  readonly #base: SymbolTable;

  constructor(base: SymbolTable) {
    this.#base = base;
  }

  get(fullName: string): Definition | undefined {
    return this.symbols.get(fullName) ?? this.#base.get(fullName);
  }

  file(name: string): FileDefinition | undefined {
    return this.files.get(name) ?? this.#base.readFiles.get(name);
  }

  extension(extendee: string, number: number): ExtensionDefinition | undefined {
    return this.extensions.get(extendee)?.get(number) ?? this.#base.extension(extendee, number);
  }

  addExtension(extendee: string, extension: ExtensionDefinition): void {
    let byNumber = this.extensions.get(extendee);
    if (byNumber === undefined) {
      byNumber = new Map();
      this.extensions.set(extendee, byNumber);
    }
    byNumber.set(extension.proto.number, extension);
  }

  /** Names of types, for suggestions. */
  *typeNames(): Generator<string> {
    for (const table of [this.symbols, this.#base.symbols]) {
      for (const definition of table.values()) {
        if (definition.kind === 'message' || definition.kind === 'enum') yield definition.fullName;
      }
    }
  }
}
