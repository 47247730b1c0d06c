// How an exchange ends, for all that a server may do: OK only when it is.

import { expect } from 'chai';
import type { FieldList, StreamEnd } from '../../lib/rpc/transport.ts';
import { deliver, GRPC_HEAD, makeExchange, OK } from '../support/exchange.ts';
import { concat, frame } from '../support/messages.ts';

const A = frame(Uint8Array.of(0xa));
const COMPLETE: StreamEnd = { kind: 'complete' };
const LOST: StreamEnd = { kind: 'lost', code: 0, reason: 'the connection was lost', processed: undefined };

interface Case {
  readonly name: string;
  readonly replies?: 'one' | 'many';
  /** A head that ends the stream is trailers-only. */
  readonly head?: FieldList;
  readonly data?: Uint8Array;
  readonly trailers?: FieldList;
  readonly end?: StreamEnd;
  readonly isLate?: boolean;
  readonly maxOctets?: number;
  /** What the call hears, of messages and outcome. */
  readonly events: readonly string[];
  readonly details?: RegExp;
  /** What becomes of the stream. */
  readonly commands?: readonly string[];
}

const http = (status: string, contentType?: string, ...more: string[]): FieldList => [
  ':status',
  status,
  ...(contentType === undefined ? [] : ['content-type', contentType]),
  ...more,
];

const cases: readonly Case[] = [
  {
    name: 'one reply and OK',
    head: GRPC_HEAD,
    data: A,
    trailers: OK,
    end: COMPLETE,
    events: ['message 0a', 'OK'],
  },
  {
    name: 'no reply to a stream and OK',
    replies: 'many',
    head: GRPC_HEAD,
    trailers: OK,
    end: COMPLETE,
    events: ['OK'],
  },
  {
    name: 'trailers only with OK, of a stream',
    replies: 'many',
    trailers: [...GRPC_HEAD, ...OK],
    end: COMPLETE,
    events: ['OK'],
  },
  {
    name: 'no reply to a unary call and OK',
    head: GRPC_HEAD,
    trailers: OK,
    end: COMPLETE,
    events: ['UNIMPLEMENTED'],
    details: /no reply/,
  },
  {
    name: 'no reply to a unary call and an error',
    head: GRPC_HEAD,
    trailers: ['grpc-status', '5', 'grpc-message', 'gone'],
    end: COMPLETE,
    events: ['NOT_FOUND'],
    details: /^gone$/,
  },
  {
    name: 'a reply and an error',
    head: GRPC_HEAD,
    data: A,
    trailers: ['grpc-status', '10'],
    end: COMPLETE,
    events: ['message 0a', 'ABORTED'],
  },
  {
    name: 'an error in the head, and no trailers',
    head: [...GRPC_HEAD, 'grpc-status', '16', 'grpc-message', 'who are you'],
    end: COMPLETE,
    events: ['UNAUTHENTICATED'],
    details: /^who are you$/,
  },
  {
    name: 'an error in the head, and trailers without a status',
    head: [...GRPC_HEAD, 'grpc-status', '16'],
    trailers: ['x-a', 'b'],
    end: COMPLETE,
    events: ['UNAUTHENTICATED'],
  },
  {
    name: 'an error in the head, a message, and trailers without a status',
    head: [...GRPC_HEAD, 'grpc-status', '16'],
    data: A,
    trailers: ['x-a', 'b'],
    end: COMPLETE,
    events: ['message 0a', 'UNKNOWN'],
  },
  {
    name: 'an error in the head, and OK in the trailers',
    head: [...GRPC_HEAD, 'grpc-status', '16'],
    data: A,
    trailers: OK,
    end: COMPLETE,
    events: ['message 0a', 'OK'],
  },
  {
    name: 'OK in the head, and no trailers',
    head: [...GRPC_HEAD, 'grpc-status', '0'],
    data: A,
    end: COMPLETE,
    events: ['message 0a', 'UNKNOWN'],
    details: /without a grpc-status/,
  },
  {
    name: 'what is no status in the head, and no trailers',
    head: [...GRPC_HEAD, 'grpc-status', '99'],
    end: COMPLETE,
    events: ['UNKNOWN'],
    details: /without a grpc-status/,
  },
  {
    name: 'two replies to a unary call',
    head: GRPC_HEAD,
    data: concat(A, A),
    trailers: OK,
    end: COMPLETE,
    events: ['message 0a', 'UNIMPLEMENTED'],
    details: /second reply/,
    commands: ['reset 8'],
  },
  {
    name: 'OK inside a message',
    replies: 'many',
    head: GRPC_HEAD,
    data: A.slice(0, 5),
    trailers: OK,
    end: COMPLETE,
    events: ['INTERNAL'],
    details: /inside a message/,
  },
  {
    name: 'OK inside a message header, after a whole reply',
    head: GRPC_HEAD,
    data: concat(A, Uint8Array.of(0)),
    trailers: OK,
    end: COMPLETE,
    events: ['message 0a', 'INTERNAL'],
  },
  {
    name: 'an error inside a message',
    head: GRPC_HEAD,
    data: A.slice(0, 3),
    trailers: ['grpc-status', '14', 'grpc-message', 'going down'],
    end: COMPLETE,
    events: ['UNAVAILABLE'],
    details: /^going down$/,
  },
  {
    name: 'an end without trailers',
    head: GRPC_HEAD,
    data: A,
    end: COMPLETE,
    events: ['message 0a', 'UNKNOWN'],
  },
  {
    name: 'trailers without a status',
    head: GRPC_HEAD,
    data: A,
    trailers: ['x', 'y'],
    end: COMPLETE,
    events: ['message 0a', 'UNKNOWN'],
    details: /without a grpc-status/,
  },
  {
    name: 'a status in the head that does not end the stream',
    head: [...GRPC_HEAD, ...OK],
    data: A,
    trailers: [],
    end: COMPLETE,
    events: ['message 0a', 'UNKNOWN'],
  },
  {
    name: 'a status that is none',
    head: GRPC_HEAD,
    data: A,
    trailers: ['grpc-status', '00'],
    end: COMPLETE,
    events: ['message 0a', 'UNKNOWN'],
    details: /"00"/,
  },
  {
    name: 'a page of HTML',
    head: http('200', 'text/html'),
    data: Buffer.from('<html><h1>Log in</h1>'),
    end: COMPLETE,
    events: ['UNKNOWN'],
    details: /"text\/html".*; it says "Log in"; a web server/,
  },
  { name: 'no content-type', head: http('200'), data: A, end: COMPLETE, events: ['UNKNOWN'] },
  {
    name: 'text without a content-type',
    head: http('200'),
    data: Buffer.from('try \u001b[1m\u202elater'),
    end: COMPLETE,
    events: ['UNKNOWN'],
    details:
      /has no content-type; a gRPC server sends application\/grpc; it says "try \\u001b\[1m\\u202elater"$/,
  },
  {
    name: 'a 503 of a proxy',
    head: http('503', 'text/plain'),
    data: Buffer.from('upstream connect error'),
    end: COMPLETE,
    events: ['UNAVAILABLE'],
    details: /503.*; it says "upstream connect error"; a proxy/,
  },
  {
    name: 'a 502 with its page',
    head: http('502', 'text/html', 'content-length', '20'),
    data: Buffer.from('<h1>Bad Gateway</h1>'),
    events: ['UNAVAILABLE'],
    details: /502.*; it says "Bad Gateway"; a proxy/,
    end: COMPLETE,
  },
  {
    name: 'a 413 whose page is cut off',
    head: http('413', 'text/html', 'content-length', '99'),
    data: Buffer.from('<h1>Too large'),
    end: { kind: 'reset', code: 0 },
    events: ['UNKNOWN'],
    details: /413.*; it says "Too large"/,
  },
  {
    name: 'a page that looks like a message',
    head: http('200', 'text/plain', 'content-length', String(A.length)),
    data: A,
    events: ['UNKNOWN'],
    details: /"text\/plain"/,
    end: COMPLETE,
  },
  { name: 'a 404 without a body', trailers: http('404'), end: COMPLETE, events: ['UNIMPLEMENTED'] },
  {
    name: 'a 401 without a body',
    trailers: http('401', 'text/plain'),
    end: COMPLETE,
    events: ['UNAUTHENTICATED'],
  },
  {
    name: 'an HTTP error with the grpc-status of a server behind it',
    trailers: http('503', 'application/grpc', 'grpc-status', '8', 'grpc-message', 'quota'),
    end: COMPLETE,
    events: ['RESOURCE_EXHAUSTED'],
    details: /^quota$/,
  },
  {
    name: 'an HTTP error with grpc-status 0',
    trailers: http('500', 'application/grpc', ...OK),
    end: COMPLETE,
    events: ['UNKNOWN'],
    details: /500/,
  },
  {
    name: 'an HTTP error in a head that promises trailers, which name another',
    head: http('502', 'application/grpc'),
    trailers: ['grpc-status', '16'],
    end: COMPLETE,
    events: ['UNAUTHENTICATED'],
  },
  {
    name: 'an HTTP error in a head that promises trailers, which name OK',
    head: http('502', 'application/grpc'),
    data: A,
    trailers: OK,
    end: COMPLETE,
    events: ['message 0a', 'UNAVAILABLE'],
  },
  {
    name: 'trailers only with OK but no content-type',
    replies: 'many',
    trailers: http('200', undefined, ...OK),
    end: COMPLETE,
    events: ['UNKNOWN'],
  },
  {
    name: 'a bad flag byte behind a message',
    replies: 'many',
    head: GRPC_HEAD,
    data: concat(A, frame(1, 7)),
    events: ['INTERNAL', 'message 0a'],
    details: /flag byte 7/,
    commands: ['reset 8'],
  },
  {
    name: 'a compressed message without an encoding',
    head: GRPC_HEAD,
    data: frame(1, 1),
    events: ['INTERNAL'],
    details: /grpc-encoding/,
    commands: ['reset 8'],
  },
  {
    name: 'a compressed message with an encoding we did not accept',
    head: [...GRPC_HEAD, 'grpc-encoding', 'snappy'],
    data: frame(1, 1),
    events: ['INTERNAL'],
    details: /snappy/,
    commands: ['reset 8'],
  },
  {
    name: 'a message as large as the limit',
    head: GRPC_HEAD,
    data: frame(3),
    maxOctets: 3,
    trailers: OK,
    end: COMPLETE,
    events: ['message 616161', 'OK'],
  },
  {
    name: 'a message one octet past the limit, before it has arrived',
    replies: 'many',
    head: GRPC_HEAD,
    data: concat(A, frame(4).slice(0, 5)),
    maxOctets: 3,
    events: ['RESOURCE_EXHAUSTED', 'message 0a'],
    details: /message of 4 bytes exceeds maxReceiveMessageBytes 3$/,
    commands: ['reset 8'],
  },
  {
    name: 'text where a length should be',
    head: GRPC_HEAD,
    data: Buffer.from('\0{"js":1}', 'latin1'),
    events: ['RESOURCE_EXHAUSTED'],
    details: /message of 2065853043 bytes exceeds .*the text "\{\\"js"/,
    commands: ['reset 8'],
  },
  {
    name: 'a reset',
    head: GRPC_HEAD,
    data: A.slice(0, 2),
    end: { kind: 'reset', code: 11 },
    events: ['RESOURCE_EXHAUSTED'],
    details: /ENHANCE_YOUR_CALM/,
  },
  { name: 'a CANCEL', end: { kind: 'reset', code: 8 }, events: ['CANCELLED'] },
  {
    name: 'a CANCEL past the deadline',
    end: { kind: 'reset', code: 8 },
    isLate: true,
    events: ['DEADLINE_EXCEEDED'],
  },
  {
    name: 'a broken rule',
    head: GRPC_HEAD,
    end: { kind: 'violation', code: 1, reason: 'upper case' },
    events: ['INTERNAL'],
    details: /upper case/,
  },
  {
    name: 'a loss behind messages nobody has read',
    replies: 'many',
    head: GRPC_HEAD,
    data: concat(A, A, A.slice(0, 4)),
    end: LOST,
    events: ['UNAVAILABLE', 'message 0a', 'message 0a'],
    details: /^the connection was lost$/,
  },
  {
    name: 'a loss behind the reply',
    head: GRPC_HEAD,
    data: A,
    end: LOST,
    events: ['message 0a', 'UNAVAILABLE'],
  },
  { name: 'no stream', end: { kind: 'unopened', reason: 'nobody there' }, events: ['UNAVAILABLE'] },
];

describe('Exchange: its outcome (PROTOCOL-HTTP2.md, Responses and Errors)', () => {
  for (const c of cases) {
    for (const isSplit of [false, true]) {
      it(`is ${c.events.join(', ')} for ${c.name}${isSplit ? ', octet by octet' : ''}`, () => {
        const { exchange, listener, stream } = makeExchange({
          replies: c.replies ?? 'one',
          maxOctets: c.maxOctets ?? 1000,
        });
        listener.isLate = c.isLate ?? false;
        if (c.head !== undefined) exchange.onHeaders(c.head, false);
        const data = c.data ?? new Uint8Array(0);
        if (!isSplit) deliver(exchange, data);
        else
          for (const octet of data)
            if (listener.outcome === undefined) deliver(exchange, Uint8Array.of(octet));
        if (listener.outcome === undefined && c.trailers !== undefined) {
          if (c.head === undefined) exchange.onHeaders(c.trailers, true);
          else exchange.onTrailers(c.trailers);
        }
        if (listener.outcome === undefined && c.end !== undefined) exchange.onEnd(c.end);
        while (exchange.pull()) {}

        expect(listener.events.filter((event) => event !== 'headers')).to.deep.equal(c.events);
        expect(listener.details).to.match(c.details ?? /^/);
        expect(stream.commands).to.deep.equal(c.commands ?? []);
        expect(stream.takenOctets, 'all is given back').to.be.at.most(data.length);
      });
    }
  }
});
