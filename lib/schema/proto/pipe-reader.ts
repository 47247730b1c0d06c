// Reads a pipe that the user named to its end: `<(buf build -o -)`, /dev/stdin, a FIFO. Never blocks: a thread
// waiting in open or read would keep the process from exiting.

import { constants, open } from 'node:fs/promises';
import { SchemaError } from '../../values/errors.ts';
import { errorCodeOf } from '../../values/realm.ts';

/** How long to wait for the first writer of a FIFO. */
export const PIPE_WRITER_TIMEOUT_MS: number = 10_000;

const CHUNK_BYTES = 64 * 1024;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/** Nothing reports when a pipe becomes readable, so on these it is tried again. */
const NOT_YET: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EWOULDBLOCK']);

/** The file descriptor that a path stands for. */
const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/;

/** What `stat` says of what a path leads to. */
export interface PathStats {
  isFIFO(): boolean;
  isSocket(): boolean;
}

/** Whether it is read here. Sockets are too: a program started by another may have one as its standard input. */
export function isPipe(path: string, stats: PathStats): boolean {
  return stats.isFIFO() || (stats.isSocket() && descriptorOf(path) !== undefined);
}

function descriptorOf(path: string): number | undefined {
  if (path === '/dev/stdin') return 0;
  const number = DESCRIPTOR.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Undefined for more than `maxBytes`. Throws the system's errors, and SchemaError when nobody writes. */
export async function readPipe(
  path: string,
  stats: PathStats,
  maxBytes: number,
  writerTimeoutMs: number = PIPE_WRITER_TIMEOUT_MS,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stats.isFIFO() ? fifoChunks(path, writerTimeoutMs) : socketChunks(path)) {
    total += chunk.length;
    if (total > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* fifoChunks(path: string, writerTimeoutMs: number): AsyncGenerator<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    let isBegun = descriptorOf(path) !== undefined;
    const start = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const chunk = await handle.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, null).catch((error) => {
        if (!NOT_YET.has(errorCodeOf(error))) throw error;
        // There is a writer, but it has written nothing yet.
        isBegun = true;
        return undefined;
      });
      if (chunk !== undefined && chunk.bytesRead > 0) {
        isBegun = true;
        pauseMs = FIRST_PAUSE_MS;
        yield chunk.buffer.subarray(0, chunk.bytesRead);
        continue;
      }
      if (chunk !== undefined && isBegun) return;
      if (!isBegun && performance.now() - start > writerTimeoutMs) {
        throw new SchemaError(
          `${path} cannot be loaded: nothing has written to this pipe for ${writerTimeoutMs / 1000} s`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } finally {
    await handle.close();
  }
}

/** A socket cannot be opened by its path. */
async function* socketChunks(path: string): AsyncGenerator<Uint8Array> {
  // Importing node:fs as an ES module loads all of its streams, and most loads need none.
  const { createReadStream } = process.getBuiltinModule('node:fs');
  const stream = createReadStream('', { fd: descriptorOf(path), autoClose: false });
  for await (const chunk of stream) yield chunk as Uint8Array;
}
