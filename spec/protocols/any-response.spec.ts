// Whatever a server sends: nothing throws, a call has one end, it is the same end however the octets are split, and no
// octet is given back twice or forgotten.

import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { AdaptedCall, COMPLETE, frame, type ProtocolLabel } from '../support/adapted.ts';
import { byteByByte, splitAt } from '../support/splits.ts';

const ENDS = [
  '{}',
  '{"error":{"code":"not_found","message":"m","details":[1]}}',
  '{"metadata":{"a":["b"]}}',
  '{"metadata":{"a":[1]}}',
  'grpc-status: 0\r\n',
  'grpc-status: 5\r\nx: y\r\n',
  'x: y',
  '',
];
const TYPES = [
  'application/proto',
  'application/json',
  'application/connect+proto',
  'application/grpc-web+proto',
  'application/grpc-web-text+proto',
  'application/grpc',
  'text/html',
];
const FIELDS: readonly (readonly string[])[] = [
  [],
  ['grpc-status', '0'],
  ['grpc-status', '7'],
  ['grpc-encoding', 'gzip'],
  ['connect-content-encoding', 'gzip'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'lzma'],
  ['trailer-x', 'y'],
  ['trailer-grpc-status', '7'],
];

const anyFlag = fc.oneof(fc.constantFrom(0, 1, 2, 3, 0x80, 0x81), fc.nat(255));
const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.constantFrom(...ENDS).map((text) => Buffer.from(text)),
  fc.constantFrom(...ENDS).map((text) => gzipSync(text)),
);
const anyPiece = fc.oneof(
  fc.tuple(anyBody, anyFlag).map(([body, flag]) => frame(body, flag)),
  fc.tuple(anyBody, anyFlag, fc.nat(40)).map(([body, flag, length]) => frame(body, flag, length)),
  anyBody,
);
const anyResponse = fc.record({
  status: fc.constantFrom(200, 200, 200, 404, 503),
  type: fc.constantFrom('', '', '', '', ...TYPES),
  fields: fc.constantFrom(...FIELDS),
  isText: fc.boolean(),
  garbage: fc.constantFrom('', '', '', '<', 'A', 'AA=', '=', ' '),
  pieces: fc.array(anyPiece, { maxLength: 6 }),
  trailers: fc.constantFrom(undefined, undefined, ['grpc-status', '0'], ['grpc-status', '7']),
  end: fc.constantFrom(COMPLETE, COMPLETE, COMPLETE, { kind: 'reset', code: 8 } as const),
  cuts: fc.array(fc.nat(200), { maxLength: 10 }),
});

for (const label of [
  'gRPC-Web',
  'gRPC-Web in text',
  'Connect',
  'Connect with GET',
] as const satisfies ProtocolLabel[]) {
  for (const replies of ['one', 'many'] as const) {
    it(`Any response of ${label} to a call with ${replies} of replies`, () => {
      const property = fc.property(
        anyResponse,
        ({ status, type, fields, isText, garbage, pieces, trailers, end, cuts }) => {
          const octets = Buffer.concat(pieces);
          const body = isText
            ? Buffer.from(pieces.map((one) => Buffer.from(one).toString('base64')).join('') + garbage)
            : octets;
          const play = (parts: readonly Uint8Array[]): AdaptedCall => {
            const call = new AdaptedCall(label, { replies, idempotency: 'no_side_effects' });
            call.exchange.isReading = true;
            call.listener.afterMessage = () => {
              call.exchange.isReading = true;
            };
            const own = call.request.head.protocol?.contentType ?? '';
            call.headOf(status, type === '' ? own : type, fields);
            for (const part of parts) {
              // After a reset nothing is heard of a stream.
              if (call.resets.length === 0) call.deliver(part);
            }
            if (call.resets.length === 0 && trailers !== undefined) call.request.onTrailers(trailers);
            if (call.resets.length === 0) call.end(end);
            expect(call.listener.outcome, 'it ends').to.not.equal(undefined);
            expect(call.resets.length).to.be.at.most(1);
            // What is not given back when a stream is reset is the stream's to drop.
            if (call.resets.length === 0) expect(call.stream.takenOctets).to.equal(call.receivedOctets);
            else expect(call.stream.takenOctets).to.be.at.most(call.receivedOctets);
            return call;
          };
          const whole = play([body]);
          const messages = (call: AdaptedCall): readonly string[] =>
            call.events.filter((event) => event.startsWith('message'));
          for (const other of [play(byteByByte(body)), play(splitAt(body, cuts))]) {
            expect(other.listener.outcome?.code).to.equal(whole.listener.outcome?.code);
            expect(other.listener.outcome?.origin).to.equal(whole.listener.outcome?.origin);
            expect(messages(other)).to.deep.equal(messages(whole));
          }
        },
      );
      fc.assert(property, { numRuns: atLeast(400) });
    });
  }
}
