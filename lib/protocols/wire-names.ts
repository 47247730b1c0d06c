// What the client and the server of a protocol must agree on: content types, and what marks an end. Sources: grpc
// doc/PROTOCOL-WEB.md, connectrpc.com/docs/protocol.

export const GRPC_WEB_TYPE = 'application/grpc-web';
/** The same in base64, for browsers that can read nothing else. */
export const GRPC_WEB_TEXT_TYPE = 'application/grpc-web-text';
/** Of streams. */
export const CONNECT_STREAM_TYPE = 'application/connect';
/** Of Connect's errors that are a response of their own. */
export const CONNECT_ERROR_TYPE = 'application/json';

/** The bit of a frame's flag that makes it gRPC-Web's trailers frame. */
export const TRAILERS_FRAME_BIT = 0x80;
/** The bit of a frame's flag that makes it Connect's end-of-stream message. */
export const END_OF_STREAM_BIT = 0x02;
/** Before the names of trailing metadata, in the head of a response of Connect that is one message. */
export const TRAILER_PREFIX = 'trailer-';
