// Where the variables of a run come from besides the files: --var, an environment of the config file, the process's
// environment, and a file of secrets.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SourceNode } from '../../requests/file/source-file.ts';
import { type Environment, layerOfNodes, type VariableLayer } from '../../requests/run/variables.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { suggestion } from '../../values/nearest-names.ts';
import { isSecret } from '../../values/secret-metadata.ts';
import { JsonNumber } from '../../values/text/json-text.ts';
import { openConfig, REPOSITORIES } from '../client/config.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import { fileBytes } from '../command/file-bytes.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import type { VariableValues } from '../options/variables.ts';

export interface GivenVariables {
  /** The first that has a name says what it is. */
  readonly layers: readonly VariableLayer[];
  readonly environment: Environment;
}

export async function givenVariables(
  options: VariableValues & { readonly config?: string | false },
  io: Io,
  hidden: Secrets,
): Promise<GivenVariables> {
  for (const [name, text] of options.var ?? []) {
    if (isSecret(name.toLowerCase(), text)) hidden.addCaptured(name, text);
  }
  const given = new Map((options.var ?? []).map(([name, text]) => [name, nodeOf(text)]));
  const layers = [layerOfNodes(given)];
  if (options.env !== undefined) layers.push(await environmentLayer(options.env, options, io));
  const secrets = options.secrets === undefined ? undefined : readSecrets(options.secrets);
  return {
    layers,
    environment: {
      get: (name) => io.env[name] ?? secrets?.get(name),
      where: secrets === undefined ? 'the environment' : `the environment, nor in ${options.secrets}`,
    },
  };
}

async function environmentLayer(
  name: string,
  options: { readonly config?: string | false },
  io: Io,
): Promise<VariableLayer> {
  const file = await openConfig(options, io, (text) => notice(io, text));
  if (file === undefined) {
    throw new UsageError(`--env ${name} needs a config file with environments; none was found`);
  }
  const found = file.environments.get(name);
  if (found === undefined) {
    const names = [...file.environments.keys()];
    const near = suggestion(name, names);
    const list = names.length === 0 ? '; it has none' : `; it has ${names.join(', ')}`;
    throw new UsageError(`${file.path} has no environment '${name}'${near === '' ? list : near}`);
  }
  return layerOfNodes(new Map(Object.entries(found).map(([key, value]) => [key, nodeOf(value)])));
}

/** A value of JSON as a node, so that variables in it are filled in, too. */
function nodeOf(value: unknown): SourceNode {
  if (Array.isArray(value)) return { kind: 'list', at: 0, items: value.map(nodeOf) };
  if (value instanceof JsonNumber) return { kind: 'scalar', at: 0, value: wholeOf(value) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => ({ key, keyAt: 0, value: nodeOf(item) }));
    return { kind: 'map', at: 0, entries };
  }
  return { kind: 'scalar', at: 0, value: value as string | number | boolean | null };
}

function wholeOf(number: JsonNumber): bigint | number {
  return /^-?\d+$/.test(String(number)) ? BigInt(String(number)) : Number(number);
}

/** `NAME=value` lines; empty ones and those that begin with # say nothing. Errors do not quote what may be a secret. */
function readSecrets(path: string): ReadonlyMap<string, string> {
  const inside = repositoryOf(path);
  if (inside !== undefined) {
    throw new UsageError(
      `${path} is inside of the repository ${inside}; secrets belong outside, where they cannot be committed`,
    );
  }
  const secrets = new Map<string, string>();
  for (const [index, line] of fileBytes(path).toString('utf8').split(/\r?\n/).entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match === null) throw new LocalError(`${path}:${index + 1}:1: not of the form NAME=value`);
    secrets.set(match[1], match[2].replace(/^(["'])(.*)\1$/s, '$2'));
  }
  return secrets;
}

function repositoryOf(path: string): string | undefined {
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    if (REPOSITORIES.some((name) => existsSync(join(at, name)))) return at;
    if (dirname(at) === at) return undefined;
  }
}
