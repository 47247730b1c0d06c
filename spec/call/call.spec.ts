// The faces of a call, against a server that is not ours.

import { inspect } from 'node:util';
import { expect } from 'chai';
import { Call, type Client, RpcError, Stream } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { type ExampleServer, startExampleServer } from '../support/peers/servers.ts';

const EVERYWHERE = {
  lo: { latitude: 400000000, longitude: -750000000 },
  hi: { latitude: 420000000, longitude: -730000000 },
};
const POINTS = [
  { latitude: 407838351, longitude: -746143763 },
  { latitude: 408122808, longitude: -743999179 },
];
/** Notes at a place of their own: the server answers with those left there before. */
const notes = (latitude: number) =>
  ['a', 'b', 'c'].map((message) => ({ message, location: { latitude, longitude: 1 } }));

describeCalls('Call', (Client) => {
  const close = closing();
  let server: ExampleServer;
  let client: Client;

  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    client = close(new Client('127.0.0.1', server.port));
    await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);
  });

  describe('awaited', () => {
    it('gives the reply of a unary method, the same one each time', async () => {
      const call = client.request('SayHello', { name: 'you' });
      const reply = await call;
      expect(reply.message).to.equal('Hello you');
      expect(await call).to.equal(reply);
      expect(await Promise.all([call, call])).to.deep.equal([reply, reply]);
    });

    it('gives the reply of a method that streams requests', async () => {
      const summary = await client.request('RecordRoute', POINTS);
      expect(summary).to.include({ pointCount: 2, featureCount: 2 });
    });

    for (const [method, fields] of [
      ['ListFeatures', EVERYWHERE],
      ['RouteChat', notes(1)],
    ] as const) {
      it(`gives the Stream of ${method}, which can be returned from await and async functions`, async () => {
        const list = async () => client.request(method, fields);
        const stream = await list();
        expect(stream).to.be.instanceOf(Stream).and.not.instanceOf(Call);
        for (const name of ['then', 'catch', 'finally']) expect(name in stream, name).to.equal(false);
        expect(await stream).to.equal(stream);
        expect(await stream.toArray()).to.not.be.empty;
      });
    }

    it('gives the Stream before the first reply; a failed one fails when it is read', async () => {
      const stream = await client.request('ListFeatures', EVERYWHERE, { timeoutMs: 5000 });
      stream.cancel();
      expect(await rejection(stream.read())).to.include({ codeName: 'CANCELLED' });
    });

    it('has catch and finally', async () => {
      const order: string[] = [];
      const call = client.request('SayHello', { name: 'nobody' });
      const caught = await call
        .finally(() => order.push('finally'))
        .catch((error: RpcError) => error.codeName);
      expect([caught, ...order]).to.deep.equal(['NOT_FOUND', 'finally']);
      expect(await call.catch(() => 'again')).to.equal('again');
    });

    it('rejects each time with the same error', async () => {
      const call = client.request('SayHello', { name: 'nobody' });
      expect(await rejection(call)).to.equal(await rejection(call));
    });
  });

  describe('iterated', () => {
    it('gives the one reply of a unary method, and can still be awaited', async () => {
      const call = client.request('SayHello', { name: 'you' });
      const replies = [];
      for await (const reply of call) replies.push(reply.message);
      expect(replies).to.deep.equal(['Hello you']);
      expect((await call).message).to.equal('Hello you');
    });

    it('gives the one reply of a method that streams requests', async () => {
      const replies = await client.request('RecordRoute', POINTS).toArray();
      expect(replies.map(({ pointCount }) => pointCount)).to.deep.equal([2]);
    });

    it('gives every reply of a stream, in order', async () => {
      const names = [];
      for await (const feature of client.request('ListFeatures', EVERYWHERE)) names.push(feature.name);
      expect(names).to.have.lengthOf(12);
      expect(names[0]).to.equal('Patriots Path, Mendham, NJ 07945, USA');
    });

    it('gives every reply of a stream both ways', async () => {
      const messages = [];
      for await (const note of client.request('RouteChat', notes(2))) messages.push(note.message);
      expect(messages).to.deep.equal(['a', 'a', 'b']);
    });

    it('throws what the call failed with', async () => {
      const iterate = async () => {
        for await (const _ of client.request('SayHello', { name: 'nobody' })) throw new Error('a reply');
      };
      expect(await rejection(iterate())).to.include({
        codeName: 'NOT_FOUND',
        details: 'no greeting for nobody',
      });
    });

    it('serves several next() at once, each its own reply, as async generators do', async () => {
      const iterator = client.request('ListFeatures', EVERYWHERE)[Symbol.asyncIterator]();
      const steps = await Promise.all(Array.from({ length: 14 }, () => iterator.next()));
      expect(steps.map(({ done }) => done === true)).to.deep.equal([...Array(12).fill(false), true, true]);
      expect(new Set(steps.slice(0, 12).map(({ value }) => value?.name)).size).to.equal(12);
    });

    it('stays at its end', async () => {
      const call = client.request('SayHelloStreamReply', { name: 'x' });
      expect(await call.toArray()).to.have.lengthOf(3);
      expect(await call.toArray()).to.deep.equal([]);
      expect(await call.read()).to.equal(undefined);
    });

    it('is refused a second time, since nothing would come', async () => {
      const call = client.request('SayHelloStreamReply', { name: 'x' });
      let count = 0;
      for await (const _ of call) count++;
      expect(count).to.equal(3);
      expect(() => call[Symbol.asyncIterator]()).to.throw(
        TypeError,
        /^the replies of \/helloworld\.Greeter\/SayHelloStreamReply have already been read to the end; to keep them/,
      );
    });
  });

  describe('read and toArray', () => {
    it('give the next reply, undefined at the end', async () => {
      const call = client.request('SayHelloStreamReply', { name: 'x' });
      const read = [
        await call.read(),
        await call.read(),
        await call.read(),
        await call.read(),
        await call.read(),
      ];
      expect(read.map((reply) => reply?.message)).to.deep.equal([
        'Hello x',
        'Salut x',
        'Hola x',
        undefined,
        undefined,
      ]);
    });

    it('can be combined', async () => {
      const call = client.request('SayHelloStreamReply', { name: 'x' });
      expect((await call.read())?.message).to.equal('Hello x');
      expect(await call.toArray()).to.have.lengthOf(2);
    });

    it('accept as many replies as the limit', async () => {
      expect(
        await client.request('SayHelloStreamReply', { name: 'x' }).toArray({ limit: 3 }),
      ).to.have.lengthOf(3);
      expect(await client.request('SayHello', { name: 'x' }).toArray({ limit: 1 })).to.have.lengthOf(1);
    });

    it('refuse one reply above the limit, and cancel the call', async () => {
      const call = client.request('ListFeatures', EVERYWHERE);
      const error = await rejection(call.toArray({ limit: 2 }));
      expect(error).to.be.instanceOf(RangeError);
      expect(error.message).to.include('limit of 2');
      expect(await call.status).to.include({ codeName: 'CANCELLED' });
    });

    for (const limit of [-1, Number.NaN, '3']) {
      it(`refuse the limit ${typeof limit} ${limit}`, async () => {
        const call = client.request('SayHelloStreamReply', { name: 'x' });
        expect(await rejection(call.toArray({ limit: limit as number }))).to.be.instanceOf(RangeError);
      });
    }

    it('are refused while another reader is active, which goes on unharmed', async () => {
      const call = client.request('ListFeatures', EVERYWHERE);
      let count = 0;
      for await (const _ of call) {
        if (count++ > 0) continue;
        expect(await rejection(call.read())).to.be.instanceOf(TypeError);
        expect(await rejection(call.toArray())).to.be.instanceOf(TypeError);
        const iterate = async () => {
          for await (const _ of call) break;
        };
        expect((await rejection(iterate())).message).to.include('another reader');
      }
      expect(count).to.equal(12);
      const other = client.request('SayHelloStreamReply', { name: 'x' });
      const [first, second] = await Promise.allSettled([other.read(), other.read()]);
      expect([first.status, second.status]).to.deep.equal(['fulfilled', 'rejected']);
    });
  });

  describe('its headers, trailers and status', () => {
    it('are metadata, status and peer', async () => {
      const call = client.request('SayHello', { name: 'you' }, { metadata: { 'x-request-id': '7' } });
      expect((await call.headers).get('x-request-id')).to.equal('7');
      expect((await call.trailers).get('x-served-by')).to.equal('grpc-js');
      const { metadata, ...status } = await call.status;
      expect(status).to.deep.equal({ code: 0, codeName: 'OK', details: 'OK', origin: 'server' });
      expect(metadata.get('x-served-by')).to.equal('grpc-js');
      expect(call.peer?.address).to.equal(`127.0.0.1:${server.port}`);
      expect(call.method).to.equal('/helloworld.Greeter/SayHello');
      expect(call.cardinality).to.equal('unary_unary');
    });

    it('never reject', async () => {
      const call = client.request('SayHello', { name: 'nobody' });
      expect(await call.status).to.include({ code: 5, codeName: 'NOT_FOUND', origin: 'server' });
      expect((await call.trailers).get('x-served-by')).to.equal('grpc-js');
      expect((await call.headers).size).to.be.at.least(0);
      const never = client.request('NoSuchMethod');
      expect([(await never.headers).size, (await never.trailers).size]).to.deep.equal([0, 0]);
      expect(await never.status).to.include({ origin: 'client' });
    });

    it('are available before the replies are read', async () => {
      const call = client.request('ListFeatures', EVERYWHERE);
      expect((await call.headers).size).to.be.at.least(0);
      expect(await call.toArray()).to.have.lengthOf(12);
    });

    it('are undefined or empty until they are known', async () => {
      const other = close(new Client('127.0.0.1', server.port));
      void other.load('protos/helloworld.proto');
      const call = other.request('SayHello', { name: 'x' });
      expect([call.method, call.cardinality, call.peer]).to.deep.equal(['SayHello', undefined, undefined]);
      await call;
      expect([call.method, call.cardinality]).to.deep.equal(['/helloworld.Greeter/SayHello', 'unary_unary']);
    });

    it('are in what console.log prints', async () => {
      const call = client.request('SayHello', { name: 'x' });
      expect(inspect(call)).to.equal(
        "Call { method: '/helloworld.Greeter/SayHello', cardinality: 'unary_unary', state: 'running' }",
      );
      await call;
      expect(inspect(call)).to.match(/^Call \{ method: .* state: 'ended', peer: '127\.0\.0\.1:\d+' \}$/);
    });
  });

  it('fails with an RpcError that says what, where and who', async () => {
    const error = (await rejection(client.request('SayHello', { name: 'nobody' }))) as RpcError;
    expect(error).to.be.instanceOf(RpcError).and.instanceOf(Error);
    expect(RpcError.is(error)).to.equal(true);
    expect(error.name).to.equal('RpcError');
    expect(error.message).to.equal('NOT_FOUND: no greeting for nobody');
    expect(error).to.include({
      code: 5,
      codeName: 'NOT_FOUND',
      details: 'no greeting for nobody',
      method: '/helloworld.Greeter/SayHello',
      peer: `127.0.0.1:${server.port}`,
      origin: 'server',
    });
    expect(error.metadata.get('x-served-by')).to.equal('grpc-js');
  });

  it('fails with UNIMPLEMENTED if the server has no such method', async () => {
    expect(await rejection(client.request('SayHelloAgain', {}))).to.include({
      codeName: 'UNIMPLEMENTED',
      origin: 'server',
    });
  });
});
