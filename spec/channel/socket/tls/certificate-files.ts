// Where the certificates of the TLS specs are, and what is in them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Specs run from the root of the repository. */
const DIRECTORY = join(process.cwd(), 'spec', 'channel', 'socket', 'tls', 'certificates');

export function certificatePath(name: string): string {
  return join(DIRECTORY, name);
}

/** The text of `name.pem`, or of any file with a dot in its name. */
export function pem(name: string): string {
  return readFileSync(certificatePath(name.includes('.') ? name : `${name}.pem`), 'utf8');
}

/** A certificate with its key, as node:tls takes them. */
export function pair(name: string): { readonly cert: string; readonly key: string } {
  return { cert: pem(name), key: pem(`${name}.key`) };
}
