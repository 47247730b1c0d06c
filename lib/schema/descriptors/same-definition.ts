// Whether two descriptors of one name mean the same: the same file loaded twice, by two paths or from two kinds of source,
// is not a contradiction. What calls and values depend on is compared; comments, custom options and what a source may
// leave out (json_name, a default label) are not.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  MethodDescriptorProto,
  Options,
} from './descriptor-types.ts';
import { jsonNameOf } from './names.ts';
import { type Definition, resolveType, type SymbolLookup, scopeOf } from './symbol-table.ts';

/** Options that change how values are written, read or called. */
const MEANINGFUL_OPTIONS = ['packed', 'features', 'mapEntry', 'messageSetWireFormat', 'idempotencyLevel'];

/** A text that is equal for definitions that mean the same. */
export function meaningOf(definition: Definition, lookup: SymbolLookup): string {
  const scope = scopeOf(definition);
  const { syntax = 'proto2', edition, options } = definition.file.proto;
  const around: unknown[] = [definition.kind, syntax || 'proto2', edition ?? null, optionsOf(options)];
  switch (definition.kind) {
    case 'message':
      return JSON.stringify([around, messageFacts(definition.proto, scope, lookup)]);
    case 'enum':
      return JSON.stringify([around, enumFacts(definition.proto)]);
    case 'service':
      return JSON.stringify((definition.proto.method ?? []).map((m) => methodFacts(m, scope, lookup)));
    default:
      return JSON.stringify([around, fieldFacts(definition.proto, scope, lookup)]);
  }
}

function optionsOf(options: Options | undefined): unknown[] {
  if (options === undefined) return [];
  return MEANINGFUL_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [
    name,
    sorted(options[name]),
  ]);
}

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).sort() : value;
}

function resolved(name: string | undefined, scope: string, lookup: SymbolLookup): string {
  if (name === undefined) return '';
  return resolveType(lookup, name, scope)?.fullName ?? name;
}

function fieldFacts(field: FieldDescriptorProto, scope: string, lookup: SymbolLookup): unknown[] {
  const target = field.typeName === undefined ? undefined : resolveType(lookup, field.typeName, scope);
  return [
    // Some sources have only camel-case names.
    jsonNameOf(field.name),
    field.number,
    field.label ?? 'LABEL_OPTIONAL',
    field.type ?? (target?.kind === 'enum' ? 'TYPE_ENUM' : 'TYPE_MESSAGE'),
    target?.fullName ?? '',
    field.jsonName || jsonNameOf(field.name),
    field.oneofIndex ?? -1,
    field.proto3Optional ?? false,
    resolved(field.extendee, scope, lookup),
    optionsOf(field.options),
  ];
}

function messageFacts(proto: DescriptorProto, scope: string, lookup: SymbolLookup): unknown[] {
  const fields = (proto.field ?? []).map((field) => fieldFacts(field, scope, lookup));
  fields.sort((a, b) => Number(a[1]) - Number(b[1]));
  const oneofs = (proto.oneofDecl ?? []).map((oneof) => jsonNameOf(oneof.name));
  const ranges = (proto.extensionRange ?? []).map((range) => [range.start, range.end]);
  return [fields, oneofs, ranges, optionsOf(proto.options)];
}

function enumFacts(proto: EnumDescriptorProto): unknown[] {
  return [(proto.value ?? []).map((value) => [value.name, value.number ?? 0]), optionsOf(proto.options)];
}

function methodFacts(method: MethodDescriptorProto, scope: string, lookup: SymbolLookup): unknown[] {
  return [
    method.name,
    resolved(method.inputType, scope, lookup),
    resolved(method.outputType, scope, lookup),
    method.clientStreaming ?? false,
    method.serverStreaming ?? false,
    optionsOf(method.options),
  ];
}
