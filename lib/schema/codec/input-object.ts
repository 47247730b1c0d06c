// What a user's object holds for a message: which properties are fields, in any spelling, which contradict each other,
// and which are mistakes. Writes nothing.

import { isBuiltIn, tagOf } from '../../values/realm.ts';
import type { Encoder } from './encoder.ts';
import { planOf } from './message-class.ts';
import type { FieldPlan, Fields, Plan } from './plan.ts';

/**
 * A property that is not a field in any spelling: an extension, the name of a oneof (as the `oneofs` option puts it on
 * replies), or a mistake.
 */
export function otherProperty(w: Encoder, plan: Plan, value: Fields, key: string): FieldPlan | undefined {
  if (!Object.hasOwn(value, key)) return undefined;
  const extension = plan.findExtension(key);
  if (extension !== undefined) return extension;
  const item = value[key];
  if (item === undefined) return undefined;
  const oneof = Math.max(plan.oneofKeys.indexOf(key), plan.type.oneofs.indexOf(key));
  if (oneof < 0) return w.ignoresUnknown ? undefined : w.unknownField(plan, key);
  const member = typeof item === 'string' ? plan.names.get(item) : undefined;
  if (item === null || (member?.oneof === oneof && isSet(value, member))) return undefined;
  const members = plan.fields.filter((field) => field.oneof === oneof).map((field) => `'${field.key}'`);
  return w.refuse(
    `'${key}' is a oneof of ${plan.typeName}; set one of its members instead: ${members.join(' or ')}`,
  );
}

function isSet(value: Fields, field: FieldPlan): boolean {
  return [field.key, field.jsonName, field.field.name].some((key) => {
    const isInherited = key in Object.prototype && !Object.hasOwn(value, key);
    return !isInherited && value[key] !== undefined && value[key] !== null;
  });
}

export interface Entry {
  readonly field: FieldPlan;
  readonly item: unknown;
}

/** The set fields of one message as they are found, each once. */
class Entries {
  readonly list: Entry[] = [];
  readonly keys: Map<FieldPlan, string> = new Map();
  readonly #oneofs: Map<number, string> = new Map();

  add(w: Encoder, plan: Plan, field: FieldPlan, key: string, item: unknown): void {
    if (item === undefined || (item === null && !field.takesNull)) return;
    const twin = this.keys.get(field);
    if (twin !== undefined) {
      w.refuse(`'${twin}' and '${key}' are two spellings of one field of ${plan.typeName}; give only one`);
    }
    if (field.oneof >= 0) {
      const rival = this.#oneofs.get(field.oneof);
      if (rival !== undefined) {
        const oneof = plan.oneofKeys[field.oneof];
        w.refuse(
          `'${rival}' and '${key}' are both set, but the oneof '${oneof}' of ${plan.typeName} holds at most one`,
        );
      }
      this.#oneofs.set(field.oneof, key);
    }
    this.keys.set(field, key);
    this.list.push({ field, item });
  }
}

/**
 * All set fields of any object, by number: whatever the order of its properties, and with the getters of its
 * class. The thorough way; most messages do not need it.
 */
export function gatherFields(w: Encoder, plan: Plan, value: Fields): readonly Entry[] {
  // Otherwise an empty message would be sent silently.
  if (isBuiltIn(value)) w.notAMessage(plan, value);
  const entries = new Entries();
  for (const key in value) {
    const field = plan.names.get(key) ?? otherProperty(w, plan, value, key);
    if (field !== undefined) entries.add(w, plan, field, key, value[key]);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && planOf(value) === undefined) {
    addInherited(w, plan, entries, value);
  }
  // Headers, an iterator, a call that was not awaited: what they hold is not in their properties.
  if (entries.list.length === 0 && tagOf(value) !== undefined) w.notAMessage(plan, value);
  if (!plan.required.every((field) => entries.keys.has(field))) refuseMissing(w, plan, value);
  return entries.list.sort((a, b) => a.field.number - b.field.number);
}

/** Accessors of a class are neither own nor enumerable. Its methods are not fields, whatever their names. */
function addInherited(w: Encoder, plan: Plan, entries: Entries, value: Fields): void {
  for (const field of plan.fields) {
    for (const key of new Set([field.key, field.jsonName, field.field.name])) {
      if (Object.hasOwn(value, key) || key in Object.prototype || !(key in value)) continue;
      if (entries.keys.get(field) === key) continue;
      const item = value[key];
      if (typeof item !== 'function') entries.add(w, plan, field, key, item);
    }
  }
}

export function refuseMissing(w: Encoder, plan: Plan, value: Fields): never {
  const missing = plan.required.filter((field) => !isSet(value, field)).map((field) => `'${field.key}'`);
  const what = missing.length === 1 ? 'a required field is' : 'required fields are';
  return w.refuse(`${plan.typeName}: ${what} missing: ${missing.join(', ')}`);
}
