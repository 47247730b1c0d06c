// Interprets options: finds the field or extension that each name refers to and puts the value where our codec would
// put it. `option (a).b = 1; option (a).c = 2;` builds one message.

import { suggestion } from '../../../values/nearest-names.ts';
import type { ElementDraft, FieldDraft, MessageDraft } from '../syntax/draft.ts';
import { type OptionNamePart, type OptionStatement, optionName } from '../syntax/option-statement.ts';
import { quoted } from '../syntax/source-text.ts';
import type { LinkedFile, LinkTable, SymbolKind } from './link-table.ts';
import { fieldKey, type MessageValue, setOwn } from './option-message.ts';
import { OptionTypes } from './option-types.ts';
import { OptionValues } from './option-value.ts';

const OPTIONS_TYPES: Readonly<Record<Exclude<SymbolKind, 'package'>, string>> = {
  message: 'MessageOptions',
  enum: 'EnumOptions',
  field: 'FieldOptions',
  extension: 'FieldOptions',
  oneof: 'OneofOptions',
  value: 'EnumValueOptions',
  service: 'ServiceOptions',
  method: 'MethodOptions',
};

/** Sets the `options` of every element in the file that has any. Types are linked already. */
export function interpretOptions(file: LinkedFile, table: LinkTable): void {
  const interpreter = new OptionInterpreter(file, new OptionTypes(file, table));
  interpreter.element(file.descriptor, 'FileOptions', file.descriptor.package ?? '');
  for (const symbol of file.symbols) {
    if (symbol.kind === 'package') continue;
    interpreter.element(symbol.element, OPTIONS_TYPES[symbol.kind], symbol.fullName);
    if (symbol.kind === 'message') interpreter.extensionRanges(symbol.element, symbol.fullName);
  }
}

class OptionInterpreter {
  readonly #file: LinkedFile;
  readonly #types: OptionTypes;

  constructor(file: LinkedFile, types: OptionTypes) {
    this.#file = file;
    this.#types = types;
  }

  element(element: ElementDraft, optionsType: string, scope: string): void {
    const statements = this.#file.parsed.options.get(element);
    if (statements === undefined) return;
    element.options = this.#interpret(statements, `.google.protobuf.${optionsType}`, scope, element.options);
  }

  /** The ranges of one `extensions` statement share their options. */
  extensionRanges(message: MessageDraft, scope: string): void {
    for (const range of message.extensionRange ?? []) this.element(range, 'ExtensionRangeOptions', scope);
  }

  #interpret(
    statements: readonly OptionStatement[],
    typeName: string,
    scope: string,
    before: MessageValue | undefined,
  ): MessageValue {
    const options: MessageValue = { ...before };
    const values = new OptionValues(this.#types, this.#file.parsed.source, scope);
    for (const statement of statements) this.#set(options, typeName, statement, values, scope);
    return options;
  }

  #set(
    options: MessageValue,
    optionsType: string,
    statement: OptionStatement,
    values: OptionValues,
    scope: string,
  ): void {
    let target = options;
    let typeName = optionsType;
    const { name, value, offset } = statement;
    const last = name.length - 1;
    const path: number[] = [];
    for (let i = 0; i < last; i++) {
      const { field, key } = this.#find(typeName, name[i], statement, scope);
      if (field.type !== 'TYPE_MESSAGE' && field.type !== 'TYPE_GROUP') {
        throw values.error(
          offset,
          `${quoted(optionName(name.slice(0, i + 1)))} is not a message, so it has no fields to set`,
        );
      }
      if (field.label === 'LABEL_REPEATED') {
        const what = `${quoted(optionName(name.slice(0, i + 1)))} is repeated`;
        throw values.error(offset, `${what}: set it to a whole message in '{ }'`);
      }
      path.push(field.number);
      if (!Object.hasOwn(target, key)) setOwn(target, key, {});
      target = target[key] as MessageValue;
      typeName = field.typeName ?? '';
    }
    const { field, key } = this.#find(typeName, name[last], statement, scope);
    statement.path = [...path, field.number];
    if (field.label === 'LABEL_REPEATED') {
      const before: unknown = Object.hasOwn(target, key) ? target[key] : undefined;
      if (before === undefined || Array.isArray(before)) {
        statement.path = [...path, field.number, before?.length ?? 0];
      }
      values.add(target, key, field, value);
      return;
    }
    if (Object.hasOwn(target, key) && !isSynthetic(key)) {
      throw values.error(offset, `the option ${quoted(optionName(name))} is set twice`);
    }
    setOwn(target, key, values.value(field, value));
  }

  #find(
    typeName: string,
    part: OptionNamePart,
    { name, offset }: OptionStatement,
    scope: string,
  ): { field: FieldDraft; key: string } {
    const { source } = this.#file.parsed;
    if (!part.isExtension) {
      const field = this.#types.field(typeName, part.name);
      if (field !== undefined) return { field, key: fieldKey(field, undefined) };
      const hint = suggestion(part.name, this.#types.fieldNames(typeName));
      throw source.error(offset, `unknown option ${quoted(optionName(name))}${hint}`);
    }
    const symbol = this.#types.extension(part.name, scope);
    if (symbol === undefined) {
      const reason = this.#types.resolver.unresolved(part.name, offset);
      throw source.error(
        offset,
        `unknown option ${quoted(optionName(name))}: ${withoutPosition(reason.message)}`,
      );
    }
    if (symbol.element.extendee !== typeName) {
      const what = `${quoted(symbol.fullName)} extends ${symbol.element.extendee?.slice(1)}, not ${typeName.slice(1)}`;
      throw source.error(offset, `unknown option ${quoted(optionName(name))}: ${what}`);
    }
    return { field: symbol.element, key: fieldKey(symbol.element, symbol.fullName) };
  }
}

/** Set by the parser, not by the user. */
function isSynthetic(key: string): boolean {
  return key === 'mapEntry';
}

function withoutPosition(message: string): string {
  return message.replace(/^.*?:\d+:\d+: /s, '');
}
