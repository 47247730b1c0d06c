// Fields by the names that requests have for them: the field's own, its JSON name, or `[pkg.ext]` for an extension.

import type { Client, Description, FieldDescription, MessageDescription } from '../../index.ts';
import { symbolSuggestion } from '../../values/nearest-names.ts';

/** What a symbol is; undefined for what is not loaded. */
export function described(client: Client, symbol: string): Description | undefined {
  try {
    return client.describe(symbol);
  } catch {
    return undefined;
  }
}

/** The extension's full name that stands in brackets; undefined for any other name of a field. */
export function extensionName(name: string): string | undefined {
  return /^\[(.+)\]$/s.exec(name)?.[1];
}

/** The field, or the loaded extension, of a message that a name means. */
export function fieldNamed(
  client: Client,
  message: MessageDescription,
  name: string,
): FieldDescription | undefined {
  const fullName = extensionName(name);
  if (fullName === undefined) {
    return message.fields.find((field) => field.name === name || field.jsonName === name);
  }
  const found = described(client, fullName);
  const isIts =
    found?.kind === 'extension' && found.fullName === fullName && found.message === message.fullName;
  return isIts ? found : undefined;
}

/** Most of the symbols that are looked at for extensions, on the way to an error. */
const MAX_SYMBOLS = 20_000;
/** A longer list is not read. */
const MAX_LISTED = 8;

/** Why a message has no such extension, with the nearest one, or all of them if they are few. */
export function noSuchExtension(client: Client, type: string, fullName: string): string {
  const found = described(client, fullName);
  if (found?.kind === 'extension' && found.fullName === fullName) {
    return `${fullName} extends ${found.message}, not ${type}`;
  }
  const known = extensionsOf(client, type);
  const near = symbolSuggestion(fullName, known);
  const list =
    known.length === 0
      ? '; none are known'
      : known.length <= MAX_LISTED
        ? `; known are ${known.map((name) => `[${name}]`).join(', ')}`
        : '';
  return `${type} has no extension '${fullName}'${near === '' ? list : near}`;
}

function extensionsOf(client: Client, type: string): string[] {
  const names: string[] = [];
  const pending = client.symbols.slice(0, MAX_SYMBOLS).reverse();
  for (let seen = 0; seen < MAX_SYMBOLS; seen++) {
    const symbol = pending.pop();
    if (symbol === undefined) break;
    const found = described(client, symbol);
    if (found?.kind === 'extension' && found.message === type) names.push(found.fullName);
    if (found?.kind === 'message') pending.push(...found.messages, ...found.extensions);
  }
  return names;
}
