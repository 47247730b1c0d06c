// Which files are meant: those that are named, and in folders all that are called like files of requests.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../command/failure.ts';
import { looksLikeTarget } from '../command/target.ts';
import { requestPlace } from './request-place.ts';

/** What files in folders are called; a file that is named may be called anything. */
const REQUEST_FILE = /\.requests\.(?:ya?ml|json)$/;
const LEFT_OUT = new Set(['node_modules']);

/** The files that words name, each once. UsageError where one names nothing. */
export function findRequestFiles(words: readonly string[]): readonly string[] {
  /** As they were named first, by where they are. */
  const found = new Map<string, string>();
  const add = (path: string): void => {
    const place = resolve(path);
    if (!found.has(place)) found.set(place, path);
  };
  for (const word of words.length === 0 ? ['.'] : words) {
    const stat = statSync(word, { throwIfNoEntry: false });
    if (stat === undefined) throw new UsageError(`there is no file or folder '${word}'${instead(word)}`);
    if (!stat.isDirectory()) {
      add(word);
      continue;
    }
    const inside = filesIn(word);
    if (inside.length === 0) {
      throw new UsageError(`no file in '${word}' is called *.requests.yaml, .yml or .json`);
    }
    for (const file of inside) add(file);
  }
  return [...found.values()];
}

/** What to write for a word that other commands take. */
function instead(word: string): string {
  const { path, name } = requestPlace(word);
  if (path !== '' && existsSync(path)) {
    return `; for one request of a file: stubless test ${path} --grep '${name}'`;
  }
  return looksLikeTarget(word) ? '; files say where they are sent, or --target does' : '';
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : join(folder, entry.name);
      if (entry.isDirectory()) {
        return entry.name.startsWith('.') || LEFT_OUT.has(entry.name) ? [] : filesIn(path);
      }
      return REQUEST_FILE.test(entry.name) ? [path] : [];
    });
}
