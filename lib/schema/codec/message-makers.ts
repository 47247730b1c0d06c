// Makes messages and gives their unset fields their defaults, in code of a type's own for the few types that are made most.
//
// At each place in the code that sets a property the engine remembers which property of which objects it was: while that is
// always the same, it takes a fourth of the time it takes at a place that serves all types, and making messages is most of
// the time of a decode. New code would have to be made from strings, so there are copies of one function.

import { defaultOf } from './decode-scalar.ts';
import type { FieldPlan, Fields, Plan } from './plan.ts';

/** Makes messages of one type. */
export interface MessageMaker {
  readonly make: (Message: new () => Fields) => Fields;
  /** Gives the fields from place `i` on their defaults, `count` being how many there are; only the first OWN_FIELDS. */
  readonly fill: (message: Fields, fields: readonly FieldPlan[], i: number, count: number) => void;
}

/** So many fields `fill` can fill. */
const OWN_FIELDS = 6;
/** A type is given code of its own, if any is left, when so many of its messages were made. */
const MANY = 20_000;

const MAKERS: readonly MessageMaker[] = [
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
  {
    make: (Message) => new Message(),
    fill: (m, f, i, n) => {
      if (i < 1) m[f[0].key] = defaultOf(f[0]);
      if (i < 2 && n > 1) m[f[1].key] = defaultOf(f[1]);
      if (i < 3 && n > 2) m[f[2].key] = defaultOf(f[2]);
      if (i < 4 && n > 3) m[f[3].key] = defaultOf(f[3]);
      if (i < 5 && n > 4) m[f[4].key] = defaultOf(f[4]);
      if (i < 6 && n > 5) m[f[5].key] = defaultOf(f[5]);
    },
  },
];

let used = 0;

/** A message of the type, without its fields. */
export function newMessage(plan: Plan): Fields {
  const { maker } = plan;
  if (maker !== undefined) return maker.make(plan.Message);
  if (++plan.made === MANY && used < MAKERS.length) plan.maker = MAKERS[used++];
  return new plan.Message();
}

/** Gives a message the fields that it has even if unset, from the one on that has this place among them. */
export function fillFrom(message: Fields, plan: Plan, first: number): void {
  const { filled, maker } = plan;
  const count = filled.length;
  let i = first;
  if (maker !== undefined && i < count && i < OWN_FIELDS) {
    maker.fill(message, filled, i, count);
    i = OWN_FIELDS;
  }
  for (; i < count; i++) message[filled[i].key] = defaultOf(filled[i]);
}
