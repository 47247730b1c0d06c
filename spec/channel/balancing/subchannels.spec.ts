import { expect } from 'chai';
import { joinFailures } from '../../../lib/channel/balancing/subchannels.ts';
import { type Attempt, type Failure, failureText } from '../../../lib/channel/connection/failure.ts';

const to = (target: string, proxy?: string): Attempt => ({ verb: 'connect', target, proxy });
const talkTo = (target: string): Attempt => ({ verb: 'talk', target });

describe('Failures of several addresses', () => {
  const cause = new Error('ECONNREFUSED');
  const other = new Error('ETIMEDOUT');
  const REFUSED = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const cases: readonly (readonly [
    name: string,
    failures: readonly (readonly [address: string, failure: Failure])[],
    reason: string,
    causes: readonly unknown[] | undefined,
  ])[] = [
    [
      'say once what all begin with, and each address',
      [
        ['10.0.0.1:7', { attempt: to('greeter:7'), reason: 'refused', cause }],
        ['10.0.0.2:7', { attempt: to('greeter:7'), reason: 'timed out', cause: other }],
      ],
      'cannot connect to greeter:7: 10.0.0.1:7: refused; 10.0.0.2:7: timed out',
      [cause, other],
    ],
    [
      'are of both loopback addresses where both refuse',
      [
        ['127.0.0.1:7', { attempt: to('localhost:7'), reason: 'refused', cause: REFUSED }],
        ['[::1]:7', { attempt: to('localhost:7'), reason: 'refused', cause: REFUSED }],
      ],
      'cannot connect to localhost:7: 127.0.0.1:7: refused; [::1]:7: refused',
      [REFUSED, REFUSED],
    ],
    [
      'say once which proxy they went through',
      [
        ['10.0.0.1:7', { attempt: to('greeter:7', 'http://127.0.0.1:8'), reason: 'refused', cause }],
        ['10.0.0.2:7', { attempt: to('greeter:7', 'http://127.0.0.1:8'), reason: 'lost', cause: other }],
      ],
      'cannot connect to greeter:7 through the proxy http://127.0.0.1:8: 10.0.0.1:7: refused; 10.0.0.2:7: lost',
      [cause, other],
    ],
    [
      'say once what all begin with where the path of a socket has a blank',
      [
        ['unix:/a b', { attempt: to('unix:/a b'), reason: 'refused', cause }],
        ['10.0.0.2:7', { attempt: to('unix:/a b'), reason: 'lost', cause: other }],
      ],
      'cannot connect to unix:/a b: unix:/a b: refused; 10.0.0.2:7: lost',
      [cause, other],
    ],
    [
      'name an address once',
      [
        ['10.0.0.1:7', { attempt: talkTo('greeter:7'), reason: '10.0.0.1:7 refused', cause }],
        ['10.0.0.2:7', { attempt: talkTo('greeter:7'), reason: 'lost', cause: undefined }],
      ],
      'cannot talk to greeter:7: 10.0.0.1:7 refused; 10.0.0.2:7: lost',
      [cause],
    ],
    [
      'are whole where they begin otherwise',
      [
        ['10.0.0.1:7', { attempt: to('a:7'), reason: 'refused', cause: undefined }],
        ['10.0.0.2:7', { attempt: talkTo('a:7'), reason: 'lost', cause: undefined }],
      ],
      'cannot connect to a:7: 10.0.0.1:7: refused; 10.0.0.2:7: cannot talk to a:7: lost',
      undefined,
    ],
    [
      'are whole where they begin with nothing of the kind',
      [
        ['10.0.0.1:7', { reason: 'so it cannot connect to a:7: refused', cause: undefined }],
        ['10.0.0.2:7', { reason: 'lost', cause: undefined }],
      ],
      '10.0.0.1:7: so it cannot connect to a:7: refused; 10.0.0.2:7: lost',
      undefined,
    ],
  ];
  for (const [name, failures, reason, causes] of cases) {
    it(name, () => {
      const joined = joinFailures(failures);
      expect(failureText(joined)).to.equal(reason);
      if (causes === undefined) expect(joined.cause).to.equal(undefined);
      else {
        expect(joined.cause).to.be.an.instanceof(AggregateError).with.property('message', reason);
        expect((joined.cause as AggregateError).errors).to.deep.equal(causes);
      }
    });
  }

  it('are that of the loopback address that does not refuse', () => {
    const failure = { attempt: to('localhost:7'), reason: 'no TLS', cause: other };
    const refused = { attempt: to('localhost:7'), reason: 'refused', cause: REFUSED };
    expect(
      joinFailures([
        ['[::1]:7', failure],
        ['127.0.0.1:7', refused],
      ]),
    ).to.equal(failure);
  });

  const alone: readonly (readonly [address: string, attempt: Attempt, hint: string])[] = [
    [
      '127.0.0.1:7',
      to('127.0.0.1:7'),
      '; if the server listens on IPv6 alone, give [::1]:7, or localhost:7 for both',
    ],
    [
      '[::1]:7',
      to('[::1]:7'),
      '; if the server listens on IPv4 alone, give 127.0.0.1:7, or localhost:7 for both',
    ],
    ['127.0.0.1:7', to('localhost:7'), '; if the server listens on IPv6 alone, give [::1]:7'],
    ['10.0.0.1:7', to('10.0.0.1:7'), ''],
    ['127.0.0.1:7', to('a:7', 'http://127.0.0.1:8'), ''],
  ];
  for (const [address, attempt, hint] of alone) {
    const text = failureText({ attempt, reason: 'refused' });
    it(`name the other address of this machine, or do not: ${text} at ${address}`, () => {
      const joined = joinFailures([[address, { attempt, reason: 'refused', cause: REFUSED }]]);
      expect(failureText(joined)).to.equal(text + hint);
      expect(joined.cause).to.equal(REFUSED);
    });
  }

  it('are that of the one where there is one', () => {
    const failure = { attempt: to('a:7'), reason: 'refused', cause };
    expect(joinFailures([['10.0.0.1:7', failure]])).to.equal(failure);
  });
});
