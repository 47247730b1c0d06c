// What stands before HTTP/2 on a connection to the hostile server: TLS, and proxies. A front takes the connection as it
// was accepted and gives the stream that HTTP/2 is spoken on, or nothing where the case does not come to that.
// The right ones are here; wrong ones are in the cases.

import type { Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { pair } from '../../channel/socket/tls/certificate-files.ts';
import type { Octets } from './wire.ts';

/** When it throws, the client did not do its part. */
export type Front = (wire: Socket) => Promise<Socket | undefined>;

/** How long a front waits for the client before it says that nothing came. */
const WAIT_MS = 3000;
const HEAD_END = '\r\n\r\n';

/** What a server that talks TLS and HTTP/2 has to be made with. */
const RIGHT_TLS: TlsOptions = { ...pair('server'), ALPNProtocols: ['h2'] };

/** TLS as the runtime does it; nothing comes out when the handshake fails. */
export function tlsFront(options: TlsOptions = {}): Front {
  return (wire) =>
    new Promise((resolve) => {
      const server = createServer({ ...RIGHT_TLS, ...options }, (secured) => {
        secured.on('error', () => {});
        resolve(secured);
      });
      // Which error the client has is what is looked at.
      server.on('tlsClientError', () => resolve(undefined));
      // TLS does not see that the client has closed one which may be half open.
      wire.allowHalfOpen = false;
      server.emit('connection', wire);
    });
}

/** A script for the connection as it is: HTTP/2 does not come. */
export function rawFront(script: (wire: Socket) => Promise<void> | void): Front {
  return async (wire) => {
    await script(wire);
    return undefined;
  };
}

/** One in the other, such as TLS through a proxy. */
export function behind(outer: Front, inner: Front): Front {
  return async (wire) => {
    const stream = await outer(wire);
    return stream === undefined ? undefined : inner(stream);
  };
}

/** Takes CONNECT, answers, and is the target itself from there on. */
export function connectFront(answer: string | Octets = `HTTP/1.1 200 OK${HEAD_END}`): Front {
  return async (wire) => {
    await takeConnect(wire);
    wire.write(answer);
    return wire;
  };
}

/** Waits for CONNECT; gives its head. */
export async function takeConnect(wire: Socket): Promise<string> {
  const head = await read(wire, 'CONNECT', (octets) => octets.includes(HEAD_END));
  const text = head.toString('latin1');
  if (!text.startsWith('CONNECT target.test:50051 HTTP/1.1\r\n')) {
    throw new Error(`the client asked ${JSON.stringify(text)} of its proxy`);
  }
  return text;
}

/** SOCKS5 without credentials (RFC 1928); `reply` is what follows the client's request. */
export function socksFront(reply: Octets = SOCKS_SUCCESS, method = 0): Front {
  return async (wire) => {
    await takeSocksGreeting(wire);
    wire.write(Buffer.of(5, method));
    await takeSocksRequest(wire);
    wire.write(reply);
    return wire;
  };
}

/** The reply for a tunnel that is open, from 0.0.0.0:0. */
export const SOCKS_SUCCESS: Octets = Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);

export async function takeSocksGreeting(wire: Socket): Promise<void> {
  await read(wire, 'the greeting of SOCKS5', (octets) => octets.length > 1 && octets.length >= 2 + octets[1]);
}

export async function takeSocksRequest(wire: Socket): Promise<void> {
  const isWhole = (octets: Buffer): boolean => octets.length > 4 && octets.length >= 7 + octets[4];
  const request = await read(wire, 'the request of SOCKS5', isWhole);
  const name = request.toString('latin1', 5, 5 + request[4]);
  if (request[0] !== 5 || request[1] !== 1 || request[3] !== 3 || name !== 'target.test') {
    throw new Error(`the client asked ${request.toString('hex')} of its proxy`);
  }
}

/** Waits until what came is whole, and takes all of it. An Error when the client closes, or is silent, before. */
export function read(wire: Socket, what: string, isWhole: (octets: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let octets: Buffer = Buffer.alloc(0);
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      wire.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      if (error === undefined) resolve(octets);
      else reject(error);
    };
    const onData = (chunk: Buffer): void => {
      octets = Buffer.concat([octets, chunk]);
      if (isWhole(octets)) settle();
    };
    const onEnd = (): void => settle(new Error(`the client closed the connection before ${what}`));
    const timer = setTimeout(() => settle(new Error(`${what} did not come within ${WAIT_MS} ms`)), WAIT_MS);
    wire.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}

/** Waits until the client has closed the connection, or this side has. */
export function closedBy(wire: Socket): Promise<void> {
  if (wire.destroyed || wire.readableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    wire.once('end', resolve).once('close', resolve).resume();
  });
}
