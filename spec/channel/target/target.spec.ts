// Every spelling of a target, good and bad. Source of the names: grpc doc/naming.md; ports and hosts: RFC 3986.

import { expect } from 'chai';
import { addressText } from '../../../lib/channel/target/address.ts';
import { parseTarget, type Target, targetOfHostPort } from '../../../lib/channel/target/target.ts';

/** `host port` or `path`, :authority, scheme, prefix, name in errors. */
function shown({ address, authority, scheme, pathPrefix, text }: Target): string[] {
  const where = address.kind === 'tcp' ? `${address.host} ${address.port}` : `unix ${address.path}`;
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
  ['ipv4:10.0.0.1:80,10.0.0.2', '10.0.0.1 80', '10.0.0.1', 'http', '', 'ipv4:10.0.0.1:80,10.0.0.2'],
  ['unix-abstract:a', 'unix \0a', 'localhost', 'http', '', 'unix-abstract:a'],
  ['unix:/my run/a.sock', 'unix /my run/a.sock', 'localhost', 'http', '', 'unix:/my run/a.sock'],
  ['unix:/a#b%20c?d.sock', 'unix /a#b%20c?d.sock', 'localhost', 'http', '', 'unix:/a#b%20c?d.sock'],
  ['unix:a.sock', 'unix a.sock', 'localhost', 'http', '', 'unix:a.sock'],
  ['http://example.com', 'example.com 80', 'example.com', 'http', '', 'example.com:80'],
  ['http://example.com:80', 'example.com 80', 'example.com', 'http', '', 'example.com:80'],
  ['http://example.com:7/', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['http://[::1]:7', '::1 7', '[::1]:7', 'http', '', '[::1]:7'],
  ['grpc://example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['HTTP://example.com:7', 'example.com 7', 'example.com:7', 'http', '', 'example.com:7'],
  ['http:7', 'http 7', 'http:7', 'http', '', 'http:7'],
  ['http://example.com:7//a//', 'example.com 7', 'example.com:7', 'http', '//a', 'example.com:7'],
  ['http://example.com:7/a/b/', 'example.com 7', 'example.com:7', 'http', '/a/b', 'example.com:7'],
  ['https://example.com', 'example.com 443', 'example.com', 'https', '', 'example.com:443'],
  ['https://example.com:8443/p', 'example.com 8443', 'example.com:8443', 'https', '/p', 'example.com:8443'],
  ['grpcs://example.com', 'example.com 443', 'example.com', 'https', '', 'example.com:443'],
];

const bad: readonly (readonly [target: unknown, message: RegExp])[] = [
  ['', /target must be a string/],
  [undefined, /target must be a string/],
  [null, /target must be a string/],
  [7, /target must be a string/],
  [{ host: 'a' }, /target must be a string/],
  ['localhost', /has no port; give 'localhost:50051'/],
  ['[::1]', /has no port/],
  ['::1', /'\[::1\]:port'/],
  ['fe80::1:50051', /without brackets; give '\[fe80::1\]:50051' for port 50051$/],
  ['::1:50051', /give '\[::1\]:50051' for port 50051$/],
  ['2001:db8::5:443', /give '\[2001:db8::5\]:443' for port 443, or '\[2001:db8::5:443\]:port' where that/],
  ['1:2:3:4:5:6:7:8:443', /give '\[1:2:3:4:5:6:7:8\]:443' for port 443$/],
  ['1:2:3:4:5:6:7:8', /has no port; give '\[1:2:3:4:5:6:7:8\]:port'/],
  ['50051', /is a port alone; give 'localhost:50051'/],
  ['api.example.com', /or 'https:\/\/api\.example\.com' for TLS on port 443/],
  ['/tmp/greeter.sock', /give 'unix:\/tmp\/greeter\.sock' for a Unix socket/],
  ['localhost:port', /from 1 to 65535, not "port"$/],
  ['localhost:50051/', /has a path; give 'localhost:50051'$/],
  [{ host: 'localhost', port: 50051 }, /not an object; it comes first and by itself/],
  [new URL('http://localhost:50051/x'), /give its text, "http:\/\/localhost:50051"/],
  [':50051', /names no host; give 'localhost:50051'/],
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
  ['unix:/a b\n', /white space/],
  ['unix:/a\tb', /white space/],
  ['unix:/a ', /white space/],
  ['localhost:80/path', /has a path; give 'localhost:80', or 'http:\/\/localhost:80\/path' where a proxy/],
  ['http://a?b', /without \? or #/],
  ['http://a:1/p?token=geheim#x', /^the target "http:\/\/a:1\/p\?…" must be/],
  ['http://a#geheim', /^the target "http:\/\/a#…" must be/],
  ['http://me:geheim@a?geheim', /^the target "http:\/\/…@a\?…" must be/],
  ['http://a/#b', /without \? or #/],
  ['http://', /scheme:\/\/host|no host/],
  ['http://user:geheim@a:7', /user name/],
  ['ftp://a:7', /unknown scheme/],
  ['xds:///a', /'xds', which is not supported/],
  ['vsock:1:2', /'vsock', which is not supported/],
  ['ipv4:', /contains "", which is not an IPv4 address/],
  ['ipv4:a:7', /contains "a:7", which is not an IPv4 address/],
  ['ipv4:10.0.0.1:7,', /contains "", which is not an IPv4 address/],
  ['ipv4:10.0.0.256:7', /not an IPv4 address/],
  ['ipv4:[::1]:7', /not an IPv4 address/],
  ['ipv4:10.0.0.1:0', /from 1 to 65535/],
  ['ipv4:10.0.0.1:65536', /from 1 to 65535/],
  ['ipv6:10.0.0.1:7', /not an IPv6 address/],
  ['ipv6:[::1]:x', /from 1 to 65535/],
  ['unix-abstract:', /names no socket; give unix-abstract:name/],
  ['dns://dns.example/a:7', /DNS server "dns.example", which must be an IP address/],
  ['dns://1.2.3/a:7', /must be an IP address/],
  ['dns://x[::1]/a:7', /must be an IP address/],
  ['dns://[::1]x/a:7', /must be an IP address/],
  ['dns://8.8.8.8:x/a:7', /must be an IP address/],
  ['dns://8.8.8.8:7x/a:7', /must be an IP address/],
  ['dns://::1/a:7', /must be an IP address/],
  ['ipv4:10.0.0.1:0x7', /from 1 to 65535/],
  ['ipv4:10.0.0.1:1e3', /from 1 to 65535/],
  ['localhost:0x7', /from 1 to 65535/],
  ['x:y:7', /is not host:port/],
  ['1http://a:7', /unknown scheme/],
  ['lake:///a', /unknown scheme/],
  ['http://a:7/ä', /percent-encode/],
  ['a"b:7', /characters that are not allowed/],
  ['a,b:7', /characters that are not allowed/],
  ['*:7', /characters that are not allowed/],
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
    address: string,
    sent: string,
  ])[] = [
    ['lake:///greeter', 'lake', '', 'greeter', 'greeter 443', 'greeter'],
    ['lake://consul/greeter:7', 'lake', 'consul', 'greeter:7', 'greeter 7', 'greeter:7'],
    ['LAKE:///greeter:50051', 'lake', '', 'greeter:50051', 'greeter 50051', 'greeter:50051'],
    ['lake:a/b', 'lake', '', 'a/b', 'localhost 443', 'localhost'],
    ['lake:///a/b:7', 'lake', '', 'a/b:7', 'localhost 443', 'localhost'],
    ['lake:///a:b:7', 'lake', '', 'a:b:7', 'localhost 443', 'localhost'],
    ['lake:///a:7x', 'lake', '', 'a:7x', 'localhost 443', 'localhost'],
    ['lake:7x', 'lake', '', '7x', '7x 443', '7x'],
    ['xds:///greeter', 'xds', '', 'greeter', 'greeter 443', 'greeter'],
    ['vsock:3:7', 'vsock', '', '3:7', '3 7', '3:7'],
    ['localhost:7', 'dns', '', 'localhost:7', 'localhost 7', 'localhost:7'],
    ['localhost:50051', 'dns', '', 'localhost:50051', 'localhost 50051', 'localhost:50051'],
    ['10.0.0.1:7', 'dns', '', '10.0.0.1:7', '10.0.0.1 7', '10.0.0.1:7'],
    ['unix:/a', 'unix', '', 'unix:/a', 'unix /a', 'localhost'],
  ];
  for (const [target, scheme, authority, path, address, sent] of custom) {
    it(`may be ${target} for a resolver`, () => {
      const parsed = parseTarget(target, true);
      expect(parsed.forResolver).to.deep.equal({ scheme, authority, path, text: target });
      expect(shown(parsed)).to.deep.equal([address, sent, 'http', '', target]);
    });
  }

  for (const [target, message] of bad) {
    it(`refuses ${JSON.stringify(target) ?? String(target)}`, () => {
      expect(() => parseTarget(target as string))
        .to.throw(message)
        .and.satisfy((error: unknown) => error instanceof TypeError || error instanceof RangeError);
    });
  }

  const secrets: readonly (readonly [target: string, shown: string])[] = [
    ['http://user:geheim@a:7', '"http://…@a:7"'],
    ['user:geheim@a:7', '"…@a:7"'],
    ['http://geheim@', '"http://…@"'],
  ];
  for (const [target, text] of secrets) {
    it(`shows of ${target} no password`, () => {
      expect(() => parseTarget(target))
        .to.throw(TypeError)
        .with.property('message', `the target ${text} holds a user name; send credentials as metadata`);
    });
  }

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
    ['a\0b', 7, /characters that are not allowed/],
    ['a\\b', 7, /characters that are not allowed/],
    [undefined, 7, /host must be/],
    [7, 7, /host must be/],
    ['http://a', 7, /is not a host name/],
    ['a/b', 7, /is not a host name/],
    ['a b', 7, /is not a host name/],
    ['u@a', 7, /is not a host name/],
    ['a:50051', 7, /contains a port as well/],
    ['a', '50051', /not "50051"; give it as a number, 50051$/],
    ['[::1', 7, /contains a port as well/],
    ['a::1]', 7, /contains a port as well/],
    ['[a]x:7', 7, /contains a port as well/],
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
