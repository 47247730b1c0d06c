// The lines of .proto source, indented, with comments where the original had them. Knows no declarations.

import { escapeText } from '../../values/text/escaped-text.ts';
import { type Comments, LINE_END, type SourceComments } from '../descriptors/source-comments.ts';

const INDENT = '  ';

type Path = readonly number[];

export class ProtoLines {
  readonly #comments: SourceComments;
  /** One string per line: a single string as long as the file would be copied whenever its end is looked at. */
  readonly #lines: string[] = [];
  #indent = '';

  constructor(comments: SourceComments) {
    this.#comments = comments;
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** A declaration with a body, with the comments of its path, or these. */
  block(head: string, place: Path | Comments, content: () => void): void {
    const comments = 'detached' in place ? place : this.#comments.at(place);
    this.#leading(comments.detached, comments.leading);
    this.#line(`${head} {`);
    const outer = this.#indent;
    this.#indent += INDENT;
    if (comments.trailing !== undefined) this.#trailing(comments.trailing);
    const inside = this.#lines.length;
    content();
    this.#indent = outer;
    if (this.#lines.length > inside || comments.trailing !== undefined) this.#line('}');
    else this.#lines[inside - 1] += '}';
  }

  /** A declaration without a body, with the comments of its path. */
  statement(path: Path, text: string): void {
    this.commented(this.#comments.at(path), text);
  }

  commented(comments: Comments, text: string): void {
    this.#leading(comments.detached, comments.leading);
    this.#line(text);
    if (comments.trailing !== undefined) this.#trailing(comments.trailing);
  }

  #leading(detached: readonly string[], leading: string | undefined): void {
    for (const text of detached) {
      this.gap();
      this.#comment(text);
      this.#lines.push('');
    }
    if (leading === undefined) return;
    if (this.#lines.at(-1)?.endsWith('{') === false) this.gap();
    this.#comment(leading);
  }

  /**
   * A comment of one line goes after the declaration; a longer one below it, followed by a blank line so that it does
   * not lead the next.
   */
  #trailing(text: string): void {
    const lines = commentLines(text);
    if (lines.length === 1) this.#lines.push(`${this.#lines.pop() ?? ''} //${lines[0]}`);
    else {
      this.#comment(text);
      this.#lines.push('');
    }
  }

  #comment(text: string): void {
    for (const line of commentLines(text)) this.#line(`//${line}`);
  }

  /** A blank line, unless there is one already. */
  gap(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }

  #line(text: string): void {
    for (const line of text.split('\n')) this.#lines.push(this.#indent + line);
  }
}

/** Control characters (except tabs and page breaks), and those that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HIDDEN = /[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The lines of a comment. It may come from a server: no part of it may end the comment or disguise itself. */
function commentLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(HIDDEN, escapeText));
}
