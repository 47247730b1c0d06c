// Where a command's schema comes from: a server, or files named in its place, or both; and what of it is fetched.

import { existsSync, statSync } from 'node:fs';
import type { Client } from '../index.ts';
import { configured } from './config.ts';
import { connect, type TargetValues } from './connect.ts';
import { UsageError } from './failure.ts';
import type { Io } from './io.ts';
import type { SchemaValues } from './options/schema.ts';
import { looksLikeTarget } from './target.ts';

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
const SCHEMA_FILE = /\.(?:proto|binpb|protoset|pb|desc|fds|bin|json)$/i;

/** Whether a word names schema files rather than a server. */
function isSchemaPath(word: string): boolean {
  if (SCHEMA_FILE.test(word)) return true;
  return /[/\\.]/.test(word) && existsSync(word) && !statSync(word).isSocket();
}

/** Loads what --proto and --protoset name. */
export async function loadFiles(client: Client, options: SchemaValues): Promise<boolean> {
  const files = [...(options.proto ?? []), ...(options.protoset ?? [])];
  if (files.length === 0) {
    if (options.importPath !== undefined) {
      throw new UsageError('--import-path is for the imports of --proto, which is not given');
    }
    return false;
  }
  await client.load(files, { includeDirs: options.importPath ?? [] });
  return true;
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
  const { word: first, options } = await configured(named, given);
  const hasFiles = options.proto !== undefined || options.protoset !== undefined;
  if (first !== undefined && !looksLikeTarget(first) && isSchemaPath(first)) {
    const client = fromNowhere(io);
    await client.load(first, { includeDirs: options.importPath ?? [] });
    if (hasFiles) await loadFiles(client, options);
    return { client, words: rest, name: first, isServer: false };
  }
  if (hasFiles && options.reflect !== true) {
    const client = fromNowhere(io);
    await loadFiles(client, options);
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
  await loadFiles(client, options);
  await client.reflect({ services, signal: io.signal, timeoutMs: options.timeout });
  return { client, words: rest, name: target.text, isServer: true };
}

/** A client for schemas alone. */
function fromNowhere(io: Io): Client {
  return connect(NOWHERE, {}, io.env).client;
}
