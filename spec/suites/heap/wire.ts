// Octets of protobuf's wire format, for replies and schemas that no encoder would make.

/** Also of numbers beyond 32 bits. */
export function varint(value: number): number[] {
  const octets: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...octets, rest];
    octets.push((rest % 128) | 128);
  }
}

/** A field that has a length: text, bytes, a message or a packed list. */
export function lengthDelimited(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
}
