// Finds the frames of a Zstandard stream without decompressing them: whether the stream is complete, and where each
// frame ends. Source: RFC 8878 §3.

/** Little-endian on the wire: 28 B5 2F FD. */
const MAGIC = 0xfd2fb528;
/** Skippable frames (§3.1.2) have one of 16 magic numbers. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const MAGIC_OCTETS = 4;
const BLOCK_HEADER_OCTETS = 3;
const CHECKSUM_OCTETS = 4;
const DICTIONARY_ID_OCTETS = [0, 1, 2, 4] as const;
const CONTENT_SIZE_OCTETS = [0, 2, 4, 8] as const;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** The frames that contain data, in order. Throws unless the octets are one or more complete frames. */
export function zstdFrames(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const magic = uint32At(view, at);
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) {
      at += MAGIC_OCTETS + 4 + uint32At(view, at + MAGIC_OCTETS);
      if (at > bytes.length) throw endsEarly();
    } else if (magic === MAGIC) {
      const end = endOfFrame(view, at);
      frames.push(bytes.subarray(at, end));
      at = end;
    } else throw new Error(at === 0 ? 'it does not start like Zstandard' : 'garbage follows its end');
  }
  if (frames.length === 0) throw endsEarly();
  return frames;
}

/** Steps over a frame's header and its blocks (§3.1.1). */
function endOfFrame(view: DataView, start: number): number {
  if (start + MAGIC_OCTETS >= view.byteLength) throw endsEarly();
  const descriptor = view.getUint8(start + MAGIC_OCTETS);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >>> 6;
  let at = start + MAGIC_OCTETS + 1;
  at += isSingleSegment ? 0 : 1;
  at += DICTIONARY_ID_OCTETS[descriptor & 3];
  at += isSingleSegment && sizeFlag === 0 ? 1 : CONTENT_SIZE_OCTETS[sizeFlag];
  for (let isLast = false; !isLast; ) {
    if (at + BLOCK_HEADER_OCTETS > view.byteLength) throw endsEarly();
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    isLast = (header & 1) === 1;
    const type = (header >>> 1) & 3;
    if (type === RESERVED_BLOCK) throw new Error('a block is of the reserved type');
    at += BLOCK_HEADER_OCTETS + (type === RLE_BLOCK ? 1 : header >>> 3);
  }
  if ((descriptor & 4) !== 0) at += CHECKSUM_OCTETS;
  if (at > view.byteLength) throw endsEarly();
  return at;
}

function uint32At(view: DataView, at: number): number {
  if (at + 4 > view.byteLength) throw endsEarly();
  return view.getUint32(at, true);
}

function endsEarly(): Error {
  return new Error('unexpected end of file');
}
