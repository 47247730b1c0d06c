// ts-proto's protoMetadata: descriptors in which whatever is not set holds the default, so that a field outside any oneof
// looks like a member of the first one. The message's empty value tells them apart, except for message fields: those are
// taken for fields outside oneofs, so that no value is refused or lost.

import { jsonNameOf, qualify } from '../descriptors/names.ts';
import { isFunction, isObject, type Properties, textOf } from './findings.ts';

/** Repairs a plain copy of a file's descriptor in place. `references` are the module's types by `.full.name`. */
export function repairFile(file: Properties, references: unknown): void {
  const known = isObject(references) ? references : {};
  if (file['edition'] === 0) delete (file as Record<string, unknown>)['edition'];
  dropUnsetOptions(file);
  const packageName = textOf(file, 'package') ?? '';
  for (const extension of objectsIn(file, 'extension')) dropEmpty(extension);
  for (const message of objectsIn(file, 'messageType')) repairMessage(message, packageName, known);
}

function repairMessage(message: Properties, scope: string, references: Properties): void {
  const fullName = qualify(scope, String(message['name']));
  const fields = objectsIn(message, 'field');
  const oneofs = objectsIn(message, 'oneofDecl');
  const isFirstReal =
    oneofs.length > 0 && !fields.some((one) => one['proto3Optional'] === true && one['oneofIndex'] === 0);
  const empty = isFirstReal ? emptyValue(references[`.${fullName}`]) : undefined;
  for (const field of fields) {
    if (field['oneofIndex'] === 0 && field['proto3Optional'] !== true && !isMember(field, empty)) {
      delete (field as Record<string, unknown>)['oneofIndex'];
    }
    dropEmpty(field);
  }
  for (const extension of objectsIn(message, 'extension')) dropEmpty(extension);
  for (const nested of objectsIn(message, 'nestedType')) repairMessage(nested, fullName, references);
}

/** In an option, the default means the same as nothing. */
function dropUnsetOptions(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropUnsetOptions);
  if (!isObject(value)) return;
  for (const [name, item] of Object.entries(value)) {
    if (name === 'options' && isObject(item)) {
      const options = item as Record<string, unknown>;
      for (const [option, set] of Object.entries(options)) if (!set) delete options[option];
    } else dropUnsetOptions(item);
  }
}

const MESSAGE_TYPES: readonly unknown[] = [10, 11];
const REPEATED = 3;

/** Fields outside oneofs start with a value, except for messages. */
function isMember(field: Properties, empty: Properties | undefined): boolean {
  if (empty === undefined || field['label'] === REPEATED || MESSAGE_TYPES.includes(field['type']))
    return false;
  const name = String(field['name']);
  const spellings = [name, jsonNameOf(name), String(field['jsonName'])];
  return spellings.every((spelling) => empty[spelling] === undefined);
}

function emptyValue(type: unknown): Properties | undefined {
  if (!isObject(type) || !isFunction(type['fromPartial'])) return undefined;
  const value: unknown = type['fromPartial']({});
  return isObject(value) ? value : undefined;
}

function dropEmpty(field: Properties): void {
  const own = field as Record<string, unknown>;
  for (const name of ['typeName', 'extendee', 'defaultValue', 'jsonName'])
    if (own[name] === '') delete own[name];
  if (own['extendee'] !== undefined) delete own['oneofIndex'];
  if (own['proto3Optional'] === false) delete own['proto3Optional'];
}

function objectsIn(value: Properties, name: string): Properties[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}
