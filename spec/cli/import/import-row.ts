// A file of another tool, what `stubless import` makes of it, and what it says of the rest.

export interface ImportRow {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly made: unknown;
  readonly lost?: readonly string[];
}
