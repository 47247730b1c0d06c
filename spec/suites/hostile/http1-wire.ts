// Octets of HTTP/1.1 responses, right and wrong ones, for the hostile server. Written from RFC 9112.

import type { ClientPlan } from './hostile-case.ts';
import { base64, note, type Octets, octets, REPLY, REPLY_TEXT, trailersFrame } from './wire.ts';

const CONNECT_TYPE = 'application/proto';
const GRPC_WEB_TYPE = 'application/grpc-web+proto';
const GRPC_WEB_TEXT_TYPE = 'application/grpc-web-text+proto';
const CONNECT_STREAM_TYPE = 'application/connect+proto';

/** A head: its status line, and its field lines. */
export function head(statusLine: string, ...lines: readonly string[]): Buffer {
  return octets([statusLine, ...lines, '', ''].join('\r\n'));
}

const ofType =
  (type: string) =>
  (...lines: readonly string[]): Buffer =>
    head('HTTP/1.1 200 OK', `Content-Type: ${type}`, ...lines);

/** The heads of right responses, with what else they have. */
export const connectHead: (...lines: readonly string[]) => Buffer = ofType(CONNECT_TYPE);
export const connectStreamHead: (...lines: readonly string[]) => Buffer = ofType(CONNECT_STREAM_TYPE);
export const grpcWebHead: (...lines: readonly string[]) => Buffer = ofType(GRPC_WEB_TYPE);
export const grpcWebTextHead: (...lines: readonly string[]) => Buffer = ofType(GRPC_WEB_TEXT_TYPE);

export const IS_CHUNKED = 'Transfer-Encoding: chunked';
/** The last chunk, without trailers. */
export const LAST_CHUNK: Octets = octets('0\r\n\r\n');

/** A chunk; `size` only where it is to lie. */
export function chunk(data: string | Octets, size?: string): Buffer {
  const bytes = octets(data);
  return octets(`${size ?? bytes.length.toString(16)}\r\n`, bytes, '\r\n');
}

export function chunks(...pieces: readonly (string | Octets)[]): Buffer {
  return octets(...pieces.map((piece) => chunk(piece)));
}

/** A body whose length is told. */
export function sized(makeHead: (...lines: string[]) => Buffer, body: Octets): Buffer {
  return octets(makeHead(`Content-Length: ${body.length}`), body);
}

/** The right answer of Connect to a call with one message each way. */
export function connectReply(text: string = REPLY_TEXT): Buffer {
  return sized(connectHead, note(text));
}

/** What ordinary calls are answered with, in the protocol that the client speaks. */
export function http1Answer({ protocol, grpcWebText }: ClientPlan): Buffer {
  if (protocol === 'connect') return connectReply();
  if (grpcWebText) return sized(grpcWebTextHead, base64(REPLY, trailersFrame()));
  return sized(grpcWebHead, octets(REPLY, trailersFrame()));
}
