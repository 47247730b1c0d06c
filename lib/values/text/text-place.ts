// A position in a text as people count: lines and columns from 1. Linear in the length of the text before it.

export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The position of the character at an index. */
export function placeOf(text: string, at: number): TextPlace {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return { line, column: at - start + 1 };
}
