// Flow control as an exchange keeps it: what arrived and is held is counted exactly, and a message that cannot be
// read before it is whole is credited while it comes (docs/decisions/0005-receive-windows.md).

import { expect } from 'chai';
import fc from 'fast-check';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { deliver, GRPC_HEAD, makeExchange, OK } from '../support/exchange.ts';
import { concat, frame } from '../support/messages.ts';
import { splitAt } from '../support/splits.ts';

describe('Exchange: flow control', () => {
  it('takes the octets of a message when the call gets it', () => {
    const { exchange, stream } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(frame(10), frame(20)));
    expect([stream.takenOctets, stream.creditedOctets]).to.deep.equal([0, 0]);
    exchange.pull();
    expect(stream.takenOctets).to.equal(15);
    exchange.pull();
    expect([stream.takenOctets, stream.creditedOctets]).to.deep.equal([40, 0]);
  });

  it('credits the octets of an incomplete message as they come', () => {
    const { exchange, stream } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    const octets = frame(100);
    deliver(exchange, octets.subarray(0, 40));
    expect(stream.creditedOctets).to.equal(40);
    deliver(exchange, octets.subarray(40, 104));
    expect(stream.creditedOctets).to.equal(104);
    deliver(exchange, octets.subarray(104));
    expect([stream.creditedOctets, stream.takenOctets], 'now a reader must take it').to.deep.equal([104, 0]);
    exchange.pull();
    expect(stream.takenOctets).to.equal(105);
  });

  it('credits nothing behind a message that nobody reads, until it is read', () => {
    const { exchange, stream } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(frame(10), frame(100).subarray(0, 40)));
    expect(stream.creditedOctets).to.equal(0);
    exchange.pull();
    expect([stream.takenOctets, stream.creditedOctets]).to.deep.equal([15, 40]);
  });

  it('lets a message of many windows through', () => {
    const { exchange, listener, stream } = makeExchange({ maxOctets: 1 << 20 });
    exchange.onHeaders(GRPC_HEAD, false);
    const octets = frame(1 << 20);
    const windowOctets = 65_535;
    let sent = 0;
    while (sent < octets.length) {
      const open = windowOctets + Math.max(stream.creditedOctets, stream.takenOctets) - sent;
      expect(open, `stuck after ${sent} octets`).to.be.above(0);
      const end = Math.min(sent + open, octets.length);
      deliver(exchange, octets.subarray(sent, end));
      sent = end;
    }
    expect(listener.events[1].length).to.be.above(1 << 20);
    expect(stream.takenOctets).to.equal(octets.length);
  });

  it('gives back what nobody has read when the call ends, though it can still be read', () => {
    const { exchange, stream } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(frame(10), frame(20)));
    exchange.onTrailers(OK);
    exchange.onEnd({ kind: 'complete' });
    expect(stream.takenOctets).to.equal(40);
    expect(exchange.pull()).to.equal(true);
    exchange.dropMessages();
    expect(stream.takenOctets, 'and once').to.equal(40);
  });

  it('has taken all that came by the end, whatever happens', () => {
    const step = fc.constantFrom('data', 'data', 'data', 'pull', 'want', 'drop');
    const end = fc.constantFrom('complete', 'lost', 'abandon', 'fault', 'too many', 'fail in a message');
    const property = fc.property(
      fc.constantFrom('one' as const, 'many' as const),
      fc.array(fc.nat(400), { maxLength: 6 }),
      fc.array(fc.nat(1200), { maxLength: 8 }),
      fc.array(step, { maxLength: 30 }),
      end,
      (replies, sizes, cuts, steps, ending) => {
        const { exchange, listener, stream } = makeExchange({ replies });
        exchange.onHeaders(GRPC_HEAD, false);
        const chunks = splitAt(concat(...sizes.map((size) => frame(size))), cuts);
        let arrived = 0;
        const give = (octets: Uint8Array): void => {
          arrived += octets.length;
          deliver(exchange, octets);
        };
        if (ending === 'fail in a message') {
          listener.afterMessage = () => exchange.fail({ code: 13, details: '', origin: 'client' });
        }
        for (const one of steps) {
          if (listener.outcome !== undefined) break;
          if (one === 'data') give(chunks.shift() ?? new Uint8Array(0));
          else if (one === 'pull') exchange.pull();
          else if (one === 'want') exchange.isReading = true;
          else exchange.dropMessages();
          expect(stream.takenOctets, 'never more than came').to.be.at.most(arrived);
          expect(stream.creditedOctets).to.be.at.most(arrived);
        }
        if (listener.outcome === undefined) {
          if (ending === 'complete') exchange.onEnd({ kind: 'complete' });
          else if (ending === 'lost') exchange.onEnd({ kind: 'reset', code: 2 });
          else if (ending === 'fault') give(Uint8Array.of(9, 9, 9, 9, 9, 9));
          else if (ending === 'too many') give(concat(frame(1), frame(1), frame(1)));
          if (listener.outcome === undefined) exchange.abandon();
        }
        while (exchange.pull()) {}
        exchange.dropMessages();
        expect(stream.takenOctets).to.equal(arrived);
      },
    );
    fc.assert(property, { numRuns: atLeast(500) });
  });
});
