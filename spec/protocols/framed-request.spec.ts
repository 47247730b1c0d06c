// Responses of message frames with an end frame, as gRPC-Web and Connect's streams have them: any split, every wrong
// form of the end, and whoever has enough at any moment. Sources: PROTOCOL-WEB.md; connectrpc.com/docs/protocol.

import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_END_OCTETS } from '../../lib/protocols/framed-request.ts';
import { nextTurn } from '../../lib/values/turn.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { AdaptedCall, COMPLETE, concat, errorFrame, frame, okFrame } from '../support/adapted.ts';
import { arbitraryCuts, byteByByte, splitAt } from '../support/splits.ts';

const LABELS = ['gRPC-Web', 'Connect'] as const;

/** A call whose stream is open, and whose replies are read as they come. */
function streaming(label: (typeof LABELS)[number], maxOctets = 1000): AdaptedCall {
  const call = new AdaptedCall(label, { replies: 'many', maxOctets });
  call.exchange.isReading = true;
  call.listener.afterMessage = () => {
    call.exchange.isReading = true;
  };
  return call;
}

const turn = (): Promise<void> => new Promise((resolve) => nextTurn(resolve));

for (const label of LABELS) {
  describe(`${label}: frames and the end frame`, () => {
    it('are the same events however the body is split, and every octet is given back', () => {
      const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
      const property = fc.property(
        bodies,
        fc.boolean(),
        fc.array(fc.nat(400), { maxLength: 30 }),
        (messages, isOk, cuts) => {
          const play = (split: (octets: Uint8Array) => Uint8Array[]): AdaptedCall => {
            const call = streaming(label);
            call.head();
            const end = isOk ? okFrame(call) : errorFrame(call);
            for (const part of split(concat(...messages.map((body) => frame(body)), end))) call.deliver(part);
            call.end();
            return call;
          };
          const whole = play((octets) => [octets]);
          const expected = messages.map((body) => `message ${Buffer.from(body).toString('hex')}`);
          expect(whole.events.filter((one) => one.startsWith('message'))).to.deep.equal(expected);
          expect(whole.listener.outcome?.code).to.equal(isOk ? 0 : 5);
          for (const call of [play(byteByByte), play((octets) => splitAt(octets, cuts))]) {
            expect(call.events).to.deep.equal(whole.events);
            expect(call.listener.outcome).to.deep.equal(whole.listener.outcome);
            expect(call.stream.takenOctets).to.equal(call.receivedOctets);
          }
          expect(whole.stream.takenOctets).to.equal(whole.receivedOctets);
        },
      );
      fc.assert(property, { numRuns: atLeast(200) });
    });

    it('are the same for compressed messages and a compressed end', () => {
      fc.assert(
        fc.property(arbitraryCuts(120), (cuts) => {
          const call = streaming(label);
          call.head([label === 'Connect' ? 'connect-content-encoding' : 'grpc-encoding', 'gzip']);
          const { 0: flag } = okFrame(call);
          const end = okFrame(call).subarray(5);
          const octets = concat(frame(gzipSync('abc'), 1), frame(gzipSync(end), flag | 1));
          for (const part of splitAt(octets, cuts)) call.deliver(part);
          call.end();
          expect(call.events).to.deep.equal(['headers', 'message 616263', 'OK']);
          expect(call.stream.takenOctets).to.equal(call.receivedOctets);
        }),
        { numRuns: atLeast(50) },
      );
    });

    it('wait for the end of the body: only then is it known that nothing follows', () => {
      const call = streaming(label);
      call.head();
      call.deliver(okFrame(call));
      expect(call.events).to.deep.equal([]);
      call.end();
      expect(call.events).to.deep.equal(['OK']);
    });

    const ends = [
      ['RST_STREAM(NO_ERROR)', { kind: 'reset', code: 0 }],
      ['RST_STREAM(CANCEL)', { kind: 'reset', code: 8 }],
      ['a violation', { kind: 'violation', code: 1, reason: 'content-length' }],
      ['a lost connection', { kind: 'lost', code: 0, reason: 'gone', processed: undefined }],
    ] as const;
    for (const [name, end] of ends) {
      it(`are believed behind the end frame, whatever ends the stream: ${name}`, () => {
        const call = streaming(label);
        call.head();
        call.deliver(concat(frame(2), errorFrame(call)));
        call.end(end);
        expect(call.events).to.deep.equal(['headers', 'message 6161', 'NOT_FOUND']);
        expect(call.listener.details).to.equal('gone');
      });

      it(`leave it to the stream's end before the end frame is whole: ${name}`, () => {
        for (const cut of [0, 1, 4, 5, 6]) {
          const call = streaming(label);
          call.head();
          call.deliver(errorFrame(call).subarray(0, cut));
          call.end(end);
          expect(call.listener.outcome?.code, `after ${cut} octets`).to.not.be.oneOf([0, 5]);
        }
      });
    }

    it('name an end that is cut short', () => {
      for (let cut = 1; ; cut++) {
        const call = streaming(label);
        const end = errorFrame(call);
        if (cut === end.length) break;
        call.head();
        call.deliver(end.subarray(0, cut));
        call.end();
        expect(call.events, `after ${cut} octets`).to.deep.equal(['INTERNAL']);
        expect(call.listener.details).to.match(
          /the response ended inside the (?:trailers frame|end-of-stream)/,
        );
      }
    });

    it('name an end that is missing', () => {
      const call = streaming(label);
      call.head();
      call.deliver(frame(2));
      call.end();
      expect(call.events[2]).to.equal(label === 'Connect' ? 'INTERNAL' : 'UNKNOWN');
      expect(call.listener.details).to.match(/ended without/);
    });

    it('name a message that is cut short where the end is missing', () => {
      const call = streaming(label);
      call.head();
      call.deliver(frame(10).subarray(0, 9));
      call.end();
      expect(call.listener.outcome?.code).to.not.equal(0);
      expect(call.stream.takenOctets).to.equal(call.receivedOctets);
    });

    for (const [name, more] of [
      ['a message', frame(3)],
      ['one octet', Uint8Array.of(0)],
      ['a second end', undefined],
    ] as const) {
      for (const isApart of [false, true]) {
        it(`refuse ${name} behind the end${isApart ? ', in a chunk of its own' : ''}`, () => {
          const call = streaming(label);
          call.head();
          const behind = more ?? okFrame(call);
          if (isApart) for (const part of [okFrame(call), behind]) call.deliver(part);
          else call.deliver(concat(okFrame(call), behind));
          expect(call.events).to.deep.equal(['INTERNAL']);
          expect(call.listener.details).to.include(`the server sent ${behind.length} octets after the`);
          expect(call.resets).to.deep.equal(['reset 8']);
        });
      }
    }

    it('take an end frame of the largest size, and name one that is larger before it has come', () => {
      const call = streaming(label);
      call.head();
      const filler = ' '.repeat(MAX_END_OCTETS);
      const text = label === 'Connect' ? '{}' : 'grpc-status: 0\r\nx:';
      call.deliver(call.endFrame((text + filler).slice(0, MAX_END_OCTETS)));
      call.end();
      expect(call.events).to.deep.equal(['OK']);
      expect(call.stream.takenOctets).to.equal(call.receivedOctets);

      const larger = streaming(label);
      larger.head();
      larger.deliver(frame(0, larger.endBit, MAX_END_OCTETS + 1));
      expect(larger.events).to.deep.equal(['RESOURCE_EXHAUSTED']);
      expect(larger.listener.details).to.include(`is larger than ${MAX_END_OCTETS} octets`);
      expect(larger.resets).to.deep.equal(['reset 8']);
    });

    it('name octets behind an end frame of the largest size for what they are', () => {
      const call = streaming(label);
      call.head();
      call.deliver(concat(frame(Buffer.alloc(MAX_END_OCTETS, 0x20), call.endBit), Uint8Array.of(1)));
      expect(call.listener.details).to.include('1 octets after');
    });

    it('decompress an end up to the largest size, and name a bomb without naming an option', () => {
      for (const [octets, code] of [
        [MAX_END_OCTETS, 'OK'],
        [MAX_END_OCTETS + 1, 'RESOURCE_EXHAUSTED'],
        [64 * MAX_END_OCTETS, 'RESOURCE_EXHAUSTED'],
      ] as const) {
        const call = streaming(label);
        call.head([label === 'Connect' ? 'connect-content-encoding' : 'grpc-encoding', 'gzip']);
        const text = Buffer.alloc(octets, label === 'Connect' ? ' ' : '\n');
        text.write(label === 'Connect' ? '{}' : 'grpc-status: 0\r\n');
        call.deliver(call.endFrame(gzipSync(text), 1));
        call.end();
        expect(call.events, `of ${octets} octets`).to.deep.equal([code]);
        if (code === 'OK') continue;
        expect(call.listener.details).to.include(`larger than ${MAX_END_OCTETS} octets when decompressed`);
        expect(call.listener.details).to.not.include('maxReceiveMessageBytes');
      }
    });

    it('name an end in a compression that is not known, that is not what it says, and that nobody named', () => {
      const encodingName = label === 'Connect' ? 'connect-content-encoding' : 'grpc-encoding';
      for (const [fields, body, says] of [
        [[encodingName, 'lzma'], gzipSync('{}'), /compressed with "lzma"/],
        [[encodingName, 'gzip'], deflateRawSync('{}'), /cannot be decompressed with gzip/],
        [[], gzipSync('{}'), /marked compressed without/],
      ] as const) {
        const call = streaming(label);
        call.head(fields);
        call.deliver(call.endFrame(body, 1));
        call.end();
        expect(call.events).to.deep.equal(['INTERNAL']);
        expect(call.listener.details)
          .to.match(says)
          .and.match(/^the (?:trailers frame|end-of-stream)/);
      }
    });

    it('refuse an end frame with any other bit, by its first octets', () => {
      for (let flag = 0; flag < 256; flag++) {
        const call = streaming(label);
        if ((flag & call.endBit) === 0 || (flag & ~(call.endBit | 1)) === 0) continue;
        call.head();
        call.deliver(frame(0, flag, 2 ** 31));
        expect(call.events, String(flag)).to.deep.equal(['INTERNAL']);
        expect(call.listener.details).to.include(`the invalid flag byte ${flag}`);
      }
    });

    it('refuse a message with any other bit', () => {
      for (let flag = 2; flag < 256; flag++) {
        const call = streaming(label);
        if ((flag & call.endBit) !== 0) continue;
        call.head();
        call.deliver(frame(1, flag));
        expect(call.events, String(flag)).to.deep.equal(['headers', 'INTERNAL']);
        expect(call.listener.details).to.include(`the invalid flag byte ${flag}`);
      }
    });

    it('keep messages within their limit', () => {
      const call = streaming(label, 10);
      call.head();
      call.deliver(concat(frame(10), frame(11).subarray(0, 5)));
      expect(call.events[2]).to.equal('RESOURCE_EXHAUSTED');
      expect(call.listener.details).to.include('message of 11 bytes exceeds');
    });
  });

  describe(`${label}: the response head`, () => {
    it('goes up within the turn, long before any message', async () => {
      const call = streaming(label);
      call.head(['x-a', '1']);
      expect(call.events).to.deep.equal([]);
      await turn();
      expect(call.events).to.deep.equal(['headers']);
      expect(call.header('x-a')).to.equal('1');
    });

    it('waits where the end comes with it: nothing stands against another attempt then', async () => {
      const call = streaming(label);
      call.head(['x-a', '1']);
      call.deliver(errorFrame(call));
      await turn();
      expect(call.events).to.deep.equal([]);
      call.end();
      expect(call.events).to.deep.equal(['NOT_FOUND']);
      expect(call.header('x-a'), "and is the call's all the same").to.equal('1');
    });

    it('waits where the end comes in another read of the same turn', async () => {
      const call = streaming(label);
      call.head();
      await Promise.resolve();
      call.deliver(errorFrame(call));
      await turn();
      expect(call.events).to.deep.equal([]);
    });

    it('goes up once, before the first message', async () => {
      const call = streaming(label);
      call.head();
      call.deliver(frame(1));
      await turn();
      expect(call.events).to.deep.equal(['headers', 'message 61']);
    });

    it('goes up before the end of a stream that is lost', () => {
      const call = streaming(label);
      call.head();
      call.end({ kind: 'reset', code: 2 });
      expect(call.events).to.deep.equal(['headers', 'INTERNAL']);
    });

    it('does not come any more when the call was given up', async () => {
      const call = streaming(label);
      call.head();
      call.exchange.abandon();
      await turn();
      expect(call.events).to.deep.equal([]);
      expect(call.resets).to.deep.equal(['reset 8']);
    });
  });

  describe(`${label}: whoever has enough`, () => {
    it('hears nothing more: given up in the head', () => {
      const call = streaming(label);
      call.listener.onHeaders = () => {
        call.listener.events.push('headers');
        call.exchange.abandon();
      };
      call.head();
      call.deliver(concat(frame(1), okFrame(call)));
      expect(call.events).to.deep.equal(['headers']);
      expect(call.resets).to.deep.equal(['reset 8']);
    });

    it('hears nothing more: given up in a message with the end behind it', () => {
      const call = streaming(label);
      call.listener.afterMessage = () => call.exchange.abandon();
      call.head();
      call.deliver(concat(frame(1), frame(2), okFrame(call)));
      expect(call.events).to.deep.equal(['headers', 'message 61']);
      expect(call.resets).to.deep.equal(['reset 8']);
    });

    it('hears nothing more: given up when the end has come but not the end of the stream', () => {
      const call = streaming(label);
      call.head();
      call.deliver(okFrame(call));
      call.exchange.abandon();
      call.end(COMPLETE);
      expect(call.events).to.deep.equal([]);
    });

    it('is refused nothing that came before: a message of a call with one reply', () => {
      const call = new AdaptedCall(label, { requests: 'many', replies: 'one' });
      call.head();
      call.deliver(concat(frame(1), frame(2), okFrame(call)));
      expect(call.events).to.deep.equal(['headers', 'message 61', 'UNIMPLEMENTED']);
    });

    it('keeps its windows: what is not read is held, and given back at the end', () => {
      const call = new AdaptedCall(label, { replies: 'many' });
      call.head();
      call.deliver(concat(frame(10), frame(20), okFrame(call)));
      expect(call.stream.takenOctets, 'the end frame alone').to.equal(okFrame(call).length);
      call.end();
      expect(call.stream.takenOctets).to.equal(call.receivedOctets);
    });
  });
}
