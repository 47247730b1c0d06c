// SourceCodeInfo of a parsed file: spans and comments of its declarations, by the paths of descriptor.proto.
// Made when somebody first reads `sourceCodeInfo`; parsing itself only notes offsets.

import type { SourceCodeInfo } from '../../descriptors/descriptor-types.ts';
import { ENUM, FILE, MESSAGE, METHOD, ONEOF, SERVICE } from '../../descriptors/source-path.ts';
import { END, Tokenizer } from '../../text/tokenizer.ts';
import { readGap } from './comments.ts';
import type { EnumDraft, FieldDraft, FileDraft, MessageDraft, ServiceDraft } from './draft.ts';
import type { Mark, NotedStatement, ParsedFile } from './parsed-file.ts';
import { withoutRaw } from './proto-text.ts';

type Location = NonNullable<SourceCodeInfo['location']>[number];

/** Gives the file a `sourceCodeInfo` that is computed when first read. */
export function attachSourceInfo(parsed: ParsedFile): void {
  let info: SourceCodeInfo | undefined;
  const { descriptor } = parsed;
  Object.defineProperty(descriptor, 'sourceCodeInfo', {
    enumerable: true,
    configurable: true,
    get: () => {
      info ??= { location: new LocationList(parsed).list };
      return info;
    },
    set: (value: SourceCodeInfo) => {
      info = value;
    },
  });
}

/** Where a statement stands below its owner, whose options' field number is `options`; undefined for nowhere. */
function pathBelow(what: NotedStatement['what'], options: number): readonly number[] | undefined {
  if ('place' in what) return [what.kind === 'option' ? FILE.optionDependency : FILE.dependency, what.place];
  return 'offset' in what ? what.path && [options, ...what.path] : what;
}

class LocationList {
  readonly #parsed: ParsedFile;
  readonly list: Location[] = [];
  /** Where the token before each declaration's first one ended. */
  readonly #gaps: Map<number, number> = new Map();
  readonly #noted: Map<object, NotedStatement[]> = new Map();

  constructor(parsed: ParsedFile) {
    this.#parsed = parsed;
    const tokens = new Tokenizer(parsed.source);
    let before = 0;
    for (tokens.next(); tokens.kind !== END; tokens.next()) {
      // `export` and `local` belong to the declaration, though its span starts after them.
      if (before === 0) this.#gaps.set(tokens.start, tokens.previousEnd);
      else this.#gaps.set(tokens.start, before);
      before = tokens.word === 'export' || tokens.word === 'local' ? tokens.previousEnd : 0;
    }
    for (const statement of parsed.noted) {
      const others = this.#noted.get(statement.owner);
      if (others === undefined) this.#noted.set(statement.owner, [statement]);
      else others.push(statement);
    }
    this.#file(parsed.descriptor);
  }

  /** The statements in an element that are not elements themselves. */
  #statements(owner: object, path: readonly number[], options: number): void {
    for (const { what, start, headEnd, end } of this.#noted.get(owner) ?? []) {
      const below = pathBelow(what, options);
      if (below !== undefined) {
        this.#add([...path, ...below], { start, name: start, type: start, second: start, headEnd, end });
      }
    }
  }

  #file(file: FileDraft): void {
    // protoc records an `edition` statement as the syntax as well.
    this.#add([FILE.syntax], this.#parsed.statements.get('syntax'));
    this.#add([FILE.package], this.#parsed.statements.get('package'));
    this.#statements(file, [], FILE.options);
    this.#fields(file.extension, [FILE.extension]);
    file.messageType?.forEach((message, i) => {
      this.#message(message, [FILE.message, i]);
    });
    this.#enums(file.enumType, [FILE.enum]);
    file.service?.forEach((service, i) => {
      this.#service(service, [FILE.service, i]);
    });
  }

  #message(message: MessageDraft, path: readonly number[]): void {
    const mark = this.#parsed.marks.of(message);
    // The synthetic entry of a map is nowhere in the source.
    if (mark === undefined) return;
    this.#add(path, mark);
    this.#statements(message, path, MESSAGE.options);
    this.#fields(message.field, [...path, MESSAGE.field]);
    message.oneofDecl?.forEach((oneof, i) => {
      this.#add([...path, MESSAGE.oneof, i], this.#parsed.marks.of(oneof));
      this.#statements(oneof, [...path, MESSAGE.oneof, i], ONEOF.options);
    });
    this.#fields(message.extension, [...path, MESSAGE.extension]);
    message.nestedType?.forEach((nested, i) => {
      this.#message(nested, [...path, MESSAGE.nested, i]);
    });
    this.#enums(message.enumType, [...path, MESSAGE.enum]);
  }

  #fields(fields: readonly FieldDraft[] | undefined, path: readonly number[]): void {
    fields?.forEach((field, i) => {
      this.#add([...path, i], this.#parsed.marks.of(field));
    });
  }

  #enums(enums: readonly EnumDraft[] | undefined, path: readonly number[]): void {
    enums?.forEach((element, i) => {
      this.#add([...path, i], this.#parsed.marks.of(element));
      this.#statements(element, [...path, i], ENUM.options);
      element.value?.forEach((value, j) => {
        this.#add([...path, i, ENUM.value, j], this.#parsed.marks.of(value));
      });
    });
  }

  #service(service: ServiceDraft, path: readonly number[]): void {
    this.#add(path, this.#parsed.marks.of(service));
    this.#statements(service, path, SERVICE.options);
    service.method?.forEach((method, i) => {
      this.#add([...path, SERVICE.method, i], this.#parsed.marks.of(method));
      this.#statements(method, [...path, SERVICE.method, i], METHOD.options);
    });
  }

  #add(path: readonly number[], mark: Mark | undefined): void {
    if (mark === undefined) return;
    const { source } = this.#parsed;
    const start = source.spanPosition(mark.start);
    const end = source.spanPosition(mark.end);
    const span =
      start.line === end.line
        ? [start.line, start.column, end.column]
        : [start.line, start.column, end.line, end.column];
    this.list.push({ path, span, ...this.#comments(mark) });
  }

  #comments(mark: Mark): Partial<Location> {
    // A group's field shares its group's place, and the comments are the group's.
    if (mark.headEnd === mark.start) return {};
    const { source } = this.#parsed;
    const { text } = source;
    // Comments are for people: octets in them that are not UTF-8 become U+FFFD.
    const clean = source.hasRawOctets ? withoutRaw : (comment: string) => comment;
    const before = readGap(text, this.#gaps.get(mark.start) ?? mark.start);
    const after = readGap(text, mark.headEnd + 1);
    return {
      ...(before.leading === undefined ? undefined : { leadingComments: clean(before.leading) }),
      ...(after.trailing === undefined ? undefined : { trailingComments: clean(after.trailing) }),
      ...(before.detached.length === 0 ? undefined : { leadingDetachedComments: before.detached.map(clean) }),
    };
  }
}
