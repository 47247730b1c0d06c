// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Clients for requests out of files: one for each target, schema and protocol, as the command line, the config file and the
// file of requests say together.

import { dirname, relative, resolve } from 'node:path';
import { type Client, SchemaError } from '../../index.ts';
import type { SchemaChoice } from '../../requests/file/request-file.ts';
import { type OpenTarget, type TargetChoice, TargetProblem, type Targets } from '../../requests/run/plan.ts';
import { fromEnvironment, type Secrets } from '../../requests/secrets.ts';
import { isSecret, REDACTED } from '../../values/secret-metadata.ts';
import { configured } from '../client/config.ts';
import { connect, type TargetValues } from '../client/connect.ts';
import { loadFiles } from '../client/schema-source.ts';
import { optionName } from '../command/command-definition.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { SHARED_OPTIONS } from '../options/all.ts';
import { everyHeader } from '../options/request.ts';
import type { SchemaValues } from '../options/schema-options.ts';
import { writtenOptions } from '../options/written-options.ts';
import { variablesIn } from '../requests/headers.ts';

export type TargetOptions = TargetValues & SchemaValues & { readonly target?: string };

/** Options that say nothing to a `stubless call` of one request. */
const NOT_REPEATED = new Set(['color', 'verbose', 'output']);
const SECRET_OPTIONS = new Set(['token', 'passphrase']);

export class CommandTargets implements Targets {
  readonly #given: TargetOptions;
  readonly #io: Io;
  readonly #secrets: Secrets;
  readonly #open = new Map<string, Promise<OpenTarget>>();
  readonly #clients: Client[] = [];
  readonly #told = new Set<string>();
  readonly #values = new Map<Client, TargetValues & SchemaValues>();

  constructor(given: TargetOptions, io: Io, secrets: Secrets) {
    this.#given = given;
    this.#io = io;
    this.#secrets = secrets;
  }

  open(choice: TargetChoice, file: string): Promise<OpenTarget> {
    const { target, protocol, codec, compress } = choice;
    const schema = schemaOptions(this.#given, choice.schema, file);
    const key = JSON.stringify([this.#given.target ?? target, protocol, codec, compress, schema]);
    let opened = this.#open.get(key);
    if (opened === undefined) {
      opened = this.#connect(choice, schema);
      this.#open.set(key, opened);
    }
    return opened;
  }

  /** The options that a client was made with, before the config file added its own. */
  valuesOf(client: Client): TargetValues & SchemaValues {
    return this.#values.get(client) ?? {};
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close({ graceMs: 0 })));
  }

  async #connect(choice: TargetChoice, schema: SchemaValues): Promise<OpenTarget> {
    const word = this.#given.target ?? choice.target;
    if (word === undefined) {
      throw new TargetProblem(
        'target',
        'there is no target; write target: host:port in the file, or give --target',
      );
    }
    const { target: _, ...given } = this.#given;
    const wanted: TargetValues & SchemaValues = {
      ...given,
      ...defined({ protocol: choice.protocol, codec: choice.codec, compress: choice.compress }),
      ...schema,
    };
    const { word: address = word, options } = await configured(word, wanted, this.#io, (text) =>
      this.#tell(text),
    );
    hideOptions(this.#secrets, options, this.#io.env);
    const isOfFile = this.#given.target === undefined;
    const { client } = blaming('target', isOfFile, () => connect(address, options, this.#io.env));
    this.#clients.push(client);
    this.#values.set(client, wanted);
    try {
      await loadFiles(client, options, this.#io);
    } catch (error) {
      blaming('schema', Object.keys(schema).length > 0, () => {
        throw error;
      });
    }
    return { client, target: word, optionWords: optionWordsOf(wanted), timeoutMs: options.timeout };
  }

  /** What the config file changes is told once, however many files use it. */
  #tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    notice(this.#io, this.#secrets.masked(text));
  }
}

/** What goes along with every call is as secret as what files say. */
export function hideOptions(secrets: Secrets, options: TargetValues, env: Io['env']): void {
  if (options.token !== undefined) secrets.add('TOKEN', options.token);
  for (const [name, value] of everyHeader(options)) {
    const variables = variablesIn(value);
    for (const variable of variables) secrets.add(variable, env[variable] ?? '');
    if (variables.length > 0 || !isSecret(name, value)) continue;
    const { variable, secret } = fromEnvironment(name, value);
    secrets.add(variable, secret);
  }
}

/** Runs something; what is wrong with it is the file's mistake, if that said it. */
function blaming<T>(of: 'target' | 'schema', isOfFile: boolean, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isMistake =
      error instanceof UsageError || error instanceof LocalError || error instanceof SchemaError;
    if (!isMistake || !isOfFile) throw error;
    throw new TargetProblem(of, error.message.replace(/\s*\n\s*/, ' ').replace(/\s*\n\s*/g, ', '));
  }
}

/** Without what is undefined. */
function defined<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<{ [Name in keyof Values]: Exclude<Values[Name], undefined> }>;
}

/** What the command line says of the schema takes the place of what the file says. */
function schemaOptions(given: SchemaValues, schema: SchemaChoice | undefined, file: string): SchemaValues {
  const isGiven = given.proto !== undefined || given.protoset !== undefined || given.reflect !== undefined;
  if (schema === undefined || isGiven) return {};
  const folder = dirname(file);
  const path = (name: string): string => relative('.', resolve(folder, name)) || '.';
  const list = (names: readonly string[]) => (names.length === 0 ? undefined : names.map(path));
  return defined({
    proto: list(schema.proto),
    importPath: list(schema.importPath),
    protoset: list(schema.protoset),
    reflect: schema.reflect,
  });
}

/** The words that give options again, without secrets. */
function optionWordsOf(options: object): readonly string[] {
  const repeated = SHARED_OPTIONS.filter(({ flags }) => !NOT_REPEATED.has(optionName(flags)));
  return writtenOptions(options, repeated).flatMap(({ flag, text, value, definition }) => {
    if (text === undefined) return [flag];
    const name = optionName(definition.flags);
    if (SECRET_OPTIONS.has(name)) return [flag, REDACTED];
    return [flag, name.toLowerCase().endsWith('header') ? headerText(value as [string, string]) : text];
  });
}

const headerText = ([name, value]: readonly [string, string]): string =>
  `${name}: ${isSecret(name, value) && !value.includes('${') ? REDACTED : value}`;
