// Reads options: `option (a).b = value;`, `[a = value, …]`. Syntax only: schema/proto/linking/option-interpreter.ts knows
// which option it is and what its value may be.

import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COMMA,
  DOT,
  EQUALS,
  integerValue,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  SEMICOLON,
  type TokenStream,
} from '../../text/token-stream.ts';
import { END, FLOAT, INTEGER, STRING, WORD } from '../../text/tokenizer.ts';
import type { ElementDraft } from './draft.ts';
import type { OptionNamePart, OptionStatement, OptionValue } from './option-statement.ts';
import type { ParseState } from './parse-state.ts';

const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64_MAGNITUDE = 2n ** 63n;

/** `option name = value;`, from the word `option`. */
export function parseOptionStatement(state: ParseState, element: ElementDraft): void {
  const { tokens } = state;
  const { start } = tokens;
  tokens.expectWord('option');
  const option = parseOption(tokens);
  state.addOption(element, option);
  const headEnd = tokens.start;
  tokens.expectSymbol(SEMICOLON);
  state.note(element, option, start, headEnd);
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
  return { name, value: parseValue(tokens), offset, path: undefined };
}

function parseNamePart(tokens: TokenStream): OptionNamePart {
  if (!tokens.takeSymbol(OPEN_PAREN))
    return { name: tokens.identifier('the name of an option'), isExtension: false };
  const name = tokens.qualifiedName('the name of an extension');
  tokens.expectSymbol(CLOSE_PAREN);
  return { name, isExtension: true };
}

function parseValue(tokens: TokenStream): OptionValue {
  if (tokens.isSymbol(OPEN_BRACE)) return parseAggregate(tokens);
  const what = "a value: a number, a string, a word or '{'";
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
    if (value !== undefined && value <= (isNegative ? MAX_INT64_MAGNITUDE : MAX_UINT64)) {
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

/** Only finds the closing brace: what is between is read once its type is known. */
function parseAggregate(tokens: TokenStream): OptionValue {
  const offset = tokens.start;
  let depth = 0;
  do {
    if (tokens.isSymbol(OPEN_BRACE)) depth++;
    else if (tokens.isSymbol(CLOSE_BRACE)) depth--;
    else if (tokens.kind === END) throw tokens.expected("'}'");
    tokens.next();
  } while (depth > 0);
  return { kind: 'message', offset, end: tokens.previousEnd };
}
