// Results of shards put together: exactly what one process would have measured, and what is said of what does not fit.

import { expect } from 'chai';
import fc from 'fast-check';
import { Measurements } from '../../../../lib/cli/bench/result/measurements.ts';
import { type MergedLoad, mergeResults } from '../../../../lib/cli/bench/result/merge-results.ts';
import type { FoundLine } from '../../../../lib/cli/bench/result/read-results.ts';
import type { ResultDocument } from '../../../../lib/cli/bench/result/result-document.ts';
import { ShardRuns } from '../../../../lib/cli/bench/result/shard-run.ts';
import { summarize } from '../../../../lib/cli/bench/result/summary.ts';
import { call, found, type MadeUpCall, measured, PLAN, result, runsOf, START_MS } from './made-up-results.ts';

const NOW_MS = START_MS + 60_000;

function merge(lines: readonly FoundLine[]): { merged: MergedLoad; notes: string[] } {
  const notes: string[] = [];
  const merged = mergeResults(runsOf(lines), notes, NOW_MS);
  if (merged === undefined) throw new Error(`nothing was merged: ${notes.join('; ')}`);
  return { merged, notes };
}

const latency = fc.oneof(
  fc.double({ min: 0.05, max: 20, noNaN: true }),
  fc.double({ min: 100, max: 3000, noNaN: true }),
  fc.constantFrom(0, 1e-6, 16_777_216, 1e9),
);
const anyCall: fc.Arbitrary<MadeUpCall> = fc.record({
  // Far enough for intervals to be joined.
  atMs: fc.oneof(fc.double({ min: 0, max: 5000, noNaN: true }), fc.double({ min: 0, max: 4e6, noNaN: true })),
  latencyMs: latency,
  status: fc.constantFrom('OK', 'OK', 'OK', 'UNAVAILABLE', 'INTERNAL'),
});

/** A call, the shard that made it, and the line of that shard's result that it is in. */
const dealt = fc.record({
  call: anyCall,
  shard: fc.nat(4),
  line: fc.nat(2),
  order: fc.double({ noNaN: true }),
});

describe('merging results', () => {
  it('gives the percentiles, the time series and the statuses of one run, for any split and order', () => {
    fc.assert(
      fc.property(fc.array(dealt, { minLength: 1, maxLength: 200 }), (all) => {
        const lines = [0, 1, 2, 3, 4].flatMap((shard) =>
          [0, 1, 2].map((line) => {
            const own = all.filter((one) => one.shard === shard && one.line === line);
            const document = result(
              { shard: { index: shard + 1, of: 5 }, line, state: line === 2 ? 'finished' : 'running' },
              own.map((one) => one.call),
            );
            return { line: found(document), order: own[0]?.order ?? 0 };
          }),
        );
        const shuffled = lines.sort((one, other) => one.order - other.order).map(({ line }) => line);
        const { merged, notes } = merge(shuffled);
        const one = measured(all.map((each) => each.call));
        const summaryOf = (measurements: Measurements) => {
          const { latencyMs, failedLatencyMs, statuses, intervals, ...rest } = summarize(
            merged.plan,
            { ...merged.run, measurements },
            merged.about,
          );
          const rounded = ({ mean, stdev, ...exact }: typeof latencyMs) => exact;
          return {
            latencyMs: rounded(latencyMs),
            failedLatencyMs: rounded(failedLatencyMs),
            mean: latencyMs.mean,
            intervals,
            calls: rest.calls,
            intervalMs: rest.intervalMs,
            distribution: rest.distribution,
            statuses: [...statuses].sort((a, b) => a.name.localeCompare(b.name)),
          };
        };
        const { mean: mergedMean, ...mergedRest } = summaryOf(merged.run.measurements);
        const { mean, ...rest } = summaryOf(one);
        expect(mergedRest).to.deep.equal(rest);
        // Sums of doubles depend on their order, in the last digits.
        if (mean !== null) expect(mergedMean).to.be.closeTo(mean, 1e-9 * mean + 0.001);
        const noOk = /^none of the \d+ calls of shard/;
        expect(notes.filter((note) => !noOk.test(note))).to.deep.equal([]);
      }),
    );
  });

  it('keeps percentiles within 0.8 % of the samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (samples) => {
          const lines = [1, 2, 3].map((index) =>
            found(
              result(
                { shard: { index, of: 3 } },
                samples.filter((_, at) => at % 3 === index - 1).map((latencyMs) => call({ latencyMs })),
              ),
            ),
          );
          const sorted = [...samples].sort((a, b) => a - b);
          const { latency: all } = merge(lines).merged.run.measurements;
          for (const percent of [50, 99, 99.9]) {
            const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1];
            expect(all.percentileMs(percent)).to.be.closeTo(exact, exact * 0.008);
          }
        },
      ),
    );
  });

  it('counts more calls than 32 bits hold', () => {
    const many = result();
    const { latency: one } = many.measured;
    const times = 3_000_000_000;
    const latencies = { ...one, count: times, buckets: [one.buckets[0], times], sumMs: one.sumMs * times };
    const lines = [1, 2].map((index) =>
      found(
        result({ shard: { index, of: 2 }, measured: { ...many.measured, begun: times, latency: latencies } }),
      ),
    );
    const { measurements } = merge(lines).merged.run;
    expect(measurements.latency.count).to.equal(2 * times);
    expect(measurements.latency.buckets()).to.have.length(1);
    expect(measurements.latency.buckets()[0].count).to.equal(2 * times);
  });

  it('adds up what the processes used, and takes the longest time', () => {
    const lines = [
      found(result({ shard: { index: 1, of: 2 }, elapsedMs: 10_000, cpuMs: 4000, connections: 2 })),
      found(result({ shard: { index: 2, of: 2 }, elapsedMs: 8000, cpuMs: 6000, connections: 1 })),
    ];
    const { merged, notes } = merge(lines);
    const summary = summarize(merged.plan, merged.run, { ...merged.about, shards: merged.shards });
    expect(summary).to.include({ elapsedMs: 10_000, clientCores: 1, isCutOff: false, isInterrupted: false });
    expect(summary.load.connections).to.equal(3);
    expect(
      summary.shards?.each.map(({ shard, clientCores, machine }) => [shard, clientCores, machine.host]),
    ).to.deep.equal([
      [1, 0.4, 'host-1'],
      [2, 0.75, 'host-2'],
    ]);
    expect(notes).to.deep.equal([]);
    expect(merged.isComplete).to.equal(true);
  });

  const shard = (index: number, change: Partial<ResultDocument> = {}): FoundLine =>
    found(result({ shard: { index, of: 3 }, ...change }));
  const clock = (change: Partial<ResultDocument['clock']>): Partial<ResultDocument> => ({
    clock: { ...result().clock, ...change },
  });
  const server = (offset: readonly [number, number]): Partial<ResultDocument> => clock({ server: offset });
  const failing = { ...call(), status: 'UNAVAILABLE' };

  const rows: readonly {
    readonly name: string;
    readonly lines: readonly FoundLine[];
    readonly notes: readonly string[];
    readonly shards: readonly number[];
    readonly isComplete?: boolean;
  }[] = [
    {
      name: 'a shard that is missing',
      lines: [shard(1), shard(3)],
      notes: ['shard 2/3 is missing: what it did is not in this report'],
      shards: [1, 3],
    },
    {
      name: 'several that are missing',
      lines: [shard(3)],
      notes: ['2 shards are missing (1/3, 2/3): what they did is not in this report'],
      shards: [3],
    },
    {
      name: 'a shard of another plan',
      lines: [
        shard(1),
        shard(2, { plan: { ...PLAN, target: 'other:1', load: { ...PLAN.load, concurrency: 5 } } }),
        shard(3),
      ],
      notes: [
        'shard 2/3 of shard-2.json is of another plan (target: other:1 instead of greeter.example:443; load.concurrency: 5 instead of 50); left out',
        'shard 2/3 is missing: what it did is not in this report',
      ],
      shards: [1, 3],
    },
    {
      name: 'a shard that compresses its requests, or sends other metadata',
      lines: [
        shard(1),
        shard(2, { plan: { ...PLAN, options: { compress: 'gzip', header: 'x-env: prod' } } }),
        shard(3),
      ],
      notes: [
        'shard 2/3 of shard-2.json is of another plan (options.compress: gzip instead of nothing; options.header: x-env: prod instead of nothing); left out',
        'shard 2/3 is missing: what it did is not in this report',
      ],
      shards: [1, 3],
    },
    {
      name: 'a shard of another version',
      lines: [shard(1), shard(2), shard(3, { version: '0.2.0' })],
      notes: [
        'shard 3/3 of shard-3.json was made by stubless 0.2.0, the others by 0.1.0; left out',
        'shard 3/3 is missing: what it did is not in this report',
      ],
      shards: [1, 2],
    },
    {
      name: 'a shard of another start time',
      lines: [
        shard(1, { startAtMs: START_MS }),
        shard(2, { startAtMs: START_MS + 5000 }),
        shard(3, { startAtMs: START_MS }),
      ],
      notes: [
        'shard 2/3 of shard-2.json has another --start-at (2026-01-31T12:00:05.000Z instead of 2026-01-31T12:00:00.000Z); left out',
        'shard 2/3 is missing: what it did is not in this report',
      ],
      shards: [1, 3],
    },
    {
      name: 'a shard of another number of shards',
      lines: [shard(1), shard(2), found(result({ shard: { index: 3, of: 4 } }))],
      notes: [
        'shard 3/4 of shard-3.json is of a plan for 4 shards, the others for 3; left out',
        'shard 3/3 is missing: what it did is not in this report',
      ],
      shards: [1, 2],
    },
    {
      name: 'a shard that ran twice',
      lines: [shard(1), shard(2, { run: 'first', state: 'running' }), shard(2, { run: 'second' }), shard(3)],
      notes: [
        'shard 2/3 ran more than once: the run of shard-2.json is counted, that of shard-2.json (running, 1 calls) is left out',
      ],
      shards: [1, 2, 3],
      isComplete: true,
    },
    {
      name: 'a log that is there twice',
      lines: [shard(1), shard(2), found(result({ shard: { index: 2, of: 3 } }), 'copy.log'), shard(3)],
      notes: [
        'shard 2/3 of shard-2.json and copy.log: the same lines are there more than once; each counts once',
      ],
      shards: [1, 2, 3],
      isComplete: true,
    },
    {
      name: 'a shard that was interrupted',
      lines: [shard(1), shard(2, { state: 'interrupted', elapsedMs: 4200 }), shard(3)],
      notes: ['shard 2/3 of shard-2.json was interrupted after 4.2 s: it did not do all of its part'],
      shards: [1, 2, 3],
    },
    {
      name: 'a shard that was interrupted while it waited',
      lines: [
        shard(1),
        shard(2, {
          state: 'interrupted',
          clock: { readyAtMs: START_MS, startedAtMs: null, steppedMs: 0, server: null },
        }),
        shard(3),
      ],
      notes: ['shard 2/3 of shard-2.json was interrupted before it began: it did not do all of its part'],
      shards: [1, 2, 3],
    },
    {
      name: 'a shard that was cut off',
      lines: [shard(1), shard(2, { state: 'running', elapsedMs: 4200 }), shard(3)],
      notes: ['shard 2/3 of shard-2.json was cut off after 4.2 s: it was killed, or still runs'],
      shards: [1, 2, 3],
    },
    {
      name: 'lines of a shard that are missing',
      lines: [shard(1), shard(2, { line: 0, state: 'running' }), shard(2, { line: 3 }), shard(3)],
      notes: [
        'shard 2/3 of shard-2.json: 2 lines are missing before line 3; what it did in that time is not in this report',
      ],
      shards: [1, 2, 3],
    },
    {
      name: 'a shard that could not begin',
      lines: [
        shard(1),
        found(
          ((): ResultDocument => {
            const { plan: _, ...failed } = result(
              { shard: { index: 2, of: 3 }, state: 'failed', error: 'UNAVAILABLE: no route' },
              [],
            );
            return { ...failed, ...clock({ startedAtMs: null }) };
          })(),
        ),
        shard(3),
      ],
      notes: ['shard 2/3 of shard-2.json made no calls: UNAVAILABLE: no route'],
      shards: [1, 2, 3],
    },
    {
      name: 'a shard that reached nobody',
      lines: [shard(1), found(result({ shard: { index: 2, of: 3 } }, [failing, failing])), shard(3)],
      notes: ['none of the 2 calls of shard 2/3 succeeded: UNAVAILABLE: the text of UNAVAILABLE'],
      shards: [1, 2, 3],
    },
    {
      name: 'a shard that lost a thread',
      lines: [
        shard(1),
        shard(2),
        shard(3, { threads: { count: 2, lost: [{ thread: 2, reason: 'it ran out of memory' }] } }),
      ],
      notes: ['shard 3/3 of shard-3.json lost thread 2 of 2: it ran out of memory'],
      shards: [1, 2, 3],
    },
    {
      name: 'a shard that began late',
      lines: [shard(1), shard(2, clock({ startedAtMs: START_MS + 2300 })), shard(3)],
      notes: ["shard 2/3 began 2.3 s after the first, by its clock: the shards' calls met less than planned"],
      shards: [1, 2, 3],
      isComplete: true,
    },
    {
      name: 'a clock that is a second away from the others, by the dates of the server',
      lines: [shard(1, server([-10, 10])), shard(2, server([-12, 8])), shard(3, server([3000, 3200]))],
      notes: [
        "the clock of shard 3/3 is 3.1 s (± 100 ms) behind the others', by the dates of the server's responses",
      ],
      shards: [1, 2, 3],
      isComplete: true,
    },
    {
      name: 'a clock that was moved',
      lines: [shard(1), shard(2, clock({ steppedMs: -1500 })), shard(3)],
      notes: ['the clock of shard 2/3 was moved back by 1.5 s while it ran'],
      shards: [1, 2, 3],
      isComplete: true,
    },
    {
      name: 'clocks that are ahead of the one that is here',
      lines: [1, 2, 3].map((index) => shard(index, clock({ startedAtMs: NOW_MS - 8000 }))),
      notes: [1, 2, 3].map(
        (index) =>
          `the clock of shard ${index}/3 is at least 2.0 s ahead of this machine's: it ended in the future`,
      ),
      shards: [1, 2, 3],
      isComplete: true,
    },
  ];
  for (const { name, lines, notes, shards, isComplete } of rows) {
    it(`says ${name}, and reports the rest`, () => {
      const { merged, notes: said } = merge(lines);
      expect(said).to.deep.equal(notes);
      expect(merged.shards.each.map((one) => one.shard)).to.deep.equal(shards);
      expect(merged.isComplete).to.equal(isComplete ?? false);
    });
  }

  it('knows how far begins and clocks lay apart', () => {
    const lines = [
      shard(1, { clock: { ...result().clock, server: [-20, 20] } }),
      shard(2, { clock: { ...result().clock, startedAtMs: START_MS + 12, server: [80, 100] } }),
      shard(3, { clock: { ...result().clock, startedAtMs: START_MS + 7, server: [0, 10] } }),
    ];
    expect(merge(lines).merged.shards).to.include({
      startsApartMs: 12,
      clocksApartMs: 90,
      clocksApartErrorMs: 30,
    });
    expect(merge([shard(1), shard(2), shard(3)]).merged.shards).to.include({
      startsApartMs: 0,
      clocksApartMs: null,
    });
  });

  it('has nothing to report where no shard made calls, and says why', () => {
    const notes: string[] = [];
    const { plan: _, ...failed } = result({ state: 'failed', error: 'no route' }, []);
    expect(mergeResults(runsOf([found(failed)]), notes, NOW_MS)).to.equal(undefined);
    expect(notes).to.deep.equal(['shard 1/1 of shard-1.json made no calls: no route']);
    expect(mergeResults([], notes, NOW_MS)).to.equal(undefined);
  });

  it('keeps no lines: hours of many shards take what their intervals and histograms do', () => {
    const [shards, lines, linesMs] = [12, 240, 10_000];
    const lineOf = (index: number, line: number): FoundLine => {
      const calls = Array.from({ length: 40 }, (_, at) =>
        call({ atMs: line * linesMs + at * 250 + 1, latencyMs: 5 + ((at * 7 + line) % 90) }),
      );
      const state = line === lines - 1 ? 'finished' : 'running';
      const elapsedMs = (line + 1) * linesMs;
      const document = result({ shard: { index, of: shards }, line, state, elapsedMs }, calls);
      return { document, source: `shard-${index}.json`, lineNumber: line + 1 };
    };
    const runs = new ShardRuns();
    const one = new Measurements(0);
    let characters = 0;
    for (let line = 0; line < lines; line++) {
      for (let index = 1; index <= shards; index++) {
        const found = lineOf(index, line);
        one.addDocument(found.document.measured);
        characters += JSON.stringify(found.document).length;
        runs.add(found);
      }
    }
    const kept = JSON.stringify(runs.all.map(({ measurements }) => measurements.toDocument())).length;
    expect(kept).to.be.below(characters / 3);
    const notes: string[] = [];
    const merged = mergeResults(runs.all, notes, NOW_MS + lines * linesMs);
    expect(notes).to.deep.equal([]);
    const rounded = ({ measurements }: { readonly measurements: Measurements }) => {
      const { latency, intervals, ...rest } = measurements.toDocument();
      const exact = ({ sumMs, sumOfSquares, ...others }: typeof latency) => others;
      return {
        ...rest,
        latency: exact(latency),
        intervals: intervals.map((each) => ({ ...each, latency: exact(each.latency) })),
      };
    };
    if (merged === undefined) throw new Error('nothing was merged');
    expect(rounded(merged.run)).to.deep.equal(rounded({ measurements: one }));
  });
});
