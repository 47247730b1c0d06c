// Metadata to HTTP/2 fields and back. Source: grpc doc/PROTOCOL-HTTP2.md, "Custom-Metadata".

import { Metadata } from '../values/metadata.ts';
import { eachEntry, type MetadataInput, type MetadataValue } from '../values/metadata-entries.ts';
import { bufferOf } from '../values/octets.ts';
import type { FieldList } from './transport.ts';

// Fields that belong to the protocol rather than the application. grpc-status-details-bin and the like stay visible.
const HIDDEN = new Set([
  'content-type',
  'te',
  'grpc-status',
  'grpc-message',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-timeout',
  'grpc-message-type',
]);

/**
 * The fields for metadata that the user passed, with `-bin` values as unpadded base64; undefined if there are none.
 * TypeError for anything that is not metadata.
 */
export function fieldsOfInput(input: MetadataInput): FieldList | undefined {
  let fields: string[] | undefined;
  eachEntry(input, (name, value) => {
    const text = typeof value === 'string' ? value : encodeBase64(value);
    if (fields === undefined) fields = [name, text];
    else fields.push(name, text);
  });
  // `push` leaves an array with room for seventeen more elements, too much when thousands of calls are waiting.
  return fields === undefined || fields.length === 2 ? fields : fields.slice();
}

/** The application's metadata among received fields. */
export function metadataOfFields(fields: FieldList): Metadata {
  return Metadata.received(received(fields));
}

function* received(fields: FieldList): Iterable<[string, MetadataValue]> {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    if (name.startsWith(':') || HIDDEN.has(name)) continue;
    if (!name.endsWith('-bin')) yield [name, value];
    // Several binary values may come in one field, joined by commas, padded or not.
    else {
      for (const one of value.split(',')) {
        const text = one.trim();
        // Malformed base64 is left out, since octets that nobody sent would be worse than none.
        if (isBase64(text)) yield [name, Buffer.from(text, 'base64')];
      }
    }
  }
}

/** In either alphabet, padded or not (RFC 4648 §4, §5). */
export function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return false;
  const padding = text.indexOf('=');
  const digits = padding === -1 ? text.length : padding;
  return digits % 4 !== 1;
}

function encodeBase64(value: Uint8Array): string {
  const text = bufferOf(value).toString('base64');
  const padding = text.indexOf('=');
  return padding === -1 ? text : text.slice(0, padding);
}
