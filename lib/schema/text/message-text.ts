// The text of one message in text format, and what its errors look like: `line:column: message`.

import { shortened } from '../../values/text/shortened-text.ts';
import { placeOf } from '../../values/text/text-place.ts';
import type { TokenSource } from './tokenizer.ts';

const encoder = new TextEncoder();

export class MessageText implements TokenSource {
  readonly text: string;
  readonly commentStyle = 'shell';
  readonly hasFloatSuffix = true;
  /** As in the conformance suite: halves of a surrogate pair are not characters, not even two in a row. */
  readonly hasSurrogateEscapes = false;
  readonly hasRawOctets = false;
  readonly endName = 'the end';

  constructor(text: string) {
    this.text = text;
  }

  octets(text: string): Uint8Array {
    return encoder.encode(text);
  }

  characterAt(offset: number): string {
    return JSON.stringify(this.text[offset]);
  }

  shown(text: string, isWord: boolean): string {
    return isWord ? `'${shortened(text)}'` : shortened(text);
  }

  error(offset: number, message: string): TypeError {
    return new TypeError(`${this.#place(offset)}: ${message}`);
  }

  rangeError(offset: number, message: string): RangeError {
    return new RangeError(`${this.#place(offset)}: ${message}`);
  }

  #place(offset: number): string {
    const { line, column } = placeOf(this.text, offset);
    return `${line}:${column}`;
  }
}
