// The texts of the bundled schemas, from the repository's directory `protos`. Builds run without files next to them
// (bundles, Lambda, a single executable), so there scripts/bundled-texts.js replaces this module with one that has the
// same export and contains the texts. That one is large, so it is imported on demand.

import { readShipped } from './shipped-file.ts';

/** The text of the file that is imported by this name; undefined if it is not a bundled one. */
export function bundledText(name: string): string | undefined {
  return readShipped(name);
}
