// A config file: named targets, and defaults for options, by the options' names in camel case. YAML is read by the
// package yaml, which is imported only when needed.

import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { suggestion } from '../../values/nearest-names.ts';
import { messageOf } from '../../values/realm.ts';
import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { type OptionDefinition, optionName } from '../command/command-definition.ts';
import { LocalError } from '../command/failure.ts';
import { schemaPath } from '../command/target.ts';
import { SHARED_OPTIONS } from '../options/all.ts';
import type { Configured } from './config.ts';

type Values = Record<string, unknown>;
type Headers = readonly (readonly [string, string])[];

/** The options that are lists of headers, by what they are called in the file. */
const HEADERS: ReadonlyMap<string, string> = new Map([
  ['headers', 'header'],
  ['rpcHeaders', 'rpcHeader'],
  ['reflectHeaders', 'reflectHeader'],
]);
const NOT_IN_FILES = new Set(['config', 'header', 'rpcHeader', 'reflectHeader', 'verbose']);
/** One of these given on the command line takes the other out of the file. */
const EXCLUSIVE: readonly (readonly [string, string])[] = [['plaintext', 'tls']];
/** Options that say where a call goes, or who can listen on the way. */
const ROUTING = ['proxy', 'authority', 'serverName', 'plaintext', 'tls', 'insecure'] as const;
/** A file that anybody may write to is nobody's own. */
const WRITABLE_BY_ALL = 0o002;

export interface ConfigFile {
  readonly path: string;
  /** Names of targets. */
  readonly targets: readonly string[];
  /** Variables for files of requests, by the name of the environment. */
  readonly environments: ReadonlyMap<string, object>;
  apply<Options extends object>(word: string | undefined, options: Options): Configured<Options>;
}

/**
 * Whose a file is, in words, if it is neither the user's nor root's; undefined where it can be believed.
 * @param user the id of the user; undefined on Windows, where nobody is asked
 */
export function whyUntrusted(path: string, user: number | undefined): string | undefined {
  if (user === undefined) return undefined;
  try {
    // A link is its owner's word for what lies behind it.
    for (const stat of [lstatSync(path), statSync(path)]) {
      const { uid, mode } = stat;
      if (uid !== user && uid !== 0) return `belongs to another user (id ${uid})`;
      const isOpen = !stat.isSymbolicLink() && (mode & WRITABLE_BY_ALL) !== 0;
      if (isOpen) return 'can be written to by every user';
    }
    return undefined;
  } catch {
    // What cannot be looked at cannot be read either, and reading says why.
    return undefined;
  }
}

/** Whether a word is an address, and so no name that a file could give another one. */
function isAddress(word: string): boolean {
  return /[.:/\\[\]@%]/.test(word) || /^\d+$/.test(word) || word.toLowerCase() === 'localhost';
}

/** Reads a config file. LocalError that names the file and the place in it. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const document = await parsed(path);
  const { targets: given = {}, environments = {}, $schema: _, ...defaults } = asObject(document, path);
  const targets = asObject(given, `${path}: targets`);
  const common = valuesOf(defaults, path, '', ['environments', 'targets']);
  const names = Object.keys(targets).filter((name) => !isAddress(name));
  return {
    path,
    targets: names,
    environments: environmentsOf(environments, path),
    apply: (word, options) => {
      const isListed = word !== undefined && Object.hasOwn(targets, word);
      if (!isListed || isAddress(word)) {
        const merge = merged([options, common]);
        const unused = isListed
          ? `${word} is an address, so targets.${word} is not used`
          : nearTarget(word, names);
        const said = unused === undefined ? [] : [unused];
        return { word, options: merge, routing: routingOf(said, options, merge) };
      }
      const where = `targets.${word}`;
      const { address, ...own } = asObject(targets[word], `${path}: ${where}`);
      const values = valuesOf(own, path, `${where}.`, ['address']);
      if (typeof address !== 'string' || address === '') {
        throw new LocalError(`${path}: ${where} needs an address, such as "localhost:50051"`);
      }
      const merge = merged([options, values, common]);
      return { word: address, options: merge, routing: routingOf([`${word} is ${address}`], options, merge) };
    },
  };
}

function environmentsOf(given: unknown, path: string): ReadonlyMap<string, object> {
  const all = Object.entries(asObject(given, `${path}: environments`));
  return new Map(all.map(([name, value]) => [name, asObject(value, `${path}: environments.${name}`)]));
}

/** A hint for a host name that is close to a target's name; it may still be a host. */
function nearTarget(word: string | undefined, names: readonly string[]): string | undefined {
  if (word === undefined || isAddress(word) || schemaPath(word) !== undefined) return undefined;
  const near = suggestion(word, names);
  return near === '' ? undefined : `${word} is taken as a host, since it is not a named target${near}`;
}

/** `prod is https://api.example.com, with proxy http://localhost:3128` */
function routingOf(said: readonly string[], given: object, merge: object): string | undefined {
  const parts = [...said];
  const [before, after] = [given as Values, merge as Values];
  for (const name of ROUTING) {
    if (before[name] !== undefined || after[name] === undefined) continue;
    const value = after[name];
    parts.push(value === true ? `with ${name}` : `with ${name} ${withoutPassword(String(value))}`);
  }
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** Also for what is not a URL: it is shown before it is refused. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1');
}

async function parsed(path: string): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LocalError(`cannot read the config file ${path}: ${messageOf(error)}`);
  }
  if (/\.ya?ml$/.test(path)) {
    const { parseYaml } = await import('./yaml-text.ts');
    try {
      return parseYaml(text);
    } catch (error) {
      throw new LocalError(`${path}: not YAML${yamlPlace(error)}`);
    }
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // What stands in a place that is wrong may be a secret.
    throw new LocalError(`${path}: not JSON: ${error.message.replace(/, found .*$/s, '')}`);
  }
}

/** Where, and by which rule of the reader: its own words quote the file, which may hold secrets. */
function yamlPlace(error: unknown): string {
  const { linePos, code } = (error ?? {}) as { linePos?: [{ line: number; col: number }]; code?: string };
  const place = linePos === undefined ? '' : `: ${linePos[0].line}:${linePos[0].col}`;
  return code === undefined ? place : `${place} (${code})`;
}

function asObject(value: unknown, where: string): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LocalError(`${where} must be an object`);
  }
  return value as Values;
}

/**
 * The options that a part of the file sets, parsed as those of the command line are.
 * @param others what else there may be in that part
 */
function valuesOf(part: Values, path: string, prefix: string, others: readonly string[]): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(part)) {
    const where = `${path}: ${prefix}${name}`;
    const header = HEADERS.get(name);
    if (header !== undefined) {
      values[header] = Object.entries(asObject(value, where)).map(([key, text]) => [
        key.toLowerCase(),
        headerText(text, `${where}.${key}`),
      ]);
      continue;
    }
    const definition = SHARED_OPTIONS.find(
      ({ flags }) => optionName(flags) === name && !NOT_IN_FILES.has(name),
    );
    if (definition === undefined) {
      const options = SHARED_OPTIONS.map(({ flags }) => optionName(flags));
      const known = [...HEADERS.keys(), ...new Set(options)].filter((one) => !NOT_IN_FILES.has(one));
      known.push(...others);
      const near = suggestion(name, known);
      // The whole list is forty names long: it hides the one that was meant.
      throw new LocalError(`${where} is not known${near === '' ? `; there are ${known.join(', ')}` : near}`);
    }
    values[name] = optionValue(definition, value, where, dirname(path));
  }
  return values;
}

/** One of JSON's that JavaScript cannot hold exactly is an object, whose text has all its digits. */
const isNumber = (value: unknown): boolean => typeof value === 'number' || value instanceof Number;

function headerText(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || isNumber(value)) return String(value);
  throw new LocalError(`${where} must be a string, a number, true or false`);
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
    if (typeof text !== 'string' && !isNumber(text))
      throw new LocalError(`${where} must be a string, as in ${flags}`);
    if (choices !== undefined && !choices.includes(String(text))) {
      throw new LocalError(`${where} must be one of ${choices.join(', ')}, not ${JSON.stringify(text)}`);
    }
    if (isPath === true && text !== 'system') return resolve(directory, String(text));
    try {
      return parse === undefined ? String(text) : parse(String(text));
    } catch (error) {
      throw new LocalError(`${where}: ${messageOf(error)}`);
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
