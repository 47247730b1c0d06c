// The methods that decoded messages have beside their fields: toJSON for all, toDate and toMilliseconds for
// Timestamp and Duration.

import { messageToJson } from './json.ts';
import { addMethod } from './message-class.ts';
import type { Fields, Plan } from './plan.ts';
import { DURATION, TIMESTAMP } from './well-known-kind.ts';

/** Milliseconds of a Timestamp or Duration, rounded towards the past as a Date would be. */
function milliseconds(plan: Plan, message: object): number {
  const [secondsField, nanosField] = plan.fields;
  const fields = message as Fields;
  const seconds = fields[secondsField.key] ?? 0;
  const nanos = fields[nanosField.key] ?? 0;
  return Number(seconds) * 1000 + Number(nanos) / 1_000_000;
}

/** Prepares the class of a new plan. */
export function addMessageMethods(plan: Plan): void {
  addMethod(plan, 'toJSON', function () {
    return messageToJson(plan, this);
  });
  if (plan.wellKnown === TIMESTAMP) {
    addMethod(plan, 'toDate', function () {
      return new Date(Math.floor(milliseconds(plan, this)));
    });
  }
  if (plan.wellKnown === DURATION) {
    addMethod(plan, 'toMilliseconds', function () {
      return milliseconds(plan, this);
    });
  }
}
