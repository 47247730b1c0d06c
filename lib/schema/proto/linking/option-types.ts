// What the option interpreter asks about types: the fields of a message by name, the values of an enum, the extension
// that a name refers to. Standard options are looked up in our own short copy of descriptor.proto first, so that they
// mean the same whichever version of that file is imported, if any.

import type { EnumDraft, EnumValueDraft, FieldDraft, MessageDraft } from '../syntax/draft.ts';
import type { FieldSymbol, LinkedFile, LinkTable, NamedSymbol } from './link-table.ts';
import { NameResolver } from './name-resolver.ts';
import { standardOptions } from './standard-options.ts';
import { featureOf } from './syntax-features.ts';

const STANDARD_PACKAGE = '.google.protobuf.';

const fieldsByName: WeakMap<MessageDraft, ReadonlyMap<string, FieldDraft>> = new WeakMap();

const NO_VALUES: readonly EnumValueDraft[] = [];
/** By the enum of the user's own copy. */
const valuesOfBoth: WeakMap<EnumDraft, readonly EnumValueDraft[]> = new WeakMap();

export class OptionTypes {
  readonly #table: LinkTable;
  readonly #file: LinkedFile;
  readonly resolver: NameResolver;
  // While one file is linked, what a name refers to does not change.
  readonly #messages: Map<string, readonly MessageDraft[]> = new Map();
  readonly #enums: Map<string, readonly EnumValueDraft[]> = new Map();

  constructor(file: LinkedFile, table: LinkTable) {
    this.#table = table;
    this.#file = file;
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

  isReserved(typeName: string, name: string): boolean {
    return this.#definitions(typeName).some((message) => message.reservedName?.includes(name) === true);
  }

  isMap({ type, typeName }: FieldDraft): boolean {
    if (type !== 'TYPE_MESSAGE' || typeName === undefined) return false;
    return this.#definitions(typeName).some((message) => message.options?.['mapEntry'] === true);
  }

  isMessageSet(typeName: string): boolean {
    return this.#definitions(typeName).some((message) => message.options?.['messageSetWireFormat'] === true);
  }

  isClosedEnum(typeName: string): boolean {
    const symbol = this.#table.get(typeName.slice(1));
    if (symbol?.kind === 'enum')
      return featureOf('enumType', symbol.element, symbol.file.descriptor) === 'CLOSED';
    return typeName.startsWith(STANDARD_PACKAGE);
  }

  /** The values of an enum: for a standard one ours, and any more that the user's own descriptor.proto has. */
  enumValues(typeName: string): readonly EnumValueDraft[] {
    let values = this.#enums.get(typeName);
    if (values === undefined) {
      values = this.#enumValues(typeName);
      this.#enums.set(typeName, values);
    }
    return values;
  }

  #enumValues(typeName: string): readonly EnumValueDraft[] {
    const name = typeName.slice(1);
    const own = enumOf(this.#table.get(name));
    const standard = typeName.startsWith(STANDARD_PACKAGE) ? enumOf(standardOptions().get(name)) : undefined;
    if (standard === undefined || own === undefined) return (standard ?? own)?.value ?? NO_VALUES;
    let all = valuesOfBoth.get(own);
    if (all === undefined) {
      all = [...(standard.value ?? NO_VALUES), ...(own.value ?? NO_VALUES)];
      valuesOfBoth.set(own, all);
    }
    return all;
  }

  /** The extension that `name` refers to from inside `scope`, if it refers to one. */
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

  error(offset: number, message: string): Error {
    return this.#file.parsed.source.error(offset, message);
  }

  #definitions(typeName: string): readonly MessageDraft[] {
    let found = this.#messages.get(typeName);
    if (found === undefined) {
      found = this.#findDefinitions(typeName);
      this.#messages.set(typeName, found);
    }
    return found;
  }

  #findDefinitions(typeName: string): MessageDraft[] {
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

function enumOf(symbol: NamedSymbol | undefined): EnumDraft | undefined {
  return symbol?.kind === 'enum' ? symbol.element : undefined;
}

function fieldMap(message: MessageDraft): ReadonlyMap<string, FieldDraft> {
  let map = fieldsByName.get(message);
  if (map === undefined) {
    map = new Map((message.field ?? []).map((field) => [field.name, field]));
    fieldsByName.set(message, map);
  }
  return map;
}
