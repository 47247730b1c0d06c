import { expect } from 'chai';
import fc from 'fast-check';
import { RequestQueue } from '../../lib/channel/request-queue.ts';
import type { StreamRequest } from '../../lib/rpc/transport.ts';

/** As far as the queue looks at a request. */
function request(name: number, isAgain = false): StreamRequest {
  return { name, queuePlace: -1, waitForReady: false, isAgain } as unknown as StreamRequest;
}

describe('RequestQueue', () => {
  it('gives first what came first', () => {
    const queue = new RequestQueue();
    const requests = [1, 2, 3].map((name) => request(name));
    for (const one of requests) queue.push(one);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).to.deep.equal([
      ...requests,
      undefined,
    ]);
    expect(queue.size).to.equal(0);
  });

  it('gives those that were refused elsewhere before those that are new, each in order', () => {
    const queue = new RequestQueue();
    const requests = [1, 2, 3, 4, 5, 6].map((name) => request(name, name % 2 === 0));
    for (const one of requests) queue.push(one);
    const [one, two, three, four, five, six] = requests;
    expect(queue.size).to.equal(6);
    expect(queue.toArray()).to.deep.equal([two, four, six, one, three, five]);
    expect([queue.shift(), queue.remove(four), queue.remove(one), queue.remove(two)]).to.deep.equal([
      two,
      true,
      true,
      false,
    ]);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).to.deep.equal([
      six,
      three,
      five,
      undefined,
    ]);
    expect(queue.size).to.equal(0);
  });

  it('takes one out wherever it stands, once, and says whether it was there', () => {
    const queue = new RequestQueue();
    const requests = [1, 2, 3].map((name) => request(name));
    for (const one of requests) queue.push(one);
    expect([queue.remove(requests[1]), queue.remove(requests[1]), queue.remove(request(9))]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(queue.toArray()).to.deep.equal([requests[0], requests[2]]);
    expect(queue.shift()).to.equal(requests[0]);
    expect(queue.remove(requests[0])).to.equal(false);
    expect(requests.map(({ queuePlace }) => queuePlace)).to.deep.equal([-1, -1, 2]);
  });

  it('finds those that wait when thousands before them are gone', () => {
    const queue = new RequestQueue();
    const requests = Array.from({ length: 3000 }, (_, name) => request(name));
    for (const one of requests) queue.push(one);
    for (const one of requests.slice(0, 2000)) expect(queue.shift()).to.equal(one);
    const late = request(3000);
    queue.push(late);
    expect(queue.remove(requests[2500])).to.equal(true);
    expect(queue.remove(requests[1999])).to.equal(false);
    expect(queue.remove(late)).to.equal(true);
    expect([queue.size, queue.shift()]).to.deep.equal([999, requests[2000]]);
  });

  it('finds those that come after it was empty', () => {
    const queue = new RequestQueue();
    for (let name = 0; name < 5; name++) {
      const one = request(name);
      queue.push(one);
      queue.push(request(9));
      queue.shift();
      queue.shift();
      queue.push(one);
      expect(queue.remove(one)).to.equal(true);
      expect(queue.size).to.equal(0);
    }
  });

  it('does not mistake a request of another queue for its own', () => {
    const [one, other] = [new RequestQueue(), new RequestQueue()];
    const [mine, theirs] = [request(1), request(2)];
    one.push(mine);
    other.push(theirs);
    expect(one.remove(theirs)).to.equal(false);
    expect([one.size, other.size]).to.deep.equal([1, 1]);
  });

  it('does as a plain list would, for thousands of requests that come and go', () => {
    const command = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), count: fc.nat(900) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('shift' as const), count: fc.nat(1200) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), count: fc.nat(5000) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('push again' as const), count: fc.nat(3) }) },
    );
    const property = fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
      const queue = new RequestQueue();
      const model: StreamRequest[] = [];
      const gone: StreamRequest[] = [];
      let name = 0;
      for (const { kind, count } of commands) {
        if (kind === 'push') {
          for (let i = 0; i < count; i++) {
            const one = request(name++);
            queue.push(one);
            model.push(one);
          }
        } else if (kind === 'shift') {
          for (let i = 0; i < count; i++) {
            const one = model.shift();
            expect(queue.shift()).to.equal(one);
            if (one !== undefined) gone.push(one);
          }
        } else if (kind === 'remove') {
          // Some from everywhere, by a stride.
          for (let at = count % 7; at < model.length; at += 1 + (count % 97)) {
            const [one] = model.splice(at, 1);
            expect(queue.remove(one)).to.equal(true);
          }
        } else {
          for (const one of gone.splice(0, count)) {
            queue.push(one);
            model.push(one);
          }
        }
        expect(queue.size).to.equal(model.length);
      }
      const left = queue.toArray();
      expect(left.length === model.length && left.every((one, i) => one === model[i])).to.equal(true);
    });
    fc.assert(property, { numRuns: 40 });
  });
});
