// The texts of the bundled schemas, from the repository's directory `protos`. What is built runs where there are no
// files beside it (bundles, Lambda, a single executable): there scripts/bundled-texts.js puts a module with the same
// export in the place of this one, which has the texts in it. It is large, so it is imported on demand.

import { readShipped } from './shipped-file.ts';

/** The text of the file that is imported by this name; undefined when there is none. */
export function bundledText(name: string): string | undefined {
  return readShipped(name);
}
