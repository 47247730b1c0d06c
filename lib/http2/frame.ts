// The numbers on the wire: frame types, flags, setting ids and their initial values (RFC 9113 §4, §6, §6.5.2).

export const FRAME_HEADER_OCTETS = 9;

export const DATA = 0x0;
export const HEADERS = 0x1;
export const PRIORITY = 0x2;
export const RST_STREAM = 0x3;
export const SETTINGS = 0x4;
export const PUSH_PROMISE = 0x5;
export const PING = 0x6;
export const GOAWAY = 0x7;
export const WINDOW_UPDATE = 0x8;
export const CONTINUATION = 0x9;

export const FLAG_END_STREAM = 0x1;
export const FLAG_ACK = 0x1;
export const FLAG_END_HEADERS = 0x4;
export const FLAG_PADDED = 0x8;
export const FLAG_PRIORITY = 0x20;

export const HEADER_TABLE_SIZE = 0x1;
export const ENABLE_PUSH = 0x2;
export const MAX_CONCURRENT_STREAMS = 0x3;
export const INITIAL_WINDOW_SIZE = 0x4;
export const MAX_FRAME_SIZE = 0x5;
export const MAX_HEADER_LIST_SIZE = 0x6;

/** The names of settings, for showing them; some are of other documents (RFC 8441 §3, RFC 9218 §2.1). */
export const SETTING_NAMES: ReadonlyMap<number, string> = new Map([
  [HEADER_TABLE_SIZE, 'HEADER_TABLE_SIZE'],
  [ENABLE_PUSH, 'ENABLE_PUSH'],
  [MAX_CONCURRENT_STREAMS, 'MAX_CONCURRENT_STREAMS'],
  [INITIAL_WINDOW_SIZE, 'INITIAL_WINDOW_SIZE'],
  [MAX_FRAME_SIZE, 'MAX_FRAME_SIZE'],
  [MAX_HEADER_LIST_SIZE, 'MAX_HEADER_LIST_SIZE'],
  [0x8, 'ENABLE_CONNECT_PROTOCOL'],
  [0x9, 'NO_RFC7540_PRIORITIES'],
]);

export const DEFAULT_HEADER_TABLE_OCTETS = 4096;
export const DEFAULT_WINDOW_OCTETS = 65_535;
export const MIN_MAX_FRAME_OCTETS = 16_384;
export const MAX_MAX_FRAME_OCTETS = 16_777_215;
export const MAX_WINDOW_OCTETS = 0x7fff_ffff;
export const MAX_STREAM_ID = 0x7fff_ffff;

/** What a client sends before its first frame (RFC 9113 §3.4): `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`. */
export const CLIENT_PREFACE: Uint8Array = Uint8Array.from(
  Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (character) => character.charCodeAt(0)),
);

/** The four octets at `at` as an unsigned integer. */
export function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
