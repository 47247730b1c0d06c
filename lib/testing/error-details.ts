// Encodes the google.rpc.Status that a failed call's trailers carry; schema/registry/error-details.ts decodes it.

import { builtInFiles, statusFile } from '../schema/registry/error-details.ts';
import { Registry } from '../schema/registry/registry.ts';
import type { ErrorDetail } from '../values/rpc-error.ts';

let builtIn: Registry | undefined;

/** The octets of a google.rpc.Status. TypeError, RangeError or SchemaError for details that cannot be encoded. */
export function encodeErrorDetails(
  code: number,
  message: string,
  details: readonly ErrorDetail[],
  schema: Registry,
): Uint8Array {
  if (builtIn === undefined) {
    builtIn = new Registry();
    builtIn.add([...builtInFiles(), statusFile()], 'the package itself');
  }
  const ownTypes = builtIn;
  const encoded = details.map((detail) => {
    const typeUrl: unknown = detail?.['@type'];
    if (typeof typeUrl !== 'string') {
      throw new TypeError(
        "an error detail needs an '@type', such as 'type.googleapis.com/google.rpc.BadRequest'",
      );
    }
    const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
    const { '@type': _, ...fields } = detail;
    const registry = schema.find(name) === undefined ? ownTypes : schema;
    return {
      typeUrl: typeUrl.includes('/') ? typeUrl : `type.googleapis.com/${name}`,
      value: bytesOf(registry, name, fields),
    };
  });
  return bytesOf(ownTypes, 'google.rpc.Status', { code, message, details: encoded });
}

function bytesOf(registry: Registry, type: string, fields: object): Uint8Array {
  const { bytes, start, end } = registry.message(type).encode(fields, 0);
  return bytes.slice(start, end);
}
