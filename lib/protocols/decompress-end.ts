// Decompresses what says how a call ended: an end frame, or an error. It has limits of its own, which no option sets.

import type { CompressionTable } from '../rpc/compression/compression.ts';
import { decompressMessage } from '../rpc/message-compression.ts';
import type { Outcome } from '../rpc/outcome.ts';
import type { FieldList } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';

/**
 * The octets as they were before the compression that the head names; or the outcome of a call in which that is not
 * possible.
 * @param what it is, for the outcome: `the error of Connect`
 */
export function decompressEnd(
  compressions: CompressionTable,
  head: FieldList,
  octets: Uint8Array,
  maxOctets: number,
  what: string,
): Uint8Array | Outcome {
  const plain = decompressMessage(compressions, head, octets, maxOctets);
  if (plain instanceof Uint8Array) return plain;
  const details =
    plain.code === StatusCode.RESOURCE_EXHAUSTED
      ? `${what} is larger than ${maxOctets} octets when decompressed, the most that is taken`
      : `${what}: ${plain.details}`;
  return { ...plain, details };
}
