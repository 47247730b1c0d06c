// A client's schema as a descriptor set.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../index.ts';

/** The library writes files, and standard output may be a socket, which has no path. */
export async function protosetBytes(client: Client): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'stubless-'));
  try {
    const path = join(folder, 'set.binpb');
    await client.writeProtoset(path);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
