// The arithmetic of the policies, with numbers of gRFC A58 and A48, and how policies are spelled in options and in
// service configs.

import { expect } from 'chai';
import { LeastRequest } from '../../lib/channel/least-request.ts';
import {
  chooseLoadBalancing,
  type LoadBalancing,
  loadBalancingOf,
} from '../../lib/channel/load-balancing.ts';
import { readLoadReport } from '../../lib/channel/load-report.ts';
import type { Subchannel } from '../../lib/channel/subchannel.ts';
import { EndpointWeight, StrideScheduler } from '../../lib/channel/weighted-round-robin.ts';
import { Client, type ClientOptions } from '../../lib/index.ts';

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

  it('is none where fewer than two addresses have a weight', () => {
    for (const weights of [[], [1], [0, 0], [0, 1, 0]]) {
      expect(StrideScheduler.of(weights, 0)).to.equal(undefined);
    }
  });
});

describe('EndpointWeight (gRFC A58)', () => {
  const report = { cpuUtilization: 0.5, applicationUtilization: 0, rps: 100, eps: 0 };
  const config = { ...(WEIGHTED as LoadBalancing & { name: 'weighted_round_robin' }) };

  const weights: readonly (readonly [name: string, change: Partial<typeof report>, weight: number])[] = [
    ['calls a second over utilization', {}, 200],
    ["the application's utilization before the processor's", { applicationUtilization: 0.25 }, 400],
    ['errors as more utilization', { eps: 50 }, 100],
    ['nothing without calls', { rps: 0 }, 0],
    ['nothing without utilization', { cpuUtilization: 0 }, 0],
  ];
  for (const [name, change, weight] of weights) {
    it(`is ${name}`, () => {
      const one = new EndpointWeight({ ...config, blackoutPeriodMs: 0 });
      one.onReport({ ...report, ...change }, 0);
      expect(one.at(1)).to.equal(weight);
    });
  }

  it('counts after the blackout period, until it expires, and again after another blackout', () => {
    const one = new EndpointWeight(config);
    expect(one.at(0)).to.equal(0);
    one.onReport(report, 1000);
    expect([one.at(10_999), one.at(11_000), one.at(180_999)]).to.deep.equal([0, 200, 200]);
    expect(one.at(181_000)).to.equal(0);
    one.onReport(report, 190_000);
    expect([one.at(199_999), one.at(200_000)]).to.deep.equal([0, 200]);
    one.restart();
    one.onReport(report, 210_000);
    expect([one.at(219_999), one.at(220_000)]).to.deep.equal([0, 200]);
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

describe('LeastRequest (gRFC A48)', () => {
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

  it('and its kin are for who makes the channel', async () => {
    const client = new Client('localhost:7');
    for (const options of [{ loadBalancing: 'round_robin' }, { maxConnections: 2 }, { dns: {} }] as const) {
      expect(() => new Client(client.channel, options)).to.throw(TypeError, 'shares one');
    }
    await client.close();
  });
});
