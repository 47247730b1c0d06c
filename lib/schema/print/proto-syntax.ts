// How .proto source spells what descriptors state as facts: syntax, visibility, labels, ranges, defaults; and which parts
// it writes inside others (groups, maps, members of oneofs).

import type {
  DescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '../descriptors/descriptor-types.ts';
import { jsonNameOf, lastPart } from '../descriptors/names.ts';
import { stringLiteral } from '../text/text-literal.ts';

export const MAX_INT32: number = 2147483647;
/** An edition's name in source. */
const EDITION = /^EDITION_(\d+)$/;
const EDITION_NAMES: ReadonlyMap<number, string> = new Map([
  [1000, '2023'],
  [1001, '2024'],
  [1002, '2026'],
]);

export function syntaxName({ syntax }: FileDescriptorProto): string {
  return syntax === undefined || syntax === '' ? 'proto2' : syntax;
}

/** `syntax = "proto3"` or `edition = "2023"` */
export function syntaxOf(file: FileDescriptorProto): string {
  const syntax = syntaxName(file);
  if (syntax !== 'editions') return `syntax = "${syntax}"`;
  const edition = String(file.edition ?? '');
  return `edition = "${EDITION.exec(edition)?.[1] ?? EDITION_NAMES.get(Number(edition)) ?? edition}"`;
}

/** `repeated `, `required `, `optional ` or nothing. */
export function labelOf(field: FieldDescriptorProto, syntax: string): string {
  if (field.label === 'LABEL_REPEATED') return 'repeated ';
  if (field.label === 'LABEL_REQUIRED') return 'required ';
  return syntax === 'proto2' || field.proto3Optional === true ? 'optional ' : '';
}

/** What is written among the options without being one. */
export function pseudoOptions(field: FieldDescriptorProto): string[] {
  const found: string[] = [];
  const { defaultValue, jsonName } = field;
  if (defaultValue !== undefined) {
    const isText = field.type === 'TYPE_STRING';
    // The default of a bytes field is escaped already.
    const bytes = field.type === 'TYPE_BYTES' ? `"${defaultValue}"` : defaultValue;
    found.push(`default = ${isText ? stringLiteral(defaultValue) : bytes}`);
  }
  if (jsonName !== undefined && field.extendee === undefined && jsonName !== jsonNameOf(field.name)) {
    found.push(`json_name = ${stringLiteral(jsonName)}`);
  }
  return found;
}

/** The indexes of the members of each oneof, and the oneofs that stand for proto3 `optional`. */
export function oneofMembers(message: DescriptorProto): {
  readonly membersOf: ReadonlyMap<number, readonly number[]>;
  readonly synthetic: ReadonlySet<number>;
} {
  const synthetic = new Set<number>();
  const membersOf = new Map<number, number[]>();
  for (const [i, field] of message.field?.entries() ?? []) {
    const { oneofIndex } = field;
    if (oneofIndex === undefined) continue;
    const members = membersOf.get(oneofIndex);
    if (members === undefined) membersOf.set(oneofIndex, [i]);
    else members.push(i);
    if (field.proto3Optional === true) synthetic.add(oneofIndex);
  }
  return { membersOf, synthetic };
}

/** Full names of the messages that groups define in place. */
export function groupsOf(fields: readonly FieldDescriptorProto[] | undefined): ReadonlySet<string> {
  const groups = (fields ?? []).filter(({ type, name, typeName }) => {
    return type === 'TYPE_GROUP' && lastPart(typeName ?? '').toLowerCase() === name;
  });
  return new Set(groups.map(({ typeName }) => (typeName ?? '').replace(/^\./, '')));
}

export function visibilityOf(visibility: string | number | undefined): string {
  if (visibility === 'VISIBILITY_EXPORT' || visibility === 2) return 'export ';
  return visibility === 'VISIBILITY_LOCAL' || visibility === 1 ? 'local ' : '';
}

export function rangeText(start: number, last: number, max: number): string {
  if (last === start) return String(start);
  return `${start} to ${last >= max ? 'max' : last}`;
}

const nestedPlaces: WeakMap<readonly DescriptorProto[], Map<string, number>> = new WeakMap();

/** The index of the message with that full name among those in a scope; -1 if it is not there. Every field asks. */
export function nestedPlace(
  nested: readonly DescriptorProto[] | undefined,
  scope: string,
  fullName: string,
): number {
  if (nested === undefined) return -1;
  let places = nestedPlaces.get(nested);
  if (places === undefined) {
    // The first one of a name, should there be two.
    places = new Map([...nested.entries()].reverse().map(([i, { name }]) => [name, i]));
    nestedPlaces.set(nested, places);
  }
  const prefix = scope === '' ? '' : `${scope}.`;
  return fullName.startsWith(prefix) ? (places.get(fullName.slice(prefix.length)) ?? -1) : -1;
}
