// The files of a plan that pods find in their ConfigMap: the schema, requests, certificates. It knows how much fits.

import { freeName } from '../../../values/free-name.ts';
import { LocalError } from '../../command/failure.ts';
import { formatBytes } from '../../command/quantity.ts';

/** Where pods find them, and those of the Secret. */
export const PLAN_FOLDER = '/plan';
export const SECRET_FOLDER = '/secret';

/** All values of a ConfigMap together (ValidateConfigMap in pkg/apis/core/validation). */
const MAX_CONFIG_MAP_BYTES = 1024 * 1024;

export interface PlanFile {
  readonly name: string;
  readonly bytes: Buffer;
}

export class PlanFiles {
  readonly #files: PlanFile[] = [];

  get files(): readonly PlanFile[] {
    return this.#files;
  }

  /** Gives the path in a pod. Same bytes are one file. */
  add(stem: string, ending: string, bytes: Uint8Array): string {
    const buffer = Buffer.from(bytes);
    const same = this.#files.find((file) => file.bytes.equals(buffer) && file.name.endsWith(ending));
    if (same !== undefined) return `${PLAN_FOLDER}/${same.name}`;
    const isTaken = (free: string): boolean => this.#files.some((file) => file.name === `${free}${ending}`);
    const name = `${freeName(stem, isTaken, '-')}${ending}`;
    this.#files.push({ name, bytes: buffer });
    return `${PLAN_FOLDER}/${name}`;
  }

  /** Throws a LocalError where they are more than a ConfigMap holds. */
  checkSize(): void {
    const total = this.#files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (total <= MAX_CONFIG_MAP_BYTES) return;
    const sizes = this.#files
      .toSorted((one, other) => other.bytes.length - one.bytes.length)
      .map(({ name, bytes }) => `${name} ${formatBytes(bytes.length)}`);
    throw new LocalError(
      `the plan is ${formatBytes(total)} of files (${sizes.join(', ')}), and a ConfigMap holds ${formatBytes(MAX_CONFIG_MAP_BYTES)}; give fewer requests, only the .proto files of the service, or no schema where the server has reflection`,
    );
  }
}

/** As text where it is UTF-8 that YAML can say, which people can read; undefined for anything else. */
export function textOf({ bytes }: PlanFile): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a text has not
    return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
