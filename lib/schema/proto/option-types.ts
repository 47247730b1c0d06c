// What the interpreter of options asks about types: the fields of a message by name, the values of an enum, the
// extension that a name means. Standard options are found in our own short copy of descriptor.proto first, so
// that they mean the same whatever version of that file is imported, if any.

import type { EnumDraft, FieldDraft, MessageDraft } from './draft.ts';
import { NameResolver } from './name-resolver.ts';
import { standardOptions } from './standard-options.ts';
import type { FieldSymbol, LinkedFile, SymbolTable } from './symbol-table.ts';

const STANDARD_PACKAGE = '.google.protobuf.';

const fieldsByName: WeakMap<MessageDraft, ReadonlyMap<string, FieldDraft>> = new WeakMap();

export class OptionTypes {
  readonly #table: SymbolTable;
  readonly resolver: NameResolver;

  constructor(file: LinkedFile, table: SymbolTable) {
    this.#table = table;
    this.resolver = new NameResolver(file, table, [...file.dependencies, ...file.optionDependencies]);
  }

  /** A field of the message type `.pkg.Type` by its name in the .proto file. */
  field(typeName: string, name: string): FieldDraft | undefined {
    for (const message of this.#definitions(typeName)) {
      const field = fieldMap(message).get(name);
      if (field !== undefined) return field;
    }
    return undefined;
  }

  fieldNames(typeName: string): string[] {
    return this.#definitions(typeName).flatMap((message) => [...fieldMap(message).keys()]);
  }

  isMapEntry(typeName: string): boolean {
    return this.#definitions(typeName).some((message) => message.options?.['mapEntry'] === true);
  }

  isMessageSet(typeName: string): boolean {
    return this.#definitions(typeName).some((message) => message.options?.['messageSetWireFormat'] === true);
  }

  enumType(typeName: string): EnumDraft | undefined {
    const name = typeName.slice(1);
    const standard = typeName.startsWith(STANDARD_PACKAGE) ? standardOptions().get(name) : undefined;
    const symbol = standard ?? this.#table.get(name);
    return symbol?.kind === 'enum' ? symbol.element : undefined;
  }

  /** The extension that `name` means from inside `scope`; undefined when it means none. */
  extension(name: string, scope: string): FieldSymbol | undefined {
    const symbol = this.resolver.any(name, scope);
    return symbol?.kind === 'extension' ? symbol : undefined;
  }

  /** The extension that puts a message of the type called `name` into the MessageSet `extendee`. */
  messageSetItem(extendee: string, name: string, scope: string): FieldSymbol | undefined {
    const type = this.resolver.type(name, scope);
    if (type?.kind !== 'message') return undefined;
    return this.#table.extensionOfType(extendee, `.${type.fullName}`);
  }

  #definitions(typeName: string): MessageDraft[] {
    const name = typeName.slice(1);
    const found: MessageDraft[] = [];
    if (typeName.startsWith(STANDARD_PACKAGE)) {
      const standard = standardOptions().get(name);
      if (standard?.kind === 'message') found.push(standard.element);
    }
    const own = this.#table.get(name);
    if (own?.kind === 'message') found.push(own.element);
    return found;
  }
}

function fieldMap(message: MessageDraft): ReadonlyMap<string, FieldDraft> {
  let map = fieldsByName.get(message);
  if (map === undefined) {
    map = new Map((message.field ?? []).map((field) => [field.name, field]));
    fieldsByName.set(message, map);
  }
  return map;
}
