// A proxy as the dialler knows it, and the handshakes with one: HTTP CONNECT (proxy-http.ts) and SOCKS5 (proxy-socks.ts).
// Types, and what both share. Nothing of it ever shows a user name or password.

import type { TlsCredentials } from './tls-credentials.ts';

/** Through what a connection is made. */
export interface ProxyServer {
  readonly kind: 'http' | 'socks5';
  readonly host: string;
  readonly port: number;
  /** TLS with the proxy itself, whatever is spoken through it. */
  readonly tls: TlsCredentials | undefined;
  readonly login: ProxyLogin | undefined;
  /** Header fields of CONNECT: name, value, name, value, … */
  readonly headers: readonly string[];
  /** How errors name it: `http://proxy:3128`. */
  readonly text: string;
}

export interface ProxyLogin {
  readonly username: string;
  readonly password: string;
}

/** Where the tunnel shall lead: a name is looked up by the proxy. */
export interface TunnelEnd {
  readonly host: string;
  readonly port: number;
}

/** What has come of the octets that a proxy sent. */
export type ProxyStep =
  /** It has not answered in full. `send` goes to it first. */
  | { readonly kind: 'more'; readonly send?: Uint8Array }
  /** The tunnel is there; `rest` came out of it already. */
  | { readonly kind: 'open'; readonly rest: Uint8Array }
  /** In words, with what to try. */
  | { readonly kind: 'failed'; readonly reason: string };

/** The conversation with a proxy, sans-I/O. */
export interface ProxyHandshake {
  /** What this side says first. */
  readonly greeting: Uint8Array;
  receive(octets: Uint8Array): ProxyStep;
}

/** No tunnel was made; the message says why and what to try. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
}

/** `host:port`, IPv6 addresses in brackets. */
export function endText({ host, port }: TunnelEnd): string {
  return `${host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host}:${port}`;
}

/** The start of an answer that is not the expected one, for a message. */
export function shown(octets: Uint8Array): string {
  const text = /^[^\r\n]*/.exec(String.fromCharCode(...octets.subarray(0, MAX_SHOWN)))?.[0] ?? '';
  if (/^[\x20-\x7e\t]+$/.test(text)) return JSON.stringify(text);
  return `the bytes ${[...octets.subarray(0, 8)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')}`;
}

const MAX_SHOWN = 60;
