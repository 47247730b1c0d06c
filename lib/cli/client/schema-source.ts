// Where a command's schema comes from: a server, or files named in its place, or both; and what of it is fetched.

import type { Client } from '../../index.ts';
import { UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { isStdinPath } from '../command/standard-input.ts';
import { looksLikeTarget, schemaPath } from '../command/target.ts';
import { TimeLimit } from '../command/time-limit.ts';
import { type SchemaValues, schemaFiles } from '../options/schema-options.ts';
import { configured } from './config.ts';
import { connect, type TargetValues } from './connect.ts';

export type SourceValues = TargetValues & SchemaValues;

export interface Source {
  readonly client: Client;
  /** The words behind the source. */
  readonly words: readonly string[];
  /** How messages name it. */
  readonly name: string;
  readonly isServer: boolean;
}

/** Nothing is ever dialled for it. */
const NOWHERE = 'localhost:1';

/** Loads what --proto and --protoset name. */
export async function loadFiles(client: Client, options: SchemaValues, io: Io): Promise<boolean> {
  const files = schemaFiles(options);
  if (files.length === 0) {
    if (options.importPath !== undefined) {
      throw new UsageError('--import-path is only for the imports of --proto, which was not given');
    }
    return false;
  }
  checkStdin(files, io);
  await load(client, files, options);
  return true;
}

async function load(
  client: Client,
  paths: readonly string[],
  { importPath = [] }: SchemaValues,
): Promise<void> {
  // The library has no word of its own for it.
  const files = paths.map((path) => (path === '-' ? '/dev/stdin' : path));
  await client.load(files, { includeDirs: importPath, lazy: true });
}

/** Throws a UsageError where standard input is named and holds no schema, or is named twice. */
function checkStdin(paths: readonly string[], io: Io): void {
  const named = paths.filter(isStdinPath);
  if (named.length === 0) return;
  if (named.length > 1) throw new UsageError('standard input can be read only once; use it for one schema');
  const input = io.standardInput();
  if (input === 'piped') return;
  const what = input === 'terminal' ? 'which is a terminal' : 'where nothing is piped in';
  throw new UsageError(`'${named[0]}' is standard input, ${what}; pipe a schema in, or name a file`);
}

/**
 * A source that is all there: `words` may begin with a target, or with a path to schema files; with --proto or
 * --protoset neither is needed.
 * @param services only these of a server
 */
export async function openSource(
  words: readonly string[],
  given: SourceValues,
  io: Io,
  services?: readonly string[],
): Promise<Source> {
  const [named, ...rest] = words;
  const { word: first, options } = await configured(named, given, io);
  const hasFiles = options.proto !== undefined || options.protoset !== undefined;
  // Beside files a plain word is a symbol, whatever else is called like it.
  const mayBePath = !hasFiles || (first !== undefined && (isStdinPath(first) || /[/\\.]/.test(first)));
  if (first !== undefined && mayBePath && schemaPath(first) !== undefined) {
    const client = schemaOnlyClient(io);
    checkStdin([first, ...schemaFiles(options)], io);
    await load(client, [first], options);
    if (hasFiles) await loadFiles(client, options, io);
    return { client, words: rest, name: first, isServer: false };
  }
  if (hasFiles && options.reflect !== true) {
    const client = schemaOnlyClient(io);
    await loadFiles(client, options, io);
    // A target is welcome, and not asked.
    const isTarget = first !== undefined && looksLikeTarget(first);
    return { client, words: isTarget || first !== named ? rest : words, name: 'the files', isServer: false };
  }
  if (first === undefined) {
    throw new UsageError('give a target (host:port), a schema file, or --proto or --protoset');
  }
  if (options.reflect === false) {
    throw new UsageError('--no-reflect leaves no schema; give --proto or --protoset');
  }
  const { client, target } = connect(first, options, io.env);
  await loadFiles(client, options, io);
  await new TimeLimit(options.timeout).loading(target.text, client, (timeoutMs) =>
    client.reflect({ services, signal: io.signal, timeoutMs }),
  );
  return { client, words: rest, name: target.text, isServer: true };
}

/** A client for schemas alone. */
function schemaOnlyClient(io: Io): Client {
  return connect(NOWHERE, {}, io.env).client;
}
