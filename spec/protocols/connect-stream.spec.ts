// Connect's streams, beside what they share with gRPC-Web (framed-request.spec.ts). Source: connectrpc.com/docs/protocol,
// "Streaming RPCs".

import { expect } from 'chai';
import { fieldValue } from '../../lib/rpc/field-list.ts';
import { AdaptedCall, concat, frame } from '../support/adapted.ts';

const LABEL = 'Connect';

function answered(end: string | Uint8Array, head: readonly string[] = []): AdaptedCall {
  const call = new AdaptedCall(LABEL, { requests: 'many' });
  call.head(head);
  call.deliver(concat(frame(2), call.endFrame(end)));
  call.end();
  return call;
}

describe('Connect streams: the request', () => {
  it('is POST with the fields of the protocol', () => {
    const { fields } = new AdaptedCall(LABEL, { requests: 'many' }).request.head;
    expect(fieldValue(fields, 'content-type')).to.equal('application/connect+proto');
    expect(fieldValue(fields, 'connect-protocol-version')).to.equal('1');
    expect(fieldValue(fields, 'connect-accept-encoding')).to.equal('gzip');
    expect(fieldValue(fields, 'accept-encoding')).to.equal(undefined);
  });

  it('says timeout and compression in Connect’s fields, and none in gRPC’s', () => {
    const call = new AdaptedCall(LABEL, {
      requests: 'many',
      compression: 'gzip',
      fields: ['grpc-timeout', '7m', 'x-a', 'b'],
    });
    expect(call.request.callFields()).to.deep.equal([
      ...['connect-content-encoding', 'gzip'],
      ...['connect-timeout-ms', '7', 'x-a', 'b'],
    ]);
  });

  const timeouts = [
    ['1n', '1'],
    ['999u', '1'],
    ['1001u', '2'],
    ['99999999m', '99999999'],
    ['100000S', '100000000'],
    ['99999999S', '9999999999'],
    ['99999999H', '9999999999'],
  ] as const;
  for (const [grpc, ms] of timeouts) {
    it(`has ${ms} ms for ${grpc}: never less, and at most ten digits`, () => {
      const call = new AdaptedCall(LABEL, { requests: 'many', fields: ['grpc-timeout', grpc] });
      expect(call.request.callFields()).to.deep.equal(['connect-timeout-ms', ms]);
    });
  }
});

describe('Connect streams: the end-of-stream message', () => {
  const good: readonly (readonly [name: string, text: string, code: number, details?: string])[] = [
    ['nothing in it', '{}', 0],
    ['no error', '{"error":null,"metadata":null}', 0],
    ['fields that nobody knows', '{"x":[1,{}]}', 0],
    ['blanks around it', ' \n{} ', 0],
    ['an error', '{"error":{"code":"not_found","message":"gone"}}', 5, 'gone'],
    ['a message with line ends', '{"error":{"code":"not_found","message":"a\\r\\nb%41"}}', 5, 'a\r\nb%41'],
    [
      'a message with an unpaired surrogate',
      '{"error":{"code":"not_found","message":"\\ud800"}}',
      5,
      '\ufffd',
    ],
    ['an error without anything', '{"error":{}}', 2, ''],
    ['an unknown code', '{"error":{"code":"teapot","message":"m"}}', 2, 'm'],
    ['a code in upper case', '{"error":{"code":"NOT_FOUND"}}', 2],
    ['the code OK', '{"error":{"code":"ok"}}', 2],
    ['a code that is a number', '{"error":{"code":5,"message":"m"}}', 2, 'm'],
    ['a code that objects have', '{"error":{"code":"__proto__"}}', 2],
    ['a message that is no text', '{"error":{"code":"not_found","message":{}}}', 5, ''],
    ['a key twice: the last counts', '{"error":{"code":"internal"},"error":{"code":"not_found"}}', 5],
  ];
  for (const [name, text, code, details] of good) {
    it(`may have ${name}`, () => {
      const { listener } = answered(text);
      expect(listener.outcome?.code).to.equal(code);
      expect(listener.outcome?.origin).to.equal('server');
      if (details !== undefined) expect(listener.details).to.equal(details);
    });
  }

  const bad: readonly (readonly [name: string, text: string | Uint8Array])[] = [
    ['nothing at all', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['a text', '"ok"'],
    ['half of an object', '{"error":'],
    ['two objects', '{}{}'],
    ['HTML', '<html>'],
    ['octets', Uint8Array.of(0xff, 0xfe)],
    ['gRPC-Web’s trailers', 'grpc-status: 0\r\n'],
    ['an error that is an array', '{"error":[]}'],
    ['an error that is a text', '{"error":"no"}'],
    ['an error that is false', '{"error":false}'],
    ['an error that is 0', '{"error":0}'],
    ['metadata that is an array', '{"metadata":[]}'],
    ['metadata that is a text', '{"metadata":"a"}'],
    ['a value that is a number', '{"metadata":{"a":[1]}}'],
    ['a value that is null', '{"metadata":{"a":null}}'],
    ['a value in an array in an array', '{"metadata":{"a":[["b"]]}}'],
    ['a pseudo-header', '{"metadata":{":status":["500"]}}'],
    ['a name with a blank', '{"metadata":{"a b":["c"]}}'],
    ['an empty name', '{"metadata":{"":["c"]}}'],
    ['a name that is ASCII only in lower case', '{"metadata":{"\u212aelvin":["c"]}}'],
    ['a line end in a value', '{"metadata":{"a":["b\\r\\nc: d"]}}'],
    ['NUL in a value', '{"metadata":{"a":["\\u0000"]}}'],
    ['100,000 arrays in each other', '['.repeat(100_000)],
    ['an error 100,000 levels deep', `{"error":${'{"a":'.repeat(100_000)}`],
  ];
  for (const [name, text] of bad) {
    it(`ends the call where it is or has ${name}`, () => {
      const { events, listener } = answered(text);
      expect(events).to.deep.equal(['headers', 'message 6161', 'INTERNAL']);
      expect(listener.details).to.match(
        /^the server broke the protocol: the end-of-stream message of Connect is/,
      );
      expect(listener.details.length).to.be.below(300);
    });
  }

  it('is taken where it is 100,000 levels deep in what nobody looks at', () => {
    expect(answered(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).events).to.include('OK');
  });

  it('has the trailers, in lower case, several of a name, and a value alone', () => {
    const call = answered('{"metadata":{"X-A":["1","2"],"x-b":"3","c-bin":["AAE"],"__proto__":["4"]}}');
    expect(call.exchange.trailers).to.deep.equal([
      ...['grpc-status', '0', 'x-a', '1', 'x-a', '2', 'x-b', '3', 'c-bin', 'AAE', '__proto__', '4'],
    ]);
  });

  it('has values of any text, as the octets of its UTF-8, as other protocols carry them', () => {
    const call = answered('{"metadata":{"a":["日本","\xe9"]}}');
    const octets = (call.exchange.trailers ?? []).filter((_, i, all) => all[i - 1] === 'a');
    expect(octets.map((text) => Buffer.from(text, 'latin1').toString('utf8'))).to.deep.equal([
      '日本',
      '\xe9',
    ]);
  });

  for (const name of ['grpc-status', 'grpc-message', 'grpc-status-details-bin', 'Grpc-Status']) {
    it(`does not let metadata say ${name}`, () => {
      const { listener, exchange } = answered(`{"metadata":{"${name}":["7"]}}`);
      expect(listener.outcome).to.deep.equal({ code: 0, details: '', origin: 'server' });
      expect(exchange.trailers).to.deep.equal(['grpc-status', '0']);
    });
  }

  it('is not overruled by the head or by HTTP trailers', () => {
    const call = new AdaptedCall(LABEL, { requests: 'many' });
    call.head(['grpc-status', '7', 'grpc-message', 'no', 'grpc-encoding', 'lzma']);
    call.deliver(concat(frame(2), call.endFrame('{}')));
    call.request.onTrailers(['grpc-status', '7']);
    call.end();
    expect(call.events).to.deep.equal(['headers', 'message 6161', 'OK']);
    expect([call.header('grpc-status'), call.header('grpc-encoding')]).to.deep.equal([undefined, undefined]);
  });

  it('is not overruled by malformed HTTP trailers', () => {
    const call = new AdaptedCall(LABEL, { requests: 'many' });
    call.head();
    call.end({ kind: 'violation', code: 1, reason: 'malformed', last: ['grpc-status', '7', 'A', 'b'] });
    expect(call.events).to.deep.equal(['headers', 'INTERNAL']);
  });

  it('may come alone, with the error of a call that then has no headers of its own', () => {
    const call = new AdaptedCall(LABEL, { requests: 'many' });
    call.head(['x-a', '1']);
    call.deliver(
      call.endFrame('{"error":{"code":"unavailable"},"metadata":{"grpc-retry-pushback-ms":["7"]}}'),
    );
    call.end();
    expect(call.events).to.deep.equal(['UNAVAILABLE']);
    expect(call.header('x-a')).to.equal('1');
    expect(call.trailer('grpc-retry-pushback-ms'), 'what retries go by').to.equal('7');
  });
});

describe('Connect streams: responses of others', () => {
  const others: readonly (readonly [status: number, type: string, code: number, says: RegExp])[] = [
    [
      200,
      'application/proto',
      2,
      /has content-type "application\/proto"; a Connect server sends application\/connect\+proto/,
    ],
    [200, 'application/connect+json', 13, /content-type "application\/connect\+json"/],
    [200, 'application/grpc', 2, /use protocol: 'grpc'/],
    [200, 'application/grpc-web+proto', 2, /use protocol: 'grpc-web'/],
    [404, 'text/plain', 12, /HTTP status 404/],
    [415, 'text/plain', 2, /the server does not speak Connect: use protocol: 'grpc'/],
    [503, 'text/html', 14, /a proxy or load balancer answered/],
    [401, 'application/json', 16, /HTTP status 401/],
  ];
  for (const [status, type, code, says] of others) {
    it(`names ${type} with ${status}`, () => {
      const call = new AdaptedCall(LABEL, { requests: 'many' });
      call.headOf(status, type, ['content-length', '0']);
      call.end();
      expect(call.listener.outcome?.code).to.equal(code);
      expect(call.listener.details).to.match(says);
    });
  }
});
