// Reads `reserved …;` of messages and enums, and `extensions …;`.

import type { EnumDraft, ExtensionRangeDraft, MessageDraft } from './draft.ts';
import { parseOption } from './parse-option.ts';
import type { ParseState } from './parse-state.ts';
import { CLOSE_BRACKET, COMMA, MAX_INT32, OPEN_BRACKET, SEMICOLON } from './token-stream.ts';
import { STRING, WORD } from './tokenizer.ts';

export const MAX_FIELD_NUMBER = 536870911;
/** Stands for `max` until it is known whether the message is a MessageSet, which has more numbers. */
const OPEN_END = -1;

/** `reserved` of a message or an enum, from that word to its `;`. */
export function parseReserved(
  state: ParseState,
  element: MessageDraft | EnumDraft,
  kind: 'message' | 'enum',
): void {
  const { tokens, syntax } = state;
  tokens.expectWord('reserved');
  if (tokens.kind === STRING) {
    if (syntax === 'editions') throw tokens.expected('a name without quotes, as editions have it');
    parseReservedNames(element, tokens, () => tokens.plainString('a name in quotes'));
  } else if (tokens.kind === WORD) {
    if (syntax !== 'editions') throw tokens.expected('a name in quotes or a number');
    parseReservedNames(element, tokens, () => tokens.identifier('a name'));
  } else {
    const ranges = kind === 'message' ? parseFieldRanges(state) : parseEnumRanges(state);
    element.reservedRange =
      element.reservedRange === undefined ? ranges : element.reservedRange.concat(ranges);
  }
  tokens.expectSymbol(SEMICOLON);
}

function parseReservedNames(
  element: MessageDraft | EnumDraft,
  tokens: ParseState['tokens'],
  name: () => string,
): void {
  element.reservedName ??= [];
  do element.reservedName.push(name());
  while (tokens.takeSymbol(COMMA));
}

/** `extensions 100 to 199, 500 to max [options];` */
export function parseExtensions(state: ParseState, message: MessageDraft): void {
  const { tokens } = state;
  tokens.expectWord('extensions');
  const ranges: ExtensionRangeDraft[] = parseFieldRanges(state);
  if (tokens.takeSymbol(OPEN_BRACKET)) {
    do {
      const option = parseOption(tokens);
      for (const range of ranges) state.addOption(range, option);
    } while (tokens.takeSymbol(COMMA));
    tokens.expectSymbol(CLOSE_BRACKET);
  }
  tokens.expectSymbol(SEMICOLON);
  message.extensionRange =
    message.extensionRange === undefined ? ranges : message.extensionRange.concat(ranges);
}

/** Ends are exclusive. */
function parseFieldRanges(state: ParseState): { start: number; end: number }[] {
  const { tokens } = state;
  const ranges: { start: number; end: number }[] = [];
  do {
    const at = tokens.start;
    const start = tokens.int32('a number');
    let end = start + 1;
    if (tokens.takeWord('to')) {
      if (tokens.takeWord('max')) end = OPEN_END;
      else end = tokens.int32("a number or 'max'") + 1;
    }
    if (start === MAX_INT32 || end > MAX_INT32)
      throw tokens.errorAt(at, 'found a number past the last one of fields');
    const range = { start, end };
    state.ranges.set(range, at);
    ranges.push(range);
  } while (tokens.takeSymbol(COMMA));
  return ranges;
}

/** Ends are inclusive. */
function parseEnumRanges(state: ParseState): { start: number; end: number }[] {
  const { tokens } = state;
  const ranges: { start: number; end: number }[] = [];
  do {
    const at = tokens.start;
    const start = tokens.signedInt32('a number');
    let end = start;
    if (tokens.takeWord('to'))
      end = tokens.takeWord('max') ? MAX_INT32 : tokens.signedInt32("a number or 'max'");
    const range = { start, end };
    state.ranges.set(range, at);
    ranges.push(range);
  } while (tokens.takeSymbol(COMMA));
  return ranges;
}

/** Gives every range that ends with `max` its end, once the message's options are read. */
export function closeOpenRanges(state: ParseState, message: MessageDraft): void {
  const isMessageSet = state.wordOption(message, 'message_set_wire_format') === 'true';
  const max = isMessageSet ? MAX_INT32 : MAX_FIELD_NUMBER + 1;
  for (const range of message.extensionRange ?? []) if (range.end === OPEN_END) range.end = max;
  for (const range of message.reservedRange ?? []) if (range.end === OPEN_END) range.end = max;
}
