// Reads options: `option (a).b = value;`, `[a = value, …]`, and aggregate values in protobuf's text format.
// Syntax only: which option it is and what its value may be is for option-interpreter.ts.

import type { ElementDraft } from './draft.ts';
import type { AggregateField, OptionNamePart, OptionStatement, OptionValue } from './option-statement.ts';
import type { ParseState } from './parse-state.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  integerValue,
  LESS,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  SEMICOLON,
  SLASH,
  type TokenStream,
} from './token-stream.ts';
import { END, FLOAT, INTEGER, STRING, WORD } from './tokenizer.ts';

const MAX_AGGREGATE_DEPTH = 100;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64_MAGNITUDE = 2n ** 63n;

/** `option name = value;`, from the word `option`. */
export function parseOptionStatement(state: ParseState, element: ElementDraft): void {
  state.tokens.expectWord('option');
  state.addOption(element, parseOption(state.tokens));
  state.tokens.expectSymbol(SEMICOLON);
}

/** `[name = value, …]`, if it is there. */
export function parseCompactOptions(state: ParseState, element: ElementDraft): void {
  const { tokens } = state;
  if (!tokens.takeSymbol(OPEN_BRACKET)) return;
  do state.addOption(element, parseOption(tokens));
  while (tokens.takeSymbol(COMMA));
  tokens.expectSymbol(CLOSE_BRACKET);
}

export function parseOption(tokens: TokenStream): OptionStatement {
  const offset = tokens.start;
  const name = [parseNamePart(tokens)];
  while (tokens.takeSymbol(DOT)) name.push(parseNamePart(tokens));
  tokens.expectSymbol(EQUALS);
  return { name, value: parseValue(tokens), offset };
}

function parseNamePart(tokens: TokenStream): OptionNamePart {
  if (!tokens.takeSymbol(OPEN_PAREN))
    return { name: tokens.identifier('the name of an option'), isExtension: false };
  const name = tokens.qualifiedName('the name of an extension');
  tokens.expectSymbol(CLOSE_PAREN);
  return { name, isExtension: true };
}

function parseValue(tokens: TokenStream): OptionValue {
  const offset = tokens.start;
  if (tokens.takeSymbol(OPEN_BRACE)) return parseMessage(tokens, CLOSE_BRACE, offset, 1);
  return parseScalar(tokens, "a value: a number, a string, a word or '{'");
}

function parseScalar(tokens: TokenStream, what: string): OptionValue {
  const offset = tokens.start;
  const isNegative = tokens.takeSymbol(MINUS);
  if (tokens.kind === WORD) {
    const name = tokens.identifier(what);
    if (isNegative && !/^(?:inf|infinity|nan)$/i.test(name))
      throw tokens.errorAt(offset, "found '-' before a word");
    return { kind: 'identifier', name, isNegative, offset };
  }
  if (tokens.kind === INTEGER) {
    const value = integerValue(tokens.text());
    if (value <= (isNegative ? MAX_INT64_MAGNITUDE : MAX_UINT64)) {
      tokens.next();
      return { kind: 'integer', value: isNegative ? -value : value, offset };
    }
  }
  if (tokens.kind === INTEGER || tokens.kind === FLOAT) {
    const value = tokens.float();
    return { kind: 'float', value: isNegative ? -value : value, offset };
  }
  if (isNegative) throw tokens.expected("a number after '-'");
  if (tokens.kind === STRING) return { kind: 'string', value: tokens.string(what), offset };
  throw tokens.expected(what);
}

/** The fields of a message up to `close`; its opening sign is read already. */
function parseMessage(tokens: TokenStream, close: number, offset: number, depth: number): OptionValue {
  if (depth > MAX_AGGREGATE_DEPTH) {
    throw tokens.errorAt(offset, `found messages more than ${MAX_AGGREGATE_DEPTH} levels deep in a value`);
  }
  const fields: AggregateField[] = [];
  while (!tokens.takeSymbol(close)) {
    if (tokens.kind === END) throw tokens.expected(`'${String.fromCharCode(close)}'`);
    fields.push(parseAggregateField(tokens, depth));
    if (!tokens.takeSymbol(COMMA)) tokens.takeSymbol(SEMICOLON);
  }
  return { kind: 'message', fields, offset, end: tokens.previousEnd };
}

function parseAggregateField(tokens: TokenStream, depth: number): AggregateField {
  const offset = tokens.start;
  let kind: AggregateField['kind'] = 'field';
  let name: string;
  if (tokens.takeSymbol(OPEN_BRACKET)) {
    kind = 'extension';
    name = tokens.qualifiedName('the name of an extension');
    while (tokens.takeSymbol(SLASH)) {
      kind = 'any';
      name += `/${tokens.qualifiedName('the name of a message type')}`;
    }
    tokens.expectSymbol(CLOSE_BRACKET);
  } else {
    name = tokens.identifier('the name of a field');
  }
  const hasColon = tokens.takeSymbol(COLON);
  const isMessage = tokens.isSymbol(OPEN_BRACE) || tokens.isSymbol(LESS);
  if (!hasColon && !isMessage && !tokens.isSymbol(OPEN_BRACKET)) throw tokens.expected("':'");
  return { name, kind, value: parseAggregateValue(tokens, depth, hasColon), offset };
}

function parseAggregateValue(tokens: TokenStream, depth: number, allowScalar: boolean): OptionValue {
  const offset = tokens.start;
  if (tokens.takeSymbol(OPEN_BRACE)) return parseMessage(tokens, CLOSE_BRACE, offset, depth + 1);
  if (tokens.takeSymbol(LESS)) return parseMessage(tokens, GREATER, offset, depth + 1);
  if (!tokens.takeSymbol(OPEN_BRACKET)) {
    if (!allowScalar) throw tokens.expected("'{'");
    return parseScalar(tokens, 'a value');
  }
  const values: OptionValue[] = [];
  if (!tokens.takeSymbol(CLOSE_BRACKET)) {
    do {
      if (tokens.isSymbol(OPEN_BRACKET)) throw tokens.expected('a value, as lists hold no lists');
      values.push(parseAggregateValue(tokens, depth, allowScalar));
    } while (tokens.takeSymbol(COMMA));
    tokens.expectSymbol(CLOSE_BRACKET);
  }
  return { kind: 'list', values, offset };
}
