// Which options are part of a plan, so that shards that differ in one are not taken for parts of one load: all that a command
// has, but for those that are listed here, each with its reason.

import { scryptSync } from 'node:crypto';
import { isSecret } from '../../../values/secret-metadata.ts';
import { longFlag, type OptionGroup, optionName } from '../../command/command-definition.ts';
import type { Environment } from '../../command/io.ts';
import { writtenOptions } from '../../options/written-options.ts';
import { metadataOf, variablesIn } from '../../requests/headers.ts';

const IN_PLAN = 'it is in the plan by a name of its own';
const OF_REQUESTS = 'what is made of it is in the plan: the hash of the requests';
const OF_SHARD = 'shards differ in it, or it says how they meet';
const OF_REPORT = 'it is of the report, and changes no call';
const OF_MANIFEST = 'it makes a manifest, and no calls';
const OF_SCHEMA =
  'it is of how the schema is found; the method and the requests that came of it are in the plan';
const OF_MACHINE =
  'machines differ in how they get to the server and prove who they are, and calls are the same';

/** By their names in the values of a command. */
export const NOT_IN_OPTIONS: Readonly<Record<string, string>> = {
  ...reasoned(IN_PLAN, 'concurrency', 'total', 'duration', 'rps', 'ramp', 'maxInFlight', 'warmUp'),
  ...reasoned(IN_PLAN, 'connections', 'messages', 'messageInterval', 'timeout'),
  ...reasoned(OF_REQUESTS, 'data', 'input', 'allowUnknown', 'env', 'var', 'secrets'),
  ...reasoned(OF_SHARD, 'threads', 'shard', 'startAt', 'startGate', 'gateTimeout', 'result'),
  ...reasoned(OF_REPORT, 'json', 'csv', 'html', 'openmetrics', 'k6Summary', 'otlp', 'fail', 'color'),
  ...reasoned(OF_MANIFEST, 'kubernetes', 'image', 'namespace', 'secretName'),
  ...reasoned(OF_SCHEMA, 'proto', 'importPath', 'protoset', 'reflect', 'reflectHeader', 'reflectMaxSize'),
  ...reasoned(OF_SCHEMA, 'reflectMaxFiles', 'reflectMaxElements', 'reflectMaxDepth', 'reflectMaxServices'),
  ...reasoned(OF_MACHINE, 'ca', 'cert', 'key', 'pfx', 'passphrase', 'insecure', 'proxy', 'config'),
};

function reasoned(reason: string, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}

/**
 * What was given of the others, by their flags without dashes. Secrets are hashes.
 * @param load what the hashes are of besides the secret, so that those of two loads tell nothing of each other
 */
export function planOptions(
  options: object,
  groups: readonly OptionGroup[],
  env: Environment,
  load: string,
): Readonly<Record<string, string>> {
  const definitions = groups
    .flatMap((group) => group.options)
    .filter(({ flags }) => !Object.hasOwn(NOT_IN_OPTIONS, optionName(flags)))
    // What turns something off says what is so without it too.
    .filter(({ flags }) => !longFlag(flags).startsWith('--no-'));
  const found: Record<string, string> = {};
  for (const { flag, text = 'yes', value } of writtenOptions(options, definitions)) {
    const name = flag.slice(2);
    const shown = shownValue(name, text, value, env, load);
    found[name] = Object.hasOwn(found, name) ? `${found[name]}, ${shown}` : shown;
  }
  return found;
}

function shownValue(name: string, text: string, value: unknown, env: Environment, load: string): string {
  if (name === 'token') return hashOf(text, load);
  if (!name.endsWith('header')) return text;
  const [header, raw] = value as readonly [string, string];
  const [[, sent]] = metadataOf([[header, raw]], env);
  // What comes from the environment is mostly what is not to be read.
  const isHidden = variablesIn(raw).length > 0 || isSecret(header, sent);
  return `${header}: ${isHidden ? hashOf(sent, load) : raw}`;
}

const HASH_OCTETS = 3;

/** Enough to tell two values apart, and not to find one by trying: it takes long to make, and many values have the same. */
function hashOf(secret: string | Uint8Array, load: string): string {
  return `secret of hash ${scryptSync(secret, load, HASH_OCTETS).toString('hex')}`;
}
