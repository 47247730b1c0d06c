// The definitions that a schema refers to, each under the full name of its type: made on demand, one after the other, so that
// neither depth nor cycles of a schema matter.

import { setOwn } from '../../values/own-property.ts';
import { type FieldPlan, type Plan, PlanSet } from '../codec/plan.ts';
import type { EnumDefinition, MessageDefinition } from '../descriptors/symbol-table.ts';
import * as kind from '../descriptors/well-known-kind.ts';
import type { Registry } from '../registry/registry.ts';
import { type AnyContent, MAX_ANY_TYPES } from './any-contents.ts';
import { DeclaredNotes } from './declared-notes.ts';
import type { DocumentSize } from './document-size.ts';
import { MessageSchema } from './message-schema.ts';
import { ENUM_NUMBER, isScalarName, scalarDefinition } from './scalar-schema.ts';
import type { JsonSchema, SchemaForm } from './schema-form.ts';
import { wellKnownSchema } from './well-known-schema.ts';

const NULL_VALUE = 'google.protobuf.NullValue';
/** What the well-known types are, for those who write them. Their own comments are for those who write code. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [kind.TIMESTAMP, "A point in time as RFC 3339 text, such as '2026-01-31T12:00:00Z'"],
  [kind.DURATION, "A span of time in seconds, such as '1.5s'"],
  [kind.FIELD_MASK, "Paths of fields in lowerCamelCase, separated by commas, such as 'name,home.street'"],
  [kind.ANY, "A message of any type: '@type' names it, and its fields follow"],
  [kind.STRUCT, 'Any JSON object'],
  [kind.VALUE, 'Any JSON value'],
  [kind.LIST_VALUE, 'Any JSON array'],
]);

export class Definitions {
  readonly notes: DeclaredNotes;
  readonly messages: MessageSchema;
  readonly #registry: Registry;
  readonly #form: SchemaForm;
  readonly #more: ReadonlyMap<string, JsonSchema>;
  /** Plans of our own: the registry would keep its plans for good. */
  readonly #plans: PlanSet;
  /** Names that were referred to, in that order. */
  readonly #wanted: Set<string> = new Set();

  /** @param more definitions for names that the schema does not have */
  constructor(registry: Registry, form: SchemaForm, more: ReadonlyMap<string, JsonSchema> = new Map()) {
    this.#registry = registry;
    this.#form = form;
    this.#more = more;
    this.#plans = new PlanSet(registry.model, registry.shape, () => {});
    this.notes = new DeclaredNotes(registry);
    this.messages = new MessageSchema(form, this.notes, (name) => this.refer(name));
  }

  plan(fullName: string): Plan {
    return this.#plans.plan(fullName);
  }

  /** What leads to a definition, which is then among `all`. */
  refer(name: string): JsonSchema {
    this.#wanted.add(name);
    return { $ref: this.#form.place(name) };
  }

  /** What was referred to, and what that refers to. */
  *all(): Generator<readonly [name: string, schema: JsonSchema]> {
    // The set grows while it is iterated.
    for (const name of this.#wanted) yield [name, this.of(name)];
  }

  /** The same as one object, in the order of names. Throws what `size` throws where that is too large. */
  within(size: DocumentSize): Record<string, unknown> {
    const all: (readonly [string, JsonSchema])[] = [];
    for (const entry of this.all()) {
      size.take(entry);
      all.push(entry);
    }
    all.sort(([a], [b]) => (a < b ? -1 : 1));
    const definitions: Record<string, unknown> = {};
    for (const [name, schema] of all) setOwn(definitions, name, schema);
    return definitions;
  }

  /** One definition. */
  of(name: string): JsonSchema {
    if (isScalarName(name)) return scalarDefinition(name, this.#form);
    const definition = this.#registry.find(name);
    if (definition?.kind === 'enum') return this.#enum(definition);
    if (definition?.kind === 'message') return this.#message(definition);
    const other = this.#more.get(name);
    if (other === undefined) throw new TypeError(`${name} is neither a message nor an enum`);
    return other;
  }

  #titled(title: string, notes: JsonSchema, schema: JsonSchema): JsonSchema {
    return this.#form.isContract ? { ...notes, ...schema } : { title, ...notes, ...schema };
  }

  #message(definition: MessageDefinition): JsonSchema {
    const { fullName } = definition;
    const plan = this.plan(fullName);
    const fields = (): JsonSchema => this.messages.of(plan, this.#extensionsOf(plan));
    if (plan.wellKnown === kind.NOT_WELL_KNOWN) {
      return this.#titled(fullName, this.notes.ofDefinition(definition), fields());
    }
    const meaning = MEANINGS.get(plan.wellKnown);
    const schema = wellKnownSchema(
      plan.wellKnown,
      this.#form,
      fields,
      () => this.messages.one(plan.fields[0]),
      () => this.#anyContents(),
    );
    return this.#titled(fullName, meaning === undefined ? {} : { description: meaning }, schema);
  }

  /** The messages that are loaded; none where they are too many to be told in each document with an Any. */
  #anyContents(): readonly AnyContent[] {
    const names: string[] = [];
    for (const { kind: what, fullName, proto } of this.#registry.model.table.symbols.values()) {
      if (what !== 'message' || proto.options?.['mapEntry'] === true) continue;
      if (names.length === MAX_ANY_TYPES) return [];
      names.push(fullName);
    }
    // Each brings what it refers to into the document.
    return names.toSorted().map((name) => this.#anyContent(name));
  }

  #anyContent(typeName: string): AnyContent {
    const plan = this.plan(typeName);
    return plan.wellKnown === kind.NOT_WELL_KNOWN
      ? { typeName, fields: this.messages.of(plan, this.#extensionsOf(plan)), value: undefined }
      : { typeName, fields: undefined, value: this.refer(typeName) };
  }

  #extensionsOf(plan: Plan): FieldPlan[] {
    const numbers = this.#registry.model.table.extensions.get(plan.typeName)?.keys() ?? [];
    return [...numbers]
      .sort((a, b) => a - b)
      .map((number) => plan.find(number))
      .filter((field) => field !== undefined);
  }

  #enum(definition: EnumDefinition): JsonSchema {
    const { fullName } = definition;
    const type = this.#registry.model.enumeration(fullName);
    if (type === undefined) throw new TypeError(`${fullName} is not loaded`);
    const notes = this.notes.ofEnum(definition);
    return this.#titled(fullName, notes, this.#values(fullName, type.isClosed, type.numbers, type.names));
  }

  #values(
    fullName: string,
    isClosed: boolean,
    numbers: ReadonlyMap<string, number>,
    names: ReadonlyMap<number, string>,
  ): JsonSchema {
    const { isInput, isContract } = this.#form;
    if (!isInput && fullName === NULL_VALUE) return { type: 'null' };
    if (isContract) return { type: 'string', enum: [...names.values()] };
    const orNull = isInput && fullName === NULL_VALUE ? [{ type: 'null' }] : [];
    if (isClosed) {
      const known = [...names.keys()];
      const texts = known.flatMap((number) => (number === 0 ? ['0', '-0'] : [String(number)]));
      return { enum: isInput ? [...numbers.keys(), ...known, ...texts] : [...names.values()] };
    }
    // A newer server may send a number without a name here.
    const given = { type: 'integer', minimum: ENUM_NUMBER['minimum'], maximum: ENUM_NUMBER['maximum'] };
    return isInput
      ? { anyOf: [{ enum: [...numbers.keys()] }, ENUM_NUMBER, ...orNull] }
      : { anyOf: [{ enum: [...names.values()] }, given] };
  }
}
