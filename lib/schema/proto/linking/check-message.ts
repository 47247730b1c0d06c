// What protoc refuses in messages: numbers and names that clash, ranges that overlap, and what the syntax does not
// allow. Runs when types and options are known.

import type { SchemaError } from '../../../values/errors.ts';
import { MAX_FIELD_NUMBER } from '../../descriptors/field-numbers.ts';
import { jsonNameOf } from '../../descriptors/names.ts';
import { areAscending, NumberRanges } from '../../descriptors/range-set.ts';
import { MAX_INT32 } from '../../text/token-stream.ts';
import type { FieldDraft, MessageDraft } from '../syntax/draft.ts';
import { quoted } from '../syntax/source-text.ts';
import { checkField } from './check-field.ts';
import type { LinkTable, MessageSymbol } from './link-table.ts';
import { featureOf, syntaxOf } from './syntax-features.ts';

type Range = NonNullable<MessageDraft['reservedRange']>[number];

const NO_NAMES: ReadonlySet<string> = new Set();
const NO_RANGES: NumberRanges<Range> = new NumberRanges<Range>([]);

export function checkMessage(symbol: MessageSymbol, table: LinkTable): void {
  // What the parser made for a map needs no check of its own.
  if (symbol.element.options?.['mapEntry'] === true) return;
  new MessageCheck(symbol, table).run();
}

class MessageCheck {
  readonly #symbol: MessageSymbol;
  readonly #table: LinkTable;
  readonly #message: MessageDraft;

  constructor(symbol: MessageSymbol, table: LinkTable) {
    this.#symbol = symbol;
    this.#table = table;
    this.#message = symbol.element;
  }

  run(): void {
    const { field: fields = [], extensionRange = [], reservedRange = [], reservedName = [] } = this.#message;
    if (extensionRange.length > 0) this.#checkExtensionRanges(extensionRange);
    const extensions = this.#checkRanges(extensionRange, 'extension');
    const reserved = this.#checkRanges(reservedRange, 'reserved');
    this.#checkApart(extensionRange, reserved);
    const names = reservedName.length === 0 ? NO_NAMES : new Set(reservedName);
    if (names.size < reservedName.length)
      throw this.#error(this.#message, 'name', 'a name is reserved twice');
    const isMessageSet = this.#message.options?.['messageSetWireFormat'] === true;
    const byNumber = areAscending(fields) ? undefined : new Map<number, FieldDraft>();
    for (const field of fields) {
      if (isMessageSet) throw this.#error(field, 'name', 'a MessageSet can have no fields, only extensions');
      const twin = byNumber?.get(field.number);
      if (twin !== undefined) {
        throw this.#error(
          field,
          'second',
          `number ${field.number} is taken by the field ${quoted(twin.name)}`,
        );
      }
      byNumber?.set(field.number, field);
      checkField(field, this.#symbol.file, this.#table);
      if (reserved.find(field.number) !== undefined) {
        throw this.#error(field, 'second', `number ${field.number} is reserved`);
      }
      if (extensions.find(field.number) !== undefined) {
        throw this.#error(field, 'second', `number ${field.number} is in an extension range`);
      }
      if (names.has(field.name))
        throw this.#error(field, 'name', `the name ${quoted(field.name)} is reserved`);
    }
    if (mayShareJsonNames(fields)) this.#checkJsonNames(fields);
  }

  #checkExtensionRanges(ranges: readonly Range[]): void {
    const { descriptor } = this.#symbol.file;
    if (syntaxOf(descriptor) === 'proto3')
      throw this.#rangeError(ranges[0], 'proto3 has no extension ranges');
  }

  #checkRanges(ranges: readonly Range[], what: string): NumberRanges<Range> {
    if (ranges.length === 0) return NO_RANGES;
    const isMessageSet = this.#message.options?.['messageSetWireFormat'] === true;
    const max = isMessageSet ? MAX_INT32 : MAX_FIELD_NUMBER + 1;
    for (const range of ranges) {
      if (range.start < 1) throw this.#rangeError(range, 'field numbers start at 1');
      if (range.end <= range.start) throw this.#rangeError(range, 'this range ends before it starts');
      if (range.end > max) throw this.#rangeError(range, `field numbers end at ${max - 1}`);
    }
    const sorted = new NumberRanges(ranges);
    const overlap = sorted.overlap();
    if (overlap !== undefined) {
      const [first, second] = overlap;
      const which = `${what} range ${first.start} to ${first.end - 1}`;
      throw this.#rangeError(second, `this range overlaps with the ${which}`);
    }
    return sorted;
  }

  #checkApart(ranges: readonly Range[], reserved: NumberRanges<Range>): void {
    if (reserved.isEmpty || ranges.length === 0) return;
    const both = new NumberRanges([...ranges, ...(this.#message.reservedRange ?? [])]);
    const overlap = both.overlap();
    if (overlap !== undefined)
      throw this.#rangeError(overlap[1], 'this range is both reserved and an extension range');
  }

  /** Two fields may not have the same JSON name; in proto2 that matters only for names given by `json_name`. */
  #checkJsonNames(fields: readonly FieldDraft[]): void {
    const { descriptor } = this.#symbol.file;
    const isLegacy =
      featureOf('jsonFormat', this.#message, descriptor) === 'LEGACY_BEST_EFFORT' ||
      this.#message.options?.['deprecatedLegacyJsonFieldConflicts'] === true;
    const byDefault = new Map<string, FieldDraft>();
    const byName = new Map<string, FieldDraft>();
    for (const field of fields) {
      const defaultName = jsonNameOf(field.name);
      const jsonName = field.jsonName ?? defaultName;
      const twin = byDefault.get(defaultName);
      if (twin !== undefined && !isLegacy) throw this.#jsonConflict(field, twin, defaultName);
      byDefault.set(defaultName, field);
      const namesake = byName.get(jsonName);
      const areCustom = jsonName !== defaultName && namesake !== undefined && isCustom(namesake);
      if (namesake !== undefined && (areCustom || !isLegacy))
        throw this.#jsonConflict(field, namesake, jsonName);
      byName.set(jsonName, field);
    }
  }

  #jsonConflict(field: FieldDraft, twin: FieldDraft, name: string): SchemaError {
    return this.#error(
      field,
      'name',
      `${quoted(field.name)} and ${quoted(twin.name)} have the same JSON name ${quoted(name)}`,
    );
  }

  #rangeError(range: object, message: string): SchemaError {
    const { parsed } = this.#symbol.file;
    return parsed.source.error(parsed.ranges.get(range) ?? 0, message);
  }

  #error(element: FieldDraft | MessageDraft, at: 'name' | 'second', message: string): SchemaError {
    const { parsed } = this.#symbol.file;
    return parsed.source.error(parsed.marks.of(element)?.[at] ?? 0, message);
  }
}

/** Whether the JSON names need a closer look. Those of most messages are the names themselves, which differ. */
function mayShareJsonNames(fields: readonly FieldDraft[]): boolean {
  let areNames = true;
  for (const { name, jsonName } of fields) {
    const usual = jsonNameOf(name);
    if (jsonName !== usual) return true;
    if (usual !== name) areNames = false;
  }
  return !areNames && new Set(fields.map(({ jsonName }) => jsonName)).size < fields.length;
}

function isCustom(field: FieldDraft): boolean {
  return field.jsonName !== jsonNameOf(field.name);
}
