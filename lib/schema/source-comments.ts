// The comments of a file's declarations and where they stand, out of its source info, by the paths of
// descriptor.proto. Indexed when first asked.

import type { FileDescriptorProto, SourceCodeInfo } from './descriptor.ts';

type Location = NonNullable<SourceCodeInfo['location']>[number];

export interface Comments {
  readonly detached: readonly string[];
  readonly leading: string | undefined;
  readonly trailing: string | undefined;
}

const NONE: Comments = { detached: [], leading: undefined, trailing: undefined };
/** More columns than a line has. */
const LINE = 2 ** 20;

export class SourceComments {
  readonly #file: FileDescriptorProto;
  #index: ReadonlyMap<string, Location> | undefined;

  constructor(file: FileDescriptorProto) {
    this.#file = file;
  }

  #location(path: readonly number[]): Location | undefined {
    this.#index ??= new Map(
      this.#file.sourceCodeInfo?.location?.map((one) => [(one.path ?? []).join(), one]),
    );
    return this.#index.get(path.join());
  }

  at(path: readonly number[]): Comments {
    const location = this.#location(path);
    if (location === undefined) return NONE;
    return {
      detached: location.leadingDetachedComments ?? [],
      leading: location.leadingComments,
      trailing: location.trailingComments,
    };
  }

  /** A number that grows through the file; undefined where there is no source info. */
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

/** Without the space that follows the marks, and without blank lines around. */
function cleaned(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trimEnd());
  const indents = lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents, Infinity);
  return lines
    .map((line) => line.slice(indent === Infinity ? 0 : indent))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}
