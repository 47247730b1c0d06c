// A client's schema as one FileDescriptorSet in memory.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../index.ts';

/** The protoset's bytes: the library writes files, and whoever wants bytes may have no path for one. */
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
