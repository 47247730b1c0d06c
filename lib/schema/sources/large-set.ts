// A FileDescriptorSet in bytes: decoded at once, or as its files are needed if it is large and that is wanted.

import { createHash } from 'node:crypto';
import { DescriptorIndex } from '../registry/descriptor-index.ts';
import { decodeDescriptorSet } from '../registry/descriptor-set.ts';
import type { Findings } from './findings.ts';

/** Up to this size, decoding and checking everything takes less than starting a process does. */
const MAX_BYTES_AT_ONCE: number = 1024 * 1024;

export function takeDescriptorSet(bytes: Uint8Array, out: Findings): void {
  if (out.isLazy && bytes.length > MAX_BYTES_AT_ONCE) out.index = DescriptorIndex.of(bytes, out.origin);
  if (out.index !== undefined) return;
  out.files.push(...decodeDescriptorSet(bytes, out.origin));
  out.digest = createHash('sha256').update(bytes).digest('base64');
}
