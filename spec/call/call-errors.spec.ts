// How failures reach the caller: as rejections and nothing else, with a stack that helps, and never out of nowhere.

import diagnosticsChannel from 'node:diagnostics_channel';
import { expect } from 'chai';
import {
  CardinalityError,
  type Client,
  type RpcError,
  SchemaError,
  type UnobservedCall,
} from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listenHttp2 } from '../support/peers/peer.ts';

const FAILED = [
  ':status',
  '200',
  'content-type',
  'application/grpc',
  'grpc-status',
  '5',
  'grpc-message',
  'gone',
];

/** Long enough for everything that is put off to a later turn of the event loop. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

describeCalls(
  'Failures',
  (Client) => {
    const close = closing();
    let peer: Http2Peer;
    let client: Client;

    beforeEach(async () => {
      peer = close(await listenHttp2((request) => request.head(FAILED, true)));
      client = close(new Client(peer.target));
      await client.load('protos/helloworld.proto');
    });

    describe('of a call', () => {
      const untyped = (name: unknown) => name as string;
      const mistakes: readonly (readonly [
        name: string,
        call: () => PromiseLike<unknown>,
        kind: new () => Error,
      ])[] = [
        ['an unknown method', () => client.request('SayGoodbye'), SchemaError],
        ['no method', () => client.request(untyped(undefined)), TypeError],
        ['a method that is a symbol', () => client.request(untyped(Symbol('s'))), TypeError],
        ['an unknown field', () => client.request('SayHello', { nmae: 'x' }), TypeError],
        ['fields that are none', () => client.request('SayHello', 'x'), TypeError],
        ['a wrong option', () => client.request('SayHello', {}, { timeoutMs: -1 }), RangeError],
        ['an unknown option', () => client.request('SayHello', {}, { timeout: 1 } as object), TypeError],
        ['options that are none', () => client.request('SayHello', {}, null as unknown as object), TypeError],
        ['wrong metadata', () => client.request('SayHello', {}, { metadata: { te: 'x' } }), TypeError],
        ['the wrong cardinality', () => client.streamUnary('SayHello', []), CardinalityError],
        [
          'an iterable whose iterator throws',
          () =>
            client
              .request('SayHelloBidiStream', {
                get [Symbol.iterator](): never {
                  throw new EvalError('odd');
                },
              })
              .toArray(),
          EvalError,
        ],
      ];
      for (const [name, call, kind] of mistakes) {
        it(`are rejections and never thrown: ${name}`, async () => {
          let made: PromiseLike<unknown> | undefined;
          expect(() => {
            made = call();
          }).to.not.throw();
          expect(await rejection(made as PromiseLike<unknown>)).to.be.instanceOf(kind);
          expect(peer.requests).to.have.lengthOf(0);
        });
      }

      it('have a stack that leads to the line that awaits, through async functions', async () => {
        async function theInnerFunction(): Promise<unknown> {
          return await client.request('SayHello', { name: 'x' });
        }
        async function theOuterFunction(): Promise<unknown> {
          return await theInnerFunction();
        }
        const { stack = '' } = await rejection(theOuterFunction());
        expect(stack).to.match(/^RpcError: NOT_FOUND: gone\n/);
        expect(stack)
          .to.include('theInnerFunction')
          .and.include('theOuterFunction')
          .and.include('call-errors.spec');
      });

      it('have a stack that leads to the loop that reads', async () => {
        async function theReader(): Promise<void> {
          for await (const _ of client.request('SayHelloStreamReply', { name: 'x' }))
            throw new Error('a reply');
        }
        expect((await rejection(theReader())).stack).to.include('theReader');
      });

      it('have a stack that also leads to the line that called, with captureStacks', async () => {
        const careful = close(new Client(client.channel, { captureStacks: true }));
        const method = careful.raw('/s/m', { cardinality: 'unary_unary' });
        function theCaller(): PromiseLike<unknown> {
          return method();
        }
        const call = theCaller();
        await new Promise((resolve) => setImmediate(resolve));
        expect((await rejection(call)).stack).to.include('theCaller');
      });

      it('print briefly', async () => {
        const error = (await rejection(client.request('SayHello'))) as RpcError;
        expect(Object.keys(error)).to.not.include('name');
        expect(String(error)).to.equal('RpcError: NOT_FOUND: gone');
      });
    });

    describe('that nobody looks at', () => {
      const told: UnobservedCall[] = [];
      const warnings: Error[] = [];
      const listen = (message: unknown): void => {
        told.push(message as UnobservedCall);
      };
      const warn = (warning: Error): void => {
        if (warning.name === 'StublessWarning') warnings.push(warning);
      };
      const unhandled: unknown[] = [];
      let printing: NodeJS.WarningListener[] = [];
      const note = (reason: unknown): void => {
        unhandled.push(reason);
      };
      beforeEach(() => {
        told.length = 0;
        unhandled.length = 0;
        process.on('unhandledRejection', note);
        warnings.length = 0;
        diagnosticsChannel.subscribe('stubless:call.unobserved', listen);
        // Node's own listener prints them.
        printing = process.listeners('warning');
        process.removeAllListeners('warning');
        process.on('warning', warn);
      });
      afterEach(() => {
        diagnosticsChannel.unsubscribe('stubless:call.unobserved', listen);
        process.off('warning', warn);
        for (const listener of printing) process.on('warning', listener);
        process.off('unhandledRejection', note);
        expect(unhandled).to.deep.equal([]);
      });

      /** The server has answered so many requests, and what followed has happened. */
      async function answered(count: number): Promise<void> {
        await peer.request(count);
        while (client.channel.openStreams > 0) await turns();
        await turns();
      }

      it('are published on the diagnostics channel, and break nothing', async () => {
        client.request('SayHello', { name: 'x' });
        await answered(1);
        expect(told.map(({ method, error }) => [method, (error as RpcError).codeName])).to.deep.equal([
          ['/helloworld.Greeter/SayHello', 'NOT_FOUND'],
        ]);
        expect(warnings).to.have.lengthOf(0);
      });

      it('with a status are each a warning that says what to write, if nobody subscribes', async () => {
        diagnosticsChannel.unsubscribe('stubless:call.unobserved', listen);
        client.request('SayHello', { name: 'x' });
        client.request('SayHello', { name: 'y' });
        await answered(2);
        expect(warnings.map(({ message }) => message)).to.deep.equal(
          Array(2).fill(
            'a call of /helloworld.Greeter/SayHello failed, and nothing awaited it (write await client.request(…), or handle the error with call.catch(…)): RpcError: NOT_FOUND: gone',
          ),
        );
      });

      it('with a status are no warning if somebody wrote to the call, cancelled it, or closed its client', async () => {
        diagnosticsChannel.unsubscribe('stubless:call.unobserved', listen);
        const abort = new AbortController();
        client.request('SayHello', {}, { signal: abort.signal });
        client.request('SayHello').cancel();
        const other = new Client('localhost', 1, { reflection: 'never' });
        void other.load('protos/helloworld.proto');
        other.request('SayHello');
        const written = client.open('SayHelloBidiStream');
        await written.write({ name: 'x' });
        abort.abort();
        await other.close({ graceMs: 0 });
        await answered(1);
        expect(warnings).to.have.lengthOf(0);
      });

      it('are a warning with the line that called, if they are mistakes', async () => {
        function theMistake(): void {
          client.request('SayHello', { nmae: 'x' });
        }
        theMistake();
        client.request('SayGoodbye');
        client.request('SayHello', {}, { timeoutMs: 0 });
        await turns();
        expect(told).to.have.lengthOf(3);
        expect(warnings).to.have.lengthOf(3);
        expect(warnings[0].message).to.include('nmae').and.include('theMistake');
        expect(warnings[1].message).to.include('SayGoodbye');
        expect(warnings[2].message).to.include('timeoutMs');
      });

      it('are not reported if anybody looks at the call, or its caller cancelled it', async () => {
        void client.request('SayHello').status;
        void client.request('SayHello').headers;
        void client.request('SayHello').trailers;
        client.request('SayHello').catch(() => {});
        client
          .request('SayHello')
          .read()
          .catch(() => {});
        client.request('SayHello').cancel();
        client.request('SayHello', {}, { signal: AbortSignal.abort() });
        await answered(5);
        expect(told).to.deep.equal([]);
      });

      it('are not reported if somebody looks in the turn in which they happen', async () => {
        const call = client.request('SayHello', { nmae: 'x' });
        await Promise.resolve();
        expect(await rejection(call)).to.be.instanceOf(TypeError);
        await turns();
        expect([told.length, warnings.length]).to.deep.equal([0, 0]);
      });

      it('of a write are a warning if they are mistakes', async () => {
        const quiet = close(await listenHttp2());
        const other = close(new Client(quiet.target));
        void other.load('protos/helloworld.proto');
        const early = other.open('SayHelloBidiStream');
        void early.write({ nmae: 'before the schema' });
        void early.status;
        await quiet.request(1);
        const late = other.open('SayHelloBidiStream');
        void late.write({ nmae: 'after' });
        await turns();
        expect(warnings.map(({ message }) => /nmae/.test(message))).to.deep.equal([true, true]);
        for (const call of [early, late]) call.cancel();
      });

      it('of a write that waits for room, when the call fails, break nothing', async () => {
        const quiet = close(
          await listenHttp2((request) => {
            request.stream.taken = () => {};
          }),
        );
        const other = close(new Client(quiet.target));
        const call = other.raw('/s/m', { cardinality: 'stream_stream' }).open();
        for (let i = 0; i < 10; i++) void call.write(new Uint8Array(1 << 20));
        const request = await quiet.request(1);
        request.head().status(9);
        expect(await call.status).to.include({ codeName: 'FAILED_PRECONDITION' });
        await turns();
      });

      it('of a load break nothing, and are named in the error of a call that misses its schema', async () => {
        void client.load('protos/no-such-file.proto');
        const error = await rejection(client.request('SayGoodbye'));
        expect(error).to.be.instanceOf(SchemaError);
        expect(error.message).to.include('no-such-file.proto');
        const later = await rejection(client.request('SayGoodbye'));
        expect(later.message).to.include('SayGoodbye').and.include('no-such-file.proto');
        const call = client.request('SayHello', { name: 'x' });
        expect(await rejection(call), 'the rest is not poisoned').to.include({ codeName: 'NOT_FOUND' });
      });
    });

    it('of a reply handler are its own: one that throws harms no other call', async () => {
      const calm = close(await listenHttp2((request) => request.head().write(frame(0)).status(0)));
      const other = close(new Client(calm.target));
      const method = other.raw('/s/m', { cardinality: 'unary_unary' });
      const throwing = method().then(() => {
        throw new Error('mine');
      });
      expect((await rejection(throwing)).message).to.equal('mine');
      expect(await method()).to.have.lengthOf(0);
      expect(calm.accepted).to.equal(1);
    });
  },
  {
    'are a warning with the line that called, if they are mistakes':
      'V8 keeps ten frames of a stack, and those of the interceptor are among them',
  },
);
