import { expect } from 'chai';
import type { Figures } from './figures.ts';
import { manyMethods } from './methods.ts';
import { type Results, tables, verdicts } from './report.ts';
import { rowNamed } from './rows.ts';

function results(figures: Record<string, Record<string, Figures>>): Results {
  const rows = Object.keys(figures).map(rowNamed);
  return {
    rows,
    figures: new Map(Object.entries(figures).map(([row, byName]) => [row, new Map(Object.entries(byName))])),
  };
}

describe('report', () => {
  const cases = [
    {
      name: 'a target at its limit is met',
      figures: { 'unary-16': { stubless: { cost: 10 }, 'grpc-js': { cost: 120 } } },
      says: ['unary, 16 in flight: ≤ 1/12 of grpc-js: 1/12.0, met'],
    },
    {
      name: 'a target just passed is not met',
      figures: { bidi: { stubless: { cost: 71 }, 'grpc-js': { cost: 100 } } },
      says: ['bidi, one message to and fro: ≤ 0.7 of grpc-js: 0.71 x, NOT MET'],
    },
    {
      name: 'a peer that was left out is no verdict',
      figures: { big: { stubless: { cost: 1 } } },
      says: [
        '1 MiB to and fro: ≤ 1/2 of grpc-js: not measured',
        '1 MiB to and fro: ≤ 1 of grpc-go: not measured',
      ],
    },
    {
      name: 'growth at its limit is met',
      figures: { 'slow-reader': { stubless: { cost: 1, memoryMiB: 64 } } },
      says: ['the same, read at one in two turns of the event loop: grows by ≤ 64 MiB: 64.0 MiB, met'],
    },
    {
      name: 'growth above its limit is not met',
      figures: { 'slow-reader': { stubless: { cost: 1, memoryMiB: 64.1 } } },
      says: ['the same, read at one in two turns of the event loop: grows by ≤ 64 MiB: 64.1 MiB, NOT MET'],
    },
    {
      name: 'flatness is judged against another row',
      figures: { 'methods-10': { stubless: { cost: 2 } }, 'methods-10000': { stubless: { cost: 2.4 } } },
      says: ['10,000 loaded methods in rotation: ≤ 1.15 of methods-10: 1.20 x, NOT MET'],
    },
    {
      name: "flatness is shown beside the floor's own",
      figures: {
        'unary-128': { stubless: { cost: 2 }, floor: { cost: 1 } },
        'unary-10000': { stubless: { cost: 4 }, floor: { cost: 2.2 } },
      },
      says: [
        'unary, 128 in flight: ≤ 1/12 of grpc-js: not measured',
        'unary, 128 in flight: ≤ 1 of grpc-go: not measured',
        'unary, 128 in flight: ≤ 2.5 of floor: 2.00 x, met',
        "unary, 10,000 in flight: ≤ 1.25 of unary-128: 2.00 x, the floor's own 2.20 x, NOT MET",
      ],
    },
    {
      name: "a process's start is held to its target in wall time too",
      figures: { startup: { stubless: { cost: 50, p50: 90 }, 'grpc-js': { cost: 100, p50: 100 } } },
      says: [
        'import + load a .proto + first reply, whole process: ≤ 0.6 of grpc-js: 0.50 x, wall 0.90 x, NOT MET',
      ],
    },
  ];
  for (const { name, figures, says } of cases)
    it(`says that ${name}`, () => {
      expect(verdicts(results(figures))).to.deep.equal(says);
    });

  it('shows each client in its column, in a fixed order, and other runtimes in a section of their own', () => {
    const text = tables(
      results({
        'unary-128': {
          floor: { cost: 1 },
          stubless: { cost: 2, rate: 1e6 / 2, p50: 1, p99: 2 },
          'stubless on bun': { cost: 4 },
        },
      }),
    );
    const [costs, runtimes] = [/## Cost[^#]*/, /## Other runtimes[^#]*/].map(
      (part) => part.exec(text)?.[0] ?? '',
    );
    expect(costs).to.match(/\| work +\| stubless \| +floor \| of floor \|/);
    expect(costs).to.match(/2\.00 µs \| 1\.00 µs \| +2\.00 x \|/);
    expect(costs).not.to.contain('bun');
    expect(runtimes).to.match(/2\.00 µs \| +4\.00 µs \|/);
    expect(text).to.contain('500,000');
  });
});

describe('a schema of many methods', () => {
  it('has as many methods as asked for, each named in full', () => {
    const { text, methods } = manyMethods(250, 'syntax = "proto3";');
    expect(methods).to.have.length(250);
    expect(methods[249]).to.equal('grpc.testing.Service2.Method249');
    expect(text.match(/^ {2}rpc /gm)).to.have.length(250);
    expect(text.match(/^service /gm)).to.have.length(3);
  });
});
