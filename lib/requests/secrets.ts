// Values that nobody may see in what is printed: they are replaced by what the file calls them. A long secret is found in
// parts, too, since texts are shortened before they are printed.

/** Behind and before what is left out of a text. */
const CUT = '…';
/** Shorter ones would be found everywhere, and hide what is not secret. */
const MIN_SECRET_CHARACTERS = 4;
/** So many characters of a secret in a row are hidden, wherever they stand. */
const MIN_PART_CHARACTERS = 12;

export class Secrets {
  readonly #forms = new Map<string, Form>();

  get isEmpty(): boolean {
    return this.#forms.size === 0;
  }

  /** From now on a value is shown as `${env:NAME}`. */
  add(name: string, value: string): void {
    if (value.length < MIN_SECRET_CHARACTERS) return;
    for (const form of formsOf(value)) {
      if (!this.#forms.has(form)) this.#forms.set(form, { value: form, name, parts: partsOf(form) });
    }
  }

  /** A text without secrets. */
  masked(text: string): string {
    return this.replaced(text, (name) => `\${env:${name}}`);
  }

  /** A text with something in place of each secret. */
  replaced(text: string, instead: (name: string) => string): string {
    if (this.isEmpty) return text;
    const spans: Span[] = [];
    const isCut = text.includes(CUT);
    for (const form of this.#forms.values()) {
      spans.push(...spansOf(text, form));
      if (isCut) spans.push(...cutSpansOf(text, form));
    }
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

/** What a secret may look like in a text. */
interface Form {
  readonly value: string;
  readonly name: string;
  /** As many characters of it as may not be seen, from each place; none of a form that is no longer than that. */
  readonly parts: ReadonlySet<string>;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** As it is, and as it stands in files of requests, in JSON, in base64 and in URLs. */
function formsOf(value: string): ReadonlySet<string> {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = Buffer.from(value).toString('base64');
  return new Set([
    value,
    value.replaceAll('${', () => '$${'),
    json,
    // As Go writes JSON.
    json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(value).toString('base64url'),
    ...insideBase64(value),
    encodeURIComponent(value),
  ]);
}

/**
 * What base64 of longer bytes shows of a value inside of them, wherever it begins: `user:PASSWORD`. Characters at the ends
 * that other bytes have a part in are left out.
 */
function insideBase64(value: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((bytes.length * 8) / 6);
    const inner = (form: 'base64' | 'base64url'): string => bytes.toString(form).slice(from, to);
    return inner('base64').length < MIN_SECRET_CHARACTERS ? [] : [inner('base64'), inner('base64url')];
  });
}

function partsOf(value: string): ReadonlySet<string> {
  const parts = new Set<string>();
  if (value.length <= MIN_PART_CHARACTERS) return parts;
  for (let at = 0; at + MIN_PART_CHARACTERS <= value.length; at++) {
    parts.add(value.slice(at, at + MIN_PART_CHARACTERS));
  }
  return parts;
}

function spansOf(text: string, { value, name, parts }: Form): Span[] {
  const spans: Span[] = [];
  if (parts.size === 0) {
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
      spans.push({ start: at, end: at + value.length, name });
    }
    return spans;
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

/** The beginning of a value where a text was cut off in the middle of it, and its end where a text goes on there. */
function cutSpansOf(text: string, { value, name }: Form): Span[] {
  const spans: Span[] = [];
  const most = Math.min(value.length - 1, MIN_PART_CHARACTERS);
  for (let at = text.indexOf(CUT); at >= 0; at = text.indexOf(CUT, at + 1)) {
    for (let count = most; count >= MIN_SECRET_CHARACTERS; count--) {
      if (!text.startsWith(value.slice(0, count), at - count)) continue;
      spans.push({ start: at - count, end: at, name });
      break;
    }
    for (let count = most; count >= MIN_SECRET_CHARACTERS; count--) {
      if (!text.startsWith(value.slice(-count), at + 1)) continue;
      spans.push({ start: at + 1, end: at + 1 + count, name });
      break;
    }
  }
  return spans;
}

/** What a file says in place of a secret value of metadata, and the variable that is then to hold it. */
export function fromEnvironment(
  name: string,
  value: string,
): { readonly variable: string; readonly text: string } {
  const variable = name.toUpperCase().replace(/\W/g, '_');
  const scheme = /^(?:Bearer|Basic|Token)\s/i.exec(value)?.[0] ?? '';
  return { variable, text: `${scheme}\${env:${variable}}` };
}
