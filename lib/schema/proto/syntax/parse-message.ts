// Reads messages: bodies, oneofs, groups and extend blocks.

import { syntheticOneofName } from '../../descriptors/names.ts';
import { CLOSE_BRACE, DOT, OPEN_BRACE, SEMICOLON } from '../../text/token-stream.ts';
import type { FieldDraft, MessageDraft, OneofDraft } from './draft.ts';
import { parseEnum } from './parse-enum.ts';
import { type FieldPlace, isBuiltinType, parseField } from './parse-field.ts';
import { parseOptionStatement } from './parse-option.ts';
import { closeOpenRanges, parseExtensions, parseReserved } from './parse-ranges.ts';
import { MAX_MESSAGE_DEPTH, type ParseState } from './parse-state.ts';

/** The first edition with `export` and `local`. */
export const VISIBILITY_EDITION = 2024;

/** Where fields and the types that come with them (groups, map entries) go. */
interface FieldOwner {
  addField(field: FieldDraft): void;
  addType(type: MessageDraft): void;
}

/** From the word `message`; `depth` counts this message and those around it. */
export function parseMessage(
  state: ParseState,
  start: number,
  visibility: string | undefined,
  depth: number,
): MessageDraft {
  const { tokens, marks } = state;
  tokens.expectWord('message');
  const nameStart = tokens.start;
  const message: MessageDraft = { name: tokens.identifier("the message's name") };
  if (visibility !== undefined) message.visibility = visibility;
  const mark = marks.add(message, start);
  marks.setName(mark, nameStart);
  parseBody(state, message, mark, depth);
  return message;
}

/** `export` or `local` before a message or an enum, where the edition has them. */
export function parseVisibility(state: ParseState): string | undefined {
  const { tokens } = state;
  if (state.edition < VISIBILITY_EDITION || (tokens.word !== 'export' && tokens.word !== 'local'))
    return undefined;
  const visibility = tokens.takeWord('export') ? 'VISIBILITY_EXPORT' : 'VISIBILITY_LOCAL';
  if (visibility === 'VISIBILITY_LOCAL') tokens.next();
  if (!tokens.isWord('message') && !tokens.isWord('enum')) throw tokens.expected("'message' or 'enum'");
  return visibility;
}

function parseBody(state: ParseState, message: MessageDraft, mark: number, depth: number): void {
  const { tokens, marks } = state;
  if (depth > MAX_MESSAGE_DEPTH)
    throw tokens.errorHere(`messages nest more than ${MAX_MESSAGE_DEPTH} levels deep`);
  marks.setHeadEnd(mark, tokens.start);
  tokens.expectSymbol(OPEN_BRACE);
  const owner: FieldOwner = {
    addField: (field) => {
      if (message.field === undefined) message.field = [field];
      else message.field.push(field);
    },
    addType: (type) => {
      if (message.nestedType === undefined) message.nestedType = [type];
      else message.nestedType.push(type);
    },
  };
  while (!tokens.takeSymbol(CLOSE_BRACE)) parseStatement(state, message, owner, depth);
  marks.setEnd(mark, tokens.previousEnd);
  closeOpenRanges(state, message);
  if (state.syntax === 'proto3') addSyntheticOneofs(message);
}

function parseStatement(state: ParseState, message: MessageDraft, owner: FieldOwner, depth: number): void {
  const { tokens } = state;
  if (tokens.takeSymbol(SEMICOLON)) return;
  const visibility = parseVisibility(state);
  const { start } = tokens;
  switch (tokens.word) {
    case 'message':
      owner.addType(parseMessage(state, start, visibility, depth + 1));
      return;
    case 'enum':
      message.enumType ??= [];
      message.enumType.push(parseEnum(state, start, visibility));
      return;
    case 'extensions':
      parseExtensions(state, message);
      return;
    case 'reserved':
      parseReserved(state, message, 'message');
      return;
    case 'extend':
      message.extension ??= [];
      parseExtend(state, message, message.extension, (type) => owner.addType(type), depth);
      return;
    case 'option':
      parseOptionStatement(state, message);
      return;
    case 'oneof':
      parseOneof(state, message, owner, depth);
      return;
    case '':
      if (!tokens.isSymbol(DOT)) throw tokens.expected("a field, another statement of a message or '}'");
  }
  parseFieldInto(state, 'message', owner, depth);
}

/** Reads a field to the end of its declaration, a group's body included, and gives it to its owner. */
function parseFieldInto(state: ParseState, place: FieldPlace, owner: FieldOwner, depth: number): FieldDraft {
  const { tokens, marks } = state;
  const { field, mark, group, entry } = parseField(state, place);
  owner.addField(field);
  if (group !== undefined) {
    owner.addType(group);
    // The group's own mark was made right after its field's.
    parseBody(state, group, mark + 1, depth + 1);
  } else {
    marks.setHeadEnd(mark, tokens.start);
    tokens.expectSymbol(SEMICOLON);
  }
  marks.setEnd(mark, tokens.previousEnd);
  if (entry !== undefined) owner.addType(entry);
  return field;
}

function parseOneof(state: ParseState, message: MessageDraft, owner: FieldOwner, depth: number): void {
  const { tokens, marks } = state;
  const { start } = tokens;
  tokens.expectWord('oneof');
  const nameStart = tokens.start;
  const oneof: OneofDraft = { name: tokens.identifier("the oneof's name") };
  const mark = marks.add(oneof, start);
  marks.setName(mark, nameStart);
  message.oneofDecl ??= [];
  const oneofIndex = message.oneofDecl.length;
  message.oneofDecl.push(oneof);
  marks.setHeadEnd(mark, tokens.start);
  tokens.expectSymbol(OPEN_BRACE);
  let isEmpty = true;
  while (!tokens.takeSymbol(CLOSE_BRACE)) {
    if (tokens.isWord('option')) {
      parseOptionStatement(state, oneof);
    } else {
      parseFieldInto(state, 'oneof', owner, depth).oneofIndex = oneofIndex;
      isEmpty = false;
    }
  }
  if (isEmpty) throw tokens.errorAt(nameStart, 'a oneof must have at least one field');
  marks.setEnd(mark, tokens.previousEnd);
}

// Field numbers of descriptor.proto.
const FILE_EXTENSION = 7;
const MESSAGE_EXTENSION = 6;

/** `extend Some.Message { fields }`, in a file or in a message. */
export function parseExtend(
  state: ParseState,
  scope: object,
  extensions: FieldDraft[],
  addType: (type: MessageDraft) => void,
  depth: number,
): void {
  const { tokens } = state;
  const { start } = tokens;
  tokens.expectWord('extend');
  const extendeeStart = tokens.start;
  if (isBuiltinType(tokens.word)) throw tokens.expected('a message type');
  const extendee = tokens.qualifiedName('a message type');
  const headEnd = tokens.start;
  tokens.expectSymbol(OPEN_BRACE);
  const owner: FieldOwner = {
    addField: (field) => {
      field.extendee = extendee;
      state.extendees.set(field, extendeeStart);
      extensions.push(field);
    },
    addType,
  };
  do parseFieldInto(state, 'extend', owner, depth);
  while (!tokens.takeSymbol(CLOSE_BRACE));
  state.note(scope, [depth === 0 ? FILE_EXTENSION : MESSAGE_EXTENSION], start, headEnd);
}

/** A proto3 `optional` field is alone in a oneof of its own; these come after the real ones. */
function addSyntheticOneofs(message: MessageDraft): void {
  if (message.field === undefined || !message.field.some((field) => field.proto3Optional)) return;
  message.oneofDecl ??= [];
  const taken = new Set([...message.field, ...message.oneofDecl].map((element) => element.name));
  for (const field of message.field) {
    if (!field.proto3Optional) continue;
    const name = syntheticOneofName(field.name, taken);
    taken.add(name);
    field.oneofIndex = message.oneofDecl.length;
    message.oneofDecl.push({ name });
  }
}
