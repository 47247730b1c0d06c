import { expect } from 'chai';
import { Connection } from '../../lib/http2/connection.ts';
import type { StreamHandler } from '../../lib/http2/handlers.ts';
import { Conversation, converse } from './conversation.ts';
import { concat, encodeLine } from './wire-text.ts';

describe('GOAWAY (RFC 9113 §6.8)', () => {
  it('Streams above its last id end as not processed, the others go on, and no more are opened.', () => {
    converse(`
      $ open /a END_STREAM
      > HEADERS 1 …
      $ open /b END_STREAM
      > HEADERS 3 …
      < GOAWAY 1 NO_ERROR max_age
      = goaway 1 NO_ERROR max_age
      = 3 end lost NO_ERROR unprocessed: the peer sent GOAWAY NO_ERROR "max_age"
      ? canOpen false
      ? isDraining true
      ? openStreams 1
      < HEADERS 1 :status=200 END_STREAM
      = 1 headers :status=200 END_STREAM
      = 1 end complete
      ? openStreams 0
    `);
  });

  it('A second GOAWAY may lower the last id and cannot raise it.', () => {
    converse(`
      $ open /a END_STREAM
      > HEADERS 1 …
      $ open /b END_STREAM
      > HEADERS 3 …
      < GOAWAY 2147483647 NO_ERROR
      = goaway 2147483647 NO_ERROR
      < GOAWAY 1 NO_ERROR
      = goaway 1 NO_ERROR
      = 3 end lost NO_ERROR unprocessed: …
      < GOAWAY 5 NO_ERROR
      = goaway 1 NO_ERROR
      < GOAWAY 0 ENHANCE_YOUR_CALM too_many_pings
      = goaway 0 ENHANCE_YOUR_CALM too_many_pings
      = 1 end lost ENHANCE_YOUR_CALM unprocessed: the peer sent GOAWAY ENHANCE_YOUR_CALM "too_many_pings"
    `);
  });

  it('Frames for streams that it excluded are ignored.', () => {
    converse(`
      $ open /a END_STREAM
      > HEADERS 1 …
      < GOAWAY 0 NO_ERROR
      = goaway 0 NO_ERROR
      = 1 end lost NO_ERROR unprocessed: …
      < HEADERS 1 :status=200
      < DATA 1 5 END_STREAM
    `);
  });

  it('A handler that hears of its lost stream already sees that the connection drains.', () => {
    const seen: unknown[] = [];
    const conversation = new Conversation({
      onEvent: (line, { connection }) => {
        if (line.startsWith('1 end')) seen.push(connection.canOpen, connection.isDraining);
      },
    });
    conversation.open('/p');
    conversation.receive('GOAWAY 0 NO_ERROR');
    expect(seen).to.deep.equal([false, true]);
  });
});

describe('The end of a connection', () => {
  it('drain() sends GOAWAY once, opens nothing more and lets open streams go on.', () => {
    converse(`
      $ open /a END_STREAM
      > HEADERS 1 …
      $ drain
      > GOAWAY 0 NO_ERROR
      $ drain
      ? canOpen false
      ? isDraining true
      < HEADERS 1 :status=200 END_STREAM
      = 1 headers :status=200 END_STREAM
      = 1 end complete
    `);
  });

  it('close() ends streams as lost, then the connection, and nothing comes after that.', () => {
    converse(`
      $ open /a
      > HEADERS 1 …
      $ open /b
      > HEADERS 3 …
      $ close INTERNAL_ERROR no more
      > GOAWAY 0 INTERNAL_ERROR no more
      = 1 end lost INTERNAL_ERROR perhaps: no more
      = 3 end lost INTERNAL_ERROR perhaps: no more
      = connection end INTERNAL_ERROR: no more
      ? isDraining true
      ? isClosed true
      $ close CANCEL again
      $ gone again
      $ drain
      $ ping 1
      $ write 1 5
      $ end 1
      $ reset 1 CANCEL
      $ taken 1 5
      < PING 1
    `);
  });

  it('transportEnded() tells of streams whose head was never taken that they were not processed.', () => {
    const conversation = new Conversation();
    conversation.open('/a');
    conversation.take();
    conversation.open('/b');
    conversation.connection.transportEnded('the socket closed');
    expect(conversation.events).to.deep.equal([
      '1 end lost NO_ERROR perhaps: the socket closed',
      '3 end lost NO_ERROR unprocessed: the socket closed',
      'connection end NO_ERROR: the socket closed',
    ]);
  });

  for (const [how, output] of [
    ['transportEnded', []],
    ['close', ['GOAWAY 0 INTERNAL_ERROR no more']],
  ] as const) {
    it(`A stream that ${how}() called unsent does not leave afterwards.`, () => {
      const conversation = new Conversation();
      conversation.open('/a');
      conversation.take();
      conversation.open('/b');
      if (how === 'close') conversation.connection.close(2, 'no more');
      else conversation.connection.transportEnded('no more');
      expect(conversation.events[1]).to.match(/^3 end lost \w+ unprocessed/);
      expect(conversation.take().slice(1)).to.deep.equal(output);
    });
  }

  it('transportEnded() behind GOAWAY carries its code and text.', () => {
    converse(`
      $ open /a
      > HEADERS 1 …
      < GOAWAY 1 ENHANCE_YOUR_CALM too_many_pings
      = goaway 1 ENHANCE_YOUR_CALM too_many_pings
      $ gone it closed
      = 1 end lost ENHANCE_YOUR_CALM perhaps: it closed; the peer had sent GOAWAY ENHANCE_YOUR_CALM "too_many_pings"
      = connection end ENHANCE_YOUR_CALM: it closed; the peer had sent GOAWAY ENHANCE_YOUR_CALM "too_many_pings"
    `);
  });

  it('Output that is left at the end can still be taken.', () => {
    const conversation = new Conversation();
    conversation.connection.ping(1n);
    conversation.connection.close(0, '');
    expect(conversation.take()).to.have.length(2);
  });
});

describe('Stream ids (RFC 9113 §5.1.1)', () => {
  it('End at 2^31-1: then nothing can be opened and the connection drains, its last streams unharmed.', () => {
    converse(
      `
      $ open /a END_STREAM
      > HEADERS 2147483645 …
      ? canOpen true
      ? isDraining false
      $ open /b END_STREAM
      > HEADERS 2147483647 …
      ? canOpen false
      ? isDraining true
      < HEADERS 2147483647 :status=200 END_STREAM
      = 2147483647 headers :status=200 END_STREAM
      = 2147483647 end complete
      < DATA 2147483647 1
      > GOAWAY 0 STREAM_CLOSED …
      = 2147483645 end lost …
      = connection end STREAM_CLOSED: …
      `,
      { firstStreamId: 2 ** 31 - 3 },
    );
  });
});

describe('Handlers', () => {
  const response = concat(
    ['HEADERS 1 :status=200', 'DATA 1 3', 'HEADERS 1 a=b END_STREAM', 'PING 1'].map(encodeLine),
  );

  for (const event of ['1 headers', '1 data', '1 trailers']) {
    it(`What a handler throws in ${event.slice(2)} resets its stream and nothing else.`, () => {
      const thrown = new Error('of the handler');
      const conversation = new Conversation({
        onEvent: (line) => {
          if (line.startsWith(event)) throw thrown;
        },
      });
      conversation.open('/p', undefined, true);
      conversation.open('/q', undefined, true);
      conversation.connection.receive(response, 0);
      expect(conversation.take().slice(2)).to.deep.equal(['RST_STREAM 1 INTERNAL_ERROR', 'PING ACK 1']);
      expect(conversation.events.at(-1)).to.match(/^1 end violation INTERNAL_ERROR: .*of the handler/);
      expect(conversation.errors).to.deep.equal([thrown]);
      conversation.receive('HEADERS 3 :status=200 END_STREAM');
      expect(conversation.events.at(-1)).to.equal('3 end complete');
    });
  }

  it('What a handler throws in onWritable or onEnd goes to onHandlerError.', () => {
    const conversation = new Conversation({
      onEvent: (line) => {
        if (/^1 (writable|end)/.test(line)) throw new Error(line);
      },
    });
    conversation.receive('SETTINGS INITIAL_WINDOW_SIZE=1');
    conversation.open('/p').write(new Uint8Array(2), 0, 2, true, false);
    conversation.receive('WINDOW_UPDATE 1 5');
    expect(conversation.errors.map(String)).to.deep.equal([
      'Error: 1 writable',
      'Error: 1 end violation INTERNAL_ERROR: the handler of the stream threw Error: 1 writable',
    ]);
    expect(conversation.connection.isClosed).to.equal(false);
  });

  it('What a connection handler throws goes to onHandlerError, or nowhere without one.', () => {
    for (const options of [{}, { onHandlerError: () => expect.fail('of the hook') }]) {
      const conversation = new Conversation({
        withoutHandshake: true,
        onEvent: (line) => {
          throw new Error(line);
        },
        ...options,
      });
      conversation.receive('SETTINGS', 'PING ACK 1', 'GOAWAY 1 NO_ERROR');
      conversation.connection.close(0, '');
      expect(conversation.events).to.deep.equal([
        'ready',
        'ping ack 1',
        'goaway 1 NO_ERROR',
        'connection end NO_ERROR:'.concat(' '),
      ]);
    }
  });

  for (const event of ['1 headers', '1 data', '1 trailers']) {
    it(`reset() in ${event.slice(2)} is the last that the stream's handler hears.`, () => {
      const conversation = new Conversation({
        onEvent: (line, { connection, streams }) => {
          if (line.startsWith(event) && !connection.isClosed) streams.get(1)?.reset(8);
        },
      });
      conversation.open('/p', undefined, true);
      conversation.connection.receive(response, 0);
      expect(conversation.events.at(-1)).to.match(new RegExp(`^${event}`));
      expect(conversation.take().slice(1)).to.deep.equal(['RST_STREAM 1 CANCEL', 'PING ACK 1']);
    });

    it(`close() in ${event.slice(2)} ends the reading of the chunk.`, () => {
      const conversation = new Conversation({
        onEvent: (line, { connection }) => {
          if (line.startsWith(event)) connection.close(0, 'enough');
        },
      });
      conversation.open('/p', undefined, true);
      conversation.connection.receive(response, 0);
      expect(conversation.events.slice(-2)).to.deep.equal([
        '1 end lost NO_ERROR unprocessed: enough',
        'connection end NO_ERROR: enough',
      ]);
      expect(conversation.take().at(-1)).to.equal('GOAWAY 0 NO_ERROR enough');
    });
  }

  it('A stream may be opened from the end of another, and from capacity.', () => {
    const conversation = new Conversation({
      onEvent: (line, heard) => {
        if (line === '1 end complete' && heard.connection.canOpen) heard.open('/next', undefined, true);
        if (line === 'capacity' && heard.connection.canOpen) heard.open('/more', undefined, true);
      },
    });
    conversation.receive('SETTINGS MAX_CONCURRENT_STREAMS=1');
    conversation.receive('HEADERS 1 :status=200 END_STREAM');
    expect(conversation.connection.openStreams).to.equal(1);
    expect(conversation.connection.canOpen).to.equal(false);
    expect([...conversation.streams.keys()]).to.deep.equal([1, 3]);
  });

  it('Octets received while others are being worked on wait for their turn, in a copy.', () => {
    const extra = encodeLine('DATA 1 2 END_STREAM');
    const conversation = new Conversation({
      onEvent: (line, { connection }) => {
        if (line !== '1 data 3') return;
        connection.receive(extra, 0);
        extra.fill(0xff);
      },
    });
    conversation.open('/p', undefined, true);
    conversation.receive('HEADERS 1 :status=200', 'DATA 1 3', 'DATA 1 4');
    expect(conversation.events.slice(1)).to.deep.equal([
      '1 data 3',
      '1 data 4',
      '1 data 2',
      '1 end complete',
    ]);
  });

  it('Every stream that was lost hears of it though a handler resets another in between.', () => {
    const conversation = new Conversation({
      onEvent: (line, { streams }) => {
        if (line.startsWith('1 end')) streams.get(3)?.reset(8);
      },
    });
    for (const path of ['/a', '/b', '/c']) conversation.open(path);
    conversation.connection.close(0, 'x');
    expect(conversation.events.map((line) => line.slice(0, 5))).to.deep.equal(['1 end', '5 end', 'conne']);
  });
});

describe('Output', () => {
  it('onOutput comes when output goes from none to some, once until it is taken.', () => {
    let outputs = 0;
    const handler: StreamHandler = {
      onHeaders() {},
      onData() {},
      onTrailers() {},
      onWritable() {},
      onEnd() {},
    };
    const head = { scheme: 'http', authority: 'a', path: '/', fields: [] } as const;
    const watched = new Connection({
      onOutput: () => outputs++,
      onReady() {},
      onCapacity() {},
      onGoAway() {},
      onPingAck() {},
      onConnectionEnd() {},
    });
    expect(outputs).to.equal(1);
    while (watched.nextOutput() !== undefined);
    watched.receive(encodeLine('SETTINGS'), 0);
    watched.open(head, undefined, handler, true);
    expect(outputs).to.equal(2);
    while (watched.nextOutput() !== undefined);
    expect(watched.outputOctets).to.equal(0);
    watched.ping(1n);
    expect(outputs).to.equal(3);
  });

  it('Memory that was handed out is never written again.', () => {
    const conversation = new Conversation();
    const { connection } = conversation;
    conversation.receive('WINDOW_UPDATE 0 100000000', 'SETTINGS INITIAL_WINDOW_SIZE=100000000');
    const segments: { octets: Uint8Array; copy: Uint8Array }[] = [];
    for (let i = 0; i < 200; i++) {
      const stream = conversation.open(`/${i}`);
      stream.write(new Uint8Array(i * 50).fill(i), 0, i * 50, false, true);
      for (let octets = connection.nextOutput(); octets !== undefined; octets = connection.nextOutput()) {
        segments.push({ octets, copy: octets.slice() });
      }
    }
    for (const { octets, copy } of segments) expect(octets).to.deep.equal(copy);
    const lines = segments.flatMap(({ copy }) => conversation.text.lines(copy));
    expect(lines.filter((line) => line.startsWith('HEADERS'))).to.have.length(200);
  });

  it('A head larger than a frame goes on in CONTINUATION, whole.', () => {
    const conversation = new Conversation();
    const value = 'v'.repeat(40_000);
    conversation.open('/p', ['a', value], true);
    expect(conversation.take()).to.deep.equal([
      'HEADERS 1 MORE END_STREAM',
      'CONTINUATION 1 MORE',
      `CONTINUATION 1 :method=POST :scheme=http :path=/p :authority=localhost te=trailers a=${value}`,
    ]);
  });
});
