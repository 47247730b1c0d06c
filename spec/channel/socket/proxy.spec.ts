// Calls through proxies, and what a client says of one that does not make a tunnel.

import net from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { type RecordingServer, recordingServer } from '../../call/credentials/recording-server.ts';
import { closing, rejection } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import { LoopClock } from '../../support/time/loop-clock.ts';
import { httpProxy, type ProxyServer, type ProxySetup, socksProxy } from './proxy-servers.ts';
import { certificatePath } from './tls/secure-servers.ts';

const ROOT = { ca: { file: certificatePath('root.pem') } };
/** Nobody on this machine knows it. */
const UNKNOWN = 'a-name-that-only-the-proxy-knows.invalid';
const LOGIN = { username: 'me@work', password: 's3:cr/et %ü' };

function userInfo({ username, password }: { username: string; password: string }): string {
  return `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
}

async function call(client: Client, timeoutMs = 5000): Promise<string | undefined> {
  const running = client.raw('/p.S/M', { cardinality: 'unary_unary' })(undefined, { timeoutMs });
  await running;
  return running.peer?.address;
}

interface Kind {
  readonly name: string;
  readonly scheme: string;
  readonly start: (setup?: ProxySetup) => Promise<ProxyServer>;
  readonly options: object;
}
const KINDS: readonly Kind[] = [
  { name: 'an http: proxy', scheme: 'http', start: httpProxy, options: {} },
  {
    name: 'an https: proxy',
    scheme: 'https',
    start: (setup) => httpProxy({ ...setup, isSecure: true }),
    options: { tls: ROOT },
  },
  { name: 'a SOCKS5 proxy', scheme: 'socks5', start: socksProxy, options: {} },
];

describe('A call through a proxy', () => {
  const close = closing();
  let plaintext: RecordingServer;
  let secure: RecordingServer;
  before(async () => {
    plaintext = await recordingServer('plaintext');
    secure = await recordingServer('tls');
  });
  after(() => {
    plaintext.close();
    secure.close();
  });

  for (const { name, scheme, start, options } of KINDS) {
    describe(`which is ${name}`, () => {
      it('reaches a server in plaintext, whose name the proxy looks up', async () => {
        const proxy = close(await start());
        const client = close(
          new Client(UNKNOWN, plaintext.port, {
            proxy: { url: `${scheme}://127.0.0.1:${proxy.port}`, ...options },
          }),
        );
        expect(await call(client)).to.equal(`${UNKNOWN}:${plaintext.port}`);
        expect(proxy.asked).to.deep.equal([`${UNKNOWN}:${plaintext.port}`]);
        expect(plaintext.heads.at(-1)?.[':authority']).to.equal(`${UNKNOWN}:${plaintext.port}`);
        await call(client);
        expect(proxy.asked, 'the connection is kept').to.have.length(1);
      });

      it('verifies the server through the tunnel', async () => {
        const proxy = close(await start());
        const url = `${scheme}://127.0.0.1:${proxy.port}`;
        const client = close(
          new Client(`https://localhost:${secure.port}`, { tls: ROOT, proxy: { url, ...options } }),
        );
        await call(client);
        const wrongName = close(
          new Client(`https://${UNKNOWN}:${secure.port}`, { tls: ROOT, proxy: { url, ...options } }),
        );
        const error = await rejection(call(wrongName));
        expect(error).to.include({ codeName: 'UNAVAILABLE' });
        expect(error.message).to.include(`through the proxy ${url}`).and.include(`not for '${UNKNOWN}'`);
      });

      it('carries 1 MiB both ways and 100 calls at once', async () => {
        const proxy = close(await start());
        const client = close(
          new Client('localhost', plaintext.port, {
            proxy: { url: `${scheme}://127.0.0.1:${proxy.port}`, ...options },
          }),
        );
        const method = client.raw('/p.S/M', { cardinality: 'unary_unary' });
        await Promise.all(Array.from({ length: 100 }, () => method(new Uint8Array(10_000))));
        await method(new Uint8Array(1 << 20));
        expect(proxy.asked).to.have.length(1);
      });

      it('closes the connection with its client', async () => {
        const proxy = close(await start());
        const url = `${scheme}://127.0.0.1:${proxy.port}`;
        const client = new Client(`https://localhost:${secure.port}`, {
          tls: ROOT,
          proxy: { url, ...options },
        });
        await call(client);
        expect(proxy.open).to.equal(1);
        await client.close();
        await until(() => proxy.open === 0);
        expect(proxy.asked).to.have.lengthOf(1);
      });

      const logins: readonly (readonly [name: string, make: (port: number) => object])[] = [
        ['in the URL', (port) => ({ url: `${scheme}://${userInfo(LOGIN)}127.0.0.1:${port}` })],
        ['in a URL object', (port) => ({ url: new URL(`${scheme}://${userInfo(LOGIN)}127.0.0.1:${port}`) })],
        ['in options', (port) => ({ url: `${scheme}://127.0.0.1:${port}`, ...LOGIN })],
      ];
      for (const [where, make] of logins) {
        it(`shows a user name and password given ${where}`, async () => {
          const proxy = close(await start({ login: LOGIN }));
          await call(
            close(
              new Client('localhost', plaintext.port, {
                proxy: { ...options, ...make(proxy.port) } as never,
              }),
            ),
          );
          expect(proxy.asked).to.deep.equal([`localhost:${plaintext.port}`]);
        });
      }

      it('says that the proxy wants credentials, or others, and does not show them', async () => {
        const proxy = close(await start({ login: LOGIN }));
        const url = `${scheme}://127.0.0.1:${proxy.port}`;
        const none = close(new Client('localhost', plaintext.port, { proxy: { url, ...options } }));
        expect((await rejection(call(none))).message)
          .to.include(
            `cannot connect to localhost:${plaintext.port} through the proxy ${url}: it demands credentials`,
          )
          .and.include('username, password');
        const other = close(
          new Client('localhost', plaintext.port, {
            proxy: { url, username: 'me', password: 'wrong-secret', ...options },
          }),
        );
        const error = await rejection(call(other));
        expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
        expect(error.message).to.include('does not accept the user name and password');
        for (const one of [error, other, other.channel]) {
          expect(inspect(one, { depth: 9, showHidden: true })).not.to.include('wrong-secret');
        }
      });

      it('says that nothing listens where the proxy should be', async () => {
        const proxy = await start();
        proxy.close();
        const url = `${scheme}://127.0.0.1:${proxy.port}`;
        const error = await rejection(call(close(new Client(UNKNOWN, 1, { proxy: { url, ...options } }))));
        expect(error.message).to.include(
          `through the proxy ${url}: nothing listens on 127.0.0.1:${proxy.port}`,
        );
      });
    });
  }

  it('sends header fields that were given, and no others than its own', async () => {
    const proxy = close(await httpProxy());
    const headers = { 'X-Tenant': 'a b', 'proxy-authorization': 'Bearer t' };
    await call(
      close(
        new Client('localhost', plaintext.port, {
          proxy: { url: `http://127.0.0.1:${proxy.port}`, headers },
        }),
      ),
    );
    expect(proxy.heads).to.deep.equal([
      { host: `localhost:${plaintext.port}`, 'x-tenant': 'a b', 'proxy-authorization': 'Bearer t' },
    ]);
  });

  const hosts: readonly (readonly [host: string, http: string, socks: string])[] = [
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]', `${'0'.repeat(31)}1`],
    ['2001:db8::ff00:42:8329', '[2001:db8::ff00:42:8329]', '20010db8000000000000ff0000428329'],
    ['::ffff:1.2.3.4', '[::ffff:1.2.3.4]', '00000000000000000000ffff01020304'],
  ];
  for (const [host, wantedHttp, wantedSocks] of hosts) {
    it(`asks for the address ${host} as such`, async () => {
      for (const [start, scheme, wanted] of [
        [httpProxy, 'http', wantedHttp],
        [socksProxy, 'socks5', wantedSocks],
      ] as const) {
        const proxy = close(await start());
        await call(close(new Client(host, plaintext.port, { proxy: `${scheme}://127.0.0.1:${proxy.port}` })));
        expect(proxy.asked).to.deep.equal([`${wanted}:${plaintext.port}`]);
      }
    });
  }

  it('names the option that fixes TLS with the proxy', async () => {
    const proxy = close(await httpProxy({ isSecure: true }));
    const url = `https://127.0.0.1:${proxy.port}`;
    const error = await rejection(call(close(new Client('localhost', plaintext.port, { proxy: url }))));
    expect(error.message)
      .to.include(`through the proxy ${url}: TLS with the proxy: `)
      .and.include('as proxy.tls.ca')
      .and.not.include('the server');
  });
});

describe('A proxy that makes no tunnel', () => {
  const close = closing();

  const HTTP: readonly (readonly [name: string, answer: string | Buffer, told: RegExp])[] = [
    [
      '403',
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n<html',
      /refuses to connect to example\.com:443 \(403 Forbidden\)/,
    ],
    [
      '407 with Negotiate',
      'HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n',
      /offers Negotiate, NTLM\), none of them supported/,
    ],
    ['407 without a scheme', 'HTTP/1.1 407 No\r\n\r\n', /demands credentials \(407 No\); give them/],
    [
      '502 with a page',
      `HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>${'x'.repeat(1e5)}`,
      /could not reach example\.com:443 \(502 Bad Gateway\); check/,
    ],
    ['503', 'HTTP/1.0 503 Service Unavailable\r\n\r\n', /could not reach example\.com:443 \(503/],
    [
      '405',
      'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n',
      /does not support CONNECT \(405 Method Not Allowed\); check that this is a proxy/,
    ],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n',
      /302 Found and redirects to "https:\/\/login\.example\/"/,
    ],
    ['a status without a phrase', 'HTTP/1.1 418\r\n\r\n', /answered CONNECT with 418$/],
    [
      'an upgrade',
      'HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n',
      /answered CONNECT with 500 Oops/,
    ],
    ['line feeds alone', 'HTTP/1.1 502 Bad\n\n', /could not reach/],
    ['control characters in the phrase', 'HTTP/1.1 500 a\u001b[31mb\u0007\r\n\r\n', /with 500 a\?\[31mb\?$/],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n', /answered CONNECT with "SSH-2\.0-OpenSSH_9\.6", which is not HTTP/],
    ['HTTP/2', Buffer.from('000000040000000000', 'hex'), /the bytes 00 00 00 04.*not HTTP/],
    ['a TLS alert', Buffer.from('15030100020246', 'hex'), /it speaks TLS; give its URL as https:\/\//],
    ['a status that is none', 'HTTP/1.1 OK\r\n\r\n', /which is not HTTP/],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(1e5)}`, /more than 16384 bytes of header/],
    [
      'informational heads without end',
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1e4),
      /more than 16384 bytes of header/,
    ],
  ];
  const SOCKS: readonly (readonly [name: string, answers: readonly (string | Buffer)[], told: RegExp])[] = [
    [
      'HTTP',
      ['HTTP/1.1 400 Bad Request\r\n\r\n'],
      /answered "HTTP\/1\.1 400 Bad Request", which is not SOCKS5; it seems to be an HTTP proxy/,
    ],
    ['SOCKS4', [Buffer.of(0, 91)], /the bytes 00 5b, which is not SOCKS5/],
    [
      'a method that was not offered',
      [Buffer.of(5, 1)],
      /chose the authentication method 1, which was not offered/,
    ],
    ['password, unasked', [Buffer.of(5, 2)], /chose the authentication method 2, which was not offered/],
    ['no method', [Buffer.of(5, 255)], /demands credentials/],
    ...(
      [
        [1, /general failure/],
        [2, /rules do not allow example\.com:443/],
        [4, /cannot be reached, or its name is not known/],
        [5, /nothing listens on example\.com:443/],
        [8, /addresses of this type/],
        [99, /a reason unknown to SOCKS5 \(reply 99\)/],
      ] as const
    ).map(
      ([reply, told]) =>
        [`reply ${reply}`, [Buffer.of(5, 0), Buffer.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0)], told] as const,
    ),
    ['an address of an unknown type', [Buffer.of(5, 0), Buffer.of(5, 0, 0, 9, 0)], /unknown type 9/],
    ['another version in the reply', [Buffer.of(5, 0), Buffer.of(4, 0, 0, 1)], /not SOCKS5/],
  ];

  /** Answers each chunk with the next of some answers. */
  async function scripted(answers: readonly (string | Buffer)[], isOver: boolean): Promise<number> {
    const server = net.createServer((socket) => {
      let next = 0;
      socket.on('error', () => {});
      socket.on('data', () => {
        if (next < answers.length) socket.write(answers[next++]);
        if (isOver && next === answers.length) socket.end();
      });
    });
    const sockets = new Set<net.Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close({
      close() {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    });
    return (server.address() as net.AddressInfo).port;
  }

  function client(scheme: string, port: number, options?: ClientOptions): Client {
    return close(new Client('https://example.com', { proxy: `${scheme}://127.0.0.1:${port}`, ...options }));
  }

  for (const [scheme, cases] of [
    ['http', HTTP.map(([name, answer, told]) => [name, [answer], told] as const)],
    ['socks5', SOCKS],
  ] as const) {
    for (const [name, answers, told] of cases) {
      it(`is told: ${scheme}, ${name}`, async () => {
        const error = await rejection(call(client(scheme, await scripted(answers, false))));
        expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
        expect(error.message).to.match(
          /cannot connect to example\.com:443 through the proxy (?:http|socks5):\/\/127\.0\.0\.1:\d+: /,
        );
        expect(error.message)
          .to.match(told)
          .and.not.match(/[\r\n]/);
      });
    }

    it(`is told: ${scheme}, closing without an answer`, async () => {
      const error = await rejection(call(client(scheme, await scripted([''], true))));
      expect(error.message).to.include('it closed the connection');
    });

    it(`is told: ${scheme}, silent or dripping until the connect timeout`, async () => {
      for (const answer of ['', scheme === 'http' ? 'HTTP/1.1 200 ' : Buffer.of(5)]) {
        const port = await scripted([answer], false);
        using clock = new LoopClock();
        const error = await rejection(call(client(scheme, port, { connectTimeoutMs: 100 })));
        expect(clock.now()).to.be.below(1000);
        expect(error.message).to.include(
          `example.com:443 did not answer within connectTimeoutMs 100: the proxy ${scheme}://127.0.0.1:${port} accepted the connection but gave no complete answer`,
        );
      }
    });
  }
});
