// What a type is called in TypeScript: its own name if no other type has it, else its full name with underscores for
// dots.

import { lastPart } from '../descriptors/names.ts';

/** Names that the declarations themselves use, or TypeScript. */
const TAKEN: readonly string[] = (
  'JsonValue JsonObject AnyMessage Messages MessageInputs Services Date Uint8Array ArrayBuffer ReadonlyMap ' +
  'Float64Array Float32Array Int32Array Uint32Array BigInt64Array BigUint64Array ' +
  'any unknown never void null undefined object string number boolean bigint symbol true false this ' +
  'break case catch class const continue debugger default delete do else enum export extends finally for function if ' +
  'import in instanceof new return super switch throw try typeof var while with as implements interface let package ' +
  'private protected public static yield await async of type declare namespace module global intrinsic'
).split(' ');

export class TypeNames {
  readonly #names: ReadonlyMap<string, string>;

  /** For messages and enums with these full names; each becomes two types, one with the suffix `Input`. */
  constructor(fullNames: readonly string[]) {
    const taken = new Set(TAKEN);
    const counts = new Map<string, number>();
    const count = (name: string): void => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    };
    for (const fullName of fullNames) {
      count(lastPart(fullName));
      count(`${lastPart(fullName)}Input`);
    }
    const isAlone = (name: string): boolean => counts.get(name) === 1 && !taken.has(name);
    const names = new Map<string, string>();
    const long: string[] = [];
    for (const fullName of fullNames) {
      // `Outer_Inner` for a nested type would require knowing what is a package, so its last name has to do.
      const name = lastPart(fullName);
      if (isAlone(name) && isAlone(`${name}Input`)) names.set(fullName, name);
      else long.push(fullName);
    }
    for (const name of names.values()) taken.add(name).add(`${name}Input`);
    for (const fullName of long) {
      const base = fullName.replaceAll('.', '_');
      let name = base;
      for (let i = 2; taken.has(name) || taken.has(`${name}Input`); i++) name = `${base}_${i}`;
      taken.add(name).add(`${name}Input`);
      names.set(fullName, name);
    }
    this.#names = names;
  }

  /** The type in replies. */
  of(fullName: string): string {
    return this.#names.get(fullName) ?? 'unknown';
  }

  /** The type in requests. */
  input(fullName: string): string {
    const name = this.#names.get(fullName);
    return name === undefined ? 'unknown' : `${name}Input`;
  }
}
