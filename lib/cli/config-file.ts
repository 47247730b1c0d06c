// A config file: named targets, and defaults for options, under the options' own names in camel case. YAML is read by the
// package yaml, imported only for such a file.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type OptionDefinition, optionName } from './command.ts';
import type { Configured } from './config.ts';
import { LocalError } from './failure.ts';
import { jsonMistake } from './json-error.ts';
import { SHARED_OPTIONS } from './options/all.ts';

type Values = Record<string, unknown>;
type Headers = readonly (readonly [string, string])[];

/** The options that are lists of headers, by what they are called in the file. */
const HEADERS: Readonly<Record<string, string>> = {
  headers: 'header',
  rpcHeaders: 'rpcHeader',
  reflectHeaders: 'reflectHeader',
};
const NOT_IN_FILES = new Set(['config', 'header', 'rpcHeader', 'reflectHeader', 'verbose']);
/** One of these given on the command line takes the other out of the file. */
const EXCLUSIVE: readonly (readonly [string, string])[] = [['plaintext', 'tls']];

export interface ConfigFile {
  /** Names of targets. */
  readonly targets: readonly string[];
  apply<Options extends object>(word: string | undefined, options: Options): Configured<Options>;
}

/** Reads a config file. LocalError that names the file and the place in it. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const document = await parsed(path);
  const { targets: given = {}, $schema: _, ...defaults } = asObject(document, path);
  const targets = asObject(given, `${path}: targets`);
  const common = valuesOf(defaults, path, '');
  return {
    targets: Object.keys(targets),
    apply: (word, options) => {
      const hasTarget = word !== undefined && Object.hasOwn(targets, word);
      if (!hasTarget) return { word, options: merged([options, common]) };
      const { address, ...own } = asObject(targets[word], `${path}: targets.${word}`);
      if (typeof address !== 'string' || address === '') {
        throw new LocalError(`${path}: targets.${word} needs an address, such as "localhost:50051"`);
      }
      return { word: address, options: merged([options, valuesOf(own, path, `targets.${word}.`), common]) };
    },
  };
}

async function parsed(path: string): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LocalError(
      `cannot read the config file ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (/\.ya?ml$/.test(path)) {
    const { parseYaml } = await import('./yaml-text.ts');
    try {
      return parseYaml(text);
    } catch (error) {
      throw new LocalError(
        `${path}: not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      );
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new LocalError(`${path}: not JSON: ${jsonMistake(text) ?? 'it cannot be read'}`);
  }
}

function asObject(value: unknown, where: string): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LocalError(`${where} must be an object`);
  }
  return value as Values;
}

/** The options that a part of the file sets, parsed as those of the command line are. */
function valuesOf(part: Values, path: string, prefix: string): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(part)) {
    const where = `${path}: ${prefix}${name}`;
    const header = HEADERS[name];
    if (header !== undefined) {
      values[header] = Object.entries(asObject(value, where)).map(([key, text]) => [
        key.toLowerCase(),
        String(text),
      ]);
      continue;
    }
    const definition = SHARED_OPTIONS.find(
      ({ flags }) => optionName(flags) === name && !NOT_IN_FILES.has(name),
    );
    if (definition === undefined) {
      const known = [
        ...Object.keys(HEADERS),
        ...new Set(SHARED_OPTIONS.map(({ flags }) => optionName(flags))),
      ];
      throw new LocalError(
        `${where} is not known; there are ${known.filter((one) => !NOT_IN_FILES.has(one)).join(', ')}, targets`,
      );
    }
    values[name] = optionValue(definition, value, where, dirname(path));
  }
  return values;
}

function optionValue(
  definition: OptionDefinition,
  value: unknown,
  where: string,
  directory: string,
): unknown {
  const { flags, parse, choices, isRepeated, isPath } = definition;
  if (!flags.includes('<')) {
    if (typeof value !== 'boolean') throw new LocalError(`${where} must be true or false`);
    return value;
  }
  const one = (text: unknown): unknown => {
    if (typeof text !== 'string' && typeof text !== 'number')
      throw new LocalError(`${where} must be a text, as in ${flags}`);
    if (choices !== undefined && !choices.includes(String(text))) {
      throw new LocalError(`${where} must be one of ${choices.join(', ')}, not ${JSON.stringify(text)}`);
    }
    if (isPath === true && text !== 'system') return resolve(directory, String(text));
    try {
      return parse === undefined ? String(text) : parse(String(text));
    } catch (error) {
      throw new LocalError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  if (isRepeated === true) return (Array.isArray(value) ? value : [value]).map(one);
  return one(value);
}

/** The first of several that says something; headers add up by name. */
function merged<Options extends object>(layers: readonly [Options, ...object[]]): Options {
  const result: Values = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      const other = EXCLUSIVE.find((pair) => pair.includes(name))?.find((one) => one !== name);
      if (other !== undefined && result[other] !== undefined) continue;
      if (name.toLowerCase().endsWith('header') && Array.isArray(value)) {
        const before = (result[name] ?? []) as Headers;
        const taken = new Set(before.map(([key]) => key));
        result[name] = [...before, ...(value as Headers).filter(([key]) => !taken.has(key))];
      } else if (result[name] === undefined) result[name] = value;
    }
  }
  return result as Options;
}
