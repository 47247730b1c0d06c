// Proxies for specs: HTTP CONNECT on node:http and node:https, and SOCKS5 written by hand after RFC 1928 and 1929. They
// lead every name to this machine, so that names which nobody knows show who looked them up.

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { pair } from './tls/secure-servers.ts';

export interface ProxyServer {
  readonly port: number;
  /** `host:port` of each tunnel that was asked for. */
  readonly asked: readonly string[];
  /** Head fields of each CONNECT. */
  readonly heads: readonly http.IncomingHttpHeaders[];
  /** Connections of clients that are open. */
  readonly open: number;
  close(): void;
}

export interface ProxySetup {
  /** Over TLS, with the certificate of spec/channel/socket/tls. */
  readonly isSecure?: boolean;
  readonly login?: { readonly username: string; readonly password: string };
}

function serving(
  server: net.Server,
  asked: readonly string[],
  heads: readonly http.IncomingHttpHeaders[],
): Promise<ProxyServer> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as net.AddressInfo).port,
        asked,
        heads,
        get open() {
          return sockets.size;
        },
        close() {
          for (const socket of sockets) socket.destroy();
          server.close();
        },
      });
    });
  });
}

function join(client: Duplex, port: number, onConnect: () => void): void {
  const server = net.connect(port, '127.0.0.1', () => {
    onConnect();
    server.pipe(client).pipe(server);
  });
  for (const [one, other] of [
    [server, client],
    [client, server],
  ]) {
    one.on('error', () => {});
    one.on('close', () => other.destroy());
  }
}

export function httpProxy({ isSecure = false, login }: ProxySetup = {}): Promise<ProxyServer> {
  const asked: string[] = [];
  const heads: http.IncomingHttpHeaders[] = [];
  const server = isSecure ? https.createServer(pair('server')) : http.createServer();
  server.on('connect', (request: http.IncomingMessage, socket: Duplex) => {
    asked.push(String(request.url));
    heads.push(request.headers);
    socket.on('error', () => {});
    const wanted = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
      return;
    }
    const port = Number(/:(\d+)$/.exec(String(request.url))?.[1]);
    join(socket, port, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return serving(server, asked, heads);
}

export function socksProxy({ login }: ProxySetup = {}): Promise<ProxyServer> {
  const asked: string[] = [];
  const server = net.createServer((socket) => {
    const steps = conversation(socket, asked, login);
    steps.next();
    let octets = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      octets = Buffer.concat([octets, chunk]);
      const { done, value } = steps.next(octets);
      octets = octets.subarray(value ?? 0);
      if (done) socket.off('data', onData);
    };
    socket.on('data', onData);
  });
  return serving(server, asked, []);
}

/** Gets what has come and was not taken, gives how much of it is taken. A client waits for each answer. */
function* conversation(
  socket: net.Socket,
  asked: string[],
  login: ProxySetup['login'],
): Generator<number, number, Buffer> {
  const greeting = yield 0;
  const method = login === undefined ? 0 : 2;
  const isOffered = greeting.subarray(2, 2 + greeting[1]).includes(method);
  socket.write(Buffer.of(5, isOffered ? method : 0xff));
  let request = yield 2 + greeting[1];
  if (method === 2) {
    const username = request.subarray(2, 2 + request[1]).toString();
    const password = request.subarray(3 + request[1]).toString();
    const isRight = username === login?.username && password === login.password;
    socket.write(Buffer.of(1, isRight ? 0 : 1));
    request = yield request.length;
  }
  const [, , , type] = request;
  const at = type === 3 ? 5 + request[4] : type === 1 ? 8 : 20;
  const host =
    type === 3
      ? request.toString('latin1', 5, at)
      : type === 1
        ? request.subarray(4, 8).join('.')
        : request.subarray(4, 20).toString('hex');
  const port = request.readUInt16BE(at);
  asked.push(`${host}:${port}`);
  join(socket, port, () => socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)));
  return request.length;
}
