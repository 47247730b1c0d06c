// Every number a connection works with, by name, with its default and its reason: windows, tables, and the limits of what a
// peer may send. Values only.

import { DEFAULT_HEADER_TABLE_OCTETS, DEFAULT_WINDOW_OCTETS, MIN_MAX_FRAME_OCTETS } from './frame.ts';
import type { FrameTap } from './frame-tap.ts';

export interface ConnectionLimits {
  /** The first stream id that a client opens. Default 1; specs start near the end. */
  readonly firstStreamId: number;
  /** Per-call header fields that are never indexed, besides authorization and cookies. */
  readonly neverIndexed: readonly string[];

  // What this side grants the peer, mostly by SETTINGS.
  /** The connection's receive window. Credit for it returns on arrival. Default 16 MiB. */
  readonly connectionWindowOctets: number;
  /** SETTINGS_INITIAL_WINDOW_SIZE. Default 256 KiB; down to 64 KiB where maxBufferedOctets is small. */
  readonly initialWindowOctets: number;
  /** How far a stream's window may grow, where the bandwidth-delay product calls for it. Default 16 MiB. */
  readonly maxWindowOctets: number;
  /** SETTINGS_MAX_FRAME_SIZE. Default 16,384, the least the RFC allows. */
  readonly maxFrameOctets: number;
  /** SETTINGS_HEADER_TABLE_SIZE: the dynamic table the peer's encoder may use. Default 4096. */
  readonly headerTableOctets: number;
  /** SETTINGS_MAX_CONCURRENT_STREAMS, for a server. Default 1,000. */
  readonly maxConcurrentStreams: number;

  // The most that this side uses, whatever the peer grants.
  /** The dynamic table of our encoder. Default 4096. */
  readonly maxEncoderTableOctets: number;
  /** DATA is written to the output only while the output holds less than this. Default 256 KiB. */
  readonly maxOutputOctets: number;

  // What a peer can make grow.
  /** How much receive windows may grow and credit be lent for incomplete messages, together. Default 64 MiB. */
  readonly maxBufferedOctets: number;
  /** SETTINGS_MAX_HEADER_LIST_SIZE: a larger list, of a head or of trailers, fails its stream. Default 64 KiB. */
  readonly maxHeaderListOctets: number;
  /** What errors call that limit. Default `maxHeaderListBytes`. */
  readonly maxHeaderListName: string;
  /** Octets of one encoded block: more ends the connection. Default 256 KiB, or 4 times the list if that is more. */
  readonly maxHeaderBlockOctets: number;
  /** CONTINUATION frames of one block that bring no octets. Default 128. */
  readonly maxEmptyContinuations: number;
  /** Entries of one SETTINGS frame. Default 64. */
  readonly maxSettingsEntries: number;
  /** Our own ACKs and RST_STREAMs that wait in the output, because the peer does not read. Default 10,000. */
  readonly maxPendingReplies: number;

  // What a peer may do without progress: with no DATA, HEADERS or end of a stream in between, in either direction.
  /** SETTINGS frames. Default 100. */
  readonly maxSettingsFrames: number;
  /** PING frames, including answers that nobody asked for. Default 1,000. */
  readonly maxPings: number;
  /** DATA frames with no octets and without END_STREAM. Default 1,000. */
  readonly maxEmptyData: number;
  /** RST_STREAM frames that end no stream; in the server role, those that end one too. Default 10,000. */
  readonly maxResets: number;
  /** WINDOW_UPDATE frames while no DATA is sent. Default 10,000. */
  readonly maxWindowUpdates: number;
  /** Frames without effect: PRIORITY, unknown types, informational heads, those of ended streams. Default 100,000. */
  readonly maxIgnoredFrames: number;
}

export interface ConnectionOptions extends Partial<ConnectionLimits> {
  /** Default 'client'. */
  readonly role?: 'client' | 'server';
  /** Sees every frame, the first included. */
  readonly frameTap?: FrameTap | undefined;
  /** Called with what a handler threw, which has no other way out. */
  readonly onHandlerError?: (error: unknown) => void;
}

const DEFAULTS: ConnectionLimits = {
  firstStreamId: 1,
  neverIndexed: [],
  connectionWindowOctets: 16 * 1024 * 1024,
  initialWindowOctets: 256 * 1024,
  maxWindowOctets: 16 * 1024 * 1024,
  maxFrameOctets: MIN_MAX_FRAME_OCTETS,
  headerTableOctets: DEFAULT_HEADER_TABLE_OCTETS,
  maxConcurrentStreams: 1000,
  maxEncoderTableOctets: DEFAULT_HEADER_TABLE_OCTETS,
  maxOutputOctets: 256 * 1024,
  maxBufferedOctets: 64 * 1024 * 1024,
  maxHeaderListOctets: 64 * 1024,
  maxHeaderListName: 'maxHeaderListBytes',
  maxHeaderBlockOctets: 256 * 1024,
  maxEmptyContinuations: 128,
  maxSettingsEntries: 64,
  maxPendingReplies: 10_000,
  maxSettingsFrames: 100,
  maxPings: 1000,
  maxEmptyData: 1000,
  maxResets: 10_000,
  maxWindowUpdates: 10_000,
  maxIgnoredFrames: 100_000,
};

/** The options with every default filled in. */
export function connectionLimits(options: ConnectionOptions): ConnectionLimits {
  const limits = { ...DEFAULTS, ...options };
  const {
    maxHeaderBlockOctets = Math.max(DEFAULTS.maxHeaderBlockOctets, 4 * limits.maxHeaderListOctets),
    initialWindowOctets = firstWindowOctets(limits.maxBufferedOctets),
  } = options;
  return { ...limits, maxHeaderBlockOctets, initialWindowOctets };
}

/** This many initial windows make up maxBufferedOctets, within the bounds below. */
const FIRST_WINDOWS = 256;

function firstWindowOctets(maxBufferedOctets: number): number {
  const share = Math.floor(maxBufferedOctets / FIRST_WINDOWS);
  return Math.min(DEFAULTS.initialWindowOctets, Math.max(share, DEFAULT_WINDOW_OCTETS));
}
