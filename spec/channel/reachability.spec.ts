import { expect } from 'chai';
import { type Reachability, type ReachabilityFacts, reachability } from '../../lib/channel/reachability.ts';

describe('The state of a channel (grpc doc/connectivity-semantics-and-api.md)', () => {
  const NOW_MS = 1000;
  const KNOWN: ReachabilityFacts = {
    balancerState: 'idle',
    nextDialMs: 0,
    hasAddresses: true,
    isAsking: false,
    hasNamingFailed: false,
    nextAskMs: 0,
    relookUntilMs: 0,
  };
  const UNKNOWN = { ...KNOWN, hasAddresses: false };
  const FAILED = { ...KNOWN, balancerState: 'transient_failure' } as const;

  const cases: readonly (readonly [
    name: string,
    facts: ReachabilityFacts,
    state: Reachability['state'],
    untilMs?: number,
  ])[] = [
    ['nothing was asked for yet', UNKNOWN, 'idle'],
    ['addresses are asked for', { ...UNKNOWN, isAsking: true }, 'connecting'],
    ['addresses are asked for again', { ...UNKNOWN, isAsking: true, hasNamingFailed: true }, 'connecting'],
    [
      'addresses cannot be had',
      { ...UNKNOWN, hasNamingFailed: true, nextAskMs: 1001 },
      'transient_failure',
      1001,
    ],
    ['they may be asked for again', { ...UNKNOWN, hasNamingFailed: true, nextAskMs: 1000 }, 'idle'],
    ['nothing was dialled', KNOWN, 'idle'],
    ['a dial is under way', { ...KNOWN, balancerState: 'connecting' }, 'connecting'],
    ['there is a connection', { ...KNOWN, balancerState: 'ready' }, 'ready'],
    ['there is one to what is no longer an address', { ...UNKNOWN, balancerState: 'ready' }, 'ready'],
    [
      'there is one, and looking up fails',
      { ...KNOWN, balancerState: 'ready', hasNamingFailed: true },
      'ready',
    ],
    [
      'a dial is under way, and looking up fails',
      { ...KNOWN, balancerState: 'connecting', hasNamingFailed: true },
      'connecting',
    ],
    ['all addresses failed', { ...FAILED, nextDialMs: 1500 }, 'transient_failure', 1500],
    ['the back-off is over', { ...FAILED, nextDialMs: 1000 }, 'idle'],
    ['all failed, for good', { ...FAILED, nextDialMs: Infinity }, 'transient_failure'],
    [
      'all failed, and others are looked for',
      { ...FAILED, nextDialMs: 1500, isAsking: true, relookUntilMs: 1200 },
      'connecting',
      1200,
    ],
    [
      'all failed, and others were looked for long enough',
      { ...FAILED, nextDialMs: 1500, isAsking: true, relookUntilMs: 1000 },
      'transient_failure',
      1500,
    ],
    [
      'all failed, and there are no others',
      { ...FAILED, nextDialMs: 1500, relookUntilMs: 1200 },
      'transient_failure',
      1500,
    ],
  ];
  for (const [name, facts, state, untilMs = Infinity] of cases) {
    it(`is ${state} when ${name}`, () => {
      expect(reachability(facts, NOW_MS)).to.deep.equal({ state, untilMs });
    });
  }
});
