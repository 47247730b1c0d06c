// Messages and fields of protobufjs's JSON form as descriptors.

import { SchemaError } from '../../values/errors.ts';
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  Options,
} from '../descriptors/descriptor-types.ts';
import { jsonNameOf, mapEntryName, qualify } from '../descriptors/names.ts';
import { scalarType } from '../descriptors/scalar-types.ts';
import { isObject, type Properties, textOf } from './findings.ts';
import { mapEntry } from './map-entry.ts';

const MAX_DEPTH = 100;
/** Options that affect how values are written, read, shown or called; the JSON form has others under any name. */
const OPTIONS = [
  'packed',
  'deprecated',
  'allow_alias',
  'message_set_wire_format',
  'idempotency_level',
  'features',
];

export function optionsOf(node: Properties): Options {
  const given = isObject(node['options']) ? node['options'] : {};
  const options: Record<string, unknown> = {};
  for (const name of OPTIONS) {
    const value = given[name];
    if (Object.hasOwn(given, name)) options[jsonNameOf(name)] = isObject(value) ? camelKeys(value) : value;
  }
  return options;
}

function camelKeys(value: Properties): Properties {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [jsonNameOf(key), item]));
}

interface MadeField {
  readonly field: FieldDescriptorProto;
  readonly entry: DescriptorProto | undefined;
}

/** A field of a message, or an extension, inside `scope`. */
export function fieldOf(key: string, node: Properties, scope: string, group?: boolean): MadeField {
  const options = isObject(node['options']) ? node['options'] : {};
  const name = textOf(node, 'protoName') ?? ownName(key, scope);
  const jsonName = textOf(node, 'jsonName') ?? textOf(options, 'json_name');
  const { rule, keyType } = node;
  const isMap = keyType !== undefined;
  const entryName = mapEntryName(name);
  const label =
    rule === 'repeated' || isMap
      ? 'LABEL_REPEATED'
      : rule === 'required'
        ? 'LABEL_REQUIRED'
        : 'LABEL_OPTIONAL';
  const extendee = textOf(node, 'extend');
  const defaultValue = options['default'];
  const field: FieldDescriptorProto = {
    name,
    number: node['id'] as number,
    label,
    ...(isMap
      ? { type: 'TYPE_MESSAGE', typeName: `.${scope}.${entryName}` }
      : group
        ? { type: 'TYPE_GROUP', typeName: String(node['type']) }
        : typeOf(node['type'])),
    ...(jsonName === undefined ? {} : { jsonName }),
    ...(extendee === undefined ? {} : { extendee }),
    ...(defaultValue === undefined ? {} : { defaultValue: String(defaultValue) }),
    ...(options['proto3_optional'] === true ? { proto3Optional: true } : {}),
    options: optionsOf(node),
  };
  const entry = isMap ? mapEntry(entryName, typeOf(keyType), typeOf(node['type'])) : undefined;
  return { field, entry };
}

/** Some names in the well-known types have two words, which protobufjs keeps only in camel case. */
function ownName(key: string, scope: string): string {
  if (!scope.startsWith('google.protobuf.')) return key;
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function typeOf(type: unknown): Pick<FieldDescriptorProto, 'type' | 'typeName'> {
  const scalar = scalarType(type);
  return scalar === undefined ? { typeName: String(type) } : { type: scalar };
}

export function messageOf(
  name: string,
  node: Properties,
  scope: string,
  depth: number,
  origin: string,
): DescriptorProto {
  const fullName = qualify(scope, name);
  if (depth > MAX_DEPTH) throw new SchemaError(`${origin}: ${fullName}: messages are nested too deeply`);
  const nested = entriesOf(node, 'nested');
  const made = entriesOf(node, 'fields').map(([key, one]) => {
    const group = nested.find(([typeName]) => typeName === one['type'])?.[1]['group'] === true;
    return { key, ...fieldOf(key, one, fullName, group) };
  });
  const { fields, oneofs } = placeInOneofs(made, entriesOf(node, 'oneofs'));
  const inner = nested.filter(([, one]) => isObject(one['fields']));
  return {
    name,
    field: fields,
    nestedType: [
      ...inner.map(([innerName, one]) => messageOf(innerName, one, fullName, depth + 1, origin)),
      ...made.flatMap(({ entry }) => entry ?? []),
    ],
    enumType: nested
      .filter(([, one]) => isObject(one['values']))
      .map(([enumName, one]) => enumOf(enumName, one)),
    extension: nested.filter(([, one]) => 'id' in one).map(([key, one]) => fieldOf(key, one, fullName).field),
    oneofDecl: oneofs.map((oneof) => ({ name: oneof })),
    extensionRange: rangesOf(node['extensions']),
    reservedRange: rangesOf(node['reserved']),
    options: optionsOf(node),
  };
}

export function enumOf(name: string, node: Properties): EnumDescriptorProto {
  const values = Object.entries(isObject(node['values']) ? node['values'] : {});
  return {
    name,
    value: values.map(([valueName, number]) => ({ name: valueName, number: number as number })),
    options: optionsOf(node),
  };
}

function entriesOf(node: Properties, key: string): [string, Properties][] {
  const value = node[key];
  const entries = isObject(value) ? Object.entries(value) : [];
  return entries.map(([name, one]) => [name, isObject(one) ? one : {}]);
}

/** As in protoc, the oneofs that stand for `optional` come last, in the order of their fields. */
function placeInOneofs(
  made: readonly { readonly key: string; readonly field: FieldDescriptorProto }[],
  given: readonly [string, Properties][],
): { readonly fields: FieldDescriptorProto[]; readonly oneofs: string[] } {
  const members = new Map<string, string>();
  for (const [oneof, node] of given) {
    for (const key of Array.isArray(node['oneof']) ? node['oneof'] : []) members.set(String(key), oneof);
  }
  const isOptional = new Set(
    made.filter(({ field }) => field.proto3Optional).map(({ key }) => members.get(key)),
  );
  const oneofs = given.map(([name]) => name).filter((name) => !isOptional.has(name));
  const fields = made.map(({ key, field }) => {
    if (field.proto3Optional) return { ...field, oneofIndex: oneofs.push(`_${field.name}`) - 1 };
    const oneof = members.get(key);
    return oneof === undefined ? field : { ...field, oneofIndex: oneofs.indexOf(oneof) };
  });
  return { fields, oneofs };
}

/** Both ends are inclusive in the JSON form. Reserved names are strings among the ranges. */
function rangesOf(ranges: unknown): { start: number; end: number }[] {
  const pairs = Array.isArray(ranges) ? ranges.filter((range) => Array.isArray(range)) : [];
  return pairs.map(([start, end]) => ({ start: Number(start), end: Number(end) + 1 }));
}
