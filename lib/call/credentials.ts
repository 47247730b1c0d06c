// What makes credentials: bearer tokens, and Google's through google-auth-library. How they get into a call is
// rpc/call-credentials.ts. Messages never show a token.

import type { CredentialsContext, CredentialsFunction } from '../rpc/call-credentials.ts';
import { importModule } from '../values/foreign-modules.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';

export type { CredentialsContext, CredentialsFunction };

/**
 * Credentials: metadata, a function that gives it for each attempt of a call, or several of these, of which later ones
 * replace what earlier ones gave under the same name.
 */
export type Credentials =
  | Exclude<MetadataInput, readonly unknown[]>
  | CredentialsFunction
  | readonly (Exclude<MetadataInput, readonly unknown[]> | CredentialsFunction)[];

/** A token, or a function that gets one for a call. */
export type TokenSource = string | ((context: CredentialsContext) => string | Promise<string>);

/** RFC 6750 §2.1 allows fewer characters; tokens of the wild have others, none of them white space. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * Credentials that send `authorization: Bearer <token>` (RFC 6750). A function is asked for the token at each attempt
 * of a call, within its deadline; keeping one until it expires is up to the function.
 * Errors: TypeError for a token that is not printable ASCII, or holds white space.
 */
export function bearerToken(token: TokenSource): CredentialsFunction {
  if (typeof token !== 'function') {
    const metadata = bearer(token);
    return () => metadata;
  }
  return (context) => {
    const given = token(context);
    return typeof given === 'string' ? bearer(given) : Promise.resolve(given).then(bearer);
  };
}

function bearer(token: unknown): { readonly authorization: string } {
  if (typeof token !== 'string') throw new TypeError(`a token is a string, not ${typeof token}`);
  if (!TOKEN.test(token)) {
    throw new TypeError(
      token === ''
        ? 'the token is empty'
        : TOKEN.test(token.trim())
          ? 'the token begins or ends with white space; trim it'
          : /^bearer\s/i.test(token)
            ? "the token is given without 'Bearer', which is put before it"
            : 'the token holds white space, or characters that are not printable ASCII',
    );
  }
  return { authorization: `Bearer ${token}` };
}

/** A client of google-auth-library: `GoogleAuth`, `OAuth2Client`, `JWT`, `Compute`, … */
export interface GoogleAuthClient {
  /** The header fields that authorize a request to a URL. */
  getRequestHeaders(url?: string): Promise<Iterable<[string, string]> | { readonly [name: string]: string }>;
}

/** How Google's credentials are found. */
export interface GoogleCredentialsOptions {
  /** A ready client of google-auth-library, instead of all of the below. */
  readonly auth?: GoogleAuthClient | undefined;
  /** Default `https://www.googleapis.com/auth/cloud-platform`. */
  readonly scopes?: string | readonly string[] | undefined;
  /** A file with a service account's key or the like. Default: Application Default Credentials. */
  readonly keyFilename?: string | undefined;
  /** The contents of such a file. */
  readonly credentials?: object | undefined;
}

const DEFAULT_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GOOGLE_OPTIONS: readonly string[] = ['auth', 'scopes', 'keyFilename', 'credentials'];

/**
 * Credentials for Google's APIs: Application Default Credentials unless told otherwise. Needs the package
 * google-auth-library (10 or later), which is imported at the first call, and keeps tokens until they expire.
 * Errors: calls end with UNAUTHENTICATED, or UNAVAILABLE where Google cannot be reached; TypeError for wrong options.
 */
export function googleCredentials(options: GoogleCredentialsOptions = {}): CredentialsFunction {
  const unknown = Object.keys(options).find((name) => !GOOGLE_OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`googleCredentials has no option '${unknown}', only ${GOOGLE_OPTIONS.join(', ')}`);
  }
  const { auth, ...found } = options;
  if (auth !== undefined && typeof auth.getRequestHeaders !== 'function') {
    throw new TypeError('auth must be a client of google-auth-library, with getRequestHeaders(url)');
  }
  let made: Promise<GoogleAuthClient> | undefined = auth === undefined ? undefined : Promise.resolve(auth);
  return async ({ url }) => {
    // One that could not be made is made again: the package may be there, or the file, at the next call.
    made ??= makeGoogleAuth({ scopes: DEFAULT_SCOPE, ...found }).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    const headers = await (await made).getRequestHeaders(url);
    // A Headers object of fetch, or the record that earlier versions gave.
    return Symbol.iterator in headers ? [...headers] : headers;
  };
}

async function makeGoogleAuth(options: object): Promise<GoogleAuthClient> {
  let library: { readonly GoogleAuth: new (options: object) => GoogleAuthClient };
  try {
    library = (await importModule('google-auth-library')) as typeof library;
  } catch (cause) {
    throw new Error(
      'googleCredentials needs the package google-auth-library: npm install google-auth-library',
      {
        cause,
      },
    );
  }
  return new library.GoogleAuth(options);
}
