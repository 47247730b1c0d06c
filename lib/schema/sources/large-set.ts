// A FileDescriptorSet in bytes: decoded at once, or if it is large as its files are needed.

import { DescriptorIndex } from '../registry/descriptor-index.ts';
import { decodeDescriptorSet } from '../registry/descriptor-set.ts';
import type { Findings } from './findings.ts';

/** Up to this size, decoding and checking everything takes less than starting a process does. */
const MAX_BYTES_AT_ONCE: number = 1024 * 1024;

export function takeDescriptorSet(bytes: Uint8Array, out: Findings): void {
  if (bytes.length > MAX_BYTES_AT_ONCE) out.index = DescriptorIndex.of(bytes, out.origin);
  if (out.index === undefined) out.files.push(...decodeDescriptorSet(bytes, out.origin));
}
