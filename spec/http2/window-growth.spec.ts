// How receive windows grow: word by word on the wire, and over links of different length and width between two
// connections, with a clock that only moves when something arrives.

import { expect } from 'chai';
import { Connection } from '../../lib/http2/connection.ts';
import type { ConnectionHandler, StreamHandler } from '../../lib/http2/handlers.ts';
import type { Stream } from '../../lib/http2/stream.ts';
import { converse } from './conversation.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const PING = 'PING 131294707347319';
const ANSWER = PING.replace('PING', 'PING ACK');

const opened = `
  $ open /p END_STREAM
  > HEADERS 1 …
  < HEADERS 1 :status=200
  = 1 headers :status=200`;

describe('Receive windows that grow', () => {
  it('are measured with a PING when half of one was used, and widened by its answer.', () => {
    converse(
      `
      ${opened}
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      > ${PING}
      < DATA 1 199
      = 1 data 199
      $ taken 1 199
      $ wait 50
      < ${ANSWER}
      > WINDOW_UPDATE 1 599
      < DATA 1 400
      = 1 data 400
      $ taken 1 400
      > WINDOW_UPDATE 1 400
      > ${PING}
      `,
      { initialWindowOctets: 400, maxWindowOctets: 1200 },
    );
  });

  it('are not measured again by an answer that nobody asked for.', () => {
    converse(
      `
      ${opened}
      < ${ANSWER}
      = ping ack 131294707347319
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      > ${PING}
      < PING ACK 7
      = ping ack 7
      `,
      { initialWindowOctets: 400, maxWindowOctets: 1200 },
    );
  });

  it('are measured only when DATA came since the last answer: many servers count other PINGs as abuse.', () => {
    converse(
      `
      ${opened}
      < DATA 1 400
      = 1 data 400
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      $ taken 1 150
      $ wait 1000
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 350
      > ${PING}
      $ wait 10
      < ${ANSWER}
      $ wait 1000
      $ taken 1 50
      `,
      { initialWindowOctets: 400, maxWindowOctets: 1200 },
    );
  });

  it('are not measured for streams that end before half of their window was used, nor at their limit.', () => {
    converse(
      `
      ${opened}
      < DATA 1 199
      = 1 data 199
      $ taken 1 199
      < DATA 1 200 END_STREAM
      = 1 data 200
      = 1 end complete
      $ taken 1 200
      `,
      { initialWindowOctets: 400, maxWindowOctets: 1200 },
    );
    converse(
      `
      ${opened}
      < DATA 1 400
      = 1 data 400
      $ taken 1 400
      > WINDOW_UPDATE 1 400
      `,
      { initialWindowOctets: 400, maxWindowOctets: 400 },
    );
  });

  it('stay as they are where the reader does not keep up, or the stream has ended meanwhile.', () => {
    converse(
      `
      ${opened}
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      > ${PING}
      < DATA 1 400
      = 1 data 400
      < ${ANSWER}
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      $ open /q END_STREAM
      > HEADERS 3 …
      < HEADERS 3 :status=200
      = 3 headers :status=200
      < DATA 3 200
      = 3 data 200
      $ taken 3 200
      > WINDOW_UPDATE 3 600
      > ${PING}
      < DATA 3 600 END_STREAM
      = 3 data 600
      = 3 end complete
      < ${ANSWER}
      `,
      { initialWindowOctets: 400, maxWindowOctets: 1600 },
    );
  });

  it('leave as much less to be lent for incomplete messages, until their streams end.', () => {
    converse(
      `
      ${opened}
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      > ${PING}
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      < ${ANSWER}
      // To 800: 400 of the budget of 800 are growth.
      > WINDOW_UPDATE 1 400
      $ open /q END_STREAM
      > HEADERS 3 …
      < HEADERS 3 :status=200
      = 3 headers :status=200
      < DATA 3 400
      = 3 data 400
      $ credit 3 400 UNREAD
      > WINDOW_UPDATE 3 400
      < DATA 3 201
      = 3 data 201
      $ credit 3 201 UNREAD
      < DATA 1 0 END_STREAM
      = 1 end complete
      // And what is left of the budget is growth of its own.
      > WINDOW_UPDATE 3 400
      `,
      { initialWindowOctets: 400, maxWindowOctets: 800, maxBufferedOctets: 800 },
    );
  });

  it('grow together by no more than half of maxBufferedOctets, which streams that ended give back.', () => {
    converse(
      `
      ${opened}
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      > ${PING}
      < DATA 1 200
      = 1 data 200
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      < ${ANSWER}
      // To 800, of which 400 are its growth and 100 are left for others.
      > WINDOW_UPDATE 1 400
      $ open /q END_STREAM
      > HEADERS 3 …
      < HEADERS 3 :status=200
      = 3 headers :status=200
      < DATA 3 200
      = 3 data 200
      $ taken 3 200
      > WINDOW_UPDATE 3 300
      $ reset 1 CANCEL
      > RST_STREAM 1 CANCEL
      < DATA 3 250
      = 3 data 250
      $ taken 3 250
      > WINDOW_UPDATE 3 550
      `,
      { initialWindowOctets: 400, maxWindowOctets: 800, maxBufferedOctets: 1000 },
    );
  });
});

interface Link {
  readonly delayMs: number;
  readonly octetsPerMs: number;
}

interface Transfer {
  readonly elapsedMs: number;
  readonly windowOctets: number;
  readonly pings: number;
}

function connectionHandler(rest: Partial<ConnectionHandler> = {}): ConnectionHandler {
  return {
    onOutput() {},
    onReady() {},
    onCapacity() {},
    onGoAway() {},
    onPingAck() {},
    onConnectionEnd() {},
    ...rest,
  };
}

function streamHandler(rest: Partial<StreamHandler> = {}): StreamHandler {
  return { onHeaders() {}, onData() {}, onTrailers() {}, onWritable() {}, onEnd() {}, ...rest };
}

/** One reply of so many octets over a link that is as long and as wide both ways. */
function transfer({ delayMs, octetsPerMs }: Link, octets: number): Transfer {
  let nowMs = 0;
  let pings = 0;
  let endMs = Infinity;
  const events: { readonly atMs: number; readonly run: () => void }[] = [];
  const client = new Connection(connectionHandler());
  const server = new Connection(
    connectionHandler({
      onStream: (stream) =>
        streamHandler({
          onHeaders() {
            stream.headers([':status', '200'], false);
            stream.write(new Uint8Array(octets), 0, octets, true, true);
          },
        }),
    }),
    { role: 'server' },
  );
  const ends = [client, server];
  const freeAtMs = [0, 0];
  const flush = (from: number): void => {
    for (let chunk = ends[from].nextOutput(); chunk !== undefined; chunk = ends[from].nextOutput()) {
      if (from === 0) pings += Buffer.from(chunk).toString('latin1').split('\0\0window').length - 1;
      // In segments, as a network carries them.
      for (let at = 0; at < chunk.length; at += SEGMENT_OCTETS) {
        const segment = chunk.subarray(at, at + SEGMENT_OCTETS);
        freeAtMs[from] = Math.max(freeAtMs[from], nowMs) + segment.length / octetsPerMs;
        const atMs = freeAtMs[from] + delayMs;
        events.push({ atMs, run: () => ends[1 - from].receive(segment, nowMs) });
      }
    }
  };
  flush(0);
  flush(1);
  const step = (): void => {
    let next = 0;
    for (let i = 1; i < events.length; i++) if (events[i].atMs < events[next].atMs) next = i;
    const [event] = events.splice(next, 1);
    nowMs = event.atMs;
    event.run();
    flush(0);
    flush(1);
  };
  while (!client.canOpen || events.length > 0) step();
  const startMs = nowMs;
  const stream: Stream = client.open(
    { scheme: 'http', authority: 'localhost', path: '/p', fields: [] },
    undefined,
    streamHandler({
      onData: (_, start, end) => stream.taken(end - start),
      onEnd: () => {
        endMs = nowMs;
      },
    }),
    true,
  );
  flush(0);
  while (endMs === Infinity) step();
  return { elapsedMs: endMs - startMs, windowOctets: stream.windowTarget, pings };
}

const SEGMENT_OCTETS = 16 * KIBIBYTE;

/** Which part of the link's width a transfer used. */
function use(link: Link, octets: number, { elapsedMs }: Transfer): number {
  return octets / link.octetsPerMs / elapsedMs;
}

describe('Receive windows over links', () => {
  const links: readonly (readonly [
    name: string,
    link: Link,
    octets: number,
    leastUse: number,
    windowMiB: [number, number],
  ])[] = [
    ['1 Gbit/s, 0.1 ms', { delayMs: 0.05, octetsPerMs: 125_000 }, 64 * MEBIBYTE, 0.95, [0.25, 1]],
    ['100 Mbit/s, 20 ms', { delayMs: 10, octetsPerMs: 12_500 }, 64 * MEBIBYTE, 0.95, [0.5, 2]],
    ['100 Mbit/s, 100 ms', { delayMs: 50, octetsPerMs: 12_500 }, 64 * MEBIBYTE, 0.85, [2, 8]],
    ['500 Mbit/s, 100 ms', { delayMs: 50, octetsPerMs: 62_500 }, 256 * MEBIBYTE, 0.75, [8, 16]],
    ['10 Mbit/s, 200 ms', { delayMs: 100, octetsPerMs: 1250 }, 16 * MEBIBYTE, 0.9, [0.25, 2]],
    ['1 Mbit/s, 5 ms', { delayMs: 2.5, octetsPerMs: 125 }, 2 * MEBIBYTE, 0.95, [0.25, 1]],
  ];
  for (const [name, link, octets, leastUse, [leastMiB, mostMiB]] of links) {
    it(`of ${name} leave little of them unused, and are no larger than they need to be.`, () => {
      const result = transfer(link, octets);
      expect(use(link, octets, result), 'use').to.be.at.least(leastUse);
      expect(result.windowOctets / MEBIBYTE, 'window').to.be.within(leastMiB, mostMiB);
      // No more than one a round trip.
      expect(result.pings, 'PINGs').to.be.at.most(2 + result.elapsedMs / (2 * link.delayMs));
    });
  }
});
