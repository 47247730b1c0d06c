// TLS that cannot be set up, or ends where it must not: certificates, ALPN, versions, alerts, and handshakes that stop.

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TlsOptions } from 'node:tls';
import { pair, pem } from '../../../channel/socket/tls/certificate-files.ts';
import { type Front, rawFront, read, tlsFront } from '../fronts.ts';
import type { HostileCase, HostileGroup, TlsPlan, Want } from '../hostile-case.ts';
import { data, headers, type Octets, octets, REPLY, RESPONSE, SETTINGS_ACK, settings } from '../wire.ts';

const PROMISE_CONNECT = 'docs/promises.md 2';
const PROMISE_HANG = 'docs/promises.md 1';
const ALPN = 'RFC 9113 §3.2';
const VERSIONS = 'RFC 9113 §9.2';
const VERIFICATION = 'RFC 9525 §6';
const ALERTS = 'RFC 8446 §6';
const CLIENT: TlsPlan = { ca: 'root' };
const RIGHT = tlsFront();
const CONNECT_TIMEOUT_MS = 400;
/** The connect timeout and what a handshake on a busy machine takes. */
const TIMED_OUT_WITHIN_MS = 550;
const NO_CONNECT_TIMEOUT = 'grpc-js has no connect timeout of its own';

const HANDSHAKE = 0x16;
const ALERT = 0x15;
const APPLICATION_DATA = 0x17;
const MAX_RECORD_OCTETS = 16_384;

/** A TLS record (RFC 8446 §5.1). */
function record(type: number, payload: Octets, version = 0x0303): Buffer {
  return octets(type, version >> 8, version & 0xff, payload.length >> 8, payload.length & 0xff, payload);
}

function handshake(type: number, body: Octets, length = body.length): Buffer {
  return octets(type, length >> 16, (length >> 8) & 0xff, length & 0xff, body);
}

/** A ServerHello of an older version, with a cipher suite of its time. */
function serverHello(version: number, cipher = 0xc013): Buffer {
  const body = octets(version >> 8, version & 0xff, Buffer.alloc(32, 7), 0, cipher >> 8, cipher & 0xff, 0);
  return record(HANDSHAKE, handshake(2, body));
}

function alert(description: number, level = 2): Buffer {
  return record(ALERT, Buffer.of(level, description));
}

/** Waits for the first record of the client, which is its ClientHello. */
async function takeHello(wire: Socket): Promise<void> {
  const isWhole = (bytes: Buffer): boolean => bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3);
  const hello = await read(wire, 'ClientHello', isWhole);
  if (hello[0] !== HANDSHAKE) throw new Error('the client did not begin with a handshake');
}

/** Answers ClientHello with what is no right answer. */
function answering(bytes: Octets, then: 'closes' | 'stays' | 'resets'): Front {
  return rawFront(async (wire) => {
    await takeHello(wire);
    if (then === 'closes') wire.end(bytes);
    else if (then === 'stays') wire.write(bytes);
    else wire.write(bytes, () => wire.resetAndDestroy());
  });
}

const UNAVAILABLE = { code: 'UNAVAILABLE', origin: 'client', after: 'new' } satisfies Want;

/** A server with the TLS of Node.js whose settings are not what the client can do with. */
interface WrongServer {
  readonly name: string;
  readonly source: string;
  readonly options: TlsOptions;
  readonly details: RegExp;
  readonly client?: Partial<TlsPlan>;
  /** Another client than the usual one gets on with no right server either. */
  readonly after?: Want['after'];
  readonly notForGrpcJs?: string;
}

const LEGACY: TlsOptions = { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1' };
const MUTUAL: TlsOptions = { requestCert: true, rejectUnauthorized: true, ca: pem('root') };

const WRONG_SERVERS: readonly WrongServer[] = [
  { name: 'an expired certificate', source: VERIFICATION, options: pair('expired'), details: /expired/ },
  {
    name: 'a certificate that is not valid yet',
    source: VERIFICATION,
    options: pair('future'),
    details: /not valid yet|not yet valid/,
  },
  {
    name: 'a certificate for another host',
    source: VERIFICATION,
    options: pair('elsewhere'),
    details: /127\.0\.0\.1/,
  },
  {
    name: 'a certificate without the serverName that is asked for',
    source: VERIFICATION,
    options: {},
    client: { serverName: 'greeter.example.test' },
    details: /greeter\.example\.test/,
    after: 'none',
  },
  {
    name: 'a self-signed certificate',
    source: VERIFICATION,
    options: pair('self-signed'),
    details: /self-signed/,
  },
  {
    name: 'a certificate of a CA that is not known',
    source: VERIFICATION,
    options: {},
    client: { ca: 'other-root' },
    details: /not trusted|unable to verify/,
    after: 'none',
  },
  {
    name: 'a certificate without its intermediates',
    source: VERIFICATION,
    options: pair('leaf'),
    details: /intermediate|unable to verify/,
  },
  {
    name: 'a certificate that is not for servers',
    source: VERIFICATION,
    options: pair('client'),
    details: /not meant for a server|unsupported certificate purpose/,
  },
  { name: 'no ALPN', source: ALPN, options: { ALPNProtocols: [] }, details: /ALPN/ },
  {
    name: 'ALPN http/1.1 alone',
    source: ALPN,
    options: { ALPNProtocols: ['http/1.1'] },
    details: /ALPN/,
  },
  {
    name: 'TLS 1.1 at most',
    source: VERSIONS,
    options: { ...LEGACY, maxVersion: 'TLSv1.1' },
    details: /TLS|version/,
  },
  {
    name: 'TLS 1.0 at most',
    source: VERSIONS,
    options: { ...LEGACY, maxVersion: 'TLSv1' },
    details: /TLS|version/,
  },
  {
    name: 'TLS 1.2 at most, and the client wants 1.3',
    source: VERSIONS,
    options: { maxVersion: 'TLSv1.2' },
    client: { minVersion: 'TLSv1.3' },
    details: /TLSv1\.3/,
    notForGrpcJs: 'grpc-js has no option for the least version',
  },
  {
    name: 'a client certificate is demanded and there is none, TLS 1.3',
    source: ALERTS,
    options: MUTUAL,
    details: /client certificate/,
  },
  {
    name: 'a client certificate is demanded and there is none, TLS 1.2',
    source: ALERTS,
    options: { ...MUTUAL, maxVersion: 'TLSv1.2' },
    details: /client certificate/,
  },
  {
    name: 'the client certificate is of another CA, TLS 1.3',
    source: ALERTS,
    options: MUTUAL,
    client: { pair: 'other-client' },
    details: /client certificate/,
  },
  {
    name: 'the client certificate is of another CA, TLS 1.2',
    source: ALERTS,
    options: { ...MUTUAL, maxVersion: 'TLSv1.2' },
    client: { pair: 'other-client' },
    details: /client certificate/,
  },
];

const wrongServers: readonly HostileCase[] = WRONG_SERVERS.map(
  ({ name, source, options, details, client, after, notForGrpcJs }) => ({
    name,
    source,
    front: { right: RIGHT, hostile: tlsFront(options) },
    client: { tls: { ...CLIENT, ...client } },
    ...(notForGrpcJs !== undefined && { notForGrpcJs }),
    want: { ...UNAVAILABLE, details, after: after ?? 'new' },
  }),
);

/** What a ClientHello is answered with. */
const WRONG_ANSWERS: readonly (readonly [name: string, source: string, bytes: Octets, details: RegExp])[] = [
  [
    'an HTTP/1.1 answer in plaintext',
    PROMISE_CONNECT,
    octets('HTTP/1.1 400 Bad Request\r\n\r\n'),
    /not TLS|version/,
  ],
  ['HTTP/2 SETTINGS in plaintext', PROMISE_CONNECT, settings(), /not TLS|version|closed/],
  ['an SSH banner', PROMISE_CONNECT, octets('SSH-2.0-OpenSSH_9.2p1\r\n'), /not TLS|version/],
  ['zeros', PROMISE_CONNECT, Buffer.alloc(64), /not TLS|version/],
  ['ServerHello of TLS 1.1', VERSIONS, serverHello(0x0302), /version/],
  ['ServerHello of SSL 3.0', VERSIONS, serverHello(0x0300), /version/],
  [
    'ServerHello with a cipher suite that was not offered',
    'RFC 8446 §4.1.3',
    serverHello(0x0303, 0x0001),
    /cipher/i,
  ],
  [
    'a record longer than allowed',
    'RFC 8446 §5.1',
    octets(HANDSHAKE, 3, 3, 0xff, 0xff, Buffer.alloc(70_000)),
    /not TLS|length|long/,
  ],
  ['application data before a handshake', 'RFC 8446 §5', record(APPLICATION_DATA, octets('hello')), /./],
  [
    'a handshake message of unknown type',
    'RFC 8446 §4',
    record(HANDSHAKE, handshake(99, octets('what?'))),
    /./,
  ],
  ['its own ClientHello', 'RFC 8446 §4', record(HANDSHAKE, handshake(1, Buffer.alloc(40))), /./],
  ['ServerHello without secure renegotiation', 'RFC 5746 §3.4', serverHello(0x0303, 0xc02f), /renegotiation/],
  ['a fatal alert handshake_failure', ALERTS, alert(40), /handshake_failure|handshake failure/],
  ['a fatal alert protocol_version', ALERTS, alert(70), /version/],
  ['a fatal alert internal_error', ALERTS, alert(80), /internal.error/],
  ['a fatal alert unrecognized_name', ALERTS, alert(112), /unrecognized.name/],
  ['a fatal alert no_application_protocol', 'RFC 7301 §3.2', alert(120), /application.protocol/],
  ['a fatal alert of unknown description', ALERTS, alert(255), /./],
  ['an alert with the wrong level', ALERTS, alert(40, 9), /./],
  ['close_notify', ALERTS, alert(0, 1), /./],
];

const wrongAnswers: readonly HostileCase[] = WRONG_ANSWERS.flatMap(([name, source, bytes, details]) =>
  (['closes', 'stays'] as const).map((then) => ({
    name: `${name} to ClientHello, and the server ${then}`,
    source,
    front: { right: RIGHT, hostile: answering(bytes, then) },
    // Octets that may be the beginning of a record are waited on.
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    ...(then === 'stays' && { notForGrpcJs: NO_CONNECT_TIMEOUT }),
    want: {
      ...UNAVAILABLE,
      details: then === 'stays' ? /./ : details,
      withinMs: then === 'stays' ? TIMED_OUT_WITHIN_MS : 250,
    },
  })),
);

/** Where a handshake stops. */
const STOPS: readonly (readonly [name: string, bytes: Octets])[] = [
  ['nothing', octets()],
  ['one octet', octets(HANDSHAKE)],
  ['half the header of a record', serverHello(0x0303).subarray(0, 3)],
  ['half of ServerHello', serverHello(0x0303).subarray(0, 20)],
  ['a warning', alert(90, 1)],
];

const stops: readonly HostileCase[] = STOPS.flatMap(([name, bytes]): HostileCase[] => [
  {
    name: `${name}, then the handshake never ends`,
    source: PROMISE_CONNECT,
    front: { right: RIGHT, hostile: answering(bytes, 'stays') },
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
    want: { ...UNAVAILABLE, details: /TLS|alert/i, withinMs: TIMED_OUT_WITHIN_MS },
  },
  {
    name: `${name}, then the connection is closed in the handshake`,
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering(bytes, 'closes') },
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: `${name}, then the connection is reset in the handshake`,
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering(bytes, 'resets') },
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
]);

/** Octets again and again, until the client has had enough. */
function dripping(bytes: Octets, gapMs: number): Front {
  return rawFront(async (wire) => {
    await takeHello(wire);
    wire.resume();
    while (wire.writable && !wire.readableEnded) {
      wire.write(bytes);
      await delay(gapMs);
    }
  });
}

/** As much as the client reads. */
function flooding(bytes: Octets, times: number): Front {
  return rawFront(async (wire) => {
    await takeHello(wire);
    wire.resume();
    for (let i = 0; i < times && wire.writable && !wire.readableEnded; i++) {
      if (!wire.write(bytes))
        await Promise.race([new Promise((done) => wire.once('drain', done)), delay(100)]);
    }
  });
}

const others: readonly HostileCase[] = [
  {
    name: 'ServerHello, octet by octet, takes longer than the connect timeout',
    source: PROMISE_CONNECT,
    front: { right: RIGHT, hostile: dripping(Buffer.of(HANDSHAKE), 20) },
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    want: { ...UNAVAILABLE, withinMs: TIMED_OUT_WITHIN_MS },
  },
  {
    name: 'the handshake never ends, and the call has a deadline',
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering(octets(), 'stays') },
    call: { timeoutMs: 250 },
    client: { tls: CLIENT, connectTimeoutMs: 600 },
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'new' },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
  },
  {
    name: 'the handshake never ends, and the call is cancelled',
    source: 'docs/promises.md 9',
    front: { right: RIGHT, hostile: answering(octets(), 'stays') },
    call: { cancelAfterMs: 150 },
    client: { tls: CLIENT, connectTimeoutMs: 600 },
    want: { code: 'CANCELLED', origin: 'client', after: 'new' },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
  },
  {
    name: 'ClientHello is not read',
    source: PROMISE_CONNECT,
    front: { right: RIGHT, hostile: rawFront(() => delay(CONNECT_TIMEOUT_MS)) },
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    want: { ...UNAVAILABLE, details: /TLS handshake/, withinMs: TIMED_OUT_WITHIN_MS },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
  },
  {
    name: 'closes before ClientHello',
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: rawFront((wire) => void wire.end()) },
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: 'a handshake message of 16 MB that never is whole',
    source: 'docs/promises.md 7',
    front: {
      right: RIGHT,
      hostile: flooding(record(HANDSHAKE, handshake(2, Buffer.alloc(MAX_RECORD_OCTETS - 4), 0xffffff)), 1000),
    },
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    limits: { memoryMb: 40, cpuMs: 1500 },
    want: UNAVAILABLE,
  },
  {
    name: 'a flood of warnings in the handshake',
    source: 'docs/promises.md 7',
    front: {
      right: RIGHT,
      hostile: flooding(Buffer.concat(Array.from({ length: 1000 }, () => alert(90, 1))), 1000),
    },
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    limits: { memoryMb: 40, cpuMs: 1500 },
    want: UNAVAILABLE,
  },
  {
    name: 'a server with a self-signed certificate is not dialled for every call',
    source: PROMISE_CONNECT,
    front: { right: tlsFront(pair('self-signed')) },
    client: { tls: CLIENT },
    call: Array.from({ length: 40 }, () => ({})),
    spacingMs: 30,
    want: { code: 'UNAVAILABLE', details: /self-signed/, maxConnections: 10, after: 'none' },
  },
  {
    name: 'a right handshake, and nothing more',
    source: PROMISE_CONNECT,
    front: { right: RIGHT },
    server: (peer) => peer.preface(),
    client: { tls: CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    want: { ...UNAVAILABLE, details: /SETTINGS/, withinMs: TIMED_OUT_WITHIN_MS },
    notForGrpcJs: 'grpc-js takes a connection for ready before SETTINGS, and the call has no deadline',
  },
  {
    name: 'a right handshake, and a mail server behind it',
    source: PROMISE_CONNECT,
    front: { right: RIGHT },
    server: (peer) => peer.end(octets('220 mail.example.com ESMTP\r\n')),
    client: { tls: CLIENT },
    want: { ...UNAVAILABLE, details: /220 mail|Protocol error|closed|drop/ },
  },
  {
    name: 'a right handshake, and close_notify behind it',
    source: PROMISE_HANG,
    front: { right: RIGHT },
    server: (peer) => peer.end(),
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: 'a right handshake, and TLS once more in it',
    source: PROMISE_CONNECT,
    front: { right: RIGHT },
    server: (peer) => peer.end(alert(70)),
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: 'the connection is cut between records, without close_notify',
    source: 'RFC 8446 §6.1',
    front: { right: RIGHT },
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY));
      await peer.pause(20);
      peer.wire.end();
    },
    client: { tls: CLIENT },
    call: { cardinality: 'unary_stream' },
    // A reply without trailers is none that is whole, though the record was.
    want: { ...UNAVAILABLE, replies: ['ok'] },
  },
  {
    name: 'the connection is reset between records',
    source: 'RFC 8446 §6.1',
    front: { right: RIGHT },
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY));
      await peer.pause(20);
      peer.abort();
    },
    client: { tls: CLIENT },
    call: { cardinality: 'unary_stream' },
    want: UNAVAILABLE,
  },
  {
    name: 'close_notify in the middle of an answer',
    source: 'RFC 8446 §6.1',
    front: { right: RIGHT },
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.end(headers(id, RESPONSE), data(id, REPLY));
    },
    client: { tls: CLIENT },
    call: { cardinality: 'unary_stream' },
    want: { ...UNAVAILABLE, replies: ['ok'] },
  },
  {
    name: 'plaintext in the middle of an answer',
    source: 'RFC 8446 §5.2',
    front: { right: RIGHT },
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      await peer.pause(20);
      peer.wire.write(octets('HTTP/1.1 500 Internal Server Error\r\n\r\n'));
    },
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: 'a record that was not sealed with the key, in the middle of an answer',
    source: 'RFC 8446 §5.2',
    front: { right: RIGHT },
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      await peer.pause(20);
      peer.wire.write(record(APPLICATION_DATA, Buffer.alloc(64, 7)));
    },
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: 'half of a record, then the connection is cut',
    source: 'RFC 8446 §6.1',
    front: { right: RIGHT },
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.wire.end(record(APPLICATION_DATA, Buffer.alloc(64, 7)).subarray(0, 30));
    },
    client: { tls: CLIENT },
    want: UNAVAILABLE,
  },
  {
    name: 'half of a record, then silence, and the call has a deadline',
    source: PROMISE_HANG,
    front: { right: RIGHT },
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.wire.write(record(APPLICATION_DATA, Buffer.alloc(64, 7)).subarray(0, 30));
      await peer.expectReset(id, 'CANCEL');
    },
    client: { tls: CLIENT },
    call: { timeoutMs: 250 },
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'none' },
  },
  {
    name: 'an answer in records of one octet',
    source: 'RFC 8446 §5.1',
    front: { right: RIGHT },
    async server(peer) {
      await peer.preface();
      await peer.drip(octets(settings(), SETTINGS_ACK));
    },
    client: { tls: CLIENT },
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
  {
    name: 'a right server with a client certificate of its CA',
    source: ALERTS,
    front: { right: tlsFront(MUTUAL) },
    client: { tls: { ...CLIENT, pair: 'client' } },
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
];

export const TLS_CASES: HostileGroup = {
  name: 'tls',
  cases: [...wrongServers, ...wrongAnswers, ...stops, ...others],
};
