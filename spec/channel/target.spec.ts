// Every spelling of a target, good and bad. Source of the names: grpc doc/naming.md; ports and hosts: RFC 3986.

import { expect } from 'chai';
import { addressText } from '../../lib/channel/address.ts';
import { parseTarget, type Target, targetOfHostPort } from '../../lib/channel/target.ts';

/** `host port` or `path`, :authority, scheme, prefix, name in errors. */
function shown({ address, authority, scheme, pathPrefix, text }: Target): string[] {
  const where = address.kind === 'unix' ? `unix ${address.path}` : `${address.host} ${address.port}`;
  return [where, authority, scheme, pathPrefix, text];
}

const good: readonly (readonly [target: string, ...shown: string[]])[] = [
  ['localhost:50051', 'localhost 50051', 'localhost:50051', 'http', '', 'localhost:50051'],
  ['127.0.0.1:1', '127.0.0.1 1', '127.0.0.1:1', 'http', '', '127.0.0.1:1'],
  [
    'a-b.example.com:65535',
    'a-b.example.com 65535',
    'a-b.example.com:65535',
    'http',
    '',
    'a-b.example.com:65535',
  ],
  ['my_service:7', 'my_service 7', 'my_service:7', 'http', '', 'my_service:7'],
  [
    'bücher.example:7',
    'xn--bcher-kva.example 7',
    'xn--bcher-kva.example:7',
    'http',
    '',
    'xn--bcher-kva.example:7',
  ],
  ['[::1]:50051', '::1 50051', '[::1]:50051', 'http', '', '[::1]:50051'],
  ['[fe80::1%eth0]:7', 'fe80::1%eth0 7', '[fe80::1]:7', 'http', '', '[fe80::1%eth0]:7'],
  ['[::ffff:10.0.0.1]:7', '::ffff:10.0.0.1 7', '[::ffff:10.0.0.1]:7', 'http', '', '[::ffff:10.0.0.1]:7'],
  ['dns:///example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['dns:example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['dns:///example.com', 'example.com 443', 'example.com:443', 'http', '', 'example.com:443'],
  ['dns:///[::1]:7', '::1 7', '[::1]:7', 'http', '', '[::1]:7'],
  ['unix:/run/a.sock', 'unix /run/a.sock', 'localhost', 'http', '', 'unix:/run/a.sock'],
  ['unix:///run/a.sock', 'unix /run/a.sock', 'localhost', 'http', '', 'unix:/run/a.sock'],
  ['dns://8.8.8.8/example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['ipv4:10.0.0.1:7', '10.0.0.1 7', '10.0.0.1:7', 'http', '', 'ipv4:10.0.0.1:7'],
  ['ipv4:10.0.0.1', '10.0.0.1 443', '10.0.0.1:443', 'http', '', 'ipv4:10.0.0.1'],
  ['ipv6:[::1]:7,::2', '::1 7', '[::1]:7', 'http', '', 'ipv6:[::1]:7,::2'],
  ['unix-abstract:a', 'unix \0a', 'localhost', 'http', '', 'unix-abstract:a'],
  ['unix:a.sock', 'unix a.sock', 'localhost', 'http', '', 'unix:a.sock'],
  ['http://example.com', 'example.com 80', 'example.com', 'http', '', 'example.com:80'],
  ['http://example.com:80', 'example.com 80', 'example.com', 'http', '', 'example.com:80'],
  ['http://example.com:7/', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['http://[::1]:7', '::1 7', '[::1]:7', 'http', '', '[::1]:7'],
  ['grpc://example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['HTTP://example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['http://example.com:7/a/b/', 'example.com 7', 'example.com:7', 'http', '/a/b', 'example.com:7'],
  ['https://example.com', 'example.com 443', 'example.com', 'https', '', 'example.com:443'],
  ['https://example.com:8443/p', 'example.com 8443', 'example.com:8443', 'https', '/p', 'example.com:8443'],
  ['grpcs://example.com', 'example.com 443', 'example.com', 'https', '', 'example.com:443'],
];

const bad: readonly (readonly [target: unknown, message: RegExp])[] = [
  ['', /target must be a text/],
  [undefined, /target must be a text/],
  [null, /target must be a text/],
  [7, /target must be a text/],
  [{ host: 'a' }, /target must be a text/],
  ['localhost', /has no port; give 'localhost:50051'/],
  ['[::1]', /has no port/],
  ['::1', /'\[::1\]:port'/],
  ['fe80::1:50051', /'\[fe80::1:50051\]:port'/],
  [':50051', /names no host/],
  ['http://:7', /names no host/],
  ['[]:7', /no host|no IPv6/],
  ['[localhost]:7', /no IPv6 address in its brackets/],
  ['localhost:', /port must be a whole number from 1 to 65535/],
  ['localhost:0', /from 1 to 65535/],
  ['localhost:65536', /from 1 to 65535/],
  ['localhost:http', /from 1 to 65535/],
  ['localhost:-1', /from 1 to 65535/],
  ['localhost:1e3', /from 1 to 65535/],
  ['localhost: 80', /white space/],
  ['local host:80', /white space/],
  ['localhost:80\n', /white space/],
  ['localhost:80/path', /port|host:port/],
  ['http://a?b', /without \? or #/],
  ['http://a/#b', /without \? or #/],
  ['http://', /scheme:\/\/host|no host/],
  ['http://user:geheim@a:7', /user name/],
  ['ftp://a:7', /unknown scheme/],
  ['xds:///a', /'xds', which is not supported/],
  ['vsock:1:2', /'vsock', which is not supported/],
  ['ipv4:', /holds "", which is no IPv4 address/],
  ['ipv4:a:7', /holds "a:7", which is no IPv4 address/],
  ['ipv4:10.0.0.1:7,', /holds "", which is no IPv4 address/],
  ['ipv4:10.0.0.256:7', /no IPv4 address/],
  ['ipv4:[::1]:7', /no IPv4 address/],
  ['ipv4:10.0.0.1:0', /from 1 to 65535/],
  ['ipv4:10.0.0.1:65536', /from 1 to 65535/],
  ['ipv6:10.0.0.1:7', /no IPv6 address/],
  ['ipv6:[::1]:x', /from 1 to 65535/],
  ['unix-abstract:', /names no socket; give unix-abstract:name/],
  ['dns://dns.example/a:7', /DNS server "dns.example", which must be an IP address/],
  ['dns://1.2.3/a:7', /must be an IP address/],
  ['lake:///a', /unknown scheme/],
  ['http://a:7/ä', /percent-encode/],
  ['a"b:7', /characters that no host name has/],
  ['a,b:7', /characters that no host name has/],
  ['*:7', /characters that no host name has/],
  ['unix:', /names no socket/],
  ['unix://host/a', /names no socket/],
];

describe('Target', () => {
  for (const [target, ...expected] of good) {
    it(`understands ${target}`, () => {
      expect(shown(parseTarget(target))).to.deep.equal(expected);
    });
  }

  const lists: readonly (readonly [target: string, ...addresses: string[]])[] = [
    ['ipv4:10.0.0.1:7,10.0.0.2:8,10.0.0.1:7,10.0.0.1', '10.0.0.1:7', '10.0.0.2:8', '10.0.0.1:443'],
    ['ipv6:[::1]:7,[::2],::3', '[::1]:7', '[::2]:443', '[::3]:443'],
  ];
  for (const [target, ...addresses] of lists) {
    it(`has all addresses of ${target}, each once`, () => {
      expect(parseTarget(target).addresses?.map(addressText)).to.deep.equal(addresses);
    });
  }

  it('names the DNS server to ask', () => {
    expect(parseTarget('dns://8.8.8.8:5353/a:7').dnsServer).to.equal('8.8.8.8:5353');
    expect(parseTarget('dns://[::1]/a:7').dnsServer).to.equal('[::1]');
    expect(parseTarget('dns:///a:7').dnsServer).to.equal(undefined);
  });

  const custom: readonly (readonly [
    target: string,
    scheme: string,
    authority: string,
    path: string,
    sent: string,
  ])[] = [
    ['lake:///greeter', 'lake', '', 'greeter', 'greeter'],
    ['lake://consul/greeter:7', 'lake', 'consul', 'greeter:7', 'greeter:7'],
    ['lake:a/b', 'lake', '', 'a/b', 'localhost'],
    ['xds:///greeter', 'xds', '', 'greeter', 'greeter'],
    ['localhost:7', 'dns', '', 'localhost:7', 'localhost:7'],
  ];
  for (const [target, scheme, authority, path, sent] of custom) {
    it(`may be ${target} for a resolver`, () => {
      const parsed = parseTarget(target, true);
      expect(parsed.forResolver).to.deep.equal({ scheme, authority, path, text: target });
      expect(parsed.authority).to.equal(sent);
    });
  }

  for (const [target, message] of bad) {
    it(`refuses ${JSON.stringify(target) ?? String(target)}`, () => {
      expect(() => parseTarget(target as string))
        .to.throw(message)
        .and.satisfy((error: unknown) => error instanceof TypeError || error instanceof RangeError);
    });
  }

  it('shows no password that a target holds', () => {
    for (const target of ['http://user:geheim@a:7', 'user:geheim@a:7', 'http://geheim@']) {
      expect(() => parseTarget(target))
        .to.throw()
        .and.not.match(/geheim/);
    }
  });

  const pairs: readonly (readonly [host: string, port: number, authority: string])[] = [
    ['localhost', 50051, 'localhost:50051'],
    ['10.0.0.1', 1, '10.0.0.1:1'],
    ['::1', 7, '[::1]:7'],
    ['[::1]', 7, '[::1]:7'],
    ['example.com', 80, 'example.com'],
    ['fe80::1%eth0', 7, '[fe80::1]:7'],
  ];
  for (const [host, port, authority] of pairs) {
    it(`of host ${host} and port ${port} has the authority ${authority}`, () => {
      const target = targetOfHostPort(host, port);
      expect([target.authority, target.scheme, target.pathPrefix]).to.deep.equal([authority, 'http', '']);
      expect(target.address).to.deep.equal({ kind: 'tcp', host: host.replace(/[[\]]/g, ''), port });
    });
  }

  const badPairs: readonly (readonly [host: unknown, port: unknown, message: RegExp])[] = [
    ['', 7, /host must be/],
    ['a\0b', 7, /characters that no host name has/],
    ['a\\b', 7, /characters that no host name has/],
    [undefined, 7, /host must be/],
    [7, 7, /host must be/],
    ['http://a', 7, /is not a host name/],
    ['a/b', 7, /is not a host name/],
    ['a b', 7, /is not a host name/],
    ['u@a', 7, /is not a host name/],
    ['a:50051', 7, /holds a port as well/],
    ['a', 0, /from 1 to 65535/],
    ['a', 65536, /from 1 to 65535/],
    ['a', 1.5, /from 1 to 65535/],
    ['a', -1, /from 1 to 65535/],
    ['a', Number.NaN, /from 1 to 65535/],
    ['a', '50051', /from 1 to 65535, not "50051"/],
    ['a', null, /from 1 to 65535/],
  ];
  for (const [host, port, message] of badPairs) {
    it(`refuses host ${JSON.stringify(host)} and port ${JSON.stringify(port)}`, () => {
      expect(() => targetOfHostPort(host as string, port as number)).to.throw(message);
    });
  }
});
