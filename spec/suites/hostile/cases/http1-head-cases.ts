// HTTP/1.1: heads of responses. Status lines and field lines that are malformed, statuses that a call cannot end with, and
// what is no HTTP/1.1 at all.

import type { HostileCase, Want } from '../hostile-case.ts';
import { GRPC_WEB, type Http1Row, http1Case, MALFORMED, REPLIED, STREAM } from '../http1-row.ts';
import { connectHead, connectReply, connectStreamHead, grpcWebHead, head, sized } from '../http1-wire.ts';
import { endOfStream, note, octets, REPLY, settings, trailersFrame } from '../wire.ts';

const NOTE = note('ok');
const SAME: Want = { ...REPLIED, after: 'same' };
const CONTENT = ['Content-Type: application/proto', 'Content-Length: 4'] as const;
const NOT_TAKEN: Want = { code: ['INTERNAL', 'UNKNOWN', 'UNAVAILABLE'] };
const TOO_LARGE: Want = {
  code: 'RESOURCE_EXHAUSTED',
  details: /header list exceeds the limit of 65536 octets \(maxHeaderListBytes\)/,
};

const line = (name: string, statusLine: string, want: Want): Http1Row => ({
  name: `status line: ${name}`,
  send: octets(head(statusLine, ...CONTENT), NOTE),
  want,
});

const STATUS_LINES: readonly Http1Row[] = [
  line('no reason', 'HTTP/1.1 200 ', SAME),
  line('no reason, and no blank before it', 'HTTP/1.1 200', SAME),
  line('a reason of Latin-1', 'HTTP/1.1 200 \xe4\xf6\xfc', SAME),
  line('a reason of 1 KB', `HTTP/1.1 200 ${'o'.repeat(1000)}`, SAME),
  line('a reason of 1 MB', `HTTP/1.1 200 ${'o'.repeat(1_000_000)}`, TOO_LARGE),
  line('a reason with NUL', 'HTTP/1.1 200 O\0K', { ...NOT_TAKEN, code: ['OK', 'INTERNAL'], after: 'any' }),
  line('an empty line before it', '\r\nHTTP/1.1 200 OK', { code: ['OK', 'INTERNAL'], after: 'any' }),
  line('HTTP/1.0', 'HTTP/1.0 200 OK', REPLIED),
  line('HTTP/1.2', 'HTTP/1.2 200 OK', MALFORMED),
  line('HTTP/2.0', 'HTTP/2.0 200 OK', { code: ['INTERNAL', 'OK'] }),
  line('HTTP/3.0', 'HTTP/3.0 200 OK', MALFORMED),
  line('HTTP/11', 'HTTP/11 200 OK', MALFORMED),
  line('HTTP/1', 'HTTP/1 200 OK', MALFORMED),
  line('no version', 'HTTP/ 200 OK', MALFORMED),
  line('small letters', 'http/1.1 200 OK', {
    code: 'UNAVAILABLE',
    details: /something that is not HTTP\/1\.1/,
  }),
  // llhttp takes it for HTTP.
  line('RTSP', 'RTSP/1.0 200 OK', { code: ['OK', 'UNAVAILABLE', 'INTERNAL'], after: 'any' }),
  line('that of Shoutcast', 'ICY 200 OK', { code: 'UNAVAILABLE', details: /ICY 200 OK/ }),
  line('two blanks', 'HTTP/1.1  200 OK', MALFORMED),
  line('no status', 'HTTP/1.1 OK', MALFORMED),
  line('an empty status', 'HTTP/1.1', MALFORMED),
  line('a status of two digits', 'HTTP/1.1 20 OK', MALFORMED),
  line('a status of four digits', 'HTTP/1.1 2000 OK', MALFORMED),
  line('a negative status', 'HTTP/1.1 -200 OK', MALFORMED),
  line('a status with a letter', 'HTTP/1.1 2x0 OK', MALFORMED),
  line('the status 000', 'HTTP/1.1 000 OK', NOT_TAKEN),
  line('the status 099', 'HTTP/1.1 099 OK', NOT_TAKEN),
  line('the status 600', 'HTTP/1.1 600 OK', { code: 'UNKNOWN', details: /HTTP status 600/, after: 'any' }),
  line('the status 999', 'HTTP/1.1 999 OK', { code: 'UNKNOWN', details: /HTTP status 999/, after: 'any' }),
  {
    name: 'status line: LF alone behind it, and behind each field',
    send: octets('HTTP/1.1 200 OK\nContent-Type: application/proto\nContent-Length: 4\n\n', NOTE),
    want: { code: ['OK', 'INTERNAL'], after: 'any' },
  },
  {
    name: 'status line: CR alone behind it',
    send: octets('HTTP/1.1 200 OK\rContent-Type: application/proto\r\nContent-Length: 4\r\n\r\n', NOTE),
    want: MALFORMED,
  },
];

const field = (name: string, lines: string | readonly string[], want: Want): Http1Row => ({
  name: `field: ${name}`,
  send: octets(head('HTTP/1.1 200 OK', ...CONTENT, ...(typeof lines === 'string' ? [lines] : lines)), NOTE),
  want,
});

const FIELDS: readonly Http1Row[] = [
  field('without a colon', 'nonsense', MALFORMED),
  field('without a name', ': x', MALFORMED),
  field('without a value', 'x-empty:', SAME),
  field('a blank before the colon', 'x-a : b', MALFORMED),
  field('a blank in the name', 'x a: b', MALFORMED),
  field('a blank before the name of the first', ' x-a: b', { code: ['OK', 'INTERNAL'], after: 'any' }),
  field('folded', ['x-a: b', '  c'], { code: ['OK', 'INTERNAL'], after: 'any' }),
  field('folded into a length', ['x-a: b', '\tContent-Length: 9'], {
    code: ['OK', 'INTERNAL'],
    after: 'any',
  }),
  field('NUL in the value', 'x-a: b\0c', MALFORMED),
  field('NUL in the name', 'x\0a: b', MALFORMED),
  field('DEL in the value', 'x-a: b\x7fc', { code: ['OK', 'INTERNAL'], after: 'any' }),
  field('CR in the value', 'x-a: b\rc', MALFORMED),
  field('LF in the value, which is another field', 'x-a: b\nc: d', {
    code: ['OK', 'INTERNAL'],
    after: 'any',
  }),
  field('Latin-1 in the value', 'x-a: \xe4\xf6', SAME),
  field('UTF-8 in the name', 'x-\xc3\xa4: b', MALFORMED),
  field('a pseudo-header', ':status: 500', MALFORMED),
  field('__proto__ and its kin', ['__proto__: x', 'constructor: y', 'toString: z'], SAME),
  field('grpc-status, which Connect does not have', ['grpc-status: 13', 'grpc-message: no'], SAME),
  field('metadata with -bin that is no base64', 'x-a-bin: <>', { code: ['OK', 'INTERNAL'], after: 'same' }),
  field('a list with no end of commas', `x-a: ${','.repeat(30_000)}`, SAME),
  field('Connection that names the content-type', 'Connection: content-type', {
    code: 'UNKNOWN',
    details: /has no content-type/,
    after: 'any',
  }),
  field('Connection of 60 KB of names', `Connection: ${'a,'.repeat(30_000)}`, { ...REPLIED, after: 'any' }),
  field('Upgrade to HTTP/2', ['Connection: Upgrade', 'Upgrade: h2c'], { ...REPLIED, after: 'any' }),
  field('Keep-Alive: timeout=0', 'Keep-Alive: timeout=0', REPLIED),
  field('Keep-Alive that is a lie', 'Keep-Alive: timeout=-1, max=x', SAME),
  field('Keep-Alive beyond numbers', `Keep-Alive: timeout=${'9'.repeat(400)}`, SAME),
  field('twice a Keep-Alive', ['Keep-Alive: timeout=100', 'Keep-Alive: timeout=0'], {
    ...REPLIED,
    after: 'any',
  }),
  field(
    'Set-Cookie, a thousand times',
    Array.from({ length: 1000 }, () => 'Set-Cookie: a=b'),
    SAME,
  ),
  field('one of 1 MB', `x-a: ${'b'.repeat(1_000_000)}`, TOO_LARGE),
  field('a name of 1 MB', `${'b'.repeat(1_000_000)}: a`, TOO_LARGE),
  field(
    '10,000 of them',
    Array.from({ length: 10_000 }, (_, i) => `x-${i}: b`),
    TOO_LARGE,
  ),
  field(
    '10,000 of nearly nothing',
    Array.from({ length: 10_000 }, () => 'a:'),
    TOO_LARGE,
  ),
  {
    name: 'field: two content-types',
    send: octets(head('HTTP/1.1 200 OK', 'Content-Type: text/html', ...CONTENT), NOTE),
    want: { code: 'UNKNOWN', details: /text\/html/, after: 'any' },
  },
  {
    name: 'field: no content-type',
    send: octets(head('HTTP/1.1 200 OK', 'Content-Length: 4'), NOTE),
    want: { code: 'UNKNOWN', details: /has no content-type/, after: 'any' },
  },
  {
    name: 'field: none at all, and FIN',
    send: octets('HTTP/1.1 200 OK\r\n\r\n', NOTE),
    ending: 'FIN',
    want: { code: 'UNKNOWN', details: /has no content-type/ },
  },
  {
    name: 'field: the status of gRPC-Web in the head',
    client: GRPC_WEB,
    send: grpcWebHead('grpc-status: 5', 'grpc-message: gone', 'Content-Length: 0'),
    want: { code: 'NOT_FOUND', details: /^gone$/, origin: 'server', after: 'same' },
  },
];

const informational = (status: number, times: number, ...lines: readonly string[]): Buffer =>
  octets(...Array.from({ length: times }, () => head(`HTTP/1.1 ${status} x`, ...lines)));

const status = (code: string, want: Want, ...lines: readonly string[]): Http1Row => ({
  name: `status ${code}`,
  send: octets(head(`HTTP/1.1 ${code}`, 'Content-Length: 2', ...lines), 'no'),
  // A call that ends before the end of its response costs the connection.
  want: { after: 'any', ...want },
});

const STATUSES: readonly Http1Row[] = [
  ...[100, 102, 103, 199].map((code): Http1Row => {
    return {
      name: `status ${code} before the answer`,
      send: octets(informational(code, 3), connectReply()),
      want: SAME,
    };
  }),
  ...[100, 102, 103].map(
    (code): Http1Row => ({
      name: `status ${code}, 10,000 times`,
      send: octets(informational(code, 10_000), connectReply()),
      want: { code: 'RESOURCE_EXHAUSTED', details: /more than 100 informational responses/ },
    }),
  ),
  {
    name: 'status 103 with 1 MB of links',
    send: octets(informational(103, 1, `Link: ${'l'.repeat(1_000_000)}`), connectReply()),
    want: TOO_LARGE,
  },
  {
    name: 'status 103 with a body',
    send: octets(head('HTTP/1.1 103 Early', 'Content-Length: 2'), 'ok', connectReply()),
    want: MALFORMED,
  },
  {
    name: 'status 103 of chunks',
    send: octets(head('HTTP/1.1 103 Early', 'Transfer-Encoding: chunked'), connectReply()),
    want: { code: ['OK', 'INTERNAL'], after: 'any' },
  },
  {
    name: 'status 100 behind the head of the answer',
    send: octets(connectHead('Content-Length: 40'), informational(100, 1), NOTE),
    call: { timeoutMs: 400 },
    want: { code: 'DEADLINE_EXCEEDED' },
  },
  {
    name: 'status 100 and silence',
    send: informational(100, 1),
    call: { timeoutMs: 400 },
    want: { code: 'DEADLINE_EXCEEDED' },
  },
  { name: 'status 100 and FIN', send: informational(100, 1), ending: 'FIN', want: { code: 'UNAVAILABLE' } },
  {
    name: 'status 101',
    send: octets(head('HTTP/1.1 101 Switching', 'Connection: Upgrade', 'Upgrade: h2c'), settings()),
    want: { code: 'INTERNAL', details: /status 101 that nothing asked for/ },
  },
  {
    name: 'status 101 without an upgrade',
    send: octets(head('HTTP/1.1 101 Switching'), connectReply()),
    want: { code: 'INTERNAL', details: /status 101 that nothing asked for/ },
  },
  ...[204, 205, 304].flatMap((code): Http1Row[] => [
    {
      name: `status ${code} with a body`,
      send: octets(head(`HTTP/1.1 ${code} x`, ...CONTENT), NOTE),
      want: { code: 'UNKNOWN', details: new RegExp(`HTTP status ${code}`), after: 'any' },
    },
    {
      name: `status ${code} with an error in JSON`,
      send: octets(
        head(`HTTP/1.1 ${code} x`, 'Content-Type: application/json', 'Content-Length: 20'),
        '{"code":"not_found"}',
      ),
      want: { code: ['UNKNOWN', 'NOT_FOUND'], after: 'any' },
    },
  ]),
  ...[300, 301, 302, 303, 305, 307, 308].map((code) =>
    status(
      `${code} to elsewhere`,
      {
        code: 'UNKNOWN',
        details: code === 300 || code === 305 ? /HTTP status 30/ : /redirects are not followed/,
      },
      'Location: http://127.0.0.1:1/',
    ),
  ),
  status(
    '302 to itself',
    { code: 'UNKNOWN', details: /redirects are not followed/ },
    'Location: /hostile.Hostile/UnaryUnary',
  ),
  status('302 without a location', { code: 'UNKNOWN', details: /redirects are not followed/ }),
  status('302 to octets', { code: 'UNKNOWN', details: /redirects are not followed/ }, 'Location: \x80\xff'),
  status('400', { code: 'INTERNAL' }),
  status('401', { code: 'UNAUTHENTICATED' }, 'WWW-Authenticate: Basic'),
  status('404', { code: 'UNIMPLEMENTED' }),
  status('407', { code: 'UNKNOWN', details: /HTTP status 407/ }),
  status('408', { code: ['UNKNOWN', 'UNAVAILABLE'], after: 'any' }, 'Connection: close'),
  status('413', { code: 'UNKNOWN', details: /does not accept requests of this size/ }),
  status('417', { code: 'UNKNOWN' }),
  status(
    '426',
    { code: 'UNKNOWN', details: /does not forward HTTP\/2/, after: 'any' },
    'Connection: Upgrade',
    'Upgrade: h2c',
  ),
  status('429', { code: 'UNAVAILABLE' }, 'Retry-After: 1'),
  status(
    '502',
    { code: 'UNAVAILABLE', details: /a proxy or load balancer answered/ },
    'Content-Type: text/html',
  ),
  status('505', { code: 'UNKNOWN', details: /use HTTP\/2/ }),
  status(
    '200 of a web page',
    { code: 'UNKNOWN', details: /a web server answered/ },
    'Content-Type: text/html',
  ),
];

const other = (name: string, send: Uint8Array, details: RegExp, more: Partial<Http1Row> = {}): Http1Row => ({
  name: `no HTTP/1.1: ${name}`,
  send,
  want: { code: 'UNAVAILABLE', details, origin: 'client' },
  ...more,
});

const OTHERS: readonly Http1Row[] = [
  other('HTTP/0.9', octets('<html>old</html>'), /a page answered \("old"\), not HTTP\/1\.1/, {
    ending: 'FIN',
  }),
  other('the bare reply', NOTE, /something that is not HTTP\/1\.1 answered/, { ending: 'FIN' }),
  other('frames of gRPC', REPLY, /an HTTP\/2 server answered|something that is not HTTP\/1\.1/),
  other('SETTINGS of HTTP/2', settings(), /an HTTP\/2 server answered, which does not speak HTTP\/1\.1/),
  other(
    'SETTINGS of HTTP/2, octet by octet',
    octets(),
    /an HTTP\/2 server answered|something that is not HTTP\/1\.1/,
    {
      ending: (peer) => peer.drip(settings([3, 100]), 2),
    },
  ),
  other(
    'the preface of a client of HTTP/2',
    octets('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    /something that is not HTTP\/1\.1/,
  ),
  other(
    'the request again',
    octets('POST /hostile.Hostile/UnaryUnary HTTP/1.1\r\n\r\n'),
    /something that is not HTTP\/1\.1/,
  ),
  other('a TLS alert', Buffer.from('15030300020228', 'hex'), /a TLS server answered/, { ending: 'FIN' }),
  other(
    'a TLS handshake',
    octets(Buffer.from('160303003d020000390303', 'hex'), Buffer.alloc(50)),
    /a TLS server answered/,
  ),
  other('SSH', octets('SSH-2.0-OpenSSH_9.6\r\n'), /an SSH server answered/),
  other('SMTP', octets('220 mail.test ESMTP\r\n'), /220 mail\.test ESMTP/),
  other('Redis', octets("-ERR unknown command 'POST'\r\n"), /ERR unknown command/),
  other('JSON', octets('{"error":"no"}'), /JSON answered/),
  other('NULs', Buffer.alloc(1000), /an HTTP\/2 server answered|first bytes 00 00/),
  other(
    'octets of every kind',
    Buffer.from(Array.from({ length: 256 }, (_, i) => 255 - i)),
    /first bytes ff fe/,
  ),
  other('1 MB of letters', octets('x'.repeat(1_000_000)), /something that is not HTTP\/1\.1 answered/),
  {
    name: 'no HTTP/1.1: SETTINGS of HTTP/2 behind a right answer',
    send: octets(connectReply(), settings()),
    want: REPLIED,
  },
  {
    name: 'no HTTP/1.1: a single H, and FIN',
    send: octets('H'),
    ending: 'FIN',
    want: { code: 'UNAVAILABLE', details: /closed the connection instead of answering/ },
  },
  {
    name: 'no HTTP/1.1: HTTP/1.0 that ends the body by closing',
    send: octets(head('HTTP/1.0 200 OK', 'Content-Type: application/proto'), NOTE),
    ending: 'FIN',
    want: REPLIED,
  },
  {
    name: 'no HTTP/1.1: HTTP/1.0 of chunks',
    send: octets(
      head('HTTP/1.0 200 OK', 'Content-Type: application/proto', 'Transfer-Encoding: chunked'),
      '4\r\n',
      NOTE,
      '\r\n0\r\n\r\n',
    ),
    ending: 'FIN',
    want: { code: ['OK', 'INTERNAL'] },
  },
  {
    name: 'no HTTP/1.1: HTTP/1.0 that keeps the connection',
    send: octets(head('HTTP/1.0 200 OK', 'Connection: keep-alive', ...CONTENT), NOTE),
    want: { ...REPLIED, after: 'any' },
  },
  {
    name: 'no HTTP/1.1: HTTP/1.0 with a stream of Connect',
    call: STREAM,
    send: octets(head('HTTP/1.0 200 OK', 'Content-Type: application/connect+proto'), REPLY, endOfStream()),
    ending: 'FIN',
    want: REPLIED,
  },
  {
    name: 'no HTTP/1.1: gRPC in an answer of HTTP/1.1',
    send: sized((...lines) => head('HTTP/1.1 200 OK', 'Content-Type: application/grpc', ...lines), REPLY),
    want: { code: 'UNKNOWN', details: /use protocol: 'grpc'/, after: 'any' },
  },
  {
    name: 'no HTTP/1.1: gRPC-Web in answer to Connect',
    call: STREAM,
    send: sized(grpcWebHead, octets(REPLY, trailersFrame())),
    want: { code: 'UNKNOWN', details: /use protocol: 'grpc-web'/, after: 'any' },
  },
  {
    name: 'no HTTP/1.1: a stream of Connect in answer to one message',
    send: sized(connectStreamHead, octets(REPLY, endOfStream())),
    want: { code: ['INTERNAL', 'UNKNOWN'], after: 'any' },
  },
];

const SOURCE = 'RFC 9112 §4, §5; RFC 9110 §15';

export const HTTP1_HEAD_CASES: readonly HostileCase[] = [
  ...STATUS_LINES,
  ...FIELDS,
  ...STATUSES,
  ...OTHERS,
].map((row) => http1Case(SOURCE, row));
