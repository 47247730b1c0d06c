// Reads one file from disk, if it is one that may be read: a regular file of bounded size, inside its root, or a pipe
// that the user named. It knows nothing of protobuf.

import { constants, type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { errorCodeOf } from '../../values/realm.ts';
import { isPipe, readPipe } from './pipe-reader.ts';
import { decodeProtoText } from './syntax/proto-text.ts';
import { isInside } from './working-directory.ts';

/** Larger files are refused before they are parsed. */
export const MAX_PROTO_FILE_BYTES: number = 16 * 1024 * 1024;

const CHUNK_BYTES = 64 * 1024;
/** How far to look for the NUL octets of a binary file. */
const BINARY_PROBE_BYTES = 1024;

export type FileContent =
  | { readonly kind: 'text'; readonly realPath: string; readonly text: string }
  /** It is there, but was read before: only its identity counts. */
  | { readonly kind: 'known'; readonly realPath: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: string };

export type FileRead =
  | FileContent
  /** A pipe that the user named. It can be read only once, and may keep its reader waiting: `read` when its turn comes. */
  | { readonly kind: 'pipe'; readonly realPath: string; read(): Promise<FileContent> };

/**
 * Reads `path`, unless `isKnown` says that the file behind it has been read. With `root`, symbolic links may not
 * lead out of that directory.
 */
export async function readProtoFile(
  path: string,
  root: string | undefined,
  isKnown: (realPath: string) => boolean,
): Promise<FileRead> {
  return refusingFaults(async () => {
    // An anonymous pipe has no real path; whether it is one, or there is nothing, is asked below.
    const realPath = root === undefined ? await realpath(path).catch(() => path) : await realpath(path);
    // What was read before was named by the user, or is inside a root.
    if (isKnown(realPath)) return { kind: 'known', realPath };
    if (root !== undefined && !isInside(realPath, await realpath(root))) {
      return { kind: 'refused', reason: `leads out of ${root}` };
    }
    // Before it is opened, because opening a FIFO or a device can block or act.
    const stats = await stat(realPath);
    // A path that the user named may be a pipe. An import may not: waiting for its writer could take for ever.
    if (root === undefined && isPipe(path, stats)) {
      const content = async () => textRead(realPath, await readPipe(path, stats, MAX_PROTO_FILE_BYTES));
      return { kind: 'pipe', realPath, read: () => refusingFaults(content) };
    }
    const reason = refusal(stats);
    if (reason !== undefined) return { kind: 'refused', reason };
    return readRegularFile(realPath);
  });
}

async function readRegularFile(realPath: string): Promise<FileContent> {
  // Without blocking, and checked again in case the file was replaced in between.
  const handle = await open(realPath, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const opened = await handle.stat();
    const reason = refusal(opened);
    if (reason !== undefined) return { kind: 'refused', reason };
    return textRead(realPath, await readBounded(handle, opened.size));
  } finally {
    await handle.close();
  }
}

/** What the system says of a file that cannot be read, as a result. */
async function refusingFaults<T extends FileRead>(read: () => Promise<T>): Promise<T | FileContent> {
  try {
    return await read();
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === undefined) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'refused', reason: `cannot be read: ${code}` };
  }
}

function textRead(realPath: string, bytes: Uint8Array | undefined): FileContent {
  if (bytes === undefined) return { kind: 'refused', reason: tooLarge('more') };
  const reason = textRefusal(bytes);
  return reason === undefined
    ? { kind: 'text', realPath, text: decodeProtoText(bytes) }
    : { kind: 'refused', reason };
}

/** Why bytes cannot be the text of a .proto file, or undefined. */
export function textRefusal(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_PROTO_FILE_BYTES) return tooLarge(String(bytes.length));
  return bytes.subarray(0, BINARY_PROBE_BYTES).includes(0) ? 'is a binary file' : undefined;
}

function refusal(file: { isFile(): boolean; isDirectory(): boolean; size: number }): string | undefined {
  if (file.isDirectory()) return 'is a directory';
  if (!file.isFile()) return 'is not a regular file';
  return file.size > MAX_PROTO_FILE_BYTES ? tooLarge(String(file.size)) : undefined;
}

function tooLarge(size: string): string {
  return `has ${size} bytes, more than MAX_PROTO_FILE_BYTES ${MAX_PROTO_FILE_BYTES}`;
}

/** Undefined when the file is too large; `expected`, the size from `stat`, is only a first guess. */
async function readBounded(handle: FileHandle, expected: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let size = expected + 1; ; size = CHUNK_BYTES) {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(size), 0, size, null);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > MAX_PROTO_FILE_BYTES) return undefined;
    // A regular file gives less than was asked for only at its end.
    if (bytesRead < size) break;
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}
