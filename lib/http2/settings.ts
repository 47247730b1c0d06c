// SETTINGS in both directions (RFC 9113 §6.5): what we tell the peer, and what its settings change here.
// Knows the parameters and their ranges; the parts that they concern do the work.

import type { ConnectionLimits } from './connection-options.ts';
import { ConnectionFault, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, PROTOCOL_ERROR } from './error-code.ts';
import {
  DEFAULT_HEADER_TABLE_OCTETS,
  DEFAULT_WINDOW_OCTETS,
  ENABLE_PUSH,
  HEADER_TABLE_SIZE,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  MAX_FRAME_SIZE,
  MAX_HEADER_LIST_SIZE,
  MAX_MAX_FRAME_OCTETS,
  MAX_WINDOW_OCTETS,
  MIN_MAX_FRAME_OCTETS,
  SETTING_NAMES,
  uint32,
} from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { HeaderDecoder } from './hpack/decoder.ts';
import type { HeaderEncoder } from './hpack/encoder.ts';
import type { SendFlow } from './send-flow.ts';
import type { StreamTable } from './stream-table.ts';

const ENTRY_OCTETS = 6;

export interface SettingsParts {
  readonly isClient: boolean;
  readonly limits: ConnectionLimits;
  readonly writer: FrameWriter;
  readonly encoder: HeaderEncoder;
  readonly decoder: HeaderDecoder;
  readonly streams: StreamTable;
  readonly sendFlow: SendFlow;
}

export class SettingsExchange {
  /** The receive window that a new stream has now, as the peer sees it. */
  localInitialWindow: number;
  /** The peer's SETTINGS_MAX_HEADER_LIST_SIZE: the largest list it takes. */
  peerMaxHeaderListOctets: number = Infinity;
  /** The settings that were sent and received, by id. Bounded, since only known ids are kept. */
  readonly local: Map<number, number> = new Map();
  readonly peer: Map<number, number> = new Map();
  readonly #parts: SettingsParts;
  #isAcknowledged = false;
  /** The last SETTINGS_INITIAL_WINDOW_SIZE of the current frame. */
  #initialWindow = 0;

  constructor(parts: SettingsParts) {
    this.#parts = parts;
    const { initialWindowOctets } = parts.limits;
    // A client's first stream follows its SETTINGS on the wire, so the peer knows them. A server's peer may
    // send before it has seen them, and then goes by the defaults.
    this.localInitialWindow = parts.isClient
      ? initialWindowOctets
      : Math.max(initialWindowOctets, DEFAULT_WINDOW_OCTETS);
  }

  /** Sends our own SETTINGS: once, before anything else. */
  send(): void {
    const { isClient, limits, writer } = this.#parts;
    const entries = isClient ? [ENABLE_PUSH, 0] : [MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams];
    entries.push(INITIAL_WINDOW_SIZE, limits.initialWindowOctets);
    entries.push(MAX_HEADER_LIST_SIZE, limits.maxHeaderListOctets);
    if (limits.headerTableOctets !== DEFAULT_HEADER_TABLE_OCTETS) {
      entries.push(HEADER_TABLE_SIZE, limits.headerTableOctets);
    }
    if (limits.maxFrameOctets !== MIN_MAX_FRAME_OCTETS) entries.push(MAX_FRAME_SIZE, limits.maxFrameOctets);
    for (let i = 0; i < entries.length; i += 2) this.local.set(entries[i], entries[i + 1]);
    writer.settings(entries);
  }

  /** The peer acknowledged our SETTINGS: from now on it must keep to them. */
  acknowledged(): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    const { limits, decoder, streams } = this.#parts;
    decoder.setMaxTableOctets(limits.headerTableOctets);
    const difference = limits.initialWindowOctets - this.localInitialWindow;
    this.localInitialWindow = limits.initialWindowOctets;
    if (difference !== 0) for (const stream of streams.values()) stream.receiveWindow += difference;
  }

  /** Takes the payload of the peer's SETTINGS, whose length was checked. Applies every entry in order (§6.5.3). */
  receive(bytes: Uint8Array, start: number, end: number): void {
    const { maxSettingsEntries } = this.#parts.limits;
    if (end - start > maxSettingsEntries * ENTRY_OCTETS) {
      const reason = `SETTINGS with more than maxSettingsEntries ${maxSettingsEntries} entries`;
      throw new ConnectionFault(ENHANCE_YOUR_CALM, reason);
    }
    this.#initialWindow = this.#parts.sendFlow.initialWindow;
    for (let at = start; at < end; at += ENTRY_OCTETS) {
      this.#apply((bytes[at] << 8) | bytes[at + 1], uint32(bytes, at + 2));
    }
    // Once per frame: this goes through all streams, and a frame may contain the setting many times.
    const { sendFlow, streams } = this.#parts;
    if (this.#initialWindow !== sendFlow.initialWindow) {
      sendFlow.setInitialWindow(this.#initialWindow, streams.values());
    }
  }

  #apply(id: number, value: number): void {
    const { encoder, streams, writer } = this.#parts;
    if (SETTING_NAMES.has(id)) this.peer.set(id, value);
    switch (id) {
      case HEADER_TABLE_SIZE:
        encoder.setPeerTableOctets(value);
        break;
      case ENABLE_PUSH:
        this.#checkEnablePush(value);
        break;
      case MAX_CONCURRENT_STREAMS:
        streams.peerLimit = value;
        break;
      case INITIAL_WINDOW_SIZE:
        if (value > MAX_WINDOW_OCTETS) {
          throw new ConnectionFault(
            FLOW_CONTROL_ERROR,
            `SETTINGS_INITIAL_WINDOW_SIZE ${value} exceeds 2^31-1`,
          );
        }
        this.#initialWindow = value;
        break;
      case MAX_FRAME_SIZE:
        if (value < MIN_MAX_FRAME_OCTETS || value > MAX_MAX_FRAME_OCTETS) {
          throw new ConnectionFault(PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE ${value} is out of range`);
        }
        writer.maxFrameOctets = value;
        break;
      case MAX_HEADER_LIST_SIZE:
        this.peerMaxHeaderListOctets = value;
        break;
      default:
        // Unknown settings are ignored (§6.5.2).
        break;
    }
  }

  #checkEnablePush(value: number): void {
    // Only a client may allow push, since only a server pushes (§6.5.2).
    const most = this.#parts.isClient ? 0 : 1;
    if (value > most)
      throw new ConnectionFault(PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH ${value} is not allowed`);
  }
}
