// What a case of the hostile server suite is: what the server does, how it is called, and what has to come of
// it. Data only; who runs it is elsewhere.

import type { Front } from './fronts.ts';
import type { Http1Peer } from './http1-peer.ts';
import type { Peer } from './peer.ts';

/** grpc doc/statuscodes.md, in order of their codes. */
export const CODE_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
export type CodeName = (typeof CODE_NAMES)[number];

export type Cardinality = 'unary_unary' | 'unary_stream' | 'stream_unary' | 'stream_stream';

/** A call as the subject makes it; it crosses to another process. */
export interface CallPlan {
  /** Default unary_unary. */
  readonly cardinality?: Cardinality;
  /** Messages of a request stream. Default 1. */
  readonly requests?: number;
  /** Length of the text in each request. Default 3. */
  readonly requestOctets?: number;
  /** The request stream is not ended by the caller. */
  readonly isLeftOpen?: boolean;
  /** No default: without it the call has no deadline at all. */
  readonly timeoutMs?: number;
  readonly cancelAfterMs?: number;
  /** The replies are not read; only the status is waited for. */
  readonly isUnread?: boolean;
}

/** TLS as the client speaks it; files are those of spec/channel/socket/tls/certificates, by their names. */
export interface TlsPlan {
  /** The authority that it trusts. */
  readonly ca: string;
  /** Its own certificate and key. */
  readonly pair?: string;
  readonly serverName?: string;
  readonly minVersion?: 'TLSv1.3';
}

/** The server of the case is a proxy for the client, which calls a host that nobody knows through it. */
interface ProxyPlan {
  readonly scheme: 'http' | 'https' | 'socks5';
  readonly username?: string;
  readonly password?: string;
}

/** What the client is made with. */
export interface ClientPlan {
  readonly connectTimeoutMs?: number;
  readonly maxReceiveMessageBytes?: number;
  /** What is spoken, by the server as well where it answers in the ordinary way. Default gRPC. */
  readonly protocol?: 'grpc-web' | 'connect';
  readonly grpcWebText?: boolean;
  /** Default HTTP/2. */
  readonly httpVersion?: '1.1';
  readonly retry?: { readonly maxAttempts: number; readonly initialBackoffMs: number };
  readonly tls?: TlsPlan;
  readonly proxy?: ProxyPlan;
  readonly keepalive?: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly withoutCalls?: boolean;
  };
}

export interface Want {
  /** How the call ends: one of these. */
  readonly code: CodeName | readonly CodeName[];
  /** For calls behind the first: wanted codes of each. Default: as the first. */
  readonly otherCodes?: CodeName | readonly CodeName[];
  /** The texts of the replies that were delivered. */
  readonly replies?: readonly string[] | number;
  /** For calls behind the first. Default: any. */
  readonly otherReplies?: readonly string[];
  readonly details?: RegExp;
  readonly origin?: 'server' | 'client';
  /** The call settles within this. Default: its deadline or cancellation + 100 ms, else 250 ms. */
  readonly withinMs?: number;
  /**
   * An ordinary call behind the case goes well: on the connection of the case, on a new one, or on either.
   * 'none': the case leaves nothing to call. Default 'any'.
   */
  readonly after?: 'same' | 'new' | 'any' | 'none';
  /** At most so many connections are made, the one for the call behind the case included. */
  readonly maxConnections?: number;
}

/** What the client's process may spend on a case that tries to exhaust it. Such a case runs alone. */
interface Limits {
  readonly memoryMb: number;
  readonly cpuMs: number;
}

/** What stands before HTTP/2: TLS, or a proxy. */
interface CaseFront {
  /** How it is done right, and how all connections but those of the case meet it. */
  readonly right: Front;
  /** What connections of the case meet. Default: as the others. */
  readonly hostile?: Front;
}

export interface HostileCase {
  readonly name: string;
  /** The clause that says what is right. */
  readonly source: string;
  /**
   * What the server does with its first connection, behind what is in front. When it throws, the client did not do
   * its part. Default: it behaves.
   */
  readonly server?: ((peer: Peer) => Promise<void> | void) | 'not listening' | undefined;
  /** The same where the client speaks HTTP/1.1. */
  readonly http1?: (peer: Http1Peer) => Promise<void> | void;
  readonly front?: CaseFront;
  /** Why @grpc/grpc-js as the subject cannot do this case. */
  readonly notForGrpcJs?: string;
  /** Every connection meets the same, not only the first. */
  readonly isEveryConnection?: boolean;
  /** One call, or several that start at once, in this order. Default: one unary call without a deadline. */
  readonly call?: CallPlan | readonly CallPlan[];
  /** Start the calls one after the other, with so much between them. */
  readonly spacingMs?: number;
  /** And each not before the one before it has settled. */
  readonly isInTurn?: boolean;
  readonly client?: ClientPlan;
  readonly limits?: Limits;
  readonly want: Want;
}

export interface HostileGroup {
  readonly name: string;
  readonly cases: readonly HostileCase[];
}

/** What the subject saw of one call. */
export interface CallSeen {
  /** Undefined when the call never settled, or failed with something that is no status. */
  readonly code: number | undefined;
  readonly details: string;
  readonly origin: string | undefined;
  readonly replies: readonly string[];
  /** Event-loop time from the start of the call. */
  readonly settledMs: number;
  /** The same by the clock. */
  readonly elapsedMs: number;
  /** What is wrong with how it failed, whatever the case. */
  readonly complaint?: string;
}

/** What the subject's process saw of one case. */
export interface CaseSeen {
  readonly calls: readonly CallSeen[];
  readonly after: CallSeen | undefined;
  /** Growth at its highest point, and CPU time; of a case that runs alone. */
  readonly memoryMb: number;
  readonly cpuMs: number;
  /** Time in which its event loop had no turn. */
  readonly lostMs: number;
}
