// Client: what it is made of, loading schemas, and finding methods by name.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { CardinalityError, type Client, SchemaError } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listenHttp2 } from '../support/peers/peer.ts';

const HELLO = 'protos/helloworld.proto';
const ROUTE = 'protos/route_guide.proto';

describeCalls('Client', (Client) => {
  const close = closing();
  let peer: Http2Peer;
  let client: Client;
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'stubless-'));
  });
  after(() => rmSync(directory, { recursive: true }));
  beforeEach(async () => {
    // Says what was called by the path of the request.
    peer = close(
      await listenHttp2((request) => {
        const path = Buffer.from(request.header(':path') ?? '');
        request
          .head()
          .write(frame(Buffer.concat([Uint8Array.of(0x0a, path.length), path])))
          .status(0);
      }),
    );
    client = close(new Client(peer.target));
  });

  /** A schema whose replies hold the path in field 1, in a file of its own. */
  function schema(name: string, text: string): string {
    const path = join(directory, name);
    writeFileSync(path, `syntax = "proto3"; ${text} message M { string path = 1; }`);
    return path;
  }

  describe('made', () => {
    const wrong: readonly (readonly [name: string, make: () => Client, message: RegExp])[] = [
      ['nothing', () => new Client(undefined as unknown as string), /target must be/],
      ['no port', () => new Client('localhost'), /no port/],
      ['port 0', () => new Client('localhost', 0), /port must be/],
      [
        'a port in text',
        () => new Client('localhost', '50051' as unknown as number),
        /port must be .* not "50051"/,
      ],
      [
        'an unknown option',
        () => new Client('localhost', 1, { timeout: 1 } as object),
        /no client option 'timeout'/,
      ],
      [
        'an unknown option behind a target',
        () => new Client('a:1', { timeout: 1 } as object),
        /no client option/,
      ],
    ];
    for (const [name, make, message] of wrong) {
      it(`of ${name} is an error at once`, () => {
        expect(make).to.throw(message);
      });
    }

    it('connects to nothing before its first call', async () => {
      await client.load(HELLO);
      expect([client.channel.state, peer.accepted]).to.deep.equal(['idle', 0]);
    });
  });

  describe('loading', () => {
    it('accumulates', async () => {
      expect(client.services).to.deep.equal([]);
      expect(await client.load(HELLO)).to.equal(client);
      await client.load(ROUTE);
      expect(client.services.map(({ fullName }) => fullName)).to.have.members([
        'helloworld.Greeter',
        'routeguide.RouteGuide',
      ]);
      expect((await client.request('SayHello', {})).message).to.equal('/helloworld.Greeter/SayHello');
      expect((await client.request('GetFeature', {})).name).to.equal('/routeguide.RouteGuide/GetFeature');
    });

    for (const [name, source] of [
      ['a path', HELLO],
      ['a file: URL', pathToFileURL(HELLO)],
      ['several', [HELLO, pathToFileURL(ROUTE)]],
    ] as const) {
      it(`takes ${name}`, async () => {
        await client.load(source);
        expect((await client.request('SayHello', {})).message).to.include('SayHello');
      });
    }

    it('takes the same file twice', async () => {
      await client.load(HELLO);
      await client.load(HELLO);
      expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['helloworld.Greeter']);
      expect((await client.request('SayHello', {})).message).to.equal('/helloworld.Greeter/SayHello');
    });

    for (const wrong of [undefined, null, 7, {}, [], [7], true]) {
      it(`refuses ${JSON.stringify(wrong)}`, async () => {
        expect(await rejection(client.load(wrong as unknown as string))).to.be.instanceOf(TypeError);
      });
    }

    it('refuses an unknown option', async () => {
      const error = await rejection(client.load(HELLO, { includeDir: ['x'] } as object));
      expect(error.message).to.include("did you mean 'includeDirs'?");
    });

    it('is waited for by a call made right after it', async () => {
      void client.load(HELLO);
      void client.load(ROUTE);
      expect((await client.request('SayHello', {})).message).to.include('SayHello');
      const other = close(new Client(client.channel));
      void other.load(ROUTE);
      const replies = [];
      for await (const reply of other.request('ListFeatures', {})) replies.push(reply.name);
      expect(replies).to.deep.equal(['/routeguide.RouteGuide/ListFeatures']);
    });

    it("is waited for within the call's own timeout", async () => {
      void client.load(HELLO);
      const error = await rejection(client.request('SayHello', {}, { deadline: Date.now() - 1 }));
      expect(error).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(error.message).to.include('before the call was made');
    });

    it('leaves calls that wait for it to be ended by their caller', async () => {
      void client.load(HELLO);
      const controller = new AbortController();
      const aborted = client.request('SayHello', {}, { signal: controller.signal });
      const cancelled = client.request('SayHelloStreamReply', {});
      const reading = cancelled.read();
      const open = client.open('SayHelloBidiStream');
      const writing = open.write({ name: 'x' });
      controller.abort('why');
      cancelled.cancel();
      open.cancel();
      expect(await rejection(aborted)).to.include({ codeName: 'CANCELLED', cause: 'why' });
      for (const waiting of [cancelled, reading, open, writing]) {
        expect(await rejection(waiting)).to.include({ codeName: 'CANCELLED' });
      }
      await client.request('SayHello', {});
      expect(peer.requests).to.have.lengthOf(1);
    });

    it('that fails rejects itself and the calls that waited for it, and leaves what was loaded', async () => {
      await client.load(HELLO);
      const loading = client.load('protos/missing.proto');
      const waiting = client.request('GetFeature', {});
      const error = await rejection(loading);
      expect(error).to.be.instanceOf(SchemaError);
      const ofTheCall = await rejection(waiting);
      expect(ofTheCall).to.be.instanceOf(SchemaError);
      expect(ofTheCall.message).to.equal(error.message);
      expect((await client.request('SayHello', {})).message).to.include('SayHello');
      expect((await rejection(client.request('GetFeature', {}))).message).to.include('missing.proto');
      await client.load(ROUTE);
      await client.request('GetFeature', {});
    });

    it('that failed is told of only where nothing else explains an unknown name', async () => {
      const other = new Client('localhost', 1, { reflection: 'never' });
      await rejection(other.load('nowhere.proto'));
      await other.load(HELLO);
      const of = async (name: string): Promise<string> => (await rejection(other.request(name))).message;
      expect(await of('SayHelo'))
        .to.match(/did you mean .*SayHello'\?$/)
        .and.not.match(/nowhere/);
      expect(await of('Greeter/Nothing')).to.not.match(/nowhere/);
      expect(await of('Unheard')).to.match(/\(a load failed: nowhere\.proto cannot be loaded/);
      await other.close();
    });

    it('is refused once the client is closed', async () => {
      const other = new Client('localhost', 1);
      await other.close();
      for (const refused of [other.load(HELLO), other.reflect()]) {
        expect(await rejection(refused)).to.be.instanceOf(SchemaError);
      }
      expect((await rejection(other.load(HELLO))).message).to.match(/^load: the client was closed/);
    });

    describe('with value options', () => {
      it('sets those of the client while nothing is loaded', async () => {
        await client.load(
          schema('values.proto', 'service V { rpc Get(M) returns (N); } message N { string the_path = 1; }'),
          {
            keepCase: true,
          },
        );
        expect(Object.keys(await client.request('Get', {}))).to.deep.equal(['the_path']);
      });

      it('must equal those in force later', async () => {
        await client.load(HELLO, { longs: String });
        await client.load(ROUTE, { longs: String });
        const error = await rejection(client.load(HELLO, { longs: Number }));
        expect(error).to.be.instanceOf(SchemaError);
        expect(error.message).to.include("'longs'");
        await client.load(ROUTE);
      });

      it('must not differ between loads at the same time', async () => {
        const loads = [client.load(HELLO, { longs: String }), client.load(ROUTE, { longs: Number })];
        const [first, second] = await Promise.allSettled(loads);
        expect([first.status, second.status]).to.deep.equal(['fulfilled', 'rejected']);
      });

      it('may say what holds anyway', async () => {
        await client.load(HELLO);
        await client.load(ROUTE, { longs: BigInt, enums: String, keepCase: false, bytes: undefined });
        const other = close(new Client(client.channel, { values: { longs: String } }));
        await other.load(HELLO, { longs: String });
        await other.load(ROUTE, { keepCase: false });
        expect(await rejection(other.load(ROUTE, { longs: BigInt }))).to.be.instanceOf(SchemaError);
      });

      it('adds to those that the client was made with', async () => {
        const other = close(new Client(client.channel, { values: { keepCase: true } }));
        const file = schema(
          'added.proto',
          'service V { rpc Get(M) returns (N); } message N { string the_path = 1; }',
        );
        await other.load(file, { longs: String });
        expect(Object.keys(await other.request('Get', {}))).to.deep.equal(['the_path']);
      });
    });
  });

  describe('finding methods', () => {
    const spellings = [
      'SayHello',
      'sayHello',
      'Greeter/SayHello',
      'Greeter.SayHello',
      'helloworld.Greeter.SayHello',
      'helloworld.Greeter/SayHello',
      '/helloworld.Greeter/SayHello',
    ];
    for (const name of spellings) {
      it(`knows ${name}`, async () => {
        await client.load(HELLO);
        expect((await client.request(name, {})).message).to.equal('/helloworld.Greeter/SayHello');
      });
    }

    for (const name of ['SayHallo', 'sayhelo', 'Greeter/SayHallo', '/helloworld.Greeter/SayHallo']) {
      it(`suggests SayHello for ${name}`, async () => {
        await client.load(HELLO);
        const error = await rejection(client.request(name, {}));
        expect(error).to.be.instanceOf(SchemaError);
        expect(error.message).to.match(/did you mean '[^']*SayHello'/);
      });
    }

    it('lists the candidates of a short name that fits more than one', async () => {
      const file = schema(
        'two.proto',
        'package p; service A { rpc Get(M) returns (M); } service B { rpc Get(M) returns (M); }',
      );
      await client.load(file);
      const error = await rejection(client.request('Get', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('p.A').and.include('p.B');
      expect((await client.request('A/Get', {})).path).to.equal('/p.A/Get');
      expect((await client.request('p.B.Get', {})).path).to.equal('/p.B/Get');
    });

    it('looks in the package that load was given first', async () => {
      const one = schema('one.proto', 'package one; service S { rpc Get(M) returns (M); }');
      const two = schema('other.proto', 'package other; service S { rpc Get(M) returns (M); }');
      await client.load([one, two], { package: 'other' });
      expect((await client.request('Get', {})).path).to.equal('/other.S/Get');
      expect((await client.request('one.S/Get', {})).path).to.equal('/one.S/Get');
    });

    it('finds again after each load', async () => {
      await client.load(schema('first.proto', 'package first; service S { rpc Get(M) returns (M); }'));
      expect((await client.request('Get', {})).path).to.equal('/first.S/Get');
      await client.load(schema('second.proto', 'package second; service S { rpc Get(M) returns (M); }'));
      expect((await rejection(client.request('Get', {}))).message)
        .to.include('first.S')
        .and.include('second.S');
    });

    it('says what to do when nothing is loaded', async () => {
      expect((await rejection(client.request('SayHello', {}))).message).to.include('client.load');
    });

    it('knows the cardinality of each, and holds the caller to it', async () => {
      await client.load([HELLO, ROUTE]);
      const methods = {
        unary_unary: 'GetFeature',
        unary_stream: 'ListFeatures',
        stream_unary: 'RecordRoute',
        stream_stream: 'RouteChat',
      } as const;
      const asked = {
        unary_unary: (name: string) => client.unaryUnary(name),
        unary_stream: (name: string) => client.unaryStream(name),
        stream_unary: (name: string) => client.streamUnary(name),
        stream_stream: (name: string) => client.streamStream(name),
      } as const;
      for (const [cardinality, name] of Object.entries(methods)) {
        for (const [wanted, ask] of Object.entries(asked)) {
          const call = ask(name);
          if (wanted === cardinality) {
            await call.status;
            expect(call.cardinality).to.equal(cardinality);
            expect(peer.requests.at(-1)?.header(':path')).to.equal(`/routeguide.RouteGuide/${name}`);
          } else {
            const error = await rejection(call);
            expect(error).to.be.instanceOf(CardinalityError);
            expect(error.message).to.include(name).and.include(cardinality).and.include(wanted);
            const right = cardinality.replace(/_s/, 'S').replace(/_u/, 'U');
            expect(error.message).to.include(`use client.${right}, or client.request`);
          }
        }
      }
    });
  });
});
