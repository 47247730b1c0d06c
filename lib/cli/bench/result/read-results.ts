// Finds the results in logs: lines that hold one, whatever stands before it (a time, the name of a pod) and between them, and
// results that a tool such as jq has printed over many lines.

import { checkedDocument } from './check-document.ts';
import { type LogLine, logLines, MAX_LINE_CHARACTERS } from './log-lines.ts';
import type { ResultDocument } from './result-document.ts';

/** A line of a result, and where it was found. */
export interface FoundLine {
  readonly document: ResultDocument;
  /** The file's name. */
  readonly source: string;
  /** In the file, from 1. */
  readonly lineNumber: number;
}

/** So many lines of a file are told of that cannot be used; a file of garbage would have any number. */
const MAX_TOLD = 20;

/**
 * Gives what cannot be used, each in one line.
 * @param source how the user calls what is read
 * @param onLine gets what is found, as it is: nothing of it is kept here
 */
export async function readResults(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  source: string,
  onLine: (line: FoundLine) => void,
): Promise<string[]> {
  const problems: string[] = [];
  let lines = 0;
  let untold = 0;
  const take = ({ text, lineNumber }: LogLine): void => {
    const found = parsed(text);
    if (typeof found !== 'string') {
      lines++;
      onLine({ document: found, source, lineNumber });
    } else if (problems.length === MAX_TOLD) untold++;
    else problems.push(`${source}, line ${lineNumber}: a result that is ${found}; left out`);
  };
  const texts = new ResultTexts();
  for await (const line of logLines(chunks)) texts.of(line).forEach(take);
  texts.rest().forEach(take);
  if (untold > 0) problems.push(`${source}: ${untold} more results are left out for reasons like these`);
  if (lines === 0 && problems.length === 0) {
    problems.push(`${source} holds no result: give what 'stubless bench --result' wrote, not a report`);
  }
  return problems;
}

/** With this a result begins: JSON.stringify makes it so, and tools that print JSON anew put blanks into it. */
const MARK = /\{\s*"stublessBench"\s*:/g;
/** The same over two lines. */
const OPENED = /\{\s*$/;
const FIRST_FIELD = /^\s*"stublessBench"\s*:/;

/** The texts of results in lines, which may be cut short or garbled. */
class ResultTexts {
  /** A line that ends with what may be the first character of a result. */
  #opened: number | undefined;
  /** One that is over several lines, as far as it has come. */
  #spread:
    | { readonly lines: string[]; readonly lineNumber: number; length: number; depth: number }
    | undefined;

  /** Those that end with a line. */
  of({ text, lineNumber }: LogLine): LogLine[] {
    const opened = this.#opened;
    this.#opened = undefined;
    const found = resultsIn(text).map((one) => ({ text: one, lineNumber }));
    if (found.length > 0) return [...this.rest(), ...found];
    if (this.#spread === undefined && opened !== undefined && FIRST_FIELD.test(text)) {
      this.#spread = { lines: ['{'], lineNumber: opened, length: 0, depth: 1 };
    }
    if (this.#spread !== undefined) return this.#goOn(text);
    if (OPENED.test(text)) this.#opened = lineNumber;
    return [];
  }

  /** What has no end. */
  rest(): LogLine[] {
    const spread = this.#spread;
    this.#spread = undefined;
    return spread === undefined ? [] : [{ text: spread.lines.join('\n'), lineNumber: spread.lineNumber }];
  }

  #goOn(line: string): LogLine[] {
    const spread = this.#spread;
    if (spread === undefined) return [];
    spread.depth += bracesIn(line);
    spread.length += line.length;
    // Behind the last brace there may be a comma, in a list.
    spread.lines.push(spread.depth > 0 ? line : line.slice(0, line.lastIndexOf('}') + 1));
    return spread.depth > 0 && spread.length < MAX_LINE_CHARACTERS ? [] : this.rest();
  }
}

/**
 * From each mark to the next: behind what a killed process wrote of a line, there is no line feed, and so another's line goes
 * on there when logs are joined. In a text of a result the mark's quotes would have backslashes.
 */
function resultsIn(line: string): string[] {
  const starts = Array.from(line.matchAll(MARK), ({ index }) => index);
  return starts.map((start, at) => line.slice(start, starts[at + 1]));
}

/** How many more braces open than close in a line of JSON; those in strings, which no line feed is in, do not count. */
function bracesIn(line: string): number {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '"') isInString = !isInString;
    else if (character === '\\') at++;
    else if (!isInString && character === '{') depth++;
    else if (!isInString && character === '}') depth--;
  }
  return depth;
}

function parsed(text: string): ResultDocument | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'cut short or garbled';
  }
  const checked = checkedDocument(value);
  return typeof checked === 'string' && !checked.startsWith('of format') ? `malformed: ${checked}` : checked;
}
