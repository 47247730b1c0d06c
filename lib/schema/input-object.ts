// What a user's object holds for a message: which properties are fields, by any spelling, which contradict each
// other, and which are mistakes. Writes nothing.

import type { Encoder } from './encoder.ts';
import { planOf } from './message-class.ts';
import type { FieldPlan, Fields, Plan } from './plan.ts';

/**
 * A property that is no field by any of its spellings: an extension, the name of a oneof (as the `oneofs`
 * option puts it on replies), or a mistake.
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
  return w.refuse(`'${key}' is a oneof of ${plan.typeName}; set its member instead: ${members.join(' or ')}`);
}

function isSet(value: Fields, field: FieldPlan): boolean {
  const item = value[field.key] ?? value[field.jsonName] ?? value[field.field.name];
  return item !== undefined && item !== null;
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
      w.refuse(`'${twin}' and '${key}' are two spellings of one field of ${plan.typeName}; give one`);
    }
    if (field.oneof >= 0) {
      const rival = this.#oneofs.get(field.oneof);
      if (rival !== undefined) {
        const oneof = plan.oneofKeys[field.oneof];
        w.refuse(
          `'${rival}' and '${key}' are both set, but the oneof '${oneof}' of ${plan.typeName} holds one at most`,
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
  if (isOfAnotherKind(value)) w.notAMessage(plan, value);
  const entries = new Entries();
  for (const key in value) {
    const field = plan.names.get(key) ?? otherProperty(w, plan, value, key);
    if (field !== undefined) entries.add(w, plan, field, key, value[key]);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && planOf(value) === undefined) {
    addInherited(w, plan, entries, value);
  }
  if (!plan.required.every((field) => entries.keys.has(field))) refuseMissing(w, plan, value);
  return entries.list.sort((a, b) => a.field.number - b.field.number);
}

/** Accessors of a class are neither own nor enumerable. Its methods are no fields, whatever their names. */
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

/** Built-in objects have no fields to give: an empty message would be sent in silence. */
export function isOfAnotherKind(value: object): boolean {
  return (
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Promise ||
    value instanceof ArrayBuffer ||
    value instanceof String ||
    value instanceof Number ||
    value instanceof Boolean
  );
}

export function refuseMissing(w: Encoder, plan: Plan, value: Fields): never {
  const missing = plan.required.filter((field) => !isSet(value, field)).map((field) => `'${field.key}'`);
  const what = missing.length === 1 ? 'a required field is' : 'required fields are';
  return w.refuse(`${plan.typeName}: ${what} missing: ${missing.join(', ')}`);
}
