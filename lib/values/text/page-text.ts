// What a server that does not speak gRPC answered, as text to quote in an error: one line of bounded length, without
// markup or anything that a terminal would act on.

import { escapeJson } from './escaped-text.ts';
import { shortened } from './shortened-text.ts';

const MAX_SHOWN = 200;

/**
 * The text of a page without its tags, shortened if it is long; empty if it is not text. `isText`: whether its sender
 * declared it to be text.
 */
export function pageText(octets: Uint8Array, isMarkup: boolean, isText: boolean): string {
  const whole = decoded(octets, isText);
  const text = squeezed(isMarkup || looksLikeMarkup(whole) ? withoutTags(whole) : whole);
  return shortened(text, MAX_SHOWN);
}

/** Text in double quotes, escaped as in JSON; at most its first `most` characters. */
export function quoted(text: string, most: number = Infinity): string {
  return escapeJson(JSON.stringify(shortened(text, most)));
}

/** Whether text begins like an HTML or XML page. */
export function looksLikeMarkup(text: string): boolean {
  return /^\s*<(?:!doctype|html|\?xml)/i.test(text);
}

/** Whether a page says that its server wants TLS, as those of Go, nginx and Apache do to plaintext. */
export function saysTls(page: string): boolean {
  return /HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)|plain HTTP to an SSL-enabled/i.test(
    page,
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these tell binary data from text
const NOT_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

function decoded(octets: Uint8Array, isText: boolean): string {
  if (isText) return new TextDecoder().decode(octets);
  try {
    // As part of a stream, since it may end in the middle of a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream: true });
    return NOT_TEXT.test(text) ? '' : text;
  } catch {
    // Octets that are neither UTF-8 nor declared to be text.
    return '';
  }
}

/** The title mostly repeats the first line, so it is used only if there is nothing else. */
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
