// A message from a document in text format: read into values, which are checked and encoded like those of a request.

import { decodeWith, wireEncoder } from '../codec/codec.ts';
import { INPUT_FIELDS } from '../codec/encoder.ts';
import { loadedType } from './loaded-type.ts';
import { MessageText } from './message-text.ts';
import type { MessageTypes } from './text-format.ts';
import { TextReader } from './text-reader.ts';
import { TokenStream } from './token-stream.ts';

/**
 * The message that a document in text format describes. Throws TypeError or RangeError with line and column. `isLenient`:
 * fields and extensions that the schema does not know are skipped.
 */
export function fromText(
  types: MessageTypes,
  typeName: string,
  text: string,
  isLenient: boolean = false,
): unknown {
  if (typeof text !== 'string') throw new TypeError(`fromText takes text, not ${typeof text}`);
  const plan = types.plan(typeName);
  const tokens = new TokenStream(new MessageText(text));
  tokens.next();
  const fields = new TextReader(tokens, isLenient).text(loadedType(plan));
  const { bytes, start, end } = wireEncoder.encode(plan, fields, 0, INPUT_FIELDS);
  return decodeWith(plan, bytes, start, end, Infinity);
}
