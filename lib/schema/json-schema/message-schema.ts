// The schema of one message by its fields: their spellings, values, what null means, which of them exclude each other. Refers
// to other types by name.

import { setOwn } from '../../values/own-property.ts';
import { type FieldPlan, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import { TYPE_ENUM } from '../descriptors/model.ts';
import type { DeclaredNotes } from './declared-notes.ts';
import { keySchema, scalarSchema } from './scalar-schema.ts';
import type { JsonSchema, SchemaForm } from './schema-form.ts';

const NULL: JsonSchema = { type: 'null' };
/** Validators that keep members in objects (ajv) do not see this one among `properties`. */
const UNSEEN_NAME = '__proto__';

/** Gives the schema that leads to a definition. */
export type Refer = (name: string) => JsonSchema;

export class MessageSchema {
  readonly #form: SchemaForm;
  readonly #notes: DeclaredNotes;
  readonly #refer: Refer;

  constructor(form: SchemaForm, notes: DeclaredNotes, refer: Refer) {
    this.#form = form;
    this.#notes = notes;
    this.#refer = refer;
  }

  /** The object that a message is, with the loaded extensions. */
  of(plan: Plan, extensions: readonly FieldPlan[]): JsonSchema {
    const { isInput, isContract } = this.#form;
    const spellings = isInput ? spellingsOf(plan) : new Map<FieldPlan, readonly string[]>();
    const namesOf = (field: FieldPlan): readonly string[] => spellings.get(field) ?? [this.nameOf(field)];
    const properties: Record<string, unknown> = {};
    const patternProperties: Record<string, unknown> = {};
    for (const field of [...plan.fields, ...extensions]) {
      const [name, ...others] = namesOf(field);
      const value = this.#member(field);
      put(properties, patternProperties, name, { ...this.#notes.ofField(field), ...value });
      // As patterns, other spellings are taken, and editors do not suggest them.
      for (const other of others) setOwn(patternProperties, `^${other}$`, value);
    }
    const conditions = isContract ? [] : this.#conditions(plan, namesOf);
    const required = this.#required(plan, namesOf);
    return {
      type: 'object',
      properties,
      ...(Object.keys(patternProperties).length > 0 ? { patternProperties } : {}),
      ...(isContract ? {} : { additionalProperties: false }),
      ...(required.length > 0 ? { required } : {}),
      ...(conditions.length > 0 ? { allOf: conditions } : {}),
    };
  }

  /** Its property in what is given, and the first of those that are taken. */
  nameOf(field: FieldPlan): string {
    if (this.#form.isInput || !this.#form.protoNames || field.index < 0) return field.jsonName;
    return field.field.name;
  }

  /** The value of a field without regard to null. */
  value(field: FieldPlan): JsonSchema {
    if (field.shape === MAP) {
      const keys = this.#form.isContract ? undefined : keySchema(field.keyField.type);
      return {
        type: 'object',
        ...(keys === undefined ? {} : { propertyNames: keys }),
        additionalProperties: this.one(field.valueField),
      };
    }
    return field.shape === SINGULAR ? this.one(field) : { type: 'array', items: this.one(field) };
  }

  /** One value of the field's type. */
  one(field: FieldPlan): JsonSchema {
    if (field.isMessage || field.type === TYPE_ENUM) return this.#refer(field.field.typeName);
    const scalar = scalarSchema(field.type, this.#form);
    return typeof scalar === 'string' ? this.#refer(scalar) : scalar;
  }

  #member(field: FieldPlan): JsonSchema {
    const value = this.value(field);
    // Of a required field null is no value either, but of its other spelling it may be.
    return this.#form.isInput && !field.takesNull ? orNull(value) : value;
  }

  /** Those with one spelling; of others see the conditions. */
  #required(plan: Plan, namesOf: (field: FieldPlan) => readonly string[]): string[] {
    return plan.required.map(namesOf).flatMap((names) => (names.length === 1 ? names : []));
  }

  #conditions(plan: Plan, namesOf: (field: FieldPlan) => readonly string[]): JsonSchema[] {
    const conditions: JsonSchema[] = [];
    const set = (field: FieldPlan): JsonSchema[] =>
      namesOf(field).map((name) =>
        this.#form.isInput && !field.takesNull ? isSet(name) : { required: [name] },
      );
    for (const field of plan.fields) {
      const names = namesOf(field);
      const isAlone = field.oneof < 0;
      if (isAlone && names.length > 1) conditions.push({ not: bothSet(names, field.takesNull) });
      if (!field.isRequired || !this.#form.isInput) continue;
      conditions.push(names.length > 1 ? { anyOf: set(field) } : notNull(names[0]));
    }
    for (const [oneof] of plan.oneofKeys.entries()) {
      const members = plan.membersOf(oneof).flatMap(set);
      if (members.length > 1) conditions.push({ oneOf: [...members, { not: { anyOf: members } }] });
    }
    return conditions;
  }
}

/** Every spelling of each field, the one of ProtoJSON first. */
function spellingsOf(plan: Plan): Map<FieldPlan, readonly string[]> {
  const spellings = new Map<FieldPlan, string[]>();
  for (const [name, field] of plan.names) {
    if (field.index < 0) continue;
    const known = spellings.get(field);
    if (known === undefined) spellings.set(field, [name]);
    else if (name === field.jsonName) known.unshift(name);
    else known.push(name);
  }
  return spellings;
}

function put(
  properties: Record<string, unknown>,
  patternProperties: Record<string, unknown>,
  name: string,
  schema: JsonSchema,
): void {
  if (name === UNSEEN_NAME) patternProperties[`^${name}$`] = schema;
  else setOwn(properties, name, schema);
}

/** The same schema, or null. */
function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  if (typeof type === 'string') return { ...schema, type: [type, 'null'] };
  return { anyOf: [schema, NULL] };
}

function notNull(...names: readonly string[]): JsonSchema {
  const properties: Record<string, unknown> = {};
  const patternProperties: Record<string, unknown> = {};
  for (const name of names) put(properties, patternProperties, name, { not: NULL });
  return names.includes(UNSEEN_NAME) ? { properties, patternProperties } : { properties };
}

const isSet = (name: string): JsonSchema => ({ required: [name], ...notNull(name) });

function bothSet(names: readonly string[], takesNull: boolean): JsonSchema {
  return takesNull ? { required: names } : { required: names, ...notNull(...names) };
}
