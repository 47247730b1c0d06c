// A reply as it goes into DATA: encoded by its method's type, with its header, compressed if that makes it smaller.

import type { Compression } from '../rpc/compression/compression.ts';
import { compressMessage } from '../rpc/message-compression.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import type { Method } from '../schema/codec/method.ts';
import { messageOf } from '../values/realm.ts';
import { WrongReply } from './replies.ts';

export interface ReplyFrame {
  /** In memory of its own. */
  readonly framed: Uint8Array;
  /** The size of the message before compression. */
  readonly octets: number;
}

/** WrongReply for anything that is not a reply of the method. */
export function encodeReply(
  method: Method,
  reply: unknown,
  compression: Compression | undefined,
): ReplyFrame {
  const { bytes, start, end } = encode(method, reply);
  const compressed = compression === undefined ? undefined : compressMessage(compression, bytes, start, end);
  if (compressed !== undefined && !(compressed instanceof Uint8Array))
    throw new WrongReply(compressed.details);
  const framed = compressed ?? bytes.slice(start, end);
  framed[0] = compressed === undefined ? 0 : COMPRESSED_FLAG;
  new DataView(framed.buffer, framed.byteOffset).setUint32(1, framed.length - MESSAGE_HEADER_OCTETS);
  return { framed, octets: end - start - MESSAGE_HEADER_OCTETS };
}

function encode(method: Method, reply: unknown): ReturnType<Method['reply']['encode']> {
  try {
    return method.reply.encode(reply, MESSAGE_HEADER_OCTETS);
  } catch (error) {
    const message = messageOf(error);
    const text = `the handler of ${method.fullName} gave something other than a ${method.reply.typeName}: ${message}`;
    throw new WrongReply(text, error);
  }
}
