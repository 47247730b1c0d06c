// A test server and plain HTTP: fetch, curl and browsers call it without any library for RPCs; and what it says to requests
// that are malformed, or of a form that a method does not have.

import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Client } from '../../lib/index.ts';
import { rpcError, type ServerCall, TestServer, type TestServerOptions } from '../../lib/testing/index.ts';
import { HANDLERS, SHOP } from './shop.ts';

const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');
const pem = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));
const SAFE = SHOP.replace(
  'rpc Later(Key) returns (Item);',
  'rpc Later(Key) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }',
);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('A test server and plain HTTP', () => {
  let server: TestServer;
  let url: string;
  let port: number;
  const serve = async (handlers: object = HANDLERS, options?: TestServerOptions): Promise<void> => {
    server = new TestServer(SAFE, { Later: HANDLERS.Get, ...handlers } as never, options);
    ({ target: url, port } = await server.listen());
  };
  afterEach(() => server.close());

  const post = (
    method: string,
    type: string,
    body: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string> = {},
  ): Promise<Response> => {
    const init: RequestInit = { method: 'POST', body, duplex: 'half' };
    return fetch(`${url}/shop.Shop/${method}`, { ...init, headers: { 'content-type': type, ...headers } });
  };

  describe('with JSON', () => {
    it('answers a POST', async () => {
      await serve({ Get: ({ name }: { name: string }) => ({ name, data: Buffer.from('tea') }) });
      const response = await post('Get', 'application/json; charset=utf-8', '{"name":"t☕","newer":[1]}');
      expect(response.status).to.equal(200);
      expect(response.headers.get('content-type')).to.equal('application/json');
      expect(await response.json()).to.deep.equal({ name: 't☕', data: 'dGVh' });
      const [{ protocol, codec, httpVersion, httpMethod, peer, requests }] = server.calls;
      expect([protocol, codec, httpVersion, httpMethod]).to.deep.equal(['connect', 'json', '1.1', 'POST']);
      expect(peer).to.match(/^127\.0\.0\.1:\d+$/);
      expect(requests).to.deep.equal([{ name: 't☕' }]);
    });

    it('answers a GET', async () => {
      await serve();
      const message = encodeURIComponent('{"name":"täglich & more"}');
      const response = await fetch(`${url}/shop.Shop/Later?connect=v1&encoding=json&message=${message}`);
      expect(await response.json()).to.deep.equal({ name: 'täglich & more', price: 14 });
      expect(server.calls[0].httpMethod).to.equal('GET');
    });

    it('sends an error with its HTTP status, details and metadata', async () => {
      await serve({
        Get() {
          throw rpcError('PERMISSION_DENIED', 'not you', {
            metadata: { 'x-why': 'closed' },
            errorDetails: [{ '@type': 'shop.Item', name: 'tea' }],
          });
        },
      });
      const response = await post('Get', 'application/json', '{}');
      expect(response.status).to.equal(403);
      expect(response.headers.get('trailer-x-why')).to.equal('closed');
      expect(await response.json()).to.deep.equal({
        code: 'permission_denied',
        message: 'not you',
        details: [{ type: 'shop.Item', value: 'CgN0ZWE' }],
      });
    });

    it('compresses as HTTP does', async () => {
      await serve(HANDLERS, { compression: 'gzip' });
      const name = 'n'.repeat(1000);
      const body = new Uint8Array(gzipSync(JSON.stringify({ name })));
      const response = await post('Get', 'application/json', body, { 'content-encoding': 'gzip' });
      expect(response.headers.get('content-encoding')).to.equal('gzip');
      expect(await response.json()).to.deep.equal({ name, price: 1000 });
    });

    it('keeps to the timeout of the request', async () => {
      await serve({ Later: () => new Promise(() => {}) });
      const response = await post('Later', 'application/json', '{}', { 'connect-timeout-ms': '20' });
      expect(response.status).to.equal(504);
      expect(await response.json()).to.deep.equal({
        code: 'deadline_exceeded',
        message: "the client's timeout of 20 ms has passed",
      });
    });

    it('tells the handler when who asked has gone', async () => {
      let call: ServerCall | undefined;
      await serve({
        async Later(_: unknown, own: ServerCall) {
          call = own;
          await new Promise((resolve) => own.signal.addEventListener('abort', resolve));
        },
      });
      const gone = new AbortController();
      const fetched = fetch(`${url}/shop.Shop/Later?connect=v1&encoding=json&message={}`, {
        signal: gone.signal,
      }).catch(() => {});
      while (call === undefined) await turn();
      gone.abort();
      await fetched;
      await server.calls[0].ended;
      expect(server.calls[0].status?.details).to.equal('the connection was lost: the client closed it');
    });
  });

  const MALFORMED: readonly (readonly [
    what: string,
    method: string,
    type: string,
    body: string,
    headers: Record<string, string>,
    status: number,
    said: string,
  ])[] = [
    ['no JSON', 'Get', 'application/json', '{', {}, 400, 'the request cannot be decoded: not a'],
    ['JSON of another shape', 'Get', 'application/json', '{"name":7}', {}, 400, 'name'],
    [
      'a malformed message',
      'Get',
      'application/proto',
      '\x0a\x05a',
      {},
      400,
      'the request cannot be decoded',
    ],
    ['a malformed timeout', 'Get', 'application/json', '{}', { 'connect-timeout-ms': '1s' }, 400, '"1s"'],
    [
      'another version',
      'Get',
      'application/json',
      '{}',
      { 'connect-protocol-version': '2' },
      400,
      'connect-protocol-version must be 1, not "2"',
    ],
    [
      'an unknown compression',
      'Get',
      'application/json',
      '{}',
      { 'content-encoding': 'rot13' },
      501,
      'rot13',
    ],
    [
      'a method that streams',
      'List',
      'application/json',
      '{}',
      {},
      415,
      'shop.Shop.List streams: Connect calls it with POST and content-type application/connect+json',
    ],
    ['a method that there is not', 'Got', 'application/json', '{}', {}, 404, "has no method 'Got'"],
    ['too large a message', 'Get', 'application/json', `{"name":"${'n'.repeat(100)}"}`, {}, 429, 'exceeds'],
  ];
  for (const [what, method, type, body, headers, status, said] of MALFORMED) {
    it(`says what is wrong with a request with ${what}`, async () => {
      await serve(HANDLERS, { maxReceiveMessageBytes: 100 });
      const response = await post(method, type, body, headers);
      expect(response.status).to.equal(status);
      expect(((await response.json()) as { message: string }).message).to.include(said);
      expect(await (await post('Get', 'application/json', '{"name":"a"}')).json()).to.deep.equal({
        name: 'a',
        price: 1,
      });
    });
  }

  it('says in its last message what is wrong with a stream', async () => {
    await serve();
    for (const [method, body, headers, said] of [
      ['List', '\0\0\0\0\x01{', {}, 'the request cannot be decoded'],
      ['List', '\0\0\0\0\x05{', {}, 'the request ended inside a message'],
      [
        'List',
        '\0\0\0\0\x02{}',
        { 'connect-timeout-ms': '-1' },
        'connect-timeout-ms must be up to ten digits',
      ],
    ] as const) {
      const response = await post(method, 'application/connect+json', body, headers);
      expect(response.status).to.equal(200);
      const octets = Buffer.from(await response.arrayBuffer());
      expect([octets[0], octets.readUInt32BE(1)]).to.deep.equal([2, octets.length - 5]);
      expect(JSON.parse(octets.subarray(5).toString()).error.message).to.include(said);
    }
  });

  for (const [query, status, said] of [
    ['?connect=v1&encoding=json', 400, 'a GET of Connect has connect=v1, encoding=… and message=…'],
    ['?connect=v2&encoding=json&message={}', 400, 'a GET of Connect has connect=v1'],
    ['?connect=v1&encoding=xml&message={}', 415, ''],
    ['?name=tea', 405, ''],
    ['', 405, ''],
  ] as const) {
    it(`refuses a GET with the query '${query}' with ${status}`, async () => {
      await serve();
      const response = await fetch(`${url}/shop.Shop/Later${query}`);
      expect(response.status).to.equal(status);
      expect(await response.text()).to.include(said);
    });
  }

  it('refuses a GET of a method that may have side effects', async () => {
    await serve();
    const response = await fetch(`${url}/shop.Shop/Get?connect=v1&encoding=json&message={}`);
    expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'POST']);
    expect(await response.json()).to.deep.equal({
      code: 'unimplemented',
      message: 'shop.Shop.Get is not marked idempotency_level = NO_SIDE_EFFECTS: Connect calls it with POST',
    });
  });

  for (const [type, status] of [
    ['application/grpc', 505],
    ['application/grpc+proto', 505],
    ['application/grpc+xml', 415],
    ['application/xml', 415],
    ['application/connect', 415],
    ['application/connect+xml', 415],
    ['application/grpc-web+xml', 415],
    ['application/grpc-web+proto+json', 415],
  ] as const) {
    it(`refuses a POST of ${type} over HTTP/1.1 with ${status}`, async () => {
      await serve();
      const response = await post('Get', type, 'a body');
      expect([response.status, await response.text()]).to.deep.equal([status, '']);
      const accepted = response.headers.get('accept-post') ?? '';
      expect(accepted.split(', ').includes('application/connect+json')).to.equal(status === 415);
      // Not over this HTTP.
      expect(accepted.split(', ')).to.not.include('application/grpc');
      expect(server.calls).to.deep.equal([]);
    });
  }

  for (const [method, type, accepted, said] of [
    ['List', 'application/proto', 'application/connect+proto, application/connect+json', 'streams'],
    [
      'Get',
      'application/connect+json',
      'application/proto, application/json',
      'has one message each way: Connect calls it with POST and content-type application/json',
    ],
  ] as const) {
    it(`refuses ${method} with ${type}, and says what it takes`, async () => {
      await serve();
      const response = await post(method, type, '');
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([
        415,
        'application/json',
      ]);
      expect(response.headers.get('accept-post')).to.match(
        new RegExp(`^${accepted.replaceAll('+', '\\+')}, application/grpc-web,`),
      );
      expect(((await response.json()) as { message: string }).message).to.include(said);
    });
  }

  describe('with gRPC-Web in base64', () => {
    // Key { name: 'tea' }, and its frame.
    const message = Buffer.from('0a03746561', 'hex');
    const header = Buffer.from('0000000005', 'hex');
    const whole = Buffer.concat([header, message]).toString('base64');
    const apart = header.toString('base64') + message.toString('base64');
    const octetByOctet = (text: string): ReadableStream =>
      new ReadableStream({
        async start(controller) {
          for (const character of text) {
            controller.enqueue(Buffer.from(character));
            await turn();
          }
          controller.close();
        },
      });

    for (const [what, body] of [
      ['whole', () => whole],
      ['with padding in the middle', () => apart],
      ['with padding in the middle, octet by octet', () => octetByOctet(apart)],
    ] as const) {
      it(`takes a request ${what}, and answers in base64`, async () => {
        await serve();
        const response = await post('Get', 'application/grpc-web-text', body());
        expect(response.headers.get('content-type')).to.equal('application/grpc-web-text+proto');
        const text = await response.text();
        expect(text).to.match(/^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)+$/);
        const parts = text.match(/[^=]+=*/g) ?? [];
        const frames = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
        // Item { name: 'tea', price: 3 }
        expect(frames.subarray(0, 12).toString('hex')).to.equal('00000000070a037465611003');
        expect([frames[12], frames.readUInt32BE(13)]).to.deep.equal([0x80, frames.length - 17]);
        expect(frames.subarray(17).toString()).to.equal('grpc-status: 0\r\n');
      });
    }
  });

  describe('on one port', () => {
    /** The frame of no octets with the flag ACK, as text of octets. */
    const SETTINGS_ACK = { test: (octets: string) => octets.includes('\0\0\0\x04\x01\0\0\0\0') };

    it('tells HTTP/2 from HTTP/1.1 though they come octet by octet', async () => {
      await serve();
      const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
      const body = '{"name":"tea"}';
      const plain = [
        'POST /shop.Shop/Get HTTP/1.1\r\nhost: a\r\ncontent-type: application/json',
        `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      ].join('\r\n');
      for (const [text, expected] of [
        [`${preface}\0\0\0\x04\0\0\0\0\0`, SETTINGS_ACK],
        [plain, /^HTTP\/1\.1 200 OK[\s\S]*\{"name":"tea","price":3\}$/],
      ] as const) {
        const socket = connect(port, '127.0.0.1');
        socket.setNoDelay(true);
        let got = '';
        socket.setEncoding('latin1').on('data', (octets) => {
          got += String(octets);
        });
        for (const character of text) {
          socket.write(character, 'latin1');
          await turn();
        }
        while (!expected.test(got)) await turn();
        socket.destroy();
      }
      while (server.connections > 0) await turn();
    });

    it('speaks both over TLS, as ALPN or the first octets say', async () => {
      server = new TestServer(SAFE, HANDLERS as never);
      const tls = { cert: pem('server.pem'), key: pem('server.key') };
      ({ port, target: url } = await server.listen({ tls }));
      const client = new Client(url, { tls: { ca: pem('root.pem') }, protocol: 'connect' });
      await client.load(SAFE);
      expect((await client.request('Get', { name: 'tls' })).price).to.equal(3);
      await client.close();
      for (const protocols of [['http/1.1'], ['h2', 'http/1.1'], undefined]) {
        const socket = connectTls({ port, ca: pem('root.pem'), host: '127.0.0.1', ALPNProtocols: protocols });
        await new Promise((resolve) => socket.once('secureConnect', resolve));
        expect(socket.alpnProtocol).to.equal(protocols?.[0] ?? false);
        socket.destroy();
      }
      const text = await new Promise<string>((resolve, reject) => {
        const request = httpsRequest(`${url}/shop.Shop/Get`, {
          method: 'POST',
          ca: pem('root.pem'),
          headers: { 'content-type': 'application/json' },
        });
        request.on('error', reject).on('response', (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => {
            body += chunk.toString();
          });
          response.on('end', () => resolve(body));
        });
        request.end('{"name":"https"}');
      });
      expect(JSON.parse(text)).to.deep.equal({ name: 'https', price: 5 });
      expect(server.calls.map(({ httpVersion }) => httpVersion)).to.deep.equal(['2', '1.1']);
    });

    it('closes with connections that have said nothing, or half of something', async () => {
      await serve();
      const sockets: Socket[] = [];
      for (const text of ['', 'PR', 'POST /shop.Shop/Get HTTP/1.1\r\nhost']) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        sockets.push(socket);
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write(text);
      }
      while (server.connections < 1) await turn();
      const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      await server.close();
      await Promise.all(closed);
      expect(sockets.map(({ destroyed }) => destroyed)).to.deep.equal([true, true, true]);
    });

    it('holds back who sends more over HTTP/1.1 than its handler reads', async () => {
      let read = (): void => {};
      const isTime = new Promise<void>((resolve) => {
        read = resolve;
      });
      await serve({
        async Add(items: AsyncIterable<{ data: Uint8Array }>) {
          await isTime;
          let price = 0;
          for await (const { data } of items) price += data.length;
          return { price };
        },
      });
      const FRAMES = 400;
      const frame = Buffer.alloc(5 + 4 + 65_536);
      frame.writeUInt32BE(frame.length - 5, 1);
      // Item { data: … }
      frame.set([0x1a, 0x80, 0x80, 0x04], 5);
      let sent = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (sent++ < FRAMES) controller.enqueue(frame);
          else controller.close();
        },
      });
      const answered = post('Add', 'application/grpc-web', body);
      for (let i = 0; i < 500; i++) await turn();
      expect(sent).to.be.below(FRAMES);
      read();
      const octets = Buffer.from(await (await answered).arrayBuffer());
      // Total { price: 26214400 }
      expect(octets.subarray(0, 10).toString('hex')).to.equal('0000000005088080c00c');
    });
  });
});
