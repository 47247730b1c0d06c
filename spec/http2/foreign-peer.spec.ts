import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { expect } from 'chai';
import { Connection, type ConnectionOptions } from '../../lib/http2/connection.ts';
import type { FieldList, RequestHead, StreamEnd } from '../../lib/http2/handlers.ts';
import type { Stream } from '../../lib/http2/stream.ts';

/** What came of one call. */
interface Answer {
  readonly head: FieldList;
  readonly body: Buffer;
  readonly trailers: FieldList;
  readonly end: StreamEnd;
}

const HEAD: RequestHead = {
  scheme: 'http',
  authority: 'localhost',
  path: '/echo.Echo/Call',
  fields: ['te', 'trailers', 'content-type', 'application/grpc'],
};

/** A Connection on a socket to node:http2, whose server echoes bodies and adds trailers. */
class Session {
  readonly connection: Connection;
  readonly ended: Promise<string>;
  readonly ready: Promise<void>;
  /** Request heads as node:http2 decoded them. */
  readonly requests: http2.IncomingHttpHeaders[] = [];
  readonly #socket: Duplex;
  #isFlushing = false;
  private constructor(socket: Duplex, options: ConnectionOptions) {
    this.#socket = socket;
    let onEnded = (_: string): void => {};
    let onReady = (): void => {};
    this.ended = new Promise((resolve) => {
      onEnded = resolve;
    });
    this.ready = new Promise((resolve) => {
      onReady = resolve;
    });
    this.connection = new Connection(
      {
        onOutput: () => this.#flushSoon(),
        onReady,
        onCapacity() {},
        onGoAway() {},
        onPingAck() {},
        onConnectionEnd: (_, reason) => {
          onEnded(reason);
        },
      },
      options,
    );
    socket.on('data', (chunk: Buffer) => this.connection.receive(chunk, performance.now()));
    socket.on('close', () => this.connection.transportEnded('closed'));
    this.#flushSoon();
  }

  static async with(
    server: { settings?: http2.Settings },
    run: (session: Session) => Promise<void>,
    options: ConnectionOptions = {},
  ): Promise<void> {
    const listener = http2.createServer({ settings: server.settings ?? {} });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const socket = net.connect(address.port, '127.0.0.1');
    const session = new Session(socket, options);
    listener.on('stream', (stream, headers) => {
      session.requests.push(headers);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'f\u00fcr' }),
      );
      stream.pipe(stream);
      stream.on('error', () => stream.close());
    });
    listener.on('sessionError', () => {});
    try {
      await session.ready;
      await run(session);
    } finally {
      session.connection.close(0, 'done');
      session.#flush();
      socket.destroy();
      listener.close();
    }
  }

  call(head: RequestHead, body: Uint8Array, callFields?: FieldList): Promise<Answer> {
    return new Promise((resolve) => {
      let answerHead: FieldList = [];
      let trailers: FieldList = [];
      const chunks: Buffer[] = [];
      const stream: Stream = this.connection.open(
        head,
        callFields,
        {
          onHeaders(fields) {
            answerHead = fields;
          },
          onData(chunk, start, end) {
            chunks.push(Buffer.from(chunk.slice(start, end)));
            stream.credit(end - start);
            stream.taken(end - start);
          },
          onTrailers(fields) {
            trailers = fields;
          },
          onWritable() {},
          onEnd(end) {
            resolve({ head: answerHead, body: Buffer.concat(chunks), trailers, end });
          },
        },
        false,
      );
      stream.write(body, 0, body.length, false, true);
    });
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    for (
      let octets = this.connection.nextOutput();
      octets !== undefined;
      octets = this.connection.nextOutput()
    ) {
      this.#socket.write(octets);
    }
  }
}

function value(fields: FieldList, name: string): string | undefined {
  const at = fields.indexOf(name);
  return at < 0 ? undefined : fields[at + 1];
}

describe('node:http2 as the peer', () => {
  for (const octets of [0, 1, 1000, 16_384, 70_000, 3_000_000]) {
    it(`Echoes ${octets} octets with head and trailers.`, async () => {
      await Session.with({}, async (session) => {
        const body = Buffer.from(Uint8Array.from({ length: octets }, (_, i) => i * 7));
        const { head, body: echoed, trailers, end } = await session.call(HEAD, body);
        expect(end).to.deep.equal({ kind: 'complete' });
        expect(echoed.equals(body)).to.equal(true);
        expect(value(head, ':status')).to.equal('200');
        expect(value(trailers, 'grpc-status')).to.equal('0');
      });
    });
  }

  for (const settings of [
    { headerTableSize: 0 },
    { headerTableSize: 64 },
    { headerTableSize: 65_536 },
    { initialWindowSize: 1000 },
    { maxFrameSize: 100_000 },
    { maxConcurrentStreams: 1 },
  ] as const) {
    it(`Works with a server of ${JSON.stringify(settings)}.`, async () => {
      await Session.with({ settings }, async (session) => {
        for (let i = 0; i < 20; i++) {
          const body = Buffer.alloc(20_000, i);
          const path = `/a.B/${i % 7}`;
          const callFields = [
            'grpc-timeout',
            `${i}S`,
            'authorization',
            `Bearer ${i}`,
            'x-text',
            'a b~\u00ff',
          ];
          const { body: echoed } = await session.call({ ...HEAD, path }, body, callFields);
          expect(echoed.equals(body)).to.equal(true);
          const request = session.requests[i];
          expect(request[':path']).to.equal(path);
          expect(request[':authority']).to.equal('localhost');
          expect(request['te']).to.equal('trailers');
          expect(request['grpc-timeout']).to.equal(`${i}S`);
          expect(request['authorization']).to.equal(`Bearer ${i}`);
          expect(request['x-text']).to.equal('a b~\u00ff');
        }
      });
    });
  }

  it('Decodes values of any octets and lengths, coded or not.', async () => {
    // All that node:http2 takes in a value: no control characters, no blanks at the ends.
    const octets = Array.from({ length: 256 }, (_, octet) => octet).filter((o) => o > 0x20 && o !== 0x7f);
    await Session.with({}, async (session) => {
      for (let length = 1; length <= 200; length++) {
        const text = (step: number): string =>
          String.fromCharCode(
            ...Array.from({ length }, (_, i) => octets[(length * i * step + i) % octets.length]),
          );
        const ascii = text(7).replace(/[^ -~]/g, (char) =>
          String.fromCharCode(0x21 + (char.charCodeAt(0) % 90)),
        );
        const callFields = ['x-octets', text(3), 'x-ascii', ascii];
        await session.call(
          { ...HEAD, path: `/a.B/${ascii.replace(/[^a-z]/g, '')}` },
          Buffer.of(1),
          callFields,
        );
        const request = session.requests[length - 1];
        expect(request['x-octets']).to.equal(text(3));
        expect(request['x-ascii']).to.equal(ascii);
      }
    });
  });

  it('Decodes a head that recurs 1,000 times, among 100 at once.', async () => {
    await Session.with({}, async (session) => {
      for (let round = 0; round < 10; round++) {
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, i) => session.call(HEAD, Buffer.from(`${round} ${i}`))),
        );
        expect(answers.map(({ body }) => body.toString())).to.deep.equal(
          Array.from({ length: 100 }, (_, i) => `${round} ${i}`),
        );
      }
      expect(new Set(session.requests.map((request) => request[':path']))).to.deep.equal(
        new Set([HEAD.path]),
      );
    });
  });

  it('Takes a head larger than a frame.', async () => {
    await Session.with({ settings: { maxHeaderListSize: 1_000_000 } }, async (session) => {
      const big = 'x'.repeat(30_000);
      await session.call(HEAD, Buffer.alloc(1), ['x-big', big]);
      expect(session.requests[0]['x-big']).to.equal(big);
    });
  });

  it('Sees our GOAWAY and our resets, and goes on with other calls.', async () => {
    await Session.with({}, async (session) => {
      const handler = { onHeaders() {}, onData() {}, onTrailers() {}, onWritable() {}, onEnd() {} };
      for (let i = 0; i < 50; i++) session.connection.open(HEAD, undefined, handler, false).reset(8);
      const { body } = await session.call(HEAD, Buffer.from('still here'));
      expect(body.toString()).to.equal('still here');
      session.connection.close(0, 'enough');
      expect(await session.ended).to.equal('enough');
    });
  });
});
