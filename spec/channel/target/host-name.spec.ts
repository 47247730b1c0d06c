// Names of hosts in the letters of any language, at each place where one is given. RFC 5890, UTS 46.

import { expect } from 'chai';
import { isInNoProxy } from '../../../lib/channel/socket/no-proxy.ts';
import { addressText, parseAddress } from '../../../lib/channel/target/address.ts';
import { asciiHostName } from '../../../lib/channel/target/host-name.ts';
import { parseTarget, targetOfHostPort } from '../../../lib/channel/target/target.ts';
import { checkClientOptions } from '../../../lib/client/client-options.ts';
import { checkTls } from '../../../lib/client/tls-options.ts';

const NAME = 'münchen.example';
const ASCII = 'xn--mnchen-3ya.example';

describe('The name of a host', () => {
  const names: readonly (readonly [name: string, ascii: string | undefined])[] = [
    ['example.com', 'example.com'],
    ['Example.COM.', 'Example.COM.'],
    ['my_service', 'my_service'],
    [ASCII, ASCII],
    [NAME, ASCII],
    ['MÜNCHEN.example.', `${ASCII}.`],
    ['日本語。jp', 'xn--wgv71a119e.jp'],
    ['faß.example', 'xn--fa-hia.example'],
    [`${'ü'.repeat(57)}.example`, `xn--tda${'a'.repeat(56)}.example`],
    [`${'ü'.repeat(58)}.example`, undefined],
    ['ü..example', undefined],
    [`ü.${'x'.repeat(63)}`, `xn--tda.${'x'.repeat(63)}`],
    [`ü.${'x'.repeat(64)}`, undefined],
    ['xn--ü.example', undefined],
    ['\u200dü.example', undefined],
    ['ü:1', undefined],
    ['ü%41', undefined],
    ['ü b', undefined],
    ['a b', undefined],
    ['', undefined],
    ['*', undefined],
  ];
  for (const [name, ascii] of names) {
    it(`${JSON.stringify(name)} is ${ascii === undefined ? 'none' : `${ascii} in ASCII`}`, () => {
      expect(asciiHostName(name)).to.equal(ascii);
    });
  }

  const tlsName = (serverName: unknown): string | undefined =>
    checkTls(true, serverName, {}).settings.serverName;
  const places: readonly (readonly [place: string, read: (name: string) => string | undefined])[] = [
    ['a target', (name) => parseTarget(`${name}:7`).authority.replace(':7', '')],
    ['a URL', (name) => parseTarget(`https://${name}`).authority],
    ['dns:', (name) => parseTarget(`dns:///${name}:7`).authority.replace(':7', '')],
    ['a target of a resolver', (name) => parseTarget(`my:///${name}:7`, true).authority.replace(':7', '')],
    ['a host with its port', (name) => targetOfHostPort(name, 7).authority.replace(':7', '')],
    ["a resolver's address", (name) => addressText(parseAddress(`${name}:7`, 'it')).replace(':7', '')],
    ['serverName', tlsName],
    ['tls.serverName', (name) => checkTls({ serverName: name }, undefined, {}).settings.serverName],
    ['authority', (name) => checkClientOptions({ authority: name }).authority],
    [
      'authority with a port',
      (name) => checkClientOptions({ authority: `${name}:7` }).authority?.slice(0, -2),
    ],
  ];
  for (const [place, read] of places) {
    it(`of other letters is sent in ASCII: ${place}`, () => expect(read(NAME)).to.equal(ASCII));
  }
  for (const [place, read] of places.filter(([name]) => name !== 'a target of a resolver')) {
    it(`that is none is refused: ${place}`, () => {
      expect(() => read('ü..example')).to.throw(TypeError);
    });
  }

  it('is the same as serverName and tls.serverName in either spelling', () => {
    expect(checkTls({ serverName: ASCII }, NAME, {}).settings.serverName).to.equal(ASCII);
  });

  it('is found in no_proxy in either spelling', () => {
    for (const list of [NAME, ASCII, '.example', 'MÜNCHEN.example:443']) {
      expect(isInNoProxy(list, ASCII, 443)).to.equal(true);
    }
    for (const list of ['ünchen.example', `*.${NAME}`, 'münchen.example:80', 'ü..example']) {
      expect(isInNoProxy(list, ASCII, 443)).to.equal(false);
    }
    expect(isInNoProxy(`*.${NAME}`, `a.${ASCII}`, 443)).to.equal(true);
  });

  it('is told to be no international one where it is none', () => {
    expect(() => parseTarget('ü..example:7')).to.throw('not a valid internationalised host name (RFC 5890)');
    expect(() => tlsName('ü..example')).to.throw('serverName is not a valid internationalised host name');
    expect(() => tlsName('b:1')).to.throw('without a port');
  });
});
