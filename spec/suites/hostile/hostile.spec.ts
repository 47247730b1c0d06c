import { expect } from 'chai';
import { LoopClock } from '../../support/time/loop-clock.ts';
import { HOSTILE_GROUPS } from './cases.ts';
import { type CaseSeen, CODE_NAMES, type HostileCase } from './hostile-case.ts';
import { HostileServer } from './hostile-server.ts';
import { judge, wasUndisturbed } from './judge.ts';
import { stublessSubject } from './stubless-subject.ts';

const CASES = HOSTILE_GROUPS.flatMap((group) => group.cases.map((one) => ({ group: group.name, one })));
/** The least that issue 5 asks for. */
const LEAST_CASES = 150;

describe('The table of the hostile server suite', () => {
  it('has at least as many cases as were asked for', () => {
    expect(CASES.length).to.be.at.least(LEAST_CASES);
  });

  it('names each case once in its group, with a source', () => {
    const names = CASES.map(({ group, one }) => `${group}: ${one.name}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).to.deep.equal([]);
    expect(CASES.filter(({ one }) => one.source === '')).to.deep.equal([]);
  });

  it('wants a code that only servers may give only where a server gives it', () => {
    const ofServersOnly = ['ALREADY_EXISTS', 'ABORTED', 'OUT_OF_RANGE', 'DATA_LOSS'];
    const wrong = CASES.filter(({ group, one }) => {
      const codes = typeof one.want.code === 'string' ? [one.want.code] : one.want.code;
      return group !== 'status' && codes.some((code) => ofServersOnly.includes(code));
    });
    expect(wrong).to.deep.equal([]);
  });
});

describe('The judge of the hostile server suite', () => {
  const one: HostileCase = {
    name: 'a case',
    source: 'a clause',
    server: () => {},
    want: { code: 'INTERNAL', replies: [], details: /flag/, origin: 'client', after: 'same' },
  };
  const good: CaseSeen = {
    calls: [{ code: 13, details: 'a flag', origin: 'client', replies: [], settledMs: 3, elapsedMs: 3 }],
    after: { code: 0, details: '', origin: 'server', replies: ['ok'], settledMs: 3, elapsedMs: 3 },
    memoryMb: 0,
    cpuMs: 0,
    lostMs: 0,
  };
  const server = (): HostileServer => Object.assign(new HostileServer(one), { lastAnswering: 0 });
  const call = good.calls[0];
  const after = good.after ?? call;

  it('has nothing to say when all is as wanted', () => {
    expect(judge(one, good, server())).to.deep.equal([]);
  });

  const wrongs: readonly (readonly [name: string, seen: Partial<CaseSeen>, complaint: RegExp])[] = [
    ['another code', { calls: [{ ...call, code: 0 }] }, /ended with OK .*wanted INTERNAL/],
    ['a code beyond the table', { calls: [{ ...call, code: CODE_NAMES.length }] }, /ended with 17/],
    ['a hang', { calls: [{ ...call, code: undefined, settledMs: Infinity }] }, /no code/],
    ['a late end', { calls: [{ ...call, settledMs: 251 }] }, /wanted within 250/],
    ['a reply', { calls: [{ ...call, replies: ['ok'] }] }, /gave the replies/],
    ['other details', { calls: [{ ...call, details: 'what?' }] }, /has the details/],
    ['another origin', { calls: [{ ...call, origin: 'server' }] }, /has the origin server/],
    ['a call at odds with itself', { calls: [{ ...call, complaint: 'no RpcError' }] }, /no RpcError/],
    ['a slow client', { after: { ...after, settledMs: 4001 } }, /took 4001 ms/],
    ['a client that is of no use any more', { after: { ...after, code: 14 } }, /poisoned/],
  ];
  for (const [name, seen, complaint] of wrongs) {
    it(`complains of ${name}`, () => {
      expect(judge(one, { ...good, ...seen }, server()).join('\n')).to.match(complaint);
    });
  }

  it('takes off what the server was late by, and no more', () => {
    const late = (settledMs: number): CaseSeen => ({ ...good, calls: [{ ...call, settledMs }] });
    const starved = Object.assign(server(), { lostMs: 300 });
    expect(judge(one, late(550), starved)).to.deep.equal([]);
    expect(judge(one, late(551), starved).join()).to.match(/551 ms .* 300 of them the server's/);
  });

  it('holds nothing for fair in which a side had no turn for long', () => {
    expect(wasUndisturbed(good, server())).to.equal(true);
    expect(wasUndisturbed({ ...good, lostMs: 51 }, server())).to.equal(false);
    expect(wasUndisturbed(good, Object.assign(server(), { lostMs: 51 }))).to.equal(false);
  });

  it('complains of what calls behind the first were answered', () => {
    const pair: HostileCase = { ...one, call: [{}, {}], want: { ...one.want, otherReplies: ['ok'] } };
    const seen = (text: string): CaseSeen => ({ ...good, calls: [call, { ...call, replies: [text] }] });
    expect(judge(pair, seen('ok'), server())).to.deep.equal([]);
    expect(judge(pair, seen('evil'), server()).join()).to.match(/call 1 gave the replies \["evil"\]/);
  });

  it('complains of a connection that was given up, and of one that was kept', () => {
    const given = Object.assign(new HostileServer(one), { lastAnswering: 1 });
    expect(judge(one, good, given).join()).to.match(/given up/);
    const wantsNew: HostileCase = { ...one, want: { ...one.want, after: 'new' } };
    expect(judge(wantsNew, good, server()).join()).to.match(/was kept/);
  });

  it('complains of a deadline that passes early, by the clock and not by the turns of the loop', () => {
    const late: HostileCase = { ...one, call: { timeoutMs: 200 }, want: { code: 'DEADLINE_EXCEEDED' } };
    const seen = (elapsedMs: number): CaseSeen => ({ ...good, calls: [{ ...call, code: 4, elapsedMs }] });
    expect(judge(late, seen(200), server())).to.deep.equal([]);
    expect(judge(late, seen(99), server()).join()).to.match(/passed its deadline after 99 ms of 200/);
  });

  it('complains of memory and CPU time above what the case allows', () => {
    const limited: HostileCase = { ...one, limits: { memoryMb: 10, cpuMs: 10 } };
    const complaints = judge(limited, { ...good, memoryMb: 11, cpuMs: 11 }, server());
    expect(complaints).to.have.length(2);
  });
});

describe('The client beside a hostile server', () => {
  // One case of each group that takes no time; the rest is `npm run hostile`.
  for (const group of HOSTILE_GROUPS) {
    const one = group.cases.find(({ limits, call, want }) => !limits && !call && want.after === 'same');
    if (one === undefined) continue;
    it(`keeps its promises in ${group.name}: ${one.name}`, async () => {
      const server = new HostileServer(one);
      using clock = new LoopClock();
      const subject = await stublessSubject(await server.listen(), one.client ?? {}, clock);
      const calls = [await subject.call({})];
      const seen = { calls, after: await subject.ordinaryCall(), memoryMb: 0, cpuMs: 0, lostMs: 0 };
      await subject.close();
      await server.close();
      expect(judge(one, seen, server)).to.deep.equal([]);
    });
  }
});
