// The checks of the option `credentials`. Messages never show what was given.

import { isMap } from 'node:util/types';
import type { Credentials } from '../credentials.ts';
import { Metadata } from '../metadata.ts';
import type { MetadataInput } from '../metadata-entries.ts';
import type { CredentialsSource } from '../rpc/credentials.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';

/**
 * The credentials of a call or client, in order, behind those that they are added to; undefined where there are none.
 * TypeError when they are none.
 */
export function checkCredentials(
  credentials: Credentials | undefined,
  earlier: readonly CredentialsSource[] | undefined,
): readonly CredentialsSource[] | undefined {
  if (credentials === undefined) return earlier;
  const list: readonly unknown[] = Array.isArray(credentials) ? credentials : [credentials];
  const sources = list.map(checkOne);
  return sources.length === 0 ? earlier : [...(earlier ?? []), ...sources];
}

function checkOne(one: unknown): CredentialsSource {
  if (typeof one === 'function') return one as CredentialsSource;
  const isMetadata = one instanceof Metadata || isMap(one);
  if (typeof one !== 'object' || one === null || (Symbol.iterator in one && !isMetadata)) {
    throw new TypeError(
      `credentials must be metadata such as { authorization: … }, a function that gives it, or an array of these, not ${one === null ? 'null' : Array.isArray(one) ? 'an array in an array' : `a ${typeof one}`}`,
    );
  }
  return fieldsOfInput(one as MetadataInput) ?? [];
}

/** TypeError where credentials would go over the network for all to read. */
export function refuseOverPlaintext(server: string): never {
  throw new TypeError(
    `credentials are not sent over plaintext, and ${server} is spoken to in plaintext; use TLS (an https:// target, or the option tls), or allow it in as many words: allowCredentialsOverPlaintext: true`,
  );
}
