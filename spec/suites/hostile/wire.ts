// Octets of HTTP/2 frames, HPACK literals and gRPC messages, right and wrong ones, for the hostile server.
// Written from the RFCs and independent of lib/http2: our own encoder is not a witness for our own decoder.

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const PRIORITY_FLAG = 0x20;

export const HEADER_TABLE_SIZE = 1;
export const ENABLE_PUSH = 2;
export const MAX_CONCURRENT_STREAMS = 3;
export const INITIAL_WINDOW_SIZE = 4;
export const MAX_FRAME_SIZE = 5;
export const MAX_HEADER_LIST_SIZE = 6;

/** RFC 9113 §7, in order of their codes. */
export const ERROR_CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export function errorCode(name: ErrorCode): number {
  return ERROR_CODES.indexOf(name);
}

export type Octets = Uint8Array;

const FRAME_HEADER_OCTETS = 9;
const NOTHING = Buffer.alloc(0);

/** Octets from numbers, texts (latin1) and other octets. */
export function octets(...parts: readonly (number | string | Octets)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number'
        ? Buffer.of(part)
        : typeof part === 'string'
          ? Buffer.from(part, 'latin1')
          : part,
    ),
  );
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A frame; `length` only where it is to lie about its payload. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Octets = NOTHING,
  length: number = payload.length,
): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_OCTETS + payload.length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, 5);
  bytes.set(payload, FRAME_HEADER_OCTETS);
  return bytes;
}

export type Setting = readonly [id: number, value: number];

export function settings(...entries: readonly Setting[]): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  entries.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(SETTINGS, 0, 0, payload);
}

export const SETTINGS_ACK: Octets = frame(SETTINGS, ACK, 0);

export function reset(streamId: number, code: number): Buffer {
  return frame(RST_STREAM, 0, streamId, uint32(code));
}

export function goAway(lastStreamId: number, code: number, debugData: string | Octets = ''): Buffer {
  return frame(GOAWAY, 0, 0, octets(uint32(lastStreamId), uint32(code), debugData));
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(WINDOW_UPDATE, 0, streamId, uint32(increment));
}

export function ping(flags = 0, opaque = 'hostile!'): Buffer {
  return frame(PING, flags, 0, octets(opaque));
}

export function data(streamId: number, payload: Octets, flags = 0): Buffer {
  return frame(DATA, flags, streamId, payload);
}

/** A field block as a list of name, value, …; or the octets of one. */
export type Fields = readonly string[] | Octets;

export function headers(streamId: number, fields: Fields, flags = 0): Buffer {
  return frame(HEADERS, END_HEADERS | flags, streamId, block(fields));
}

export function continuation(streamId: number, fragment: Octets, flags = 0): Buffer {
  return frame(CONTINUATION, flags, streamId, fragment);
}

/** An HPACK integer behind the high bits of its first octet (RFC 7541 §5.1). */
export function integer(highBits: number, prefixBits: number, value: number): Buffer {
  const most = 2 ** prefixBits - 1;
  if (value < most) return Buffer.of(highBits | value);
  const bytes = [highBits | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A string literal without Huffman coding (§5.2). */
export function string(text: string): Buffer {
  return octets(integer(0, 7, text.length), text);
}

/** A literal with a new name; `highBits` 0x00: without indexing, 0x10: never indexed, 0x40: incremental (§6.2). */
export function literal(name: string, value: string, highBits = 0x00): Buffer {
  return octets(highBits, string(name), string(value));
}

export function block(fields: Fields): Octets {
  if (fields instanceof Uint8Array) return fields;
  const parts: Octets[] = [];
  for (let i = 0; i < fields.length; i += 2) parts.push(literal(fields[i], fields[i + 1]));
  return Buffer.concat(parts);
}

/** The head of a right response. */
export const RESPONSE: readonly string[] = [':status', '200', 'content-type', 'application/grpc'];
/** The trailers of a call that went well. */
export const OK: readonly string[] = ['grpc-status', '0'];

/** A length-prefixed message (PROTOCOL-HTTP2.md); `length` only where it is to lie. */
export function message(payload: Octets, flag = 0, length: number = payload.length): Buffer {
  return octets(flag, uint32(length), payload);
}

/** The protobuf encoding of `Note { text }`. */
export function note(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 0x80);
  return octets(0x0a, Buffer.from([...length, rest]), bytes);
}

/** What ordinary calls are answered with. */
export const REPLY_TEXT = 'ok';
/** The ordinary reply as a whole message. */
export const REPLY: Octets = message(note(REPLY_TEXT));

/** The frames of a right response. */
export function answer(streamId: number, messages: Octets = REPLY, trailers: Fields = OK): Buffer {
  return octets(
    headers(streamId, RESPONSE),
    data(streamId, messages),
    headers(streamId, trailers, END_STREAM),
  );
}

// --- gRPC-Web and Connect

/** The head of a right response of gRPC-Web, and of its text mode. */
export const GRPC_WEB: readonly string[] = [':status', '200', 'content-type', 'application/grpc-web+proto'];
export const GRPC_WEB_TEXT: readonly string[] = [
  ...[':status', '200', 'content-type', 'application/grpc-web-text+proto'],
];
/** The same of a call of Connect with one message each way, and of a stream. */
export const CONNECT: readonly string[] = [':status', '200', 'content-type', 'application/proto'];
export const CONNECT_STREAM: readonly string[] = [
  ':status',
  '200',
  'content-type',
  'application/connect+proto',
];

/** The trailers frame of gRPC-Web. */
export function trailersFrame(text: string | Octets = 'grpc-status: 0\r\n', flag = 0x80): Buffer {
  return message(octets(text), flag);
}

/** The end-of-stream message of Connect. */
export function endOfStream(text: string | Octets = '{}', flag = 0x02): Buffer {
  return message(octets(text), flag);
}

/** Each piece in base64 by itself. */
export function base64(...pieces: readonly Octets[]): Buffer {
  return octets(...pieces.map((piece) => Buffer.from(piece).toString('base64')));
}

export function grpcWebAnswer(streamId: number): Buffer {
  return octets(headers(streamId, GRPC_WEB), data(streamId, octets(REPLY, trailersFrame()), END_STREAM));
}

export function grpcWebTextAnswer(streamId: number): Buffer {
  const body = base64(REPLY, trailersFrame());
  return octets(headers(streamId, GRPC_WEB_TEXT), data(streamId, body, END_STREAM));
}

export function connectAnswer(streamId: number): Buffer {
  return octets(headers(streamId, CONNECT), data(streamId, note(REPLY_TEXT), END_STREAM));
}
