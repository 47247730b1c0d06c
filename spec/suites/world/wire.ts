// HTTP/2 frames for the servers of a world: written and read by hand, so that servers can do what no HTTP/2 library
// would, and are no witness of the one that is tried. Header blocks are written as literals.

export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
const PADDED = 8;
const PRIORITY = 0x20;
const HEAD_OCTETS = 9;

const PREFACE: Uint8Array = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, id: number, payload: Uint8Array = NOTHING): Buffer {
  const octets = Buffer.allocUnsafe(HEAD_OCTETS + payload.length);
  octets.writeUIntBE(payload.length, 0, 3);
  octets[3] = type;
  octets[4] = flags;
  octets.writeUInt32BE(id, 5);
  octets.set(payload, HEAD_OCTETS);
  return octets;
}

const NOTHING = new Uint8Array(0);

export function number32(...values: number[]): Buffer {
  const octets = Buffer.allocUnsafe(4 * values.length);
  values.forEach((value, i) => {
    octets.writeUInt32BE(value >>> 0, 4 * i);
  });
  return octets;
}

export function settings(values: readonly (readonly [number, number])[]): Buffer {
  const octets = Buffer.alloc(6 * values.length);
  values.forEach(([id, value], i) => {
    octets.writeUInt16BE(id, 6 * i);
    octets.writeUInt32BE(value, 6 * i + 2);
  });
  return frame(FRAME.SETTINGS, 0, 0, octets);
}

/** Reads frames from octets that come in pieces. */
export class FrameFeed {
  #rest: Buffer = Buffer.alloc(0);
  #prefaceLeft = PREFACE.length;

  /** The frames that are whole now. Throws for what is no HTTP/2. */
  take(octets: Uint8Array): Frame[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(octets) : Buffer.concat([this.#rest, octets]);
    if (this.#prefaceLeft > 0) {
      if (this.#rest.length < PREFACE.length) return [];
      if (Buffer.compare(this.#rest.subarray(0, PREFACE.length), PREFACE) !== 0)
        throw new Error('no preface');
      this.#prefaceLeft = 0;
      this.#rest = this.#rest.subarray(PREFACE.length);
    }
    const frames: Frame[] = [];
    for (;;) {
      const rest = this.#rest;
      if (rest.length < HEAD_OCTETS) return frames;
      const length = rest.readUIntBE(0, 3);
      if (rest.length < HEAD_OCTETS + length) return frames;
      frames.push({
        type: rest[3],
        flags: rest[4],
        id: rest.readUInt32BE(5) & 0x7fffffff,
        payload: rest.subarray(HEAD_OCTETS, HEAD_OCTETS + length),
      });
      this.#rest = rest.subarray(HEAD_OCTETS + length);
    }
  }
}

/** What is left of a payload without padding and priority. */
export function unpadded({ type, flags, payload }: Frame): Buffer {
  let start = 0;
  let end = payload.length;
  if ((flags & PADDED) !== 0) {
    end -= payload[0];
    start = 1;
  }
  if (type === FRAME.HEADERS && (flags & PRIORITY) !== 0) start += 5;
  return payload.subarray(start, end);
}

/** A header block of literals without indexing, names and values of fewer than 16,384 octets. */
export function headerBlock(fields: readonly string[]): Buffer {
  const parts: number[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    parts.push(0);
    for (const text of [fields[i], fields[i + 1]]) {
      if (text.length < 127) parts.push(text.length);
      else {
        const rest = text.length - 127;
        if (rest < 128) parts.push(127, rest);
        else parts.push(127, (rest & 127) | 128, rest >> 7);
      }
      for (let at = 0; at < text.length; at++) parts.push(text.charCodeAt(at));
    }
  }
  return Buffer.from(parts);
}

/** A message with its five octets before it. */
export function framed(message: Uint8Array): Buffer {
  const octets = Buffer.allocUnsafe(5 + message.length);
  octets[0] = 0;
  octets.writeUInt32BE(message.length, 1);
  octets.set(message, 5);
  return octets;
}
