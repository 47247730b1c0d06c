// The messages that Connect's conformance runner and the client under test exchange on stdin and stdout, as this
// project's own codec reads and writes them. It makes no calls.

import { join } from 'node:path';
import { loadProto } from '../../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';

const PACKAGE = 'connectrpc.conformance.v1';
export const PROTO_FILES: readonly string[] = [
  'connectrpc/conformance/v1/service.proto',
  'connectrpc/conformance/v1/client_compat.proto',
];
const LENGTH_OCTETS = 4;

export interface Header {
  readonly name: string;
  readonly value: readonly string[];
}

type StreamType =
  | 'STREAM_TYPE_UNARY'
  | 'STREAM_TYPE_CLIENT_STREAM'
  | 'STREAM_TYPE_SERVER_STREAM'
  | 'STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM'
  | 'STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM';

/** A ClientCompatRequest, as far as it matters to this client. */
export interface CompatRequest {
  readonly testName: string;
  readonly protocol: 'PROTOCOL_GRPC' | 'PROTOCOL_GRPC_WEB' | 'PROTOCOL_CONNECT';
  readonly httpVersion: 'HTTP_VERSION_1' | 'HTTP_VERSION_2';
  readonly useGetHttpMethod: boolean;
  readonly codec: 'CODEC_PROTO' | 'CODEC_JSON';
  readonly compression: string;
  readonly host: string;
  readonly port: number;
  readonly serverTlsCert: Uint8Array;
  readonly clientTlsCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array };
  readonly messageReceiveLimit: number;
  readonly service?: string;
  readonly method?: string;
  readonly streamType: StreamType;
  readonly requestHeaders: readonly Header[];
  /** google.protobuf.Any, decoded. */
  readonly requestMessages: readonly Readonly<Record<string, unknown>>[];
  readonly timeoutMs?: number;
  readonly requestDelayMs: number;
  readonly cancel?: {
    readonly beforeCloseSend?: object;
    readonly afterCloseSendMs?: number;
    readonly afterNumResponses?: number;
  };
}

/** A ClientResponseResult. */
export interface CompatResult {
  responseHeaders: readonly Header[];
  readonly payloads: unknown[];
  error?: { readonly code: number; readonly message: string; readonly details: readonly object[] };
  responseTrailers: readonly Header[];
  numUnsentRequests: number;
}

export class CompatMessages {
  readonly #registry: Registry;

  private constructor(registry: Registry) {
    this.#registry = registry;
  }

  static async load(protos: string): Promise<CompatMessages> {
    const { files } = await loadProto([...PROTO_FILES], { includeDirs: [protos] });
    const registry = new Registry({}, {});
    registry.add(files, join(protos, 'connectrpc'));
    return new CompatMessages(registry);
  }

  /** The requests in a stream of octets, each with its length before it. */
  async *requests(input: AsyncIterable<Uint8Array>): AsyncGenerator<CompatRequest> {
    let held = Buffer.alloc(0);
    for await (const chunk of input) {
      held = Buffer.concat([held, chunk]);
      for (;;) {
        if (held.length < LENGTH_OCTETS) break;
        const end = LENGTH_OCTETS + held.readUInt32BE();
        if (held.length < end) break;
        const codec = this.#registry.message(`${PACKAGE}.ClientCompatRequest`);
        yield codec.decode(held, LENGTH_OCTETS, end) as CompatRequest;
        held = held.subarray(end);
      }
    }
    if (held.length > 0) throw new Error('the last request ends early');
  }

  /** The answer to a request, with its length before it: a result, or why there is none. */
  answer(testName: string, result: CompatResult | Error): Uint8Array {
    const outcome =
      result instanceof Error ? { error: { message: result.stack ?? result.message } } : { response: result };
    const codec = this.#registry.message(`${PACKAGE}.ClientCompatResponse`);
    const { bytes, start, end } = codec.encode({ testName, ...outcome }, LENGTH_OCTETS);
    const framed = Buffer.from(bytes.slice(start, end));
    framed.writeUInt32BE(framed.length - LENGTH_OCTETS);
    return framed;
  }
}
