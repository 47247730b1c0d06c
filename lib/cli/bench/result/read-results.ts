// Finds the results in logs: lines that hold one, whatever stands before it (a time, the name of a pod) and between them.

import { checkedDocument } from './check-document.ts';
import type { ResultDocument } from './result-document.ts';

/** A line of a result, and where it was found. */
export interface FoundLine {
  readonly document: ResultDocument;
  /** The file's name. */
  readonly source: string;
  /** In the file, from 1. */
  readonly lineNumber: number;
}

/** What a file holds. */
export interface FoundResults {
  readonly lines: readonly FoundLine[];
  /** What cannot be used, each in one line. */
  readonly problems: readonly string[];
}

/** With this a result begins. It must stand as it is written: JSON.stringify makes it so. */
const MARK = '{"stublessBench":';

/** @param source how the user calls what is read */
export async function readResults(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  source: string,
): Promise<FoundResults> {
  const lines: FoundLine[] = [];
  const problems: string[] = [];
  let lineNumber = 0;
  for await (const text of linesOf(chunks)) {
    lineNumber++;
    for (const one of resultsIn(text)) {
      const found = parsed(one);
      if (typeof found === 'string')
        problems.push(`${source}, line ${lineNumber}: a result that is ${found}; left out`);
      else lines.push({ document: found, source, lineNumber });
    }
  }
  if (lines.length === 0 && problems.length === 0) {
    problems.push(`${source} holds no result: give what 'stubless bench --result' wrote, not a report`);
  }
  return { lines, problems };
}

/**
 * From each mark to the next: behind what a killed process wrote of a line, there is no line feed, and so another's line goes
 * on there when logs are joined. In a text of a result the mark's quotes would have backslashes.
 */
function resultsIn(line: string): string[] {
  const found: string[] = [];
  for (let at = line.indexOf(MARK); at >= 0; ) {
    const next = line.indexOf(MARK, at + MARK.length);
    found.push(line.slice(at, next < 0 ? undefined : next));
    at = next;
  }
  return found;
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

/** Far above any result's; of a longer line, such as a disk image's, the rest is passed over. */
const MAX_LINE_CHARACTERS = 2 ** 26;

/** By line feeds alone: other characters that end lines elsewhere may stand in a server's texts. */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): AsyncGenerator<string, void, undefined> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let open: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    // What PowerShell's `>` writes.
    decoder ??= new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8');
    const parts = decoder.decode(bytes, { stream: true }).split('\n');
    for (const part of parts.slice(0, -1)) {
      yield [...open, part].join('');
      open = [];
      length = 0;
    }
    const last = parts.at(-1) ?? '';
    if (length < MAX_LINE_CHARACTERS) open.push(last);
    length += last.length;
  }
  const rest = open.join('');
  if (rest !== '') yield rest;
}
