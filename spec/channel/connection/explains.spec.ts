// What a call says of the other end when that is not what it should be: real servers of other kinds, and places where
// none is. One line each, with who answered and what to try.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect } from 'chai';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { certificatePath, pair } from '../socket/tls/secure-servers.ts';

const TRUST: ClientOptions = { tls: { ca: { file: certificatePath('root.pem') } }, serverName: 'localhost' };

describe('A call explains', () => {
  const close = closing();
  const folder = mkdtempSync(join(tmpdir(), 'stubless-explains-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Starts a server on a port or path; gives what a client connects to. */
  async function listening(server: net.Server, path?: string): Promise<string> {
    const sockets = new Set<net.Socket>();
    server.on('connection', (socket: net.Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    const at = path === undefined ? { host: '127.0.0.1', port: 0 } : { path };
    await new Promise<void>((resolve) => server.listen(at, resolve));
    close({
      close() {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    });
    return path === undefined ? `127.0.0.1:${(server.address() as net.AddressInfo).port}` : `unix:${path}`;
  }

  async function told(target: string, options?: ClientOptions): Promise<string> {
    const client = close(new Client(target, { proxy: false, ...options }));
    const error = await rejection(
      client.raw('/p.S/M', { cardinality: 'unary_unary' })(undefined, { timeoutMs: 5000 }),
    );
    expect(error.message).not.to.match(/[\r\n]/);
    return error.message;
  }

  function answering(octets: string): net.Server {
    return net.createServer((socket) => void socket.write(octets));
  }

  function http2Answering(headers: http2.OutgoingHttpHeaders): net.Server {
    return http2.createServer((_, response) => {
      response.stream.respond(headers);
      response.stream.end('<html>');
    });
  }

  const servers: readonly (readonly [
    name: string,
    make: () => net.Server,
    told: RegExp,
    options?: ClientOptions,
  ])[] = [
    [
      'an HTTP/1.1 server',
      () => http.createServer(),
      /UNAVAILABLE: cannot talk to \S+: an HTTP\/1\.1 server answered \("HTTP\/1\.1 400 Bad Request"\).*check the port.*https:\/\//,
    ],
    [
      'an HTTP/1.1 server, to a client that could speak it',
      () => http.createServer(),
      /UNAVAILABLE: cannot talk to \S+: an HTTP\/1\.1 server answered \("HTTP\/1\.1 400 Bad Request"\), but this client spoke HTTP\/2; use httpVersion: '1\.1', or check the port, and whether it wants TLS \(an https:\/\/ target\)$/,
      { protocol: 'connect' },
    ],
    [
      'a server that closes what is not HTTP/1.1',
      () => net.createServer((socket) => void socket.once('data', () => socket.end())),
      /UNAVAILABLE: \S+ accepted the connection but closed it before it sent its HTTP\/2 SETTINGS \(does it speak HTTP\/1\.1 alone\? then use httpVersion: '1\.1'; does it want TLS\? then use an https:\/\/ target, or the tls option\)$/,
      { protocol: 'grpc-web' },
    ],
    [
      'a server that says nothing to what is not HTTP/1.1',
      () => net.createServer(),
      /UNAVAILABLE: .*connectTimeoutMs 150: .*sent no HTTP\/2 SETTINGS \(does it speak HTTP\/1\.1 alone\?/,
      { protocol: 'connect', connectTimeoutMs: 150 },
    ],
    [
      'an HTTP/1.1 server over TLS',
      () => https.createServer(pair('server')),
      /UNAVAILABLE: .*ALPN.*check the port, or enable HTTP\/2/,
      TRUST,
    ],
    [
      'a server of plaintext, to TLS',
      () => http2.createServer(),
      /UNAVAILABLE: .*something that is not TLS: it speaks plaintext.*http:\/\//,
      TRUST,
    ],
    [
      'a server of TLS, to plaintext',
      () => http2.createSecureServer(pair('server')),
      /UNAVAILABLE: .*(?:a TLS server answered|does it want TLS).*https:\/\/ target/,
    ],
    [
      'TLS without ALPN',
      () => tls.createServer(pair('server')),
      /UNAVAILABLE: .*no protocol by ALPN, and gRPC needs h2/,
      TRUST,
    ],
    [
      'another protocol by ALPN',
      () => tls.createServer({ ...pair('server'), ALPNProtocols: ['http/1.1'] }),
      /UNAVAILABLE: .*(?:no_application_protocol|ALPN)/,
      TRUST,
    ],
    ['JSON', () => answering('{"error":"bad request"}\n'), /UNAVAILABLE: .*JSON answered \("\{\\"error/],
    [
      'a page',
      () => answering('<!DOCTYPE html><html><body>Bad gateway'),
      /UNAVAILABLE: .*a page answered \("Bad gateway"\)/,
    ],
    [
      'an HTTP/1.1 page',
      () => answering('HTTP/1.1 502 Bad Gateway\r\n\r\n<html>'),
      /UNAVAILABLE: .*\("HTTP\/1\.1 502 Bad Gateway"\)/,
    ],
    ['SSH', () => answering('SSH-2.0-OpenSSH_9.6\r\n'), /UNAVAILABLE: .*SSH server/],
    [
      'a server that says nothing',
      () => net.createServer(),
      /UNAVAILABLE: .*connectTimeoutMs 150: it accepted the connection but sent no HTTP\/2 SETTINGS/,
      { connectTimeoutMs: 150 },
    ],
    [
      'a server that says nothing, to TLS',
      () => net.createServer(),
      /UNAVAILABLE: .*connectTimeoutMs 150: .*did not finish the TLS handshake/,
      { ...TRUST, connectTimeoutMs: 150 },
    ],
    [
      'a page over HTTP/2',
      () => http2Answering({ ':status': 200, 'content-type': 'text/html' }),
      /UNKNOWN: .*"text\/html".*a web server answered, or the login page of a proxy/,
    ],
    [
      'JSON over HTTP/2',
      () => http2Answering({ ':status': 200, 'content-type': 'application/json' }),
      /UNKNOWN: .*a JSON API/,
    ],
    [
      'a redirect',
      () => http2Answering({ ':status': 308, location: 'https://new.example/' }),
      /UNKNOWN: .*status 308, redirecting to "https:\/\/new\.example\/".*give the address it leads to/,
    ],
    [
      '404',
      () => http2Answering({ ':status': 404, 'content-type': 'text/html', server: 'nginx/1.25' }),
      /UNIMPLEMENTED: .*status 404 and content-type "text\/html" \(server: "nginx\/1\.25"\).*path prefix/,
    ],
    [
      '502',
      () => http2Answering({ ':status': 502, 'content-type': 'text/html' }),
      /UNAVAILABLE: .*cannot reach the server behind it/,
    ],
    [
      '403',
      () => http2Answering({ ':status': 403 }),
      /PERMISSION_DENIED: .*a proxy, gateway or firewall refused/,
    ],
    ['421', () => http2Answering({ ':status': 421 }), /UNKNOWN: .*see the authority option/],
    ['464', () => http2Answering({ ':status': 464 }), /UNKNOWN: .*set its protocol to gRPC/],
  ];
  for (const [name, make, wanted, options] of servers) {
    it(name, async () => {
      expect(await told(await listening(make()), options)).to.match(wanted);
    });
  }

  it('JSON that is read as a message', async () => {
    const server = http2.createServer();
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end('{"js":"on"}');
    });
    expect(await told(await listening(server))).to.match(
      /first bytes are the text .*: the response is not gRPC's/,
    );
  });

  const places: readonly (readonly [name: string, make: () => string | Promise<string>, told: RegExp])[] = [
    [
      'a port where nothing listens',
      () => '127.0.0.1:1',
      /UNAVAILABLE: .*nothing listens on 127\.0\.0\.1:1 \(ECONNREFUSED\)/,
    ],
    [
      'a name that there is not',
      () => 'there-is-no-such-name.invalid:1',
      /UNAVAILABLE: .*'there-is-no-such-name\.invalid' (?:is not known to DNS; check its spelling|could not be looked up)/,
    ],
    [
      'a Unix socket that there is not',
      () => `unix:${join(folder, 'absent.sock')}`,
      /UNAVAILABLE: .*there is no Unix socket .+absent\.sock; is the server running/,
    ],
    [
      'a file that is no socket',
      () => {
        writeFileSync(join(folder, 'file'), 'x');
        return `unix:${join(folder, 'file')}`;
      },
      /UNAVAILABLE: .*\/file is there, but is not a Unix socket \(E\w+\)/,
    ],
    ['a directory', () => `unix:${folder}`, /UNAVAILABLE: .*is there, but is not a Unix socket/],
    [
      'a path that is too long',
      () => `unix:/${'x'.repeat(150)}`,
      /UNAVAILABLE: .*has 151 bytes; at most 107 are allowed/,
    ],
  ];
  for (const [name, make, wanted] of places) {
    it(name, async function () {
      if (process.platform !== 'linux') this.skip();
      expect(await told(await make())).to.match(wanted);
    });
  }

  it('a Unix socket that is not allowed', async function () {
    // Everything is allowed to root.
    if (process.platform !== 'linux' || process.getuid?.() === 0) this.skip();
    const path = join(folder, 'closed.sock');
    const target = await listening(net.createServer(), path);
    chmodSync(path, 0);
    expect(await told(target)).to.match(/may not use the Unix socket .*check its permissions/);
  });
});
