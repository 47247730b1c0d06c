// Compresses an outgoing message and decompresses an incoming one. If the algorithm throws or returns something wrong,
// that becomes an outcome. Source: grpc doc/compression.md.

import { advice, called } from '../values/options/option-words.ts';
import { isBytes, isRangeError, messageOf, ownBytes } from '../values/realm.ts';
import { StatusCode } from '../values/status.ts';
import { type Compression, type CompressionTable, IDENTITY } from './compression/compression.ts';
import { fieldValue } from './field-list.ts';
import { MESSAGE_HEADER_OCTETS } from './message-reader.ts';
import { clientOutcome, type Outcome, trimBlanks } from './outcome.ts';
import type { FieldList } from './transport.ts';

/**
 * `bytes[start + MESSAGE_HEADER_OCTETS, end)` compressed, preceded by room for the header; undefined if that would not
 * make it smaller, so that it should be sent as it is, as gRPC Core does. An outcome if it cannot be compressed.
 * @param isOptional false if it has to be compressed even if that makes it larger
 */
export function compressMessage(
  compression: Compression,
  bytes: Uint8Array,
  start: number,
  end: number,
  isOptional = true,
): Uint8Array | Outcome | undefined {
  const plain = bytes.subarray(start + MESSAGE_HEADER_OCTETS, end);
  let compressed: Uint8Array;
  try {
    compressed = checkBytes(compression.compress(plain), 'compress');
  } catch (error) {
    const details = `the request cannot be compressed with ${compression.name}: ${messageOf(error)}`;
    return clientOutcome(StatusCode.INTERNAL, details, error);
  }
  if (isOptional && compressed.length >= plain.length) return undefined;
  const framed = new Uint8Array(MESSAGE_HEADER_OCTETS + compressed.length);
  framed.set(compressed, MESSAGE_HEADER_OCTETS);
  return framed;
}

/** The decompressed message, or the outcome of the call if that is impossible. */
export function decompressMessage(
  compressions: CompressionTable,
  headers: FieldList,
  compressed: Uint8Array,
  maxBytes: number,
): Uint8Array | Outcome {
  const encoding = fieldValue(headers, 'grpc-encoding') ?? IDENTITY;
  const compression = compressions.get(encoding) ?? compressions.get(trimBlanks(encoding));
  if (compression === undefined)
    return clientOutcome(StatusCode.INTERNAL, withoutCompression(encoding, compressions));
  // Some peers do not bother to compress an empty message, and no encoding maps empty input to anything else.
  if (compressed.length === 0) return ownBytes(compressed);
  try {
    const plain = checkBytes(compression.decompress(compressed, maxBytes), 'decompress');
    if (plain.length <= maxBytes) return plain;
  } catch (error) {
    if (!isRangeError(error)) {
      const details = `the reply cannot be decompressed with ${encoding}: ${messageOf(error)}`;
      return clientOutcome(StatusCode.INTERNAL, details, error);
    }
  }
  return clientOutcome(
    StatusCode.RESOURCE_EXHAUSTED,
    `message of ${compressed.length} bytes in ${encoding} is larger than ${called('maxReceiveMessageBytes', maxBytes)} when decompressed`,
  );
}

function withoutCompression(encoding: string, compressions: CompressionTable): string {
  if (encoding === IDENTITY) return 'the server sent a message marked compressed without a grpc-encoding';
  const shown = JSON.stringify(encoding.slice(0, 100));
  return `the server sent a message compressed with ${shown}, which this client does not accept; it accepts ${compressions.names.join(', ')}${advice().otherAccepted}`;
}

function checkBytes(result: unknown, what: string): Uint8Array {
  if (isBytes(result)) return ownBytes(result);
  throw new TypeError(`its ${what} returned ${result === null ? 'null' : typeof result}, not a Uint8Array`);
}
