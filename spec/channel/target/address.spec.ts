// How addresses are written and read again, and in which order they are dialled.

import { expect } from 'chai';
import {
  type Address,
  addressText,
  checkPort,
  interleaveFamilies,
  isIPv4,
  isIPv6,
  parseAddress,
  withoutRepeats,
} from '../../../lib/channel/target/address.ts';

function tcp(host: string, port = 7): Address {
  return { kind: 'tcp', host, port };
}

const good: readonly (readonly [text: string, address: Address, written?: string])[] = [
  ['127.0.0.1:50051', tcp('127.0.0.1', 50051)],
  ['localhost:1', tcp('localhost', 1)],
  ['my_name-1.example~:65535', tcp('my_name-1.example~', 65535)],
  ['[::1]:7', tcp('::1')],
  ['[fe80::1%eth0]:7', tcp('fe80::1%eth0')],
  ['unix:/run/a b\n.sock', { kind: 'unix', path: '/run/a b\n.sock' }],
  ['unix:///run/a.sock', { kind: 'unix', path: '/run/a.sock' }, 'unix:/run/a.sock'],
  ['unix:a.sock', { kind: 'unix', path: 'a.sock' }],
  ['unix-abstract:a', { kind: 'unix', path: '\0a' }],
  ['unix-abstract:///a', { kind: 'unix', path: '\0///a' }],
];

const FORM = /^it must be '127\.0\.0\.1:50051', .* not /;
const bad: readonly (readonly [
  text: unknown,
  error: typeof TypeError | typeof RangeError,
  message: RegExp,
])[] = [
  [7, TypeError, /^it must be a string, not 7$/],
  [undefined, TypeError, /^it must be a string, not undefined$/],
  ['', TypeError, FORM],
  ['localhost', TypeError, FORM],
  ['localhost:', TypeError, FORM],
  ['localhost:x', TypeError, FORM],
  ['localhost:123456', TypeError, FORM],
  ['localhost:7 ', TypeError, FORM],
  [' localhost:7', TypeError, FORM],
  ['a/localhost:7', TypeError, FORM],
  ['::1:7', TypeError, FORM],
  ['x[::1]:7', TypeError, FORM],
  ['[]:7', TypeError, FORM],
  ['[:]:7', TypeError, FORM],
  ['[localhost]:7', TypeError, FORM],
  ['[::1]', TypeError, FORM],
  ['tcp-unix:/a', TypeError, FORM],
  ['localhost:0', RangeError, /^it, "localhost:0": the port must be a whole number from 1 to 65535, not 0$/],
  ['localhost:65536', RangeError, /not 65536$/],
  ['unix:', TypeError, /^it names no socket; give unix:\/path/],
  ['unix://host/a', TypeError, /^it names no socket; give unix:\/path/],
  ['unix:/a\0b', TypeError, /^it names no socket; give unix:\/path/],
  ['unix-abstract:', TypeError, /^it names no socket; give unix-abstract:name/],
  ['unix-abstract:a\0', TypeError, /^it names no socket; give unix-abstract:name/],
];

describe('Address', () => {
  for (const [text, address, written = text] of good) {
    it(`is read from ${JSON.stringify(text)}, and written so`, () => {
      expect(parseAddress(text, 'it')).to.deep.equal(address);
      expect(addressText(address)).to.equal(written);
    });
  }

  for (const [text, error, message] of bad) {
    it(`is not read from ${JSON.stringify(text) ?? String(text)}`, () => {
      expect(() => parseAddress(text, 'it')).to.throw(error, message);
    });
  }

  for (const port of [0, -1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7', undefined]) {
    it(`has no port ${typeof port === 'string' ? `'${port}'` : port}`, () => {
      expect(() => checkPort(port, 'it')).to.throw(
        RangeError,
        /^it: the port must be a whole number from 1 to 65535/,
      );
    });
  }

  for (const port of [1, 65535]) {
    it(`may have port ${port}`, () => {
      expect(checkPort(port, 'it')).to.equal(undefined);
    });
  }

  const ipv6: readonly (readonly [text: string, is: boolean])[] = [
    ['::', true],
    ['::1', true],
    ['fe80::1%eth0', true],
    ['fe80::1%eth-0.1', true],
    ['::ffff:10.0.0.1', true],
    ['ABCD:ef01:2345:6789:abcd:ef01:2345:6789', true],
    ['a:b', false],
    [':', false],
    ['10.0.0.1', false],
    ['', false],
    ['g::1', false],
    ['::g', false],
    ['fe80::1%', false],
    ['fe80::1%eth 0', false],
    ['fe80::1%eth0/64', false],
    ['[::1]', false],
  ];
  for (const [text, is] of ipv6) {
    it(`takes ${JSON.stringify(text)} for ${is ? 'an' : 'no'} IPv6 address`, () => {
      expect(isIPv6(text)).to.equal(is);
    });
  }

  const ipv4: readonly (readonly [text: string, is: boolean])[] = [
    ['0.0.0.0', true],
    ['255.255.255.255', true],
    ['10.20.30.40', true],
    ['256.0.0.1', false],
    ['0.256.0.1', false],
    ['0.0.256.1', false],
    ['0.0.0.256', false],
    ['1.2.3', false],
    ['1.2.3.4.5', false],
    ['a1.2.3.4', false],
    ['1.2.3.4a', false],
    ['1.2.3.0004', false],
    ['1x2.3.4', false],
    ['1.2x3.4', false],
    ['1.2.3x4', false],
    ['', false],
  ];
  for (const [text, is] of ipv4) {
    it(`takes ${JSON.stringify(text)} for ${is ? 'an' : 'no'} IPv4 address`, () => {
      expect(isIPv4(text)).to.equal(is);
    });
  }

  it('is dialled once where it is named twice', () => {
    const unix: Address = { kind: 'unix', path: '/a' };
    const all = [tcp('::1'), tcp('10.0.0.1'), unix, tcp('::1'), tcp('::1', 8), unix];
    expect(withoutRepeats(all)).to.deep.equal([tcp('::1'), tcp('10.0.0.1'), unix, tcp('::1', 8)]);
  });

  const orders: readonly (readonly [name: string, hosts: readonly string[], order: readonly string[]])[] = [
    ['nothing', [], []],
    ['one', ['::1'], ['::1']],
    ['IPv6 first', ['::1', '::2', '10.0.0.1', '10.0.0.2'], ['::1', '10.0.0.1', '::2', '10.0.0.2']],
    ['IPv4 first', ['10.0.0.1', '::1', '::2'], ['10.0.0.1', '::1', '::2']],
    ['one family', ['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2']],
    ['few of the first', ['::1', '10.0.0.1', '10.0.0.2'], ['::1', '10.0.0.1', '10.0.0.2']],
    ['many of the first', ['::1', '::2', '::3', '10.0.0.1'], ['::1', '10.0.0.1', '::2', '::3']],
  ];
  for (const [name, hosts, order] of orders) {
    it(`takes its turn with the other family: ${name} (RFC 8305 §4)`, () => {
      expect(interleaveFamilies(hosts.map((host) => tcp(host)))).to.deep.equal(
        order.map((host) => tcp(host)),
      );
    });
  }

  it('counts as IPv4 for its turn where it is a socket in the file system', () => {
    const unix: Address = { kind: 'unix', path: '/a:b' };
    expect(interleaveFamilies([tcp('::1'), tcp('::2'), unix])).to.deep.equal([tcp('::1'), unix, tcp('::2')]);
  });
});
