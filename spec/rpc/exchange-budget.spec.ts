// What a connection holds, whatever its calls do: real exchanges on a real connection, with a server that sends all that
// windows allow. Held octets keep to the formula beside maxBufferedBytes in docs/options.md, and who reads gets a message.

import { expect } from 'chai';
import fc from 'fast-check';
import { Connection } from '../../lib/http2/connection.ts';
import type { ConnectionHandler } from '../../lib/http2/handlers.ts';
import type { Stream } from '../../lib/http2/stream.ts';
import { StreamExchange } from '../../lib/rpc/stream-exchange.ts';
import type { RequestHead, StreamRequest, Transport } from '../../lib/rpc/transport.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { GRPC_HEAD, Listener, settingsOf } from '../support/exchange.ts';
import { concat, frame } from '../support/messages.ts';
import { FakeClock } from '../support/time/fake-clock.ts';

const FIRST_WINDOW = 1000;
const MAX_MESSAGE = 20_000;
const BUDGET = 12_000;

const handler: ConnectionHandler = {
  onOutput() {},
  onReady() {},
  onCapacity() {},
  onGoAway() {},
  onPingAck() {},
  onConnectionEnd() {},
};

/** A call that takes one message for each time it is asked to read. */
class Call {
  readonly listener: Listener = new Listener();
  readonly exchange: StreamExchange;
  readonly #sent: number;

  constructor(transport: Transport, isUnary: boolean, sizes: readonly number[], head: RequestHead) {
    this.exchange = new StreamExchange(this.listener, transport, head, !isUnary, settingsOf(MAX_MESSAGE), {
      timers: new FakeClock(),
      random: () => 0.5,
    });
    this.listener.exchange = this.exchange;
    this.#sent = isUnary ? 1 : sizes.length;
    this.exchange.begin();
    this.exchange.endRequest();
  }

  get received(): number {
    return this.listener.events.filter((event) => event.startsWith('message')).length;
  }

  get isOver(): boolean {
    return this.listener.outcome !== undefined;
  }

  get isComplete(): boolean {
    return this.received === this.#sent;
  }

  read(): void {
    if (!this.exchange.pull()) this.exchange.isReading = true;
  }
}

/** A client with calls and a server that answers each with messages of the sizes that its path names. */
class World {
  readonly client: Connection = new Connection(handler, {
    initialWindowOctets: FIRST_WINDOW,
    maxWindowOctets: 16 * FIRST_WINDOW,
    maxBufferedOctets: BUDGET,
  });
  readonly calls: Call[] = [];
  readonly #server: Connection;
  readonly #transport: Transport;
  #nowMs = 0;

  constructor() {
    this.#server = new Connection(
      { ...handler, onStream: (stream) => answering(stream) },
      { role: 'server' },
    );
    this.#transport = {
      open: (request: StreamRequest) => {
        const stream = this.client.open(request.head, undefined, request, false);
        request.onOpen(stream, { address: '' });
      },
      withdraw() {},
    };
    this.settle();
  }

  begin(isUnary: boolean, sizes: readonly number[]): void {
    const all = isUnary ? sizes.slice(0, 1) : sizes;
    const head: RequestHead = { scheme: 'http', authority: '', path: `/${all.join(',')}`, fields: [] };
    this.calls.push(new Call(this.#transport, isUnary, all, head));
  }

  /** Moves octets, until there are none or for some pieces. */
  settle(pieces = Infinity): void {
    let idle = 0;
    for (let i = 0; idle < 2 && i < pieces; i++) {
      const [from, to] = i % 2 === 0 ? [this.client, this.#server] : [this.#server, this.client];
      const octets = from.nextOutput();
      idle = octets === undefined ? idle + 1 : 0;
      this.#nowMs += 1;
      if (octets !== undefined) to.receive(octets, this.#nowMs);
      this.check();
    }
  }

  check(): void {
    const { client } = this;
    expect(client.isClosed).to.equal(false);
    const bound = BUDGET + client.openStreams * FIRST_WINDOW + MAX_MESSAGE + 5;
    expect(client.bufferedOctets, `with ${client.openStreams} streams`).to.be.at.most(bound);
  }
}

function answering(stream: Stream): ReturnType<NonNullable<ConnectionHandler['onStream']>> {
  return {
    onHeaders(fields) {
      const path = fields[fields.indexOf(':path') + 1];
      const sizes = path === '/' ? [] : path.slice(1).split(',').map(Number);
      stream.headers(GRPC_HEAD, false);
      const octets = concat(...sizes.map((size) => frame(size)));
      if (octets.length > 0) stream.write(octets, 0, octets.length, true, false);
      stream.trailers(['grpc-status', '0']);
    },
    onData() {},
    onTrailers() {},
    onWritable() {},
    onEnd() {},
  };
}

const size = fc.oneof(
  fc.nat(100),
  fc.integer({ min: FIRST_WINDOW - 7, max: FIRST_WINDOW + 2 }),
  fc.nat(MAX_MESSAGE),
  fc.constant(MAX_MESSAGE),
);
const step = fc.oneof(
  fc.record({ begin: fc.boolean(), sizes: fc.array(size, { minLength: 1, maxLength: 4 }) }),
  fc.record({ read: fc.nat(30) }),
  fc.record({ read: fc.nat(30) }),
  fc.record({ cancel: fc.nat(30) }),
  fc.record({ pieces: fc.nat(20) }),
  fc.constant({ pieces: Infinity }),
);

describe('What a connection holds of replies', () => {
  it('keeps to its bound, and whoever reads gets a message, whatever calls do', function () {
    this.timeout(60_000);
    const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const world = new World();
      for (const one of steps) {
        const { calls } = world;
        if ('begin' in one) world.begin(one.begin, one.sizes);
        else if ('pieces' in one) world.settle(one.pieces);
        else if (calls.length === 0) continue;
        else if ('read' in one) calls[one.read % calls.length].read();
        else {
          const [cancelled] = calls.splice(one.cancel % calls.length, 1);
          cancelled.exchange.abandon();
        }
        world.check();
      }
      world.settle();
      // Unary calls read from the beginning.
      for (const call of world.calls) {
        while (!call.isComplete) {
          const before = call.received;
          call.read();
          world.settle();
          expect(call.received, 'a message for who reads').to.be.above(before);
        }
      }
      world.settle();
      for (const call of world.calls) expect(call.isOver).to.equal(true);
      expect(world.client.bufferedOctets).to.equal(0);
      // All of the budget is there again: for a message that nobody reads.
      world.begin(false, [BUDGET, MAX_MESSAGE]);
      world.settle();
      expect(world.client.bufferedOctets).to.be.at.least(BUDGET + 5);
    });
    fc.assert(property, { numRuns: atLeast(300) });
  });

  it('serves 200 readers at once, with messages that are together many times the budget', () => {
    const world = new World();
    for (let i = 0; i < 200; i++) world.begin(i % 2 === 0, [MAX_MESSAGE, MAX_MESSAGE]);
    for (const call of world.calls) call.read();
    world.settle();
    for (const call of world.calls) {
      expect(call.received).to.be.at.least(1);
      if (!call.isComplete) call.read();
    }
    world.settle();
    for (const call of world.calls) expect(call.isOver).to.equal(true);
  });

  it('serves a reader beside 200 that do not read', () => {
    const world = new World();
    for (let i = 0; i < 200; i++) world.begin(false, [MAX_MESSAGE, MAX_MESSAGE]);
    world.settle();
    const held = world.client.bufferedOctets;
    expect(held).to.be.at.most(BUDGET + 200 * FIRST_WINDOW);
    const [last] = world.calls.slice(-1);
    for (let i = 0; i < 2; i++) {
      last.read();
      world.settle();
      expect(last.received).to.equal(i + 1);
    }
    expect(last.isOver).to.equal(true);
  });

  it('does not let a stalled message of a call that was cancelled stand in the way', () => {
    const world = new World();
    for (let i = 0; i < 50; i++) world.begin(true, [MAX_MESSAGE]);
    world.settle(40);
    for (const call of world.calls.splice(0, 49)) call.exchange.abandon();
    world.settle();
    expect(world.calls[0].isOver).to.equal(true);
  });
});
