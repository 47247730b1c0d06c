// A message as a pattern for it: its ProtoJSON, to be kept in a file and edited, with the keys of maps marked that would be
// taken for operators. Fields have none such.

import { setOwn } from '../../values/own-property.ts';
import { isObject } from '../../values/realm.ts';
import { messageToJson } from '../codec/json/json.ts';
import type { Plan } from '../codec/plan.ts';

/**
 * A pattern that a message matches with `exactly`, of plain JSON values, for `compilePattern` with `json`. What has no form
 * in ProtoJSON (a Timestamp after the year 9999, an Any of a type that is not loaded) is there as it is.
 */
export function patternOf(plan: Plan, message: unknown): unknown {
  return markedPattern(messageToJson(plan, message, false));
}

/** The same of a message that is JSON already. */
export function markedPattern(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(markedPattern);
  if (!isObject(json)) return json;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(json)) {
    const name = key.startsWith('$') ? `$${key}` : key;
    if (name === '__proto__') setOwn(out, name, markedPattern(item));
    else out[name] = markedPattern(item);
  }
  return out;
}
