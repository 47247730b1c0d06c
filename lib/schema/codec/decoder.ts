// The state of one decode: the bytes, where in them and in the message it is, and which messages lacked required
// fields when they were read.

import {
  allowanceWords,
  DEFAULT_OCTETS,
  DEFAULT_WORDS,
  ENTRY_WORDS,
  MAP_WORDS,
  WORD,
} from './decoded-size.ts';
import type { FieldPlan, Fields, Plan } from './plan.ts';
import { DecodedSizeError } from './wire/decode-error.ts';
import { WireReader } from './wire/wire-reader.ts';

/** A field that came with another wire type than the schema gives it. */
export interface WireTypeMismatch {
  readonly field: FieldPlan;
  /** The wire type that came. */
  readonly found: number;
}

/** The reader of one decode, and the messages that lacked required fields when they were first read. */
export class Decoder extends WireReader {
  incomplete: { readonly plan: Plan; readonly message: Fields }[] | undefined = undefined;
  /** The first such field of this decode: the schema may be another version than the sender's. */
  mismatch: WireTypeMismatch | undefined = undefined;
  /** Words of memory that what is decoded may still take. */
  room = 0;
  #maxDecodedBytes: number | undefined = undefined;
  /** The set members of oneofs that have many, where there was more than one. */
  #members: Map<Fields, Map<number, FieldPlan>> | undefined = undefined;

  /** Begins a decode; `maxDecodedBytes` undefined for the default. */
  begin(bytes: Uint8Array, start: number, end: number, typeName: string, maxDecodedBytes?: number): void {
    this.start(bytes, start, end, typeName);
    if (this.incomplete !== undefined || this.mismatch !== undefined || this.#members !== undefined) {
      this.#forget();
    }
    this.#maxDecodedBytes = maxDecodedBytes;
    // Nearly every message, at the cost of two comparisons.
    this.room =
      maxDecodedBytes === undefined && end - start <= DEFAULT_OCTETS
        ? DEFAULT_WORDS
        : allowanceWords(maxDecodedBytes, end - start);
  }

  #forget(): void {
    this.incomplete = undefined;
    this.mismatch = undefined;
    this.#members = undefined;
  }

  /** Counts what is about to be made. */
  take(words: number): void {
    this.room -= words;
    if (this.room < 0) this.refuseSize();
  }

  refuseSize(): void {
    const limit = this.#maxDecodedBytes;
    this.room = allowanceWords(limit, this.octets);
    if (limit === Infinity) return;
    const most = limit ?? this.room * WORD;
    throw new DecodedSizeError(
      `${this.where()}: decoding this message of ${this.octets} octets would take more than ${most} bytes of memory (values.maxDecodedBytes)`,
    );
  }

  /** Keeps that a member of a oneof is set; the one that was kept before. */
  replaceMember(message: Fields, field: FieldPlan): FieldPlan | undefined {
    this.#members ??= new Map();
    let members = this.#members.get(message);
    if (members === undefined) {
      this.take(MAP_WORDS + ENTRY_WORDS);
      members = new Map();
      this.#members.set(message, members);
    }
    const before = members.get(field.oneof);
    if (before === undefined) this.take(ENTRY_WORDS);
    members.set(field.oneof, field);
    return before;
  }

  /** A later part of the same message may have brought what was missing. */
  refuseIncomplete(): void {
    const { incomplete } = this;
    if (incomplete === undefined) return;
    this.incomplete = undefined;
    for (const { plan, message } of incomplete) {
      for (const field of plan.required) {
        if (message[field.key] === undefined) {
          const hint = this.mismatch === undefined ? '' : `; ${mismatchText(this.mismatch)}`;
          this.fail(`the required field '${field.key}' of ${plan.typeName} is missing${hint}`);
        }
      }
    }
  }
}

const WIRE_TYPE_NAMES = [
  'a varint',
  '64 bits',
  'length-delimited',
  'a group',
  'the end of a group',
  '32 bits',
];

/** `field 3 'count' came as length-delimited, not as a varint; is the schema a different version from the sender's?` */
export function mismatchText({ field, found }: WireTypeMismatch): string {
  const expected = WIRE_TYPE_NAMES[field.tag & 7];
  // The key and the value of a map have the map's name.
  const name = isInMapEntry(field)
    ? `'${field.field.name}' of an entry of the map '${field.key}'`
    : `'${field.key}'`;
  return `field ${field.number} ${name} came as ${WIRE_TYPE_NAMES[found]}, not as ${expected}; is the schema a different version from the sender's?`;
}

function isInMapEntry(field: FieldPlan): boolean {
  return field.owner.type.isMapEntry;
}

/**
 * A field that came with another wire type than its own counts as unknown, as in every official implementation: servers
 * and schemas move on at different times. It is noted, and refused where the values are to be strict. Whoever calls this
 * passes over the field.
 */
export function noteMismatch(r: Decoder, field: FieldPlan, tag: number): void {
  const found = tag & 7;
  if (found > 5) return; // No wire type at all: refused when it is to be skipped.
  const mismatch = { field, found };
  if (field.owner.set.shape.strictWireTypes)
    r.fail(mismatchText(mismatch), isInMapEntry(field) ? undefined : field);
  r.mismatch ??= mismatch;
}
