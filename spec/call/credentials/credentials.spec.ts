// Credentials on calls: what a server gets, when a function is asked, what its failure comes to, and that nothing
// goes over plaintext unasked. The server is node:http2.

import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  bearerToken,
  type Call,
  type CallOptions,
  Client,
  type ClientOptions,
  type Credentials,
  type CredentialsContext,
  Metadata,
} from '../../../lib/index.ts';
import { certificatePath } from '../../channel/socket/tls/secure-servers.ts';
import { closing, rejection } from '../../support/closing.ts';
import { describeCalls } from '../../support/contract.ts';
import { type RecordingServer, recordingServer } from './recording-server.ts';

const TRUST = { ca: { file: certificatePath('root.pem') } };
const SECRET = 'very-secret-token';
const never = (): Promise<never> => new Promise<never>(() => {});

describeCalls('Credentials', (Client) => {
  const close = closing();
  let server: RecordingServer;
  before(async () => {
    server = await recordingServer('tls');
  });
  after(() => server.close());

  function client(options?: ClientOptions): Client {
    return close(new Client(`https://localhost:${server.port}`, { tls: TRUST, ...options }));
  }

  function call(of: Client, options?: CallOptions, path = '/pkg.Greeter/SayHello'): Call<unknown> {
    return of.raw(path, { cardinality: 'unary_unary' })(new Uint8Array(0), options);
  }

  /** What the server got under some names, of the last request. */
  function got(...names: readonly string[]): unknown[] {
    return names.map((name) => server.heads.at(-1)?.[name]);
  }

  const given: readonly (readonly [name: string, credentials: Credentials, got: Record<string, string>])[] = [
    ['a record', { authorization: 'Basic eDp5' }, { authorization: 'Basic eDp5' }],
    ['Metadata', new Metadata({ 'x-api-key': 'k1' }), { 'x-api-key': 'k1' }],
    ['a Map', new Map([['x-api-key', 'k2']]), { 'x-api-key': 'k2' }],
    ['a function', () => ({ 'x-api-key': 'k3' }), { 'x-api-key': 'k3' }],
    ['an async function', async () => ({ 'x-api-key': 'k4' }), { 'x-api-key': 'k4' }],
    ['a function that gives entries', () => [['x-api-key', 'k5']], { 'x-api-key': 'k5' }],
    ['bearerToken of a token', bearerToken('t1'), { authorization: 'Bearer t1' }],
    ['bearerToken of a function', bearerToken(() => 't2'), { authorization: 'Bearer t2' }],
    ['bearerToken of an async function', bearerToken(async () => 't3'), { authorization: 'Bearer t3' }],
    [
      'an array of several kinds',
      [{ 'x-api-key': 'k6' }, bearerToken(async () => 't4'), () => ({ 'x-more': 'm' })],
      { 'x-api-key': 'k6', authorization: 'Bearer t4', 'x-more': 'm' },
    ],
    [
      'an array of which the last gives a name again',
      [bearerToken('first'), { 'x-api-key': 'k7' }, bearerToken('last')],
      { authorization: 'Bearer last', 'x-api-key': 'k7' },
    ],
    ['bytes under a -bin name', { 'x-proof-bin': Uint8Array.of(1, 2, 3) }, { 'x-proof-bin': 'AQID' }],
  ];
  for (const [name, credentials, wanted] of given) {
    it(`may be ${name}, of a client`, async () => {
      await call(client({ credentials }));
      expect(server.heads.at(-1)).to.include(wanted);
    });
    it(`may be ${name}, of a call`, async () => {
      await call(client(), { credentials });
      expect(server.heads.at(-1)).to.include(wanted);
    });
  }

  it('may be nothing at all', async () => {
    await call(client({ credentials: [() => undefined, async () => undefined] }));
    expect(got('authorization')).to.deep.equal([undefined]);
  });

  it("of a call come beside the client's, and in place of what has the same name", async () => {
    const of = client({ credentials: [bearerToken('of-client'), { 'x-api-key': 'k' }] });
    await call(of, { credentials: bearerToken('of-call') });
    expect(got('authorization', 'x-api-key')).to.deep.equal(['Bearer of-call', 'k']);
    await call(of, { credentials: { 'x-api-key': 'other' } });
    expect(got('authorization', 'x-api-key')).to.deep.equal(['Bearer of-client', 'other']);
    await call(of, { credentials: [] });
    expect(got('authorization', 'x-api-key')).to.deep.equal(['Bearer of-client', 'k']);
  });

  it('come in place of metadata of the same name, and leave the rest', async () => {
    const metadata = { authorization: 'Basic old', 'x-kept': 'yes' };
    await call(client({ metadata, credentials: bearerToken('new') }));
    expect(got('authorization', 'x-kept')).to.deep.equal(['Bearer new', 'yes']);
    await call(client({ credentials: bearerToken('new') }), { metadata, timeoutMs: 5000 });
    expect(got('authorization', 'x-kept')).to.deep.equal(['Bearer new', 'yes']);
    expect(got('grpc-timeout')[0]).to.match(/^\d+[um]$/);
  });

  it('are never put into the table of a connection', async () => {
    await call(client({ credentials: bearerToken(SECRET) }));
    const sensitive = (server.heads.at(-1) as Record<symbol, unknown>)[http2.sensitiveHeaders];
    expect(sensitive).to.include('authorization');
  });

  it('are asked for with the URL of the service and the names of the call', async () => {
    let seen: CredentialsContext | undefined;
    const credentials = (context: CredentialsContext) => {
      seen = context;
      return {};
    };
    await call(client({ credentials }));
    expect(seen).to.deep.include({
      url: `https://localhost:${server.port}/pkg.Greeter`,
      service: 'pkg.Greeter',
      method: 'SayHello',
    });
    expect(seen?.signal.aborted).to.equal(false);
    const prefixed = close(new Client(`https://localhost:${server.port}/api`, { tls: TRUST, credentials }));
    await call(prefixed);
    expect(seen?.url).to.equal(`https://localhost:${server.port}/api/pkg.Greeter`);
    await call(client({ credentials, authority: 'pubsub.googleapis.com:443' }));
    expect(seen?.url).to.equal('https://pubsub.googleapis.com/pkg.Greeter');
  });

  it('are asked for anew at each attempt', async () => {
    let tokens = 0;
    server.refusals = 1;
    await call(client({ credentials: bearerToken(async () => `t${++tokens}`) }));
    expect(tokens).to.equal(2);
    expect(server.heads.slice(-2).map((head) => head.authorization)).to.deep.equal([
      'Bearer t1',
      'Bearer t2',
    ]);
  });

  it('work for every cardinality', async () => {
    const of = client({ credentials: bearerToken(async () => 't') });
    for (const cardinality of ['unary_stream', 'stream_unary', 'stream_stream'] as const) {
      await of
        .raw('/p.S/M', { cardinality })(cardinality.startsWith('u') ? new Uint8Array(0) : [])
        .toArray();
      expect(got('authorization')).to.deep.equal(['Bearer t']);
    }
    const open = of.raw('/p.S/M', { cardinality: 'stream_stream' }).open();
    await open.write(Uint8Array.of(1));
    await open.end();
    expect(await open.status).to.include({ codeName: 'OK' });
  });

  it('are within the deadline of the call, which says so', async () => {
    let signal: AbortSignal | undefined;
    const credentials = (context: CredentialsContext) => {
      ({ signal } = context);
      return never();
    };
    const error = await rejection(call(client({ credentials }), { timeoutMs: 50 }));
    expect(error).to.include({ codeName: 'DEADLINE_EXCEEDED', origin: 'client' });
    expect(error.message).to.include('while waiting for its credentials');
    expect(signal?.aborted).to.equal(true);
  });

  it('end with the cancellation of the call', async () => {
    let signal: AbortSignal | undefined;
    const before = server.heads.length;
    let give: (value: object) => void = () => {};
    const credentials = (context: CredentialsContext) => {
      ({ signal } = context);
      return new Promise<Record<string, string>>((resolve) => {
        give = resolve as () => void;
      });
    };
    const cancelled = call(client({ credentials }));
    cancelled.cancel();
    expect(await rejection(cancelled)).to.include({ codeName: 'CANCELLED' });
    expect(signal?.aborted).to.equal(true);
    give({});
    await call(client());
    expect(server.heads.length).to.equal(before + 1);
  });

  class Failure extends Error {
    readonly code: unknown;
    constructor(code: unknown) {
      super('no token today');
      this.code = code;
    }
  }
  const failures: readonly (readonly [code: unknown, codeName: string])[] = [
    [undefined, 'UNAUTHENTICATED'],
    ['ERR_SOMETHING', 'UNAUTHENTICATED'],
    ['ECONNREFUSED', 'UNAVAILABLE'],
    ['ENOTFOUND', 'UNAVAILABLE'],
    ['ETIMEDOUT', 'UNAVAILABLE'],
    [14, 'UNAVAILABLE'],
    [7, 'PERMISSION_DENIED'],
    [16, 'UNAUTHENTICATED'],
    // gRFC A54: what would be taken for a word of the server's.
    ...[3, 5, 6, 9, 10, 11, 15].map((code) => [code, 'INTERNAL'] as const),
    [0, 'UNAUTHENTICATED'],
    [17, 'UNAUTHENTICATED'],
    [2.5, 'UNAUTHENTICATED'],
  ];
  for (const [code, codeName] of failures) {
    for (const kind of ['throws', 'rejects'] as const) {
      it(`that ${kind} with code ${String(code)} ends the call with ${codeName}`, async () => {
        const failure = new Failure(code);
        const credentials = () => {
          if (kind === 'throws') throw failure;
          return Promise.reject(failure);
        };
        const error = await rejection(call(client({ credentials })));
        expect(error).to.include({ codeName, origin: 'client', cause: failure });
        expect(error.message).to.include('no credentials for the call: no token today');
      });
    }
  }

  it('of which two fail leave no rejection unhandled', async () => {
    const fail = () => Promise.reject(new Error('first'));
    const credentials = [fail, fail, () => Promise.reject(new Error('third'))];
    const error = await rejection(call(client({ credentials })));
    expect(error.message).to.include('first');
  });

  const wrong: readonly (readonly [name: string, value: unknown])[] = [
    ['the token itself', SECRET],
    ['null', null],
    ['a record with a number', { authorization: 7 }],
    ['a record with a line break', { authorization: `Bearer ${SECRET}\n` }],
    ['a reserved name', { 'content-type': SECRET }],
  ];
  for (const [name, value] of wrong) {
    it(`that are ${name} end the call with INTERNAL and are not shown`, async () => {
      for (const credentials of [() => value, async () => value]) {
        const error = await rejection(call(client({ credentials: credentials as () => object as never })));
        expect(error).to.include({ codeName: 'INTERNAL', origin: 'client' });
        expect(inspect(error)).to.include('credentials function').and.not.include(SECRET);
      }
    });
  }

  it('that are none are refused when they are given, and not shown', async () => {
    for (const credentials of [
      SECRET,
      7,
      null,
      [SECRET],
      [['authorization', SECRET]],
      { authorization: 7 },
    ]) {
      expect(() => client({ credentials: credentials as never }), String(credentials))
        .to.throw(TypeError)
        .which.satisfies((error: Error) => !error.message.includes(SECRET));
      const error = await rejection(call(client(), { credentials: credentials as never }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).not.to.include(SECRET);
    }
  });

  it('are not shown by a client', () => {
    const of = client({ credentials: [bearerToken(SECRET), { authorization: SECRET }] });
    expect(inspect(of, { depth: 9, showHidden: true })).not.to.include(SECRET);
  });

  it('go to the reflection service only where they are meant for it', async () => {
    const of = client({ credentials: bearerToken('for-calls') });
    await rejection(of.request('SayHello', {}));
    expect(server.heads.at(-1)).to.include({
      ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    });
    expect(got('authorization')).to.deep.equal([undefined]);
    const meant = client({ reflection: { credentials: bearerToken('for-reflection') } });
    await rejection(meant.request('SayHello', {}));
    expect(got('authorization')).to.deep.equal(['Bearer for-reflection']);
  });
});

describe('Credentials over plaintext', () => {
  const close = closing();
  const credentials = bearerToken(SECRET);
  const METHOD = ['/p.S/M', { cardinality: 'unary_unary' }] as const;

  it('are refused when a client is made with them', () => {
    for (const target of [
      'localhost:50051',
      'http://127.0.0.1:50051',
      '[::1]:50051',
      'dns:///example.com:50051',
    ]) {
      for (const options of [{ credentials }, { reflection: { credentials } }]) {
        expect(() => new Client(target, options), target)
          .to.throw(TypeError, 'allowCredentialsOverPlaintext')
          .which.satisfies((error: Error) => !error.message.includes(SECRET));
      }
    }
  });

  it('are refused when a client shares a channel without TLS', () => {
    const first = close(new Client('localhost:50051'));
    expect(() => new Client(first.channel, { credentials })).to.throw(TypeError, 'plaintext');
  });

  it('are refused with a call, which sends nothing', async () => {
    const server = close(await recordingServer('plaintext'));
    const client = close(new Client('127.0.0.1', server.port));
    const error = await rejection(client.raw(...METHOD)(undefined, { credentials }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.include('plaintext').and.not.include(SECRET);
    expect(server.heads).to.have.length(0);
    await client.raw(...METHOD)();
    expect(server.heads).to.have.length(1);
  });

  it('go where that is allowed in as many words', async () => {
    const server = close(await recordingServer('plaintext'));
    const client = close(
      new Client('127.0.0.1', server.port, { credentials, allowCredentialsOverPlaintext: true }),
    );
    await client.raw(...METHOD)();
    await client.raw(...METHOD)(undefined, { credentials: { 'x-more': '1' } });
    expect(server.heads[1]).to.include({ authorization: `Bearer ${SECRET}`, 'x-more': '1' });
  });

  it('go over a Unix socket, which leads through no network', async function () {
    if (process.platform === 'win32') this.skip();
    const path = join(tmpdir(), `stubless-credentials-${process.pid}.sock`);
    const server = close(await recordingServer({ path }));
    const client = close(new Client(`unix:${path}`, { credentials }));
    await client.raw(...METHOD)();
    expect(server.heads[0]).to.include({ authorization: `Bearer ${SECRET}` });
  });

  it('may be written as metadata, which is sent as it is', async () => {
    const server = close(await recordingServer('plaintext'));
    const client = close(
      new Client('127.0.0.1', server.port, { metadata: { authorization: 'Bearer mine' } }),
    );
    await client.raw(...METHOD)();
    expect(server.heads[0]).to.include({ authorization: 'Bearer mine' });
  });
});

describe('bearerToken', () => {
  const tokens: readonly (readonly [token: unknown, message: string])[] = [
    ['', 'empty'],
    [`${SECRET}\n`, 'trim it'],
    [`a ${SECRET}`, 'white space'],
    [`Bearer ${SECRET}`, "without 'Bearer'"],
    [`${SECRET}é`, 'printable ASCII'],
    [undefined, 'a string, not undefined'],
    [{ token: SECRET }, 'a string, not object'],
  ];
  for (const [token, message] of tokens) {
    it(`refuses ${JSON.stringify(token)}, and does not show it`, async () => {
      expect(() => bearerToken(token as string))
        .to.throw(TypeError, message)
        .which.satisfies((error: Error) => !error.message.includes(SECRET));
      const context = {} as CredentialsContext;
      const later = bearerToken(async () => token as string)(context);
      expect((await rejection(later as Promise<unknown>)).message).to.include(message);
    });
  }
});
