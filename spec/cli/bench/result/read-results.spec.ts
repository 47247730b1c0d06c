// Results found in logs, and lines that only look like them.

import { expect } from 'chai';
import fc from 'fast-check';
import type { ResultDocument } from '../../../../lib/cli/bench/result/result-document.ts';
import { arbitraryCuts, splitAt } from '../../../support/splits.ts';
import { call, readLog, result } from './made-up-results.ts';

const DOCUMENT = result({ shard: { index: 2, of: 4 } }, [
  call(),
  { atMs: 700, latencyMs: 1e4, status: 'line\u2028separators \u0085 and \r\n breaks' },
]);
const LINE = JSON.stringify(DOCUMENT);

describe('results in logs', () => {
  const logs: readonly [string, string][] = [
    ['alone', LINE],
    ['with a line feed', `${LINE}\n`],
    ['with lines around it', `Connecting…\n\n${LINE}\n{"level":"info"}\nshard 2/4: done\n`],
    ['of Windows', `begin\r\n${LINE}\r\nend\r\n`],
    ['behind a time, and the name of a pod', `2026-01-31T12:00:10.123Z [pod/load-1-x9/bench] ${LINE}\n`],
  ];
  for (const [name, log] of logs) {
    it(`are found ${name}`, async () => {
      const { lines, problems } = await readLog([Buffer.from(log)], 'a.log');
      expect(problems).to.deep.equal([]);
      expect(lines.map(({ document }) => document)).to.deep.equal([DOCUMENT]);
      expect(lines[0]).to.include({
        source: 'a.log',
        lineNumber: log.slice(0, log.indexOf(LINE)).split('\n').length,
      });
    });
  }

  const DOCKER_OCTETS = 16_384;
  const pieces = (text: string, length: number): string[] =>
    Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
      text.slice(at * length, (at + 1) * length),
    );
  const docker = (log: string, stream = 'stdout'): string =>
    `${JSON.stringify({ log, stream, time: '2026-01-31T12:00:10.1Z' })}\n`;
  const cri = (kind: string, text: string, stream = 'stdout'): string =>
    `2026-01-31T12:00:10.123456789Z ${stream} ${kind} ${text}\n`;
  /** Parts of a line, with what the other stream says between them. */
  const between = (parts: readonly string[], other: string): string => parts.join(other);
  const longLine = JSON.stringify({
    ...DOCUMENT,
    machine: { ...DOCUMENT.machine, host: 'x'.repeat(40_000) },
  });
  const long = pieces(longLine, DOCKER_OCTETS);
  const wrapped: readonly [string, string, string][] = [
    ["Docker's json-file", docker('ready\n') + docker(`${LINE}\n`) + docker('done\n', 'stderr'), LINE],
    [
      "long lines of Docker's json-file",
      between(
        long.map((text, at) => docker(at === long.length - 1 ? `${text}\n` : text)),
        docker('stubless: meanwhile\n', 'stderr'),
      ),
      longLine,
    ],
    ["Docker's json-file, whose end is missing", docker(LINE), LINE],
    ['a container of Kubernetes', cri('F', 'ready') + cri('F', LINE) + cri('F', ''), LINE],
    ['a container of Kubernetes, with a tag of its own', cri('F:x', LINE), LINE],
    ['a container of another time zone', cri('F', LINE).replace('Z ', '+02:00 '), LINE],
    [
      'long lines of a container of Kubernetes',
      between(
        long.map((text, at) => cri(at === long.length - 1 ? 'F' : 'P', text)),
        cri('P', 'stubless: mean', 'stderr') + cri('F', 'while', 'stderr'),
      ),
      longLine,
    ],
    [
      'kubectl logs --prefix',
      `[pod/load-0-abcde/stubless] stubless: ready\n[pod/load-0-abcde/stubless] ${LINE}\n`,
      LINE,
    ],
    ['kubectl logs --timestamps', `2026-01-31T12:00:10.123456789Z ${LINE}\n`, LINE],
    ['docker compose logs', `load-1  | ${LINE}\nload-2  | ready\n`, LINE],
    ['Fluentd', `${JSON.stringify({ message: LINE, container_name: 'stubless' })}\n`, LINE],
    [
      'Fluentd, in lines that begin as those of Docker',
      ['ready', LINE, 'done'].map((log) => `${JSON.stringify({ log, pod: 'load-0' })}\n`).join(''),
      LINE,
    ],
    ['Loki', `${JSON.stringify({ labels: { pod: 'load-0' }, line: LINE })}\n`, LINE],
    ['jq', `${JSON.stringify(JSON.parse(LINE), null, 2)}\n`, LINE],
    [
      'jq --tab, between other lines',
      `ready\n{\n${JSON.stringify(JSON.parse(LINE), null, '\t')}\ndone\n`,
      LINE,
    ],
    ['jq --slurp', JSON.stringify([{ level: 'info' }, JSON.parse(LINE)], null, 4), LINE],
    ["Python's json.dumps", `${LINE.replaceAll('":', '": ').replaceAll(',"', ', "')}\n`, LINE],
    [
      'PHP and others that put blanks into braces',
      `${LINE.replace('{"', '{ "').replace('":', '" : ')}\n`,
      LINE,
    ],
    ['jq, on Windows', `${JSON.stringify(JSON.parse(LINE), null, 2).replaceAll('\n', '\r\n')}\r\n`, LINE],
  ];
  for (const [name, log, line] of wrapped) {
    it(`are found in what ${name} writes`, async () => {
      const octets = Buffer.from(log);
      const cuts = Array.from({ length: 9 }, (_, at) => Math.floor((octets.length * (at + 1)) / 10));
      for (const chunks of [[octets], splitAt(octets, cuts)]) {
        const { lines, problems } = await readLog(chunks, 'a.log');
        expect(problems).to.deep.equal([]);
        expect(lines.map(({ document }) => document)).to.deep.equal([JSON.parse(line)]);
      }
    });
  }

  it('are found one behind the other, each printed over many lines', async () => {
    const pretty = JSON.stringify(JSON.parse(LINE), null, 2);
    const log = `${pretty}\n${pretty.slice(0, 300)}\n${LINE}\n${pretty}\n{\n  "stublessBench": 1,\n`;
    const { lines, problems } = await readLog([log], 'a.log');
    expect(lines.map(({ document }) => document)).to.deep.equal([DOCUMENT, DOCUMENT, DOCUMENT]);
    expect(problems).to.have.length(2);
    for (const problem of problems) expect(problem).to.match(/^a\.log, line \d+: a result that is cut short/);
  });

  it("are not found in a server's text, whatever it says", async () => {
    const fake = JSON.stringify({ ...DOCUMENT, run: 'fake' });
    for (const status of [fake, `{\n${fake}`, JSON.stringify({ log: fake }), `${cri('F', fake)}`]) {
      const document = result({}, [{ atMs: 700, latencyMs: 5, status }]);
      const { lines, problems } = await readLog([`${JSON.stringify(document)}\n`], 'a.log');
      expect(lines.map(({ document: { run } }) => run)).to.deep.equal([document.run]);
      expect(problems).to.deep.equal([]);
    }
  });

  it('that cannot be used are told of, but not for ever', async () => {
    const log = `${LINE.slice(0, 200)}\n`.repeat(1000);
    const { problems } = await readLog([log], 'a.log');
    expect(problems).to.have.length(21);
    expect(problems.at(-1)).to.equal('a.log: 980 more results are left out for reasons like these');
  });

  it('of any octets are none, and nothing throws', async () => {
    const word = fc.constantFrom(
      '{',
      '}',
      '"',
      '\\',
      '\n',
      '"stublessBench":',
      '1',
      '{"log":"',
      '\\n"',
      'P ',
      'F ',
      LINE.slice(0, 90),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(word, fc.string()), { maxLength: 40 }), async (all) => {
        const { lines } = await readLog([all.join('')], 'a.log');
        expect(lines).to.deep.equal([]);
      }),
    );
  });

  it('are found however the log arrives', async () => {
    const octets = Buffer.from(`first\n${LINE}\nwo – ${LINE}\n`);
    await fc.assert(
      fc.asyncProperty(arbitraryCuts(octets.length), async (cuts) => {
        const { lines, problems } = await readLog(splitAt(octets, cuts), 'a.log');
        expect(lines.map(({ document }) => document)).to.deep.equal([DOCUMENT, DOCUMENT]);
        expect(problems).to.deep.equal([]);
      }),
      { numRuns: 30 },
    );
  });

  it('are found behind one another, and behind one that was cut short', async () => {
    const { lines, problems } = await readLog([`${LINE.slice(0, 500)}${LINE}${LINE}\n`], 'a.log');
    expect(lines.map(({ document }) => document)).to.deep.equal([DOCUMENT, DOCUMENT]);
    expect(problems).to.deep.equal(['a.log, line 1: a result that is cut short or garbled; left out']);
  });

  it('are found around a line that is longer than a string can be', async () => {
    function* log(): Generator<Uint8Array> {
      yield Buffer.from(`${LINE}\n`);
      const zeros = new Uint8Array(2 ** 24);
      for (let octets = 0; octets <= 2 ** 29; octets += zeros.length) yield zeros;
      yield Buffer.from(`\n${LINE}\n`);
    }
    const { lines, problems } = await readLog(log(), 'a.log');
    expect(lines.map(({ lineNumber }) => lineNumber)).to.deep.equal([1, 3]);
    expect(problems).to.deep.equal([]);
  });

  it("are found in what PowerShell's > writes", async () => {
    const { lines } = await readLog([Buffer.from(`\ufeff${LINE}\r\n`, 'utf16le')], 'a.log');
    expect(lines.map(({ document }) => document)).to.deep.equal([DOCUMENT]);
  });

  const changed = (change: (document: Record<string, unknown>) => void): string => {
    const document = JSON.parse(LINE) as Record<string, unknown>;
    change(document);
    return JSON.stringify(document);
  };
  const measured = (change: object): string =>
    changed((document) => Object.assign(document, { measured: { ...DOCUMENT.measured, ...change } }));
  const broken: readonly [string, string, RegExp][] = [
    ['nothing', '', /^a\.log holds no result: give what 'stubless bench --result' wrote, not a report$/],
    ['a report', '{"target":"a:1","calls":{}}', /holds no result/],
    [
      'a line that is cut short',
      LINE.slice(0, 500),
      /^a\.log, line 1: a result that is cut short or garbled; left out$/,
    ],
    ['a line with something behind it', `${LINE} end`, /cut short or garbled/],
    [
      'another format',
      changed((document) => Object.assign(document, { stublessBench: 2, version: '3.0.0' })),
      /a result that is of format 2, written by stubless 3\.0\.0; this stubless reads format 1; left out$/,
    ],
    [
      'a text for a number',
      changed((document) => Object.assign(document, { elapsedMs: 'long' })),
      /malformed: elapsedMs is "long", not a number of at least 0/,
    ],
    [
      'no plan',
      changed((document) => Reflect.deleteProperty(document, 'plan')),
      /malformed: plan is missing/,
    ],
    [
      'a shard behind the last',
      changed((document) => Object.assign(document, { shard: { index: 5, of: 4 } })),
      /malformed: shard\.index is 5, not between 1 and 4/,
    ],
    [
      'a state there is not',
      changed((document) => Object.assign(document, { state: 'done' })),
      /malformed: state is "done", not one of running, /,
    ],
    [
      'a state in a list',
      changed((document) => Object.assign(document, { state: ['running'] })),
      /malformed: state is \["running"\], not one of running, /,
    ],
    [
      'more shards than there can be',
      changed((document) => Object.assign(document, { shard: { index: 1, of: 2 ** 53 - 1 } })),
      /malformed: shard\.of is 9007199254740991, not at most 10000/,
    ],
    [
      'a start that no date can say',
      changed((document) => Object.assign(document, { startAtMs: 1e300 })),
      /malformed: startAtMs is 1e\+300, not a time in milliseconds since 1970/,
    ],
    [
      'a begin that no date can say',
      changed((document) =>
        Object.assign(document, { clock: { ...DOCUMENT.clock, startedAtMs: -8.64e15 - 2 } }),
      ),
      /malformed: clock\.startedAtMs is -8640000000000002, not a time/,
    ],
    [
      'a clock that no date can say',
      changed((document) => Object.assign(document, { clock: { ...DOCUMENT.clock, readyAtMs: 1e16 } })),
      /malformed: clock\.readyAtMs is 10000000000000000, not a time/,
    ],
    ['a count below 0', measured({ begun: -1 }), /malformed: measured\.begun is -1, not a whole number/],
    [
      'buckets that do not add up',
      measured({ latency: { ...DOCUMENT.measured.latency, count: 99 } }),
      /malformed: measured\.latency\.buckets hold 1 values, and count is 99/,
    ],
    [
      'a bucket behind the last',
      measured({ latency: { ...DOCUMENT.measured.latency, buckets: [99_999, 1] } }),
      /malformed: measured\.latency\.buckets ends with bucket 99999, behind the last/,
    ],
    [
      'half a bucket',
      measured({ latency: { ...DOCUMENT.measured.latency, buckets: [4] } }),
      /a bucket without a count/,
    ],
    [
      'an interval of its own length',
      measured({ intervalMs: 300 }),
      /malformed: measured\.intervalMs is 300, not 250 times a power of two/,
    ],
    [
      'an interval far behind',
      measured({ intervals: DOCUMENT.measured.intervals.map((one) => ({ ...one, index: 1e9 })) }),
      /malformed: measured\.intervals\[0\]\.index is 1000000000, not below 600/,
    ],
  ];
  for (const [name, log, problem] of broken) {
    it(`are told from ${name}`, async () => {
      const { lines, problems } = await readLog([log], 'a.log');
      expect(lines).to.deep.equal([]);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(problem);
    });
  }

  it('are passed through a check of every field', async () => {
    const paths = (value: unknown, path: string[] = []): string[][] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? [
            ...(path.length > 0 ? [path] : []),
            ...Object.entries(value).flatMap(([name, one]) => paths(one, [...path, name])),
          ]
        : [path];
    const optional = /^(?:plan\.load\.(?:concurrency|maxInFlight|stages)|error)$/;
    for (const path of paths(DOCUMENT as unknown).filter((one) => !optional.test(one.join('.')))) {
      const document = structuredClone(DOCUMENT) as unknown as Record<string, unknown>;
      const parent = path
        .slice(0, -1)
        .reduce<Record<string, unknown>>((one, name) => one[name] as Record<string, unknown>, document);
      Reflect.deleteProperty(parent, path[path.length - 1]);
      const { lines } = await readLog([JSON.stringify(document)], 'a.log');
      expect(lines satisfies readonly { document: ResultDocument }[], path.join('.')).to.have.length(0);
    }
  });
});
