// The comments and positions of a file's declarations, from its source info, by the paths of descriptor.proto. Indexed
// when first asked for.

import type { FileDescriptorProto, SourceCodeInfo } from './descriptor-types.ts';

type Location = NonNullable<SourceCodeInfo['location']>[number];

export interface Comments {
  readonly detached: readonly string[];
  readonly leading: string | undefined;
  readonly trailing: string | undefined;
}

/** What any reader of a comment (a compiler, an editor) may take for the end of a line. */
export const LINE_END: RegExp = /\r\n?|[\n\u0085\u2028\u2029]/;

export const NONE: Comments = { detached: [], leading: undefined, trailing: undefined };
/** More columns than a line has. */
const LINE = 2 ** 20;

export class SourceComments {
  readonly #file: FileDescriptorProto;
  #index: ReadonlyMap<string, readonly Location[]> | undefined;

  constructor(file: FileDescriptorProto) {
    this.#file = file;
  }

  #locations(path: readonly number[]): readonly Location[] {
    this.#index ??= indexed(this.#file.sourceCodeInfo?.location ?? []);
    return this.#index.get(path.join()) ?? [];
  }

  #location(path: readonly number[]): Location | undefined {
    return this.#locations(path)[0];
  }

  at(path: readonly number[]): Comments {
    const location = this.#location(path);
    return location === undefined ? NONE : commentsOf(location);
  }

  /**
   * The comments of the `index`-th of `count` statements that share a path, such as `reserved`. If the source had another
   * number of them, the first gets the comments of all.
   */
  ofShared(path: readonly number[], index: number, count: number): Comments {
    const all = this.#locations(path).map(commentsOf);
    if (all.length === count) return all[index];
    if (index > 0) return NONE;
    const texts = all.flatMap(({ detached, leading, trailing }) => [...detached, leading, trailing]);
    return { detached: texts.filter((text) => text !== undefined), leading: undefined, trailing: undefined };
  }

  /** A number that grows through the file; undefined without source info. */
  start(path: readonly number[]): number | undefined {
    const [line, column] = this.#location(path)?.span ?? [];
    return line === undefined ? undefined : line * LINE + (column ?? 0);
  }

  /** The comments of a declaration as text to read: without marks, the leading ones first. */
  text(path: readonly number[]): string {
    const { leading, trailing } = this.at(path);
    const parts = [leading, trailing].filter((part) => part !== undefined).map(cleaned);
    return parts.filter((part) => part !== '').join('\n\n');
  }
}

function indexed(locations: readonly Location[]): ReadonlyMap<string, readonly Location[]> {
  const index = new Map<string, Location[]>();
  for (const location of locations) {
    const path = (location.path ?? []).join();
    const others = index.get(path);
    if (others === undefined) index.set(path, [location]);
    else others.push(location);
  }
  return index;
}

function commentsOf({ leadingDetachedComments, leadingComments, trailingComments }: Location): Comments {
  return { detached: leadingDetachedComments ?? [], leading: leadingComments, trailing: trailingComments };
}

/** Without the space that follows the comment marks, and without blank lines at either end. */
function cleaned(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trimEnd());
  // Not by Math.min(...indents): there may be more lines than a call can have arguments.
  let indent = Infinity;
  for (const line of lines) {
    if (line !== '') indent = Math.min(indent, line.length - line.trimStart().length);
  }
  return lines
    .map((line) => line.slice(indent === Infinity ? 0 : indent))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}
