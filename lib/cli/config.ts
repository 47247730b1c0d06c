// The config file, found up the tree: whether there is one, and what it says about a target. What is in it is read by
// config-file.ts, which is imported only when there is one.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CONFIG_NAMES: readonly string[] = [
  'stubless.config.json',
  'stubless.config.yaml',
  'stubless.config.yml',
];

export interface Configured<Options> {
  readonly word: string | undefined;
  readonly options: Options;
}

interface ConfigChoice {
  readonly config?: string | false;
}

/** The nearest config file from a directory upwards. */
export function findConfig(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const found = CONFIG_NAMES.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined || dirname(at) === at) return found;
  }
}

/**
 * A target's word with its name replaced by its address, and the options with what the config file adds: what the
 * command line says comes first, then the target's, then the file's.
 */
export async function configured<Options extends ConfigChoice>(
  word: string | undefined,
  options: Options,
): Promise<Configured<Options>> {
  const path = options.config === false ? undefined : (options.config ?? findConfig(process.cwd()));
  if (path === undefined) return { word, options };
  const { readConfig } = await import('./config-file.ts');
  return (await readConfig(path)).apply(word, options);
}
