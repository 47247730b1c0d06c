// How one RPC goes, on a faked waist: what it asks of its stream, what it tells its call.

import { expect } from 'chai';
import { MESSAGE_HEADER_OCTETS } from '../../lib/rpc/message-reader.ts';
import type { StreamEnd } from '../../lib/rpc/transport.ts';
import { deliver, GRPC_HEAD, makeExchange, OK } from '../support/exchange.ts';
import { PEER } from '../support/fake-transport.ts';
import { concat, frame } from '../support/messages.ts';

const A = frame(Uint8Array.of(0xa));
const B = frame(Uint8Array.of(0xb));

function message(...octets: readonly number[]): Uint8Array {
  return Uint8Array.of(...new Array(MESSAGE_HEADER_OCTETS).fill(0xff), ...octets);
}

describe('Exchange: the request', () => {
  it('asks for a stream once and has the fields of its call asked for when it opens', () => {
    const { exchange, transport, listener } = makeExchange({ isOpen: false });
    listener.fields = ['grpc-timeout', '1m'];
    expect(transport.requests).to.deep.equal([exchange]);
    expect(exchange.callFields()).to.deep.equal(['grpc-timeout', '1m']);
    expect(exchange.peer).to.equal(undefined);
  });

  it('puts flag and length before a message', () => {
    const { exchange, stream } = makeExchange({ isOpen: false });
    exchange.onOpen(stream, PEER);
    const large = new Uint8Array(MESSAGE_HEADER_OCTETS + 0x01_02_03);
    exchange.send(concat(Uint8Array.of(9), message(7, 8)), 1, 1 + MESSAGE_HEADER_OCTETS + 2, false);
    exchange.send(large, 0, large.length, true);
    expect(stream.commands).to.deep.equal(['write 7', `write ${large.length} end`]);
    expect([...stream.written[0]]).to.deep.equal([0, 0, 0, 0, 2, 7, 8]);
    expect([...stream.written[1].subarray(0, 5)]).to.deep.equal([0, 0, 1, 2, 3]);
    expect(exchange.peer).to.equal(PEER);
  });

  it('keeps what is sent before the stream is open, in order', () => {
    const { exchange, stream, listener } = makeExchange({ isOpen: false });
    expect(exchange.send(message(1), 0, 6, false)).to.equal(false);
    expect(exchange.send(message(2), 0, 6, false)).to.equal(false);
    exchange.endRequest();
    exchange.onOpen(stream, PEER);
    expect(stream.commands).to.deep.equal(['write 6', 'write 6', 'end']);
    expect(stream.written.map((octets) => octets[5])).to.deep.equal([1, 2]);
    expect(listener.events, 'for who ended it with a message').to.deep.equal(['writable']);
  });

  const endings: readonly [
    name: string,
    isWritten: boolean | undefined,
    isRefused: boolean,
    isSpent: boolean,
  ][] = [
    ['once it is over and written', true, false, true],
    ['not while the socket still holds some of it', false, false, false],
    ['not where that is unknown', undefined, false, false],
    ['not if another stream may hold some of it', true, true, false],
  ];
  for (const [name, isWritten, isRefused, isSpent] of endings) {
    it(`is spent, its memory free, ${name}`, () => {
      const { exchange, stream, listener } = makeExchange({ isOpen: false });
      stream.isWritten = isWritten;
      exchange.send(message(1), 0, 6, true);
      exchange.onOpen(stream, PEER);
      if (isRefused) {
        exchange.onEnd({ kind: 'reset', code: 7 });
        exchange.onOpen(stream, PEER);
      }
      expect(exchange.isRequestSpent, 'under way').to.equal(false);
      exchange.onHeaders(GRPC_HEAD, false);
      deliver(exchange, A);
      exchange.onTrailers(OK);
      exchange.onEnd({ kind: 'complete' });
      expect(listener.events.at(-1)).to.equal('OK');
      expect(exchange.isRequestSpent).to.equal(isSpent);
    });
  }

  it('tells a writer that waited for the stream when there is room', () => {
    const { exchange, stream, listener } = makeExchange({ isOpen: false });
    exchange.send(message(1), 0, 6, false);
    exchange.onOpen(stream, PEER);
    expect(listener.events).to.deep.equal(['writable']);
  });

  it('lets a writer wait on when the stream has no room for what waited', () => {
    const { exchange, stream, listener } = makeExchange({ isOpen: false });
    stream.hasRoom = false;
    exchange.send(message(1), 0, 6, false);
    exchange.onOpen(stream, PEER);
    expect(listener.events).to.deep.equal([]);
    exchange.onWritable();
    expect(listener.events).to.deep.equal(['writable']);
    expect(exchange.send(message(1), 0, 6, false)).to.equal(false);
  });

  it('half-closes once', () => {
    const { exchange, stream } = makeExchange({ isOpen: false });
    exchange.onOpen(stream, PEER);
    exchange.endRequest();
    exchange.endRequest();
    expect(stream.commands).to.deep.equal(['end']);
    const other = makeExchange({ isOpen: false });
    other.exchange.onOpen(other.stream, PEER);
    other.exchange.send(message(1), 0, 6, true);
    other.exchange.endRequest();
    expect(other.stream.commands).to.deep.equal(['write 6 end']);
  });
});

describe('Exchange: the response', () => {
  it('is headers, a message and a status for a unary call', () => {
    const { exchange, stream, listener } = makeExchange();
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, A);
    exchange.onTrailers([...OK, 'x', 'y']);
    expect(listener.events, 'not before the end of the stream').to.deep.equal(['headers', 'message 0a']);
    exchange.onEnd({ kind: 'complete' });
    expect(listener.events).to.deep.equal(['headers', 'message 0a', 'OK']);
    expect(exchange.headers).to.equal(GRPC_HEAD);
    expect(exchange.trailers).to.deep.equal([...OK, 'x', 'y']);
    expect(stream.commands).to.deep.equal([]);
  });

  it('is a message for each time the call reads, of a stream', () => {
    const { exchange, listener } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(A, B, A.slice(0, 3)));
    expect(listener.events).to.deep.equal(['headers']);
    expect([exchange.hasMessage, exchange.pull(), exchange.pull(), exchange.pull()]).to.deep.equal([
      true,
      true,
      true,
      false,
    ]);
    exchange.isReading = true;
    deliver(exchange, concat(A.slice(3), B));
    expect(listener.events.slice(1)).to.deep.equal(['message 0a', 'message 0b', 'message 0a']);
    expect(exchange.isReading, 'one at a time').to.equal(false);
    expect(exchange.pull()).to.equal(true);
  });

  it('keeps what was not read for after the end', () => {
    const { exchange, listener } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(A, B));
    exchange.onTrailers(['grpc-status', '5']);
    exchange.onEnd({ kind: 'complete' });
    expect(exchange.pull()).to.equal(true);
    exchange.dropMessages();
    expect(exchange.pull()).to.equal(false);
    expect(listener.events).to.deep.equal(['headers', 'NOT_FOUND', 'message 0a']);
  });

  it('may be trailers alone', () => {
    const { exchange, listener } = makeExchange();
    const fields = [...GRPC_HEAD, 'grpc-status', '5', 'grpc-message', 'user%207'];
    exchange.onHeaders(fields, true);
    exchange.onEnd({ kind: 'complete' });
    expect(listener.events).to.deep.equal(['NOT_FOUND']);
    expect(listener.details).to.equal('user 7');
    expect(exchange.headers, 'there is no initial metadata').to.equal(undefined);
    expect(exchange.trailers).to.equal(fields);
  });

  it('that comes before the request has ended makes the rest of it needless', () => {
    const { exchange, stream, listener } = makeExchange({ isOpen: false });
    exchange.onOpen(stream, PEER);
    exchange.onHeaders([...GRPC_HEAD, 'grpc-status', '7'], true);
    exchange.onEnd({ kind: 'complete' });
    expect(exchange.send(message(1), 0, 6, false), 'and is no mistake').to.equal(true);
    exchange.endRequest();
    exchange.onWritable();
    // The transport resets what it could not send (RFC 9113 §8.1).
    expect(stream.commands).to.deep.equal([]);
    expect(listener.events).to.deep.equal(['PERMISSION_DENIED']);
  });
});

describe('Exchange: giving up', () => {
  it('takes a waiting request out of the queue', () => {
    const { exchange, transport, listener } = makeExchange({ isOpen: false });
    exchange.send(message(1), 0, 6, false);
    exchange.abandon();
    expect(transport.withdrawn).to.deep.equal([exchange]);
    expect(listener.events).to.deep.equal([]);
  });

  it('resets an open stream with CANCEL, once, and hears no more', () => {
    const { exchange, stream, listener } = makeExchange({ replies: 'many' });
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(A, B));
    exchange.abandon();
    exchange.abandon();
    expect(stream.commands).to.deep.equal(['reset 8']);
    expect(exchange.pull(), 'what waits is dropped').to.equal(false);
    exchange.onEnd({ kind: 'complete' });
    expect(listener.events).to.deep.equal(['headers']);
  });

  it('from inside a message ends it there', () => {
    const { exchange, stream, listener } = makeExchange();
    listener.afterMessage = () => exchange.abandon();
    exchange.onHeaders(GRPC_HEAD, false);
    deliver(exchange, concat(A, B));
    expect(listener.events).to.deep.equal(['headers', 'message 0a']);
    expect(stream.commands).to.deep.equal(['reset 8']);
    expect(stream.takenOctets).to.equal(A.length + B.length);
  });
});

describe('Exchange: what it is at', () => {
  it('waits for a stream, writes, waits for the response, reads it', () => {
    const { exchange, stream } = makeExchange({ isOpen: false });
    expect(exchange.phase).to.equal('queued');
    stream.hasRoom = false;
    exchange.onOpen(stream, PEER);
    expect(exchange.phase).to.equal('waiting');
    exchange.send(message(1), 0, 6, false);
    expect(exchange.phase).to.equal('writing');
    exchange.onWritable();
    expect(exchange.phase).to.equal('waiting');
    exchange.onHeaders(GRPC_HEAD, false);
    expect(exchange.phase).to.equal('reading');
  });

  it('waits for a stream again when it is begun anew', () => {
    const { exchange, stream } = makeExchange({ isOpen: false });
    stream.hasRoom = false;
    exchange.onOpen(stream, PEER);
    exchange.send(message(1), 0, 6, false);
    exchange.onEnd({ kind: 'reset', code: 7 });
    expect(exchange.phase).to.equal('queued');
    stream.hasRoom = true;
    exchange.onOpen(stream, PEER);
    expect(exchange.phase).to.equal('waiting');
  });
});

describe('Exchange: what the server did nothing of (RFC 9113 §8.7, gRFC A6)', () => {
  const LOST = { kind: 'lost', code: 0, reason: 'GOAWAY', processed: false } as const;
  const unprocessed: readonly (readonly [name: string, end: StreamEnd])[] = [
    ['above the last id of a GOAWAY', LOST],
    ['refused', { kind: 'reset', code: 7 }],
  ];
  for (const [name, end] of unprocessed) {
    it(`is begun anew at once when it was ${name}`, () => {
      const { exchange, listener, transport, stream } = makeExchange({ isOpen: false });
      exchange.send(message(7), 0, 6, true);
      exchange.onOpen(stream, PEER);
      exchange.onEnd(end);
      expect(transport.requests).to.have.lengthOf(2);
      exchange.onOpen(stream, PEER);
      expect(stream.commands).to.deep.equal(['write 6 end', 'write 6 end']);
      expect(stream.written.map((octets) => octets[5])).to.deep.equal([7, 7]);
      expect(listener.outcome).to.equal(undefined);
    });
  }

  it('half-closes again when the request was empty', () => {
    const { exchange, stream } = makeExchange({ isOpen: false });
    exchange.endRequest();
    exchange.onOpen(stream, PEER);
    exchange.onEnd(LOST);
    exchange.onOpen(stream, PEER);
    expect(stream.commands).to.deep.equal(['end', 'end']);
  });

  it('is begun again when it was open and nothing was written', () => {
    const { exchange, stream, listener } = makeExchange({ isOpen: false });
    exchange.onOpen(stream, PEER);
    exchange.onEnd(LOST);
    expect(exchange.peer, 'it has no connection now').to.equal(undefined);
    exchange.send(message(7), 0, 6, false);
    exchange.onOpen(stream, PEER);
    expect(stream.commands).to.deep.equal(['write 6']);
    expect(listener.outcome).to.equal(undefined);
  });

  it('is not sent again once the call was given up', () => {
    const { exchange, transport } = makeExchange();
    exchange.abandon();
    exchange.onEnd(LOST);
    expect(transport.requests).to.have.lengthOf(1);
  });

  const CLOSED = { ...LOST, isUnsent: true } as const;

  it('is begun anew as often as it takes when nothing of it was sent', () => {
    const { exchange, stream, listener, transport } = makeExchange({ isOpen: false });
    exchange.send(message(7), 0, 6, true);
    for (let attempt = 1; attempt <= 10; attempt++) {
      exchange.onOpen(stream, PEER);
      exchange.onEnd(CLOSED);
    }
    exchange.onOpen(stream, PEER);
    expect(stream.commands).to.deep.equal(new Array(11).fill('write 6 end'));
    expect(transport.requests).to.have.lengthOf(11);
    expect(listener.outcome).to.equal(undefined);
    expect(exchange.lastFailure, 'it was not refused').to.equal('');
  });

  it('sends a request stream again as far as it had come, and goes on', () => {
    const { exchange, stream, listener } = makeExchange({ isOpen: false });
    exchange.onOpen(stream, PEER);
    exchange.send(message(1), 0, 6, false);
    exchange.send(message(2), 0, 6, false);
    exchange.onEnd(LOST);
    exchange.onOpen(stream, PEER);
    exchange.send(message(3), 0, 6, false);
    exchange.onEnd(CLOSED);
    exchange.endRequest();
    exchange.onOpen(stream, PEER);
    expect(stream.written.map((octets) => octets[5])).to.deep.equal([1, 2, 1, 2, 3, 1, 2, 3]);
    expect(stream.commands.at(-1)).to.equal('end');
    expect(listener.outcome).to.equal(undefined);
  });

  it('sends the end of a request stream again with its last message', () => {
    const { exchange, stream } = makeExchange({ isOpen: false });
    exchange.onOpen(stream, PEER);
    exchange.send(message(1), 0, 6, false);
    exchange.send(message(2), 0, 6, true);
    exchange.onEnd(LOST);
    exchange.onOpen(stream, PEER);
    expect(stream.commands).to.deep.equal(['write 6', 'write 6 end', 'write 6', 'write 6 end']);
  });

  const LIMIT = 64 * 1024;
  for (const [octets, isKept] of [
    [LIMIT, true],
    [LIMIT + 1, false],
  ] as const) {
    it(`${isKept ? 'keeps' : 'does not keep'} ${octets} octets of a request stream for that`, () => {
      const { exchange, stream, listener, transport } = makeExchange({ isOpen: false });
      exchange.onOpen(stream, PEER);
      exchange.send(new Uint8Array(octets - 6), 0, octets - 6, false);
      exchange.send(message(7), 0, 6, false);
      exchange.onEnd(LOST);
      expect(listener.events).to.deep.equal(isKept ? [] : ['UNAVAILABLE']);
      expect(transport.requests).to.have.lengthOf(isKept ? 2 : 1);
    });
  }

  const processed: readonly (readonly [name: string, hasHead: boolean, end: StreamEnd])[] = [
    ['after a response head', true, LOST],
    ['lost, and maybe processed', false, { ...LOST, processed: undefined }],
    ['reset with another code', false, { kind: 'reset', code: 2 }],
    ['never given a stream', false, { kind: 'unopened', reason: 'x' }],
  ];
  for (const [name, hasHead, end] of processed) {
    it(`is not what was ${name}`, () => {
      const { exchange, listener, transport } = makeExchange();
      if (hasHead) exchange.onHeaders(GRPC_HEAD, false);
      exchange.onEnd(end);
      expect(transport.requests).to.have.lengthOf(1);
      expect(listener.outcome).to.not.equal(undefined);
    });
  }
});
