// The text of one .proto file, and what its errors look like: `file:line:column: message`.
// It knows nothing of the language; lines are counted only when a position is asked for.

import { SchemaError } from '../../../values/errors.ts';
import type { TokenSource } from '../../text/tokenizer.ts';
import { hasRaw, isRawAt, octetsOf, rawOctet } from './proto-text.ts';

const TAB = 9;
const TAB_WIDTH = 8;
/** How far apart the remembered columns are, in UTF-16 units. */
const STEP = 256;

const MAX_QUOTED = 40;
const MAX_QUOTED_NAME = 200;

/** A name as errors show it. Only for files whose syntax was right: those are schemas, not somebody's secrets. */
export function quoted(name: string, instead = 'a long name'): string {
  return name.length <= MAX_QUOTED_NAME ? `'${name}'` : instead;
}

export class SourceText implements TokenSource {
  readonly commentStyle = 'c';
  readonly hasFloatSuffix = false;
  readonly hasSurrogateEscapes = true;
  readonly endName = 'the end of the file';
  /** How errors name the file: the path it was read from, or the name it was given. */
  readonly displayName: string;
  readonly text: string;
  #hasRawOctets: boolean | undefined;
  #lineStarts: number[] | undefined;
  /** The columns at every STEP units of a line, by where the line begins. */
  readonly #spanColumns: Map<number, number[]> = new Map();

  constructor(displayName: string, text: string) {
    this.displayName = displayName;
    this.text = text;
  }

  /** Whether some of it stands for octets that are not UTF-8. */
  get hasRawOctets(): boolean {
    this.#hasRawOctets ??= hasRaw(this.text);
    return this.#hasRawOctets;
  }

  /** Counted from 1, columns in UTF-16 units: what editors jump to. */
  position(offset: number): { line: number; column: number } {
    const line = this.#lineAt(offset);
    return { line: line + 1, column: offset - this.#starts()[line] + 1 };
  }

  /** Counted from 0, columns in octets with tabs to the next multiple of 8: what descriptor.proto's spans hold. */
  spanPosition(offset: number): { line: number; column: number } {
    const line = this.#lineAt(offset);
    return { line, column: this.#spanColumn(this.#starts()[line], offset) };
  }

  /** From the nearest column remembered: a line of a generated file may be as long as the file. */
  #spanColumn(lineStart: number, offset: number): number {
    const steps = this.#spanColumns.get(lineStart) ?? [0];
    this.#spanColumns.set(lineStart, steps);
    const step = Math.floor((offset - lineStart) / STEP);
    while (steps.length <= step) {
      const from = lineStart + (steps.length - 1) * STEP;
      steps.push(this.#advance(steps[steps.length - 1], from, from + STEP));
    }
    return this.#advance(steps[step], lineStart + step * STEP, offset);
  }

  #advance(from: number, start: number, end: number): number {
    let column = from;
    for (let i = start; i < end; i++) {
      const code = this.text.charCodeAt(i);
      if (code === TAB) column += TAB_WIDTH - (column % TAB_WIDTH);
      else if (this.hasRawOctets && isRawAt(this.text, i)) column++;
      // A surrogate pair is four octets: two for each half.
      else column += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
    }
    return column;
  }

  error(offset: number, message: string): SchemaError {
    const { line, column } = this.position(offset);
    return new SchemaError(`${this.displayName}:${line}:${column}: ${message}`);
  }

  /** In a schema, a value that is too large is a mistake like any other. */
  rangeError(offset: number, message: string): SchemaError {
    return this.error(offset, message);
  }

  octets(text: string): Uint8Array {
    return octetsOf(text);
  }

  characterAt(offset: number): string {
    const octet = rawOctet(this.text[offset]);
    return octet === undefined
      ? `a character (code ${this.text.charCodeAt(offset)})`
      : `an octet (${octet}, not UTF-8)`;
  }

  /** Nothing long is shown: a file that was loaded by mistake may be somebody's secret. */
  shown(text: string, isWord: boolean): string {
    if (text.length <= MAX_QUOTED) return `'${text}'`;
    return isWord ? 'a long word' : 'a long number';
  }

  #lineAt(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #starts(): number[] {
    if (this.#lineStarts !== undefined) return this.#lineStarts;
    const starts = [0];
    const { text } = this;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
    this.#lineStarts = starts;
    return starts;
  }
}
