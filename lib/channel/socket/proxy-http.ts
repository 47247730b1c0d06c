// HTTP CONNECT (RFC 9110 §9.3.6, over HTTP/1.1): asks a proxy for a tunnel and reads its answer, sans-I/O. Bodies of
// refusals are not read: the status line says what there is to say.

import {
  endText,
  type ProxyHandshake,
  type ProxyLogin,
  type ProxyServer,
  type ProxyStep,
  shown,
  type TunnelEnd,
} from './proxy.ts';

/** The most that the heads of an answer may hold. */
const MAX_PROXY_HEAD_OCTETS = 16 * 1024;

const CR = 0x0d;
const LF = 0x0a;

export class HttpConnect implements ProxyHandshake {
  readonly greeting: Uint8Array;
  readonly #end: string;
  readonly #hasLogin: boolean;
  #octets: Buffer = Buffer.alloc(0);
  /** How far the end of the head was looked for. */
  #searched = 0;
  /** Octets of informational heads that came before. */
  #skipped = 0;

  constructor({ login, headers }: Pick<ProxyServer, 'login' | 'headers'>, end: TunnelEnd) {
    this.#end = endText(end);
    this.#hasLogin = login !== undefined || hasField(headers, 'proxy-authorization');
    let head = `CONNECT ${this.#end} HTTP/1.1\r\nHost: ${this.#end}\r\n`;
    if (login !== undefined) head += `Proxy-Authorization: ${basic(login)}\r\n`;
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    this.greeting = Buffer.from(`${head}\r\n`, 'latin1');
  }

  receive(octets: Uint8Array): ProxyStep {
    // The limit comes before the copy: what is beyond it is never held.
    const room = MAX_PROXY_HEAD_OCTETS - this.#skipped - this.#octets.length;
    const isTooMuch = octets.length > room;
    this.#octets = Buffer.concat([this.#octets, isTooMuch ? octets.subarray(0, room) : octets]);
    if (!mayBeHttp(this.#octets)) return failed(wrongAnswer(this.#octets));
    for (;;) {
      const end = this.#endOfHead();
      if (end === -1) {
        return isTooMuch
          ? failed(`its answer to CONNECT has more than ${MAX_PROXY_HEAD_OCTETS} bytes of header`)
          : { kind: 'more' };
      }
      const head = this.#octets.toString('latin1', 0, end);
      const rest = this.#octets.subarray(end);
      const status = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?\r?\n/.exec(head);
      if (status === null) return failed(wrongAnswer(this.#octets));
      const code = Number(status[1]);
      if (code < 100 || code > 199) {
        if (code < 200 || code > 299) return failed(this.#refusal(code, status[2] ?? '', head));
        // What is beyond the limit came out of the tunnel, if anything did.
        return { kind: 'open', rest: isTooMuch ? Buffer.concat([rest, octets.subarray(room)]) : rest };
      }
      this.#skipped += end;
      this.#octets = rest;
      this.#searched = 0;
    }
  }

  /** Where the head ends, behind its empty line, or -1. */
  #endOfHead(): number {
    const octets = this.#octets;
    for (let at = this.#searched; at < octets.length; at++) {
      if (octets[at] !== LF) continue;
      const previous = octets[at - 1] === CR ? at - 2 : at - 1;
      if (previous >= 0 && octets[previous] === LF) return at + 1;
    }
    this.#searched = Math.max(0, octets.length - 1);
    return -1;
  }

  #refusal(code: number, phrase: string, head: string): string {
    const said = `${code}${phrase === '' ? '' : ` ${printable(phrase)}`}`;
    switch (code) {
      case 407:
        return this.#unauthorized(said, head);
      case 403:
        return `it refuses to connect to ${this.#end} (${said}); its rules do not allow this host or port`;
      case 400:
      case 404:
      case 405:
      case 501:
        return `it does not support CONNECT (${said}); check that this is a proxy, and one that tunnels to ${this.#end}`;
      case 502:
      case 503:
      case 504:
        return `it could not reach ${this.#end} (${said}); check the target's name and port, and whether the proxy may go there`;
      default: {
        const location = /^location:[ \t]*([^\r\n]*)/im.exec(head)?.[1];
        return `it answered CONNECT with ${said}${
          location === undefined
            ? ''
            : ` and redirects to ${JSON.stringify(printable(location))}; check the proxy's URL`
        }`;
      }
    }
  }

  #unauthorized(said: string, head: string): string {
    const schemes = Array.from(head.matchAll(/^proxy-authenticate:[ \t]*([\w-]+)/gim), (match) => match[1]);
    const offered = schemes.length === 0 ? '' : `, it offers ${printable(schemes.join(', '))}`;
    if (schemes.length > 0 && !schemes.some((scheme) => /^basic$/i.test(scheme))) {
      return `it demands credentials (${said}${offered}), none of them supported: only Basic is; send others with proxy.headers`;
    }
    return this.#hasLogin
      ? `it does not accept the user name and password (${said}); check those of the proxy`
      : `it demands credentials (${said}${offered}); give them as proxy: { url, username, password }, or in the proxy's URL`;
  }
}

function basic({ username, password }: ProxyLogin): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function hasField(headers: readonly string[], name: string): boolean {
  return headers.some((one, i) => i % 2 === 0 && one.toLowerCase() === name);
}

/** Whether what has come may be the beginning of `HTTP/1.`. */
function mayBeHttp(octets: Buffer): boolean {
  const wanted = 'HTTP/1.';
  const length = Math.min(octets.length, wanted.length);
  return octets.toString('latin1', 0, length) === wanted.slice(0, length);
}

function wrongAnswer(octets: Buffer): string {
  if ((octets[0] === 0x15 || octets[0] === 0x16) && (octets.length === 1 || octets[1] === 3)) {
    return 'it speaks TLS; give its URL as https://';
  }
  return `it answered CONNECT with ${shown(octets)}, which is not HTTP; check the proxy's URL`;
}

function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 80)
    .trim();
}

function failed(reason: string): ProxyStep {
  return { kind: 'failed', reason };
}
