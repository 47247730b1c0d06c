// SOCKS5 (RFC 1928), with user name and password (RFC 1929), sans-I/O. Names are looked up by the proxy. Its answers
// are a few octets long, so nothing has to be bounded.

import { nodeNet } from '../target/node-net.ts';
import {
  endText,
  type ProxyHandshake,
  type ProxyLogin,
  type ProxyStep,
  shown,
  type TunnelEnd,
} from './proxy.ts';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;
const LOGIN_VERSION = 1;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
const ADDRESS_OCTETS: Readonly<Record<number, number>> = { [IPV4]: 4, [IPV6]: 16 };
/** Version, reply, reserved, type of address; then the address; then the port. */
const REPLY_HEAD_OCTETS = 4;
const PORT_OCTETS = 2;
/** The length of a name is one octet. */
const MAX_NAME_OCTETS = 255;

/** RFC 1928 §6. */
const REPLIES: readonly ((end: string) => string)[] = [
  () => '',
  () => 'general failure',
  (end) => `its rules do not allow ${end}`,
  (end) => `the network of ${end} cannot be reached`,
  (end) => `${end} cannot be reached, or its name is not known to the proxy`,
  (end) => `nothing listens on ${end}`,
  () => 'the time to live expired',
  () => 'it does not know the command CONNECT',
  () => 'it does not support addresses of this type',
];

export class Socks5 implements ProxyHandshake {
  readonly greeting: Uint8Array;
  readonly #end: TunnelEnd;
  readonly #login: ProxyLogin | undefined;
  #octets: Buffer = Buffer.alloc(0);
  #phase: 'method' | 'login' | 'connect' = 'method';

  constructor(login: ProxyLogin | undefined, end: TunnelEnd) {
    this.#end = end;
    this.#login = login;
    const methods = login === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, USERNAME_PASSWORD];
    this.greeting = Buffer.of(VERSION, methods.length, ...methods);
  }

  receive(octets: Uint8Array): ProxyStep {
    this.#octets = Buffer.concat([this.#octets, octets]);
    switch (this.#phase) {
      case 'method':
        return this.#onMethod();
      case 'login':
        return this.#onLogin();
      case 'connect':
        return this.#onReply();
      default:
        return this.#phase satisfies never;
    }
  }

  #onMethod(): ProxyStep {
    const [version, method] = this.#octets;
    if (version !== VERSION) return failed(notSocks(this.#octets));
    if (method === undefined) return { kind: 'more' };
    this.#octets = this.#octets.subarray(2);
    if (method === NO_AUTHENTICATION) return this.#connect();
    const login = this.#login;
    if (method === USERNAME_PASSWORD && login !== undefined) {
      this.#phase = 'login';
      const username = Buffer.from(login.username);
      const password = Buffer.from(login.password);
      return {
        kind: 'more',
        send: Buffer.concat([
          Buffer.of(LOGIN_VERSION, username.length),
          username,
          Buffer.of(password.length),
          password,
        ]),
      };
    }
    if (method === NONE_ACCEPTABLE) {
      return failed(
        login === undefined
          ? 'it demands credentials; give them as proxy: { url, username, password }, or in its URL'
          : 'it accepts neither a user name and password nor connections without',
      );
    }
    return failed(`it chose the authentication method ${method}, which was not offered`);
  }

  #onLogin(): ProxyStep {
    if (this.#octets.length < 2) return { kind: 'more' };
    if (this.#octets[1] !== 0)
      return failed('it does not accept the user name and password; check those of the proxy');
    this.#octets = this.#octets.subarray(2);
    return this.#connect();
  }

  #connect(): ProxyStep {
    if (Buffer.byteLength(this.#end.host) > MAX_NAME_OCTETS) {
      return failed(`SOCKS5 allows no host names of more than ${MAX_NAME_OCTETS} bytes`);
    }
    this.#phase = 'connect';
    const { host, port } = this.#end;
    const target = Buffer.concat([
      Buffer.of(VERSION, CONNECT, 0),
      addressOctets(host),
      Buffer.of(port >> 8, port & 0xff),
    ]);
    return { kind: 'more', send: target };
  }

  #onReply(): ProxyStep {
    const [version, reply, , type] = this.#octets;
    if (version === undefined) return { kind: 'more' };
    if (version !== VERSION) return failed(notSocks(this.#octets));
    if (reply === undefined) return { kind: 'more' };
    if (reply !== 0) {
      const why = REPLIES[reply]?.(endText(this.#end)) ?? 'for a reason unknown to SOCKS5';
      return failed(`it refused: ${why} (reply ${reply})`);
    }
    if (type === undefined) return { kind: 'more' };
    const nameLength = this.#octets[REPLY_HEAD_OCTETS];
    if (type === NAME && nameLength === undefined) return { kind: 'more' };
    const length = type === NAME ? 1 + nameLength : ADDRESS_OCTETS[type];
    if (length === undefined) return failed(`its reply has an address of the unknown type ${type}`);
    const total = REPLY_HEAD_OCTETS + length + PORT_OCTETS;
    if (this.#octets.length < total) return { kind: 'more' };
    return { kind: 'open', rest: this.#octets.subarray(total) };
  }
}

function addressOctets(host: string): Buffer {
  const bare = host.replace(/%.*$/, '');
  switch (nodeNet().isIP(bare)) {
    case 4:
      return Buffer.of(IPV4, ...bare.split('.').map(Number));
    case 6:
      return Buffer.concat([Buffer.of(IPV6), ipv6Octets(bare)]);
    default: {
      const name = Buffer.from(host, 'latin1');
      return Buffer.concat([Buffer.of(NAME, name.length), name]);
    }
  }
}

function ipv6Octets(text: string): Buffer {
  // An IPv4 address at its end stands for the last two groups.
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const [, head = '', a, b, c, d] = dotted ?? [];
  const group = (high: string | undefined, low: string | undefined): string =>
    ((Number(high) << 8) | Number(low)).toString(16);
  const plain = dotted === null ? text : `${head}${group(a, b)}:${group(c, d)}`;
  const [left, right] = plain.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups =
    right === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  const octets = Buffer.alloc(16);
  for (const [i, one] of groups.entries()) octets.writeUInt16BE(Number.parseInt(one, 16), 2 * i);
  return octets;
}

function notSocks(octets: Buffer): string {
  const hint =
    octets[0] === 0x48 ? 'it seems to be an HTTP proxy: give its URL as http://' : "check the proxy's URL";
  return `it answered ${shown(octets)}, which is not SOCKS5; ${hint}`;
}

function failed(reason: string): ProxyStep {
  return { kind: 'failed', reason };
}
