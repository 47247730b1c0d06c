// What tells one protocol from another: the fields of its request heads, and what stands between a call and its channel.
// Each protocol is one object; nothing else asks which one a client speaks.

import type { CompressionTable } from '../rpc/compression/compression.ts';
import type { FieldList, ProtocolFacts, Transport } from '../rpc/transport.ts';

/** The protocols that a client can speak. */
export type ProtocolName = 'grpc' | 'grpc-web' | 'connect';

/** What messages are encoded as. */
export type CodecName = 'proto' | 'json';

/** What the request head of a method depends on. */
export interface MethodFacts {
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly idempotency: 'unknown' | 'no_side_effects' | 'idempotent';
}

/** What the client says of itself in every request. */
interface ClientFacts {
  readonly userAgent: string;
  /** The compressions that replies may have, comma-separated. */
  readonly acceptEncoding: string;
}

export interface Protocol {
  readonly name: ProtocolName;
  /** It cannot be carried by HTTP/1.1. */
  readonly needsHttp2: boolean;
  /** Replies may come while requests are still being sent, whatever carries it. */
  readonly isFullDuplex: boolean;
  /** Whether a name of metadata, in lower case, is one that the protocol uses itself; undefined where none is. */
  readonly reserves?: (name: string) => boolean;
  /** What a response of the method looks like; undefined for gRPC itself. */
  factsOf(method: MethodFacts, codec: CodecName): ProtocolFacts | undefined;
  /** The fields that follow the pseudo-headers, without the client's metadata. */
  headFields(method: MethodFacts, codec: CodecName, client: ClientFacts): FieldList;
  /** What calls ask for streams: the channel, or what makes of it one that gRPC can be spoken to. */
  over(channel: Transport, compressions: CompressionTable): Transport;
}
