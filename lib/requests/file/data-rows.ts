// The rows of data files: CSV (RFC 4180) with names in its first line, and JSON objects, one a line.

import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import type { Mistake } from './source-file.ts';
import { VARIABLE_NAME } from './template.ts';

/** More are not read: each is a request of its own. */
export const MAX_ROWS = 100_000;

export type Row = ReadonlyMap<string, unknown>;

export interface Rows {
  readonly rows: readonly Row[];
  readonly mistakes: readonly Mistake[];
}

export function rowsOf(form: 'csv' | 'jsonl', file: string, text: string): Rows {
  const { rows, mistakes } = form === 'csv' ? csvRows(file, text) : jsonRows(file, text);
  if (rows.length > MAX_ROWS) {
    const problem = `more than ${MAX_ROWS} rows`;
    return { rows: [], mistakes: [{ place: { file, line: MAX_ROWS + 1, column: 1 }, problem }] };
  }
  if (rows.length === 0 && mistakes.length === 0) {
    return { rows, mistakes: [{ place: { file, line: 1, column: 1 }, problem: 'there are no rows in it' }] };
  }
  return { rows, mistakes };
}

function jsonRows(file: string, text: string): Rows {
  const rows: Row[] = [];
  const mistakes: Mistake[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const wrong = (column: number, problem: string): void => {
      mistakes.push({ place: { file, line: index + 1, column }, problem });
    };
    try {
      const value = parseJson(line, index + 1);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        const names = Object.entries(value);
        const bad = names.find(([name]) => !VARIABLE_NAME.test(name));
        if (bad === undefined) rows.push(new Map(names));
        else wrong(1, `'${bad[0]}' cannot be the name of a variable`);
      } else wrong(1, 'a row is a JSON object of names and values');
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      wrong(error.column, `not JSON: ${error.problem}`);
    }
  }
  return { rows, mistakes };
}

interface Cell {
  readonly text: string;
  readonly isQuoted: boolean;
}

function csvRows(file: string, text: string): Rows {
  const place = (line: number) => ({ file, line, column: 1 });
  const lines = csvLines(text.replace(/^\ufeff/, ''));
  if (typeof lines === 'number') {
    return { rows: [], mistakes: [{ place: place(lines), problem: 'a quote is opened and never closed' }] };
  }
  const [head, ...body] = lines;
  if (head === undefined) return { rows: [], mistakes: [] };
  const names = head.cells.map(({ text: name }) => name.trim());
  const bad = names.find((name, index) => !VARIABLE_NAME.test(name) || names.indexOf(name) !== index);
  if (bad !== undefined) {
    const why = VARIABLE_NAME.test(bad) ? 'is there twice' : 'cannot be the name of a variable';
    return { rows: [], mistakes: [{ place: place(1), problem: `the column '${bad}' ${why}` }] };
  }
  const mistakes: Mistake[] = [];
  const rows = body.flatMap(({ cells, line }) => {
    if (cells.length === names.length)
      return [new Map(cells.map((cell, at) => [names[at], cellValue(cell)]))];
    mistakes.push({
      place: place(line),
      problem: `${cells.length} cells, but the first line names ${names.length} columns`,
    });
    return [];
  });
  return { rows, mistakes };
}

/** Text in quotes is text; what stands without is a number, true or false where it looks like one. */
function cellValue({ text, isQuoted }: Cell): unknown {
  if (isQuoted) return text;
  const value = text.trim();
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? parseJson(value) : text;
}

interface CsvLine {
  readonly line: number;
  readonly cells: readonly Cell[];
}

/** The lines with something in them, or the number of the line whose quote is never closed. */
function csvLines(text: string): CsvLine[] | number {
  const lines: CsvLine[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const start = line;
    const cells: Cell[] = [];
    for (;;) {
      const isQuoted = text[at] === '"';
      let cell = '';
      if (isQuoted) {
        at++;
        for (;;) {
          const close = text.indexOf('"', at);
          if (close < 0) return start;
          cell += text.slice(at, close);
          at = close + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at++;
        }
        line += cell.split('\n').length - 1;
      }
      const rest = /[^,\r\n]*/y;
      rest.lastIndex = at;
      const plain = rest.exec(text)?.[0] ?? '';
      at += plain.length;
      cells.push({ text: isQuoted ? cell : plain, isQuoted });
      if (text[at] !== ',') break;
      at++;
    }
    if (text.startsWith('\r\n', at)) at++;
    at++;
    line++;
    if (cells.length > 1 || cells[0].text !== '' || cells[0].isQuoted) lines.push({ line: start, cells });
  }
  return lines;
}
