// Requests and responses over HTTP/1.1, against node:http's server: what is sent, what is heard, and what becomes of the
// connection.

import { once } from 'node:events';
import type http from 'node:http';
import { expect } from 'chai';
import type { Channel } from '../../../lib/channel/channel.ts';
import { closing } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import {
  echoBody,
  HeardRequest,
  http1Channel,
  httpServer,
  opened,
  playedServer,
  post,
  settled,
} from '../../support/peers/http1.ts';

const CANCEL = 8;
const COMPLETE = { kind: 'complete' };
const MIB = 1024 * 1024;

/** Octets of a size. */
function octets(size: number): Buffer {
  return Buffer.alloc(size, 'x');
}

describe('HTTP/1.1: requests', () => {
  const close = closing();
  let seen: { request: http.IncomingMessage; body: Buffer }[] = [];

  const record = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ request, body: Buffer.concat(chunks) });
      response.end('ok');
    });
  };

  beforeEach(() => {
    seen = [];
  });

  it('are one piece with its length, their own fields behind those of the head', async () => {
    const server = close(await httpServer(record));
    const channel = close(http1Channel(server.port));
    const request = post('hello', { authority: 'the.authority:1', path: '/a.B/C' });
    request.fields = ['connect-timeout-ms', '1000', 'x-own', 'caf\xe9'];
    opened(channel, request);
    expect(await request.over()).to.deep.equal(COMPLETE);
    const [{ request: sent, body }] = seen;
    expect([sent.method, sent.url, sent.httpVersion]).to.deep.equal(['POST', '/a.B/C', '1.1']);
    expect(sent.rawHeaders).to.deep.equal([
      ...['host', 'the.authority:1', 'content-type', 'application/proto'],
      ...[
        'connect-timeout-ms',
        '1000',
        'x-own',
        'caf\xe9',
        'content-length',
        '5',
        'Connection',
        'keep-alive',
      ],
    ]);
    expect(body.toString()).to.equal('hello');
    expect(request.peer?.address).to.equal(`127.0.0.1:${server.port}`);
    expect(request.peer?.connect?.settingsMs).to.be.at.least(0);
  });

  const pieces: readonly (readonly [
    name: string,
    begin: (request: HeardRequest) => void,
    body: string,
    length: string | undefined,
  ])[] = [
    ['nothing', ({ stream }) => stream?.end(), '', '0'],
    ['several pieces at once', ({ stream }) => write(stream, 'ab', 'cd', 'e|'), 'abcde', '5'],
    [
      'pieces at once, and their end apart',
      ({ stream }) => {
        write(stream, 'ab', 'cd');
        stream?.end();
      },
      'abcd',
      '4',
    ],
    [
      'pieces at once, and their end later',
      ({ stream }) => {
        write(stream, 'ab', 'cd');
        setImmediate(() => setImmediate(() => setImmediate(() => stream?.end())));
      },
      'abcd',
      undefined,
    ],
    [
      'a piece of nothing at the end',
      ({ stream }) => {
        setImmediate(() => setImmediate(() => setImmediate(() => write(stream, 'a', '|'))));
      },
      'a',
      undefined,
    ],
  ];
  /** Writes pieces; `|` ends the request with one. */
  function write(stream: HeardRequest['stream'], ...texts: string[]): void {
    for (const text of texts) {
      const piece = Buffer.from(text.replace('|', ''));
      stream?.write(piece, 0, piece.length, true, text.endsWith('|'));
    }
  }
  for (const [name, begin, body, length] of pieces) {
    for (const isReused of [false, true]) {
      it(`of ${name} ${length === undefined ? 'are chunked' : `have the length ${length}`}${isReused ? ' on a connection that was used' : ''}`, async () => {
        const server = close(await httpServer(record));
        const channel = close(http1Channel(server.port));
        if (isReused) await opened(channel, post('first')).over();
        seen = [];
        const request: HeardRequest = new HeardRequest(() => begin(request));
        opened(channel, request);
        expect(await request.over()).to.deep.equal(COMPLETE);
        expect(seen[0].body.toString()).to.equal(body);
        expect(seen[0].request.headers['content-length']).to.equal(length);
        expect(seen[0].request.headers['transfer-encoding']).to.equal(
          length === undefined ? 'chunked' : undefined,
        );
      });
    }
  }

  it('by GET have no body and no length', async () => {
    const server = close(await httpServer(record));
    const channel = close(http1Channel(server.port));
    const request = opened(channel, new HeardRequest(undefined, { method: 'GET', path: '/s/m?connect=v1' }));
    expect(await request.over()).to.deep.equal(COMPLETE);
    expect([seen[0].request.method, seen[0].request.url]).to.deep.equal(['GET', '/s/m?connect=v1']);
    expect(seen[0].request.headers).to.not.have.any.keys('content-length', 'transfer-encoding');
  });

  it('copy what they are lent', async () => {
    const server = close(await httpServer(record));
    const channel = close(http1Channel(server.port));
    const memory = Buffer.from('..hello..');
    const request = new HeardRequest((stream) => {
      stream.write(memory, 2, 7, false, true);
      memory.fill('!');
    });
    await opened(channel, request).over();
    expect(seen[0].body.toString()).to.equal('hello');
  });

  it('that cannot be sent over HTTP/1.1 end so, and leave the connection to others', async () => {
    const server = close(await httpServer(record));
    const channel = close(http1Channel(server.port));
    await opened(channel, post('first')).over();
    const bad = post('x');
    bad.fields = ['x-bad', 'a\u0000b'];
    expect(await opened(channel, bad).over())
      .to.include({ kind: 'unopened', code: 13 })
      .and.have.property('reason')
      .that.includes('cannot be sent over HTTP/1.1');
    expect(await opened(channel, post('next')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(1);
  });

  it('wait for room where the server does not read', async () => {
    let read: () => void = () => {};
    const server = close(
      await httpServer((request, response) => {
        read = () => {
          request.resume();
          request.on('end', () => response.end());
        };
      }),
    );
    const channel = close(http1Channel(server.port));
    const request = opened(channel, new HeardRequest(() => {}));
    await request.heard('open');
    const piece = octets(256 * 1024);
    const write = (): boolean => request.stream?.write(piece, 0, piece.length, true, false) === true;
    const writable = async (): Promise<boolean> => {
      const before = request.writable;
      return (await settled(() => request.writable)) > before;
    };
    let written = 0;
    do {
      written += piece.length;
      expect(written, 'it never has to wait').to.be.below(64 * MIB);
    } while (write() || (await writable()));
    read();
    await once(request, 'writable');
    request.stream?.end();
    expect(await request.over()).to.deep.equal(COMPLETE);
  });

  it('of one large piece tell when it has left', async () => {
    const server = close(await httpServer(record));
    const channel = close(http1Channel(server.port));
    let hasRoom: boolean | undefined;
    const request = new HeardRequest((stream) => {
      hasRoom = stream.write(octets(4 * MIB), 0, 4 * MIB, true, true);
    });
    opened(channel, request);
    await once(request, 'writable');
    expect(hasRoom).to.equal(false);
    await request.over();
    expect(seen[0].body).to.have.lengthOf(4 * MIB);
  });
});

describe('HTTP/1.1: responses', () => {
  const close = closing();

  /** A call of a server that answers so. */
  async function answered(
    answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
  ): Promise<HeardRequest> {
    const server = close(await httpServer(answer));
    const request = opened(close(http1Channel(server.port)), post('hello'));
    await request.over();
    return request;
  }

  it('have lower-case names, values as they came, and nothing about the connection', async () => {
    const { headers, body, events } = await answered((request, response) => {
      response.writeHead(200, [
        ...[
          'X-Mixed',
          'Yes',
          'x-twice',
          'a',
          'X-Twice',
          'b',
          'X-Latin',
          'caf\xe9',
          'Keep-Alive',
          'timeout=9',
        ],
        ...['Connection', 'keep-alive, x-hop', 'X-Hop', '1', 'Proxy-Connection', 'x', 'Date', 'then'],
      ]);
      request.pipe(response);
    });
    expect(headers).to.deep.equal([
      ...[':status', '200', 'x-mixed', 'Yes', 'x-twice', 'a', 'x-twice', 'b', 'x-latin', 'caf\xe9'],
      ...['date', 'then'],
    ]);
    expect(body.toString()).to.equal('hello');
    expect(events).to.deep.equal(['open', 'headers', 'data', 'end complete']);
  });

  it('have trailers behind a chunked body', async () => {
    const { trailers, events } = await answered((_, response) => {
      response.writeHead(200, { trailer: 'Grpc-Status, x-more' });
      response.write('hi');
      response.addTrailers([
        ['Grpc-Status', '0'],
        ['x-more', 'caf\xe9'],
      ]);
      response.end();
    });
    expect(trailers).to.deep.equal(['grpc-status', '0', 'x-more', 'caf\xe9']);
    expect(events).to.deep.equal(['open', 'headers', 'data', 'trailers', 'end complete']);
  });

  for (const [name, status, headers, isEmpty] of [
    ['the length 0', 200, { 'content-length': '0' }, true],
    ['status 204', 204, {}, true],
    ['status 304', 304, {}, true],
    ['an empty chunked body', 200, {}, false],
  ] as const) {
    it(`of ${name} ${isEmpty ? 'end with their head' : 'end behind their head'}`, async () => {
      const {
        endStream,
        status: came,
        events,
      } = await answered((request, response) => {
        request.resume();
        response.writeHead(status, { ...headers });
        response.flushHeaders();
        response.end();
      });
      expect([came, endStream]).to.deep.equal([String(status), isEmpty]);
      expect(events).to.deep.equal(['open', 'headers', 'end complete']);
    });
  }

  for (const status of [301, 307, 400, 404, 500, 503]) {
    it(`of status ${status} are told as they come`, async () => {
      const { headers, body } = await answered((_, response) => {
        response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere', date: 'then' }).end('text');
      });
      expect(headers?.slice(0, 4)).to.deep.equal([
        ':status',
        String(status),
        'location',
        'http://127.0.0.1:1/elsewhere',
      ]);
      expect(body.toString()).to.equal('text');
    });
  }

  it('are not those of 1xx that come before', async () => {
    const { status, body, events } = await answered((request, response) => {
      response.writeContinue();
      response.writeProcessing();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      request.pipe(response);
    });
    expect([status, body.toString()]).to.deep.equal(['200', 'hello']);
    expect(events).to.deep.equal(['open', 'headers', 'data', 'end complete']);
  });

  it('may come before the request has ended, and leave no connection to others', async () => {
    const server = close(
      await httpServer((_, response) => {
        response.end('early');
      }),
    );
    const channel = close(http1Channel(server.port));
    const request = opened(
      channel,
      new HeardRequest((stream) => stream.write(octets(10), 0, 10, true, false)),
    );
    expect(await request.over()).to.deep.equal(COMPLETE);
    expect(request.body.toString()).to.equal('early');
    expect(request.stream?.write(octets(1), 0, 1, true, true)).to.equal(false);
    expect(await opened(channel, post('next')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(2);
  });

  it('can be streams, of which each piece comes at once', async () => {
    let write: (text: string) => void = () => {};
    const server = close(
      await httpServer((_, response) => {
        write = (text) => (text === '' ? response.end() : response.write(text));
        response.flushHeaders();
      }),
    );
    const request = opened(close(http1Channel(server.port)), post('x'));
    await request.heard('headers');
    for (const text of ['a', 'b', 'c']) {
      write(text);
      await once(request, 'data');
    }
    expect(request.body.toString()).to.equal('abc');
    write('');
    expect(await request.over()).to.deep.equal(COMPLETE);
  });

  it('can go on while the request does, where the server does so', async () => {
    const server = close(await httpServer(echoBody));
    const request = opened(close(http1Channel(server.port)), new HeardRequest(() => {}));
    await request.heard('open');
    for (const text of ['a', 'b', 'c']) {
      request.stream?.write(Buffer.from(text), 0, 1, true, false);
      await once(request, 'data');
    }
    request.stream?.end();
    expect(await request.over()).to.deep.equal(COMPLETE);
    expect(request.body.toString()).to.equal('abc');
  });

  it('are held back while nobody reads, however large', async () => {
    let sent = 0;
    const piece = octets(64 * 1024);
    const server = close(
      await httpServer((_, response) => {
        const more = (): void => {
          while (sent < 64 * MIB && response.write(piece)) sent += piece.length;
          if (sent >= 64 * MIB) response.end();
        };
        response.on('drain', more);
        more();
      }),
    );
    const channel = close(http1Channel(server.port));
    const request = post('x');
    request.holds = true;
    opened(channel, request);
    await request.heard('data');
    const before = await settled(() => request.body.length);
    expect(before).to.be.within(256 * 1024, 512 * 1024);
    expect(channel.connectionInfo()[0].bufferedOctets).to.equal(before);
    request.stream?.credit(100 * 1024, false);
    await once(request, 'data');
    const lent = request.body.length;
    expect(lent).to.be.above(before);
    request.stream?.reset(CANCEL);
  });

  it('larger than the window come whole where their reader credits what it holds', async () => {
    const server = close(
      await httpServer((_, response) => {
        response.end(octets(8 * MIB));
      }),
    );
    const channel = close(http1Channel(server.port, { maxBufferedBytes: 1 }));
    const request = post('x');
    request.holds = true;
    request.on('data', () => request.stream?.credit(request.body.length, true));
    opened(channel, request);
    expect(await request.over()).to.deep.equal(COMPLETE);
    expect(request.body).to.have.lengthOf(8 * MIB);
    request.stream?.taken(8 * MIB);
  });

  it('whose handler throws end as a violation, and nothing else does', async () => {
    const server = close(await httpServer(echoBody));
    const channel = close(http1Channel(server.port));
    const request = post('x');
    request.onHeaders = () => {
      throw new Error('mine');
    };
    expect(await opened(channel, request).over()).to.deep.equal({
      kind: 'violation',
      code: 2,
      reason: 'the handler of the stream threw Error: mine',
    });
    expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
  });

  describe('have limits:', () => {
    const FIELD = 'x-filled';
    /** A head of so many octets as RFC 9113 §6.5.2 counts them: `:status` 200, and a field. */
    const head = (size: number): string => {
      const rest = size - (':status'.length + 3 + 32) - (FIELD.length + 32);
      return `HTTP/1.1 200 OK\r\n${FIELD}: ${'x'.repeat(rest)}\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n`;
    };
    const trailers = (size: number): string =>
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${FIELD}: ${'x'.repeat(size - FIELD.length - 32)}\r\n\r\n`;
    const LIMIT = 1000;
    for (const [what, octetsOf] of [
      ['the head', (size: number) => `${head(size)}0\r\n\r\n`],
      ['trailers', trailers],
    ] as const) {
      for (const size of [LIMIT, LIMIT + 1, 100 * LIMIT]) {
        it(`${what} of ${size} octets, of ${LIMIT} allowed`, async () => {
          const server = close(await playedServer((socket) => socket.write(octetsOf(size))));
          const channel = close(http1Channel(server.port, { maxHeaderListBytes: LIMIT }));
          const end = await opened(channel, post('x')).over();
          expect(end).to.deep.equal(
            size === LIMIT
              ? COMPLETE
              : {
                  kind: 'violation',
                  code: 11,
                  reason: `the header list exceeds the limit of ${LIMIT} octets (maxHeaderListBytes)`,
                },
          );
        });
      }
    }

    for (const count of [100, 101]) {
      it(`${count} heads of 1xx, of 100 allowed`, async () => {
        const server = close(
          await playedServer((socket) => {
            socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(count));
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
          }),
        );
        const end = await opened(close(http1Channel(server.port)), post('x')).over();
        expect(end.kind).to.equal(count === 100 ? 'complete' : 'violation');
      });
    }
  });
});

describe('HTTP/1.1: calls that are given up', () => {
  const close = closing();
  const reset = (request: HeardRequest): void => request.stream?.reset(CANCEL);

  it('end the connection, where the server sees it, and say nothing of the server', async () => {
    let begun = 0;
    let aborted = 0;
    const server = close(
      await httpServer((request, response) => {
        if (request.url === '/fast') response.end();
        else {
          begun++;
          response.on('close', () => aborted++);
        }
      }),
    );
    const channel = close(http1Channel(server.port));
    for (let calls = 1; calls <= 6; calls++) {
      const request = opened(channel, post('x'));
      await until(() => begun === calls);
      reset(request);
      reset(request);
      await until(() => aborted === calls);
      expect(request.events).to.deep.equal(['open']);
    }
    const { state } = channel;
    expect(state).to.equal('idle');
    expect(await opened(channel, post('x', { path: '/fast' })).over()).to.deep.equal(COMPLETE);
  });

  it('leave the connection to others before anything was sent', async () => {
    const server = close(await httpServer(echoBody));
    const channel = close(http1Channel(server.port));
    await opened(channel, post('x')).over();
    const request = opened(channel, post('y'));
    reset(request);
    expect(await opened(channel, post('z')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(1);
  });

  for (const event of ['open', 'headers', 'data'] as const) {
    it(`may be so when they hear of ${event}`, async () => {
      const server = close(
        await httpServer((_, response) => {
          response.write('x');
        }),
      );
      const channel = close(http1Channel(server.port));
      const request = post('x');
      request.on(event, () => reset(request));
      opened(channel, request);
      await request.heard(event);
      await until(() => channel.openStreams === 0 && server.connections.length === 1);
      expect(request.events.at(-1)).to.equal(event);
    });
  }
});

describe('HTTP/1.1: connections', () => {
  const close = closing();

  it('carry one call after the other', async () => {
    const server = close(await httpServer(echoBody));
    const channel = close(http1Channel(server.port));
    for (let i = 0; i < 20; i++) expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(1);
    const [info] = channel.connectionInfo();
    expect(info).to.include({ httpVersion: '1.1', state: 'ready', totalStreams: 20, openStreams: 0 });
    const { bytesRead, bytesWritten } = server.connections[0];
    // Bun's server does not count them.
    expect([info.sentOctets, info.receivedOctets]).to.deep.equal(
      bytesRead === 0 ? [info.sentOctets, info.receivedOctets] : [bytesRead, bytesWritten],
    );
    expect(info.sentOctets).to.be.above(20 * 100);
    expect(channel.octets).to.deep.equal({ sent: info.sentOctets, received: info.receivedOctets });
  });

  it('are not followed by another one where the server closes them', async () => {
    const server = close(
      await httpServer((request, response) => {
        response.shouldKeepAlive = false;
        echoBody(request, response);
      }),
    );
    const channel = close(http1Channel(server.port));
    for (let i = 0; i < 5; i++) expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(5);
  });

  for (const [maxConnections, wanted] of [
    [256, 50],
    [4, 4],
    [1, 1],
  ]) {
    it(`are as many as there are calls, up to ${maxConnections}`, async () => {
      let left = 50;
      let most = 0;
      const running: http.ServerResponse[] = [];
      const server = close(
        await httpServer((request, response) => {
          most = Math.max(most, running.push(response));
          request.resume();
          // Answered is when there can be no more of them.
          if (running.length < Math.min(wanted, left)) return;
          left -= running.length;
          for (const one of running.splice(0)) one.end();
        }),
      );
      const channel = close(http1Channel(server.port, { maxConnections }));
      const requests = Array.from({ length: 50 }, () => opened(channel, post('x')));
      for (const request of requests) expect(await request.over()).to.deep.equal(COMPLETE);
      expect(server.connections.length).to.equal(wanted);
      expect(most).to.equal(wanted);
    });
  }

  it('refuse calls beyond those that may wait', async () => {
    const server = close(await httpServer((request) => request.resume()));
    const channel = close(http1Channel(server.port, { maxConnections: 2, maxQueuedCalls: 3 }));
    const requests = Array.from({ length: 5 }, () => opened(channel, post('x')));
    await until(() => channel.openStreams === 2);
    requests.push(...Array.from({ length: 2 }, () => opened(channel, post('x'))));
    const refused = requests.filter(({ end }) => end !== undefined);
    expect(refused.map(({ end }) => end)).to.satisfy((ends: { code?: number }[]) =>
      ends.every(({ code }) => code === 8),
    );
    expect(channel.queuedCalls).to.equal(3);
    expect(channel.waitsFor).to.equal('free-connection');
  });

  it('are used again rather than made, by calls that follow each other on many', async () => {
    const server = close(await httpServer(echoBody));
    const channel: Channel = close(http1Channel(server.port));
    const follow = async (calls: number): Promise<void> => {
      for (let i = 0; i < calls; i++) await opened(channel, post('x')).over();
    };
    await Promise.all(Array.from({ length: 8 }, () => follow(25)));
    expect(server.connections.length).to.be.at.most(8);
  });

  it('are closed with the channel, with what runs on them', async () => {
    const server = close(await httpServer((request) => request.resume()));
    const channel = http1Channel(server.port);
    const running = opened(channel, post('x'));
    await until(() => server.connections.length === 1 && running.stream !== undefined);
    channel.close();
    expect(await running.over()).to.include({ kind: 'lost', reason: 'the client was closed' });
    expect(await opened(channel, post('x')).over()).to.include({ kind: 'unopened', code: 1 });
    await until(() => server.connections[0].destroyed);
  });
});
