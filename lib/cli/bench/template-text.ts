// Placeholders in request data, filled in anew for each call: `{{n}}`, `{{uuid}}`, `{{int 1 100}}`.
// It works on ProtoJSON, where every number may be a text, so that a placeholder can stand for any scalar.

import { randomInt, randomUUID } from 'node:crypto';

/** What a placeholder may know of the call. */
export interface TemplateContext {
  /** The number of the call, from 0. */
  readonly call: number;
  /** The number of the message in its call, from 0. */
  readonly message: number;
}

type Filler = (context: TemplateContext) => string;

interface Placeholder {
  readonly usage: string;
  readonly help: string;
  /** Makes the filler of given words; undefined when they are not right. */
  readonly make: (words: readonly string[]) => Filler | undefined;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** All placeholders, by name. */
export const PLACEHOLDERS: Readonly<Record<string, Placeholder>> = {
  n: {
    usage: '{{n}}',
    help: 'the number of the call, from 0',
    make: (words) => (words.length === 0 ? ({ call }) => String(call) : undefined),
  },
  message: {
    usage: '{{message}}',
    help: 'the number of the message in its stream, from 0',
    make: (words) => (words.length === 0 ? ({ message }) => String(message) : undefined),
  },
  uuid: {
    usage: '{{uuid}}',
    help: 'a random UUID',
    make: (words) => (words.length === 0 ? () => randomUUID() : undefined),
  },
  now: {
    usage: '{{now}}',
    help: 'the time, as 2026-01-31T12:00:00.000Z',
    make: (words) => (words.length === 0 ? () => new Date().toISOString() : undefined),
  },
  unixMs: {
    usage: '{{unixMs}}',
    help: 'the time in milliseconds since 1970',
    make: (words) => (words.length === 0 ? () => String(Date.now()) : undefined),
  },
  int: {
    usage: '{{int 1 100}}',
    help: 'a random whole number, both ends included',
    make: (words) => {
      const [least, greatest] = words.map(Number);
      if (words.length !== 2 || least === undefined || greatest === undefined) return undefined;
      if (!Number.isSafeInteger(least) || !Number.isSafeInteger(greatest) || greatest < least)
        return undefined;
      // randomInt's range ends at 2^48.
      if (greatest - least >= 2 ** 48 - 1) return undefined;
      return () => String(randomInt(least, greatest + 1));
    },
  },
  float: {
    usage: '{{float 0 1}}',
    help: 'a random number between the two',
    make: (words) => {
      const [least, greatest] = words.map(Number);
      if (words.length !== 2 || least === undefined || greatest === undefined) return undefined;
      if (!Number.isFinite(least) || !Number.isFinite(greatest) || greatest < least) return undefined;
      return () => String(least + Math.random() * (greatest - least));
    },
  },
  text: {
    usage: '{{text 16}}',
    help: 'so many random letters and digits',
    make: ([length, ...rest]) => {
      const count = Number(length);
      if (rest.length > 0 || !Number.isInteger(count) || count < 0 || count > MAX_TEXT) return undefined;
      return () =>
        Array.from({ length: count }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');
    },
  },
  pick: {
    usage: '{{pick red green blue}}',
    help: 'one of the words',
    make: (words) =>
      words.length === 0 ? undefined : () => words[Math.floor(Math.random() * words.length)] ?? '',
  },
};

/** The longest `{{text n}}`. */
const MAX_TEXT = 1_000_000;

/** A function that fills in a document's placeholders; undefined where it has none. RangeError for one there is not. */
export function compileTemplate(json: unknown): ((context: TemplateContext) => unknown) | undefined {
  if (typeof json === 'string') return compileText(json);
  if (Array.isArray(json)) {
    const parts = json.map(compileTemplate);
    if (parts.every((part) => part === undefined)) return undefined;
    return (context) => json.map((value, index) => parts[index]?.(context) ?? value);
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const entries = Object.entries(json).map(([name, value]) => ({
    name: compileText(name) ?? (() => name),
    value: compileTemplate(value) ?? (() => value),
    isFixed: compileText(name) === undefined && compileTemplate(value) === undefined,
  }));
  if (entries.every(({ isFixed }) => isFixed)) return undefined;
  return (context) => Object.fromEntries(entries.map(({ name, value }) => [name(context), value(context)]));
}

function compileText(text: string): Filler | undefined {
  const parts = text.split(/\{\{(.*?)\}\}/);
  if (parts.length === 1) return undefined;
  const fillers = parts.map((part, index): Filler => (index % 2 === 0 ? () => part : placeholder(part)));
  return (context) => fillers.map((fill) => fill(context)).join('');
}

function placeholder(text: string): Filler {
  const [name = '', ...words] = text.trim().split(/\s+/);
  const known = Object.hasOwn(PLACEHOLDERS, name) ? PLACEHOLDERS[name] : undefined;
  if (known === undefined) {
    const usages = Object.values(PLACEHOLDERS).map(({ usage }) => usage);
    throw new RangeError(`there is no placeholder {{${text}}}; there are ${usages.join(', ')}`);
  }
  const filler = known.make(words);
  if (filler === undefined) throw new RangeError(`{{${text}}} is not right: write it as in ${known.usage}`);
  return filler;
}
