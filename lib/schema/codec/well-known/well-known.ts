// Prepares each new plan: the methods of its class (toJSON for all, toDate and toMilliseconds for two) and, for a
// well-known type with a form of its own, how it is written and read.

import { DURATION, NOT_WELL_KNOWN, TIMESTAMP } from '../../descriptors/well-known-kind.ts';
import { messageToJson } from '../json/json.ts';
import { addMethod } from '../message-class.ts';
import type { Fields, Plan, SpecialForm } from '../plan.ts';
import { readWellKnown } from './well-known-decode.ts';
import { writeWellKnown } from './well-known-encode.ts';
import { readJsonWellKnown } from './well-known-from-json.ts';
import { writeJsonWellKnown } from './well-known-to-json.ts';

const WELL_KNOWN_FORM: SpecialForm = {
  write: writeWellKnown,
  read: readWellKnown,
  writeJson: writeJsonWellKnown,
  readJson: readJsonWellKnown,
};

/** Milliseconds of a Timestamp or Duration. */
function milliseconds(plan: Plan, message: object): number {
  const [secondsField, nanosField] = plan.fields;
  const fields = message as Fields;
  const seconds = fields[secondsField.key] ?? 0;
  const nanos = fields[nanosField.key] ?? 0;
  return Number(seconds) * 1000 + Number(nanos) / 1_000_000;
}

export function preparePlan(plan: Plan): void {
  addMethod(plan, 'toJSON', function () {
    return messageToJson(plan, this, false);
  });
  if (plan.wellKnown === NOT_WELL_KNOWN) return;
  plan.special = WELL_KNOWN_FORM;
  if (plan.wellKnown === TIMESTAMP) {
    addMethod(plan, 'toDate', function () {
      // A Date counts whole milliseconds: the one that this moment is in.
      return new Date(Math.floor(milliseconds(plan, this)));
    });
  }
  if (plan.wellKnown === DURATION) {
    addMethod(plan, 'toMilliseconds', function () {
      return milliseconds(plan, this);
    });
  }
}
