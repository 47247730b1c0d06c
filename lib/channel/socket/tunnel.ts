// Makes a tunnel through a proxy on a socket that is connected to it: TLS with the proxy where it wants that, then the
// handshake, within nothing but the connect timeout. What comes out is a byte stream to the target.

import type { Socket } from 'node:net';
import { hostText } from '../target/address.ts';
import type { DialPhase } from './dial.ts';
import { ProxyFailure, type ProxyHandshake, type ProxyServer, type TunnelEnd } from './proxy.ts';
import { HttpConnect } from './proxy-http.ts';
import { Socks5 } from './proxy-socks.ts';
import { ALPN_HTTP_1_1, certifiedName, type ExpectedPeer, secure } from './secure-socket.ts';
import { isHangUpCode } from './socket-errors.ts';

/** What a tunnel in the making tells. */
export interface TunnelHandler {
  onPhase(phase: DialPhase): void;
  onStream(stream: Socket): void;
  onFailure(error: Error): void;
  /** `top` stands for `below` from here on. */
  putOnTop(below: Socket, top: Socket): void;
}

export function openTunnel(socket: Socket, proxy: ProxyServer, end: TunnelEnd, handler: TunnelHandler): void {
  if (proxy.tls === undefined) {
    shakeHands(socket, proxy, end, handler);
    return;
  }
  handler.onPhase('proxy-handshake');
  try {
    const expected: ExpectedPeer = {
      address: `${hostText(proxy.host)}:${proxy.port}`,
      serverName: certifiedName(proxy.tls.settings.serverName ?? proxy.host),
      protocol: ALPN_HTTP_1_1,
      isProxy: true,
    };
    const secured = secure({ socket }, proxy.tls, expected, {
      onSecure: () => shakeHands(secured, proxy, end, handler),
      onFailure: (error) => handler.onFailure(inTermsOfProxy(error)),
    });
    handler.putOnTop(socket, secured);
  } catch (error) {
    socket.destroy(error as Error);
  }
}

function shakeHands(stream: Socket, proxy: ProxyServer, end: TunnelEnd, handler: TunnelHandler): void {
  const handshake: ProxyHandshake =
    proxy.kind === 'http' ? new HttpConnect(proxy, end) : new Socks5(proxy.login, end);
  const stop = (): void => {
    stream.off('data', onData);
    stream.off('end', onEnd);
    stream.off('error', onError);
  };
  const onData = (octets: Uint8Array): void => {
    const step = handshake.receive(octets);
    switch (step.kind) {
      case 'more':
        if (step.send !== undefined) stream.write(step.send);
        return;
      case 'open':
        stop();
        // Nothing is read until whoever comes next listens.
        stream.pause();
        if (step.rest.length > 0) stream.unshift(step.rest);
        handler.onStream(stream);
        return;
      case 'failed':
        stop();
        stream.destroy(new ProxyFailure(step.reason));
        return;
      default:
        step satisfies never;
    }
  };
  const onEnd = (): void => {
    stop();
    const cause = Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' });
    stream.destroy(
      new ProxyFailure('it closed the connection instead of answering; check its URL', { cause }),
    );
  };
  const onError = (error: Error): void => handler.onFailure(inTermsOfProxy(error));
  handler.onPhase('tunnel');
  stream.on('data', onData);
  stream.on('end', onEnd);
  // Before the listeners that were there, which take it for the server's.
  stream.prependListener('error', onError);
  stream.write(handshake.greeting);
}

/** What went wrong between this side and the proxy, which the layers below call the server. */
function inTermsOfProxy(error: Error): Error {
  const { code } = error as { code?: unknown };
  if (isHangUpCode(code)) {
    return new ProxyFailure(`it closed the connection (${code}) instead of answering; check its URL`, {
      cause: error,
    });
  }
  if (error.name !== 'TlsFailure') return error;
  const text = error.message
    .replaceAll('the server', 'the proxy')
    .replace(/\btls\.(?=[a-z])/g, 'proxy.tls.')
    .replace(/\bas serverName\b/g, 'as proxy.tls.serverName');
  return new ProxyFailure(`TLS with the proxy: ${text}`, { cause: error });
}
