// Reads one field up to its `;` or, for a group, up to its body: label, type, name, number, options, default. Where the
// field goes (message, oneof, extend) and a group's body are up to the caller.

import type { FieldTypeName } from '../../descriptors/descriptor-types.ts';
import { jsonNameOf, mapEntryName } from '../../descriptors/names.ts';
import { scalarType } from '../../descriptors/scalar-types.ts';
import { CLOSE_BRACKET, COMMA, DOT, EQUALS, GREATER, LESS, OPEN_BRACKET } from '../../text/token-stream.ts';
import type { FieldDraft, MessageDraft } from './draft.ts';
import { fieldDefault } from './field-default.ts';
import { parseOption } from './parse-option.ts';
import type { ParseState } from './parse-state.ts';

type Label = NonNullable<FieldDraft['label']>;

const LABELS: ReadonlyMap<string, Label> = new Map([
  ['optional', 'LABEL_OPTIONAL'],
  ['required', 'LABEL_REQUIRED'],
  ['repeated', 'LABEL_REPEATED'],
]);

/** Words that are not the name of a message or enum: scalar types, and `group`. */
export function isBuiltinType(word: string): boolean {
  return scalarType(word) !== undefined || word === 'group';
}

/** What stands around a field, as far as it changes how the field is read. */
export type FieldPlace = 'message' | 'oneof' | 'extend';

export interface ParsedField {
  readonly field: FieldDraft;
  /** Index of the field's mark. */
  readonly mark: number;
  /** A group's message type, whose body follows. */
  readonly group?: MessageDraft;
  /** The entry type of a map field. */
  readonly entry?: MessageDraft;
}

export function parseField(state: ParseState, place: FieldPlace): ParsedField {
  const { tokens } = state;
  const { start } = tokens;
  const label = parseLabel(state, place);
  const typeStart = tokens.start;
  if (tokens.takeWord('map')) {
    if (tokens.isSymbol(LESS)) return parseMapField(state, place, start, typeStart, label !== undefined);
    return finishField(
      state,
      start,
      typeStart,
      requireLabel(state, label, place, typeStart),
      typeRest(state, 'map'),
    );
  }
  const word = tokens.word;
  const type = scalarType(word);
  const fullLabel = requireLabel(state, label, place, typeStart);
  if (type !== undefined) {
    tokens.next();
    return finishField(state, start, typeStart, fullLabel, type);
  }
  if (word === 'group') return parseGroupHead(state, start, typeStart, fullLabel);
  return finishField(state, start, typeStart, fullLabel, {
    typeName: tokens.qualifiedName("a field's type"),
  });
}

interface LabelChoice {
  readonly label: Label;
  readonly proto3Optional: boolean;
}

const CHOICES: Readonly<Record<Label, LabelChoice>> = {
  LABEL_OPTIONAL: { label: 'LABEL_OPTIONAL', proto3Optional: false },
  LABEL_REQUIRED: { label: 'LABEL_REQUIRED', proto3Optional: false },
  LABEL_REPEATED: { label: 'LABEL_REPEATED', proto3Optional: false },
};
const PROTO3_OPTIONAL: LabelChoice = { label: 'LABEL_OPTIONAL', proto3Optional: true };

function parseLabel(state: ParseState, place: FieldPlace): Label | undefined {
  const { tokens, syntax } = state;
  const label = LABELS.get(tokens.word);
  if (label === undefined) return undefined;
  if (place === 'oneof')
    throw tokens.errorHere(`found ${tokens.found()}, but the fields of a oneof have no label`);
  if (label === 'LABEL_REQUIRED' && syntax !== 'proto2') {
    const instead = syntax === 'editions' ? '; use features.field_presence = LEGACY_REQUIRED' : '';
    throw tokens.errorHere(`found 'required', which ${syntax} does not have${instead}`);
  }
  if (label === 'LABEL_OPTIONAL' && syntax === 'editions') {
    throw tokens.errorHere(
      "found 'optional', which editions do not have: singular fields have presence by default",
    );
  }
  tokens.next();
  return label;
}

function requireLabel(
  state: ParseState,
  label: Label | undefined,
  place: FieldPlace,
  at: number,
): LabelChoice {
  if (label === undefined) {
    if (state.syntax === 'proto2' && place !== 'oneof') {
      const found = state.tokens.start === at ? state.tokens.found() : "'map'";
      const isSaid = state.statements.has('syntax');
      const hint = isSaid ? '' : `; a file without 'syntax = "proto3";' at its top is proto2`;
      throw state.source.error(at, `found ${found}, expected 'optional', 'required' or 'repeated'${hint}`);
    }
    return CHOICES.LABEL_OPTIONAL;
  }
  return label === 'LABEL_OPTIONAL' && state.syntax === 'proto3' ? PROTO3_OPTIONAL : CHOICES[label];
}

/** The rest of a type name whose first word is read. */
function typeRest(state: ParseState, first: string): { typeName: string } {
  const { tokens } = state;
  let typeName = first;
  while (tokens.isSymbol(DOT)) typeName += tokens.qualifiedName('an identifier');
  return { typeName };
}

function finishField(
  state: ParseState,
  start: number,
  typeStart: number,
  { label, proto3Optional }: LabelChoice,
  type: FieldTypeName | { typeName: string },
): ParsedField {
  const { tokens } = state;
  const nameStart = tokens.start;
  const name = tokens.identifier("a field's name");
  tokens.expectSymbol(EQUALS);
  const numberStart = tokens.start;
  const number = tokens.int32("a field's number");
  const field: FieldDraft =
    typeof type === 'string'
      ? { name, number, label, type }
      : { name, number, label, typeName: type.typeName };
  if (proto3Optional) field.proto3Optional = true;
  const mark = markField(state, field, start, typeStart, nameStart, numberStart);
  parseFieldOptions(state, field);
  field.jsonName ??= jsonNameOf(name);
  return { field, mark };
}

function markField(
  { marks }: ParseState,
  field: FieldDraft,
  start: number,
  typeStart: number,
  nameStart: number,
  numberStart: number,
): number {
  const mark = marks.add(field, start);
  marks.setType(mark, typeStart);
  marks.setName(mark, nameStart);
  marks.setSecond(mark, numberStart);
  return mark;
}

function parseFieldOptions(state: ParseState, field: FieldDraft): void {
  const { tokens } = state;
  if (!tokens.takeSymbol(OPEN_BRACKET)) return;
  do {
    const at = tokens.start;
    if (tokens.takeWord('default')) {
      if (field.defaultValue !== undefined) throw tokens.errorAt(at, "found a second 'default'");
      tokens.expectSymbol(EQUALS);
      field.defaultValue = fieldDefault(tokens, field.type);
    } else if (tokens.takeWord('json_name')) {
      if (field.jsonName !== undefined) throw tokens.errorAt(at, "found a second 'json_name'");
      tokens.expectSymbol(EQUALS);
      field.jsonName = tokens.plainString('a string');
    } else {
      state.addOption(field, parseOption(tokens));
    }
  } while (tokens.takeSymbol(COMMA));
  tokens.expectSymbol(CLOSE_BRACKET);
}

function parseGroupHead(
  state: ParseState,
  start: number,
  typeStart: number,
  label: LabelChoice,
): ParsedField {
  const { tokens, marks } = state;
  if (state.syntax !== 'proto2') {
    const instead = state.syntax === 'editions' ? '; use features.message_encoding = DELIMITED' : '';
    throw tokens.errorHere(`found a group, which ${state.syntax} does not have${instead}`);
  }
  tokens.next();
  const nameStart = tokens.start;
  const name = tokens.identifier("a group's name");
  if (!/^[A-Z]/.test(name))
    throw tokens.errorAt(nameStart, "a group's name must start with a capital letter");
  tokens.expectSymbol(EQUALS);
  const numberStart = tokens.start;
  const number = tokens.int32("a field's number");
  const field: FieldDraft = {
    name: name.toLowerCase(),
    number,
    label: label.label,
    type: 'TYPE_GROUP',
    typeName: name,
  };
  const mark = markField(state, field, start, typeStart, nameStart, numberStart);
  parseFieldOptions(state, field);
  field.jsonName ??= jsonNameOf(field.name);
  const group: MessageDraft = { name };
  marks.setName(marks.add(group, start), nameStart);
  return { field, mark, group };
}

function parseMapField(
  state: ParseState,
  place: FieldPlace,
  start: number,
  typeStart: number,
  hasLabel: boolean,
): ParsedField {
  const { tokens } = state;
  if (place !== 'message') {
    const where = place === 'oneof' ? 'a member of a oneof' : 'an extension';
    throw tokens.errorAt(typeStart, `found a map, which cannot be ${where}`);
  }
  if (hasLabel) throw tokens.errorAt(start, 'found a label, which a map field cannot have');
  tokens.expectSymbol(LESS);
  const keyStart = tokens.start;
  const keyType = parseMapType(state);
  tokens.expectSymbol(COMMA);
  const valueStart = tokens.start;
  const valueType = parseMapType(state);
  tokens.expectSymbol(GREATER);
  const result = finishField(state, start, typeStart, CHOICES.LABEL_REPEATED, { typeName: '' });
  const name = mapEntryName(result.field.name);
  result.field.typeName = name;
  const key: FieldDraft = { name: 'key', number: 1, label: 'LABEL_OPTIONAL', ...keyType, jsonName: 'key' };
  const value: FieldDraft = {
    name: 'value',
    number: 2,
    label: 'LABEL_OPTIONAL',
    ...valueType,
    jsonName: 'value',
  };
  markField(state, key, keyStart, keyStart, keyStart, keyStart);
  markField(state, value, valueStart, valueStart, valueStart, valueStart);
  state.mapFields.add(result.field);
  copyOptionsToEntry(state, result.field, key, value);
  return { ...result, entry: { name, field: [key, value], options: { mapEntry: true } } };
}

function parseMapType(state: ParseState): { type: FieldTypeName } | { typeName: string } {
  const { tokens } = state;
  const type = scalarType(tokens.word);
  if (type === undefined) return { typeName: tokens.qualifiedName('a type') };
  tokens.next();
  return { type };
}

/** Features of a map field apply to its key and value too; so does the old enforce_utf8, for strings. */
function copyOptionsToEntry(state: ParseState, field: FieldDraft, key: FieldDraft, value: FieldDraft): void {
  for (const option of state.options.get(field) ?? []) {
    const [first] = option.name;
    if (first.isExtension) continue;
    for (const part of [key, value]) {
      const isEnforced =
        first.name === 'enforce_utf8' && option.name.length === 1 && part.type === 'TYPE_STRING';
      if (first.name === 'features' || isEnforced) state.addOption(part, option);
    }
  }
}
