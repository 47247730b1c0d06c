// A line of `bench` as the pods of a Job are to run it: files that it names become files of the plan, secrets keys of a
// Secret, what came on standard input or from a config file is written out; everything else stays as it was given.

import type { Secrets } from '../../../requests/secrets.ts';
import { isSecret } from '../../../values/secret-metadata.ts';
import { type OptionDefinition, type OptionGroup, optionName } from '../../command/command-definition.ts';
import { LocalError, UsageError } from '../../command/failure.ts';
import { fileBytes } from '../../command/file-bytes.ts';
import type { Environment } from '../../command/io.ts';
import { isStdin } from '../../command/standard-input.ts';
import type { ConnectionValues } from '../../options/connection.ts';
import { everyHeader, type RequestValues } from '../../options/request.ts';
import type { RequestDataValues } from '../../options/request-data.ts';
import { writtenOptions } from '../../options/written-options.ts';
import { parseHeader, writeHeader } from '../../requests/headers.ts';
import { ClusterSecrets, holdsPrivateKey } from './cluster-secrets.ts';
import { PlanFiles, SECRET_FOLDER } from './plan-files.ts';

export interface Line {
  readonly target: string;
  readonly method: string;
  readonly fields: readonly string[];
  readonly options: ConnectionValues & RequestValues & RequestDataValues;
  /** The groups of which options are carried over. */
  readonly groups: readonly OptionGroup[];
  /** The schema that the files of the line hold, as a FileDescriptorSet; undefined where only the server knows it. */
  readonly schema: Uint8Array | undefined;
  /** What was read from standard input as requests; undefined where nothing was. */
  readonly piped: Uint8Array | undefined;
  /** What files of requests have taken from the environment. */
  readonly secrets: Secrets;
}

export interface CarriedLine {
  /** The words behind `stubless`, as Kubernetes reads them. */
  readonly args: readonly string[];
  readonly plan: PlanFiles;
  readonly secrets: ClusterSecrets;
}

/** Options that say where files are, which the schema's one file stands for, or that this machine alone can follow. */
const NOT_CARRIED = new Set([
  'data',
  'proto',
  'importPath',
  'protoset',
  'config',
  'color',
  'env',
  'var',
  'secrets',
  'token',
  'shard',
  'startAt',
  'startGate',
  'gateTimeout',
  'result',
  'passphrase',
]);
/** Whether pods get an option with its value as it was given, or with a file of their own in place of one here. */
export const isCarried = ({ flags }: OptionDefinition): boolean => !NOT_CARRIED.has(optionName(flags));

/** Longer requests are a file: a word of a command line holds 128 KiB at most, and people read them better there. */
const MAX_INLINE_CHARACTERS = 1024;
const INPUT_ENDINGS = { json: '.json', text: '.txtpb', binary: '.bin' } as const;

/** Throws a LocalError for a file that cannot be read, and for a secret that would be in the plan. */
export function carriedLine(line: Line, env: Environment): CarriedLine {
  const plan = new PlanFiles();
  const { options, schema } = line;
  const named = everyHeader(options).map(([, value]) => variablesFor(value, line));
  const secrets = new ClusterSecrets(named);
  const args = ['bench', line.target, line.method, ...line.fields].map(literal);
  args.push(...dataWords(line, plan));
  if (schema !== undefined) args.push(`--protoset=${plan.add('schema', '.binpb', schema)}`);
  const definitions = line.groups.flatMap((group) => group.options).filter(isCarried);
  for (const { flag, text, definition } of writtenOptions(options, definitions)) {
    if (text === undefined) args.push(flag);
    else args.push(`${flag}=${valueInPod(optionName(definition.flags), text, line, plan, secrets)}`);
  }
  if (options.token !== undefined) {
    const header = secrets.header('authorization', `Bearer ${options.token}`);
    args.push(`--header=${literal(writeHeader(['authorization', header]))}`);
  }
  const hasKey = options.key !== undefined || options.pfx !== undefined;
  if (options.passphrase !== undefined || (hasKey && env['STUBLESS_PASSPHRASE'] !== undefined)) {
    secrets.namedVariable('STUBLESS_PASSPHRASE', 'the passphrase of the private key');
  }
  args.push('--no-config');
  plan.checkSize();
  return { args, plan, secrets };
}

/** Kubernetes reads `$(NAME)` in a word as a variable, and `$$` as one dollar sign. */
const literal = (word: string): string => word.replaceAll('$', '$$$$');

function dataWords({ options, piped, secrets }: Line, plan: PlanFiles): string[] {
  const { data = [], input = 'json' } = options;
  const ending = INPUT_ENDINGS[input];
  const inFile = (bytes: Uint8Array): string => `--data=@${plan.add('request', ending, bytes)}`;
  if (data.length === 0) return piped === undefined ? [] : [inFile(piped)];
  return data.map((one) => {
    if (isStdin(one)) return inFile(piped ?? new Uint8Array());
    if (one.startsWith('@')) return inFile(fileBytes(one.slice(1)));
    if (secrets.masked(one) !== one) {
      throw new LocalError(
        'a request holds a secret of the environment, which the manifest would show; write it as metadata, where it comes from the Secret',
      );
    }
    return one.length > MAX_INLINE_CHARACTERS || one.includes('\n')
      ? inFile(Buffer.from(one))
      : `--data=${literal(one)}`;
  });
}

function valueInPod(
  name: string,
  text: string,
  line: Line,
  plan: PlanFiles,
  secrets: ClusterSecrets,
): string {
  switch (name) {
    case 'ca':
      return text === 'system' || text === 'bundled' ? text : certificate('ca', text, plan, secrets);
    case 'cert':
      return certificate('client', text, plan, secrets);
    case 'key':
      return secretFile('client.key', text, secrets);
    case 'pfx':
      return secretFile('client.pfx', text, secrets);
    case 'header':
    case 'rpcHeader':
    case 'reflectHeader': {
      const [header, value] = parseHeader(text);
      return literal(writeHeader([header, secrets.header(header, variablesFor(value, line))]));
    }
    case 'proxy':
      return proxy(text, secrets);
    default:
      return literal(text);
  }
}

/** What a file of requests took from the environment, by its name again. */
const variablesFor = (value: string, { secrets }: Line): string =>
  secrets.replaced(value, ({ name }) => `\${${name}}`);

/** A certificate is nobody's secret; a private key beside it in the same file is. */
function certificate(stem: string, path: string, plan: PlanFiles, secrets: ClusterSecrets): string {
  const bytes = fileBytes(path);
  return holdsPrivateKey(bytes) ? secretFile(`${stem}.pem`, path, secrets) : plan.add(stem, '.pem', bytes);
}

function secretFile(name: string, path: string, secrets: ClusterSecrets): string {
  // That it is there shows now, and not in every pod.
  fileBytes(path);
  return `${SECRET_FOLDER}/${secrets.file(name, path)}`;
}

function proxy(url: string, secrets: ClusterSecrets): string {
  if (!URL.canParse(url)) throw new UsageError(`--proxy: '${url}' is not a URL; write http://host:port`);
  const { password } = new URL(url);
  if (password === '' && !isSecret('proxy', url)) return literal(url);
  // Kubernetes puts it in: no option of stubless reads a proxy from the environment alone.
  return `$(${secrets.variable('STUBLESS_PROXY', 'the URL of the proxy, with its password')})`;
}
