// Makes foreign text safe for terminals and logs: control characters, and those that change the direction of text, are
// written as escapes. What a server sends must not move a cursor, set a title, hide a line or fake another one.

// DEL and C1; the marks that reverse or hide text (Unicode TR36 §3); line separators.
const EVERYWHERE = '\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff';
const IN_LINES: RegExp = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f${EVERYWHERE}]`, 'g');
const IN_TEXT: RegExp = new RegExp(`[\\u0000-\\u001f${EVERYWHERE}]`, 'g');
// JSON.stringify has already escaped C0.
const IN_JSON: RegExp = new RegExp(`[${EVERYWHERE}]`, 'g');

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (char: string): string =>
  SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** For text on one line: line feeds and tabs are escaped as well. */
export function escapeText(text: string): string {
  return text.replace(IN_TEXT, escaped);
}

/** For text of several lines, such as .proto source: line feeds and tabs stay. */
export function escapeLines(text: string): string {
  return text.replace(IN_LINES, escaped);
}

/** For JSON text, which still means the same. */
export function escapeJson(json: string): string {
  return json.replace(IN_JSON, escaped);
}
