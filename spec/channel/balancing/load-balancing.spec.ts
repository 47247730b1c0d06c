// The arithmetic of the policies, with numbers of gRFC A58 and A48, and how policies are spelled in options and in
// service configs.

import { expect } from 'chai';
import { LeastRequest } from '../../../lib/channel/balancing/least-request.ts';
import {
  chooseLoadBalancing,
  type LoadBalancing,
  loadBalancingOf,
} from '../../../lib/channel/balancing/load-balancing.ts';
import { ReportedRequest, readLoadReport } from '../../../lib/channel/balancing/load-report.ts';
import { RoundRobin } from '../../../lib/channel/balancing/round-robin.ts';
import {
  EndpointWeight,
  StrideScheduler,
  WeightedRoundRobin,
} from '../../../lib/channel/balancing/weighted-round-robin.ts';
import type { Subchannel } from '../../../lib/channel/connection/subchannel.ts';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import type { StreamRequest } from '../../../lib/rpc/transport.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

const WEIGHTED = loadBalancingOf('weighted_round_robin', {}, '');
const doubles = (...fields: readonly (readonly [number: number, value: number])[]): Buffer =>
  Buffer.concat(
    fields.map(([number, value]) => {
      const octets = Buffer.alloc(9);
      octets[0] = (number << 3) | 1;
      octets.writeDoubleLE(value, 1);
      return octets;
    }),
  );

describe('StrideScheduler (gRFC A58)', () => {
  const spreads: readonly (readonly [weights: number[], counts: number[]])[] = [
    [
      [1, 1, 1],
      [100, 100, 100],
    ],
    [
      [1, 3],
      [75, 225],
    ],
    [
      [1, 2, 3],
      [50, 100, 150],
    ],
    [
      [1e-9, 1, 1],
      [0, 150, 150],
    ],
    // One without a weight gets the mean of the others.
    [
      [0, 1, 3],
      [100, 50, 150],
    ],
  ];
  for (const [weights, counts] of spreads) {
    it(`spreads 300 calls over weights ${weights.join(', ')}`, () => {
      const scheduler = StrideScheduler.of(weights, 0);
      const chosen = weights.map(() => 0);
      for (let i = 0; i < 300; i++) chosen[scheduler?.next() ?? -1]++;
      for (const [i, count] of counts.entries()) expect(chosen[i]).to.be.closeTo(count, 3);
    });
  }

  it('spreads them evenly in time', () => {
    const scheduler = StrideScheduler.of([1, 4, 4], 0);
    let [since, longest] = [0, 0];
    for (let i = 0; i < 900; i++) {
      since = scheduler?.next() === 0 ? 0 : since + 1;
      longest = Math.max(longest, since);
    }
    expect(longest).to.be.within(7, 12);
  });

  it('lets two of the same weight take their turn half a round apart', () => {
    const scheduler = StrideScheduler.of([1, 1, 4], 0);
    expect(Array.from({ length: 12 }, () => scheduler?.next()).join('')).to.equal('212202212202');
  });

  it('is none where fewer than two addresses have a weight', () => {
    for (const weights of [[], [1], [0, 0], [0, 1, 0]]) {
      expect(StrideScheduler.of(weights, 0)).to.equal(undefined);
    }
  });
});

describe('EndpointWeight (gRFC A58)', () => {
  const report = { cpuUtilization: 0.5, applicationUtilization: 0, rps: 100, eps: 0 };
  const config = { ...(WEIGHTED as LoadBalancing & { name: 'weighted_round_robin' }) };

  const weights: readonly (readonly [
    name: string,
    change: Partial<typeof report & { penalty: number }>,
    weight: number,
  ])[] = [
    ['calls a second over utilization', {}, 200],
    ["the application's utilization before the processor's", { applicationUtilization: 0.25 }, 400],
    ['errors as more utilization', { eps: 50 }, 100],
    ['errors as so much more as they are to count', { eps: 50, penalty: 3 }, 50],
    ['nothing without calls', { rps: 0 }, 0],
    ['nothing without utilization', { cpuUtilization: 0 }, 0],
  ];
  for (const [name, change, weight] of weights) {
    it(`is ${name}`, () => {
      const { penalty = 1, ...changed } = change;
      const one = new EndpointWeight({ ...config, blackoutPeriodMs: 0, errorUtilizationPenalty: penalty });
      one.onReport({ ...report, ...changed }, 0);
      expect(one.at(1)).to.equal(weight);
    });
  }

  it('counts after the blackout period, until it expires, and again after another blackout', () => {
    const one = new EndpointWeight(config);
    expect(one.at(0)).to.equal(0);
    one.onReport(report, 1000);
    one.onReport(report, 5000);
    expect([one.at(10_999), one.at(11_000), one.at(184_999)]).to.deep.equal([0, 200, 200]);
    expect(one.at(185_000)).to.equal(0);
    one.onReport(report, 190_000);
    expect([one.at(199_999), one.at(200_000)]).to.deep.equal([0, 200]);
    one.restart();
    one.onReport(report, 210_000);
    expect([one.at(219_999), one.at(220_000)]).to.deep.equal([0, 200]);
  });
});

describe('EndpointWeight without a blackout period', () => {
  it('counts at once, also after a restart', () => {
    const one = new EndpointWeight({
      ...(WEIGHTED as LoadBalancing & { name: 'weighted_round_robin' }),
      blackoutPeriodMs: 0,
    });
    one.onReport({ cpuUtilization: 0.5, applicationUtilization: 0, rps: 100, eps: 0 }, 0);
    one.restart();
    expect(one.at(1)).to.equal(200);
  });
});

describe('readLoadReport', () => {
  it('reads the numbers that count, beside others', () => {
    const octets = Buffer.concat([
      doubles([1, 0.5], [2, 0.75], [6, 100], [7, 3], [9, 0.25]),
      Buffer.from([(3 << 3) | 0, 0x96, 0x01]),
      Buffer.from([(8 << 3) | 2, 2, 0x0a, 0x00]),
      Buffer.from([(15 << 3) | 5, 0, 0, 0, 0]),
    ]);
    expect(readLoadReport(octets)).to.deep.equal({
      cpuUtilization: 0.5,
      applicationUtilization: 0.25,
      rps: 100,
      eps: 3,
    });
  });

  const NUMBERS = doubles([1, 0.5], [6, 100]);
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const beside: readonly (readonly [name: string, octets: Buffer])[] = [
    ['nothing', hex('')],
    ['a named metric', hex('42 0c 0a0178 11 0000000000001440')],
    ['an empty text', hex('52 00')],
    ['a text of 200 octets', Buffer.concat([hex('52 c801'), Buffer.alloc(200, 0xff)])],
    ['a text of 20,000 octets', Buffer.concat([hex('52 a09c01'), Buffer.alloc(20_000, 0xff)])],
    ['a varint of one octet', hex('18 00')],
    ['a varint of ten octets', hex('18 ffffffffffffffffff01')],
    ['32 bits', hex('7d ffffffff')],
    ['a double of an unknown field with a large number', hex('a106 0000000000001440')],
  ];
  for (const [name, octets] of beside) {
    it(`passes over ${name}, wherever it stands`, () => {
      for (const parts of [
        [octets, NUMBERS],
        [NUMBERS, octets],
        [NUMBERS.subarray(0, 9), octets, octets, NUMBERS.subarray(9)],
      ]) {
        expect(readLoadReport(Buffer.concat(parts))).to.deep.equal({
          cpuUtilization: 0.5,
          applicationUtilization: 0,
          rps: 100,
          eps: 0,
        });
      }
    });
  }

  it('takes what is negative or no number for nothing', () => {
    const octets = doubles([1, -1], [6, Number.NaN], [7, Infinity]);
    expect(readLoadReport(octets)).to.deep.equal({
      cpuUtilization: 0,
      applicationUtilization: 0,
      rps: 0,
      eps: 0,
    });
  });

  const broken: readonly (readonly [name: string, hex: string])[] = [
    ['a number that is cut off', '0900'],
    ['a length beyond the end', '42ff01'],
    ['a tag without an end', 'ffffffffffffffffffffffff'],
    ['a varint of eleven octets', '18ffffffffffffffffffff01'],
    ['a text that is one octet too short', '520300'],
    ['a length without an end', '5280'],
    ['the end of a group', '0c'],
    ['wire type 6', '0e'],
    ['wire type 7', '0f'],
    ['a group', '0b'],
    ['a varint that is cut off', '1880'],
    ['an int32 that is cut off', '7d0000'],
  ];
  for (const [name, hex] of broken) {
    it(`refuses ${name}`, () => {
      expect(readLoadReport(Buffer.from(hex, 'hex'))).to.equal(undefined);
    });
  }
});

describe('ReportedRequest', () => {
  const report = doubles([1, 0.5], [6, 100]).toString('base64');
  const TRAILER = 'endpoint-load-metrics-bin';
  // A report of so many characters: a text makes it long.
  const padded = (characters: number): string => {
    const octets = (characters / 4) * 3;
    const numbers = doubles([1, 0.5], [6, 100]);
    const length = octets - numbers.length - 4;
    const head = Buffer.from([0x52, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]);
    return Buffer.concat([head, Buffer.alloc(length), numbers]).toString('base64');
  };
  const trailers: readonly (readonly [name: string, fields: readonly string[], reports: number])[] = [
    ['a report', ['grpc-status', '0', TRAILER, report], 1],
    ['no report', ['grpc-status', '0', 'x', report], 0],
    ['no field', [], 0],
    ['two reports', [TRAILER, report, TRAILER, report], 1],
    ['what is none', [TRAILER, '////', 'x', 'y'], 0],
    ['a report of 16 KiB', [TRAILER, padded(16 * 1024)], 1],
    ['a report past 16 KiB', [TRAILER, padded(16 * 1024 + 4)], 0],
  ];
  for (const [name, fields, reports] of trailers) {
    it(`hears of ${reports} in trailers with ${name}, and passes them on`, () => {
      const told: unknown[] = [];
      const passed: unknown[] = [];
      const request = new ReportedRequest(
        {
          onHeaders: (...head: unknown[]) => passed.push(head),
          onTrailers: (...trailer: unknown[]) => passed.push(trailer),
        } as unknown as StreamRequest,
        (one) => told.push(one),
      );
      request.onHeaders(fields, false);
      expect(told).to.deep.equal([]);
      request.onHeaders(fields, true, ['x-leading', 'y']);
      request.onTrailers(fields);
      const expected = { cpuUtilization: 0.5, applicationUtilization: 0, rps: 100, eps: 0 };
      expect(told).to.deep.equal(Array.from({ length: 2 * reports }, () => expected));
      expect(passed).to.deep.equal([
        [fields, false, undefined],
        [fields, true, ['x-leading', 'y']],
        [fields],
      ]);
    });
  }
});

describe('RoundRobin', () => {
  for (const [random, first] of [
    [0, 1],
    [0.25, 2],
    [0.9999, 1],
  ] as const) {
    it(`takes its turn through three addresses, and begins anywhere: at ${first} by the dice ${random}`, () => {
      const policy = new RoundRobin(() => random);
      policy.update([{}, {}, {}] as Subchannel[]);
      const chosen = [1, 2, 3, 4, 5].map(() => policy.choose());
      expect(chosen).to.deep.equal([0, 1, 2, 3, 4].map((i) => (first + i) % 3));
      policy.update([{}, {}] as Subchannel[]);
      expect([policy.choose(), policy.choose()].sort()).to.deep.equal([0, 1]);
    });
  }
});

describe('WeightedRoundRobin (gRFC A58)', () => {
  const config = WEIGHTED as LoadBalancing & { name: 'weighted_round_robin' };

  /** Two addresses, of which the first does three times as much for its load when `report` has been called. */
  function setUp(change: Partial<typeof config>, random = 0) {
    const clock = Object.assign(new FakeClock(5000), { random: () => random });
    const policy = new WeightedRoundRobin({ ...config, weightUpdatePeriodMs: 1000, ...change }, clock);
    const ready = [{ isRetired: false }, { isRetired: false }];
    const subchannels = ready as unknown as Subchannel[];
    const request = { onTrailers: () => {} } as unknown as StreamRequest;
    const begin = (one: number): (() => void) => {
      const octets = doubles([1, 0.5], [6, one === 0 ? 300 : 100]);
      const watched = policy.watch(request, subchannels[one]);
      return () => watched.onTrailers(['endpoint-load-metrics-bin', octets.toString('base64')]);
    };
    const report = (one: number): void => begin(one)();
    /** How many of a hundred calls go to each. */
    const spread = (): number[] => {
      const counts = [0, 0];
      for (let i = 0; i < 100; i++) counts[policy.choose()]++;
      return counts;
    };
    policy.update(subchannels);
    return { clock, policy, ready, subchannels, begin, report, spread };
  }

  const EVENLY = [50, 50];
  const WEIGHTED_3_TO_1 = [75, 25];

  for (const [random, first] of [
    [0, 1],
    [0.001, 0],
  ] as const) {
    it(`takes its turn without weights, and begins anywhere: at ${first} by the dice ${random}`, () => {
      const { policy } = setUp({}, random);
      const chosen = [1, 2, 3, 4].map(() => policy.choose());
      expect(chosen).to.deep.equal([0, 1, 2, 3].map((i) => (first + i) % 2));
    });
  }

  it('puts weights in force when the update period is over, and not before', () => {
    const { clock, report, spread } = setUp({ blackoutPeriodMs: 0 });
    report(0);
    report(1);
    clock.advanceTo(5999);
    expect(spread()).to.deep.equal(EVENLY);
    clock.advanceTo(6000);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
  });

  it('puts weights in force at once when the addresses change', () => {
    const { policy, subchannels, report, spread } = setUp({ blackoutPeriodMs: 0 });
    report(0);
    report(1);
    policy.update(subchannels);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
  });

  it('hears each of the calls that run side by side', () => {
    const { policy, subchannels, begin, report, spread } = setUp({ blackoutPeriodMs: 0 });
    const ends = [begin(0), begin(0)];
    report(1);
    ends[0]();
    begin(0);
    policy.update(subchannels);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
  });

  it('lets weights expire', () => {
    const { clock, report, spread } = setUp({ blackoutPeriodMs: 0, weightExpirationPeriodMs: 3000 });
    report(0);
    report(1);
    clock.advanceTo(7999);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
    clock.advanceTo(9000);
    expect(spread()).to.deep.equal(EVENLY);
  });

  it('waits again for the blackout period of what was not ready, and of nothing else', () => {
    const { clock, policy, subchannels, report, spread } = setUp({ blackoutPeriodMs: 2000 });
    report(0);
    report(1);
    clock.advanceTo(7000);
    policy.update(subchannels);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
    policy.update(subchannels.slice(1));
    policy.update(subchannels);
    expect(spread()).to.deep.equal(EVENLY);
    report(0);
    clock.advanceTo(8999);
    expect(spread()).to.deep.equal(EVENLY);
    clock.advanceTo(9999);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
  });

  it('forgets what is retired, and nothing else', () => {
    const { policy, ready, subchannels, report, spread } = setUp({ blackoutPeriodMs: 0 });
    report(0);
    report(1);
    policy.update([]);
    policy.update(subchannels);
    expect(spread()).to.deep.equal(WEIGHTED_3_TO_1);
    ready[0].isRetired = true;
    policy.update(subchannels.slice(1));
    policy.update(subchannels);
    expect(spread()).to.deep.equal(EVENLY);
  });
});

describe('LeastRequest (gRFC A48)', () => {
  it('takes the first of those that have the same', () => {
    const policy = new LeastRequest({ name: 'least_request', choiceCount: 3 }, () => dice.shift() ?? 0);
    const dice = [0.5, 0.9, 0];
    policy.update([1, 1, 1].map((openStreams) => ({ openStreams }) as Subchannel));
    expect(policy.choose()).to.equal(1);
  });

  it('takes of its choices the one with the fewest streams', () => {
    const ready = [5, 0, 3, 1].map((openStreams) => ({ openStreams }) as Subchannel);
    const dice = [0, 0.8, 0.5, 0.8, 0.3, 0];
    const policy = new LeastRequest({ name: 'least_request', choiceCount: 2 }, () => dice.shift() ?? 0);
    policy.update(ready);
    expect([policy.choose(), policy.choose(), policy.choose()]).to.deep.equal([3, 3, 1]);
  });
});

describe('loadBalancing', () => {
  const configs: readonly (readonly [name: string, config: object, policy: LoadBalancing])[] = [
    ['pick_first', {}, { name: 'pick_first', shuffleAddressList: false }],
    ['pick_first', { shuffleAddressList: true }, { name: 'pick_first', shuffleAddressList: true }],
    ['round_robin', { later: 1 }, { name: 'round_robin' }],
    ['least_request_experimental', { choiceCount: 50 }, { name: 'least_request', choiceCount: 10 }],
    [
      'weighted_round_robin',
      { blackoutPeriod: '1.5s', weightUpdatePeriod: '0.01s', errorUtilizationPenalty: 2 },
      {
        name: 'weighted_round_robin',
        blackoutPeriodMs: 1500,
        weightExpirationPeriodMs: 180_000,
        weightUpdatePeriodMs: 100,
        errorUtilizationPenalty: 2,
      },
    ],
  ];
  for (const [name, config, policy] of configs) {
    it(`of a service config may be ${name} ${JSON.stringify(config)}`, () => {
      const choices = [
        { name: 'lake', config: {}, path: 'a' },
        { name, config: config as Record<string, unknown>, path: 'b' },
      ];
      expect(chooseLoadBalancing(choices)).to.deep.equal(policy);
    });
  }

  it('of a service config is none where it says nothing', () => {
    expect(chooseLoadBalancing([])).to.equal(undefined);
  });

  const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
    [{ loadBalancing: 'random' }, /loadBalancing must be pick_first, round_robin, .* not "random"/],
    [{ loadBalancing: {} }, /with one of these as its policy, not undefined/],
    [{ loadBalancing: { policy: 'round_robin', choiceCount: 2 } }, /no round_robin option 'choiceCount'/],
    [{ loadBalancing: { policy: 'least_request', choiceCount: 1 } }, /choiceCount must be .* at least 2/],
    [{ loadBalancing: { policy: 'pick_first', shuffleAddressList: 1 } }, /shuffleAddressList must be true/],
    [
      { loadBalancing: { policy: 'weighted_round_robin', blackoutPeriodMs: -1 } },
      /loadBalancing.blackoutPeriodMs must be a number from 0/,
    ],
    [{ maxConnections: 0 }, /maxConnections must be a whole number of at least 1/],
    [{ idleConnectionMs: 0 }, /idleConnectionMs must be a number of milliseconds above 0/],
    [{ dns: { minInterval: 1 } }, /no dns option 'minInterval'; did you mean 'minIntervalMs'/],
    [{ dns: { minIntervalMs: 0 } }, /dns.minIntervalMs must be/],
    [{ dns: { refreshIntervalMs: -1 } }, /dns.refreshIntervalMs must be/],
    [{ dns: { serviceConfig: 'yes' } }, /dns.serviceConfig must be true or false/],
    [{ resolver: {} }, /resolver must be a function/],
    [{ healthCheck: 'a.B' }, /healthCheck options must be an object/],
    [{ healthCheck: { serviceName: 7 } }, /healthCheck.serviceName must be/],
    [
      { serviceConfig: { loadBalancingConfig: [{ lake: {} }] } },
      /no policy of loadBalancingConfig is known \(lake\)/,
    ],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Client('localhost:7', options as ClientOptions)).to.throw(message);
    });
  }

  it('and the like belong to the client that makes the channel', async () => {
    const client = new Client('localhost:7');
    for (const options of [{ loadBalancing: 'round_robin' }, { maxConnections: 2 }, { dns: {} }] as const) {
      expect(() => new Client(client.channel, options)).to.throw(TypeError, 'shares one');
    }
    await client.close();
  });
});
