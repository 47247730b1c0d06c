// What protoc refuses in a single field or extension.

import type { FieldTypeName } from '../../descriptors/descriptor-types.ts';
import {
  FIRST_RESERVED_NUMBER,
  isReservedNumber,
  LAST_RESERVED_NUMBER,
  MAX_FIELD_NUMBER,
} from '../../descriptors/field-numbers.ts';
import { jsonNameOf } from '../../descriptors/names.ts';
import { isMapKey } from '../../descriptors/scalar-types.ts';
import type { FieldDraft } from '../syntax/draft.ts';
import { quoted } from '../syntax/source-text.ts';
import type { FieldSymbol, LinkedFile, LinkTable, NamedSymbol } from './link-table.ts';
import { featureOf, ownFeature, syntaxOf } from './syntax-features.ts';

const UNPACKED: ReadonlySet<FieldTypeName | undefined> = new Set<FieldTypeName | undefined>([
  'TYPE_STRING',
  'TYPE_BYTES',
  'TYPE_MESSAGE',
  'TYPE_GROUP',
]);

/** What proto3 files may extend. */
const OPTIONS_TYPE =
  /^\.google\.protobuf\.(?:File|Message|Field|Enum|EnumValue|Service|Method|Oneof|ExtensionRange|Stream)Options$/;

export function checkField(field: FieldDraft, file: LinkedFile, table: LinkTable): void {
  const { number, label, defaultValue } = field;
  if (number < 1) throw fieldError(field, file, 'second', `field numbers start at 1, found ${number}`);
  if (number > MAX_FIELD_NUMBER && field.extendee === undefined) {
    throw fieldError(field, file, 'second', `field numbers end at ${MAX_FIELD_NUMBER}, found ${number}`);
  }
  if (isReservedNumber(number)) {
    const range = `${FIRST_RESERVED_NUMBER} to ${LAST_RESERVED_NUMBER}`;
    throw fieldError(
      field,
      file,
      'second',
      `number ${number} is one of ${range}, which protobuf reserves for itself`,
    );
  }
  const syntax = syntaxOf(file.descriptor);
  if (defaultValue !== undefined) {
    if (label === 'LABEL_REPEATED')
      throw fieldError(field, file, 'name', 'a repeated field cannot have a default');
    if (syntax === 'proto3') throw fieldError(field, file, 'name', 'a field in proto3 cannot have a default');
    if (featureOf('fieldPresence', field, file.descriptor) === 'IMPLICIT') {
      throw fieldError(field, file, 'name', 'a field with implicit presence cannot have a default');
    }
  }
  if (field.options !== undefined) checkFieldOptions(field, file);
  const isMap = file.parsed.mapFields.has(field);
  if (field.typeName === undefined || (field.type !== 'TYPE_ENUM' && !isMap)) return;
  const type = table.get(field.typeName.slice(1));
  if (type === undefined) return;
  checkEnumField(field, type, file);
  if (isMap) checkMapEntry(type, file, table);
}

function fieldError(
  field: FieldDraft,
  { parsed }: LinkedFile,
  at: 'name' | 'type' | 'second',
  message: string,
): Error {
  return parsed.source.error(parsed.marks.of(field)?.[at] ?? 0, message);
}

function checkFieldOptions(field: FieldDraft, file: LinkedFile): void {
  const { options = {}, label, type } = field;
  if (options['packed'] === true && (label !== 'LABEL_REPEATED' || UNPACKED.has(type))) {
    throw fieldError(field, file, 'type', 'only repeated fields of numbers, bools and enums can be packed');
  }
  if (options['lazy'] === true && type !== 'TYPE_MESSAGE')
    throw fieldError(field, file, 'type', 'only message fields can be lazy');
  const presence = ownFeature('fieldPresence', field);
  if (presence === undefined) return;
  if (label === 'LABEL_REPEATED')
    throw fieldError(field, file, 'name', 'a repeated field has no field presence to set');
  if (field.oneofIndex !== undefined)
    throw fieldError(field, file, 'name', 'a member of a oneof has no field presence to set');
  if (presence === 'IMPLICIT' && (type === 'TYPE_MESSAGE' || type === 'TYPE_GROUP')) {
    throw fieldError(field, file, 'name', 'a message field cannot have implicit presence');
  }
}

/** Fields without presence start at zero, which a closed enum need not have. */
function checkEnumField(field: FieldDraft, type: NamedSymbol, file: LinkedFile): void {
  if (type.kind !== 'enum' || field.extendee !== undefined) return;
  if (featureOf('enumType', type.element, type.file.descriptor) !== 'CLOSED') return;
  if (syntaxOf(file.descriptor) === 'proto3') {
    throw fieldError(
      field,
      file,
      'type',
      `the enum ${quoted(type.fullName)} is closed, as those of proto2 are; fields in proto3 can only have open enums`,
    );
  }
  const isSingular = field.label !== 'LABEL_REPEATED' && field.oneofIndex === undefined;
  if (isSingular && featureOf('fieldPresence', field, file.descriptor) === 'IMPLICIT') {
    throw fieldError(
      field,
      file,
      'type',
      `the enum ${quoted(type.fullName)} is closed; a field with implicit presence can only have an open enum`,
    );
  }
}

function checkMapEntry(entry: NamedSymbol, file: LinkedFile, table: LinkTable): void {
  if (entry.kind !== 'message') return;
  const { marks, source } = file.parsed;
  const [key, value] = entry.element.field ?? [];
  if (!isMapKey(key.type)) {
    throw source.error(marks.of(key)?.type ?? 0, 'the key of a map must be an integer, a bool or a string');
  }
  const type = value.typeName === undefined ? undefined : table.get(value.typeName.slice(1));
  if (type?.kind === 'enum' && type.element.value?.[0]?.number !== 0) {
    throw source.error(
      marks.of(value)?.type ?? 0,
      `the first value of the enum ${quoted(type.fullName)} must be 0 for it to be the value of a map`,
    );
  }
}

export function checkExtension({ element: field, file }: FieldSymbol, table: LinkTable): void {
  checkField(field, file, table);
  const { extendee = '' } = field;
  if (syntaxOf(file.descriptor) === 'proto3' && !OPTIONS_TYPE.test(extendee)) {
    const at = file.parsed.extendees.get(field) ?? 0;
    throw file.parsed.source.error(at, 'proto3 allows extensions only to define custom options');
  }
  if (field.label === 'LABEL_REQUIRED')
    throw fieldError(field, file, 'name', 'an extension cannot be required');
  if (field.jsonName !== jsonNameOf(field.name))
    throw fieldError(field, file, 'name', 'an extension cannot have a json_name');
  const extended = table.get(extendee.slice(1));
  if (extended?.kind !== 'message' || extended.element.options?.['messageSetWireFormat'] !== true) return;
  if (field.label !== 'LABEL_OPTIONAL' || field.type !== 'TYPE_MESSAGE') {
    throw fieldError(field, file, 'name', 'an extension of a MessageSet must be an optional message');
  }
}
