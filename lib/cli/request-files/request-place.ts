// FILE#NAME, a request of a file, as its two parts. Folders, files and names may hold a `#` themselves.

import { existsSync } from 'node:fs';

/** The path and the name: at a `#` behind the end of a file's name, the first of them where there is such a file. A word without one is a name. */
export function requestPlace(word: string): { readonly path: string; readonly name: string } {
  const places = Array.from(word.matchAll(/(?<=\.(?:ya?ml|json))#/gi), ({ index }) => index);
  const at = places.find((one) => existsSync(word.slice(0, one))) ?? places[0] ?? word.indexOf('#');
  return { path: word.slice(0, Math.max(at, 0)), name: word.slice(at + 1) };
}
