// The checks of the `credentials` option. Messages never show the value, which is a secret.

import type { CredentialsSource } from '../rpc/call-credentials.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import { Metadata } from '../values/metadata.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';
import { isCallCredentials, isChannelCredentials } from '../values/options/foreign-options.ts';
import { classNameOf, isMap } from '../values/realm.ts';
import type { Credentials } from './credentials.ts';

/**
 * The credentials of a call or client, in order, after those that they are added to; undefined if there are none.
 * TypeError for anything that is not credentials.
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
    throw notCredentials(
      one === null ? 'null' : Array.isArray(one) ? 'an array in an array' : `a ${typeof one}`,
    );
  }
  const name = classNameOf(one);
  if (name !== undefined && !isMetadata) checkClass(one, name);
  return fieldsOfInput(one as MetadataInput) ?? [];
}

/** TypeError for objects of other libraries, and for objects without own entries, for which nothing would be sent. */
function checkClass(one: object, name: string): void {
  if (isChannelCredentials(one)) {
    throw notCredentials(
      `the channel credentials of another library (${name}); leave them out for plaintext, and give tls: true for TLS`,
    );
  }
  if (isCallCredentials(one)) {
    throw notCredentials(
      `the call credentials of another library (${name}); give a function such as async () => ({ authorization: … })`,
    );
  }
  if (typeof Reflect.get(one, 'getRequestHeaders') === 'function') {
    throw notCredentials(`an object of the class ${name}; wrap it: googleCredentials({ auth: … })`);
  }
  if (typeof Reflect.get(one, 'then') === 'function') throw notCredentials(`a ${name}; await it first`);
  if (Object.keys(one).length === 0) throw notCredentials(`an object of the class ${name}`);
}

function notCredentials(what: string): TypeError {
  return new TypeError(
    `credentials must be metadata such as { authorization: … }, a function that returns it, or an array of these, not ${what}`,
  );
}

/** TypeError where credentials would cross the network readable by anyone. */
export function refuseOverPlaintext(server: string): never {
  throw new TypeError(
    `credentials are not sent over plaintext, and the connection to ${server} is plaintext; use TLS (an https:// target, or the tls option), or allow it explicitly: allowCredentialsOverPlaintext: true`,
  );
}
