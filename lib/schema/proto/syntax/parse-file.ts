// Reads a whole .proto file into a descriptor as protoc's parser would make it: syntax only, in one pass.
// Type names are still as written and options not yet understood; schema/proto/linking/linker.ts and
// schema/proto/linking/option-interpreter.ts follow.

import { nearestNames } from '../../../values/nearest-names.ts';
import { DOT, EQUALS, SEMICOLON } from '../../text/token-stream.ts';
import { END, WORD } from '../../text/tokenizer.ts';
import type { FileDraft } from './draft.ts';
import { parseEnum } from './parse-enum.ts';
import { parseExtend, parseMessage, parseVisibility, VISIBILITY_EDITION } from './parse-message.ts';
import { parseOptionStatement } from './parse-option.ts';
import { parseService } from './parse-service.ts';
import { ParseState } from './parse-state.ts';
import type { ImportStatement, ParsedFile } from './parsed-file.ts';
import { quoted, SourceText } from './source-text.ts';

const EDITIONS: ReadonlySet<string> = new Set(['2023', '2024', '2026']);
/** The longest package name that protoc accepts. */
const MAX_PACKAGE_LENGTH = 511;
/** The first edition with `import option`, and the first without `import weak`. */
const OPTION_IMPORT_EDITION = 2024;

const KEYWORDS: readonly string[] = [
  'syntax',
  'edition',
  'package',
  'import',
  'option',
  'message',
  'enum',
  'service',
  'extend',
  'export',
  'local',
];

/** `name` is the file's name in descriptors; `displayName` is what errors call it. */
export function parseFile(text: string, name: string, displayName: string): ParsedFile {
  const state = new ParseState(new SourceText(displayName, text), name);
  const { tokens } = state;
  tokens.next();
  parseSyntax(state);
  while (tokens.kind !== END) parseTopLevel(state);
  return state.result();
}

function parseSyntax(state: ParseState): void {
  const { tokens, file } = state;
  const { start } = tokens;
  if (!tokens.isWord('syntax') && !tokens.isWord('edition')) return;
  const isEdition = tokens.isWord('edition');
  tokens.next();
  tokens.expectSymbol(EQUALS);
  const valueStart = tokens.start;
  const value = tokens.plainString(isEdition ? 'an edition such as "2023"' : '"proto2" or "proto3"');
  if (isEdition) {
    if (!EDITIONS.has(value)) {
      throw tokens.errorAt(valueStart, `unknown edition, expected one of ${[...EDITIONS].join(', ')}`);
    }
    state.syntax = 'editions';
    state.edition = Number(value);
    file.syntax = 'editions';
    file.edition = `EDITION_${value}`;
  } else if (value === 'proto3') {
    state.syntax = 'proto3';
    file.syntax = 'proto3';
  } else if (value !== 'proto2') {
    throw tokens.errorAt(valueStart, 'unknown syntax, expected "proto2" or "proto3"');
  }
  markStatement(state, 'syntax', start);
}

function markStatement(state: ParseState, what: 'syntax' | 'package', start: number): void {
  const { tokens } = state;
  const headEnd = tokens.start;
  tokens.expectSymbol(SEMICOLON);
  state.statements.set(what, {
    start,
    name: start,
    type: start,
    second: start,
    headEnd,
    end: tokens.previousEnd,
  });
}

function parseTopLevel(state: ParseState): void {
  const { tokens, file } = state;
  if (tokens.takeSymbol(SEMICOLON)) return;
  const visibility = parseVisibility(state);
  const { start } = tokens;
  switch (tokens.word) {
    case 'message':
      addMessage(file, parseMessage(state, start, visibility, 1));
      return;
    case 'enum':
      file.enumType ??= [];
      file.enumType.push(parseEnum(state, start, visibility));
      return;
    case 'service':
      file.service ??= [];
      file.service.push(parseService(state));
      return;
    case 'extend':
      file.extension ??= [];
      parseExtend(state, file, file.extension, (type) => addMessage(file, type), 0);
      return;
    case 'import':
      parseImport(state);
      return;
    case 'package':
      parsePackage(state);
      return;
    case 'option':
      parseOptionStatement(state, file);
      return;
    default:
      throw unknownStatement(state);
  }
}

/** This may not be a .proto file at all, so nothing of it is quoted except a word that is nearly a keyword. */
function unknownStatement({ tokens }: ParseState): Error {
  if (tokens.isWord('syntax') || tokens.isWord('edition')) {
    return tokens.errorHere(`found '${tokens.word}', which must be the first statement of a file`);
  }
  if (tokens.isWord('export') || tokens.isWord('local')) {
    return tokens.errorHere(`found '${tokens.word}', which needs edition ${VISIBILITY_EDITION} or later`);
  }
  const [near] = tokens.kind === WORD ? nearestNames(tokens.word, KEYWORDS, 1) : [];
  if (near !== undefined) return tokens.expected(`'${near}'`);
  const found = tokens.kind === WORD ? 'a word' : tokens.code === 0 ? 'a literal' : tokens.found();
  return tokens.errorHere(`found ${found}, expected ${KEYWORDS.slice(2, 9).join(', ')}`);
}

function addMessage(file: FileDraft, message: NonNullable<FileDraft['messageType']>[number]): void {
  if (file.messageType === undefined) file.messageType = [message];
  else file.messageType.push(message);
}

function parsePackage(state: ParseState): void {
  const { tokens, file } = state;
  const { start } = tokens;
  if (file.package !== undefined) throw tokens.errorHere("found a second 'package'");
  tokens.next();
  let name = tokens.identifier("the package's name");
  while (name.length <= MAX_PACKAGE_LENGTH && tokens.takeSymbol(DOT))
    name += `.${tokens.identifier('an identifier')}`;
  if (name.length > MAX_PACKAGE_LENGTH) {
    throw tokens.errorAt(start, `a package's name can have at most ${MAX_PACKAGE_LENGTH} characters`);
  }
  file.package = name;
  markStatement(state, 'package', start);
}

function parseImport(state: ParseState): void {
  const { tokens, file } = state;
  const importStart = tokens.start;
  tokens.next();
  let kind: ImportStatement['kind'] = 'plain';
  let place = 0;
  if (tokens.isWord('public') || tokens.isWord('weak') || tokens.isWord('option')) {
    kind = tokens.word === 'public' ? 'public' : tokens.word === 'weak' ? 'weak' : 'option';
    if (kind === 'option' && state.edition < OPTION_IMPORT_EDITION) {
      throw tokens.errorHere(`found 'option', which needs edition ${OPTION_IMPORT_EDITION} or later`);
    }
    if (kind === 'weak' && state.edition >= OPTION_IMPORT_EDITION) {
      throw tokens.errorHere(`found 'weak', which edition ${OPTION_IMPORT_EDITION} replaced with 'option'`);
    }
    tokens.next();
  }
  const offset = tokens.start;
  const path = tokens.plainString('the path of a file in quotes');
  if (state.importPaths.has(path))
    throw tokens.errorAt(offset, `${quoted(path, 'this file')} is imported twice`);
  if (kind === 'option') {
    file.optionDependency ??= [];
    place = file.optionDependency.push(path) - 1;
  } else {
    if (file.optionDependency !== undefined) {
      throw tokens.errorAt(importStart, "found an import after an 'import option'; it must come before");
    }
    file.dependency ??= [];
    place = file.dependency.push(path) - 1;
    if (kind === 'public') {
      file.publicDependency ??= [];
      file.publicDependency.push(place);
    } else if (kind === 'weak') {
      file.weakDependency ??= [];
      file.weakDependency.push(place);
    }
  }
  state.importPaths.add(path);
  const statement = { path, kind, offset, place };
  state.imports.push(statement);
  const headEnd = tokens.start;
  tokens.expectSymbol(SEMICOLON);
  state.note(file, statement, importStart, headEnd);
}
