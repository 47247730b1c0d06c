// Values that nobody may see in what is printed: they are replaced by what the file calls them. A long secret is found in
// parts, too, since texts are shortened before they are printed. How long a text takes does not depend on how many there are.

/** Behind and before what is left out of a text. */
const CUT = '…';
/** Shorter ones would be found everywhere, and hide what is not secret. */
const MIN_SECRET_CHARACTERS = 4;
/** So many characters of a secret in a row are hidden, wherever they stand. */
const MIN_PART_CHARACTERS = 12;
/** What is looked up: of a secret at each STRIDE, so that one lies in any part that is to be hidden. */
const GRAM = MIN_SECRET_CHARACTERS;
const STRIDE = MIN_PART_CHARACTERS - GRAM + 1;
/** Of a value like `xxxx…`, which would be compared at each place with each. */
const MAX_PLACES_OF_GRAM = 64;
/** Of all forms of captured secrets together, which take a small multiple of it of memory. */
const MAX_CAPTURED_CHARACTERS: number = 16 * 1024 * 1024;

/** What a secret is called, and whether a request captured it; if not, it is a variable of the environment. */
export interface SecretName {
  readonly name: string;
  readonly isCaptured: boolean;
}

export class Secrets {
  /** Values in all their forms. */
  readonly #known = new Set<string>();
  readonly #grams = new Map<string, Place[]>();
  /** By their first and last characters, for texts that were cut off. */
  readonly #heads = new Map<string, Form[]>();
  readonly #tails = new Map<string, Form[]>();
  readonly #mostCaptured: number;
  #capturedCharacters = 0;

  /** @param mostCaptured characters of captured values in all their forms */
  constructor(mostCaptured: number = MAX_CAPTURED_CHARACTERS) {
    this.#mostCaptured = mostCaptured;
  }

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** From now on a value is shown as `${env:NAME}`. */
  add(name: string, value: string): void {
    this.#add({ name, isCaptured: false }, value);
  }

  /** From now on a value is shown as `${name}`. Throws a RangeError when there are more than can be kept. */
  addCaptured(name: string, value: string): void {
    if (this.#known.has(value)) return;
    this.#capturedCharacters += this.#add({ name, isCaptured: true }, value);
    if (this.#capturedCharacters <= this.#mostCaptured) return;
    throw new RangeError(
      `\${${name}} is secret, and the secrets captured so far have more than ${this.#mostCaptured} characters in all their forms, which is as many as can be hidden`,
    );
  }

  /** Adds all forms of a value, and says how many characters these have. */
  #add(name: SecretName, value: string): number {
    if (value.length < MIN_SECRET_CHARACTERS) return 0;
    let characters = 0;
    for (const text of formsOf(value)) {
      if (this.#known.has(text)) continue;
      this.#known.add(text);
      characters += text.length;
      const form = { value: text, name };
      const last = text.length > MIN_PART_CHARACTERS ? text.length - GRAM : 0;
      const repeated = new Map<string, number>();
      for (let at = 0; at <= last; at += STRIDE) {
        const gram = text.slice(at, at + GRAM);
        const count = (repeated.get(gram) ?? 0) + 1;
        repeated.set(gram, count);
        if (count <= MAX_PLACES_OF_GRAM) push(this.#grams, gram, { form, at });
      }
      push(this.#heads, text.slice(0, GRAM), form);
      push(this.#tails, text.slice(-GRAM), form);
    }
    return characters;
  }

  /** A text without secrets. */
  masked(text: string): string {
    return this.replaced(text, ({ name, isCaptured }) => (isCaptured ? `\${${name}}` : `\${env:${name}}`));
  }

  /** Whether there is a captured secret in a text. */
  hasCaptured(text: string): boolean {
    return this.#capturedCharacters > 0 && this.#spansIn(text).some(({ name }) => name.isCaptured);
  }

  /** A text with something in place of each secret. */
  replaced(text: string, instead: (name: SecretName) => string): string {
    if (this.isEmpty) return text;
    const spans = this.#spansIn(text);
    if (spans.length === 0) return text;
    spans.sort((a, b) => a.start - b.start || b.end - a.end);
    let result = '';
    let at = 0;
    let hidden = '';
    for (const { start, end, name } of spans) {
      if (end <= at) continue;
      // Two names of one value, or two secrets that overlap: what is left of the second goes with the first.
      const shown = instead(name);
      if (start >= at || shown !== hidden) result += text.slice(at, Math.max(at, start)) + shown;
      hidden = shown;
      at = end;
    }
    return result + text.slice(at);
  }

  #spansIn(text: string): Span[] {
    const spans: Span[] = [];
    /** Where the last span of each form ends: less than a gram of another one beyond it is too little to be hidden. */
    const found = new Map<Form, number>();
    for (let pos = 0; pos + GRAM <= text.length; pos++) {
      for (const { form, at } of this.#grams.get(text.slice(pos, pos + GRAM)) ?? []) {
        if (pos + GRAM <= (found.get(form) ?? 0)) continue;
        const span = spanAt(text, pos, form, at);
        if (span === undefined) continue;
        found.set(form, span.end);
        spans.push(span);
      }
    }
    for (let at = text.indexOf(CUT); at >= 0; at = text.indexOf(CUT, at + 1)) {
      spans.push(...this.#cutSpans(text, at));
    }
    return spans;
  }

  /** The beginning of a value where a text was cut off in the middle of it, and its end where a text goes on there. */
  #cutSpans(text: string, cut: number): Span[] {
    const spans: Span[] = [];
    const after = cut + CUT.length;
    const isPartOf = ({ value }: Form, part: string): boolean => value.length > part.length;
    for (let count = MIN_PART_CHARACTERS; count >= GRAM; count--) {
      const part = text.slice(Math.max(0, cut - count), cut);
      const form = (this.#heads.get(part.slice(0, GRAM)) ?? []).find(
        (one) => isPartOf(one, part) && one.value.startsWith(part),
      );
      if (form === undefined || part.length < GRAM) continue;
      spans.push({ start: cut - part.length, end: cut, name: form.name });
      break;
    }
    for (let count = MIN_PART_CHARACTERS; count >= GRAM; count--) {
      const part = text.slice(after, after + count);
      const form = (this.#tails.get(part.slice(-GRAM)) ?? []).find(
        (one) => isPartOf(one, part) && one.value.endsWith(part),
      );
      if (form === undefined || part.length < GRAM) continue;
      spans.push({ start: after, end: after + part.length, name: form.name });
      break;
    }
    return spans;
  }
}

function push<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** What a secret may look like in a text. */
interface Form {
  readonly value: string;
  readonly name: SecretName;
}

/** Somewhere in a form. */
interface Place {
  readonly form: Form;
  readonly at: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly name: SecretName;
}

/** As much of a form as there is around a place of a text; undefined where that is too little to be hidden. */
function spanAt(text: string, pos: number, { value, name }: Form, at: number): Span | undefined {
  if (value.length <= MIN_PART_CHARACTERS) {
    return text.startsWith(value, pos) ? { start: pos, end: pos + value.length, name } : undefined;
  }
  let before = 0;
  const most = Math.min(pos, at);
  while (before < most && text[pos - before - 1] === value[at - before - 1]) before++;
  let length = GRAM;
  while (at + length < value.length && text[pos + length] === value[at + length]) length++;
  if (before + length < MIN_PART_CHARACTERS) return undefined;
  return { start: pos - before, end: pos + length, name };
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

/** The variable of the environment that a header or a captured value may have: `x-api-key` is X_API_KEY. */
export function variableFor(name: string): string {
  return name
    .toUpperCase()
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_');
}

/** What a file says in place of a secret value of metadata, the variable that is then to hold it, and what that holds. */
export function fromEnvironment(
  name: string,
  value: string,
): { readonly variable: string; readonly text: string; readonly secret: string } {
  const variable = variableFor(name);
  const scheme = /^(?:Bearer|Basic|Token)\s/i.exec(value)?.[0] ?? '';
  return { variable, text: `${scheme}\${env:${variable}}`, secret: value.slice(scheme.length) };
}
