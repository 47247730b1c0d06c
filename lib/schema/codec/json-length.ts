// How long JSON text would be, before it is made: field names and the indentation of deep levels are repeated for each
// value, so that a message of a few octets may become very long text. Knows nothing of messages.

/** As much as a small container can still take: 32 Mi. */
export const DEFAULT_MAX_JSON_CHARACTERS: number = 32 * 1024 * 1024;

/** What JSON.stringify may write as more than one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;
const BRACKETS = 2;

/** Whether the text of a tree without toJSON methods would have more than `limit` characters. */
export function isJsonLonger(value: unknown, indent: number, limit: number): boolean {
  return limit !== Infinity && new JsonLength(indent, limit).isLonger(value);
}

class JsonLength {
  readonly #indent: number;
  /** How many characters may still come. */
  #left: number;

  constructor(indent: number, limit: number) {
    this.#indent = indent;
    this.#left = limit;
  }

  /** Stops as soon as the answer is known. */
  isLonger(value: unknown, level = 0): boolean {
    if (typeof value === 'object' && value !== null) {
      return Array.isArray(value) ? this.#isLongerList(value, level) : this.#isLongerObject(value, level);
    }
    this.#left -= lengthOfScalar(value);
    return this.#left < 0;
  }

  #isLongerList(list: readonly unknown[], level: number): boolean {
    const each = this.#lineOf(level + 1) + 1;
    for (const item of list) {
      this.#left -= each;
      if (this.isLonger(item, level + 1)) return true;
    }
    return this.#isLongerWithEnds(list.length > 0, level);
  }

  #isLongerObject(value: object, level: number): boolean {
    const each = this.#lineOf(level + 1) + 1 + (this.#indent === 0 ? 1 : 2);
    let hasMembers = false;
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      hasMembers = true;
      this.#left -= each + lengthOfText(key);
      if (this.isLonger(item, level + 1)) return true;
    }
    return this.#isLongerWithEnds(hasMembers, level);
  }

  /** With its brackets, and without the comma that the last of its parts does not have. */
  #isLongerWithEnds(hasParts: boolean, level: number): boolean {
    this.#left -= hasParts ? BRACKETS + this.#lineOf(level) - 1 : BRACKETS;
    return this.#left < 0;
  }

  /** The end of a line, and the white space before the next at that level. */
  #lineOf(level: number): number {
    return this.#indent === 0 ? 0 : 1 + level * this.#indent;
  }
}

function lengthOfScalar(value: unknown): number {
  if (typeof value === 'string') return lengthOfText(value);
  return Object.is(value, -0) ? 2 : String(value ?? null).length;
}

function lengthOfText(text: string): number {
  return ESCAPED.test(text) ? JSON.stringify(text).length : text.length + 2;
}
