// Gives every declaration of a parsed file its full name and enters it in the table of symbols.

import type { SchemaError } from '../../../values/errors.ts';
import { qualify } from '../../descriptors/names.ts';
import type { ElementDraft, EnumDraft, FieldDraft, MessageDraft } from '../syntax/draft.ts';
import type { LinkedFile, LinkTable, NamedSymbol } from './link-table.ts';

/**
 * A full name repeats the names of its scopes, so those of a small file could add up to more than fits in memory; this
 * is many times what the largest honest file needs.
 */
const MAX_NAME_CHARACTERS = 2 ** 26;
/** Beyond some length, engines hash strings without looking at their characters, and all of one length collide. */
const MAX_NAME_LENGTH = 8192;

export function declareFile(file: LinkedFile, table: LinkTable): void {
  table.addPackage(file);
  new Declarer(file, table).declare();
}

class Declarer {
  readonly #file: LinkedFile;
  readonly #table: LinkTable;
  #nameCharacters = 0;

  constructor(file: LinkedFile, table: LinkTable) {
    this.#file = file;
    this.#table = table;
  }

  declare(): void {
    const { descriptor } = this.#file;
    const scope = descriptor.package ?? '';
    for (const message of descriptor.messageType ?? []) this.#message(message, scope, false);
    for (const element of descriptor.enumType ?? []) this.#enum(element, scope, false);
    for (const extension of descriptor.extension ?? []) this.#field('extension', extension, scope, false);
    for (const service of descriptor.service ?? []) {
      const fullName = qualify(scope, service.name);
      this.#add({ kind: 'service', fullName, scope, element: service, file: this.#file, isNested: false });
      for (const method of service.method ?? []) {
        const name = `${fullName}.${method.name}`;
        this.#add({
          kind: 'method',
          fullName: name,
          scope: fullName,
          element: method,
          file: this.#file,
          isNested: true,
        });
      }
    }
  }

  #message(element: MessageDraft, scope: string, isNested: boolean): void {
    const fullName = qualify(scope, element.name);
    this.#add({ kind: 'message', fullName, scope, element, file: this.#file, isNested });
    for (const field of element.field ?? []) this.#field('field', field, fullName, true);
    for (const oneof of element.oneofDecl ?? []) this.#other('oneof', oneof, fullName);
    for (const nested of element.nestedType ?? []) this.#message(nested, fullName, true);
    for (const nested of element.enumType ?? []) this.#enum(nested, fullName, true);
    for (const extension of element.extension ?? []) this.#field('extension', extension, fullName, true);
  }

  #enum(element: EnumDraft, scope: string, isNested: boolean): void {
    const fullName = qualify(scope, element.name);
    this.#add({ kind: 'enum', fullName, scope, element, file: this.#file, isNested });
    for (const value of element.value ?? []) this.#other('value', value, scope);
  }

  #field(kind: 'field' | 'extension', element: FieldDraft, scope: string, isNested: boolean): void {
    this.#add({ kind, fullName: qualify(scope, element.name), scope, element, file: this.#file, isNested });
  }

  #other(kind: 'oneof' | 'value', element: ElementDraft & { name: string }, scope: string): void {
    this.#add({
      kind,
      fullName: qualify(scope, element.name),
      scope,
      element,
      file: this.#file,
      isNested: true,
    });
  }

  #add(symbol: NamedSymbol): void {
    const { length } = symbol.fullName;
    this.#nameCharacters += length;
    if (length > MAX_NAME_LENGTH)
      throw this.#error(symbol, `a full name has more than ${MAX_NAME_LENGTH} characters`);
    if (this.#nameCharacters > MAX_NAME_CHARACTERS) {
      throw this.#error(
        symbol,
        `the full names in this file add up to more than ${MAX_NAME_CHARACTERS} characters`,
      );
    }
    this.#table.add(symbol);
    this.#file.symbols.push(symbol);
  }

  #error({ element }: NamedSymbol, message: string): SchemaError {
    const { marks, source } = this.#file.parsed;
    return source.error(marks.of(element)?.name ?? 0, message);
  }
}
