// A frame as diagnostics tell of it: the octets of its header and payload in words. Made only while somebody listens.

import { errorCodeName } from '../../http2/error-code.ts';
import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  GOAWAY,
  HEADERS,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTING_NAMES,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from '../../http2/frame.ts';
import type { FrameSeen, ObservedConnection } from './connection-events.ts';

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [DATA, 'DATA'],
  [HEADERS, 'HEADERS'],
  [PRIORITY, 'PRIORITY'],
  [RST_STREAM, 'RST_STREAM'],
  [SETTINGS, 'SETTINGS'],
  [PUSH_PROMISE, 'PUSH_PROMISE'],
  [PING, 'PING'],
  [GOAWAY, 'GOAWAY'],
  [WINDOW_UPDATE, 'WINDOW_UPDATE'],
  [CONTINUATION, 'CONTINUATION'],
]);

/** Which flags a type has. */
const FLAGS: ReadonlyMap<number, readonly (readonly [flag: number, name: string])[]> = new Map([
  [
    DATA,
    [
      [FLAG_END_STREAM, 'END_STREAM'],
      [FLAG_PADDED, 'PADDED'],
    ],
  ],
  [
    HEADERS,
    [
      [FLAG_END_STREAM, 'END_STREAM'],
      [FLAG_END_HEADERS, 'END_HEADERS'],
      [FLAG_PADDED, 'PADDED'],
      [FLAG_PRIORITY, 'PRIORITY'],
    ],
  ],
  [CONTINUATION, [[FLAG_END_HEADERS, 'END_HEADERS']]],
  [
    PUSH_PROMISE,
    [
      [FLAG_END_HEADERS, 'END_HEADERS'],
      [FLAG_PADDED, 'PADDED'],
    ],
  ],
  [SETTINGS, [[FLAG_ACK, 'ACK']]],
  [PING, [[FLAG_ACK, 'ACK']]],
]);

const SETTING_OCTETS = 6;

/** The frame whose payload is `bytes[start, end)`. */
export function frameEvent(
  connection: ObservedConnection,
  direction: 'sent' | 'received',
  type: number,
  flags: number,
  streamId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): FrameSeen {
  const payload = bytes.subarray(start, end);
  const names = FLAGS.get(type) ?? [];
  return {
    connection,
    direction,
    type,
    typeName: TYPE_NAMES.get(type) ?? 'UNKNOWN',
    flags,
    flagNames: names.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name),
    streamId,
    length: end - start,
    payload,
    ...detailsOf(type, payload),
  };
}

/** What the payload says. What is too short says nothing: the connection will deal with it. */
function detailsOf(type: number, payload: Uint8Array): Partial<FrameSeen> {
  const { length } = payload;
  switch (type) {
    case SETTINGS: {
      const settings = [];
      for (let at = 0; at + SETTING_OCTETS <= length; at += SETTING_OCTETS) {
        const id = (payload[at] << 8) | payload[at + 1];
        settings.push({ id, name: SETTING_NAMES.get(id) ?? 'UNKNOWN', value: uint32(payload, at + 2) });
      }
      return { settings };
    }
    case RST_STREAM:
      return length < 4 ? {} : codeOf(uint32(payload, 0));
    case GOAWAY:
      if (length < 8) return {};
      return {
        lastStreamId: uint32(payload, 0) & 0x7fff_ffff,
        ...codeOf(uint32(payload, 4)),
        debugData: Buffer.from(payload.subarray(8)).toString('latin1'),
      };
    case WINDOW_UPDATE:
      return length < 4 ? {} : { increment: uint32(payload, 0) & 0x7fff_ffff };
    case PING:
      return { opaque: Buffer.from(payload).toString('hex') };
    default:
      return {};
  }
}

function codeOf(code: number): Partial<FrameSeen> {
  return { code, codeName: errorCodeName(code) };
}
