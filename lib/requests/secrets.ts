// Values that nobody may see in what is printed: they are replaced by what the file calls them. A long secret is found in
// parts, too, since texts are shortened before they are printed.

/** Shorter ones would be found everywhere, and hide what is not secret. */
const MIN_SECRET_CHARACTERS = 4;
/** So many characters of a secret in a row are hidden, wherever they stand. */
const MIN_PART_CHARACTERS = 12;

export class Secrets {
  readonly #names = new Map<string, string>();

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** From now on a value is shown as `${env:NAME}`. */
  add(name: string, value: string): void {
    if (value.length < MIN_SECRET_CHARACTERS) return;
    for (const form of formsOf(value)) if (!this.#names.has(form)) this.#names.set(form, name);
  }

  /** A text without secrets. */
  masked(text: string): string {
    return this.replaced(text, (name) => `\${env:${name}}`);
  }

  /** A text with something in place of each secret. */
  replaced(text: string, instead: (name: string) => string): string {
    if (this.#names.size === 0) return text;
    const spans: Span[] = [];
    for (const [value, name] of this.#names) spans.push(...spansOf(text, value, name));
    if (spans.length === 0) return text;
    spans.sort((a, b) => a.start - b.start || b.end - a.end);
    let result = '';
    let at = 0;
    let hidden = '';
    for (const { start, end, name } of spans) {
      if (end <= at) continue;
      // Two names of one value, or two secrets that overlap: what is left of the second goes with the first.
      if (start >= at || name !== hidden) result += text.slice(at, Math.max(at, start)) + instead(name);
      hidden = name;
      at = end;
    }
    return result + text.slice(at);
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** As it is, and as it stands in JSON, in base64 and in URLs. */
function formsOf(value: string): ReadonlySet<string> {
  const base64 = Buffer.from(value).toString('base64');
  return new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(value).toString('base64url'),
    encodeURIComponent(value),
  ]);
}

function spansOf(text: string, value: string, name: string): Span[] {
  const spans: Span[] = [];
  if (value.length <= MIN_PART_CHARACTERS) {
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
      spans.push({ start: at, end: at + value.length, name });
    }
    return spans;
  }
  const parts = new Set<string>();
  for (let at = 0; at + MIN_PART_CHARACTERS <= value.length; at++) {
    parts.add(value.slice(at, at + MIN_PART_CHARACTERS));
  }
  let open: { start: number; end: number } | undefined;
  for (let at = 0; at + MIN_PART_CHARACTERS <= text.length; at++) {
    if (!parts.has(text.slice(at, at + MIN_PART_CHARACTERS))) continue;
    if (open === undefined || at > open.end) {
      if (open !== undefined) spans.push({ ...open, name });
      open = { start: at, end: at };
    }
    open.end = at + MIN_PART_CHARACTERS;
  }
  if (open !== undefined) spans.push({ ...open, name });
  return spans;
}
