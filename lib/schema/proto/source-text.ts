// The text of one .proto file, and what its errors look like: `file:line:column: message`.
// It knows nothing of the language; lines are counted only when somebody asks.

import { SchemaError } from '../../errors.ts';

const TAB = 9;
const TAB_WIDTH = 8;

export class SourceText {
  /** How errors name the file: the path it was read from, or the name it was given. */
  readonly displayName: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(displayName: string, text: string) {
    this.displayName = displayName;
    this.text = text;
  }

  /** Counted from 1, columns in UTF-16 units: what editors jump to. */
  position(offset: number): { line: number; column: number } {
    const line = this.#lineAt(offset);
    return { line: line + 1, column: offset - this.#starts()[line] + 1 };
  }

  /** Counted from 0, columns in octets with tabs to the next multiple of 8: what descriptor.proto's spans hold. */
  spanPosition(offset: number): { line: number; column: number } {
    const line = this.#lineAt(offset);
    let column = 0;
    for (let i = this.#starts()[line]; i < offset; i++) {
      const code = this.text.charCodeAt(i);
      if (code === TAB) column += TAB_WIDTH - (column % TAB_WIDTH);
      // A surrogate pair is four octets: two for each half.
      else column += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
    }
    return { line, column };
  }

  error(offset: number, message: string): SchemaError {
    const { line, column } = this.position(offset);
    return new SchemaError(`${this.displayName}:${line}:${column}: ${message}`);
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
