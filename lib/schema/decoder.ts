// The state of one decode: the bytes, where in them and in the message it is, and which messages lacked required
// fields when they were read.

import type { FieldPlan, Fields, Plan } from './plan.ts';
import { WireReader } from './wire-reader.ts';

const WIRE_TYPE_NAMES = ['a varint', '64 bits', 'a length', 'a group', 'the end of a group', '32 bits'];

/** The reader of one decode, and the messages that lacked required fields when they were first read. */
export class Decoder extends WireReader {
  incomplete: { readonly plan: Plan; readonly message: Fields }[] | undefined = undefined;

  /** A later part of the same message may have brought what was missing. */
  refuseIncomplete(): void {
    const { incomplete } = this;
    if (incomplete === undefined) return;
    this.incomplete = undefined;
    for (const { plan, message } of incomplete) {
      for (const field of plan.required) {
        if (message[field.key] === undefined) {
          this.fail(`the required field '${field.key}' of ${plan.typeName} is missing`);
        }
      }
    }
  }
}

export function wrongWireType(
  r: Decoder,
  field: FieldPlan,
  tag: number,
  expected: number = field.tag,
): never {
  const actual = WIRE_TYPE_NAMES[tag & 7] ?? `the unknown wire type ${tag & 7}`;
  return r.fail(`expected ${WIRE_TYPE_NAMES[expected & 7]}, found ${actual}`, field);
}
