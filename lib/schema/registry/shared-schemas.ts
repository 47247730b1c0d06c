// Schemas that several clients load alike, each held once: parsed files, what is known of them, and the codecs made so far.
// A registry that two clients have is never added to, so neither sees what the other loads later; and one that is added to
// is offered to nobody as what it was. They are held weakly: a schema lives as long as a client that has it.

import type { ValueOptions } from '../codec/value-options.ts';
import { valueShape } from '../codec/value-shape.ts';
import { Registry } from './registry.ts';
import type { DescriptorSource } from './source-stage.ts';

/** The sources of each load, in order. */
export type Loads = readonly (readonly DescriptorSource[])[];

/** A registry of these loads alone, as one client has it, or several. */
export class SharedSchema {
  readonly registry: Registry;
  readonly loads: Loads;
  #isShared = false;
  #isOffered = true;

  constructor(registry: Registry, loads: Loads) {
    this.registry = registry;
    this.loads = loads;
  }

  /** Whether another client may have it, too. */
  get isOffered(): boolean {
    return this.#isOffered;
  }

  /** Another client has it from now on. Only while it is offered. */
  share(): this {
    this.#isShared = true;
    return this;
  }

  /** Takes it for the one client that has it, which then adds to the registry; false where another has it as well. */
  claim(): boolean {
    if (!this.#isShared) this.#isOffered = false;
    return !this.#isShared;
  }
}

export class SharedSchemas {
  /** By what can be told at once; the texts themselves are compared. */
  readonly #offers: Map<string, Set<WeakRef<SharedSchema>>> = new Map();
  readonly #dropped = new FinalizationRegistry<{ key: string; offer: WeakRef<SharedSchema> }>(
    ({ key, offer }) => {
      const offers = this.#offers.get(key);
      if (offers?.delete(offer) === true && offers.size === 0) this.#offers.delete(key);
    },
  );

  /** How many are remembered, of which some may be garbage by now. */
  get size(): number {
    let count = 0;
    for (const offers of this.#offers.values()) count += offers.size;
    return count;
  }

  /**
   * The schema of these loads: the one that other clients have, or else a new one. Throws SchemaError, as a registry does
   * that they are added to.
   * @param before what the client has of all loads but the last; given up for the result
   */
  of(values: ValueOptions, loads: Loads, before?: SharedSchema): SharedSchema {
    const key = keyOf(values, loads);
    const offers = key === undefined ? undefined : this.#offers.get(key);
    for (const offer of offers ?? []) {
      const schema = offer.deref();
      if (schema?.isOffered === true && areMadeOfSame(schema.loads, loads)) return schema.share();
    }
    const schema = new SharedSchema(registryOf(values, loads, before), loads);
    if (key !== undefined) this.#offer(key, schema);
    return schema;
  }

  #offer(key: string, schema: SharedSchema): void {
    const offer = new WeakRef(schema);
    const offers = this.#offers.get(key) ?? new Set();
    this.#offers.set(key, offers.add(offer));
    this.#dropped.register(schema, { key, offer });
  }
}

/** Those of this process. */
export const SHARED_SCHEMAS: SharedSchemas = new SharedSchemas();

/**
 * A registry of these loads that nobody else has.
 * @param before of all but the last, which is then added to that, if no other client has it
 */
export function registryOf(values: ValueOptions, loads: Loads, before?: SharedSchema): Registry {
  if (before?.claim() === true) {
    before.registry.addSources(loads[loads.length - 1]);
    return before.registry;
  }
  const registry = new Registry(values);
  for (const sources of loads) registry.addSources(sources);
  return registry;
}

/** Equal for what may be the same; undefined where that cannot be told. Messages depend on each of the value options. */
function keyOf(values: ValueOptions, loads: Loads): string | undefined {
  const lengths: string[] = [];
  for (const sources of loads) {
    for (const { madeOf } of sources) {
      if (madeOf === undefined) return undefined;
      lengths.push(madeOf.map((text) => text.length).join());
    }
    lengths.push('');
  }
  return `${Object.values(valueShape(values, true)).join()} ${lengths.join(' ')}`;
}

function areMadeOfSame(some: Loads, others: Loads): boolean {
  return areSame(some, others, (sources, other) =>
    areSame(sources, other, ({ madeOf = [] }, { madeOf: made = [] }) =>
      areSame(madeOf, made, (text, same) => text === same),
    ),
  );
}

function areSame<T>(
  some: readonly T[],
  others: readonly T[],
  isSame: (one: T, other: T) => boolean,
): boolean {
  return some.length === others.length && some.every((one, i) => isSame(one, others[i]));
}
