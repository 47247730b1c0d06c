// Remembers what the last few short header blocks decoded to. Servers answer call after call with the same
// few octets (all indices), which mean the same as long as the dynamic table has not changed: then neither
// strings nor lists need to be made again. Knows nothing of HPACK itself.

import type { FieldList } from '../handlers.ts';

const SLOTS = 8;
/** Longer blocks hold literals, which seldom repeat. */
const MAX_BLOCK_OCTETS = 32;

interface Slot {
  readonly octets: Uint8Array;
  length: number;
  generation: number;
  fields: FieldList;
}

/** What is in the slots of all memories until a block is kept there: no block is as short. */
const NOTHING: Slot = emptySlot(0);

export class BlockMemory {
  readonly #slots: Slot[] = new Array<Slot>(SLOTS).fill(NOTHING);

  find(block: Uint8Array, start: number, end: number, generation: number): FieldList | undefined {
    const length = end - start;
    if (length === 0 || length > MAX_BLOCK_OCTETS) return undefined;
    const slot = this.#slots[slotOf(block, start, end)];
    if (slot.generation !== generation || slot.length !== length) return undefined;
    const { octets } = slot;
    for (let i = 0; i < length; i++) if (octets[i] !== block[start + i]) return undefined;
    return slot.fields;
  }

  keep(block: Uint8Array, start: number, end: number, generation: number, fields: FieldList): void {
    const length = end - start;
    if (length === 0 || length > MAX_BLOCK_OCTETS) return;
    const at = slotOf(block, start, end);
    let slot = this.#slots[at];
    if (slot === NOTHING) {
      slot = emptySlot(MAX_BLOCK_OCTETS);
      this.#slots[at] = slot;
    }
    for (let i = 0; i < length; i++) slot.octets[i] = block[start + i];
    slot.length = length;
    slot.generation = generation;
    slot.fields = fields;
  }
}

function emptySlot(room: number): Slot {
  return { octets: new Uint8Array(room), length: 0, generation: -1, fields: [] };
}

function slotOf(block: Uint8Array, start: number, end: number): number {
  return (block[start] + block[end - 1] + (end - start)) & (SLOTS - 1);
}
