// The limits on sizes, both ways: each at the limit and one past it, and the connection none the worse for it.

import { expect } from 'chai';
import type { CallOptions, Client, ClientOptions } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { echo, type Http2Peer, listenHttp2, type PeerStream } from '../support/peers/peer.ts';

const LIMIT = 1000;
/** What each field counts beside its name and value (RFC 9113 §6.5.2). */
const FIELD_OCTETS = 32;
const HEAD = [':status', '200', 'content-type', 'application/grpc'];

function listOctets(fields: readonly string[]): number {
  return fields.join('').length + (fields.length / 2) * FIELD_OCTETS;
}

describeCalls('Limits', (Client) => {
  const close = closing();

  function connect(peer: Http2Peer, options?: ClientOptions): Client {
    return close(new Client(peer.target, options));
  }

  /** A call without a deadline, so that its header list is always the same. */
  function unary(client: Client, octets: number, options?: CallOptions) {
    const method = client.raw('/s/m', { cardinality: 'unary_unary' });
    return method(new Uint8Array(octets), { timeoutMs: Infinity, ...options });
  }

  describe('of headers that a server takes, its SETTINGS_MAX_HEADER_LIST_SIZE', () => {
    it('are kept to: a call at the limit goes, one past it fails here with RESOURCE_EXHAUSTED', async () => {
      const peer = close(await listenHttp2(echo, { maxHeaderListOctets: LIMIT }));
      const client = connect(peer);
      await unary(client, 5, { metadata: { pad: '' } });
      const pad = 'x'.repeat(LIMIT - listOctets(peer.requests[0].headers));
      await unary(client, 5, { metadata: { pad } });
      expect(listOctets(peer.requests[1].headers)).to.equal(LIMIT);
      const error = await rejection(unary(client, 5, { metadata: { pad: `${pad}x` } }));
      expect(error).to.include({ codeName: 'RESOURCE_EXHAUSTED', origin: 'client' });
      expect(error.message).to.match(/headers are 1001 bytes; 127\.0\.0\.1:\d+ accepts at most 1000/);
      await unary(client, 5);
      expect([peer.requests.length, peer.accepted]).to.deep.equal([3, 1]);
    });

    it('are kept to by calls that waited for the connection, and by streams', async () => {
      const peer = close(await listenHttp2(echo, { maxHeaderListOctets: LIMIT }));
      const client = connect(peer);
      const metadata = { pad: 'x'.repeat(LIMIT) };
      const stream = client.raw('/s/m', { cardinality: 'stream_stream' }).open({ metadata });
      const calls = [unary(client, 5, { metadata }), unary(client, 5)];
      expect(await rejection(calls[0])).to.include({ codeName: 'RESOURCE_EXHAUSTED' });
      expect(await rejection(stream.read())).to.include({ codeName: 'RESOURCE_EXHAUSTED' });
      await calls[1];
    });
  });

  describe('of headers that the client takes, maxHeaderListBytes', () => {
    const fields: Readonly<Record<string, (request: PeerStream, pad: string) => void>> = {
      'the response head': (request, pad) =>
        request
          .head([...HEAD, 'pad', pad])
          .write(frame(1))
          .status(0),
      'the trailers': (request, pad) => request.head().write(frame(1)).status(0, 'pad', pad),
    };
    for (const [name, answer] of Object.entries(fields)) {
      it(`are kept to in ${name}`, async () => {
        const own = name === 'the trailers' ? ['grpc-status', '0'] : HEAD;
        const room = LIMIT - listOctets([...own, 'pad', '']);
        let extra = 0;
        const peer = close(
          // The server's side of the limit is advice, which this server does not take.
          await listenHttp2((request) => answer(request, 'x'.repeat(room + extra))),
        );
        const client = connect(peer, { maxHeaderListBytes: LIMIT });
        await unary(client, 5);
        extra = 1;
        const error = await rejection(unary(client, 5));
        expect(error.message).to.match(/header.*1000/i);
        extra = 0;
        await unary(client, 5);
        expect(peer.accepted).to.equal(1);
      });
    }
  });

  const messages: readonly (readonly [
    option: 'maxSendMessageBytes' | 'maxReceiveMessageBytes',
    details: RegExp,
  ])[] = [
    ['maxSendMessageBytes', /message of 1001 bytes exceeds maxSendMessageBytes 1000/],
    ['maxReceiveMessageBytes', /message of 1001 bytes exceeds maxReceiveMessageBytes 1000/],
  ];
  for (const [option, details] of messages) {
    it(`${option} is kept to, of a client and of a call`, async () => {
      const peer = close(await listenHttp2(echo));
      for (const [clientOptions, callOptions] of [
        [{ [option]: LIMIT }, {}],
        [{}, { [option]: LIMIT }],
        [{ [option]: 1 }, { [option]: LIMIT }],
      ]) {
        const client = connect(peer, clientOptions);
        expect(await unary(client, LIMIT, callOptions)).to.have.length(LIMIT);
        const error = await rejection(unary(client, LIMIT + 1, callOptions));
        expect(error).to.include({ codeName: 'RESOURCE_EXHAUSTED', origin: 'client' });
        expect(error.message).to.match(details);
      }
    });
  }
});
