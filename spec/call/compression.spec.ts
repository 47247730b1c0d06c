// Compression as a user asks for it: a client's, a call's and a message's own, and what a wrong wish is answered with.

import { deflateRawSync, gunzipSync, inflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import type { CallOptions, Client, ClientOptions, Compression } from '../../lib/index.ts';
import { BUILT_IN_COMPRESSIONS } from '../../lib/rpc/compression/compression.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listenHttp2, type PeerStream } from '../support/peers/peer.ts';
import { startPeer } from '../support/peers/peer-process.ts';

const NAME = 'you '.repeat(100);
const REPLY = Buffer.concat([Uint8Array.of(0x0a, 2), Buffer.from('ok')]);
const RAW: Compression = {
  name: 'raw-deflate',
  compress: (bytes) => deflateRawSync(bytes),
  decompress: (bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
};

describeCalls(
  'Compression',
  (Client) => {
    const close = closing();
    let peer: Http2Peer;

    beforeEach(async () => {
      peer = close(
        await listenHttp2((request) => {
          const isGreeting = request.header(':path')?.endsWith('SayHello');
          const reply = frame(isGreeting ? REPLY : 0);
          void request.when(() => request.hasEnded).then(() => request.head().write(reply).status(0));
        }),
      );
    });

    async function connect(options?: ClientOptions): Promise<Client> {
      const client = close(new Client(peer.target, options));
      await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);
      return client;
    }

    /** Of one call: the request's grpc-encoding, and the flag of its message. */
    async function sent(options?: ClientOptions, callOptions?: CallOptions): Promise<PeerStream> {
      const client = await connect(options);
      await client.request('SayHello', { name: NAME }, callOptions);
      return peer.requests[0];
    }

    const wishes: readonly (readonly [
      name: string,
      client: ClientOptions | undefined,
      call: CallOptions | undefined,
      encoding: string | undefined,
    ])[] = [
      ['nothing is said', undefined, undefined, undefined],
      ['the client says gzip', { compression: 'gzip' }, undefined, 'gzip'],
      ['the call says gzip', undefined, { compression: 'gzip' }, 'gzip'],
      [
        'the call says deflate and its client gzip',
        { compression: 'gzip' },
        { compression: 'deflate' },
        'deflate',
      ],
      [
        'the call says identity and its client gzip',
        { compression: 'gzip' },
        { compression: 'identity' },
        undefined,
      ],
      ['a call with other options says nothing', { compression: 'br' }, { timeoutMs: 5000 }, 'br'],
      ['the call says its own', { compressions: [RAW] }, { compression: 'raw-deflate' }, 'raw-deflate'],
      [
        'there is metadata, too',
        { metadata: { a: 'b' } },
        { compression: 'gzip', metadata: { c: 'd' } },
        'gzip',
      ],
    ];
    for (const [name, options, callOptions, encoding] of wishes) {
      it(`is ${encoding ?? 'none'} where ${name}`, async () => {
        const request = await sent(options, callOptions);
        expect(request.header('grpc-encoding')).to.equal(encoding);
        expect(request.body[0]).to.equal(encoding === undefined ? 0 : 1);
        expect(request.messages[0].length < NAME.length).to.equal(encoding !== undefined);
        expect(request.header('c')).to.equal(callOptions?.metadata === undefined ? undefined : 'd');
      });
    }

    it('is offered for replies, including the client’s own algorithms', async () => {
      const request = await sent({ compressions: [RAW] });
      expect(request.header('grpc-accept-encoding')).to.equal(
        `${BUILT_IN_COMPRESSIONS.acceptEncoding},raw-deflate`,
      );
    });

    it('can be left out for single messages of a stream', async () => {
      const client = await connect();
      const call = client.open('RouteChat', { compression: 'gzip' });
      const note = { message: NAME };
      await call.write(note);
      await call.write(note, { compress: false });
      await call.end(note, { compress: true });
      const request = await peer.request(1);
      await request.when(() => request.hasEnded);
      expect(request.header('grpc-encoding')).to.equal('gzip');
      const flags: number[] = [];
      for (let at = 0; at < request.body.length; at += 5 + request.body.readUInt32BE(at + 1))
        flags.push(request.body[at]);
      expect(flags).to.deep.equal([1, 0, 1]);
      await call.toArray();
    });

    const mistakes: readonly (readonly [name: string, options: unknown, error: RegExp])[] = [
      [
        'an unknown name',
        { compression: 'gzipp' },
        /^compression must be one of identity, gzip, deflate, br.*not "gzipp"; did you mean 'gzip'\?$/,
      ],
      ['another case', { compression: 'GZIP' }, /must be one of identity, gzip/],
      ['no text', { compression: true }, /must be one of .*not true/],
      ['nothing', { compression: null }, /must be one of .*not null/],
    ];
    for (const [name, options, error] of mistakes) {
      it(`is refused with a TypeError for ${name}, of a client and of a call`, async () => {
        expect(() => new Client('localhost:1', options as ClientOptions)).to.throw(TypeError, error);
        const client = await connect();
        const thrown = await rejection(client.request('SayHello', {}, options as CallOptions));
        expect(thrown).to.be.instanceOf(TypeError);
        expect((thrown as Error).message).to.match(error);
        expect(peer.requests).to.deep.equal([]);
      });
    }

    const algorithms: readonly (readonly [name: string, compressions: unknown, error: RegExp])[] = [
      ['an object', RAW, /must be an array of \{ name, compress, decompress \}, not Object/],
      ['nothing in the list', [undefined], /compressions\[0\]\.name must be a name/],
      ['no name', [{ ...RAW, name: undefined }], /compressions\[0\]\.name must be .*not undefined/],
      [
        'an upper-case name',
        [RAW, { ...RAW, name: 'Snappy' }],
        /compressions\[1\]\.name must be .*not "Snappy"/,
      ],
      ['a name with a comma', [{ ...RAW, name: 'a,b' }], /name must be/],
      ['identity', [{ ...RAW, name: 'identity' }], /name must be/],
      ['two of one name', [RAW, RAW], /compressions\[1\]\.name 'raw-deflate' is already taken/],
      [
        'no compress',
        [{ ...RAW, compress: undefined }],
        /compressions\[0\]\.compress must be a function, not undefined/,
      ],
      [
        'a text for decompress',
        [{ ...RAW, decompress: 'x' }],
        /compressions\[0\]\.decompress must be a function/,
      ],
    ];
    for (const [name, compressions, error] of algorithms) {
      it(`takes no algorithms from ${name}`, () => {
        expect(() => new Client('localhost:1', { compressions } as ClientOptions)).to.throw(TypeError, error);
      });
    }

    it('has only one option for a single message', async () => {
      const client = await connect();
      const call = client.open('RecordRoute');
      const cases: readonly (readonly [unknown, RegExp])[] = [
        [{ compres: true }, /no write option 'compres'; did you mean 'compress'/],
        [{ compress: 1 }, /compress must be true or false, not 1/],
        [{ compress: true }, /compress: true needs a call with the compression option/],
        [null, /write options must be an object, not null/],
      ];
      for (const [options, error] of cases) {
        const thrown = await rejection(call.write({}, options as never));
        expect(thrown).to.be.instanceOf(TypeError);
        expect((thrown as Error).message).to.match(error);
      }
      await call.write({}, { compress: false });
      await call.end();
      await call;
    });

    it('counts maxSendMessageBytes before it', async () => {
      const client = await connect({ compression: 'gzip', maxSendMessageBytes: NAME.length });
      const thrown = await rejection(client.request('SayHello', { name: NAME }));
      expect((thrown as Error).message).to.match(
        /RESOURCE_EXHAUSTED: message of 403 bytes exceeds maxSendMessageBytes 400/,
      );
    });

    it('of the user’s own fails the call if it throws, with that error as the cause', async () => {
      const cause = new Error('no memory');
      const broken: Compression = {
        ...RAW,
        compress: () => {
          throw cause;
        },
      };
      const client = await connect({ compressions: [broken], compression: 'raw-deflate' });
      const thrown = (await rejection(client.request('SayHello', { name: NAME }))) as Error;
      expect(thrown.message).to.equal(
        'INTERNAL: the request cannot be compressed with raw-deflate: no memory',
      );
      expect(thrown.cause).to.equal(cause);
      const call = client.open('RecordRoute');
      expect(((await rejection(call.write({}))) as Error).message).to.match(/cannot be compressed/);
    });

    it('is understood by another implementation’s server, and the other way round', async () => {
      // 2: gzip.
      const { port } = close(await startPeer('greeter', { compression: 2 }));
      const client = close(new Client('127.0.0.1', port, { compression: 'gzip' }));
      await client.load('protos/helloworld.proto');
      const name = 'a'.repeat(100_000);
      expect((await client.request('SayHello', { name })).message).to.have.length.above(100_000);
      const deflated = await client.request('SayHello', { name }, { compression: 'deflate' });
      expect(deflated.message).to.have.length.above(100_000);
      const refused = (await rejection(client.request('SayHello', { name }, { compression: 'br' }))) as Error;
      expect(refused.message).to.match(/^UNIMPLEMENTED: /);
    });

    it('leaves the caller’s bytes unchanged', async () => {
      const client = await connect({ compression: 'gzip' });
      const bytes = new Uint8Array(1000);
      await client.raw('/a.B/C', { cardinality: 'unary_unary' })(bytes);
      expect(bytes).to.deep.equal(new Uint8Array(1000));
      expect(gunzipSync(peer.requests[0].messages[0]).length).to.equal(1000);
    });
  },
  {
    'can be left out for single messages of a stream':
      'interceptors may make other messages of those that are written, so that nothing can be said of one',
  },
);
