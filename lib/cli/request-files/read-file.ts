// Files of requests from the disk, and the data files that they name.

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readRequestFile } from '../../requests/file/read-request-file.ts';
import type { RequestFile } from '../../requests/file/request-file.ts';
import { type Mistake, MistakesError, SourceFile } from '../../requests/file/source-file.ts';
import { messageOf } from '../../values/realm.ts';
import { LocalError } from '../command/failure.ts';
import { formatBytes } from '../command/quantity.ts';
import { MAX_REQUEST_FILE_BYTES, yamlTree } from './yaml-tree.ts';

/** Reads a file; its mistakes are in its list. */
export function openRequestFile(path: string): RequestFile {
  let text = '';
  const mistakes: string[] = [];
  try {
    text = boundedText(path, path);
  } catch (error) {
    mistakes.push(messageOf(error));
  }
  const source = new SourceFile(path, text);
  for (const problem of mistakes) source.wrong(0, problem);
  const tree = mistakes.length > 0 ? undefined : yamlTree(source);
  if (tree === undefined) {
    return { source, target: undefined, schema: undefined, variables: [], requests: [] };
  }
  return readRequestFile(source, tree);
}

/** The text of a file that another one names. */
export function textBeside(path: string, file: string): string {
  return boundedText(resolve(dirname(file), path), path);
}

/** A text of at most so many octets as files of requests may have. LocalError for what cannot be read. */
export function boundedText(path: string, shown: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_REQUEST_FILE_BYTES) {
      throw new LocalError(
        `${formatBytes(size)} are more than a file may have (${formatBytes(MAX_REQUEST_FILE_BYTES)})`,
      );
    }
    const bytes = readFileSync(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof LocalError) throw error;
    if (error instanceof TypeError) throw new LocalError(`${shown} is not UTF-8 text`);
    if ((error as { code?: unknown }).code === 'ENOENT') throw new LocalError(`there is no file '${shown}'`);
    throw new LocalError(`cannot read ${shown}: ${messageOf(error)}`);
  }
}

/** Throws where any file has mistakes. */
export function refuseMistakes(files: readonly RequestFile[]): void {
  const mistakes: readonly Mistake[] = files.flatMap(({ source }) =>
    source.mistakes.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column),
  );
  if (mistakes.length > 0) throw new MistakesError(mistakes);
}
