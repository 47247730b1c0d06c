import { expect } from 'chai';
import { HALF_CLOSE, type KeptMessage, ReplayBudget, ReplayBuffer } from '../../lib/rpc/replay-buffer.ts';

/** A message of so many octets, in the middle of memory that is longer. */
function message(octets: number): KeptMessage {
  return {
    bytes: new Uint8Array(octets + 20),
    start: 10,
    end: 10 + octets,
    endStream: false,
    mayCompress: true,
  };
}

describe('Replay buffer (gRFC A6, Memory Management)', () => {
  it('keeps as much for a call as may be, and one message past it', () => {
    const budget = new ReplayBudget(100, 1000);
    const buffer = new ReplayBuffer(budget);
    const [first, second, third] = [message(60), message(40), message(1)];
    expect([first, second, HALF_CLOSE, third].map((one) => buffer.add(one))).to.deep.equal([
      true,
      true,
      true,
      false,
    ]);
    expect(buffer.messages).to.deep.equal([first, second, HALF_CLOSE, third]);
    expect(budget.octets).to.equal(100);
  });

  it('keeps as much for all calls together as may be', () => {
    const budget = new ReplayBudget(100, 150);
    const [one, other] = [new ReplayBuffer(budget), new ReplayBuffer(budget)];
    expect(one.add(message(100))).to.equal(true);
    expect(other.add(message(50))).to.equal(true);
    expect(other.add(message(1))).to.equal(false);
    expect(budget.octets).to.equal(150);
  });

  it('gives back what it kept, once', () => {
    const budget = new ReplayBudget(100, 150);
    const [one, other] = [new ReplayBuffer(budget), new ReplayBuffer(budget)];
    one.add(message(100));
    one.add(message(1));
    other.add(message(7));
    one.release();
    expect([budget.octets, one.messages.length, other.messages.length]).to.deep.equal([7, 0, 1]);
    one.release();
    expect(budget.octets).to.equal(7);
    expect(one.add(message(100))).to.equal(true);
    expect(budget.octets).to.equal(107);
  });
});
