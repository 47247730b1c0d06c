// What naming makes of answers, and when it asks, on a clock of the spec's: no channel, no network.

import type { LookupAddress } from 'node:dns';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { type Failure, failureText } from '../../../lib/channel/connection/failure.ts';
import type { Dns } from '../../../lib/channel/naming/dns-resolver.ts';
import {
  type NamedConfig,
  NameResolution,
  type NameResolutionOptions,
} from '../../../lib/channel/naming/name-resolution.ts';
import type { ResolverFactory, ResolverListener } from '../../../lib/channel/naming/resolver.ts';
import type { Address } from '../../../lib/channel/target/address.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import { AsyncContext } from '../../../lib/values/async-context.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

const OPTIONS: NameResolutionOptions = {
  dnsMinIntervalMs: 30_000,
  serviceConfigFromDns: false,
  connectTimeoutMs: 20_000,
};

/** A naming whose resolver, where it has one, is the spec's. */
function setUp(target: string, options: Partial<NameResolutionOptions> = {}, usesAllAddresses = false) {
  const clock = Object.assign(new FakeClock(1_000_000), { random: () => 0.5 });
  const told: (readonly Address[])[] = [];
  const configs: (NamedConfig | undefined)[] = [];
  const failures: string[] = [];
  const listener = {
    usesAllAddresses,
    onAddresses: (addresses: readonly Address[], config: NamedConfig | undefined): void => {
      told.push(addresses);
      configs.push(config);
    },
    onFailure: (failure: Failure) => void failures.push(failureText(failure)),
  };
  const naming = new NameResolution(
    parseTarget(target, true),
    { ...OPTIONS, ...options },
    clock,
    AsyncContext.capture(),
    listener,
  );
  return { clock, naming, listener, told, configs, failures };
}

/** A resolver that says what the spec says. */
function ownResolver() {
  const seen = { made: 0, refreshed: 0, closed: 0 };
  let listener: ResolverListener | undefined;
  const resolver: ResolverFactory = (_, its) => {
    seen.made++;
    listener = its;
    return { refresh: () => seen.refreshed++, close: () => seen.closed++ };
  };
  return {
    seen,
    resolver,
    says: (addresses: readonly string[], config?: unknown) => listener?.onAddresses(addresses, config),
    fails: (error: Error) => listener?.onError(error),
  };
}

/** DNS that finds one address, and what the spec wants of TXT. */
function dnsWith(txt: () => Promise<readonly (readonly string[])[]>): Dns & { asked: number } {
  const dns = {
    asked: 0,
    lookup: async (): Promise<readonly LookupAddress[]> => {
      dns.asked++;
      return [{ address: '10.0.0.1', family: 4 }];
    },
    resolve: () => dns.lookup(),
    resolveTxt: txt,
  };
  return dns;
}

function raise(what: unknown): never {
  throw typeof what === 'string' ? new Error(what) : what;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Naming by a resolver of the user', () => {
  const answers: readonly (readonly [target: string, text: string, address: Address])[] = [
    ['my:///greeter:7', '10.0.0.1:8', { kind: 'tcp', host: '10.0.0.1', port: 8, name: 'greeter' }],
    ['greeter:7', 'other:8', { kind: 'tcp', host: 'other', port: 8, name: 'greeter' }],
    ['my:///greeter:7', 'unix:/a', { kind: 'unix', path: '/a' }],
    ['unix:/greeter', '[::1]:8', { kind: 'tcp', host: '::1', port: 8, name: undefined }],
  ];
  for (const [target, text, address] of answers) {
    it(`holds the certificate of ${text} to the name in ${target}`, () => {
      const { resolver, says } = ownResolver();
      const { naming, told } = setUp(target, { resolver });
      naming.ask();
      says([text]);
      expect(told).to.deep.equal([[address]]);
    });
  }

  it('takes each address once, and a thousand at most', () => {
    const { resolver, says } = ownResolver();
    const { naming, told } = setUp('my:///greeter', { resolver });
    naming.ask();
    const all = Array.from({ length: 1001 }, (_, i) => `10.0.0.1:${i + 1}`);
    says([all[0], ...all]);
    expect(told[0].map((address) => address.kind === 'tcp' && address.port)).to.deep.equal(
      Array.from({ length: 1000 }, (_, i) => i + 1),
    );
  });

  it('passes a config on, and nothing where there is none', () => {
    const { resolver, says } = ownResolver();
    const { naming, configs } = setUp('my:///greeter', { resolver });
    naming.ask();
    says(['10.0.0.1:7'], { a: 1 });
    says(['10.0.0.1:7']);
    expect(configs).to.deep.equal([{ kind: 'json', json: { a: 1 } }, undefined]);
  });

  it('hears nothing more when it is closed, and closes the resolver once', () => {
    const { resolver, says, fails, seen } = ownResolver();
    const { naming, told, failures, clock } = setUp('my:///greeter', { resolver }, true);
    naming.ask();
    naming.close();
    says(['10.0.0.1:7']);
    says(['nonsense']);
    fails(new Error('too late'));
    naming.ask();
    expect([told, failures, clock.timers.size]).to.deep.equal([[], [], 0]);
    expect(seen).to.deep.equal({ made: 1, refreshed: 0, closed: 1 });
  });

  it('closes a resolver for whose first answer it was closed', () => {
    let closed = 0;
    const { naming, listener } = setUp('my:///greeter', {
      resolver: (_, its) => {
        its.onAddresses(['10.0.0.1:7']);
        return { refresh: () => {}, close: () => closed++ };
      },
    });
    listener.onAddresses = () => naming.close();
    naming.ask();
    expect(closed).to.equal(1);
  });

  it('fails with the reason, waits, and is silent about one that only did not answer again', () => {
    const { resolver, says, fails, seen } = ownResolver();
    const { naming, failures, clock } = setUp('my:///greeter', { resolver });
    naming.ask();
    fails(new Error('no lease'));
    expect(failures).to.deep.equal(['cannot connect to my:///greeter: the resolver failed: no lease']);
    expect(naming.nextMs).to.equal(clock.now() + 1000);
    expect(naming.isDue).to.equal(false);
    says(['10.0.0.1:7']);
    expect(naming.nextMs).to.equal(0);
    clock.advanceTo(clock.now() + 30_000);
    naming.ask();
    clock.advanceTo(clock.now() + 20_000);
    expect(failures).to.have.lengthOf(1);
    expect(seen).to.deep.equal({ made: 1, refreshed: 1, closed: 0 });
  });

  const faults: readonly (readonly [
    name: string,
    does: (listener: ResolverListener) => void,
    why: string,
  ])[] = [
    ['throws', () => raise('no lease'), 'the resolver threw: no lease'],
    ['throws what is no error', () => raise(7), 'the resolver threw: 7'],
    ['fails', (its) => its.onError(new Error('no lease')), 'the resolver failed: no lease'],
    ['gives no addresses', (its) => its.onAddresses([]), 'there are no addresses'],
    [
      'gives what is none',
      (its) => its.onAddresses(['10.0.0.1:7', 'x']),
      "the resolver gave malformed addresses: a resolver's address must be '127.0.0.1:50051', '[::1]:50051', 'unix:/path' or the like, not \"x\"",
    ],
    [
      'gives no list',
      (its) => its.onAddresses(7 as never),
      'the resolver gave malformed addresses: they must be a list of strings, not 7',
    ],
    [
      'gives nothing',
      (its) => its.onAddresses(undefined as never),
      'the resolver gave malformed addresses: they must be a list of strings, not undefined',
    ],
  ];
  for (const [name, does, why] of faults) {
    it(`says what was wrong with one that ${name}, and waits`, () => {
      const { naming, told, failures, clock } = setUp('my:///greeter', {
        resolver: (_, its) => {
          does(its);
          return { refresh: () => {}, close: () => {} };
        },
      });
      naming.ask();
      expect(told).to.deep.equal([]);
      expect(failures).to.have.lengthOf(1);
      expect(failures[0].startsWith(`cannot connect to my:///greeter: ${why}`), failures[0]).to.equal(true);
      expect(naming.nextMs).to.equal(clock.now() + 1000);
    });
  }

  it('fails, and makes another later, where an async one is not made', async () => {
    let made = 0;
    const { naming, told, failures, clock } = setUp('my:///greeter', {
      resolver: async (_, its) => {
        if (++made === 1) throw new Error('no lease');
        its.onAddresses(['10.0.0.1:7']);
        return { refresh: () => {}, close: () => {} };
      },
    });
    naming.ask();
    await turn();
    expect(failures).to.deep.equal(['cannot connect to my:///greeter: the resolver threw: no lease']);
    clock.advanceTo(clock.now() + 1000);
    naming.ask();
    await turn();
    expect([made, told.length, failures.length]).to.deep.equal([2, 1, 1]);
  });

  it('refreshes and closes one that is made late', async () => {
    const seen: string[] = [];
    const { naming, clock } = setUp('my:///greeter', {
      resolver: async (_, its) => {
        its.onAddresses(['10.0.0.1:7']);
        await turn();
        return { refresh: () => void seen.push('refresh'), close: () => void seen.push('close') };
      },
    });
    naming.ask();
    clock.advanceTo(clock.now() + 30_000);
    naming.ask();
    naming.close();
    expect(seen).to.deep.equal([]);
    await turn();
    await turn();
    expect(seen).to.deep.equal(['refresh', 'close']);
  });

  it('takes what an async refresh throws as what a refresh throws', async () => {
    const { naming, failures, clock } = setUp('my:///greeter', {
      resolver: (_, its) => {
        its.onAddresses(['10.0.0.1:7']);
        return { refresh: async () => raise('no lease'), close: () => {} };
      },
    });
    naming.ask();
    clock.advanceTo(clock.now() + 30_000);
    naming.ask();
    await turn();
    expect(failures).to.deep.equal(['cannot connect to my:///greeter: the resolver threw: no lease']);
  });

  const badEnds: readonly (readonly [name: string, close: () => void | Promise<void>])[] = [
    ['throws', () => raise('no lease')],
    ['rejects', async () => raise('no lease')],
  ];
  for (const [name, end] of badEnds) {
    it(`closes all the same where its close ${name}`, async () => {
      const { naming, failures } = setUp('my:///greeter', {
        resolver: () => ({ refresh: () => {}, close: end }),
      });
      naming.ask();
      naming.close();
      await turn();
      expect([failures, naming.isPending]).to.deep.equal([[], false]);
    });
  }

  it('fails where its config is refused', () => {
    const { resolver, says } = ownResolver();
    const { naming, failures, listener } = setUp('my:///greeter', { resolver });
    listener.onAddresses = () => raise('service config: no');
    naming.ask();
    says(['10.0.0.1:7'], {});
    expect(failures).to.deep.equal(['cannot connect to my:///greeter: service config: no']);
  });

  it('tells how long the last answer took', () => {
    const { resolver, says } = ownResolver();
    const { naming, clock } = setUp('my:///greeter', { resolver });
    naming.ask();
    clock.advanceTo(clock.now() + 700);
    says(['10.0.0.1:7']);
    expect(naming.spentMs).to.equal(700);
  });

  it('says who gave no addresses in time', () => {
    const { resolver } = ownResolver();
    const { naming, failures, clock } = setUp('my:///greeter', { resolver });
    naming.ask();
    clock.advanceTo(clock.now() + 20_000);
    expect(failures).to.deep.equal([
      'cannot connect to my:///greeter: the resolver gave no addresses within connectTimeoutMs 20000',
    ]);
    expect(naming.isPending).to.equal(false);
  });
});

describe('Naming that asks by itself', () => {
  const intervals: readonly (readonly [
    name: string,
    options: Partial<NameResolutionOptions>,
    usesAllAddresses: boolean,
    everyMs: number,
  ])[] = [
    ['never where one address is used', {}, false, Infinity],
    ['every minute where all are used', {}, true, 60_000],
    ['no more often than the minimum interval', { dnsMinIntervalMs: 90_000 }, true, 90_000],
    ['as often as is wanted', { dnsRefreshIntervalMs: 45_000 }, false, 45_000],
    ['never where that is wanted', { dnsRefreshIntervalMs: Infinity }, true, Infinity],
  ];
  for (const [name, options, usesAllAddresses, everyMs] of intervals) {
    it(`does so ${name}`, () => {
      const { resolver, says, seen } = ownResolver();
      const { naming, clock } = setUp('my:///greeter', { ...options, resolver }, usesAllAddresses);
      naming.ask();
      says(['10.0.0.1:7']);
      const beganMs = clock.now();
      clock.advanceTo(beganMs + Math.min(everyMs, 3_600_000) - 1);
      expect(seen.refreshed).to.equal(0);
      clock.advanceTo(beganMs + Math.min(everyMs, 3_600_000));
      expect(seen.refreshed).to.equal(everyMs === Infinity ? 0 : 1);
    });
  }

  it('does so no more when it rests', () => {
    const { resolver, says, seen } = ownResolver();
    const { naming, clock } = setUp('my:///greeter', { resolver }, true);
    naming.ask();
    says(['10.0.0.1:7']);
    naming.rest();
    clock.advanceTo(clock.now() + 3_600_000);
    expect([seen.refreshed, clock.timers.size]).to.deep.equal([0, 0]);
  });
});

describe('Naming by DNS', () => {
  const records = [['grpc_config=[]']];
  const configs: readonly (readonly [
    name: string,
    wanted: boolean,
    txt: () => Promise<readonly (readonly string[])[]>,
    config: NamedConfig | undefined,
  ])[] = [
    ['TXT records where they are wanted', true, async () => records, { kind: 'txt', records }],
    ['none where they are not wanted', false, async () => records, undefined],
    [
      'none where they cannot be had',
      true,
      () => Promise.reject(new Error('ENODATA')),
      { kind: 'txt', records: [] },
    ],
  ];
  for (const [name, serviceConfigFromDns, txt, config] of configs) {
    it(`passes on ${name}`, async () => {
      const { naming, told, configs: seen } = setUp('greeter:7', { dns: dnsWith(txt), serviceConfigFromDns });
      naming.ask();
      await settled();
      expect(told).to.deep.equal([[{ kind: 'tcp', host: '10.0.0.1', port: 7, name: 'greeter' }]]);
      expect(seen).to.deep.equal([config]);
    });
  }

  it('hears nothing of an answer that comes when it is closed', async () => {
    const { naming, told, failures } = setUp('greeter:7', { dns: dnsWith(async () => []) });
    naming.ask();
    naming.close();
    await settled();
    expect([told, failures]).to.deep.equal([[], []]);
  });

  for (const [target, server] of [
    ['greeter:7', 'the name server'],
    ['dns://8.8.8.8/greeter:7', 'the name server 8.8.8.8'],
  ] as const) {
    it(`of ${target} fails where ${server} is silent, also if there was an answer before, and hears it no more`, async () => {
      let answer: (addresses: readonly LookupAddress[]) => void = () => {};
      const signals: AbortSignal[] = [];
      const ask = (signal: AbortSignal): Promise<readonly LookupAddress[]> => {
        signals.push(signal);
        return new Promise((resolve) => {
          answer = resolve;
        });
      };
      const { naming, told, failures, clock } = setUp(target, {
        dns: {
          ...dnsWith(async () => []),
          lookup: (_, signal) => ask(signal),
          resolve: (_, __, s) => ask(s),
        },
      });
      naming.ask();
      answer([{ address: '10.0.0.1', family: 4 }]);
      await settled();
      clock.advanceTo(clock.now() + 60_000);
      naming.ask();
      clock.advanceTo(clock.now() + 20_000);
      answer([{ address: '10.0.0.2', family: 4 }]);
      await settled();
      expect(told).to.have.lengthOf(1);
      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, true]);
      const name = parseTarget(target).text;
      expect(failures).to.deep.equal([
        `cannot connect to ${name}: ${server} gave no addresses within connectTimeoutMs 20000`,
      ]);
    });
  }

  it('fails where the name is not known, and hears no failure of a question that was taken back', async () => {
    let fail: (error: Error) => void = () => {};
    const lookup = (): Promise<never> =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const { naming, failures, clock } = setUp('greeter:7', { dns: { ...dnsWith(async () => []), lookup } });
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND greeter'), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      hostname: 'greeter',
    });
    naming.ask();
    fail(notFound);
    await settled();
    expect(failures).to.have.lengthOf(1);
    expect(failures[0]).to.match(/^cannot connect to greeter:7: .*'greeter'/);
    clock.advanceTo(clock.now() + 60_000);
    naming.ask();
    clock.advanceTo(clock.now() + 20_000);
    fail(notFound);
    await settled();
    expect(failures.slice(1)).to.have.lengthOf(1);
    expect(failures[1]).to.match(/gave no addresses within/);
  });

  for (const [target, fixed] of [
    ['10.0.0.1:7', [{ kind: 'tcp', host: '10.0.0.1', port: 7 }]],
    ['[::1]:7', [{ kind: 'tcp', host: '::1', port: 7 }]],
    ['unix:/a', [{ kind: 'unix', path: '/a' }]],
    [
      'ipv4:10.0.0.1:7,10.0.0.2:7',
      [
        { kind: 'tcp', host: '10.0.0.1', port: 7 },
        { kind: 'tcp', host: '10.0.0.2', port: 7 },
      ],
    ],
  ] as const) {
    it(`has nothing to ask for ${target}`, () => {
      const { naming, clock } = setUp(target);
      expect(naming.fixed).to.deep.equal(fixed);
      expect(naming.isDue).to.equal(false);
      naming.askSoon();
      expect(clock.timers.size).to.equal(0);
    });
  }

  it('asks for a name, also soon', async () => {
    const dns = dnsWith(async () => []);
    const { naming, clock } = setUp('greeter:7', { dns });
    expect([naming.fixed, naming.isDue]).to.deep.equal([undefined, true]);
    naming.askSoon();
    clock.advanceTo(clock.now());
    await settled();
    expect(dns.asked).to.equal(1);
  });

  it('asks a resolver even of what is an address', () => {
    const { resolver } = ownResolver();
    const { naming } = setUp('10.0.0.1:7', { resolver });
    expect([naming.fixed, naming.isDue]).to.deep.equal([undefined, true]);
  });
});
