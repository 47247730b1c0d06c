import { expect } from 'chai';
import fc from 'fast-check';
import { describeWrongPeer } from '../../lib/channel/wrong-peer.ts';
import { atLeast } from '../fuzz/at-least.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

const wrong: readonly (readonly [name: string, octets: Uint8Array, told: RegExp])[] = [
  [
    'an HTTP/1.1 server',
    latin1('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    /HTTP\/1\.1 server answered \("HTTP\/1\.1 400 Bad Request"\)/,
  ],
  ['an HTTP/1.0 server', latin1('HTTP/1.0 200 OK\r\n'), /HTTP\/1\.1 server/],
  ['an SSH server', latin1('SSH-2.0-OpenSSH_9.6\r\n'), /SSH server answered \("SSH-2\.0-OpenSSH_9\.6"\)/],
  ['a TLS alert', hex('15 03 01 00 02 02 46'), /TLS server answered.*https:\/\//],
  ['a TLS handshake', hex('16 03 03 00 7a 02 00 00 76'), /TLS server answered/],
  ['a mail server', latin1('220 mail.example.com ESMTP\r\n'), /not HTTP\/2 answered \("220 mail/],
  ['Redis', latin1("-ERR unknown command 'PRI'\r\n"), /not HTTP\/2 answered \("-ERR unknown/],
  ['a short text', latin1('+OK\r\n'), /not HTTP\/2 answered \("\+OK"\)/],
  ['HTML without a head', latin1('<html><body>'), /a page answered \("<html><body>"\)/],
  ['a page', latin1('\n<!DOCTYPE html>\n<html>'), /a page answered/],
  ['XML', latin1('<?xml version="1.0"?>'), /a page answered/],
  ['JSON', latin1('{"jsonrpc":"2.0"}'), /JSON answered \("\{\\"jsonrpc\\":\\"2\.0\\"\}"\), not gRPC/],
  ['JSON over lines', latin1('{\n  "error": 1'), /JSON answered/],
  ['a database', hex('4a 00 00 00 0a 38 2e 30 2e 33 36 00'), /first bytes 4a 00 00 00/],
  ['another HTTP/2 frame than SETTINGS', hex('00 00 08 06 00 00 00 00 00'), /first bytes 00 00 08 06/],
];

describe('describeWrongPeer', () => {
  for (const [name, octets, told] of wrong) {
    it(`tells ${name} from HTTP/2`, () => {
      expect(describeWrongPeer(octets, false)).to.match(told);
    });
  }

  const right: readonly (readonly [name: string, octets: Uint8Array])[] = [
    ['nothing', hex('')],
    ['empty SETTINGS', hex('00 00 00 04 00 00 00 00 00')],
    ['SETTINGS', hex('00 00 06 04 00 00 00 00 00 00 03 00 00 00 64')],
    ['the start of SETTINGS', hex('00 00')],
  ];
  for (const [name, octets] of right) {
    it(`has nothing to say of ${name}`, () => {
      expect(describeWrongPeer(octets, false)).to.equal(undefined);
    });
  }

  it('does not advise TLS to who uses it', () => {
    expect(describeWrongPeer(hex('16 03 03 00 7a 02'), true)).to.not.include('https');
  });

  it('is one short line of printable text, whatever came', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const told = describeWrongPeer(octets, false) ?? '';
      expect(told).to.match(/^[\x20-\x7e]{0,200}$/);
    });
    fc.assert(property, { numRuns: atLeast(500) });
  });
});
