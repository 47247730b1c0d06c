// biome-ignore-all lint/suspicious/noTemplateCurlyInString: headers have such variables
// What of a line nobody may read in a manifest: tokens, passphrases, private keys. A Secret, which the user makes, holds
// them; the manifest names it, and its keys.

import { fromEnvironment } from '../../../requests/secrets.ts';
import { freeName } from '../../../values/free-name.ts';
import { isSecret } from '../../../values/secret-metadata.ts';
import { variablesIn } from '../../requests/headers.ts';

/** A key of the Secret. */
export interface SecretKey {
  readonly key: string;
  /** The file here that holds its value; undefined for a variable of the environment. */
  readonly file: string | undefined;
  /** What belongs into it, in words. */
  readonly says: string;
}

/** A private key in PEM, of any kind. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export const holdsPrivateKey = (bytes: Buffer): boolean => PRIVATE_KEY.test(bytes.toString('latin1'));

/** Collects the keys, each with a name of its own. */
export class ClusterSecrets {
  readonly #keys = new Map<string, SecretKey>();
  /** Variables that the line itself names: no key of another value may be called so. */
  readonly #named: ReadonlySet<string>;

  /** @param values of all headers of the line */
  constructor(values: readonly string[]) {
    this.#named = new Set(values.flatMap(variablesIn));
  }

  get keys(): readonly SecretKey[] {
    return [...this.#keys.values()];
  }

  get variables(): readonly string[] {
    return this.keys.filter(({ file }) => file === undefined).map(({ key }) => key);
  }

  get files(): readonly string[] {
    return this.keys.filter(({ file }) => file !== undefined).map(({ key }) => key);
  }

  /** A variable of the environment of every pod. Gives its name. */
  variable(wanted: string, says: string): string {
    return this.#add(wanted, undefined, says);
  }

  /** A variable that the line itself names: it is one, however often it stands there. */
  namedVariable(name: string, says = `what \${${name}} is`): void {
    this.#keys.set(name, { key: name, file: undefined, says });
  }

  /** A file that every pod finds beside the others. Gives its name there. */
  file(wanted: string, path: string): string {
    const same = this.keys.find(({ file }) => file === path);
    return same?.key ?? this.#add(wanted, path, path);
  }

  /** The value of a header without what is secret in it. Variables in it are the Secret's too. */
  header(name: string, value: string): string {
    const named = variablesIn(value);
    for (const variable of named) this.namedVariable(variable);
    if (named.length > 0 || !isSecret(name, value)) return value;
    const { variable, text } = fromEnvironment(name, value);
    const scheme = text.slice(0, text.indexOf('${'));
    const says = `the value of the header ${name}${scheme === '' ? '' : `, without '${scheme.trim()}'`}`;
    return `${scheme}\${${this.variable(variable, says)}}`;
  }

  #add(wanted: string, file: string | undefined, says: string): string {
    // A file keeps its ending; variables have none.
    const stem = wanted.replace(/\..*/s, '');
    const ending = wanted.slice(stem.length);
    const isTaken = (free: string): boolean => {
      const name = `${free}${ending}`;
      return this.#keys.has(name) || this.#named.has(name);
    };
    const key = `${freeName(stem, isTaken, file === undefined ? '_' : '-')}${ending}`;
    this.#keys.set(key, { key, file, says });
    return key;
  }
}
