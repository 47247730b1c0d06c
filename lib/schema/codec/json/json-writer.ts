// JSON text of a ProtoJSON value in which JSON.stringify would lose the sign of a zero. Knows nothing of messages.

/** JSON text as JSON.stringify writes it, but with `-0` for negative zero. `value` is a tree without toJSON methods. */
export function writeJson(value: unknown, indent: number): string {
  return new JsonWriter(indent).text(value, '\n');
}

class JsonWriter {
  readonly #indent: string;

  constructor(indent: number) {
    this.#indent = ' '.repeat(indent);
  }

  /** `line` ends a line and begins the next at the value's own level. */
  text(value: unknown, line: string): string {
    if (Array.isArray(value)) {
      return this.#block(
        '[]',
        value.map((item) => this.text(item, line + this.#indent)),
        line,
      );
    }
    if (typeof value !== 'object' || value === null) {
      return Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? 'null');
    }
    const colon = this.#indent === '' ? ':' : ': ';
    const members = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => `${JSON.stringify(key)}${colon}${this.text(item, line + this.#indent)}`);
    return this.#block('{}', members, line);
  }

  #block(brackets: string, parts: readonly string[], line: string): string {
    if (parts.length === 0) return brackets;
    if (this.#indent === '') return `${brackets[0]}${parts.join(',')}${brackets[1]}`;
    const inner = line + this.#indent;
    return `${brackets[0]}${inner}${parts.join(`,${inner}`)}${line}${brackets[1]}`;
  }
}
