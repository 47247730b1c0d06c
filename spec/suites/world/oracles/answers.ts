// Whether calls end as servers answered them, where nothing else can have had a say.

import type { CallPlan } from '../plan.ts';
import { FIRST_CLOSING_CALL } from '../world.ts';
import { isKept } from './once.ts';
import type { Oracle } from './oracle.ts';

const UNAVAILABLE = 14;
/** Statuses of RST_STREAM codes (PROTOCOL-HTTP2.md "Errors"). */
const RESETS: Readonly<Record<number, number>> = { 1: 13, 2: 13, 8: 1, 11: 8 };
/** More than this is not kept to be sent again. */
const REPLAY_OCTETS = 900_000;

/** In a world that is well the answer of the last attempt is the call's. */
export const endsAsAnswered: Oracle = {
  name: 'ends as answered',
  promise: 'docs/resilience.md "Retries"; docs/promises.md 5',
  *find({ plan, calls }) {
    if (plan.kind !== 'steady') return;
    for (const { plan: planned, code, details } of calls) {
      if (planned.id >= FIRST_CLOSING_CALL) continue;
      const expected = expectedCode(planned);
      if (expected === undefined || expected === code) continue;
      yield `call ${planned.id} ended with ${code} ${details}, and ${expected} was answered: ${JSON.stringify(planned.answers)}`;
    }
  },
};

/** What a call ends with; undefined where more than its answers decides. */
function expectedCode(call: CallPlan): number | undefined {
  if (call.hedging !== undefined) return call.answers.every(({ kind }) => kind === 'ok') ? 0 : undefined;
  // What has come too far to be sent again a server may lose by a GOAWAY.
  if (!isKept(call)) return undefined;
  const isBuffered = call.requestOctets * call.requests <= REPLAY_OCTETS;
  const most = call.retry?.maxAttempts ?? 1;
  let attempts = 0;
  let isResent = false;
  for (let i = 0; ; i++) {
    const answer = call.answers[Math.min(i, call.answers.length - 1)];
    if (!isBuffered && i > 0) return undefined;
    switch (answer.kind) {
      case 'ok':
        return 0;
      case 'refuse':
        // The first attempt goes once more by itself, uncounted; all else is the policy's.
        if (attempts === 0 && !isResent) {
          isResent = true;
          continue;
        }
        attempts++;
        if (attempts >= most) return UNAVAILABLE;
        continue;
      case 'reset':
        return RESETS[answer.code];
      case 'status':
        attempts++;
        if (answer.code !== UNAVAILABLE || answer.afterHeaders || attempts >= most) return answer.code;
        if (answer.pushbackMs !== undefined && answer.pushbackMs < 0) return answer.code;
        continue;
      case 'hang':
        return undefined;
      default:
        return answer satisfies never;
    }
  }
}
