// Client: services as objects, methods without a schema, what goes out with every call, and shared channels.

import { expect } from 'chai';
import { type Client, Metadata } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { echo, type Http2Peer, listenHttp2 } from '../support/peers/peer.ts';

describeCalls('Client: calls', (Client) => {
  const close = closing();
  let peer: Http2Peer;
  let client: Client;

  beforeEach(async () => {
    peer = close(await listenHttp2(echo));
    client = close(new Client(peer.target));
    await client.load('protos/helloworld.proto');
  });

  describe('service()', () => {
    it('has the methods of a service, and survives await', async () => {
      const greeter = await client.service('helloworld.Greeter');
      await greeter.SayHello({ name: 'x' }, { metadata: { a: '1' } });
      expect(peer.requests[0].header(':path')).to.equal('/helloworld.Greeter/SayHello');
      expect(peer.requests[0].header('a')).to.equal('1');
      expect(greeter.SayHello).to.equal(greeter.SayHello);
    });

    it('takes short names, and rejects for what is not there', async () => {
      await client.service('Greeter').sayHello({});
      expect((await rejection(client.service('Greeter').SayHallo({}))).message).to.include('SayHello');
      expect((await rejection(client.service('Greter').SayHello({}))).message).to.include('Greter');
      expect(() => client.service('')).to.throw(TypeError);
      expect(() => client.service(7 as unknown as string)).to.throw(TypeError);
    });

    for (const name of ['Greeter', 'Greter']) {
      it(`makes no call when ${name} is logged or compared`, async () => {
        const service = client.service(name);
        expect(JSON.stringify({ service })).to.equal('{"service":{}}');
        expect(`${service}`).to.equal('[object Object]');
        expect((service as unknown as { readonly asymmetricMatch?: unknown }).asymmetricMatch).to.equal(
          undefined,
        );
        await client.service('Greeter').SayHello({});
        expect(peer.requests.map((request) => request.header(':path'))).to.deep.equal([
          '/helloworld.Greeter/SayHello',
        ]);
      });
    }

    it('is waited for like any call, before its schema is there', async () => {
      const other = close(new Client(client.channel));
      void other.load('protos/route_guide.proto');
      expect(await other.service('RouteGuide').GetFeature({})).to.include({ name: '' });
      expect(peer.requests.at(-1)?.header(':path')).to.equal('/routeguide.RouteGuide/GetFeature');
    });
  });

  describe('raw()', () => {
    const bytes = Buffer.from('any bytes');

    it('sends and gives bytes, of each cardinality', async () => {
      expect(await client.raw('/s/m', { cardinality: 'unary_unary' })(bytes)).to.deep.equal(bytes);
      expect(await client.raw('/s/m', { cardinality: 'stream_unary' })([bytes])).to.deep.equal(bytes);
      expect(await client.raw('/s/m', { cardinality: 'unary_stream' })(bytes).toArray()).to.deep.equal([
        bytes,
      ]);
      const two = await client.raw('/s/m', { cardinality: 'stream_stream' })([bytes, bytes]).toArray();
      expect(two).to.deep.equal([bytes, bytes]);
      const call = client.raw('/s/m', { cardinality: 'stream_stream' }).open();
      await call.end(bytes);
      expect(await call.toArray()).to.deep.equal([bytes]);
    });

    it('copies: neither what was sent nor what came back changes with reused memory', async () => {
      const memory = Buffer.from('first');
      const call = client.raw('/s/m', { cardinality: 'unary_unary' })(memory);
      memory.fill('x');
      const reply = await call;
      expect(reply.toString()).to.equal('first');
      await client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.from('other'));
      expect(reply.toString()).to.equal('first');
    });

    for (const wrong of ['text', 7, null, [1, 2], { a: 1 }]) {
      it(`rejects ${JSON.stringify(wrong)} for a message`, async () => {
        const call = client.raw('/s/m', { cardinality: 'unary_unary' })(wrong as unknown as Uint8Array);
        if (wrong === null) expect(await call).to.have.lengthOf(0);
        else expect((await rejection(call)).message).to.include('Uint8Array');
      });
    }

    for (const path of ['', 'm', '/s', '/s/m/n', 's m/n', '/s/ä', undefined]) {
      it(`throws for the path ${JSON.stringify(path)}`, () => {
        expect(() => client.raw(path as string, { cardinality: 'unary_unary' })).to.throw(TypeError, 'path');
      });
    }

    it('throws for a cardinality that is none', () => {
      for (const options of [undefined, {}, { cardinality: 'unary' }]) {
        expect(() => client.raw('/s/m', options as never)).to.throw(TypeError, 'cardinality must be one of');
      }
    });

    it('throws for an idempotency that is none', () => {
      const options = { cardinality: 'unary_unary', idempotency: 'NO_SIDE_EFFECTS' } as never;
      expect(() => client.raw('/s/m', options)).to.throw(
        TypeError,
        'idempotency must be one of unknown, no_side_effects, idempotent, not "NO_SIDE_EFFECTS"',
      );
    });
  });

  describe('what goes out', () => {
    it('is a gRPC request head (PROTOCOL-HTTP2.md, Requests)', async () => {
      await client.request('SayHello', { name: 'x' }, { timeoutMs: 5000 });
      const names = peer.requests[0].headers.filter((_, i) => i % 2 === 0);
      const { headers } = peer.requests[0];
      const field = (name: string): string => headers[headers.indexOf(name) + 1];
      expect(field(':method')).to.equal('POST');
      expect(field(':scheme')).to.equal('http');
      expect(field(':path')).to.equal('/helloworld.Greeter/SayHello');
      expect(field(':authority')).to.equal(peer.target);
      expect(field('te')).to.equal('trailers');
      expect(field('content-type')).to.equal('application/grpc');
      expect(field('user-agent')).to.match(/^grpc-stubless\//);
      expect(field('grpc-timeout')).to.match(/^[45]\d{3}m$/);
      expect(new Set(names).size, 'each once').to.equal(names.length);
      expect(
        names.findIndex((name) => !name.startsWith(':')),
        'pseudo-header fields first',
      ).to.equal(4);
    });

    it('is the metadata of the client and of the call, which replaces names of the client', async () => {
      const other = close(
        new Client(peer.target, {
          metadata: { a: 'client', b: ['1', '2'], 'k-bin': Uint8Array.of(1) },
          userAgent: 'me/1',
        }),
      );
      const method = other.raw('/s/m', { cardinality: 'unary_unary' });
      await method();
      await method(undefined, { metadata: { A: ['x', 'y'], c: 'call' } });
      await method(undefined, { metadata: new Metadata({ 'k-bin': Buffer.from('zz') }) });
      await method();
      const sent = peer.requests.map(({ headers }) => {
        const pairs: string[] = [];
        for (let i = 0; i < headers.length; i += 2) {
          if (['a', 'b', 'c', 'k-bin'].includes(headers[i])) pairs.push(`${headers[i]}=${headers[i + 1]}`);
        }
        return pairs.sort().join(' ');
      });
      expect(sent).to.deep.equal([
        'a=client b=1 b=2 k-bin=AQ',
        'a=x a=y b=1 b=2 c=call k-bin=AQ',
        'a=client b=1 b=2 k-bin=eno',
        'a=client b=1 b=2 k-bin=AQ',
      ]);
      expect(peer.requests[0].header('user-agent')).to.match(/^me\/1 grpc-stubless\//);
    });

    it('has the authority and the path prefix that the user wants', async () => {
      const other = close(new Client(`http://${peer.target}/pre/fix`, { authority: 'api.example.com' }));
      await other.raw('/s/m', { cardinality: 'unary_unary' })();
      expect(peer.requests[0].header(':path')).to.equal('/pre/fix/s/m');
      expect(peer.requests[0].header(':authority')).to.equal('api.example.com');
    });

    it('is the same for many methods and much metadata, in any order', async () => {
      const paths = Array.from({ length: 300 }, (_, i) => `/service${i % 7}/Method${i % 41}`);
      for (let i = 0; i < paths.length; i += 50) {
        await Promise.all(
          paths.slice(i, i + 50).map((path, j) =>
            client.raw(path, { cardinality: 'unary_unary' })(undefined, {
              metadata: { id: String(i + j) },
            }),
          ),
        );
      }
      expect(peer.requests.map((request) => [request.header(':path'), request.header('id')])).to.deep.equal(
        paths.map((path, i) => [path, String(i)]),
      );
    });
  });

  describe('a shared channel', () => {
    it('is one connection for two schemas', async () => {
      const other = close(new Client(client.channel));
      await other.load('protos/route_guide.proto');
      await Promise.all([client.request('SayHello', {}), other.request('GetFeature', {})]);
      expect(peer.accepted).to.equal(1);
      expect(await rejection(other.request('SayHello', {}))).to.be.instanceOf(Error);
    });

    it('lives until the last of its clients closes', async () => {
      const other = close(new Client(client.channel));
      await other.load('protos/route_guide.proto');
      await client.close();
      expect(await rejection(client.request('SayHello', {}))).to.include({ codeName: 'CANCELLED' });
      await other.request('GetFeature', {});
      expect(other.channel.state).to.equal('ready');
      await other.close();
      expect(other.channel.state).to.equal('shutdown');
    });
  });

  describe('waitForReady()', () => {
    it('resolves when there is a connection', async () => {
      await client.waitForReady({ timeoutMs: 5000 });
      expect(client.channel.state).to.equal('ready');
      await client.waitForReady();
      expect(peer.accepted).to.equal(1);
    });

    it('rejects with a TimeoutError that says why there is none', async () => {
      const silent = close(await listenHttp2());
      await silent.close();
      const other = close(new Client(silent.target));
      const error = await rejection(other.waitForReady({ timeoutMs: 500 }));
      expect(error.name).to.equal('TimeoutError');
      expect(error.message).to.include('500 ms').and.include('nothing listens');
    });

    it('rejects with the reason of its signal, and when the client closes', async () => {
      const silent = close(await listenHttp2());
      await silent.close();
      const other = close(new Client(silent.target));
      const reason = new Error('enough');
      expect(await rejection(other.waitForReady({ signal: AbortSignal.abort(reason) }))).to.equal(reason);
      const controller = new AbortController();
      const waiting = [other.waitForReady({ signal: controller.signal }), other.waitForReady()];
      controller.abort(reason);
      expect(await rejection(waiting[0])).to.equal(reason);
      await other.close();
      expect((await rejection(waiting[1])).message).to.include('closed');
      expect((await rejection(other.waitForReady())).message).to.include('closed');
    });

    for (const timeoutMs of [0, -1, Number.NaN, '7' as unknown as number]) {
      it(`rejects timeoutMs ${timeoutMs} (${typeof timeoutMs})`, async () => {
        expect(await rejection(client.waitForReady({ timeoutMs }))).to.be.instanceOf(RangeError);
      });
    }
  });

  it('gives a reply of no fields for no fields', async () => {
    expect(await client.request('SayHello')).to.deep.include({ message: '' });
  });
});
