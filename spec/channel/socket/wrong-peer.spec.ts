import { expect } from 'chai';
import fc from 'fast-check';
import { describeWrongPeer } from '../../../lib/channel/socket/wrong-peer.ts';
import { escapeText } from '../../../lib/values/text/escaped-text.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

const wrong: readonly (readonly [name: string, octets: Uint8Array, told: RegExp])[] = [
  [
    'an HTTP/1.1 server',
    latin1('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    /HTTP\/1\.1 server answered \("HTTP\/1\.1 400 Bad Request"\)/,
  ],
  [
    'an HTTP/1.1 server with a page',
    latin1(
      'HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Type: text/html\r\n\r\n<html><head><title>x</title></head><h1>502 Bad Gateway</h1></html>',
    ),
    /\("HTTP\/1\.1 502 Bad Gateway"\), which does not speak gRPC; it says "502 Bad Gateway"; check/,
  ],
  [
    'an HTTP/1.1 gateway with JSON',
    latin1('HTTP/1.1 401 Unauthorized\r\nContent-Length: 30\r\n\r\n{"message":"no \u001b[31m token"}'),
    /it says "\{\\"message\\":\\"no \\u001b\[31m token\\"\}"; check/,
  ],
  [
    'an HTTP/1.1 server with a page in chunks',
    latin1('HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nno, it\r\n0\r\n\r\n'),
    /it says "no, i"; check/,
  ],
  [
    'an HTTP/1.1 server with a picture',
    Buffer.concat([latin1('HTTP/1.1 200 OK\r\n\r\n'), hex('89 50 4e 47 0d 0a 1a 0a 00')]),
    /which does not speak gRPC; check the port/,
  ],
  ['text in UTF-8', Buffer.from('Fehler: ungültig\u202e\r\n'), /answered \("Fehler: ungültig\\u202e"\)/],
  ['text that moves the cursor', latin1('\u001b]0;x\u0007hello'), /first bytes 1b 5d 30 3b/],
  ['several lines', latin1('220-Welcome\r\n220 ready\r\n'), /answered \("220-Welcome 220 ready"\)/],
  [
    'PostgreSQL',
    Buffer.concat([latin1('E'), hex('00 00 00 8b'), latin1('SFATAL\0Munsupported frontend protocol\0')]),
    /first bytes 45 00 00 00 8b 53 46 41, with the text "SFATAL Munsupported frontend protocol"/,
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
  [
    'a database',
    hex('4a 00 00 00 0a 38 2e 30 2e 33 36 00'),
    /first bytes 4a 00 00 00 0a 38 2e 30, with the text "8\.0\.36"/,
  ],
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
    const property = fc.property(fc.uint8Array({ maxLength: 1024 }), (octets) => {
      const told = describeWrongPeer(octets, false) ?? '';
      expect(told.length).to.be.at.most(400);
      expect(escapeText(told)).to.equal(told);
    });
    fc.assert(property, { numRuns: atLeast(500) });
  });
});
