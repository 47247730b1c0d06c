// Where in a value something is, as errors and differences name it: `items[3].labels["x"].price`.

export class Place {
  readonly #parts: string[] = [];

  /** Goes to a field, or a member of a Struct as it is shown. */
  enterKey(key: string): void {
    this.#parts.push(key.startsWith('"') || key.startsWith('[') ? bracketed(key) : `.${key}`);
  }

  /** Goes to an element of a list, or to an entry of a map by its key as it is shown. */
  enterElement(element: number | string): void {
    this.#parts.push(`[${element}]`);
  }

  leave(): void {
    this.#parts.pop();
  }

  get depth(): number {
    return this.#parts.length;
  }

  /** Goes back to where it was that deep. */
  leaveTo(depth: number): void {
    this.#parts.length = depth;
  }

  /** The path, to a further key if there is one. */
  text(key: string = ''): string {
    const path = `${this.#parts.join('')}${key === '' ? '' : `.${key}`}`;
    return path.startsWith('.') ? path.slice(1) : path;
  }
}

/** A quoted key; extensions have their brackets. */
function bracketed(key: string): string {
  return key.startsWith('[') ? `.${key}` : `[${key}]`;
}
