// What a server that does not speak gRPC sent in place of an answer, as text to be quoted in an error: one line, bounded,
// without markup, and with nothing in it that a terminal would act on.

import { escapeJson } from './escaped-text.ts';
import { shortened } from './shortened-text.ts';

const MAX_SHOWN = 200;

/** The text of a page without tags, cut short where it is long; '' unless it is text. `isText`: its sender says so. */
export function pageText(octets: Uint8Array, isMarkup: boolean, isText: boolean): string {
  const whole = decoded(octets, isText);
  const text = squeezed(isMarkup || looksLikeMarkup(whole) ? withoutTags(whole) : whole);
  return shortened(text, MAX_SHOWN);
}

/** Text in quotes, as JSON has them; no more than its first `most` characters. */
export function quoted(text: string, most: number = Infinity): string {
  return escapeJson(JSON.stringify(shortened(text, most)));
}

/** Whether it begins as a page of HTML or XML does. */
export function looksLikeMarkup(text: string): boolean {
  return /^\s*<(?:!doctype|html|\?xml)/i.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what tells other things from text
const NOT_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

function decoded(octets: Uint8Array, isText: boolean): string {
  if (isText) return new TextDecoder().decode(octets);
  try {
    // As a part of a stream: its end may be amid a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream: true });
    return NOT_TEXT.test(text) ? '' : text;
  } catch {
    // Octets that are not UTF-8, and were not declared to be text.
    return '';
  }
}

/** The title is mostly the first line, too: it is taken only where there is nothing else. */
function withoutTags(html: string): string {
  const shown = html.replace(/<(style|script)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ');
  const body = bare(shown.replace(/<title\b[\s\S]*?(?:<\/title\s*>|$)/gi, ' '));
  return squeezed(body) === '' ? bare(shown) : body;
}

function bare(html: string): string {
  return html
    .replace(/<[^>]*(?:>|$)/g, ' ')
    .replace(/&(lt|gt|quot|nbsp|#39|amp);/g, (_, name: string) => ENTITIES[name] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
  amp: '&',
};

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
