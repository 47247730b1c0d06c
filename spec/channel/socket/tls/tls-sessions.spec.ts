// A TLS session belongs to the identity that it proved: it is offered to nobody else, and who resumes it is verified
// again. RFC 8446 §4.6.1.

import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type tls from 'node:tls';
import { expect } from 'chai';
import {
  ALPN_H2,
  ALPN_HTTP_1_1,
  type ExpectedPeer,
  secure,
} from '../../../../lib/channel/socket/secure-socket.ts';
import { TlsCredentials } from '../../../../lib/channel/socket/tls-credentials.ts';
import {
  MAX_TLS_SESSIONS,
  type TlsIdentity,
  type TlsSession,
  TlsSessions,
} from '../../../../lib/channel/socket/tls-sessions.ts';
import { checkTls } from '../../../../lib/client/tls-options.ts';
import { Client, type ClientOptions } from '../../../../lib/index.ts';
import type { PeerCertificate } from '../../../../lib/rpc/transport.ts';
import { closing, rejection } from '../../../support/closing.ts';
import { certificatePath, pair, pem, type SeeingServer, seeingServer } from './secure-servers.ts';

const ROOT = { file: certificatePath('root.pem') };
/** Linux answers on all of 127.0.0.0/8. */
const HAS_SECOND_LOOPBACK = process.platform === 'linux' && networkInterfaces()['lo'] !== undefined;

const CERTIFICATE: PeerCertificate = {
  subject: { CN: 'a' },
  issuer: { CN: 'b' },
  subjectAltName: 'DNS:a',
  validFrom: 'Jan  1 00:00:00 2025 GMT',
  validTo: 'Jan  1 00:00:00 2026 GMT',
  serialNumber: '1',
  fingerprint256: '',
  raw: Buffer.alloc(0),
};
const BEFORE_ITS_END = Date.parse('2025-12-31T23:59:59Z');
const AT_ITS_END = Date.parse('2026-01-01T00:00:00Z');

const session = (text: string): TlsSession => ({ octets: Buffer.from(text), certificate: CERTIFICATE });
const A: TlsIdentity = { address: '10.0.0.1:443', serverName: 'a.example', protocol: ALPN_H2 };

describe('TLS sessions', () => {
  const others: readonly (readonly [name: string, other: Partial<TlsIdentity>])[] = [
    ['another address', { address: '10.0.0.2:443' }],
    ['another port', { address: '10.0.0.1:444' }],
    ['a socket of the same name', { address: 'unix:10.0.0.1:443' }],
    ['another name', { serverName: 'b.example' }],
    ['a name below', { serverName: 'x.a.example' }],
    ['another protocol', { protocol: ALPN_HTTP_1_1 }],
    ['parts that join to the same text', { address: '10.0.0.1:443a', serverName: '.example' }],
  ];
  for (const [name, other] of others) {
    it(`are not offered to ${name}`, () => {
      const sessions = new TlsSessions();
      sessions.keep(A, session('a'));
      expect(sessions.find({ ...A, ...other }, BEFORE_ITS_END)).to.equal(undefined);
      expect(sessions.find(A, BEFORE_ITS_END)?.octets.toString()).to.equal('a');
    });
  }

  it('are offered to the same name in other letters', () => {
    const sessions = new TlsSessions();
    sessions.keep(A, session('a'));
    expect(sessions.find({ ...A, serverName: 'A.Example' }, BEFORE_ITS_END)?.octets.toString()).to.equal('a');
  });

  it('end with the certificate that they stand for', () => {
    const sessions = new TlsSessions();
    sessions.keep(A, session('a'));
    expect(sessions.find(A, AT_ITS_END)).to.not.equal(undefined);
    expect(sessions.find(A, AT_ITS_END + 1)).to.equal(undefined);
    expect(sessions.size).to.equal(0);
  });

  it('are replaced by later ones, and forgotten one by one', () => {
    const sessions = new TlsSessions();
    const b = { ...A, serverName: 'b.example' };
    sessions.keep(A, session('a'));
    sessions.keep(A, session('a2'));
    sessions.keep(b, session('b'));
    expect(sessions.find(A, BEFORE_ITS_END)?.octets.toString()).to.equal('a2');
    sessions.forget(A);
    expect(sessions.find(A, BEFORE_ITS_END)).to.equal(undefined);
    expect(sessions.find(b, BEFORE_ITS_END)?.octets.toString()).to.equal('b');
  });

  it(`are ${MAX_TLS_SESSIONS} at most, those used last`, () => {
    const sessions = new TlsSessions();
    const at = (i: number): TlsIdentity => ({ ...A, address: `10.0.0.1:${i}` });
    for (let i = 1; i <= MAX_TLS_SESSIONS; i++) sessions.keep(at(i), session(String(i)));
    expect(sessions.size).to.equal(MAX_TLS_SESSIONS);
    expect(sessions.find(at(1), BEFORE_ITS_END)).to.not.equal(undefined);
    sessions.keep(at(MAX_TLS_SESSIONS + 1), session('one more'));
    expect(sessions.size).to.equal(MAX_TLS_SESSIONS);
    expect(sessions.find(at(2), BEFORE_ITS_END)).to.equal(undefined);
    expect(sessions.find(at(1), BEFORE_ITS_END)).to.not.equal(undefined);
  });
});

describe('A TLS connection', () => {
  const close = closing();
  const call = (client: Client): PromiseLike<unknown> =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
  const lost = async (client: Client): Promise<void> => {
    while (client.channel.state === 'ready') await turn();
  };
  const hosts = ['127.0.0.1', '127.0.0.2'];

  /** Replicas of a deployment, which share their ticket keys. */
  async function replicas(): Promise<SeeingServer[]> {
    const options = { ...pair('server'), ticketKeys: randomBytes(48), sessionIdContext: 'x' };
    return Promise.all(hosts.map(async (host) => close(await seeingServer(options, host))));
  }
  function connect(servers: readonly SeeingServer[], options: ClientOptions = {}): Client {
    const list = servers.map(({ port }, i) => `${hosts[i]}:${port}`).join();
    return close(new Client(`ipv4:${list}`, { tls: { ca: ROOT }, ...options }));
  }

  it('does not resume at an address that its certificate is not for', async function () {
    if (!HAS_SECOND_LOOPBACK) this.skip();
    const servers = await replicas();
    const client = connect(servers);
    await call(client);
    servers[0].close();
    await lost(client);
    const error = await rejection(call(client));
    expect(error.message).to.include("not for '127.0.0.2'");
    expect(servers.map(({ seen }) => seen.length)).to.deep.equal([1, 0]);
  });

  it('resumes with the address that it was with, and with no other', async function () {
    if (!HAS_SECOND_LOOPBACK) this.skip();
    const servers = await replicas();
    const client = connect(servers, { serverName: 'localhost', loadBalancing: 'round_robin' });
    const isSeen = (times: number): boolean => servers.every(({ seen }) => seen.length >= times);
    while (!isSeen(1)) await call(client);
    for (const server of servers) server.hangUp();
    await lost(client);
    while (!servers.every(({ seen }) => seen.some(({ isResumed }) => isResumed))) await call(client);
    for (const { seen } of servers) expect(seen[0].isResumed).to.equal(false);
  });

  it('shows a certificate of its own that was replaced instead of resuming', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'stubless-tls-'));
    let seconds = 1_000_000_000;
    const place = (source: string, name: string): { readonly file: string } => {
      const file = join(directory, name);
      copyFileSync(certificatePath(source), file);
      utimesSync(file, seconds, seconds++);
      return { file };
    };
    const server = close(
      await seeingServer({
        ...pair('server'),
        ca: [pem('root'), pem('other-root')],
        requestCert: true,
        sessionIdContext: 'x',
      }),
    );
    const cert = place('client.pem', 'c.pem');
    const key = place('client.key', 'c.key');
    const client = close(new Client(`localhost:${server.port}`, { tls: { ca: ROOT, cert, key } }));
    for (let i = 0; i < 3; i++) {
      if (i === 2) {
        place('other-client.pem', 'c.pem');
        place('other-client.key', 'c.key');
      }
      await call(client);
      server.hangUp();
      await lost(client);
    }
    expect(server.seen.map(({ isResumed }) => isResumed)).to.deep.equal([false, true, false]);
    rmSync(directory, { recursive: true });
  });

  /** The end of a handshake with a server, and what was offered. */
  async function handshake(
    credentials: TlsCredentials,
    port: number,
    expected: ExpectedPeer,
  ): Promise<{ readonly socket: tls.TLSSocket; readonly error: Error | undefined }> {
    const below = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => below.once('connect', resolve));
    return new Promise((resolve) => {
      const socket = secure({ socket: below }, credentials, expected, {
        onSecure: () => resolve({ socket, error: undefined }),
        onFailure: (error) => resolve({ socket, error }),
      });
      close({ close: () => socket.destroy() });
    });
  }

  it('verifies whom it has resumed with, and forgets the session where that is another', async () => {
    const server = close(await seeingServer(pair('server')));
    const credentials = new TlsCredentials(checkTls({ ca: ROOT }, undefined, {}).settings);
    const address = `127.0.0.1:${server.port}`;
    const right: ExpectedPeer = { address, serverName: 'localhost', protocol: ALPN_H2 };
    const wrong: ExpectedPeer = { ...right, serverName: 'elsewhere.example' };
    const first = await handshake(credentials, server.port, right);
    expect(first.error).to.equal(undefined);
    while (credentials.session(right, Date.now()) === undefined) await turn();
    const proved = credentials.session(right, Date.now()) as TlsSession;
    // As if the place of a session had not told the two apart.
    credentials.keepSession(wrong, proved, credentials.context());
    const second = await handshake(credentials, server.port, wrong);
    expect(second.error?.message).to.include("not for 'elsewhere.example'");
    expect(credentials.session(wrong, Date.now())).to.equal(undefined);
    const third = await handshake(credentials, server.port, right);
    expect(third.error).to.equal(undefined);
    expect(third.socket.isSessionReused()).to.equal(true);
  });

  it('does not verify whom it has resumed with where nobody is verified', async () => {
    const server = close(await seeingServer(pair('self-signed')));
    const tlsOptions = { rejectUnauthorized: false };
    const client = close(new Client(`127.0.0.1:${server.port}`, { tls: tlsOptions }));
    await call(client);
    server.hangUp();
    await lost(client);
    await call(client);
    expect(server.seen.map(({ isResumed }) => isResumed)).to.deep.equal([false, true]);
  });
});
