// Values out of replies, by paths such as `user.id` and `items[0].tags["a"]`: whether a path can lead anywhere in a message
// type, and what it leads to in a message.

import type { Client, DynamicMessage, FieldDescription, MessageDescription } from '../../index.ts';
import { jsonNameOf } from '../../schema/descriptors/names.ts';
import { suggestion } from '../../values/nearest-names.ts';

type Step = { readonly field: string } | { readonly index: number } | { readonly key: string };

const STEP = /\.?([A-Za-z_][\w]*)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([A-Za-z_][\w.]*)\]/y;

/** The steps of a path; undefined for what is no path. */
function stepsOf(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null || (match.index > 0 && match[1] !== undefined && match[0][0] !== '.'))
      return undefined;
    const [, field, index, quoted, extension] = match;
    if (field !== undefined) steps.push({ field });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (extension !== undefined) steps.push({ field: `[${extension}]` });
    else steps.push({ key: JSON.parse(`"${quoted}"`) });
  }
  return steps;
}

/**
 * Why a path leads nowhere in what a method replies with; undefined if it may lead somewhere. What lies behind types
 * without fields of their own, such as Struct and Any, is not known before it comes.
 */
export function whyNoPath(client: Client, type: string, isStream: boolean, path: string): string | undefined {
  const steps = stepsOf(path);
  if (steps === undefined) return `'${path}' is not a path such as user.id or items[0].name`;
  const rest = [...steps];
  if (isStream) {
    const first = rest.shift();
    if (first === undefined || !('index' in first)) {
      return `replies are a stream, so the path begins with the number of one: [0].${path}, or [-1].${path} for the last`;
    }
  }
  return whyNotIn(client, type, rest);
}

function whyNotIn(client: Client, typeName: string, steps: readonly Step[]): string | undefined {
  let type = typeName;
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at];
    if (type.startsWith('google.protobuf.')) return undefined;
    const message = messageNamed(client, type);
    if (message === undefined)
      return 'field' in step
        ? `a value of ${type} has no field '${step.field}'`
        : `a value of ${type} has no elements`;
    if (!('field' in step)) return `${type} is not a list; write the name of a field`;
    if (step.field.startsWith('[')) return undefined;
    const field = message.fields.find(({ name, jsonName }) => name === step.field || jsonName === step.field);
    if (field === undefined) {
      const names = message.fields.map(({ jsonName }) => jsonName);
      const near = suggestion(step.field, names);
      return `${type} has no field '${step.field}'${near === '' ? `; it has ${names.join(', ') || 'none'}` : near}`;
    }
    if (field.isMap || field.isRepeated) {
      const next = steps[at + 1];
      if (next === undefined) return undefined;
      if (!field.isMap && !('index' in next)) return `${field.name} is a list; write ${field.name}[0]`;
      at++;
    }
    type = elementType(field);
  }
  return undefined;
}

const elementType = ({ type, isMap }: FieldDescription): string =>
  isMap ? (/^map<[^,]+,\s*(.+)>$/.exec(type)?.[1] ?? type) : type;

function messageNamed(client: Client, type: string): MessageDescription | undefined {
  try {
    const found = client.describe(type);
    return found.kind === 'message' && found.fullName === type ? found : undefined;
  } catch {
    return undefined;
  }
}

/** What a path leads to; undefined where nothing is set. */
export function valueAtPath(root: unknown, path: string): unknown {
  let value: unknown = root;
  for (const step of stepsOf(path) ?? []) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = stepInto(value, step);
  }
  return value;
}

function stepInto(value: object, step: Step): unknown {
  if ('index' in step) {
    if (Array.isArray(value)) return value.at(step.index);
    return Object.hasOwn(value, String(step.index)) ? Reflect.get(value, String(step.index)) : undefined;
  }
  const name = 'key' in step ? step.key : step.field;
  const names = 'key' in step ? [name] : [name, jsonNameOf(name)];
  const found = names.find((one) => Object.hasOwn(value, one));
  return found === undefined ? undefined : (value as DynamicMessage)[found];
}
