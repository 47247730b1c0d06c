// What a connection is made with: where it goes, and how. The channel's options include it. Types only.

import type { Dial, DialStream } from '../socket/byte-socket.ts';
import type { ProxyServer } from '../socket/proxy.ts';
import type { TlsCredentials } from '../socket/tls-credentials.ts';
import type { Address } from '../target/address.ts';
import type { HttpVersion } from './connection-info.ts';
import type { KeepalivePolicy } from './keepalive.ts';

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  readonly maxHeaderListBytes: number;
  readonly maxBufferedBytes: number;
  /** What is spoken; with `auto` what the server chooses over TLS, and HTTP/2 without. Default '2'. */
  readonly httpVersion?: HttpVersion | 'auto' | undefined;
  /** With these TLS is spoken; without, plaintext. */
  readonly tls?: TlsCredentials | undefined;
  /** In place of sockets of the operating system: a server in memory. */
  readonly dial?: Dial | undefined;
  /** The same for HTTP/1.1, whose connections node:http writes and reads. */
  readonly dialStream?: DialStream | undefined;
  /** How the next turn of the event loop is waited for. Default Node's own, whatever a test has made of setImmediate. */
  readonly nextTurn?: ((callback: () => void) => void) | undefined;
  /** Through which it is made. */
  readonly proxy?: ProxyServer | undefined;
  /** One object for all connections of a channel. */
  readonly keepalive?: KeepalivePolicy | undefined;
  /** For specs near the end of the stream ids. */
  readonly firstStreamId?: number | undefined;
}

/** Where a connection goes. */
export interface Place {
  readonly address: Address;
  /** How errors name it. */
  readonly text: string;
}
