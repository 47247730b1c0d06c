// A small load that was measured, for the specs of its reports.

import type { LoadPlan } from '../../../../lib/cli/bench/plan/load-plan.ts';
import { Measurements } from '../../../../lib/cli/bench/result/measurements.ts';
import { type MeasuredLoad, summarize } from '../../../../lib/cli/bench/result/summary.ts';

export const OPEN_PLAN: LoadPlan = {
  kind: 'open',
  stages: [{ fromRate: 100, toRate: 100, durationMs: 10_000 }],
  calls: Infinity,
  durationMs: Infinity,
  maxInFlight: 50,
  warmUpMs: 0,
};

/** 999 calls of 1 to 999 ms that succeeded, one of 2 s that failed, and three that were not made. */
export function measuredLoad(): MeasuredLoad {
  const measurements = new Measurements(0, 1000);
  for (let call = 1; call < 1000; call++) {
    measurements.onBegin(call * 10);
    measurements.onOk(call, call * 10);
    measurements.lateness.record(0.25);
  }
  measurements.onBegin(9990);
  measurements.onFailure({ name: 'UNAVAILABLE', code: 14, details: 'gone "away"' }, 2000, 9990);
  measurements.dropped = 3;
  measurements.requestMessages = 1000;
  measurements.replyMessages = 999;
  measurements.requestBytes = 5000;
  measurements.replyBytes = 9990;
  const run = { measurements, elapsedMs: 10_000, cpuMs: 500, isInterrupted: false, unfinished: 0 };
  const summary = summarize(OPEN_PLAN, run, {
    target: 'dns:///a "b"\\c:1',
    method: 'pkg.Service.Method',
    startedAt: new Date(0),
    connections: 1,
    streamsReplies: false,
  });
  return { summary, measurements };
}
