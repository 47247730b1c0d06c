// Splits a line into words as a shell does: quotes and backslashes, no variables. Also a line that is still being typed.

import { LocalError } from '../command/failure.ts';

/** A line read to its end, where a word, a quote or an escape may be open. */
interface LineRead {
  readonly words: string[];
  /** The word that the line ends in; undefined behind white space. */
  readonly last: string | undefined;
  /** The quote that is open; '' for none. */
  readonly quote: string;
  /** Whether the line ends in a backslash, with nothing to escape behind it. */
  readonly isEscaping: boolean;
}

function readLine(line: string): LineRead {
  const words: string[] = [];
  let last: string | undefined;
  let quote = '';
  let isEscaping = false;
  for (const char of line) {
    if (isEscaping) {
      last = (last ?? '') + char;
      isEscaping = false;
    } else if (char === '\\' && quote !== "'") isEscaping = true;
    else if (quote !== '') {
      if (char === quote) quote = '';
      else last = (last ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      last ??= '';
    } else if (/\s/.test(char)) {
      if (last !== undefined) words.push(last);
      last = undefined;
    } else last = (last ?? '') + char;
  }
  return { words, last, quote, isEscaping };
}

/** The words of a line. LocalError for a quote that is never closed; a backslash at the end is one. */
export function wordsOf(line: string): string[] {
  const { words, last, quote, isEscaping } = readLine(line);
  if (quote !== '') throw new LocalError(`a ${quote} is never closed`);
  if (isEscaping) words.push(`${last ?? ''}\\`);
  else if (last !== undefined) words.push(last);
  return words;
}

/** The words behind the command's name, the last of which is the one that is being typed, which may be empty. */
export function unfinishedWords(line: string): string[] {
  const { words, last } = readLine(line);
  return [...words, last ?? ''].slice(1);
}
