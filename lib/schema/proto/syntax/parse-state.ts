// What is shared while one file is parsed: its tokens, its syntax, the descriptor under construction and what
// is remembered for later stages (see ParsedFile).

import { TokenStream } from '../../text/token-stream.ts';
import type { ElementDraft, FieldDraft, FileDraft } from './draft.ts';
import type { OptionStatement } from './option-statement.ts';
import {
  type ImportStatement,
  type Mark,
  Marks,
  type NotedStatement,
  type ParsedFile,
} from './parsed-file.ts';
import type { SourceText } from './source-text.ts';

/** How deep protoc lets messages nest. */
export const MAX_MESSAGE_DEPTH = 31;

export type Syntax = 'proto2' | 'proto3' | 'editions';

export class ParseState {
  readonly source: SourceText;
  readonly tokens: TokenStream;
  readonly file: FileDraft;
  readonly marks: Marks = new Marks();
  readonly imports: ImportStatement[] = [];
  readonly importPaths: Set<string> = new Set();
  readonly statements: Map<'syntax' | 'package', Mark> = new Map();
  readonly noted: NotedStatement[] = [];
  readonly options: Map<ElementDraft, OptionStatement[]> = new Map();
  readonly extendees: Map<FieldDraft, number> = new Map();
  readonly ranges: Map<object, number> = new Map();
  readonly mapFields: Set<FieldDraft> = new Set();
  syntax: Syntax = 'proto2';
  /** The year, with syntax `editions`. */
  edition = 0;

  constructor(source: SourceText, name: string) {
    this.source = source;
    this.tokens = new TokenStream(source);
    this.file = { name };
  }

  /** Notes a statement that has just been read to its `;` or `}`; `headEnd` is where its `;` or `{` stands. */
  note(owner: object, what: NotedStatement['what'], start: number, headEnd: number): void {
    this.noted.push({ owner, what, start, headEnd, end: this.tokens.previousEnd });
  }

  addOption(element: ElementDraft, option: OptionStatement): void {
    const options = this.options.get(element);
    if (options === undefined) this.options.set(element, [option]);
    else options.push(option);
  }

  /** The value of a plainly named option that is a word, for rules that need it before options are interpreted. */
  wordOption(element: ElementDraft, name: string): string | undefined {
    const option = this.options.get(element)?.find((o) => o.name.length === 1 && o.name[0].name === name);
    return option?.value.kind === 'identifier' && !option.name[0].isExtension ? option.value.name : undefined;
  }

  result(): ParsedFile {
    const { file, source, imports, marks, statements, noted, options, extendees, ranges, mapFields } = this;
    return {
      descriptor: file,
      source,
      imports,
      marks,
      statements,
      noted,
      options,
      extendees,
      ranges,
      mapFields,
    };
  }
}
