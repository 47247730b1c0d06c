// What is told of connections and their frames through node:diagnostics_channel. The names and payloads are public and
// documented in docs/observability.md. It must not know how connections work.

import diagnosticsChannel from 'node:diagnostics_channel';
import type { ConnectTiming, Peer } from '../../rpc/transport.ts';
import type { HttpVersion } from './connection-info.ts';

/** A connection in events. */
export interface ObservedConnection {
  /** Counts the connections of this process. */
  readonly id: number;
  /** Where it goes: `127.0.0.1:50051`, or the name where the runtime looks it up. */
  readonly address: string;
  readonly isSecure: boolean;
}

/** `stubless:connection.dial`: a connection is being made. */
export interface ConnectionDialed {
  readonly connection: ObservedConnection;
}

/** `stubless:connection.ready`: it can be used; over HTTP/2 the server's SETTINGS came. */
export interface ConnectionReady {
  readonly connection: ObservedConnection;
  readonly peer: Peer;
  readonly timing: ConnectTiming;
  readonly httpVersion: HttpVersion;
}

/** `stubless:connection.goaway`: the server sent GOAWAY. */
export interface ConnectionGoAway {
  readonly connection: ObservedConnection;
  /** HTTP/2 error code; 0 for a graceful end. */
  readonly code: number;
  readonly codeName: string;
  readonly lastStreamId: number;
  readonly debugData: string;
  /** Streams that go on. */
  readonly openStreams: number;
}

/** `stubless:connection.drain`: this side opens no more streams on it. */
export interface ConnectionDrained {
  readonly connection: ObservedConnection;
  readonly openStreams: number;
}

/** `stubless:connection.close`: the last that is told of a connection, whether it became ready or not. */
export interface ConnectionClosed {
  readonly connection: ObservedConnection;
  readonly reason: string;
  readonly cause: unknown;
  readonly wasReady: boolean;
  /** Streams that were opened on it. */
  readonly streams: number;
  /** Milliseconds from the dial. */
  readonly ageMs: number;
}

/** `stubless:channel.state`: a channel's state has changed. */
export interface ChannelStateChanged {
  readonly target: string;
  readonly state: string;
  /** Why, where it is `transient_failure`. */
  readonly reason: string;
}

/** `stubless:frame`: an HTTP/2 frame, either way. */
export interface FrameSeen {
  readonly connection: ObservedConnection;
  readonly direction: 'sent' | 'received';
  /** RFC 9113 §6. */
  readonly type: number;
  /** `DATA`, `HEADERS`, …; `UNKNOWN` for types that RFC 9113 has not. */
  readonly typeName: string;
  readonly flags: number;
  /** Those that are set and that the type has: `END_STREAM`, `END_HEADERS`, `ACK`, `PADDED`, `PRIORITY`. */
  readonly flagNames: readonly string[];
  readonly streamId: number;
  /** Octets of the payload. */
  readonly length: number;
  /** The payload where it lies: valid only while subscribers run, so copy what must stay. */
  readonly payload: Uint8Array;
  /** Of SETTINGS. */
  readonly settings?: readonly { readonly id: number; readonly name: string; readonly value: number }[];
  /** Of RST_STREAM and GOAWAY. */
  readonly code?: number;
  readonly codeName?: string;
  /** Of GOAWAY. */
  readonly lastStreamId?: number;
  readonly debugData?: string;
  /** Of WINDOW_UPDATE. */
  readonly increment?: number;
  /** Of PING, as hexadecimal. */
  readonly opaque?: string;
}

/** A channel of node:diagnostics_channel with its payload's type. */
export interface TypedChannel<T> {
  readonly hasSubscribers: boolean;
  publish(message: T): void;
}

function typed<T>(name: string): TypedChannel<T> {
  return diagnosticsChannel.channel(name);
}

export const connectionDial: TypedChannel<ConnectionDialed> = typed('stubless:connection.dial');
export const connectionReady: TypedChannel<ConnectionReady> = typed('stubless:connection.ready');
export const connectionGoAway: TypedChannel<ConnectionGoAway> = typed('stubless:connection.goaway');
export const connectionDrain: TypedChannel<ConnectionDrained> = typed('stubless:connection.drain');
export const connectionClose: TypedChannel<ConnectionClosed> = typed('stubless:connection.close');
export const channelState: TypedChannel<ChannelStateChanged> = typed('stubless:channel.state');
export const frameSeen: TypedChannel<FrameSeen> = typed('stubless:frame');
