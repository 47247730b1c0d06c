// Placeholders in request data, filled in anew for each call: `{{n}}`, `{{uuid}}`, `{{int 1 100}}`.
// It works on ProtoJSON, where a text may stand for nearly every scalar; template-shape.ts has the others.

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { TemplateShape } from './template-shape.ts';

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
      const [least, greatest] = words.map(wholeNumber);
      if (words.length !== 2 || least === undefined || greatest === undefined) return undefined;
      if (greatest < least) return undefined;
      const count = greatest - least + 1n;
      return () => String(least + randomBelow(count));
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
    help: 'that many random letters and digits',
    make: (words) => {
      const length = lengthIn(words);
      if (length === undefined) return undefined;
      return () => Array.from({ length }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');
    },
  },
  bytes: {
    usage: '{{bytes 16}}',
    help: 'that many random bytes, in base64',
    make: (words) => {
      const length = lengthIn(words);
      return length === undefined ? undefined : () => randomBytes(length).toString('base64');
    },
  },
  pick: {
    usage: '{{pick red green blue}}',
    help: 'one of the words',
    make: (words) =>
      words.length === 0 ? undefined : () => words[Math.floor(Math.random() * words.length)] ?? '',
  },
};

/** With every digit of a 64-bit number; undefined for anything but a whole number. */
function wholeNumber(word: string): bigint | undefined {
  if (/^-?[0-9]{1,20}$/.test(word)) return BigInt(word);
  const number = Number(word);
  return Number.isSafeInteger(number) ? BigInt(number) : undefined;
}

/** randomInt's range ends at 2^48. Of 192 bits the remainder favours no number that one could notice. */
function randomBelow(count: bigint): bigint {
  if (count < 2n ** 48n) return BigInt(randomInt(Number(count)));
  return BigInt(`0x${randomBytes(24).toString('hex')}`) % count;
}

/** The longest `{{text n}}` and `{{bytes n}}`. */
const MAX_TEXT = 1_000_000;

/** The length that is given to `text` or `bytes`; undefined if it is invalid. */
function lengthIn([word, ...rest]: readonly string[]): number | undefined {
  const length = Number(word);
  const isLength = rest.length === 0 && Number.isInteger(length) && length >= 0 && length <= MAX_TEXT;
  return isLength ? length : undefined;
}

/** A function that fills in a document's placeholders; undefined if it has none. RangeError for an unknown one. */
export function compileTemplate(
  json: unknown,
  shape?: TemplateShape,
): ((context: TemplateContext) => unknown) | undefined {
  if (typeof json === 'string') {
    const fill = compileText(json);
    return fill === undefined || shape === undefined ? fill : (context) => shape.fit(fill(context));
  }
  if (Array.isArray(json)) {
    const parts = json.map((value) => compileTemplate(value, shape));
    if (parts.every((part) => part === undefined)) return undefined;
    return (context) => json.map((value, index) => parts[index]?.(context) ?? value);
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const entries = Object.entries(json).map(([name, value]) => {
    const fillName = compileText(name);
    const fillValue = compileTemplate(value, shape?.property(name));
    return {
      name: fillName ?? (() => name),
      value: fillValue ?? (() => value),
      isFixed: fillName === undefined && fillValue === undefined,
    };
  });
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
    throw new RangeError(`unknown placeholder {{${text}}}; use one of ${usages.join(', ')}`);
  }
  const filler = known.make(words);
  if (filler === undefined) throw new RangeError(`{{${text}}} is malformed; write it like ${known.usage}`);
  return filler;
}
