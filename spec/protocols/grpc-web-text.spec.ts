// gRPC-Web's text mode: base64 that is padded wherever a side flushed. Source: grpc doc/PROTOCOL-WEB.md.

import { expect } from 'chai';
import fc from 'fast-check';
import { fieldValue } from '../../lib/rpc/field-list.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { AdaptedCall, concat, frame } from '../support/adapted.ts';
import { byteByByte, splitAt } from '../support/splits.ts';

const LABEL = 'gRPC-Web in text';
const TEXT_TYPE = 'application/grpc-web-text+proto';

/** The octets in base64, each piece by itself. */
const base64 = (...pieces: readonly Uint8Array[]): Buffer =>
  Buffer.from(pieces.map((piece) => Buffer.from(piece).toString('base64')).join(''));

function streaming(): AdaptedCall {
  const call = new AdaptedCall(LABEL, { replies: 'many' });
  call.exchange.isReading = true;
  call.listener.afterMessage = () => {
    call.exchange.isReading = true;
  };
  call.head();
  return call;
}

const ok = (call: AdaptedCall): Uint8Array => call.endFrame('grpc-status: 0\r\n');

describe('gRPC-Web in text: the request', () => {
  it('says that it is text, and asks for text', () => {
    const { fields } = new AdaptedCall(LABEL).request.head;
    expect(fieldValue(fields, 'content-type')).to.equal(TEXT_TYPE);
    expect(fieldValue(fields, 'accept')).to.equal('application/grpc-web-text');
  });

  it('is base64, padded after each message', () => {
    const call = new AdaptedCall(LABEL, { requests: 'many', request: undefined });
    call.open();
    call.send(1, false);
    call.send(2, true);
    expect(call.stream.written.map((text) => Buffer.from(text).toString())).to.deep.equal([
      'AAAAAAFh',
      'AAAAAAJhYQ==',
    ]);
    expect(call.stream.commands).to.deep.equal(['write 8', 'write 12 end']);
  });
});

describe('gRPC-Web in text: the response', () => {
  it('is the same whatever the server flushed and however it is split, and every character is given back', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 5 }),
      fc.array(fc.nat(250), { maxLength: 10 }),
      fc.array(fc.nat(400), { maxLength: 10 }),
      (messages, flushes, cuts) => {
        const call = streaming();
        const octets = concat(...messages.map((body) => frame(body)), ok(call));
        const text = base64(...splitAt(octets, flushes));
        const expected = messages.map((body) => `message ${Buffer.from(body).toString('hex')}`);
        for (const parts of [[text], byteByByte(text), splitAt(text, cuts)]) {
          const one = streaming();
          for (const part of parts) one.deliver(part);
          one.end();
          expect(one.events.filter((event) => event !== 'headers')).to.deep.equal([...expected, 'OK']);
          expect(one.stream.takenOctets).to.equal(one.receivedOctets);
        }
      },
    );
    fc.assert(property, { numRuns: atLeast(200) });
  });

  it('is padded at every place', () => {
    const whole = concat(frame(2), ok(streaming()));
    for (let at = 1; at < whole.length; at++) {
      const call = streaming();
      call.deliver(base64(whole.subarray(0, at), whole.subarray(at)));
      call.end();
      expect(call.events, `behind ${at} octets`).to.deep.equal(['headers', 'message 6161', 'OK']);
    }
  });

  for (const type of [TEXT_TYPE, 'application/grpc-web-text']) {
    it(`may be ${type}`, () => {
      const call = new AdaptedCall(LABEL);
      call.headOf(200, type);
      call.deliver(base64(frame(1), call.endFrame('grpc-status: 0\r\n')));
      call.end();
      expect(call.events).to.deep.equal(['headers', 'message 61', 'OK']);
    });
  }

  for (const type of ['application/grpc-web+proto', 'application/grpc-web']) {
    it(`may be ${type}: the server has the choice`, () => {
      const call = new AdaptedCall(LABEL);
      call.headOf(200, type);
      call.deliver(concat(frame(1), call.endFrame('grpc-status: 0\r\n')));
      call.end();
      expect(call.events).to.deep.equal(['headers', 'message 61', 'OK']);
      expect(call.stream.takenOctets).to.equal(call.receivedOctets);
    });
  }

  it('may be trailers-only', () => {
    const call = new AdaptedCall(LABEL);
    call.head(['grpc-status', '5'], true);
    call.end();
    expect(call.events).to.deep.equal(['NOT_FOUND']);
  });

  it('is refused where it is not base64', () => {
    const call = streaming();
    call.deliver(Buffer.from('AAAA<html>'));
    expect(call.events).to.deep.equal(['headers', 'INTERNAL']);
    expect(call.listener.details).to.equal(
      'the server broke the protocol: the response of gRPC-Web in text mode is not base64: "AAAA<html>"',
    );
    expect(call.resets).to.deep.equal(['reset 8']);
  });

  it('is read up to where it is not base64, however it is split', () => {
    const text = concat(base64(frame(2)), Buffer.from('<'));
    for (const parts of [[text], byteByByte(text)]) {
      const call = streaming();
      for (const part of parts) call.deliver(part);
      expect(call.events).to.deep.equal(['headers', 'message 6161', 'INTERNAL']);
    }
  });

  it('is refused where octets came under the content-type of text', () => {
    const call = streaming();
    call.deliver(concat(frame(2), ok(call)));
    expect(call.events).to.deep.equal(['INTERNAL']);
  });

  for (const pending of [1, 2, 3]) {
    it(`is refused where it ends ${pending} characters into a group`, () => {
      const call = streaming();
      call.deliver(concat(base64(frame(2), ok(call)), Buffer.from('AAAA').subarray(0, pending)));
      call.end();
      expect(call.events).to.deep.equal(['headers', 'message 6161', 'INTERNAL']);
      expect(call.listener.details).to.include(`ended ${pending} characters into a group of 4`);
      expect(call.stream.takenOctets).to.equal(call.receivedOctets);
    });
  }

  it('is refused where a group follows the trailers frame', () => {
    const call = streaming();
    call.deliver(concat(base64(frame(2), ok(call)), base64(Uint8Array.of(1))));
    expect(call.events.at(-1)).to.equal('INTERNAL');
    expect(call.listener.details).to.include('1 octets after the trailers frame');
  });

  it('is cut short like any other', () => {
    const call = streaming();
    call.deliver(base64(frame(2)));
    call.end();
    expect(call.listener.details).to.include('without its trailers frame');
  });

  it('is credited as long as it is, and not as its octets are', () => {
    const call = new AdaptedCall(LABEL);
    call.head();
    const text = base64(frame(300));
    call.deliver(text.subarray(0, 100));
    expect([call.stream.creditedOctets, call.stream.takenOctets]).to.deep.equal([100, 0]);
    call.deliver(text.subarray(100));
    expect(call.stream.takenOctets).to.equal(text.length);
  });

  it('is a page of another server as that sent it', () => {
    const call = new AdaptedCall(LABEL);
    call.headOf(503, TEXT_TYPE);
    call.deliver(Buffer.from('no base64'));
    call.end();
    expect(call.listener.outcome?.code).to.equal(14);
  });
});
