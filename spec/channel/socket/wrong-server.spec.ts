// What answers is not a gRPC server: each call says what it was, at once, and the client lives.

import http from 'node:http';
import http2 from 'node:http2';
import type net from 'node:net';
import tls from 'node:tls';
import { expect } from 'chai';
import { Client } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { listen } from '../../support/peers/peer.ts';
import { LoopClock } from '../../support/time/loop-clock.ts';

/** Much less than the connect timeout, which must not be what ends the call. */
const SOON_MS = 3000;
const SETTINGS = '000000040000000000';

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

describe("A server that is none of gRPC's", () => {
  const close = closing();

  async function call(port: number): Promise<Error> {
    const client = close(new Client('127.0.0.1', port));
    using clock = new LoopClock();
    const error = await rejection(
      client.raw('/s/m', { cardinality: 'unary_unary' })(undefined, { timeoutMs: 8000 }),
    );
    expect(clock.now()).to.be.below(SOON_MS);
    return error;
  }

  const greetings: readonly (readonly [name: string, octets: string | Buffer, told: RegExp])[] = [
    ['an SSH server', 'SSH-2.0-OpenSSH_9.6\r\n', /SSH server answered \("SSH-2\.0-OpenSSH_9\.6"\)/],
    [
      'a mail server',
      '220 mail.example.com ESMTP\r\n',
      /not HTTP\/2 answered \("220 mail\.example\.com ESMTP"\)/,
    ],
    ['a TLS alert', Buffer.from('15030100020246', 'hex'), /TLS server answered.*https:\/\//],
    [
      'octets of nothing known',
      Buffer.from('deadbeefdeadbeefdeadbeef', 'hex'),
      /not HTTP\/2 answered \(first bytes de ad be ef/,
    ],
    [
      'an HTTP/2 frame that is not SETTINGS',
      Buffer.from('0000080600000000000000000000000000', 'hex'),
      /SETTINGS|first bytes 00 00 08 06/,
    ],
    ['one letter', 'x', /not HTTP\/2 answered \("x"\)|SETTINGS/],
  ];
  for (const [name, octets, told] of greetings) {
    for (const hangsUp of [true, false]) {
      // A server that says one wrong octet and then nothing is for the connect timeout.
      if (!hangsUp && octets.length < 9) continue;
      it(`is told: ${name}, ${hangsUp ? 'hanging up' : 'staying'}`, async () => {
        const server = close(
          await listen((socket) => {
            if (hangsUp) socket.end(octets);
            else socket.write(octets);
          }),
        );
        const error = await call(server.port);
        expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
        expect(error.message).to.match(told).and.include(server.target);
      });
    }
  }

  it('is told: one that hangs up at once', async () => {
    const server = close(await listen((socket) => socket.destroy()));
    const error = await call(server.port);
    expect(error).to.include({ codeName: 'UNAVAILABLE' });
    expect(error.message)
      .to.include(server.target)
      .and.match(/closed|SETTINGS/);
  });

  it('is told: node:http, which speaks HTTP/1.1', async () => {
    const server = http.createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close({ close: () => server.close() });
    const error = await call(portOf(server));
    expect(error).to.include({ codeName: 'UNAVAILABLE' });
    expect(error.message).to.match(/HTTP\/1\.1 server answered \("HTTP\/1\.1 400 Bad Request"\)/);
  });

  it('is told: node:tls, which wants a handshake', async () => {
    // With a key that both ends know it needs no certificate.
    const server = tls.createServer({ ciphers: 'PSK', pskCallback: () => null });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close({ close: () => server.close() });
    const error = await call(portOf(server));
    expect(error).to.include({ codeName: 'UNAVAILABLE' });
    expect(error.message).to.match(/TLS/);
  });

  it('is told: an HTTP/2 server that is no gRPC server', async () => {
    const server = http2.createServer((_, response) => {
      response.writeHead(404, { 'content-type': 'text/html' });
      response.end('<html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close({ close: () => server.close() });
    const error = await call(portOf(server));
    expect(error).to.include({ codeName: 'UNIMPLEMENTED', origin: 'client' });
    expect(error.message).to.include('HTTP status 404').and.include('text/html');
  });

  const faults: readonly (readonly [name: string, frames: string])[] = [
    ['a bad HPACK index', '000006010400000001ff80ffffff07'],
    ['SETTINGS of the wrong length', '000005040000000000ffffffffff'],
    ['a frame larger than allowed', 'ffffff000000000001'],
    ['DATA on stream 0', '00000100000000000000'],
    ['a window of nothing', '00000408000000000000000000'],
    ["HEADERS of a server's own stream", '00000101050000000288'],
  ];
  for (const [name, frames] of faults) {
    it(`fails its calls within 250 ms on ${name}`, async () => {
      // After SETTINGS and the client's request, so that a call is running when the fault comes.
      const server = close(
        await listen((socket) => {
          socket.write(Buffer.from(SETTINGS, 'hex'));
          let arrived = 0;
          socket.on('data', (octets) => {
            // The preface, SETTINGS and WINDOW_UPDATE are 64 octets; three requests more than 100.
            if (arrived < 164 && arrived + octets.length >= 164) socket.write(Buffer.from(frames, 'hex'));
            arrived += octets.length;
          });
        }),
      );
      const client = close(new Client('127.0.0.1', server.port));
      const calls = Array.from({ length: 3 }, () => client.raw('/s/m', { cardinality: 'unary_unary' })());
      using clock = new LoopClock();
      for (const one of calls) {
        const error = await rejection(one);
        expect(error).to.include({ codeName: 'UNAVAILABLE' });
      }
      expect(clock.now()).to.be.below(1000);
    });
  }
});
