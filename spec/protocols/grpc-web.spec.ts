// gRPC-Web, beside what it shares with Connect's streams (framed-request.spec.ts). Source: grpc doc/PROTOCOL-WEB.md.

import { expect } from 'chai';
import { fieldValue } from '../../lib/rpc/field-list.ts';
import { metadataOfFields } from '../../lib/rpc/metadata-fields.ts';
import { AdaptedCall, concat, frame } from '../support/adapted.ts';

const LABEL = 'gRPC-Web';

/** A call with one reply that is answered with this trailers frame. */
function answered(trailers: string | Uint8Array, head: readonly string[] = [], body = frame(2)): AdaptedCall {
  const call = new AdaptedCall(LABEL);
  call.head(head);
  call.deliver(concat(body, call.endFrame(trailers)));
  call.end();
  return call;
}

describe('gRPC-Web: the request', () => {
  it('is POST with the fields of the protocol and no te', () => {
    const { fields, method } = new AdaptedCall(LABEL).request.head;
    expect(method).to.equal(undefined);
    expect(fieldValue(fields, 'content-type')).to.equal('application/grpc-web+proto');
    expect(fieldValue(fields, 'x-grpc-web')).to.equal('1');
    expect(fieldValue(fields, 'x-user-agent')).to.equal('stubless');
    expect(fieldValue(fields, 'grpc-accept-encoding')).to.equal('identity,gzip');
    expect(fieldValue(fields, 'te')).to.equal(undefined);
  });

  it('keeps gRPC’s fields of a call, and its frames', () => {
    const call = new AdaptedCall(LABEL, { fields: ['grpc-timeout', '1S', 'x-a', 'b'], compression: 'gzip' });
    expect(call.request.callFields()).to.deep.equal([
      'grpc-encoding',
      'gzip',
      'grpc-timeout',
      '1S',
      'x-a',
      'b',
    ]);
    expect(Buffer.concat(call.stream.written).toString('hex')).to.equal('0000000003616161');
  });
});

describe('gRPC-Web: the trailers frame', () => {
  const good: readonly (readonly [
    name: string,
    text: string | Uint8Array,
    code: number,
    details?: string,
  ])[] = [
    ['lines', 'grpc-status: 5\r\ngrpc-message: gone\r\n', 5, 'gone'],
    ['no blank behind the colon', 'grpc-status:5\r\ngrpc-message:gone\r\n', 5, 'gone'],
    ['blanks on both sides of a value', 'grpc-status: \t5 \r\n', 5],
    ['names in upper case', 'Grpc-Status: 5\r\nGRPC-MESSAGE: gone\r\n', 5, 'gone'],
    ['LF alone', 'grpc-status: 5\ngrpc-message: gone\n', 5, 'gone'],
    ['no line end at the end', 'grpc-status: 5', 5],
    ['empty lines', '\r\n\r\ngrpc-status: 5\r\n\r\n', 5],
    [
      'a percent-encoded message',
      'grpc-status: 5\r\ngrpc-message: a%0D%0Agrpc-status: 0\r\n',
      5,
      'a\r\ngrpc-status: 0',
    ],
    [
      'a message of UTF-8 that is not encoded',
      Buffer.from('grpc-status: 5\r\ngrpc-message: 日本\r\n'),
      5,
      '日本',
    ],
    ['a colon in a value', 'grpc-status: 5\r\ngrpc-message: a: b\r\n', 5, 'a: b'],
    ['the same status twice', 'grpc-status: 5\r\ngrpc-status: 5\r\n', 5],
  ];
  for (const [name, text, code, details] of good) {
    it(`may have ${name}`, () => {
      const { listener } = answered(text);
      expect(listener.outcome?.code).to.equal(code);
      if (details !== undefined) expect(listener.details).to.equal(details);
    });
  }

  const bad: readonly (readonly [name: string, text: string | Uint8Array, says: RegExp])[] = [
    ['no status', 'x: 1\r\n', /without a grpc-status/],
    ['nothing', '', /without a grpc-status/],
    ['two statuses', 'grpc-status: 0\r\ngrpc-status: 5\r\n', /two grpc-status/],
    ['a status beyond 16', 'grpc-status: 17\r\n', /invalid grpc-status "17"/],
    ['a status in words', 'grpc-status: OK\r\n', /invalid grpc-status "OK"/],
    ['a line without a colon', 'grpc-status: 0\r\nwhat\r\n', /malformed line "what"/],
    ['a line without a name', ': 1\r\ngrpc-status: 0\r\n', /malformed line ": 1"/],
    ['a pseudo-header', ':status: 200\r\ngrpc-status: 0\r\n', /malformed line/],
    ['a blank before the colon', 'grpc-status : 0\r\n', /malformed line/],
    ['a folded line', 'x: 1\r\n 2\r\ngrpc-status: 0\r\n', /malformed line/],
    ['NUL in a value', 'x: \0\r\ngrpc-status: 0\r\n', /malformed line/],
    ['CR in a value', 'x: a\rb\r\ngrpc-status: 0\r\n', /malformed line/],
    ['HTML', '<html>', /malformed line "<html>"/],
  ];
  for (const [name, text, says] of bad) {
    it(`ends the call where it has ${name}`, () => {
      const { listener } = answered(text);
      expect(listener.outcome?.code).to.not.equal(0);
      expect(listener.details).to.match(says);
    });
  }

  it('shows little of a malformed line', () => {
    expect(answered('y'.repeat(100_000)).listener.details.length).to.be.below(300);
  });

  it('keeps the octets of values, whatever they are', () => {
    const call = answered(Buffer.from('grpc-status: 0\r\nx: \xe9\xff\r\n', 'latin1'));
    expect(call.trailer('x')).to.equal('\xe9\xff');
  });

  it('has -bin values in base64, padded or not, several in one', () => {
    const call = answered('grpc-status: 0\r\na-bin: AAE=\r\na-bin: AAE,AgM=\r\n');
    const values = metadataOfFields(call.exchange.trailers ?? []).getAll('a-bin');
    expect(values.map((value) => Buffer.from(value as Uint8Array).toString('hex'))).to.deep.equal([
      '0001',
      '0001',
      '0203',
    ]);
  });
});

describe('gRPC-Web: whose status counts', () => {
  it('is that of the trailers frame, before one in the head', () => {
    expect(answered('grpc-status: 0\r\n', ['grpc-status', '7']).events).to.include('OK');
    expect(answered('grpc-status: 7\r\n', ['grpc-status', '0']).events).to.include('PERMISSION_DENIED');
  });

  it('is that of the head of trailers-only', () => {
    const call = new AdaptedCall(LABEL);
    call.head(['grpc-status', '5', 'grpc-message', 'gone', 'x-a', '1'], true);
    call.end();
    expect(call.events).to.deep.equal(['NOT_FOUND']);
    expect([call.header('x-a'), call.trailer('x-a')]).to.deep.equal([undefined, '1']);
  });

  it('is that of the head where the body turns out to be empty', async () => {
    const call = new AdaptedCall(LABEL);
    call.head(['grpc-status', '5', 'grpc-message', 'gone']);
    await new Promise(setImmediate);
    expect(call.events, 'the head waits').to.deep.equal([]);
    call.end();
    expect(call.events).to.deep.equal(['NOT_FOUND']);
  });

  it('is not that of the head where messages came', () => {
    const call = new AdaptedCall(LABEL);
    call.head(['grpc-status', '0']);
    call.deliver(frame(2));
    call.end();
    expect(call.events).to.deep.equal(['headers', 'message 6161', 'UNKNOWN']);
    expect(call.listener.details).to.include('without its trailers frame');
  });

  it('is that of HTTP trailers where there is no trailers frame, and not beside one', () => {
    const without = new AdaptedCall(LABEL);
    without.head();
    without.deliver(frame(2));
    without.request.onTrailers(['grpc-status', '5']);
    without.end();
    expect(without.events.at(-1)).to.equal('NOT_FOUND');

    const beside = new AdaptedCall(LABEL);
    beside.head();
    beside.deliver(concat(frame(2), beside.endFrame('grpc-status: 0\r\n')));
    beside.request.onTrailers(['grpc-status', '5']);
    beside.end();
    expect(beside.events.at(-1)).to.equal('OK');
  });

  it('cannot be OK without a reply', () => {
    const { events, listener } = answered('grpc-status: 0\r\n', [], new Uint8Array());
    expect(events).to.deep.equal(['UNIMPLEMENTED']);
    expect(listener.details).to.include('sent no reply');
  });
});

describe('gRPC-Web: responses of others', () => {
  for (const type of [
    'application/grpc-web',
    'application/grpc-web+proto',
    'Application/gRPC-Web+Proto; a=b',
  ]) {
    it(`takes the content-type ${type}`, () => {
      const call = new AdaptedCall(LABEL);
      call.headOf(200, type);
      call.deliver(concat(frame(1), call.endFrame('grpc-status: 0\r\n')));
      call.end();
      expect(call.events).to.deep.equal(['headers', 'message 61', 'OK']);
    });
  }

  const others: readonly (readonly [type: string, says: RegExp])[] = [
    ['application/grpc-web+json', /has content-type "application\/grpc-web\+json"/],
    ['application/grpc', /an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate/],
    ['application/grpc+proto', /use protocol: 'grpc'/],
    ['application/connect+proto', /use protocol: 'connect'/],
    ['application/proto', /use protocol: 'connect'/],
    ['text/html', /a web server answered/],
    ['application/json', /a JSON API/],
    ['application/grpc-web-text+proto', /has content-type "application\/grpc-web-text\+proto"/],
  ];
  for (const [type, says] of others) {
    it(`names ${type}`, () => {
      const call = new AdaptedCall(LABEL);
      call.headOf(200, type, ['content-length', '0']);
      call.end();
      expect(call.listener.outcome?.code).to.be.oneOf([2, 13]);
      expect(call.listener.details).to.match(says);
    });
  }

  it('names gRPC where its trailers-only refuses the call, with its words', () => {
    const call = new AdaptedCall(LABEL);
    const message = 'invalid gRPC request content-type %22application/grpc-web%2Bproto%22';
    call.headOf(415, 'application/grpc', ['grpc-status', '3', 'grpc-message', message], true);
    call.end();
    expect(call.listener.details).to.equal(
      'the server answered with HTTP status 415 and content-type "application/grpc", not with gRPC-Web; it says "invalid gRPC request content-type \\"application/grpc-web+proto\\""; this is an answer of gRPC: use protocol: \'grpc\', or have the proxy before it translate gRPC-Web (Envoy\'s grpc_web filter)',
    );
  });
});
