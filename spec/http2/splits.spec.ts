import { expect } from 'chai';
import fc from 'fast-check';
import { arbitraryCuts, byteByByte, splitAt } from '../support/splits.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';
import { concat, encodeLine, PREFACE } from './wire-text.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 200);

/** What servers and clients send, from their first octet. Streams 1, 3 and 5 are open (or opened by it). */
const transcripts: readonly { name: string; role: 'client' | 'server'; lines: readonly string[] }[] = [
  {
    name: 'three calls, interleaved',
    role: 'client',
    lines: [
      'SETTINGS MAX_CONCURRENT_STREAMS=100 INITIAL_WINDOW_SIZE=70000',
      'SETTINGS ACK',
      'HEADERS 1 :status=200 content-type=application/grpc',
      'DATA 1 300',
      'HEADERS 3 :status=200 MORE',
      'CONTINUATION 3 a=b MORE',
      'CONTINUATION 3 c=d',
      'PING 7',
      'DATA 3 20 PAD=9',
      'WINDOW_UPDATE 0 5000',
      'HEADERS 1 grpc-status=0 END_STREAM',
      'DATA 3 0 END_STREAM',
      'RST_STREAM 5 REFUSED_STREAM',
      'GOAWAY 5 NO_ERROR bye',
    ],
  },
  {
    name: 'a stream error, then a connection error',
    role: 'client',
    lines: [
      'SETTINGS',
      'HEADERS 1 status=200',
      'HEADERS 3 :status=200 PRIORITY PAD=2',
      'FRAME 99 0 0 0102030405',
      'DATA 3 1000',
      'SETTINGS ENABLE_PUSH=7',
      'DATA 3 1',
    ],
  },
  {
    name: 'a large frame',
    role: 'client',
    lines: ['SETTINGS', 'HEADERS 1 :status=200', 'DATA 1 16384', 'DATA 1 16384', 'HEADERS 1 a=b END_STREAM'],
  },
  {
    name: 'requests',
    role: 'server',
    lines: [
      'SETTINGS ENABLE_PUSH=0',
      'HEADERS 1 :method=POST :scheme=http :path=/p te=trailers',
      'DATA 1 10 END_STREAM',
      'SETTINGS ACK',
      'HEADERS 3 :method=POST :scheme=http :path=/q END_STREAM',
      'RST_STREAM 3 CANCEL',
    ],
  },
];

/** What is heard and what goes out, with DATA joined: only its octets count, not how they were cut. */
function outcome(role: 'client' | 'server', chunks: readonly Uint8Array[]): string[] {
  const options: ConversationOptions = { role, withoutHandshake: true };
  const conversation = new Conversation(options);
  let isReady = false;
  for (const chunk of chunks) {
    conversation.connection.receive(chunk, 0);
    if (!isReady && conversation.connection.canOpen && role === 'client') {
      isReady = true;
      for (const path of ['/a', '/b', '/c']) conversation.open(path);
    }
  }
  const events: string[] = [];
  for (const event of conversation.events) {
    const data = /^(\d+ data) (\d+)$/.exec(event);
    const last = events.at(-1) ?? '';
    if (data !== null && last.startsWith(`${data[1]} `)) {
      events[events.length - 1] = `${data[1]} ${Number(last.split(' ')[2]) + Number(data[2])}`;
    } else {
      events.push(event);
    }
  }
  return [...events, ...conversation.take()];
}

/** The first frame, SETTINGS, comes whole, so that the streams are open before the rest comes. */
function withFirst(role: 'client' | 'server', lines: readonly string[]): [Uint8Array, Uint8Array] {
  const first = role === 'server' ? concat([PREFACE, encodeLine(lines[0])]) : encodeLine(lines[0]);
  return [first, concat(lines.slice(1).map(encodeLine))];
}

describe('Input in pieces', () => {
  for (const { name, role, lines } of transcripts) {
    const [first, rest] = withFirst(role, lines);
    const whole = outcome(role, [first, rest]);

    it(`Gives the same events byte by byte: ${name}.`, () => {
      expect(outcome(role, [...byteByByte(first), ...byteByByte(rest)])).to.deep.equal(whole);
    });

    it(`Gives the same events in any pieces: ${name}.`, () => {
      fc.assert(
        fc.property(arbitraryCuts(rest.length), (cuts) => {
          expect(outcome(role, [first, ...splitAt(rest, cuts)])).to.deep.equal(whole);
        }),
        { numRuns: runs },
      );
    });
  }
});

describe('Hostile input', () => {
  const mutation = fc.record({
    at: fc.nat(100_000),
    kind: fc.constantFrom('set', 'flip', 'insert', 'remove', 'repeat'),
    octet: fc.nat(255),
    length: fc.integer({ min: 1, max: 20 }),
  });

  function mutate(
    octets: Uint8Array,
    { at, kind, octet, length }: { at: number; kind: string; octet: number; length: number },
  ): Uint8Array {
    const position = at % octets.length;
    const before = octets.subarray(0, position);
    const after = octets.subarray(position);
    switch (kind) {
      case 'set':
        return concat([before, Uint8Array.of(octet), after.subarray(1)]);
      case 'flip':
        return concat([before, Uint8Array.of(octets[position] ^ (1 << (octet & 7))), after.subarray(1)]);
      case 'insert':
        return concat([before, new Uint8Array(length).fill(octet), after]);
      case 'remove':
        return concat([before, after.subarray(length)]);
      default:
        return concat([before, after.subarray(0, length), after]);
    }
  }

  /** Nothing thrown, nothing heard twice, nothing kept that is not bounded. */
  function expectSound(role: 'client' | 'server', chunks: readonly Uint8Array[]): void {
    const conversation = new Conversation({ role, withoutHandshake: true });
    const { connection } = conversation;
    for (const chunk of chunks) {
      connection.receive(chunk, 0);
      if (role === 'client' && connection.canOpen && connection.openStreams === 0) {
        for (const path of ['/a', '/b', '/c']) if (connection.canOpen) conversation.open(path);
      }
    }
    const received = chunks.reduce((octets, chunk) => octets + chunk.length, 0);
    expect(connection.bufferedOctets).to.be.at.most(received);
    expect(connection.outputOctets).to.be.at.most(2000 + 17 * received);
    connection.transportEnded('the end');
    expect(connection.openStreams).to.equal(0);
    expect(conversation.errors).to.deep.equal([]);
    const ends = conversation.events.filter((event) => / end /.test(event));
    const streamEnds = ends.filter(
      (event) => /^\d/.test(event) && (role === 'client' || !event.includes('complete')),
    );
    expect(new Set(streamEnds.map((event) => event.split(' ')[0])).size).to.equal(streamEnds.length);
    expect(ends.filter((event) => event.startsWith('connection'))).to.have.length(1);
    expect(conversation.events.at(-1))
      .to.match(/^connection end /)
      .and.not.include('stubless failed');
  }

  it('Random octets never throw out of receive, and end in one onConnectionEnd.', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }),
        fc.boolean(),
        (chunks, isServer) => {
          const first = isServer ? concat([PREFACE, encodeLine('SETTINGS')]) : encodeLine('SETTINGS');
          expectSound(isServer ? 'server' : 'client', chunks);
          expectSound(isServer ? 'server' : 'client', [first, ...chunks]);
        },
      ),
      { numRuns: runs },
    );
  });

  it('Random payloads in well-formed frames do not either.', () => {
    const anyFrame = fc
      .tuple(
        fc.integer({ min: 0, max: 10 }),
        fc.nat(255),
        fc.constantFrom(0, 1, 2, 3, 5, 7),
        fc.uint8Array({ maxLength: 30 }),
      )
      .map(([type, flags, id, payload]) =>
        concat([Uint8Array.of(0, 0, payload.length, type, flags, 0, 0, 0, id), payload]),
      );
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), fc.boolean(), (frames, isServer) => {
        const first = isServer ? concat([PREFACE, encodeLine('SETTINGS')]) : encodeLine('SETTINGS');
        expectSound(isServer ? 'server' : 'client', [first, ...frames]);
      }),
      { numRuns: runs },
    );
  });

  for (const { name, role, lines } of transcripts) {
    it(`Nor do mutations of ${name}, in any pieces.`, () => {
      const [first, rest] = withFirst(role, lines);
      fc.assert(
        fc.property(
          fc.array(mutation, { minLength: 1, maxLength: 4 }),
          arbitraryCuts(rest.length),
          (mutations, cuts) => {
            const mutated = mutations.reduce(mutate, rest);
            expectSound(role, [first, ...splitAt(mutated, cuts)]);
            expectSound(role, splitAt(mutations.reduce(mutate, concat([first, rest])), cuts));
          },
        ),
        { numRuns: runs },
      );
    });
  }
});
