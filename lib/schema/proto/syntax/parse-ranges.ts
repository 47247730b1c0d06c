// Reads `reserved …;` of messages and enums, and `extensions …;`.

import { MAX_FIELD_NUMBER } from '../../descriptors/field-numbers.ts';
import { CLOSE_BRACKET, COMMA, MAX_INT32, OPEN_BRACKET, SEMICOLON } from '../../text/token-stream.ts';
import { STRING, WORD } from '../../text/tokenizer.ts';
import type { EnumDraft, ExtensionRangeDraft, MessageDraft } from './draft.ts';
import { parseOption } from './parse-option.ts';
import type { ParseState } from './parse-state.ts';

/** Stands for `max` until it is known whether the message is a MessageSet, which may have larger numbers. */
const OPEN_END = -1;

// Field numbers of descriptor.proto.
const RESERVED = { message: { range: 9, name: 10 }, enum: { range: 4, name: 5 } } as const;
const EXTENSION_RANGE = 5;

interface NumberPair {
  start: number;
  end: number;
}

/**
 * `reserved` of a message or an enum, from that word to its `;`. protoc wants names and numbers in separate statements;
 * one with both is accepted too, because a descriptor.proto that protobufjs ships has one.
 */
export function parseReserved(
  state: ParseState,
  element: MessageDraft | EnumDraft,
  kind: 'message' | 'enum',
): void {
  const { tokens } = state;
  const { start } = tokens;
  tokens.expectWord('reserved');
  const numbers = RESERVED[kind];
  const field = tokens.kind === STRING || tokens.kind === WORD ? numbers.name : numbers.range;
  do {
    if (tokens.kind === STRING || tokens.kind === WORD) {
      element.reservedName ??= [];
      element.reservedName.push(parseReservedName(state));
    } else {
      element.reservedRange ??= [];
      element.reservedRange.push(kind === 'message' ? parseFieldRange(state) : parseEnumRange(state));
    }
  } while (tokens.takeSymbol(COMMA));
  const headEnd = tokens.start;
  tokens.expectSymbol(SEMICOLON);
  state.note(element, [field], start, headEnd);
}

function parseReservedName({ tokens, syntax }: ParseState): string {
  if (syntax === 'editions') return tokens.identifier('a name without quotes (as in editions) or a number');
  return tokens.plainString('a name in quotes or a number');
}

/** `extensions 100 to 199, 500 to max [options];` */
export function parseExtensions(state: ParseState, message: MessageDraft): void {
  const { tokens } = state;
  const { start } = tokens;
  tokens.expectWord('extensions');
  const ranges: ExtensionRangeDraft[] = [];
  do ranges.push(parseFieldRange(state));
  while (tokens.takeSymbol(COMMA));
  if (tokens.takeSymbol(OPEN_BRACKET)) {
    do {
      const option = parseOption(tokens);
      for (const range of ranges) state.addOption(range, option);
    } while (tokens.takeSymbol(COMMA));
    tokens.expectSymbol(CLOSE_BRACKET);
  }
  const headEnd = tokens.start;
  tokens.expectSymbol(SEMICOLON);
  state.note(message, [EXTENSION_RANGE], start, headEnd);
  message.extensionRange ??= [];
  for (const range of ranges) message.extensionRange.push(range);
}

/** Its end is exclusive. */
function parseFieldRange(state: ParseState): NumberPair {
  const { tokens } = state;
  const at = tokens.start;
  const start = tokens.int32('a number');
  let end = start + 1;
  if (tokens.takeWord('to')) end = tokens.takeWord('max') ? OPEN_END : tokens.int32("a number or 'max'") + 1;
  if (start === MAX_INT32 || end > MAX_INT32) {
    throw tokens.errorAt(at, 'found a number past the largest one that fields can have');
  }
  const range = { start, end };
  state.ranges.set(range, at);
  return range;
}

/** Its end is inclusive. */
function parseEnumRange(state: ParseState): NumberPair {
  const { tokens } = state;
  const at = tokens.start;
  const start = tokens.signedInt32('a number');
  let end = start;
  if (tokens.takeWord('to'))
    end = tokens.takeWord('max') ? MAX_INT32 : tokens.signedInt32("a number or 'max'");
  const range = { start, end };
  state.ranges.set(range, at);
  return range;
}

/** Gives every range that ends with `max` its end, once the message's options are read. */
export function closeOpenRanges(state: ParseState, message: MessageDraft): void {
  if (message.extensionRange === undefined && message.reservedRange === undefined) return;
  const isMessageSet = state.wordOption(message, 'message_set_wire_format') === 'true';
  const max = isMessageSet ? MAX_INT32 : MAX_FIELD_NUMBER + 1;
  for (const range of message.extensionRange ?? []) if (range.end === OPEN_END) range.end = max;
  for (const range of message.reservedRange ?? []) if (range.end === OPEN_END) range.end = max;
}
