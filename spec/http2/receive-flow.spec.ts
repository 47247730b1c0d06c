import { expect } from 'chai';
import { Connection } from '../../lib/http2/connection.ts';
import type { ConnectionHandler, RequestHead, StreamHandler } from '../../lib/http2/handlers.ts';
import type { Stream } from '../../lib/http2/stream.ts';
import { converse } from './conversation.ts';

const HEAD: RequestHead = { scheme: 'http', authority: 'localhost', path: '/p', fields: [] };

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

/** A client and a server with nothing between them; `exchange` moves octets until neither has any. */
function pair(
  client: ConnectionHandler,
  server: ConnectionHandler,
): { client: Connection; exchange: () => void } {
  const ends = [new Connection(client), new Connection(server, { role: 'server', maxResets: 100_000 })];
  const exchange = (): void => {
    for (let idle = 0, i = 0; idle < 2; i = 1 - i) {
      idle++;
      for (let octets = ends[i].nextOutput(); octets !== undefined; octets = ends[i].nextOutput()) {
        ends[1 - i].receive(octets, 0);
        idle = 0;
      }
    }
  };
  exchange();
  return { client: ends[0], exchange };
}

const opened = `
  $ open /p END_STREAM
  > HEADERS 1 …
  < HEADERS 1 :status=200
  = 1 headers :status=200`;

describe('Flow control of what is received (RFC 9113 §5.2, §6.9)', () => {
  it('Credit returns when octets are taken, gathered to half a window.', () => {
    converse(
      `
      ${opened}
      < 3 * DATA 1 100
      = 1 data 100
      = 1 data 100
      = 1 data 100
      $ taken 1 199
      $ taken 1 1
      > WINDOW_UPDATE 1 200
      $ taken 1 100
      `,
      { initialWindowOctets: 400, maxWindowOctets: 400 },
    );
  });

  it('Octets that were credited while their message was incomplete are not credited again.', () => {
    converse(
      `
      ${opened}
      < DATA 1 300
      = 1 data 300
      $ credit 1 300
      > WINDOW_UPDATE 1 300
      $ taken 1 300
      < DATA 1 200
      = 1 data 200
      $ credit 1 150
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      ? bufferedOctets 0
      `,
      { initialWindowOctets: 400, maxWindowOctets: 400 },
    );
  });

  it('More is neither credited nor taken than came.', () => {
    converse(
      `
      ${opened}
      < DATA 1 300
      = 1 data 300
      $ credit 1 1000
      > WINDOW_UPDATE 1 300
      $ taken 1 1000
      $ taken 1 1000
      ? bufferedOctets 0
      `,
      { initialWindowOctets: 400, maxWindowOctets: 400 },
    );
  });

  it('The window stays as it is while much of it waits to be read.', () => {
    converse(
      `
      ${opened}
      < DATA 1 400
      = 1 data 400
      $ taken 1 200
      > WINDOW_UPDATE 1 200
      `,
      { initialWindowOctets: 400, maxWindowOctets: 1200 },
    );
  });

  it('Padding is credited at once.', () => {
    converse(
      `
      ${opened}
      < DATA 1 0 PAD=199
      > WINDOW_UPDATE 1 200
      `,
      { initialWindowOctets: 400, maxWindowOctets: 400 },
    );
  });

  it('No credit is given to a stream whose end has come.', () => {
    converse(
      `
      ${opened}
      < DATA 1 300 END_STREAM
      = 1 data 300
      = 1 end complete
      ? bufferedOctets 300
      $ taken 1 300
      ? bufferedOctets 0
      `,
      { initialWindowOctets: 400 },
    );
  });

  it('DATA at the window is taken; one octet more is a stream error of type FLOW_CONTROL_ERROR.', () => {
    converse(
      `
      ${opened}
      < DATA 1 400
      = 1 data 400
      < DATA 1 1
      > RST_STREAM 1 FLOW_CONTROL_ERROR
      = 1 end violation FLOW_CONTROL_ERROR: DATA exceeds the window of the stream
      `,
      { initialWindowOctets: 400 },
    );
  });

  it('DATA at the connection window is taken; more is a connection error of type FLOW_CONTROL_ERROR.', () => {
    // Credit returns by halves of the window, so that only a frame larger than half of it can exceed it.
    const options = {
      connectionWindowOctets: 65_535,
      initialWindowOctets: 1_000_000,
      maxFrameOctets: 65_536,
    };
    converse(
      `
      ${opened}
      < DATA 1 32767
      = 1 data 32767
      < DATA 1 32768
      > WINDOW_UPDATE 0 65535
      = 1 data 32768
      < DATA 1 32767
      = 1 data 32767
      < DATA 1 32769
      > GOAWAY 0 FLOW_CONTROL_ERROR DATA exceeds the window of the connection
      = 1 end lost FLOW_CONTROL_ERROR perhaps: …
      = connection end FLOW_CONTROL_ERROR: …
      `,
      options,
    );
  });

  it('The connection window comes back on arrival, whatever readers do.', () => {
    converse(
      `
      ${opened}
      < DATA 1 16384
      = 1 data 16384
      < DATA 1 16384
      > WINDOW_UPDATE 0 32768
      = 1 data 16384
      `,
      { connectionWindowOctets: 65_535 },
    );
  });

  it('DATA of streams that were reset is credited to the connection, padding too.', () => {
    converse(
      `
      ${opened}
      $ reset 1 CANCEL
      > RST_STREAM 1 CANCEL
      < 2 * DATA 1 16000 PAD=99
      < DATA 1 1000
      > WINDOW_UPDATE 0 33200
      `,
      { connectionWindowOctets: 65_535 },
    );
  });

  it('A reset drops what waits to be read.', () => {
    converse(`
      ${opened}
      < DATA 1 1000
      = 1 data 1000
      ? bufferedOctets 1000
      $ reset 1 CANCEL
      > RST_STREAM 1 CANCEL
      ? bufferedOctets 0
      $ taken 1 1000
      ? bufferedOctets 0
    `);
  });

  describe('Credit for incomplete messages, a loan until they are taken', () => {
    const limits = { initialWindowOctets: 400, maxWindowOctets: 400, maxBufferedOctets: 600 };
    const three = `
      ${opened}
      $ open /q END_STREAM
      > HEADERS 3 …
      < HEADERS 3 :status=200
      = 3 headers :status=200
      $ open /r END_STREAM
      > HEADERS 5 …
      < HEADERS 5 :status=200
      = 5 headers :status=200`;
    /** 600 octets are lent to streams that nobody reads. */
    const lentOut = `
      ${three}
      < DATA 1 400
      = 1 data 400
      $ credit 1 400 UNREAD
      > WINDOW_UPDATE 1 400
      < DATA 3 200
      = 3 data 200
      $ credit 3 200 UNREAD
      > WINDOW_UPDATE 3 200`;

    it('Is given up to maxBufferedOctets, and not one octet beyond to who does not read.', () => {
      const run = (maxBufferedOctets: number, answer: string): unknown =>
        converse(
          `
          ${lentOut}
          < DATA 5 201
          = 5 data 201
          $ credit 5 201 UNREAD
          ${answer}
          ? bufferedOctets 801
          `,
          { ...limits, maxBufferedOctets },
        );
      run(801, '> WINDOW_UPDATE 5 201');
      run(800, '');
    });

    it('Is given beyond it to one whose reader waits, until that has its message; then to the next.', () => {
      converse(
        `
        ${lentOut}
        < DATA 5 200
        = 5 data 200
        $ credit 5 200
        > WINDOW_UPDATE 5 200
        < DATA 3 400
        = 3 data 400
        $ credit 3 400
        // It waits: stream 5 goes first, for as long as its message takes.
        < DATA 5 400
        = 5 data 400
        $ credit 5 400
        > WINDOW_UPDATE 5 400
        $ taken 5 600
        > WINDOW_UPDATE 3 400
        `,
        limits,
      );
    });

    it('Comes when somebody begins to read, and when others were read.', () => {
      converse(
        `
        ${lentOut}
        < DATA 5 200
        = 5 data 200
        $ credit 5 200 UNREAD
        < DATA 3 200
        = 3 data 200
        $ credit 3 200 UNREAD
        $ credit 3 0
        > WINDOW_UPDATE 3 200
        // 400 are repaid: enough for stream 5 as well, which nobody reads.
        $ taken 1 400
        > WINDOW_UPDATE 5 200
        `,
        limits,
      );
    });

    for (const [name, lines] of [
      ['is reset', '$ reset 5 CANCEL\n> WINDOW_UPDATE 3 400\n> RST_STREAM 5 CANCEL'],
      ['is reset by the server', '< RST_STREAM 5 CANCEL\n= 5 end reset CANCEL'],
      ['ends', '< DATA 5 0 END_STREAM\n= 5 end complete'],
      ['has no reader any more', '$ credit 5 0 UNREAD'],
    ] as const) {
      it(`Passes to the next when the stream that has it ${name}.`, () => {
        converse(
          `
          ${lentOut}
          < DATA 5 200
          = 5 data 200
          $ credit 5 200
          > WINDOW_UPDATE 5 200
          < DATA 3 400
          = 3 data 400
          $ credit 3 400
          ${lines}
          ${lines.includes('> WINDOW_UPDATE') ? '' : '> WINDOW_UPDATE 3 400'}
          `,
          limits,
        );
      });
    }

    it('Counts what ended streams hold beyond a first window, until that is taken.', () => {
      converse(
        `
        ${lentOut}
        < DATA 1 400 END_STREAM
        = 1 data 400
        = 1 end complete
        // 800 unread, 400 of them within a first window: the loan of 400 stays.
        < DATA 5 200
        = 5 data 200
        $ credit 5 200 UNREAD
        $ taken 1 199
        $ taken 1 1
        > WINDOW_UPDATE 5 200
        `,
        limits,
      );
    });

    it('What is taken returns at once, however much is lent.', () => {
      converse(
        `
        ${lentOut}
        < DATA 5 400
        = 5 data 400
        $ taken 5 200
        > WINDOW_UPDATE 5 200
        `,
        limits,
      );
    });
  });

  const firstWindows: readonly (readonly [maxBufferedOctets: number | undefined, octets: number])[] = [
    [undefined, 262_144],
    [1 << 30, 262_144],
    [Infinity, 262_144],
    [32 << 20, 131_072],
    [16 << 20, 65_536],
    [1, 65_535],
  ];
  for (const [maxBufferedOctets, octets] of firstWindows) {
    it(`A first window is of ${octets} octets where maxBufferedOctets is ${maxBufferedOctets ?? 'not given'}.`, () => {
      const options = maxBufferedOctets === undefined ? {} : { maxBufferedOctets };
      const connection = new Connection(connectionHandler(), options);
      expect(connection.localSettings.get(4)).to.equal(octets);
    });
  }

  for (const [name, octets] of [
    ['window + 1', 256 * 1024 + 1],
    ['16 windows', 16 * 256 * 1024],
  ] as const) {
    it(`A message of ${name} arrives while only its octets are credited.`, () => {
      let arrived = 0;
      const { client, exchange } = pair(
        connectionHandler(),
        connectionHandler({
          onStream: (stream) =>
            streamHandler({
              onHeaders: () => {
                stream.headers([':status', '200'], false);
                stream.write(new Uint8Array(octets), 0, octets, true, true);
              },
            }),
        }),
      );
      const stream: Stream = client.open(
        HEAD,
        undefined,
        streamHandler({
          onData: (_, start, end) => {
            arrived += end - start;
            stream.credit(end - start);
          },
        }),
        true,
      );
      exchange();
      expect(arrived).to.equal(octets);
      expect(client.bufferedOctets).to.equal(octets);
      stream.taken(octets);
      expect(client.bufferedOctets).to.equal(0);
    });
  }

  it('One unread stream stalls none of 1,000 calls beside it.', () => {
    let completed = 0;
    const { client, exchange } = pair(
      connectionHandler(),
      connectionHandler({
        onStream: (stream) =>
          streamHandler({
            onHeaders: (fields) => {
              stream.headers([':status', '200'], false);
              const octets = fields.includes('/endless') ? 10_000_000 : 40_000;
              stream.write(new Uint8Array(octets), 0, octets, true, true);
            },
          }),
      }),
    );
    client.open({ ...HEAD, path: '/endless' }, undefined, streamHandler(), true);
    exchange();
    expect(client.bufferedOctets).to.equal(256 * 1024);
    for (let i = 0; i < 1000; i++) {
      const stream: Stream = client.open(
        HEAD,
        undefined,
        streamHandler({
          onData: (_, start, end) => stream.taken(end - start),
          onEnd: (end) => {
            if (end.kind === 'complete') completed++;
          },
        }),
        true,
      );
      exchange();
    }
    expect(completed).to.equal(1000);
  });

  it('10,000 cancelled streams leave the connection window whole.', () => {
    const { client, exchange } = pair(
      connectionHandler(),
      connectionHandler({
        onStream: (stream) =>
          streamHandler({
            onHeaders: () => {
              stream.headers([':status', '200'], false);
              stream.write(new Uint8Array(5000), 0, 5000, true, false);
            },
          }),
      }),
    );
    const whole = client.receiveWindow;
    for (let i = 0; i < 10_000; i++) {
      const stream: Stream = client.open(
        HEAD,
        undefined,
        // Half of them are cancelled before their data comes, half as it does.
        streamHandler(i % 2 === 0 ? {} : { onData: () => stream.reset(8) }),
        true,
      );
      if (i % 2 === 0) stream.reset(8);
      exchange();
    }
    expect(client.isClosed).to.equal(false);
    expect(client.openStreams).to.equal(0);
    expect(client.bufferedOctets).to.equal(0);
    expect(client.receiveWindow).to.equal(whole);
  });
});
