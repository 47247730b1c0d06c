// Octets as Node's Buffer, which can decode them to text: the same memory under another class; new memory; and memory for
// large messages on their way out, lent to one after the other: what the operating system maps and clears anew costs several
// times as much as writing it, and a collector that has large memory to free runs more often. It keeps nothing alive: what is
// spare is held weakly, until it is lent or collected.

/** `bytes[start, end)`, without a copy. */
export function bufferOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

/**
 * New memory that is written before it is read: where there is Buffer it holds whatever was there before, since clearing a
 * mebibyte costs as much as copying one. It is never part of Buffer's pool.
 */
export function unwrittenOctets(size: number): Uint8Array {
  return typeof globalThis.Buffer === 'function' ? Buffer.allocUnsafeSlow(size) : new Uint8Array(size);
}

/** So many pieces are remembered. */
const MAX_SPARE = 8;
/** How many times what is asked for a piece may be: whoever holds a message should not hold much more. */
const MOST_WASTE = 1.25;

/** What was handed out and has not come back. */
const lent: WeakSet<Uint8Array> = new WeakSet();
const spare: WeakRef<Uint8Array>[] = [];

/** At least `size` octets, holding whatever they held before, to be written by whoever asks and by nobody else. */
export function borrowOctets(size: number): Uint8Array {
  const memory = takeSpare(size) ?? unwrittenOctets(size);
  lent.add(memory);
  return memory;
}

/**
 * Says that nothing refers to borrowed octets any more: they may be written at any time. Other memory, and what came back
 * already, is left alone.
 */
export function returnOctets(memory: Uint8Array): void {
  if (!lent.delete(memory)) return;
  if (spare.length === MAX_SPARE) spare.shift();
  spare.push(new WeakRef(memory));
}

/** What came back last first: it is the most likely to be in the processor's caches. */
function takeSpare(size: number): Uint8Array | undefined {
  for (let i = spare.length - 1; i >= 0; i--) {
    const memory = spare[i].deref();
    const fits = memory !== undefined && memory.length >= size && memory.length <= size * MOST_WASTE;
    if (memory === undefined || fits) spare.splice(i, 1);
    if (fits) return memory;
  }
  return undefined;
}
