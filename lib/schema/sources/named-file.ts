// The content of a file that the user named: a regular file or a pipe, decompressed, and of limited size.

import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { SchemaError } from '../../values/errors.ts';
import { errorCodeOf, messageOf } from '../../values/realm.ts';
import { isPipe, readPipe } from '../proto/pipe-reader.ts';

/**
 * Anything larger is refused: a file before it is read, a pipe or decompressed data as soon as it exceeds this. A large
 * file on disk is there because its owner wants it; for what a small compressed one becomes, the limit is lower.
 */
const MAX_DESCRIPTOR_FILE_BYTES = 256 * 1024 * 1024;

const inflate = promisify(gunzip);

/** Throws a SchemaError for what is not a regular file, and for one that is too large. */
export async function checkRegularFile(path: string): Promise<void> {
  const found = await statOf(path);
  if (!found.isFile()) throw new SchemaError(`${path} cannot be loaded: it is not a regular file`);
  if (found.size > MAX_DESCRIPTOR_FILE_BYTES) throw tooLarge(path, String(found.size));
}

/** Reads a file, or a pipe to its end. */
export async function readNamedFile(path: string, maxUnpackedBytes: number): Promise<Uint8Array> {
  const found = await statOf(path);
  let bytes: Uint8Array | undefined;
  if (isPipe(path, found)) bytes = await readPipe(path, found, MAX_DESCRIPTOR_FILE_BYTES);
  else {
    await checkRegularFile(path);
    bytes = await readFile(path);
  }
  if (bytes === undefined) throw tooLarge(path, 'more');
  return isGzip(bytes) ? decompressed(path, bytes, maxUnpackedBytes) : bytes;
}

/** No descriptor set, JSON or text begins with these octets. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function decompressed(path: string, bytes: Uint8Array, maxUnpackedBytes: number): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: Math.min(maxUnpackedBytes, MAX_DESCRIPTOR_FILE_BYTES) });
  } catch (error) {
    if (errorCodeOf(error) === 'ERR_BUFFER_TOO_LARGE') {
      if (maxUnpackedBytes > MAX_DESCRIPTOR_FILE_BYTES) throw tooLarge(path, 'more');
      throw new SchemaError(
        `${path} cannot be loaded: decompressed, it has more bytes than maxUnpackedBytes ${maxUnpackedBytes}`,
      );
    }
    throw new SchemaError(`${path} cannot be loaded: it cannot be decompressed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function statOf(path: string): ReturnType<typeof stat> {
  return stat(path).catch((error: unknown) => {
    const code = errorCodeOf(error) ?? String(error);
    throw new SchemaError(`${path} cannot be loaded: ${code === 'ENOENT' ? 'no such file' : code}`);
  });
}

function tooLarge(path: string, size: string): SchemaError {
  const limit = `MAX_DESCRIPTOR_FILE_BYTES ${MAX_DESCRIPTOR_FILE_BYTES}`;
  return new SchemaError(`${path} cannot be loaded: it has ${size} bytes, more than ${limit}`);
}
