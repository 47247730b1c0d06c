// What the parser knows of a file beyond its descriptor: where each element stands, and the options that were
// written but not yet understood. The linker and the checks use it for their messages; it is dropped with them.

import type { ElementDraft, FieldDraft, FileDraft } from './draft.ts';
import type { OptionStatement } from './option-statement.ts';
import type { SourceText } from './source-text.ts';

/** Offsets into the source. */
export interface Mark {
  /** The first token of the declaration. */
  readonly start: number;
  readonly name: number;
  /** A field's type, or a method's request type. */
  readonly type: number;
  /** A field's or value's number, or a method's reply type. */
  readonly second: number;
  /** The `;` or `{` that ends the declaration's head: comments after it belong to the element. */
  readonly headEnd: number;
  /** After the last token. */
  readonly end: number;
}

const MARK_SIZE = 6;

/** Where elements stand: filled while parsing at the cost of a few numbers each, indexed when first asked. */
export class Marks {
  readonly elements: object[] = [];
  readonly #offsets: number[] = [];
  #index: Map<object, number> | undefined;

  /** Starts a record; the index returned is what the setters take. */
  add(element: object, start: number): number {
    const index = this.elements.length;
    this.elements.push(element);
    this.#offsets.push(start, start, start, start, start, start);
    return index;
  }

  setName(index: number, offset: number): void {
    this.#offsets[index * MARK_SIZE + 1] = offset;
  }

  setType(index: number, offset: number): void {
    this.#offsets[index * MARK_SIZE + 2] = offset;
  }

  setSecond(index: number, offset: number): void {
    this.#offsets[index * MARK_SIZE + 3] = offset;
  }

  setHeadEnd(index: number, offset: number): void {
    this.#offsets[index * MARK_SIZE + 4] = offset;
  }

  setEnd(index: number, offset: number): void {
    this.#offsets[index * MARK_SIZE + 5] = offset;
  }

  of(element: object): Mark | undefined {
    if (this.#index === undefined) this.#index = new Map(this.elements.map((e, i) => [e, i]));
    const index = this.#index.get(element);
    if (index === undefined) return undefined;
    const [start, name, type, second, headEnd, end] = this.#offsets.slice(
      index * MARK_SIZE,
      (index + 1) * MARK_SIZE,
    );
    return { start, name, type, second, headEnd, end };
  }
}

/** A statement that is not an element of its own: an import, an option, `reserved`, `extensions`, `extend`. */
export interface NotedStatement {
  /** What it is in; an option's may be any element. */
  readonly owner: object;
  /** Its path below the owner's, or the option that it sets, or the import that it is. */
  readonly what: readonly number[] | OptionStatement | ImportStatement;
  readonly start: number;
  readonly headEnd: number;
  readonly end: number;
}

/** One import statement. */
export interface ImportStatement {
  readonly path: string;
  readonly kind: 'plain' | 'public' | 'weak' | 'option';
  /** Offset of the path. */
  readonly offset: number;
  /** Its index in the descriptor's list of such imports, which changes when two imports lead to one file. */
  place: number;
}

export interface ParsedFile {
  readonly descriptor: FileDraft;
  readonly source: SourceText;
  readonly imports: readonly ImportStatement[];
  readonly marks: Marks;
  /** Where single statements of the file stand: `syntax`, `package`. */
  readonly statements: ReadonlyMap<'syntax' | 'package', Mark>;
  /** Other statements, in their order. */
  readonly noted: readonly NotedStatement[];
  /** Uninterpreted options by the element that carries them. */
  readonly options: ReadonlyMap<ElementDraft, readonly OptionStatement[]>;
  /** Where the extended type of an extension is named. */
  readonly extendees: ReadonlyMap<FieldDraft, number>;
  /** Fields that were written `map<…>`. */
  readonly mapFields: ReadonlySet<FieldDraft>;
  /** Where a range of field or extension numbers is written. */
  readonly ranges: ReadonlyMap<object, number>;
}
