// Connect's calls with one message each way: plain HTTP. Source: connectrpc.com/docs/protocol, "Unary RPCs".

import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { connect } from '../../lib/protocols/connect.ts';
import { MAX_ERROR_OCTETS } from '../../lib/protocols/connect-unary.ts';
import { DEFAULT_MAX_GET_URL_OCTETS } from '../../lib/protocols/get-urls.ts';
import { CompressionTable } from '../../lib/rpc/compression/compression.ts';
import { fieldValue } from '../../lib/rpc/field-list.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { AdaptedCall, type AdaptedOptions } from '../support/adapted.ts';
import { byteByByte, splitAt } from '../support/splits.ts';

const LABEL = 'Connect';
const JSON_TYPE = 'application/json';

/** A call that got this as an error. */
function failed(status: number, body: string | Uint8Array, more: readonly string[] = []): AdaptedCall {
  const call = new AdaptedCall(LABEL);
  call.headOf(status, JSON_TYPE, more);
  const octets = Buffer.from(body);
  if (octets.length > 0) call.deliver(octets);
  call.end();
  return call;
}

function replied(body: Uint8Array, more: readonly string[] = [], options: AdaptedOptions = {}): AdaptedCall {
  const call = new AdaptedCall(LABEL, options);
  call.head(more);
  if (body.length > 0) call.deliver(body);
  call.end();
  return call;
}

describe('Connect unary: the request', () => {
  it('is the bare message, with the fields of the protocol', () => {
    const call = new AdaptedCall(LABEL, { fields: ['grpc-timeout', '1S'] });
    const { fields, method, path } = call.request.head;
    expect([method, path]).to.deep.equal([undefined, '/s/m']);
    expect(fieldValue(fields, 'content-type')).to.equal('application/proto');
    expect(fieldValue(fields, 'connect-protocol-version')).to.equal('1');
    expect(fieldValue(fields, 'accept-encoding')).to.equal('gzip');
    expect(call.request.callFields()).to.deep.equal(['connect-timeout-ms', '1000']);
    expect(Buffer.concat(call.stream.written).toString()).to.equal('aaa');
  });

  it('asks for no stream before it is whole, and for one then', () => {
    const call = new AdaptedCall(LABEL, { request: undefined });
    expect(call.channel.requests).to.deep.equal([]);
    call.send(3, false);
    expect(call.channel.requests).to.deep.equal([]);
    call.exchange.endRequest();
    expect(call.channel.requests).to.have.lengthOf(1);
    call.open();
    expect(call.stream.commands).to.deep.equal(['write 3', 'end']);
  });

  it('is dropped before it has asked for a stream', () => {
    const call = new AdaptedCall(LABEL, { request: undefined });
    call.exchange.abandon();
    call.send(3);
    expect([call.channel.requests, call.channel.withdrawn]).to.deep.equal([[], []]);
  });

  it('is taken out of the queue where it waits for a stream', () => {
    const call = new AdaptedCall(LABEL, { request: undefined });
    call.send(3);
    call.exchange.abandon();
    expect(call.channel.withdrawn).to.deep.equal(call.channel.requests);
  });

  it('goes again as it was where the server did nothing of it', () => {
    const call = new AdaptedCall(LABEL, { compression: 'gzip', request: 300 });
    const [first] = call.stream.written.splice(0);
    call.end({ kind: 'reset', code: 7 });
    expect(call.channel.requests).to.have.lengthOf(2);
    call.open();
    expect(call.stream.written).to.deep.equal([first]);
    expect(call.events).to.deep.equal([]);
  });

  it('is compressed whether that makes it smaller or not, and named so', () => {
    for (const octets of [1, 500]) {
      const call = new AdaptedCall(LABEL, { compression: 'gzip', request: octets });
      expect(call.request.callFields()).to.deep.equal(['content-encoding', 'gzip']);
      expect(gunzipSync(Buffer.concat(call.stream.written)).length).to.equal(octets);
    }
  });

  it('is not compressed where the caller does not want it, at the next attempt neither', () => {
    const call = new AdaptedCall(LABEL, { request: undefined, compression: 'gzip' });
    const framed = Buffer.alloc(5 + 300);
    call.exchange.send(framed, 0, framed.length, true, false);
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(call.request.callFields()).to.deep.equal([]);
      call.open();
      expect(call.stream.written.pop()?.length).to.equal(300);
      if (attempt === 0) call.end({ kind: 'reset', code: 7 });
    }
  });

  it('fails where it cannot be compressed, and asks for no stream', () => {
    const compressions = new CompressionTable([
      {
        name: 'broken',
        compress: (bytes) => {
          // The first time is the exchange's, which may leave a message as it is.
          if (tries++ === 0) return bytes;
          throw new Error('no');
        },
        decompress: (bytes) => bytes,
      },
    ]);
    let tries = 0;
    const call = new AdaptedCall(LABEL, { request: undefined, compression: 'broken', compressions });
    call.send(3);
    expect(call.events).to.deep.equal(['INTERNAL']);
    expect(call.listener.details).to.include('cannot be compressed with broken');
    expect(call.channel.requests).to.deep.equal([]);
  });
});

describe('Connect unary: the reply', () => {
  it('is the body, in any split, and every octet is given back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        fc.boolean(),
        (body, cuts, isPacked) => {
          const octets = isPacked && body.length > 0 ? gzipSync(body) : body;
          const encoding = isPacked ? ['content-encoding', 'gzip'] : [];
          for (const parts of [[octets], byteByByte(octets), splitAt(octets, cuts)]) {
            const call = new AdaptedCall(LABEL);
            call.head(encoding);
            for (const part of parts) call.deliver(part);
            call.end();
            expect(call.events).to.deep.equal([
              'headers',
              `message ${Buffer.from(body).toString('hex')}`,
              'OK',
            ]);
            expect(call.stream.takenOctets).to.equal(call.receivedOctets);
          }
        },
      ),
      { numRuns: atLeast(100) },
    );
  });

  it('has its headers as soon as they come', () => {
    const call = new AdaptedCall(LABEL);
    call.head(['x-a', '1']);
    expect(call.events).to.deep.equal(['headers']);
  });

  it('may be empty, with or without a body, in any compression', () => {
    for (const encoding of [undefined, 'identity', 'gzip', 'lzma']) {
      for (const endStream of [true, false]) {
        const call = new AdaptedCall(LABEL);
        call.head(encoding === undefined ? [] : ['content-encoding', encoding], endStream);
        call.end();
        expect(call.events, `${encoding}`).to.deep.equal(['headers', 'message ', 'OK']);
      }
    }
  });

  it('is within the limit, as it comes and decompressed', () => {
    const limit = { maxOctets: 1000 };
    expect(replied(Buffer.alloc(1000), [], limit).events.at(-1)).to.equal('OK');
    const larger = replied(Buffer.alloc(1001), [], limit);
    expect(larger.events).to.deep.equal(['headers', 'RESOURCE_EXHAUSTED']);
    expect(larger.listener.details).to.equal(
      'message of more than 1000 bytes exceeds maxReceiveMessageBytes 1000',
    );
    expect(larger.resets).to.deep.equal(['reset 8']);
    const gzip = ['content-encoding', 'gzip'];
    expect(replied(gzipSync(Buffer.alloc(1000)), gzip, limit).events.at(-1)).to.equal('OK');
    const bomb = replied(gzipSync(Buffer.alloc(1001)), gzip, limit);
    expect(bomb.events.at(-1)).to.equal('RESOURCE_EXHAUSTED');
    expect(bomb.listener.details).to.include('maxReceiveMessageBytes 1000 when decompressed');
  });

  it('is credited while it comes, so that one larger than the window gets whole, and is given back when it is', () => {
    const call = new AdaptedCall(LABEL);
    call.head();
    call.deliver(new Uint8Array(40));
    call.deliver(new Uint8Array(50));
    expect([call.stream.creditedOctets, call.stream.takenOctets, call.stream.isAwaited]).to.deep.equal([
      90,
      0,
      true,
    ]);
    call.end();
    expect([call.stream.creditedOctets, call.stream.takenOctets]).to.deep.equal([90, 90]);
  });

  it('is given back where the stream is lost', () => {
    const call = new AdaptedCall(LABEL);
    call.head();
    call.deliver(new Uint8Array(40));
    call.end({ kind: 'reset', code: 2 });
    expect(call.events).to.deep.equal(['headers', 'INTERNAL']);
    expect(call.stream.takenOctets).to.equal(40);
  });

  it('is refused in a compression that nobody knows, and where it is not what it says', () => {
    const unknown = replied(gzipSync('abc'), ['content-encoding', 'lzma']);
    expect(unknown.events.at(-1)).to.equal('INTERNAL');
    expect(unknown.listener.details).to.include('compressed with "lzma"');
    const wrong = replied(Buffer.from('abc'), ['content-encoding', 'gzip']);
    expect(wrong.events.at(-1)).to.equal('INTERNAL');
  });

  it('has its trailers in the head', () => {
    const call = replied(Buffer.from('a'), [
      'trailer-x-a',
      '1',
      'x-b',
      '2',
      'trailer-c-bin',
      'AAE',
      'trailer-x-a',
      '3',
    ]);
    expect(call.exchange.trailers).to.deep.equal([
      'grpc-status',
      '0',
      'x-a',
      '1',
      'c-bin',
      'AAE',
      'x-a',
      '3',
    ]);
    expect([call.header('x-b'), call.header('trailer-x-a')]).to.deep.equal(['2', undefined]);
  });

  const injected: readonly (readonly string[])[] = [
    ['trailer-grpc-status', '7'],
    ['trailer-grpc-message', 'no'],
    ['trailer-grpc-status-details-bin', 'CAc'],
    ['grpc-status', '7'],
    ['grpc-message', 'no'],
    ['grpc-encoding', 'lzma'],
    ['trailer-', 'x'],
    ['trailer-:status', '500'],
  ];
  for (const fields of injected) {
    it(`is OK whatever ${fields[0]} says`, () => {
      const call = replied(Buffer.from('a'), fields);
      expect(call.listener.outcome).to.deep.equal({ code: 0, details: '', origin: 'server' });
      expect(call.exchange.trailers).to.deep.equal(['grpc-status', '0']);
    });
  }

  it('is nothing of HTTP trailers', () => {
    const call = new AdaptedCall(LABEL);
    call.head();
    call.deliver(Buffer.from('a'));
    call.request.onTrailers(['grpc-status', '7']);
    call.end();
    expect(call.events).to.deep.equal(['headers', 'message 61', 'OK']);
  });

  it('reaches nobody who has given up the call in its head', () => {
    const call = new AdaptedCall(LABEL);
    call.listener.onHeaders = () => call.exchange.abandon();
    call.head();
    call.deliver(Buffer.from('a'));
    call.end();
    expect(call.events).to.deep.equal([]);
  });

  it('is all that reaches one who gives up the call in it', () => {
    const call = new AdaptedCall(LABEL);
    call.listener.afterMessage = () => call.exchange.abandon();
    call.head();
    call.deliver(Buffer.from('a'));
    call.end();
    expect(call.events).to.deep.equal(['headers', 'message 61']);
  });

  it('is no OK where the stream is reset before its end', () => {
    const call = new AdaptedCall(LABEL);
    call.head();
    call.deliver(Buffer.from('a'));
    call.end({
      kind: 'violation',
      code: 1,
      reason: 'fewer octets than content-length 9',
      last: ['grpc-status', '7'],
    });
    expect(call.events).to.deep.equal(['headers', 'INTERNAL']);
    expect(call.listener.details).to.include('content-length 9');
  });
});

describe('Connect unary: errors', () => {
  const rows: readonly (readonly [
    name: string,
    status: number,
    body: string | Uint8Array,
    code: number,
    details?: string | RegExp,
  ])[] = [
    ['code and message', 404, '{"code":"not_found","message":"gone"}', 5, 'gone'],
    ['a code that is not that of the status', 500, '{"code":"not_found"}', 5, ''],
    ['no code', 503, '{"message":"later"}', 14, 'later'],
    ['an unknown code', 429, '{"code":"teapot"}', 14],
    [
      'a code that is a number',
      401,
      '{"code":5,"message":"gone"}',
      16,
      /401 and JSON that is not an error of Connect: "\{.*"; this is grpc-gateway or another JSON API, not a server of Connect/,
    ],
    ['a code that is null', 403, '{"code":null}', 7],
    ['a code that is OK', 500, '{"code":"ok"}', 2],
    ['an empty object', 404, '{}', 12, /404 and JSON that is not an error of Connect: "\{\}"$/],
    [
      'an object of something else',
      400,
      '{"error":"no such user"}',
      13,
      /400 and JSON that is not an error of Connect: "\{\\"error\\":\\"no such user\\"\}"$/,
    ],
    ['details alone', 404, '{"details":[]}', 12, ''],
    ['a message that is no text', 404, '{"code":"not_found","message":[1]}', 5, ''],
    ['details of null', 404, '{"code":"not_found","details":null}', 5],
    ['an array', 404, '[{"code":"not_found"}]', 12, /404 and JSON that is not an error of Connect: "\[{/],
    ['null', 503, 'null', 14, /JSON that is not an error of Connect/],
    ['a number', 400, '7', 13, /JSON that is not an error of Connect/],
    ['half of an object', 502, '{"code":', 14, /JSON that is not an error of Connect/],
    ['nothing', 504, '', 14, /504 and no error of Connect behind it/],
    ['octets', 500, Uint8Array.of(0xff, 0xfe), 2, /JSON that is not an error of Connect/],
    [
      'invalid UTF-8 in the message',
      404,
      Buffer.from('{"code":"not_found","message":"\xff"}', 'latin1'),
      5,
      '\ufffd',
    ],
    ['100,000 arrays in each other', 404, '['.repeat(100_000), 12, /JSON that is not an error of Connect/],
    [
      'depth in what nobody looks at',
      404,
      `{"code":"not_found","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      5,
    ],
    ['a key twice: the last counts', 404, '{"code":"internal","code":"not_found"}', 5],
    [
      'a message with line ends and percent signs',
      404,
      '{"code":"not_found","message":"a%0d\\r\\ngrpc-status: 0"}',
      5,
      'a%0d\r\ngrpc-status: 0',
    ],
    ['status 200 elsewhere', 299, '{"code":"not_found"}', 5],
  ];
  for (const [name, status, body, code, details] of rows) {
    it(`may have ${name}`, () => {
      const { events, listener } = failed(status, body);
      expect(events).to.have.lengthOf(1);
      expect(listener.outcome?.code).to.equal(code);
      if (typeof details === 'string') expect(listener.details).to.equal(details);
      else if (details !== undefined) expect(listener.details).to.match(details);
      expect(listener.details.length).to.be.below(400);
    });
  }

  it('have headers and trailers, and no status of gRPC’s among them', () => {
    const call = failed(404, '{"code":"not_found"}', [
      ...['x-a', '1', 'trailer-x-b', '2', 'trailer-grpc-status', '0', 'grpc-status', '0'],
      ...['trailer-grpc-status-details-bin', 'CAc'],
    ]);
    expect(call.listener.outcome?.code).to.equal(5);
    expect([call.header('x-a'), call.header('grpc-status')]).to.deep.equal(['1', undefined]);
    expect(call.exchange.trailers).to.deep.equal(['grpc-status', '5', 'grpc-message', '', 'x-b', '2']);
  });

  it('leave the call without headers until they are known, so that it can be tried again', () => {
    const call = new AdaptedCall(LABEL);
    call.headOf(503, JSON_TYPE);
    call.deliver(Buffer.from('{"code":'));
    expect([call.events, call.exchange.headers]).to.deep.equal([[], undefined]);
  });

  it('may be compressed, and are not larger than a limit as they come or decompressed', () => {
    const gzip = ['content-encoding', 'gzip'];
    expect(failed(404, gzipSync('{"code":"not_found"}'), gzip).listener.outcome?.code).to.equal(5);
    const padded = (octets: number): string => `{"code":"not_found"}${' '.repeat(octets - 20)}`;
    expect(failed(404, padded(MAX_ERROR_OCTETS)).listener.outcome?.code).to.equal(5);
    const large = failed(404, padded(MAX_ERROR_OCTETS + 1));
    expect(large.events).to.deep.equal(['RESOURCE_EXHAUSTED']);
    expect(large.listener.details).to.equal(
      `the error of Connect is larger than ${MAX_ERROR_OCTETS} octets, the most that is taken`,
    );
    expect(failed(404, gzipSync(padded(MAX_ERROR_OCTETS)), gzip).listener.outcome?.code).to.equal(5);
    const bomb = failed(404, gzipSync(padded(MAX_ERROR_OCTETS + 1)), gzip);
    expect(bomb.events).to.deep.equal(['RESOURCE_EXHAUSTED']);
    expect(bomb.listener.details).to.equal(
      `the error of Connect is larger than ${MAX_ERROR_OCTETS} octets when decompressed, the most that is taken`,
    );
    expect(failed(404, '{}', ['content-encoding', 'lzma']).listener.details).to.match(
      /^the error of Connect: .*"lzma"/,
    );
  });

  it('give every octet back', () => {
    for (const call of [failed(404, '{"code":"not_found"}'), failed(404, 'no'), failed(404, '{"code":')]) {
      expect(call.stream.takenOctets).to.equal(call.receivedOctets);
    }
  });

  it('end with what ended the stream where they are cut short', () => {
    const call = new AdaptedCall(LABEL);
    call.headOf(404, JSON_TYPE);
    call.deliver(Buffer.from('{"code":"not_found"}'));
    call.end({ kind: 'lost', code: 0, reason: 'gone', processed: undefined });
    expect(call.events).to.deep.equal(['UNAVAILABLE']);
  });

  const others: readonly (readonly [status: number, type: string, code: number, says: RegExp])[] = [
    [
      200,
      'application/json',
      13,
      /content-type "application\/json"; a Connect server sends application\/proto/,
    ],
    [200, 'text/html', 2, /a web server answered/],
    [200, 'application/grpc', 2, /use protocol: 'grpc'/],
    [415, 'application/grpc', 2, /not with Connect; this is an answer of gRPC: use protocol: 'grpc'/],
    [415, 'text/plain', 2, /the server does not speak Connect: use protocol: 'grpc'/],
    [404, 'text/plain', 12, /HTTP status 404/],
    [502, 'text/html', 14, /a proxy or load balancer answered/],
    [200, 'application/grpc-web+proto', 2, /use protocol: 'grpc-web'/],
  ];
  for (const [status, type, code, says] of others) {
    it(`name ${type} with ${status}`, () => {
      const call = new AdaptedCall(LABEL);
      call.headOf(status, type, ['content-length', '0']);
      call.end();
      expect(call.listener.outcome?.code).to.equal(code);
      expect(call.listener.details).to.match(says);
    });
  }
});

describe('Connect unary: GET', () => {
  const get = (options: AdaptedOptions = {}): AdaptedCall =>
    new AdaptedCall('Connect with GET', { idempotency: 'no_side_effects', ...options });

  it('has the message in its path, in the order that caches know, and no body', () => {
    const call = get({ fields: ['grpc-timeout', '1S', 'x-a', 'b'] });
    const { method, path, fields } = call.request.head;
    expect([method, path]).to.deep.equal(['GET', '/s/m?connect=v1&base64=1&encoding=proto&message=YWFh']);
    expect(fieldValue(fields, 'content-type')).to.equal(undefined);
    expect(fieldValue(fields, 'connect-protocol-version')).to.equal(undefined);
    expect(fieldValue(fields, 'accept-encoding')).to.equal('gzip');
    expect(call.request.callFields()).to.deep.equal(['connect-timeout-ms', '1000', 'x-a', 'b']);
    expect(call.stream.written).to.deep.equal([]);
  });

  it('ends its request at once', () => {
    const call = get({ request: undefined });
    call.send(3);
    call.open();
    expect(call.stream.commands).to.deep.equal(['end']);
    const apart = get({ request: undefined });
    apart.send(3, false);
    apart.exchange.endRequest();
    apart.open();
    expect(apart.stream.commands).to.deep.equal(['end']);
  });

  it('has an empty message', () => {
    expect(get({ request: 0 }).request.head.path).to.equal(
      '/s/m?connect=v1&base64=1&encoding=proto&message=',
    );
  });

  it('names the compression of its message in the path alone', () => {
    const call = get({ compression: 'gzip', request: 300 });
    const { path } = call.request.head;
    expect(path).to.match(/^\/s\/m\?connect=v1&base64=1&compression=gzip&encoding=proto&message=[\w-]+$/);
    expect(gunzipSync(Buffer.from(path.split('message=')[1], 'base64url')).length).to.equal(300);
    expect(call.request.callFields()).to.deep.equal([]);
  });

  const PREFIX = '/s/m?connect=v1&base64=1&encoding=proto&message='.length;

  for (const limit of [DEFAULT_MAX_GET_URL_OCTETS, 100, Infinity]) {
    it(`is POST where its URL would be longer than ${limit} octets, to the octet`, () => {
      const protocol = connect(true, limit);
      const octets = limit === Infinity ? 100_000 : Math.floor(((limit - PREFIX) * 3) / 4);
      const call = get({ request: octets, protocol });
      expect(call.request.head.method).to.equal('GET');
      if (limit === Infinity) return;
      expect(call.request.head.path.length).to.be.within(limit - 1, limit);
      const post = get({ request: octets + 1, protocol });
      expect([post.request.head.method, post.request.head.path]).to.deep.equal([undefined, '/s/m']);
      expect(Buffer.concat(post.stream.written).length).to.equal(octets + 1);
    });
  }

  for (const status of [414, 431]) {
    it(`comes again as POST where the server finds its URL too long: ${status}`, () => {
      const protocol = connect(true);
      const call = get({ fields: ['x-a', 'b'], compression: 'gzip', request: 300, protocol });
      const { length } = call.request.head.path;
      const [first] = call.channel.requests;
      call.headOf(status, 'text/html');
      // What comes of the page goes nowhere.
      first.onData(Buffer.from('<p>'), 0, 3);
      expect(call.resets).to.deep.equal(['reset 8']);
      const { method, path, fields } = call.request.head;
      expect([method, path, call.channel.requests.length]).to.deep.equal([undefined, '/s/m', 2]);
      expect(fieldValue(fields, 'content-type')).to.equal('application/proto');
      expect(call.request.callFields()).to.deep.equal(['content-encoding', 'gzip', 'x-a', 'b']);
      call.open();
      expect(gunzipSync(Buffer.concat(call.stream.written)).length).to.equal(300);
      call.head();
      call.end();
      expect(call.events).to.deep.equal(['headers', 'message ', 'OK']);
      // Later calls with URLs as long are not tried, shorter ones are.
      const lengths = [length - 1, length, length + 1];
      const methods = lengths.map((most) => {
        const octets = Math.floor(((most - PREFIX) * 3) / 4);
        return [get({ request: octets, protocol }).request.head.method, most < length];
      });
      for (const [used, isShorter] of methods) expect(used).to.equal(isShorter ? 'GET' : undefined);
    });

    it(`ends with ${status} where the server says that of POST`, () => {
      const call = get({ request: 8000 });
      call.headOf(status, 'text/html');
      call.end();
      expect(call.channel.requests).to.have.lengthOf(1);
      expect(call.events).to.deep.equal(['UNKNOWN']);
      expect(call.listener.details).to.include(`HTTP status ${status}`);
    });
  }

  it('comes again as POST where it makes the head larger than the server takes', () => {
    const call = get({ request: undefined, protocol: connect(true) });
    call.send(300);
    call.end({ kind: 'unopened', code: 8, reason: 'too large', isHeadTooLarge: true });
    expect(call.channel.requests).to.have.lengthOf(2);
    expect(call.request.head.method).to.equal(undefined);
    expect(call.request.wholeRequest?.()).to.include({ start: 0, end: 305 });
    call.end({ kind: 'unopened', code: 8, reason: 'too large', isHeadTooLarge: true });
    expect(call.channel.requests).to.have.lengthOf(2);
    expect(call.events).to.deep.equal(['RESOURCE_EXHAUSTED']);
  });

  it('is given up between the two', () => {
    const call = get({ protocol: connect(true) });
    call.headOf(414, 'text/html');
    call.exchange.abandon();
    expect(call.channel.withdrawn).to.deep.equal(call.channel.requests.slice(1));
    expect(call.events).to.deep.equal([]);
  });

  it('is GET again at the next attempt', () => {
    const call = get();
    const { path } = call.request.head;
    call.end({ kind: 'reset', code: 7 });
    expect([call.request.head.method, call.request.head.path]).to.deep.equal(['GET', path]);
    expect(call.exchange.head.path, "the call's own stays").to.equal('/s/m');
  });

  it('is for methods without side effects alone', () => {
    for (const idempotency of ['unknown', 'idempotent'] as const)
      expect(get({ idempotency }).request.head.method).to.equal(undefined);
    expect(get({ replies: 'many' }).request.head.method).to.equal(undefined);
    expect(new AdaptedCall('Connect', { idempotency: 'no_side_effects' }).request.head.method).to.equal(
      undefined,
    );
  });
});
