// A method whose messages are ProtoJSON on the wire: what its handler sees and gives stays the same.

import type { MessageCodec, Method } from '../../schema/codec/method.ts';
import { DecodeError } from '../../schema/codec/wire/decode-error.ts';
import type { Registry } from '../../schema/registry/registry.ts';
import { messageOf } from '../../values/realm.ts';
import { StatusCode, type StatusCodeValue } from '../../values/status.ts';
import { parseJson } from '../../values/text/json-text.ts';

export function jsonMethod(method: Method, registry: Registry): Method {
  const { name, service, fullName, path, cardinality, requestStream, responseStream, idempotency } = method;
  const request = jsonCodec(registry, method.request.typeName);
  const reply = jsonCodec(registry, method.reply.typeName);
  const facts = { name, service, fullName, path, cardinality, requestStream, responseStream, idempotency };
  return { ...facts, request, reply };
}

class JsonDecodeError extends DecodeError {
  override get status(): StatusCodeValue {
    return StatusCode.INVALID_ARGUMENT;
  }
}

function jsonCodec(registry: Registry, typeName: string): MessageCodec {
  return {
    typeName,
    encode(value, prefix) {
      const text = registry.toJsonText(value, typeName);
      const bytes = Buffer.alloc(prefix + Buffer.byteLength(text));
      bytes.write(text, prefix);
      return { bytes, start: 0, end: bytes.length };
    },
    decode(bytes, start, end) {
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      try {
        // As servers do: a client may be newer than its server.
        return registry.fromJson(typeName, parseJson(text), { ignoreUnknown: true }) as object;
      } catch (error) {
        throw new JsonDecodeError(`${typeName} as JSON: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}
