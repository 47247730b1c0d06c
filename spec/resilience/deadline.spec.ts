// What ends calls that take too long, and what their errors say: deadlines, a service config's limits, silence.

import { expect } from 'chai';
import { Client, type ClientOptions, type RpcError, type ServiceConfigMethod } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listen } from '../support/peer.ts';
import { listenScript, PROTO, type Step } from './script.ts';

/** A message with one text. */
const TEXT = frame(Uint8Array.of(0x0a, 1, 0x61));

describe('Limits of time', () => {
  const close = closing();

  async function connect(step: Step, options?: ClientOptions): Promise<{ peer: Http2Peer; client: Client }> {
    const peer = close(await listenScript(step));
    const client = close(new Client(peer.target, { reflection: 'never', ...options }));
    await client.load(PROTO);
    return { peer, client };
  }

  const under = (config: ServiceConfigMethod) => ({
    serviceConfig: { methodConfig: [{ name: [{ service: 'test.Tests' }], ...config }] },
  });

  describe('of a service config', () => {
    const cases: readonly (readonly [
      name: string,
      timeout: string,
      timeoutMs: number | undefined,
      text: RegExp,
    ])[] = [
      [
        'counts where the caller says nothing',
        '0.05s',
        undefined,
        /^the service config's timeout of 50 ms passed/,
      ],
      ['counts where it is the lesser', '0.05s', 60_000, /^the service config's timeout of 50 ms passed/],
      ['does not count where it is the greater', '60s', 50, /^the timeout of 50 ms passed/],
    ];
    for (const [name, timeout, timeoutMs, text] of cases) {
      it(name, async () => {
        const { client } = await connect('silence', under({ timeout }));
        const error = (await rejection(client.request('Plain', { text: 'a' }, { timeoutMs }))) as RpcError;
        expect(error.code).to.equal(4);
        expect(error.details)
          .to.match(text)
          .and.match(/while waiting for the response/);
      });
    }

    it('holds for streams, which have none of their own', async () => {
      const { peer, client } = await connect('silence', under({ timeout: '0.05s' }));
      expect(await rejection(client.request('List', { text: 'a' }).toArray())).to.include({ code: 4 });
      expect(peer.requests[0].header('grpc-timeout')).to.match(/^\d\d?m$/);
    });

    it('comes in place of the default of unary calls', async () => {
      const { peer, client } = await connect('echo', under({ timeout: '60s' }));
      await client.request('Plain', { text: 'a' });
      expect(peer.requests[0].header('grpc-timeout')).to.match(/^(?:60000|59\d\d\d)m$/);
    });
  });

  describe('sizes of a service config', () => {
    const cases: readonly (readonly [
      name: string,
      config: ServiceConfigMethod,
      options: object,
      fails: string | undefined,
    ])[] = [
      ['a request as large as may be', { maxRequestMessageBytes: 7 }, {}, undefined],
      ['a request larger than may be', { maxRequestMessageBytes: 6 }, {}, 'maxSendMessageBytes 6'],
      ['a reply as large as may be', { maxResponseMessageBytes: 7 }, {}, undefined],
      ['a reply larger than may be', { maxResponseMessageBytes: 6 }, {}, 'maxReceiveMessageBytes 6'],
      [
        'the lesser of both, the option',
        { maxResponseMessageBytes: 7 },
        { maxReceiveMessageBytes: 6 },
        'maxReceiveMessageBytes 6',
      ],
      [
        'the lesser of both, the config',
        { maxResponseMessageBytes: 6 },
        { maxReceiveMessageBytes: 7 },
        'maxReceiveMessageBytes 6',
      ],
    ];
    for (const [name, config, options, fails] of cases) {
      it(name, async () => {
        const { client } = await connect('echo', under(config));
        const call = client.request('Plain', { text: 'hello' }, options);
        if (fails === undefined) expect((await call).text).to.equal('hello');
        else
          expect((await rejection(call)).message)
            .to.match(/^RESOURCE_EXHAUSTED/)
            .and.include(fails);
      });
    }
  });

  it('wait for a connection where a service config says so, unless the caller does not want to', async () => {
    const gone = await listen(() => {});
    await gone.close();
    const client = close(new Client(gone.target, { reflection: 'never', ...under({ waitForReady: true }) }));
    await client.load(PROTO);
    expect(await rejection(client.request('Plain', {}, { timeoutMs: 100 }))).to.include({ code: 4 });
    const call = client.request('Plain', {}, { timeoutMs: 5000, waitForReady: false });
    expect(await rejection(call)).to.include({ codeName: 'UNAVAILABLE' });
  });

  it('say that the server did not take the request', async () => {
    const { client } = await connect('deafness');
    // More than the window of a stream.
    const call = client.request('Plain', { text: 'x'.repeat(1_000_000) }, { timeoutMs: 100 });
    expect(((await rejection(call)) as RpcError).details).to.include('while writing the request');
  });

  it('say how long each phase took', async () => {
    const { peer, client } = await connect('silence');
    const call = client.request('List', { text: 'a' }, { timeoutMs: 200 });
    const request = await peer.request(1);
    setTimeout(() => request.head().connection.flush(), 60);
    const { details } = (await rejection(call.toArray())) as RpcError;
    const phases = /^the timeout of 200 ms passed after \d+ ms while reading the response: (.*)$/.exec(
      details,
    )?.[1];
    expect(phases).to.match(/(?:^|, )\d+ ms for the response, \d+ ms reading it$/);
    const [waited, read] = Array.from(
      phases?.matchAll(/(\d+) ms (?:for the response|reading it)/g) ?? [],
      (match) => Number(match[1]),
    );
    expect(waited).to.be.above(40);
    expect(read).to.be.above(40);
  });

  describe('idleTimeoutMs', () => {
    it('ends a stream on which nothing goes', async () => {
      const { client } = await connect('silence');
      const error = (await rejection(
        client.request('List', { text: 'a' }, { idleTimeoutMs: 50 }).toArray(),
      )) as RpcError;
      expect(error).to.include({
        codeName: 'DEADLINE_EXCEEDED',
        details: 'no message went either way for 50 ms, the idleTimeoutMs of the call',
        origin: 'client',
      });
    });

    it('does nothing to a call of one request and one reply', async () => {
      const { client } = await connect('silence');
      const call = client.request('Plain', { text: 'a' }, { idleTimeoutMs: 10, timeoutMs: 60 });
      expect(((await rejection(call)) as RpcError).details).to.match(/^the timeout of 60 ms/);
    });

    const alive: readonly (readonly [name: string, direction: 'replies' | 'requests'])[] = [
      ['goes on while replies come', 'replies'],
      ['goes on while requests go', 'requests'],
    ];
    for (const [name, direction] of alive) {
      it(name, async () => {
        const { peer, client } = await connect('silence');
        const startMs = performance.now();
        const call = client.open('Talk', { idleTimeoutMs: 200 });
        const request = await peer.request(1);
        request.head();
        const reading = call.toArray();
        for (let count = 0; count < 5; count++) {
          await new Promise((resolve) => setTimeout(resolve, 60));
          if (direction === 'requests') await call.write({ text: 'a' });
          else request.write(Uint8Array.from(TEXT)).connection.flush();
        }
        request.status(0);
        request.connection.flush();
        expect(await reading).to.have.lengthOf(direction === 'replies' ? 5 : 0);
        expect(performance.now() - startMs).to.be.above(250);
      });
    }

    it('does not count the time in which the reader leaves replies unread', async () => {
      const { peer, client } = await connect('silence');
      const call = client.open('Talk', { idleTimeoutMs: 30 });
      const request = await peer.request(1);
      request.head().write(Uint8Array.from(TEXT)).connection.flush();
      await call.headers;
      await new Promise((resolve) => setTimeout(resolve, 120));
      expect(await call.read()).to.include({ text: 'a' });
      expect(((await rejection(call.read())) as RpcError).details).to.match(/^no message went/);
    });
  });
});
