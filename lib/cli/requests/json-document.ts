// JSON as the command line reads it, with every digit of its numbers, and hints for text that is not JSON.

import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { LocalError } from '../command/failure.ts';
import type { TextDocument } from './message-split.ts';

/**
 * What a document holds.
 * @param where as errors name it; of a document of many lines they name the line instead
 */
export function parseDocument({ text, line, column }: TextDocument, where: string): unknown {
  try {
    return parseJson(text, line, column);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const place = where.replace(/, line \d+$/, '');
    const instead = place === '-d' ? insteadOfData(text) : '';
    throw new LocalError(`${place}: not JSON: ${error.message}${instead || insteadOfJson(text)}`);
  }
}

/** What to write instead of -d and something that another kind of word is for; empty where nothing is known. */
function insteadOfData(text: string): string {
  const data = text.trim();
  if (/^[A-Za-z_][\w.[\]]*:?=/.test(data)) return `; fields are words, without -d: ${data}`;
  return /^[\w./\\~-]+\.\w+$/.test(data) ? `; a file name needs an @: -d @${data}` : '';
}

/** What to write instead of something in JSON that is not JSON; empty where nothing is known. */
export function insteadOfJson(text: string): string {
  // `name: "you"`, `rect { … }`
  if (/^\s*[A-Za-z_]\w*\s*[:{<]/.test(text)) return '; for protobuf text format, use --input text';
  if (text.startsWith(',')) return '; messages follow one another without commas';
  const isBare = /(?:^|[:,[\s])\{\{\s*\w/.test(text);
  return isBare ? '; placeholders of bench go in quotes, even for numbers: "{{n}}"' : '';
}
