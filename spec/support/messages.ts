// gRPC messages as octets, written by hand: a witness that is not our own framing.

/** A length-prefixed message (PROTOCOL-HTTP2.md); `claimed` is the length its header tells, where that is a lie. */
export function frame(body: Uint8Array | number, flag = 0, claimed?: number): Uint8Array {
  const octets = typeof body === 'number' ? new Uint8Array(body).fill(0x61) : body;
  const framed = Buffer.alloc(5 + octets.length);
  framed.writeUInt8(flag, 0);
  framed.writeUInt32BE(claimed ?? octets.length, 1);
  framed.set(octets, 5);
  return framed;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
