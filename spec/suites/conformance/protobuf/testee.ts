// The program that the protobuf conformance runner holds against the specification: takes requests on stdin,
// each with its length before it, does what it asks with our codec and answers on stdout. The protocol's own
// messages go through the same codec. Knows nothing of the cases.

import { readSync, writeSync } from 'node:fs';
import { loadProto } from '../../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';
import { fromText } from '../../../../lib/schema/text/from-text.ts';
import { toText } from '../../../../lib/schema/text/text-format.ts';
import { parseJson } from '../../../../lib/values/text/json-text.ts';

const STDIN = 0;
const STDOUT = 1;
const LENGTH_OCTETS = 4;
const REQUEST = 'conformance.ConformanceRequest';
const RESPONSE = 'conformance.ConformanceResponse';

/** A ConformanceRequest, as far as it matters here. */
interface Request {
  readonly protobufPayload?: Uint8Array;
  readonly jsonPayload?: string;
  readonly textPayload?: string;
  readonly requestedOutputFormat: string;
  readonly messageType: string;
  readonly testCategory: string;
  readonly printUnknownFields: boolean;
}

/** Exactly as many octets; undefined at the end of the input. */
function read(length: number): Uint8Array | undefined {
  const octets = new Uint8Array(length);
  for (let have = 0; have < length; ) {
    const count = readSync(STDIN, octets, have, length - have, null);
    if (count === 0) return undefined;
    have += count;
  }
  return octets;
}

function write(octets: Uint8Array): void {
  for (let done = 0; done < octets.length; ) done += writeSync(STDOUT, octets, done);
}

/** What is wrong, in text that UTF-8 can hold: it may quote a lone surrogate, if that is what is wrong. */
const words = (error: unknown): string =>
  Buffer.from(error instanceof Error ? error.message : String(error)).toString();

class Testee {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  #parse(request: Request): unknown {
    const { messageType, protobufPayload, jsonPayload, textPayload, testCategory } = request;
    if (protobufPayload !== undefined) {
      return this.#registry.message(messageType).decode(protobufPayload, 0, protobufPayload.length);
    }
    if (textPayload !== undefined) return fromText(this.#registry, messageType, textPayload);
    return this.#registry.fromJson(messageType, parseJson(jsonPayload ?? ''), {
      ignoreUnknown: testCategory === 'JSON_IGNORE_UNKNOWN_PARSING_TEST',
    });
  }

  #serialize(request: Request, message: unknown): object {
    const { printUnknownFields } = request;
    if (request.requestedOutputFormat === 'JSON') {
      return { jsonPayload: this.#registry.toJsonText(message, request.messageType) };
    }
    if (request.requestedOutputFormat === 'TEXT_FORMAT') {
      return {
        textPayload: toText(this.#registry, request.messageType, message, {
          unknownFields: printUnknownFields,
        }),
      };
    }
    return { protobufPayload: this.#encode(request.messageType, message) };
  }

  #encode(type: string, message: unknown): Uint8Array {
    const { bytes, start, end } = this.#registry.message(type).encode(message, 0);
    return bytes.slice(start, end);
  }

  #respond(request: Request): object {
    if (request.messageType === 'conformance.FailureSet') return { protobufPayload: new Uint8Array(0) };
    if (request.requestedOutputFormat === 'JSPB') return { skipped: 'JSPB is known to Google alone' };
    let message: unknown;
    try {
      message = this.#parse(request);
    } catch (error) {
      return { parseError: words(error) };
    }
    try {
      return this.#serialize(request, message);
    } catch (error) {
      return { serializeError: words(error) };
    }
  }

  /** Answers one request; false when there is none left. */
  answer(): boolean {
    const head = read(LENGTH_OCTETS);
    if (head === undefined) return false;
    const length = new DataView(head.buffer).getUint32(0, true);
    const octets = read(length);
    if (octets === undefined) throw new Error('a request ends early');
    const request = this.#registry.message(REQUEST).decode(octets, 0, length);
    const response = this.#encode(RESPONSE, this.#respond(request as Request));
    const framed = new Uint8Array(LENGTH_OCTETS + response.length);
    new DataView(framed.buffer).setUint32(0, response.length, true);
    framed.set(response, LENGTH_OCTETS);
    write(framed);
    return true;
  }
}

/** The schemas are those beside the runner. */
async function main(include: string): Promise<void> {
  const { files } = await loadProto(
    [
      'conformance/conformance.proto',
      'google/protobuf/test_messages_proto2.proto',
      'google/protobuf/test_messages_proto3.proto',
      'google/protobuf/test_messages_proto2_editions.proto',
      'google/protobuf/test_messages_proto3_editions.proto',
      'google/protobuf/test_messages_edition2023.proto',
    ],
    { includeDirs: [include] },
  );
  const registry = new Registry();
  registry.add(files, 'the conformance suite');
  const testee = new Testee(registry);
  while (testee.answer());
}

await main(process.argv[2]);
