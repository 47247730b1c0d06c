// What a TLS connection can fail of: each says so at once, with the option that fixes it.

import { once } from 'node:events';
import http2 from 'node:http2';
import type net from 'node:net';
import tls from 'node:tls';
import { expect } from 'chai';
import { describeTlsError } from '../../../../lib/channel/socket/tls-errors.ts';
import { checkTls } from '../../../../lib/client/tls-options.ts';
import { Client, type ClientOptions } from '../../../../lib/index.ts';
import { closing, rejection } from '../../../support/closing.ts';
import { listen } from '../../../support/peers/peer.ts';
import { LoopClock } from '../../../support/time/loop-clock.ts';
import { certificatePath, grpcServer, pair, pem, type SecureServer, tlsServer } from './secure-servers.ts';

const ROOT = { file: certificatePath('root.pem') };
const SOON_MS = 3000;

interface Case {
  readonly name: string;
  readonly server: () => Promise<SecureServer>;
  readonly options: ClientOptions;
  /** All of these must be in the message. */
  readonly told: readonly RegExp[];
}

const h2 = { ALPNProtocols: ['h2'] };

const cases: readonly Case[] = [
  {
    name: 'a certificate that is self-signed',
    server: () => grpcServer('self-signed'),
    options: { tls: true },
    told: [/self-signed/, /tls\.ca/],
  },
  {
    name: 'a CA that is not known',
    server: () => grpcServer('server'),
    options: { tls: true },
    told: [/signed by "Spec Root", a CA that is not trusted/, /tls\.ca/],
  },
  {
    name: 'a CA other than the one that is trusted',
    server: () => grpcServer('server'),
    options: { tls: { ca: { file: certificatePath('other-root.pem') } } },
    told: [/not trusted/, /tls\.ca/],
  },
  {
    name: 'an intermediate certificate that the server does not send',
    server: () => grpcServer('leaf'),
    options: { tls: { ca: ROOT } },
    told: [/"Spec Intermediate"/, /intermediate certificates/],
  },
  {
    name: 'a root that the server sends and nobody trusts',
    server: () => tlsServer({ cert: pem('server') + pem('root'), key: pem('server.key'), ...h2 }),
    options: { tls: true },
    told: [/root that is not trusted/, /tls\.ca/],
  },
  {
    name: 'another host name',
    server: () => grpcServer('elsewhere'),
    options: { tls: { ca: ROOT } },
    told: [
      /for greeter\.example\.test, \*\.svc\.example\.test, not for 'localhost'/,
      /serverName: 'greeter\.example\.test'/,
    ],
  },
  {
    name: 'a serverName that the certificate has not',
    server: () => grpcServer('server'),
    options: { serverName: 'greeter.example.test', tls: { ca: ROOT } },
    told: [/for localhost, 127\.0\.0\.1.*not for 'greeter\.example\.test'/, /serverName/],
  },
  {
    name: 'a certificate that has expired',
    server: () => grpcServer('expired'),
    options: { tls: { ca: ROOT } },
    told: [/expired/, /Jan {2}1 00:00:00 2002/, /clock/],
  },
  {
    name: 'a certificate that is not valid yet',
    server: () => grpcServer('future'),
    options: { tls: { ca: ROOT } },
    told: [/not valid yet/, /2124/, /clock/],
  },
  {
    name: 'a certificate that is none of a server',
    server: () => grpcServer('client'),
    options: { tls: { ca: ROOT } },
    told: [/not meant for a server/],
  },
  {
    name: 'a client certificate that is demanded, TLS 1.3',
    server: () => grpcServer('server', 'root'),
    options: { tls: { ca: ROOT } },
    told: [/client certificate/, /tls\.cert/, /tls\.key/],
  },
  {
    name: 'a client certificate that is demanded, TLS 1.2',
    server: () =>
      tlsServer({ ...pair('server'), ...h2, ca: pem('root'), requestCert: true, maxVersion: 'TLSv1.2' }),
    options: { tls: { ca: ROOT } },
    told: [/client certificate/, /tls\.cert/],
  },
  {
    name: 'a client certificate of a CA that the server does not trust, TLS 1.2',
    server: () =>
      tlsServer({ ...pair('server'), ...h2, ca: pem('root'), requestCert: true, maxVersion: 'TLSv1.2' }),
    options: { tls: { ca: ROOT, ...pair('other-client') } },
    told: [/client certificate|closed/],
  },
  {
    name: 'a server without a protocol in common: no ALPN',
    server: () => tlsServer(pair('server')),
    options: { tls: { ca: ROOT } },
    told: [/ALPN/, /h2/],
  },
  {
    name: 'a server without a protocol in common: HTTP/1.1 alone',
    server: () => tlsServer({ ...pair('server'), ALPNProtocols: ['http/1.1'] }),
    options: { tls: { ca: ROOT } },
    told: [/ALPN/, /h2/, /HTTP\/2/],
  },
  {
    name: 'a server of TLS 1.2, where 1.3 is the least',
    server: () => tlsServer({ ...pair('server'), ...h2, maxVersion: 'TLSv1.2' }),
    options: { tls: { ca: ROOT, minVersion: 'TLSv1.3' } },
    told: [/TLS/, /TLSv1\.3/, /minVersion/],
  },
  {
    name: 'a server that speaks HTTP/2 in plaintext',
    server: async () => {
      const server = http2.createServer();
      server.on('session', (session) => session.on('error', () => {}));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
    },
    options: { tls: true },
    told: [/not TLS|closed the connection in the TLS handshake/, /plaintext/, /http:\/\//],
  },
  {
    name: 'a server that speaks HTTP/1.1 in plaintext',
    server: () =>
      listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
    options: { tls: true },
    told: [/not TLS/, /http:\/\//],
  },
  {
    name: 'a server that hangs up in the handshake',
    server: () => listen((socket) => socket.once('data', () => socket.end())),
    options: { tls: true },
    told: [/closed the connection in the TLS handshake/, /http:\/\//],
  },
  {
    name: 'a server that says what is no HTTP/2 behind TLS',
    server: () =>
      tlsServer({ ...pair('server'), ...h2 }, (socket) => socket.end('220 mail.example.com ESMTP\r\n')),
    options: { tls: { ca: ROOT } },
    told: [/not HTTP\/2 answered \("220 mail\.example\.com ESMTP"\)/],
  },
  {
    name: 'a server that hangs up behind TLS',
    server: () => tlsServer({ ...pair('server'), ...h2 }, (socket) => socket.end()),
    options: { tls: { ca: ROOT } },
    told: [/closed it before it sent its HTTP\/2 SETTINGS/, /client certificate/],
  },
  {
    name: 'a server that is silent in the handshake',
    server: () => listen(() => {}),
    options: { tls: true, connectTimeoutMs: 200 },
    told: [/connectTimeoutMs 200/, /TLS handshake/],
  },
  {
    name: 'a server that is silent behind TLS',
    server: () => tlsServer({ ...pair('server'), ...h2 }),
    options: { tls: { ca: ROOT }, connectTimeoutMs: 300 },
    told: [/connectTimeoutMs 300/, /finished the TLS handshake/, /SETTINGS/],
  },
  {
    name: 'nothing that listens',
    server: async () => {
      const server = await listen(() => {});
      await server.close();
      return { port: server.port, close() {} };
    },
    options: { tls: true },
    told: [/nothing listens/],
  },
];

describe('A TLS connection that cannot be made', () => {
  const close = closing();

  for (const { name, server, options, told } of cases) {
    it(`is told: ${name}`, async () => {
      const { port } = close(await server());
      const client = close(new Client('localhost', port, options));
      using clock = new LoopClock();
      const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
      expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
      for (const text of told) expect(error.message).to.match(text);
      expect(error.message).to.include(`localhost:${port}`);
      expect(clock.now()).to.be.below(SOON_MS);
    });
  }

  it('is told by a plaintext client of a TLS server', async () => {
    const { port } = close(await grpcServer('server'));
    const client = close(new Client('localhost', port));
    const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
    expect(error.message).to.match(/TLS server answered|want TLS/);
  });

  it('is told, and ends nothing else, with a context that is none', async () => {
    const { port } = close(await grpcServer('server'));
    const secureContext = { context: {} };
    const client = close(new Client('localhost', port, { tls: { secureContext } }));
    const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
    expect(error).to.include({ codeName: 'UNAVAILABLE' });
    expect(error.message).to.match(/context/);
  });

  it('fails its calls at once when it is cut off', async () => {
    const server = close(
      await tlsServer({ ...pair('server'), ...h2 }, (socket) => {
        socket.write(Buffer.from('000000040000000000', 'hex'));
        // The preface comes in one piece, the request's head behind it or later.
        let octets = 0;
        socket.on('data', (chunk) => {
          octets += chunk.length;
          if (octets > 110) socket.destroy();
        });
      }),
    );
    const client = close(new Client('localhost', server.port, { tls: { ca: ROOT } }));
    using clock = new LoopClock();
    const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
    expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
    expect(clock.now()).to.be.below(SOON_MS);
  });

  it('fails its calls at once when plaintext comes between records', async () => {
    const accepted: net.Socket[] = [];
    const secured = tls.createServer({ ...pair('server'), ...h2 }, (socket) => {
      socket.on('error', () => {});
      socket.write(Buffer.from('000000040000000000', 'hex'));
      socket.once('data', () => accepted[0].write('HTTP/1.1 500 Internal Server Error\r\n\r\n'));
    });
    const { port } = close(
      await listen((socket) => {
        accepted.push(socket);
        secured.emit('connection', socket);
      }),
    );
    const client = close(new Client('localhost', port, { tls: { ca: ROOT } }));
    // No deadline: the runtime leaves such a socket open, and the call would wait for ever.
    const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
    expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
  });

  it('is given up by close() in the handshake, and by the deadline of a call', async () => {
    const silent = close(await listen(() => {}));
    const client = close(new Client('localhost', silent.port, { tls: true }));
    const late = client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0), { timeoutMs: 100 });
    expect(await rejection(late)).to.include({ codeName: 'DEADLINE_EXCEEDED' });
    const waiting = client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
    const ended = rejection(waiting);
    await client.close({ graceMs: 0 });
    expect(await ended).to.include({ codeName: 'CANCELLED' });
  });

  it('lets the certificate error be the cause', async () => {
    const { port } = close(await grpcServer('server'));
    const client = close(new Client('localhost', port, { tls: true }));
    const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
    expect((error.cause as Error).cause).to.have.property('code', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('dials with back-off, not for each call', async () => {
    const hangsUp = close(await listen((socket) => socket.once('data', () => socket.end())));
    const client = close(new Client('localhost', hangsUp.port, { tls: true }));
    for (let i = 0; i < 20; i++) {
      await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
    }
    expect(hangsUp.accepted).to.be.below(4);
  });
});

describe('describeTlsError', () => {
  const { settings } = checkTls({ minVersion: 'TLSv1.3' }, undefined, {});
  const own = checkTls(pair('client'), undefined, {}).settings;

  const codes: readonly (readonly [code: string, settings: typeof own, text: RegExp | undefined])[] = [
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      settings,
      /demands a client certificate.*tls\.cert and tls\.key/,
    ],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', own, /does not accept the client certificate \(alert unknown_ca\)/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', settings, /if it demands a client certificate/],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', own, /alert bad_certificate/],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', own, /alert bad_certificate/],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', own, /alert certificate_expired.*tls\.cert/],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', settings, /cipher suites, or demands a client certificate/],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', own, /cipher suites, or not the certificate of tls\.cert/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', settings, /TLSv1\.3 or later.*minVersion/],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', settings, /before TLSv1\.3.*minVersion/],
    ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', settings, /ALPN protocols offered, h2/],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', settings, /does not know the host 'example\.test'.*serverName/],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', settings, /alert internal_error/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', settings, /not TLS.*http:\/\//],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', settings, /not TLS/],
    ['CERT_REVOKED', settings, /revoked/],
    ['INVALID_CA', settings, /not a certificate authority/],
    ['CERT_SIGNATURE_FAILURE', settings, /tls\.ca/],
    ['SELF_SIGNED_CERT_IN_CHAIN', settings, /tls\.ca/],
    ['CERT_CHAIN_TOO_LONG', settings, /as it came \(CERT_CHAIN_TOO_LONG\)/],
    ['ERR_SSL_WEIRD', settings, /as it came \(ERR_SSL_WEIRD\)/],
    ['ECONNRESET', settings, undefined],
    ['ENOTFOUND', settings, undefined],
  ];
  for (const [code, given, text] of codes) {
    it(`tells of ${code}${given === own ? ', with a client certificate given' : ''}`, () => {
      const error = Object.assign(new Error('as it came'), { code });
      const told = describeTlsError(error, {
        settings: given,
        serverName: 'example.test',
        certificate: undefined,
      });
      if (text === undefined) expect(told).to.equal(undefined);
      else expect(told).to.match(text);
    });
  }
});
