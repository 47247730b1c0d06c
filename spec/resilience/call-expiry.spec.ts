import { expect } from 'chai';
import { type CallPlace, type CallTimes, expiryText, placeText } from '../../lib/call-expiry.ts';
import type { CallExchange, ExchangePhase } from '../../lib/rpc/call-exchange.ts';

const TIMES: CallTimes = {
  startMs: 1000,
  begunMs: undefined,
  openedMs: undefined,
  headersMs: undefined,
  nowMs: 1100,
};

/** As much of an exchange as the text is made of. */
function at(phase: ExchangePhase, attempts = 1, lastFailure = ''): CallExchange {
  return { phase, attempts, lastFailure } as CallExchange;
}

describe('Expiry: what a call was at', () => {
  const cases: readonly (readonly [place: Partial<CallPlace>, text: string])[] = [
    [{}, 'while loading the schema'],
    [{ lastFailure: 'refused' }, 'while loading the schema (the last attempt: refused)'],
    [{ exchange: at('queued'), isAwaitingCredentials: true }, 'while waiting for its credentials'],
    [{ exchange: at('queued') }, 'while waiting for a connection'],
    [
      { exchange: at('queued'), lastFailure: 'refused' },
      'while waiting for a connection (the last attempt: refused)',
    ],
    [
      { exchange: at('queued'), isConnected: true },
      'while waiting for a stream: the server allows no more at a time',
    ],
    [{ exchange: at('writing') }, 'while writing the request: the server takes it no faster'],
    [{ exchange: at('waiting') }, 'while waiting for the response'],
    [{ exchange: at('reading') }, 'while reading the response'],
    [
      { exchange: at('waiting', 2, 'UNAVAILABLE: busy') },
      'while waiting for the response, in attempt 2 (before: UNAVAILABLE: busy)',
    ],
    [
      { exchange: at('backoff', 2, 'UNAVAILABLE: busy') },
      'while waiting before attempt 3 (before: UNAVAILABLE: busy)',
    ],
    [{ exchange: at('reading', 3, 'UNAVAILABLE: busy') }, 'while reading the response, in attempt 3'],
  ];
  for (const [place, text] of cases) {
    it(text, () => {
      const nowhere = {
        exchange: undefined,
        isAwaitingCredentials: false,
        isConnected: false,
        lastFailure: '',
      };
      expect(placeText({ ...nowhere, ...place })).to.equal(text);
    });
  }
});

describe('Expiry: the text', () => {
  const WAITING = 'while waiting for the response';
  it('names whose limit it was', () => {
    expect(expiryText(100, 'timeoutMs', WAITING, TIMES)).to.equal(
      'the timeout of 100 ms passed after 100 ms while waiting for the response',
    );
    expect(expiryText(100, 'deadline', WAITING, TIMES)).to.equal(
      'the deadline passed after 100 ms while waiting for the response',
    );
    expect(expiryText(100, 'service config', WAITING, TIMES)).to.match(
      /^the service config's timeout of 100 ms/,
    );
    expect(expiryText(100, 'default', WAITING, TIMES)).to.match(
      /\(the default of a unary call; the timeoutMs option/,
    );
  });

  const phases: readonly (readonly [times: Partial<CallTimes>, text: string])[] = [
    [{}, ''],
    [{ openedMs: 1000 }, ''],
    [{ begunMs: 1030 }, ': 30 ms for the schema, 70 ms for a stream'],
    [{ openedMs: 1040 }, ': 40 ms for a stream, 60 ms for the response'],
    [
      { begunMs: 1010, openedMs: 1030, headersMs: 1060 },
      ': 10 ms for the schema, 20 ms for a stream, 30 ms for the response, 40 ms reading it',
    ],
    [{ openedMs: 1000.2, headersMs: 1050 }, ': 50 ms for the response, 50 ms reading it'],
  ];
  for (const [times, text] of phases) {
    it(`tells the time of each phase where there was more than one: "${text}"`, () => {
      expect(expiryText(100, 'timeoutMs', WAITING, { ...TIMES, ...times })).to.equal(
        `the timeout of 100 ms passed after 100 ms ${WAITING}${text}`,
      );
    });
  }
});
