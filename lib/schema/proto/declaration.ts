// Gives every declaration of a parsed file its full name and enters it in the table of symbols.

import type { ElementDraft, EnumDraft, FieldDraft, MessageDraft } from './draft.ts';
import type { LinkedFile, NamedSymbol, SymbolTable } from './symbol-table.ts';

export function declareFile(file: LinkedFile, table: SymbolTable): void {
  table.addPackage(file);
  new Declarer(file, table).declare();
}

class Declarer {
  readonly #file: LinkedFile;
  readonly #table: SymbolTable;

  constructor(file: LinkedFile, table: SymbolTable) {
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
      const fullName = this.#other('service', service, scope, false);
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
    const fullName = join(scope, element.name);
    this.#add({ kind: 'message', fullName, scope, element, file: this.#file, isNested });
    for (const field of element.field ?? []) this.#field('field', field, fullName, true);
    for (const oneof of element.oneofDecl ?? []) this.#other('oneof', oneof, fullName, true);
    for (const nested of element.nestedType ?? []) this.#message(nested, fullName, true);
    for (const nested of element.enumType ?? []) this.#enum(nested, fullName, true);
    for (const extension of element.extension ?? []) this.#field('extension', extension, fullName, true);
  }

  #enum(element: EnumDraft, scope: string, isNested: boolean): void {
    const fullName = join(scope, element.name);
    this.#add({ kind: 'enum', fullName, scope, element, file: this.#file, isNested });
    for (const value of element.value ?? []) this.#other('value', value, scope, true);
  }

  #field(kind: 'field' | 'extension', element: FieldDraft, scope: string, isNested: boolean): void {
    this.#add({ kind, fullName: join(scope, element.name), scope, element, file: this.#file, isNested });
  }

  #other(
    kind: 'oneof' | 'value' | 'service',
    element: ElementDraft & { name: string },
    scope: string,
    isNested: boolean,
  ): string {
    const fullName = join(scope, element.name);
    this.#add({ kind, fullName, scope, element, file: this.#file, isNested });
    return fullName;
  }

  #add(symbol: NamedSymbol): void {
    this.#table.add(symbol);
    this.#file.symbols.push(symbol);
  }
}

function join(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}
