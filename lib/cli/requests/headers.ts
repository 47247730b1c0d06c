// Metadata as it is written on the command line and in config files. Errors do not quote values: they may be secrets.

import { fromBase64 } from '../../values/text/base64.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import type { Environment } from '../command/io.ts';

/** `name: value` in two, the name in lower case; undefined where it is neither. */
export function headerOf(text: string): readonly [string, string] | undefined {
  const match = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/s.exec(text);
  return match === null ? undefined : [match[1].toLowerCase(), match[2]];
}

/** The same of a word of the command line, where anything else is a mistake. */
export function parseHeader(text: string): readonly [string, string] {
  const header = headerOf(text);
  if (header === undefined) throw new UsageError(`${shown(text)} is not a header; write -H 'name: value'`);
  return header;
}

/** What `parseHeader` reads as this header. */
export function writeHeader(header: unknown): string {
  const [name, value] = header as readonly [string, string];
  return `${name}: ${value}`;
}

/** The first of several words, where it looks like a name; anything else may be a token. */
function shown(text: string): string {
  const first = /^\s*([a-z]+(?:-[a-z]+)*)\s+\S/i.exec(text)?.[1];
  const { length } = text;
  return first === undefined
    ? `a text of ${length} ${length === 1 ? 'character' : 'characters'}`
    : `'${first} …'`;
}

/** `${NAME}`, or `$${NAME}`, which is no variable. */
const VARIABLE = /(\$?)\$\{([A-Za-z_]\w*)\}/g;

/** The variables of the environment that a header's value names. */
export function variablesIn(value: string): string[] {
  return Array.from(value.matchAll(VARIABLE)).flatMap(([, dollar, name]) => (dollar === '' ? [name] : []));
}

/** `${NAME}` taken from the environment; a name that is not set is an error rather than an empty secret. `$${NAME}` is literal. */
function expandVariables(text: string, env: Environment, where: string): string {
  return text.replace(VARIABLE, (whole, dollar: string, name: string) => {
    if (dollar !== '') return whole.slice(1);
    const value = env[name];
    if (value === undefined)
      throw new UsageError(
        `${where} uses \${${name}}, which is not set in the environment; for the literal text, write $\${${name}}`,
      );
    return value;
  });
}

/** The metadata for the library: several values of one name stay several; -bin values become bytes. */
export function metadataOf(
  headers: readonly (readonly [string, string])[],
  env: Environment,
): [string, string | Uint8Array][] {
  return headers.map(([name, raw]) => {
    const value = expandVariables(raw, env, `the header '${name}'`);
    return [name, name.endsWith('-bin') ? base64(name, value) : value];
  });
}

function base64(name: string, value: string): Uint8Array {
  const bytes = fromBase64(value);
  if (bytes === undefined) throw new LocalError(`the header '${name}' is binary: its value must be base64`);
  return bytes;
}
