// Finds the project's config file, and applies what it says about a target. config-file.ts reads it, and is imported
// only if there is one.

import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { homeDirectory } from '../command/home.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import type { ConfigFile } from './config-file.ts';

const CONFIG_NAMES: readonly string[] = [
  'stubless.config.json',
  'stubless.config.yaml',
  'stubless.config.yml',
];
/** What lies in the root of a repository. */
export const REPOSITORIES: readonly string[] = ['.git', '.hg', '.jj', '.svn'];

export interface Configured<Options> {
  readonly word: string | undefined;
  readonly options: Options;
  /** What the file changes about where a call goes and how, in words; undefined where it leaves that alone. */
  readonly routing?: string | undefined;
}

interface ConfigChoice {
  readonly config?: string | false;
  readonly color?: boolean;
}

/**
 * The nearest config file from a directory upwards, as far as the project goes: to the root of the repository or the
 * home directory, whichever comes first.
 */
export function findConfig(directory: string, home: string | undefined): string | undefined {
  // The current directory is told without links, and the home directory as the user has it.
  const end = home === undefined || !existsSync(home) ? undefined : realpathSync(home);
  for (let at = directory; ; at = dirname(at)) {
    const found = CONFIG_NAMES.map((name) => join(at, name)).find((path) => existsSync(path));
    const isEnd = at === end || dirname(at) === at || REPOSITORIES.some((name) => existsSync(join(at, name)));
    if (found !== undefined || isEnd) return found;
  }
}

function foundConfig(env: Io['env']): string | undefined {
  let directory: string;
  try {
    directory = process.cwd();
  } catch {
    // It was removed; what cannot be read has no files.
    return undefined;
  }
  return findConfig(directory, homeDirectory(env));
}

/**
 * The config file that applies, if any. One that was found, rather than named with --config, must be the user's own;
 * otherwise `tell` gets the reason why it is ignored.
 */
export async function openConfig(
  { config }: ConfigChoice,
  { env }: Pick<Io, 'env'>,
  tell: (text: string) => void,
): Promise<ConfigFile | undefined> {
  if (config === false) return undefined;
  const path = config ?? foundConfig(env);
  if (path === undefined) return undefined;
  const { readConfig, whyUntrusted } = await import('./config-file.ts');
  const distrust = config === undefined ? whyUntrusted(path, process.geteuid?.()) : undefined;
  if (distrust === undefined) return readConfig(path);
  tell(`${path} ${distrust}, so it is not read; --config ${path} reads it anyway`);
  return undefined;
}

/**
 * A target's word with its name replaced by its address, and the options with what the config file adds: what the
 * command line says comes first, then the target's, then the file's. Colours are as these say from then on.
 */
export async function configured<Options extends ConfigChoice>(
  word: string | undefined,
  options: Options,
  io: Io,
  tell: (text: string) => void = (text) => notice(io, text),
): Promise<Configured<Options>> {
  const file = await openConfig(options, io, tell);
  const result: Configured<Options> = file === undefined ? { word, options } : file.apply(word, options);
  io.setColour(result.options.color);
  if (file !== undefined && result.routing !== undefined) {
    tell(`${result.routing} (${file.path})`);
  }
  return result;
}
