// Which proxy a target is reached through: the option, the environment, and the exceptions from it.

import { expect } from 'chai';
import { isInNoProxy } from '../../../lib/channel/socket/no-proxy.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import { checkProxy, proxyFor } from '../../../lib/client/proxy-options.ts';
import { Client } from '../../../lib/index.ts';

const SECRET = 'very-secret';

function fromEnvironment(target: string, environment: Record<string, string>): string | undefined {
  return proxyFor(parseTarget(target), checkProxy(undefined, environment))?.text;
}

describe('The proxy of the environment', () => {
  const cases: readonly (readonly [
    environment: Record<string, string>,
    target: string,
    proxy: string | undefined,
  ])[] = [
    [{}, 'example.com:443', undefined],
    [
      { grpc_proxy: 'http://p:1', https_proxy: 'http://p:2', http_proxy: 'http://p:3' },
      'example.com:443',
      'http://p:1',
    ],
    [{ https_proxy: 'http://p:2', http_proxy: 'http://p:3' }, 'example.com:443', 'http://p:2'],
    [{ http_proxy: 'http://p:3' }, 'example.com:443', 'http://p:3'],
    [{ HTTPS_PROXY: 'http://p:4' }, 'https://example.com', 'http://p:4'],
    // What a client of a CGI script can set.
    [{ HTTP_PROXY: 'http://p:5' }, 'example.com:443', undefined],
    [{ grpc_proxy: '', https_proxy: 'http://p:2' }, 'example.com:443', 'http://p:2'],
    [{ https_proxy: 'p:6' }, 'example.com:443', 'http://p:6'],
    [{ https_proxy: 'http://p' }, 'example.com:443', 'http://p:80'],
    [{ https_proxy: 'https://p' }, 'example.com:443', 'https://p:443'],
    [{ https_proxy: 'socks5h://p' }, 'example.com:443', 'socks5h://p:1080'],
    [{ https_proxy: `http://me:${SECRET}@[::2]:7` }, 'example.com:443', 'http://[::2]:7'],
    [{ https_proxy: 'http://p:1', no_proxy: 'other.com,example.com' }, 'example.com:443', undefined],
    [{ https_proxy: 'http://p:1', NO_PROXY: 'example.com' }, 'example.com:443', undefined],
    [{ https_proxy: 'http://p:1', no_grpc_proxy: 'x', no_proxy: '*' }, 'example.com:443', 'http://p:1'],
    [{ https_proxy: 'http://p:1', no_grpc_proxy: '', no_proxy: '*' }, 'example.com:443', 'http://p:1'],
    [{ https_proxy: 'http://p:1' }, 'localhost:1', undefined],
    [{ https_proxy: 'http://p:1' }, '127.0.0.1:1', undefined],
    [{ https_proxy: 'http://p:1' }, '[::1]:1', undefined],
    [{ https_proxy: 'http://p:1' }, 'unix:/tmp/x', undefined],
    // Where it is not used it may be wrong.
    [{ https_proxy: '::' }, 'localhost:1', undefined],
  ];
  for (const [environment, target, proxy] of cases) {
    it(`${JSON.stringify(environment)} leads ${target} ${proxy ?? 'straight'}`, () => {
      expect(fromEnvironment(target, environment)).to.equal(proxy);
    });
  }

  for (const value of [
    `ftp://me:${SECRET}@p`,
    `http://me:${SECRET}@p/path`,
    `http://me:${SECRET}@`,
    `http://%zz${SECRET}@p`,
  ]) {
    it(`is refused as ${value}, by the name of the variable and without its value`, () => {
      expect(() => fromEnvironment('example.com:443', { https_proxy: value }))
        .to.throw(TypeError, 'the environment variable https_proxy')
        .which.satisfies((error: Error) => !error.message.includes(SECRET));
    });
  }
});

describe('no_proxy', () => {
  const cases: readonly (readonly [list: string, host: string, port: number, isIn: boolean])[] = [
    ['', 'example.com', 443, false],
    [' , ', 'example.com', 443, false],
    ['*', 'example.com', 443, true],
    ['example.com', 'example.com', 443, true],
    ['example.com', 'EXAMPLE.com.', 443, true],
    ['example.com', 'api.example.com', 443, true],
    ['example.com', 'notexample.com', 443, false],
    ['.example.com', 'api.example.com', 443, true],
    ['.example.com', 'example.com', 443, false],
    ['*.example.com', 'api.example.com', 443, true],
    ['*.example.com', 'example.com', 443, false],
    ['a, b  example.com', 'example.com', 443, true],
    ['example.com:443', 'example.com', 443, true],
    ['example.com:443', 'example.com', 444, false],
    ['*:8080', 'example.com', 8080, true],
    ['*:8080', 'example.com', 443, false],
    ['10.0.0.1', '10.0.0.1', 443, true],
    ['10.0.0.1', '10.0.0.11', 443, false],
    ['10.0.0.1:443', '10.0.0.1', 443, true],
    ['10.0.0.0/8', '10.255.0.1', 443, true],
    ['10.0.0.0/8', '11.0.0.1', 443, false],
    ['10.0.0.0/32', '10.0.0.0', 443, true],
    ['10.0.0.0/33', '10.0.0.0', 443, false],
    ['10.0.0.0/', '10.0.0.0', 443, false],
    ['10.0.0.0/8', 'ten.example.com', 443, false],
    ['0.0.0.0/0', '8.8.8.8', 443, true],
    ['::1', '::1', 443, true],
    ['[fd00::1]:443', 'fd00::1', 443, true],
    ['[fd00::1]:443', 'fd00::1', 444, false],
    ['fd00::/8', 'fd12::1%eth0', 443, true],
    ['fd00::/8', '10.0.0.1', 443, false],
    ['fd00:0:0::1', 'fd00::1', 443, true],
    ['.', 'example.com', 443, false],
    ['/', 'example.com', 443, false],
    ['com', 'example.com', 443, true],
    ['example.com.', 'example.com', 443, true],
    ['.example.com.', 'example.com', 443, false],
    ['[fd00::1]', 'fd00::1', 443, true],
    ['[fd00::]/8', 'fd12::1', 443, true],
    ['fd[00::/8', 'fd12::1', 443, false],
    ['fd00]::/8', 'fd12::1', 443, false],
    ['10.0.0.0/0x8', '10.1.0.1', 443, false],
    ['10.0.0.0/8e0', '10.1.0.1', 443, false],
    ['x/8', 'example.com', 443, false],
  ];
  for (const [list, host, port, isIn] of cases) {
    it(`of '${list}' ${isIn ? 'lists' : 'does not list'} ${host}:${port}`, () => {
      expect(isInNoProxy(list, host, port)).to.equal(isIn);
    });
  }
});

describe('The proxy of the environment', () => {
  const through = (target: string): string | undefined =>
    proxyFor(parseTarget(target), checkProxy(undefined, { https_proxy: 'http://p:1' }))?.text;

  for (const target of ['localhost:1', '127.0.0.2:1', '[::1]:1', '0.0.0.0:1', '[::]:1']) {
    it(`is not for ${target}, which is this machine`, () => expect(through(target)).to.equal(undefined));
  }
  for (const target of ['localhost.example.com:1', '128.0.0.1:1', '[::2]:1']) {
    it(`is for ${target}`, () => expect(through(target)).to.equal('http://p:1'));
  }
});

describe('The option proxy', () => {
  it('counts for the loopback too, and whatever no_proxy says', () => {
    const checked = checkProxy('http://p:3128', { no_proxy: '*', https_proxy: 'http://other:1' });
    expect(proxyFor(parseTarget('localhost:1'), checked)?.text).to.equal('http://p:3128');
  });

  it('false means none, whatever the environment says', () => {
    const checked = checkProxy(false, { https_proxy: 'http://p:1' });
    expect(proxyFor(parseTarget('example.com:1'), checked)).to.equal(undefined);
  });

  const wrong: readonly (readonly [proxy: unknown, message: string])[] = [
    ['', 'proxy must be a URL'],
    [`me:${SECRET}@p:1`, 'proxy must be a URL'],
    ['p:3128', 'proxy must be a URL'],
    ['http://', 'proxy must be a URL'],
    ['http://p:0', 'must name a host and port'],
    [`ftp://me:${SECRET}@p`, 'the scheme "ftp:"'],
    [`http://me:${SECRET}@p/path`, 'without a path'],
    [`http://me:${SECRET}@p?x`, 'without a path'],
    [`http://me:%${SECRET}@p`, 'not correctly percent-encoded'],
    [true, 'or false for none'],
    [null, 'or false for none'],
    [[], 'or false for none'],
    [{}, 'proxy.url must be a URL'],
    [{ url: 'http://p', user: 'me' }, "there is no proxy option 'user'"],
    [{ url: 'http://p', username: 7 }, 'must be strings'],
    [{ url: 'http://p', username: 'a:b', password: SECRET }, 'cannot contain a colon'],
    [{ url: 'socks5://p', username: 'a' }, '1 to 255 bytes'],
    [{ url: 'socks5://p', username: 'a', password: 'x'.repeat(256) }, '1 to 255 bytes'],
    [{ url: 'socks5://p', headers: {} }, 'SOCKS5 has no header fields'],
    [{ url: 'http://p', tls: {} }, 'proxy.tls is for https:// proxies'],
    [{ url: 'https://p', tls: { ca: 'x' } }, 'proxy: tls.ca'],
    [{ url: 'http://p', headers: { 'a b': 'x' } }, 'not a valid header name'],
    [{ url: 'http://p', headers: { a: 'x\r\ny: z' } }, 'printable ASCII'],
    [{ url: 'http://p', headers: { Host: 'x' } }, 'CONNECT sets itself'],
  ];
  for (const [proxy, message] of wrong) {
    it(`refuses ${JSON.stringify(proxy)}`, () => {
      expect(() => new Client('example.com:443', { proxy: proxy as string }))
        .to.throw(TypeError, message)
        .which.satisfies((error: Error) => !error.message.includes(SECRET));
    });
  }

  it('takes a user name and password of 255 bytes for SOCKS5', () => {
    const login = { username: 'u'.repeat(255), password: 'p'.repeat(255) };
    const checked = checkProxy({ url: 'socks5://p', ...login }, {});
    expect(proxyFor(parseTarget('example.com:1'), checked)?.login).to.deep.equal(login);
  });

  it('is refused for a Unix socket, and for a client that shares a channel', async () => {
    expect(() => new Client('unix:/tmp/x', { proxy: 'http://p:1' })).to.throw(TypeError, 'Unix socket');
    await using client = new Client('localhost:1');
    expect(() => new Client(client.channel, { proxy: false })).to.throw(TypeError, 'shares one');
  });
});
