// Metadata as it is written on the command line and in config files.

import { LocalError, UsageError } from './failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `name: value` in two. */
export function parseHeader(text: string): readonly [string, string] {
  const match = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/s.exec(text);
  if (match === null) throw new UsageError(`'${text}' is not a header; write -H 'name: value'`);
  return [match[1].toLowerCase(), match[2]];
}

/** `${NAME}` taken from the environment; a name that is not set is an error rather than an empty secret. */
function expandVariables(text: string, env: Environment, where: string): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined)
      throw new UsageError(`${where} asks for \${${name}}, which is not set in the environment`);
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
  const standard = value.replaceAll('-', '+').replaceAll('_', '/');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard) || standard.replace(/=+$/, '').length % 4 === 1) {
    throw new LocalError(`the header '${name}' is binary: its value must be base64, which '${value}' is not`);
  }
  return Buffer.from(standard, 'base64');
}
