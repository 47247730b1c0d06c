// The fields of a message that is there to be compared: a decoded one, whatever the value options, or a plain object that a
// user made. It must not know patterns.

import { isMap } from '../../values/realm.ts';
import { defaultOf } from '../codec/decode-scalar.ts';
import { type FieldPlan, type Fields, MAP, SINGULAR } from '../codec/plan.ts';

/** The value of a field, in whichever spelling the message has it; undefined if the message has none. */
export function ownItem(message: Fields, field: FieldPlan): unknown {
  const { key, jsonName } = field;
  if (Object.hasOwn(message, key)) return setItem(field, message[key]);
  if (jsonName !== key && Object.hasOwn(message, jsonName)) return setItem(field, message[jsonName]);
  const { name } = field.field;
  if (name !== key && Object.hasOwn(message, name)) return setItem(field, message[name]);
  return undefined;
}

function setItem(field: FieldPlan, item: unknown): unknown {
  return item === null && !field.takesNull ? undefined : item;
}

/** What reads an unset field: the default, or undefined where it has presence. */
export function itemOf(message: Fields, field: FieldPlan): unknown {
  const item = ownItem(message, field);
  return item === undefined && !field.hasPresence ? defaultOf(field) : item;
}

/** Whether the item of a field counts as set, as ProtoJSON shows it: a field without presence, when it is not its default. */
export function isFieldSet(field: FieldPlan, item: unknown): boolean {
  if (item === undefined || (item === null && !field.takesNull)) return false;
  if (field.hasPresence) return true;
  if (field.shape === MAP) return isMap(item) ? item.size > 0 : typeof item === 'object' && hasMembers(item);
  if (field.shape !== SINGULAR || field.type === 12) return Object(item).length !== 0;
  if (field.type === 14) return item !== 0 && field.enumNumbers.get(item as string) !== 0;
  switch (typeof item) {
    case 'number':
      return !Object.is(item, 0);
    case 'bigint':
      return item !== 0n;
    case 'string':
      // 64-bit integers may be text.
      return item !== '' && (item !== '0' || field.type === 9);
    default:
      return item !== false;
  }
}

function hasMembers(value: object | null): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return true;
  return false;
}
