import { expect } from 'chai';
import { describeSocketError } from '../../../lib/channel/socket/socket-errors.ts';

function socketError(fields: object, message = 'the system says'): Error {
  return Object.assign(new Error(message), fields);
}

const refused = (address: string) =>
  socketError({ code: 'ECONNREFUSED', syscall: 'connect', address, port: 7 });

const cases: readonly (readonly [name: string, error: Error, text: RegExp])[] = [
  ['a refused connection', refused('127.0.0.1'), /^nothing listens on 127\.0\.0\.1:7 \(ECONNREFUSED\)$/],
  ['one over IPv6', refused('::1'), /^nothing listens on \[::1\]:7 \(ECONNREFUSED\)$/],
  [
    'one at each address of a name',
    new AggregateError([refused('::1'), refused('127.0.0.1')]),
    /\[::1\]:7 .*; nothing listens on 127\.0\.0\.1:7/,
  ],
  [
    'a missing Unix socket',
    socketError({ code: 'ENOENT', syscall: 'connect', address: '/run/x' }),
    /no Unix socket \/run\/x; is the server running.*\(ENOENT\)/,
  ],
  [
    'an unknown name',
    socketError({ code: 'ENOTFOUND', hostname: 'a.invalid' }),
    /'a\.invalid' is not known to DNS; check its spelling.*\(ENOTFOUND\)/,
  ],
  [
    'DNS that does not answer',
    socketError({ code: 'EAI_AGAIN', hostname: 'a' }),
    /'a'.*no answer from DNS; check.*\(EAI_AGAIN\)/,
  ],
  [
    'a name server that is not there',
    socketError({ code: 'ECONNREFUSED', syscall: 'queryA', hostname: 'a.test' }),
    /^the host name 'a\.test' could not be looked up: the name server cannot be reached.*\(ECONNREFUSED\)$/,
  ],
  [
    'one that does not answer',
    socketError({ code: 'ETIMEOUT', syscall: 'queryA', hostname: 'a.test' }),
    /'a\.test' could not be looked up: the name server did not answer \(ETIMEOUT\)$/,
  ],
  [
    'one that fails',
    socketError({ code: 'ESERVFAIL', syscall: 'queryA', hostname: 'a.test' }),
    /'a\.test' could not be looked up: the name server reported a failure of its own.*\(ESERVFAIL\)$/,
  ],
  [
    'one that refuses',
    socketError({ code: 'EREFUSED', syscall: 'queryAaaa', hostname: 'a.test' }),
    /'a\.test' could not be looked up: the name server refuses.*\(EREFUSED\)$/,
  ],
  [
    'one that answers something else',
    socketError({ code: 'EFORMERR', syscall: 'queryA', hostname: 'a.test' }),
    /'a\.test' could not be looked up: the name server does not understand.*\(EFORMERR\)$/,
  ],
  [
    'a name that a name server does not know',
    socketError({ code: 'ENOTFOUND', syscall: 'queryA', hostname: 'a.test' }),
    /'a\.test' is not known to DNS.*\(ENOTFOUND\)$/,
  ],
  [
    'a host that cannot be reached',
    socketError({ code: 'EHOSTUNREACH', syscall: 'connect', address: '10.9.9.9', port: 7 }),
    /host 10\.9\.9\.9:7; check.*\(EHOSTUNREACH\)/,
  ],
  [
    'a network that cannot be reached',
    socketError({ code: 'ENETUNREACH', syscall: 'connect', address: '2001:db8::1', port: 7 }),
    /\[2001:db8::1\]:7; is this machine online.*\(ENETUNREACH\)/,
  ],
  [
    'no answer',
    socketError({ code: 'ETIMEDOUT', syscall: 'connect', address: '10.9.9.9', port: 7 }),
    /no answer from 10\.9\.9\.9:7/,
  ],
  [
    'a firewall',
    socketError({ code: 'EPERM', syscall: 'connect', address: '10.9.9.9', port: 7 }),
    /may not connect to 10\.9\.9\.9:7/,
  ],
  ['too many files', socketError({ code: 'EMFILE' }), /ulimit -n/],
  [
    'a Unix socket that is not allowed',
    socketError({ code: 'EACCES', syscall: 'connect', address: '/run/x' }),
    /may not use the Unix socket \/run\/x; check its permissions.*\(EACCES\)/,
  ],
  [
    'an abstract socket',
    socketError({ code: 'ECONNREFUSED', syscall: 'connect', address: '\0x' }),
    /Unix socket @x/,
  ],
  [
    'a path that is too long',
    socketError({ code: 'EINVAL', syscall: 'connect', address: `/${'x'.repeat(107)}` }),
    /has 108 bytes; at most 107 are allowed \(EINVAL\)/,
  ],
  [
    'a path that is not',
    socketError({ code: 'EINVAL', syscall: 'connect', address: `/${'x'.repeat(106)}` }),
    /^the system says$/,
  ],
  ['a reset', socketError({ code: 'ECONNRESET' }), /ECONNRESET/],
  ['a broken pipe', socketError({ code: 'EPIPE' }), /EPIPE/],
  ['what has no words of ours', socketError({ code: 'EWEIRD' }), /^the system says$/],
];

describe('describeSocketError', () => {
  it('names the name server that was asked', () => {
    const error = socketError({ code: 'ESERVFAIL', syscall: 'queryA', hostname: 'a.test' });
    expect(describeSocketError(error, 'a.test', '127.0.0.1:5353')).to.include(
      'the name server 127.0.0.1:5353 reported a failure of its own',
    );
  });

  for (const [name, error, text] of cases) {
    it(`tells of ${name}`, () => {
      expect(describeSocketError(error)).to.match(text);
    });
  }
});
