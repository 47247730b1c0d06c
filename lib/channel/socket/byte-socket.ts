// What a connection needs of its socket: TCP's and TLS's have it, and what carries octets in memory may have it too.
// Types only.

import type { Socket } from 'node:net';
import type { Address } from '../target/address.ts';
import type { SocketHandler, StreamHandler } from './dial.ts';
import type { ProxyServer } from './proxy.ts';
import type { TlsCredentials } from './tls-credentials.ts';

/** The part of net.Socket that a connection uses. */
export interface ByteSocket {
  write(octets: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
  /** Octets written and not yet taken by the other side or the operating system. */
  readonly writableLength: number;
  /** Whether the other end is in this process and gets what is written by reference, which it may keep. */
  readonly isInMemory?: boolean | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Keeps the process alive, or not. */
  ref(): void;
  unref(): void;
  /** Closes at once. */
  destroy(): void;
  /** Closes when what was written has gone. */
  destroySoon(): void;
}

/** The same for who needs all of net.Socket. */
export type DialStream = (handler: StreamHandler) => Socket;

/** Starts to connect; what comes of it goes to the handler. */
export type Dial = (
  address: Address,
  credentials: TlsCredentials | undefined,
  handler: SocketHandler,
  proxy?: ProxyServer | undefined,
) => ByteSocket;
