// Reads enums.

import { CLOSE_BRACE, EQUALS, OPEN_BRACE, SEMICOLON } from '../../text/token-stream.ts';
import type { EnumDraft, EnumValueDraft } from './draft.ts';
import { parseCompactOptions, parseOptionStatement } from './parse-option.ts';
import { parseReserved } from './parse-ranges.ts';
import type { ParseState } from './parse-state.ts';

/** From the word `enum`; `start` is where the declaration began (at `export` or `local`, if there). */
export function parseEnum(state: ParseState, start: number, visibility: string | undefined): EnumDraft {
  const { tokens, marks } = state;
  tokens.expectWord('enum');
  const nameStart = tokens.start;
  const element: EnumDraft = { name: tokens.identifier("the enum's name") };
  if (visibility !== undefined) element.visibility = visibility;
  const mark = marks.add(element, start);
  marks.setName(mark, nameStart);
  marks.setHeadEnd(mark, tokens.start);
  tokens.expectSymbol(OPEN_BRACE);
  const values: EnumValueDraft[] = [];
  while (!tokens.takeSymbol(CLOSE_BRACE)) {
    if (tokens.takeSymbol(SEMICOLON)) continue;
    if (tokens.isWord('option')) parseOptionStatement(state, element);
    else if (tokens.isWord('reserved')) parseReserved(state, element, 'enum');
    else values.push(parseEnumValue(state));
  }
  marks.setEnd(mark, tokens.previousEnd);
  if (values.length > 0) element.value = values;
  return element;
}

function parseEnumValue(state: ParseState): EnumValueDraft {
  const { tokens, marks } = state;
  const { start } = tokens;
  const name = tokens.identifier("an enum value's name or '}'");
  tokens.expectSymbol(EQUALS);
  const numberStart = tokens.start;
  const value: EnumValueDraft = { name, number: tokens.signedInt32('an integer') };
  const mark = marks.add(value, start);
  marks.setSecond(mark, numberStart);
  parseCompactOptions(state, value);
  marks.setHeadEnd(mark, tokens.start);
  tokens.expectSymbol(SEMICOLON);
  marks.setEnd(mark, tokens.previousEnd);
  return value;
}
