// Checks descriptors before they are added: identifiers, numbers, duplicates, reserved names and ranges, enum rules, and
// that each type name resolves. Schemas may come from a hostile server, so nothing is assumed of them. Changes nothing;
// knows no plans or values.

import { SchemaError } from '../../values/errors.ts';
import { suggestion } from '../../values/nearest-names.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto } from './descriptor-types.ts';
import { editionDefaults, inheritFeatures } from './features.ts';
import {
  FIRST_RESERVED_NUMBER,
  isReservedNumber,
  LAST_RESERVED_NUMBER,
  MAX_FIELD_NUMBER,
  MAX_MESSAGE_SET_NUMBER,
} from './field-numbers.ts';
import { isDottedName, isIdentifier } from './names.ts';
import { areAscending, extensionRangesOf, RangeSet } from './range-set.ts';
import { isMapKey, TYPE_NUMBERS } from './scalar-types.ts';
import type {
  Definition,
  EnumDefinition,
  ExtensionDefinition,
  FileDefinition,
  MessageDefinition,
  ServiceDefinition,
  SymbolStage,
} from './symbol-table.ts';
import { resolveType, scopeOf } from './symbol-table.ts';

/** How much of a schema's text errors show. */
const MAX_SHOWN = 60;

/** Text from a schema as it may be shown: quoted, and not long. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value);
  return JSON.stringify(shortened(text, MAX_SHOWN));
}

function refuse(file: FileDefinition, symbol: string, problem: string): never {
  throw new SchemaError(
    `${file.proto.name}: ${symbol === '' ? '' : `${symbol}: `}${problem} (from ${file.origin})`,
  );
}

/** The file's own facts: its name, package and syntax. */
export function checkFile(file: FileDefinition): void {
  const { proto } = file;
  if (typeof proto.name !== 'string' || proto.name === '') {
    throw new SchemaError(`a file descriptor has no name (from ${file.origin})`);
  }
  if (proto.package !== undefined && proto.package !== '' && !isDottedName(proto.package)) {
    refuse(file, '', `package ${shown(proto.package)} is not a valid name`);
  }
  if (editionDefaults(proto) === undefined) {
    const what =
      proto.syntax === 'editions' ? `edition ${shown(proto.edition)}` : `syntax ${shown(proto.syntax)}`;
    refuse(file, '', `${what} is not known`);
  }
}

/** Refuses a definition that could not be used. */
export function checkDefinition(definition: Definition, stage: SymbolStage): void {
  if (!isIdentifier(definition.proto.name)) {
    refuse(
      definition.file,
      '',
      `${definition.kind} name ${shown(definition.proto.name)} is not an identifier`,
    );
  }
  switch (definition.kind) {
    case 'message':
      checkMessage(definition, stage);
      return;
    case 'enum':
      checkEnum(definition);
      return;
    case 'service':
      checkService(definition, stage);
      return;
    case 'extension':
      checkExtension(definition, stage);
      return;
    default:
      definition satisfies never;
  }
}

function checkNumber(file: FileDefinition, symbol: string, number: unknown, max: number): void {
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > max) {
    refuse(file, symbol, `field number ${shown(number)} is not an integer from 1 to ${max}`);
  }
  if (isReservedNumber(number)) {
    refuse(
      file,
      symbol,
      `field number ${number} is one of ${FIRST_RESERVED_NUMBER} to ${LAST_RESERVED_NUMBER}, which protobuf reserves for itself`,
    );
  }
}

function checkType(
  file: FileDefinition,
  symbol: string,
  scope: string,
  field: FieldDescriptorProto,
  stage: SymbolStage,
): void {
  const { type, typeName } = field;
  if (type !== undefined && !Object.hasOwn(TYPE_NUMBERS, type))
    refuse(file, symbol, `type ${shown(type)} is not known`);
  const named =
    type === undefined || type === 'TYPE_MESSAGE' || type === 'TYPE_GROUP' || type === 'TYPE_ENUM';
  if (!named) return;
  if (typeof typeName !== 'string' || typeName === '') refuse(file, symbol, 'has no type');
  const target = resolveType(stage, typeName, scope);
  if (target === undefined) {
    const known = stage.typeNames();
    const asked = typeName.replace(/^\./, '');
    refuse(file, symbol, `type ${shown(asked)} is not defined${suggestion(asked, known)}`);
  }
  if (type !== undefined && (target.kind === 'enum') !== (type === 'TYPE_ENUM')) {
    refuse(file, symbol, `${target.fullName} is ${target.kind === 'enum' ? 'an enum' : 'a message'}`);
  }
}

function checkMessage({ proto, fullName, file, parent }: MessageDefinition, stage: SymbolStage): void {
  const names = new Set<string>();
  const numbers = areAscending(proto.field) ? undefined : new Map<number, string>();
  const reserved = proto.reservedName?.length ? new Set(proto.reservedName) : undefined;
  const reservedNumbers = proto.reservedRange?.length ? new RangeSet(proto.reservedRange, false) : undefined;
  const extensible = proto.extensionRange?.length ? extensionRangesOf(proto) : undefined;
  for (const oneof of proto.oneofDecl ?? []) {
    if (!isIdentifier(oneof.name))
      refuse(file, fullName, `oneof name ${shown(oneof.name)} is not an identifier`);
    if (names.has(oneof.name)) refuse(file, fullName, `${oneof.name} is defined twice`);
    names.add(oneof.name);
  }
  for (const field of proto.field ?? []) {
    if (!isIdentifier(field.name))
      refuse(file, fullName, `field name ${shown(field.name)} is not an identifier`);
    const symbol = `${fullName}.${field.name}`;
    if (names.has(field.name)) refuse(file, symbol, 'is defined twice');
    names.add(field.name);
    checkNumber(file, symbol, field.number, MAX_FIELD_NUMBER);
    const other = numbers?.get(field.number);
    if (other !== undefined)
      refuse(file, symbol, `field number ${field.number} is already taken by ${other}`);
    numbers?.set(field.number, field.name);
    if (reserved?.has(field.name)) refuse(file, symbol, 'the name is reserved');
    if (reservedNumbers?.has(field.number)) {
      refuse(file, symbol, `field number ${field.number} is reserved`);
    }
    if (extensible?.has(field.number)) {
      refuse(file, symbol, `field number ${field.number} is in an extension range`);
    }
    checkType(file, symbol, fullName, field, stage);
    checkOneofMember(file, symbol, field, proto);
  }
  if (proto.options?.['mapEntry'] === true) checkMapEntry(file, fullName, proto, parent);
}

function checkOneofMember(
  file: FileDefinition,
  symbol: string,
  field: FieldDescriptorProto,
  proto: DescriptorProto,
): void {
  const index = field.oneofIndex;
  if (index === undefined) return;
  if (!Number.isInteger(index) || index < 0 || index >= (proto.oneofDecl?.length ?? 0)) {
    refuse(file, symbol, `this message has no oneof with index ${shown(index)}`);
  }
  if (field.label === 'LABEL_REPEATED' || field.label === 'LABEL_REQUIRED') {
    refuse(file, symbol, 'a member of a oneof cannot be repeated or required');
  }
}

function checkMapEntry(
  file: FileDefinition,
  fullName: string,
  proto: DescriptorProto,
  parent: MessageDefinition | undefined,
): void {
  const [key, value] = proto.field ?? [];
  const wellFormed =
    parent !== undefined && proto.field?.length === 2 && key?.number === 1 && value?.number === 2;
  if (!wellFormed) refuse(file, fullName, 'is not a well-formed map entry');
  if (!isMapKey(key.type)) {
    refuse(file, fullName, `${shown(key.type)} cannot be the key of a map`);
  }
  if (key.label === 'LABEL_REPEATED' || value.label === 'LABEL_REPEATED') {
    refuse(file, fullName, 'the key and value of a map cannot be repeated');
  }
}

function checkEnum({ proto, fullName, file, parent }: EnumDefinition): void {
  const names = new Set<string>();
  const numbers = new Map<number, string>();
  const reservedNames = proto.reservedName?.length ? new Set(proto.reservedName) : undefined;
  const reservedNumbers = proto.reservedRange?.length ? new RangeSet(proto.reservedRange, true) : undefined;
  const values = proto.value ?? [];
  if (values.length === 0) refuse(file, fullName, 'an enum needs at least one value');
  for (const value of values) {
    if (!isIdentifier(value.name))
      refuse(file, fullName, `enum value ${shown(value.name)} is not an identifier`);
    if (names.has(value.name)) refuse(file, fullName, `${value.name} is defined twice`);
    names.add(value.name);
    const number = value.number ?? 0;
    if (!Number.isInteger(number) || (number | 0) !== number) {
      refuse(file, `${fullName}.${value.name}`, `${shown(number)} is not a 32-bit integer`);
    }
    const other = numbers.get(number);
    if (other !== undefined && proto.options?.['allowAlias'] !== true) {
      refuse(
        file,
        `${fullName}.${value.name}`,
        `number ${number} is already taken by ${other} (allow_alias is not set)`,
      );
    }
    numbers.set(number, value.name);
    if (reservedNames?.has(value.name)) refuse(file, fullName, `the name ${value.name} is reserved`);
    if (reservedNumbers?.has(number)) {
      refuse(file, fullName, `${value.name}: the number ${number} is reserved`);
    }
  }
  if (!isClosed(proto, file, parent) && (values[0].number ?? 0) !== 0) {
    refuse(file, fullName, 'the first value of an open enum must be 0');
  }
}

function isClosed(
  proto: EnumDescriptorProto,
  file: FileDefinition,
  parent: MessageDefinition | undefined,
): boolean {
  const scopes = [];
  for (let scope = parent; scope !== undefined; scope = scope.parent) scopes.unshift(scope);
  let features = editionDefaults(file.proto);
  if (features === undefined) return false;
  features = inheritFeatures(features, file.proto.options);
  for (const scope of scopes) features = inheritFeatures(features, scope.proto.options);
  return inheritFeatures(features, proto.options).enumType === 'CLOSED';
}

function checkService({ proto, fullName, file }: ServiceDefinition, stage: SymbolStage): void {
  const names = new Set<string>();
  for (const method of proto.method ?? []) {
    if (!isIdentifier(method.name))
      refuse(file, fullName, `method name ${shown(method.name)} is not an identifier`);
    const symbol = `${fullName}.${method.name}`;
    if (names.has(method.name)) refuse(file, symbol, 'is defined twice');
    names.add(method.name);
    for (const name of [method.inputType, method.outputType]) {
      if (typeof name !== 'string' || name === '') refuse(file, symbol, 'has no request or reply type');
      const target = resolveType(stage, name, fullName);
      if (target === undefined) {
        const asked = name.replace(/^\./, '');
        refuse(file, symbol, `type ${shown(asked)} is not defined${suggestion(asked, stage.typeNames())}`);
      }
      if (target.kind !== 'message') refuse(file, symbol, `${target.fullName} is not a message`);
    }
  }
}

function checkExtension(definition: ExtensionDefinition, stage: SymbolStage): void {
  const { proto, fullName, file } = definition;
  const scope = scopeOf(definition);
  const extendee = typeof proto.extendee === 'string' ? resolveType(stage, proto.extendee, scope) : undefined;
  if (extendee === undefined || extendee.kind !== 'message') {
    refuse(file, fullName, `extends ${shown(proto.extendee)}, which is not a defined message`);
  }
  const isMessageSet = extendee.proto.options?.['messageSetWireFormat'] === true;
  checkNumber(file, fullName, proto.number, isMessageSet ? MAX_MESSAGE_SET_NUMBER : MAX_FIELD_NUMBER);
  if (!extensionRangesOf(extendee.proto).has(proto.number)) {
    refuse(file, fullName, `${extendee.fullName} does not allow an extension with number ${proto.number}`);
  }
  checkType(file, fullName, scope, proto, stage);
  const other = stage.extension(extendee.fullName, proto.number);
  if (other !== undefined && other.fullName !== fullName) {
    const where = `${other.file.proto.name} (from ${other.file.origin})`;
    refuse(
      file,
      fullName,
      `${extendee.fullName} is already extended with number ${proto.number} by ${other.fullName} in ${where}`,
    );
  }
  stage.addExtension(extendee.fullName, definition);
}
