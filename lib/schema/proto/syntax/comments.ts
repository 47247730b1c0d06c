// The comments in the gap between two tokens, sorted into those that trail the declaration before, those that
// lead the one after, and those that stand alone, by the rules of descriptor.proto's SourceCodeInfo.Location
// (and, where it leaves a choice, of protoc's tokenizer).

const NEWLINE = 10;
const SLASH = 47;
const STAR = 42;

export interface GapComments {
  readonly trailing?: string;
  readonly detached: readonly string[];
  readonly leading?: string;
}

interface Pending {
  text: string;
  isLine: boolean;
}

/** Reads the gap that starts at `from`, after the `;`, `{` or `}` of a declaration or at the file's start. */
export function readGap(text: string, from: number): GapComments {
  const reader = new GapReader(text, from);
  return reader.read();
}

class GapReader {
  readonly #text: string;
  readonly #isFileStart: boolean;
  #at: number;
  #pending: Pending | undefined;
  #canTrail: boolean;
  #trailing: string | undefined;
  readonly #detached: string[] = [];
  #count = 0;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#isFileStart = from === 0 || (from === 1 && text.charCodeAt(0) === 0xfeff);
    this.#canTrail = !this.#isFileStart;
    this.#at = from;
  }

  read(): GapComments {
    const start = this.#at;
    let trailingEnd = -1;
    if (!this.#isFileStart) {
      this.#skipBlanks();
      if (this.#isComment()) {
        const isLine = this.#text.charCodeAt(this.#at + 1) === SLASH;
        this.#comment();
        trailingEnd = isLine ? this.#at - 1 : this.#at;
        if (!isLine) this.#skipBlanks();
        this.#flush();
      } else if (!this.#takeNewline()) {
        return { detached: [] };
      }
    }
    for (;;) {
      this.#skipBlanks();
      if (this.#isComment()) {
        const isLine = this.#text.charCodeAt(this.#at + 1) === SLASH;
        this.#comment();
        if (!isLine) {
          this.#skipBlanks();
          this.#takeNewline();
        }
      } else if (this.#takeNewline()) {
        this.#flush();
        this.#canTrail = false;
      } else {
        break;
      }
    }
    this.#atToken(start, trailingEnd);
    const leading = this.#pending?.text;
    return {
      detached: this.#detached,
      ...(this.#trailing === undefined || this.#trailing === '' ? undefined : { trailing: this.#trailing }),
      ...(leading === undefined || leading === '' ? undefined : { leading }),
    };
  }

  #atToken(start: number, trailingEnd: number): void {
    const isEnd = this.#at >= this.#text.length;
    // A comment before the end of a scope belongs to nothing that follows.
    if (isEnd || '}])'.includes(this.#text[this.#at])) this.#flush();
    if (isEnd) return;
    const isSameLine = (offset: number) => !this.#text.slice(offset, this.#at).includes('\n');
    if ((!this.#isFileStart && isSameLine(start)) || (trailingEnd >= 0 && isSameLine(trailingEnd)))
      this.#detachSingle();
  }

  /** A single comment between two tokens of one line belongs to neither. */
  #detachSingle(): void {
    if (this.#count + (this.#pending === undefined ? 0 : 1) !== 1) return;
    if (this.#trailing !== undefined) {
      this.#detached.unshift(this.#trailing);
      this.#trailing = undefined;
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#pending === undefined) return;
    if (this.#canTrail) {
      this.#trailing = this.#pending.text;
      this.#canTrail = false;
    } else {
      this.#detached.push(this.#pending.text);
    }
    this.#pending = undefined;
    this.#count++;
  }

  #isComment(): boolean {
    const second = this.#text.charCodeAt(this.#at + 1);
    return this.#text.charCodeAt(this.#at) === SLASH && (second === SLASH || second === STAR);
  }

  #comment(): void {
    const text = this.#text;
    const from = this.#at + 2;
    if (text.charCodeAt(this.#at + 1) === SLASH) {
      const newline = text.indexOf('\n', from);
      this.#at = newline < 0 ? text.length : newline + 1;
      const line = text.slice(from, this.#at);
      if (this.#pending?.isLine) this.#pending.text += line;
      else this.#start(line, true);
    } else {
      const close = text.indexOf('*/', from);
      this.#at = close + 2;
      this.#start(blockText(text.slice(from, close)), false);
    }
  }

  #start(text: string, isLine: boolean): void {
    this.#flush();
    this.#pending = { text, isLine };
  }

  #skipBlanks(): void {
    while (' \t\r\v\f'.includes(this.#text[this.#at] ?? '?')) this.#at++;
  }

  #takeNewline(): boolean {
    if (this.#text.charCodeAt(this.#at) !== NEWLINE) return false;
    this.#at++;
    return true;
  }
}

/** Without the asterisks that start the lines of a block comment. */
function blockText(text: string): string {
  return text.replace(/\n[ \t\r\v\f]*\*?/g, (start, offset: number) => {
    // The last line's asterisk is the comment's own closing one, cut off already.
    return offset + start.length <= text.length ? '\n' : start;
  });
}
