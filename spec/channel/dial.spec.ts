import { expect } from 'chai';
import { describeSocketError } from '../../lib/channel/dial.ts';

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
    /no Unix socket \/run\/x \(ENOENT\)/,
  ],
  [
    'an unknown name',
    socketError({ code: 'ENOTFOUND', hostname: 'a.invalid' }),
    /'a\.invalid' is not known \(ENOTFOUND\)/,
  ],
  ['DNS that does not answer', socketError({ code: 'EAI_AGAIN', hostname: 'a' }), /'a'.*DNS \(EAI_AGAIN\)/],
  ['a reset', socketError({ code: 'ECONNRESET' }), /ECONNRESET/],
  ['a broken pipe', socketError({ code: 'EPIPE' }), /EPIPE/],
  ['what has no words of ours', socketError({ code: 'EWEIRD' }), /^the system says$/],
];

describe('describeSocketError', () => {
  for (const [name, error, text] of cases) {
    it(`tells of ${name}`, () => {
      expect(describeSocketError(error)).to.match(text);
    });
  }
});
