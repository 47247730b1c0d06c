// Connections of HTTP/1.1 that end, at each moment: what certainly was not sent is sent again, what a server may have seen is
// not, and no end is taken for a good one.

import type net from 'node:net';
import { expect } from 'chai';
import type { StreamEnd } from '../../../lib/rpc/transport.ts';
import { closing } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import {
  HeardRequest,
  http1Channel,
  httpServer,
  opened,
  playedServer,
  post,
  settled,
  turns,
} from '../../support/peers/http1.ts';

const COMPLETE = { kind: 'complete' };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

type Ending = 'FIN' | 'RST';

function end(socket: net.Socket, ending: Ending): void {
  if (ending === 'FIN') socket.end();
  else socket.resetAndDestroy();
}

describe('HTTP/1.1: a connection that ends', () => {
  const close = closing();
  const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';

  const moments: readonly (readonly [name: string, sent: string, events: string, body: string])[] = [
    ['before the response', '', 'open', ''],
    ['in the status line', 'HTTP/1.1 20', 'open', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-Le', 'open', ''],
    ['behind the head, of a body with a length', LENGTH, 'open headers', ''],
    ['in a body with a length', `${LENGTH}abc`, 'open headers data', 'abc'],
    ['behind the head, of a chunked body', CHUNKED, 'open headers', ''],
    ["in a chunk's size", `${CHUNKED}3`, 'open headers', ''],
    ['in a chunk', `${CHUNKED}3\r\nab`, 'open headers data', 'ab'],
    ['behind a chunk', `${CHUNKED}3\r\nabc\r\n`, 'open headers data', 'abc'],
    ['in the last chunk', `${CHUNKED}3\r\nabc\r\n0`, 'open headers data', 'abc'],
    ['in trailers', `${CHUNKED}3\r\nabc\r\n0\r\nx-trailer: 1\r\n`, 'open headers data', 'abc'],
    ['behind 1xx', 'HTTP/1.1 100 Continue\r\n\r\n', 'open', ''],
  ];
  for (const [name, sent, events, body] of moments) {
    for (const ending of ['FIN', 'RST'] as const) {
      for (const isReused of [false, true]) {
        it(`${name}, by ${ending}${isReused ? ', when it was used before' : ''}, is lost, and nothing is sent again`, async () => {
          const server = close(
            await playedServer((socket, _, requests) => {
              if (isReused && requests === 1) socket.write(OK);
              else if (sent === '') end(socket, ending);
              else socket.write(sent, 'latin1');
            }),
          );
          const channel = close(http1Channel(server.port));
          if (isReused) expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
          const request = opened(channel, post('x'));
          // What was written is to be read before the reset.
          const octets = sent.length + (isReused ? OK.length : 0);
          const received = (): number => channel.connectionInfo().at(0)?.receivedOctets ?? 0;
          if (sent !== '') {
            await until(() => received() === octets);
            await turns(3);
            end(server.connections[0], ending);
          }
          const lost = await request.over();
          expect(lost).to.include({ kind: 'lost', code: 0, processed: undefined });
          expect(lost).to.not.have.property('isUnsent');
          expect((lost as StreamEnd & { kind: 'lost' }).reason).to.match(
            /^the connection to 127\.0\.0\.1:\d+ was lost: the server closed |^127\.0\.0\.1:\d+ closed the connection instead of answering \(does it speak HTTP\/1\.1, and does it want TLS/,
          );
          expect(request.events.join(' ')).to.equal(`${events} end lost`);
          expect(request.body.toString()).to.equal(body);
        });
      }
    }
  }

  it('as its response does, which has no other end, is a good one', async () => {
    const server = close(await playedServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')));
    const request = opened(close(http1Channel(server.port)), post('x'));
    expect(await request.over()).to.deep.equal(COMPLETE);
    expect(request.body.toString()).to.equal('all of it');
  });

  for (const [name, head] of [
    ['that has no other end', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['of HTTP/1.0 that has no other end', 'HTTP/1.0 200 OK\r\n\r\n'],
    ['of no transfer coding that has no other end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n'],
  ] as const) {
    it(`by RST in a response ${name} is none that ends it`, async function () {
      // Node.js sends FIN before its RST, and FIN alone is an end.
      this.retries(3);
      const server = close(await playedServer((socket) => socket.write(`${head}half of i`)));
      const request = opened(close(http1Channel(server.port)), post('x'));
      await request.heard('data');
      end(server.connections[0], 'RST');
      expect(await request.over()).to.include({ kind: 'lost', code: 0, processed: undefined });
      expect(request.body.toString()).to.equal('half of i');
    });
  }

  it('by RST behind a response without a body does not take it back', async () => {
    const server = close(
      await playedServer((socket) => {
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        setImmediate(() => end(socket, 'RST'));
      }),
    );
    const request = opened(close(http1Channel(server.port)), post('x'));
    expect(await request.over()).to.deep.equal(COMPLETE);
  });

  it('of HTTP/1.0 carries one call', async () => {
    const server = close(
      await playedServer((socket) => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok')),
    );
    const channel = close(http1Channel(server.port));
    for (let i = 0; i < 3; i++) expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(3);
  });

  for (const [name, body] of [
    ['with a response of a length', 'HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n'],
    ['with a response that it ends', 'HTTP/1.1 200 OK\r\n\r\n'],
  ] as const) {
    it(`${name} that nobody has read yet gives all of it to who reads it later`, async () => {
      const server = close(
        await playedServer((socket) => {
          socket.write(body);
          socket.end(Buffer.alloc(1024 * 1024));
        }),
      );
      const channel = close(http1Channel(server.port, { maxBufferedBytes: 1 }));
      const request = post('x');
      request.holds = true;
      opened(channel, request);
      await request.heard('data');
      const held = await settled(() => request.body.length);
      expect(held).to.be.below(512 * 1024);
      request.holds = false;
      request.stream?.taken(held);
      expect(await request.over()).to.deep.equal(COMPLETE);
      expect(request.body).to.have.lengthOf(1024 * 1024);
    });
  }

  it('in the middle of a response gives what came before it, though its reader is slow', async () => {
    let cut: () => void = () => {};
    const server = close(
      await playedServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n');
        socket.write(Buffer.alloc(400 * 1024));
        cut = () => socket.end();
      }),
    );
    const request = post('x');
    request.holds = true;
    opened(close(http1Channel(server.port, { maxBufferedBytes: 1 })), request);
    await request.heard('data');
    await settled(() => request.body.length);
    cut();
    request.holds = false;
    request.stream?.taken(request.body.length);
    expect(await request.over()).to.include({ kind: 'lost' });
    expect(request.body).to.have.lengthOf(400 * 1024);
  });
});

describe('HTTP/1.1: a connection that ends while no call is on it', () => {
  const close = closing();

  /** As a call does that nobody can have seen: again, until it has an answer. */
  async function persist(channel: ReturnType<typeof http1Channel>): Promise<{ ends: StreamEnd[] }> {
    const ends: StreamEnd[] = [];
    for (;;) {
      const request = opened(channel, post('x'));
      const ended = await request.over();
      if (!(ended.kind === 'lost' && ended.isUnsent === true)) {
        expect(ended).to.deep.equal(COMPLETE);
        return { ends };
      }
      expect(ended).to.include({ processed: false, code: 0 });
      expect(request.events).to.deep.equal(['open', 'end lost']);
      ends.push(ended);
    }
  }

  for (const ending of ['FIN', 'RST'] as const) {
    it(`by ${ending}, is not used again`, async () => {
      const server = close(await playedServer((socket) => socket.write(OK)));
      const channel = close(http1Channel(server.port));
      for (let i = 1; i <= 5; i++) {
        await opened(channel, post('x')).over();
        end(server.connections[i - 1], ending);
        await until(() => channel.connections === 0);
        expect(channel.state).to.equal('idle');
      }
      expect(server.connections).to.have.lengthOf(5);
    });

    it(`by ${ending}, loses no call that begins in the same moment`, async () => {
      const server = close(await playedServer((socket) => socket.write(OK)));
      const channel = close(http1Channel(server.port));
      await opened(channel, post('x')).over();
      await turns(10);
      for (let i = 0; i < 20; i++) {
        const last = server.connections.at(-1);
        if (last !== undefined) end(last, ending);
        const { ends } = await persist(channel);
        expect(ends).to.have.lengthOf(1);
      }
    });

    it(`by ${ending} right behind a response that did not say so, loses no call`, async () => {
      const server = close(
        await playedServer((socket) => {
          socket.write(OK);
          if (ending === 'FIN') socket.end();
          else setImmediate(() => socket.resetAndDestroy());
        }),
      );
      const channel = close(http1Channel(server.port));
      for (let i = 0; i < 50; i++) await persist(channel);
    });
  }

  it('loses no call in the moment in which a server of node:http gives up idle connections', async () => {
    const server = close(await httpServer((_, response) => response.end('ok'), { keepAliveTimeout: 1 }));
    const channel = close(http1Channel(server.port));
    let lost = 0;
    for (let i = 0; i < 60; i++) {
      const request = opened(channel, post('x'));
      const ended = await request.over();
      if (ended.kind === 'lost' && ended.isUnsent !== true) lost++;
      await turns(i);
    }
    expect(lost).to.equal(0);
  });

  for (const [timeout, isReused] of [
    ['timeout=1', true],
    ['timeout=1', false],
    ['max=100, timeout=1', false],
    ['timeout=0', false],
    ['timeout=9', true],
    ['timeout=forever', true],
  ] as const) {
    it(`is ${isReused ? 'used again behind' : 'closed from this side before the time of'} "keep-alive: ${timeout}"`, async () => {
      const server = close(
        await playedServer((socket) =>
          socket.write(`HTTP/1.1 200 OK\r\nKeep-Alive: ${timeout}\r\nContent-Length: 2\r\n\r\nok`),
        ),
      );
      const channel = close(http1Channel(server.port));
      await opened(channel, post('x')).over();
      if (!isReused) await until(() => channel.connections === 0);
      expect(channel.connections).to.equal(isReused ? 1 : 0);
      expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
      expect(server.connections).to.have.lengthOf(isReused ? 1 : 2);
    });
  }

  it('with 408 that nothing asked for is not taken for an answer', async () => {
    const server = close(await playedServer((socket) => socket.write(OK)));
    const channel = close(http1Channel(server.port));
    await opened(channel, post('x')).over();
    await turns(10);
    server.connections[0].end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    const { ends } = await persist(channel);
    expect(ends).to.have.lengthOf(1);
    expect((ends[0] as StreamEnd & { kind: 'lost' }).reason).to.match(
      /^127\.0\.0\.1:\d+ ended the connection: it sent "HTTP\/1\.1 408 Request Timeout.*which nothing had asked for$/,
    );
  });

  for (const [name, behind] of [
    ['another response', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'],
    ['octets of no meaning', 'oops'],
  ] as const) {
    it(`${name} behind a response ends it, and is no answer to the next call`, async () => {
      const server = close(
        await playedServer((socket, _, requests) => socket.write(requests === 1 ? OK + behind : OK)),
      );
      const channel = close(http1Channel(server.port));
      for (let i = 0; i < 2; i++) {
        const request = opened(channel, post('x'));
        expect(await request.over()).to.deep.equal(COMPLETE);
        expect(request.body.toString()).to.equal('ok');
      }
      expect(server.connections).to.have.lengthOf(2);
    });
  }

  it('is dialled again with a growing delay where none of them answers', async () => {
    const server = close(await playedServer((socket) => socket.destroy()));
    const channel = close(http1Channel(server.port));
    for (let i = 0; i < 100; i++) await opened(channel, post('x')).over();
    expect(server.connections.length).to.be.at.most(10);
  });
});

describe('HTTP/1.1: a server that breaks the rules', () => {
  const close = closing();
  const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

  const cases: readonly (readonly [name: string, sent: string, reason: RegExp, body?: string])[] = [
    ['a chunk size that is none', `${CHUNKED}zz\r\n`, /malformed HTTP\/1\.1: .*chunk size/i],
    ['a chunk longer than its size', `${CHUNKED}1\r\nabc\r\n`, /malformed HTTP\/1\.1/, 'a'],
    ['a status that is none', 'HTTP/1.1 2OO OK\r\n\r\n', /malformed HTTP\/1\.1: .*status/i],
    ['a version that is none', 'HTTP/9.9 200 OK\r\n\r\n', /malformed HTTP\/1\.1: .*version/i],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /malformed HTTP\/1\.1: .*Content-Length/i,
    ],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /malformed HTTP\/1\.1/,
    ],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', /malformed HTTP\/1\.1/],
    ['a name that is none', 'HTTP/1.1 200 OK\r\nb(ad: 1\r\n\r\n', /malformed HTTP\/1\.1: .*header/i],
    ['a value with NUL', 'HTTP/1.1 200 OK\r\nbad: a\0b\r\n\r\n', /malformed HTTP\/1\.1: .*header value/i],
    ...['gzip, chunked', 'gzip', 'chunked, gzip', 'chunked, chunked', 'xchunked'].map(
      (coding) =>
        [
          `the transfer-encoding ${coding}`,
          `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
          new RegExp(`^transfer-encoding "${coding}", which nothing asked for$`),
        ] as const,
    ),
    ['101 without being asked', 'HTTP/1.1 101 Switching\r\n\r\n', /status 101 that nothing asked for/],
    [
      '101 to another protocol',
      'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      /status 101 that nothing asked for/,
    ],
  ];
  for (const [name, sent, reason, body = ''] of cases) {
    for (const way of ['whole', 'octet by octet'] as const) {
      it(`with ${name} has broken the protocol, ${way}`, async () => {
        const server = close(
          await playedServer(async (socket) => {
            if (way === 'whole') socket.write(sent, 'latin1');
            else {
              for (const octet of sent) {
                socket.write(octet, 'latin1');
                await new Promise((resolve) => setImmediate(resolve));
              }
            }
          }),
        );
        const request = opened(close(http1Channel(server.port)), post('x'));
        const ended = await request.over();
        expect(ended).to.include({ kind: 'violation', code: 1 });
        expect((ended as StreamEnd & { kind: 'violation' }).reason).to.match(reason);
        expect(request.body.toString()).to.equal(body);
      });
    }
  }

  for (const [coding, sent] of [
    ['CHUNKED', '3\r\nabc\r\n0\r\n\r\n'],
    ['identity', 'abc'],
  ] as const) {
    it(`is not one that names the transfer-encoding ${coding}`, async () => {
      const head = `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n`;
      const server = close(await playedServer((socket) => socket.end(`${head}${sent}`)));
      const request = opened(close(http1Channel(server.port)), post('x'));
      expect(await request.over()).to.deep.equal({ kind: 'complete' });
      expect(request.body.toString()).to.equal('abc');
    });
  }

  it('with a head that never ends is bounded', async () => {
    const server = close(
      await playedServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): void => {
          while (!socket.destroyed && socket.write('x-more: 12345678901234567890\r\n'.repeat(100)));
        };
        socket.on('drain', more);
        more();
      }),
    );
    const request = opened(close(http1Channel(server.port)), post('x'));
    expect(await request.over()).to.include({ kind: 'violation', code: 11 });
  });

  it('that answers before it was asked is not listened to', async () => {
    const server = close(await playedServer(() => {}));
    server.server.on('connection', (socket: net.Socket) => socket.write(OK));
    const request = opened(close(http1Channel(server.port)), new HeardRequest());
    const ended = await request.over();
    // It may have been asked just then.
    expect(ended.kind).to.be.oneOf(['lost', 'complete']);
  });
});
