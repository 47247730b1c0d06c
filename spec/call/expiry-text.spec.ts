import { expect } from 'chai';
import {
  BEFORE_THE_CALL,
  type CallLimit,
  type CallPlace,
  type CallTimes,
  endedText,
  expiryText,
  isLikelyExpiry,
  placeText,
} from '../../lib/call/expiry-text.ts';
import type { CallExchange, ExchangePhase } from '../../lib/rpc/call-exchange.ts';
import type { Outcome } from '../../lib/rpc/outcome.ts';

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

describe('Expiry: what a call was doing', () => {
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
      { exchange: at('queued'), waitsFor: 'addresses', lastFailure: 'silent' },
      'while waiting for the addresses of the server (the last attempt: silent)',
    ],
    [
      { exchange: at('queued'), waitsFor: 'stream' },
      'while waiting for a stream: the server allows no more at once',
    ],
    [
      { exchange: at('queued'), waitsFor: 'free-connection' },
      'while waiting for a free connection: over HTTP/1.1 each carries one call at a time',
    ],
    [
      { exchange: at('queued', 2, 'UNAVAILABLE: busy'), waitsFor: 'output' },
      'while waiting for the connection, in attempt 2: the server is not reading what was sent before (before: UNAVAILABLE: busy)',
    ],
    [{ exchange: at('writing') }, 'while writing the request: the server reads it too slowly'],
    [{ exchange: at('waiting') }, 'while waiting for the response'],
    [{ exchange: at('reading') }, 'while reading the response'],
    [
      { exchange: at('waiting', 2, 'UNAVAILABLE: busy') },
      'while waiting for the response, in attempt 2 (before: UNAVAILABLE: busy)',
    ],
    [
      { exchange: at('refused', 1, 'UNAVAILABLE: REFUSED_STREAM') },
      'while waiting to be sent again: the server refused it (before: UNAVAILABLE: REFUSED_STREAM)',
    ],
    [
      { exchange: at('backoff', 2, 'UNAVAILABLE: busy') },
      'while waiting before attempt 3 (before: UNAVAILABLE: busy)',
    ],
    [{ exchange: at('reading', 3, 'UNAVAILABLE: busy') }, 'while reading the response, in attempt 3'],
  ];
  for (const [place, text] of cases) {
    it(text, () => {
      const nowhere: CallPlace = {
        exchange: undefined,
        isAwaitingCredentials: false,
        waitsFor: 'connection',
        lastFailure: '',
      };
      expect(placeText({ ...nowhere, ...place })).to.equal(text);
    });
  }
});

describe('Expiry: the text', () => {
  const WAITING = 'while waiting for the response';
  it('names the limit and where it came from', () => {
    expect(expiryText({ value: 100, source: 'timeoutMs' }, WAITING, TIMES)).to.equal(
      'the timeout of 100 ms passed after 100 ms while waiting for the response',
    );
    expect(expiryText({ value: Date.UTC(2026, 0, 2), source: 'deadline' }, WAITING, TIMES)).to.equal(
      'the deadline of 2026-01-02T00:00:00.000Z passed after 100 ms while waiting for the response',
    );
    expect(expiryText({ value: 100, source: 'service config' }, WAITING, TIMES)).to.match(
      /^the service config's timeout of 100 ms/,
    );
    expect(expiryText({ value: 100, source: 'default' }, WAITING, TIMES)).to.match(
      /\(the default of a unary call; the timeoutMs option/,
    );
  });

  it('says that a deadline in the past had passed before the call was made', () => {
    expect(
      expiryText({ value: 5, source: 'deadline' }, BEFORE_THE_CALL, { ...TIMES, nowMs: TIMES.startMs }),
    ).to.equal('the deadline of 1970-01-01T00:00:00.005Z had passed before the call was made');
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
    it(`tells the time of each phase if there was more than one: "${text}"`, () => {
      expect(expiryText({ value: 100, source: 'timeoutMs' }, WAITING, { ...TIMES, ...times })).to.equal(
        `the timeout of 100 ms passed after 100 ms ${WAITING}${text}`,
      );
    });
  }
});

describe('Expiry: the note to an end that somebody else decided', () => {
  const limits: readonly (readonly [limit: CallLimit, text: string])[] = [
    [
      { value: 110, source: 'timeoutMs' },
      'after 100 ms of the timeout of 110 ms, while waiting for the response',
    ],
    [
      { value: 110, source: 'default' },
      'after 100 ms of the timeout of 110 ms, the default of a unary call, while waiting for the response',
    ],
    [
      { value: 110, source: 'service config' },
      "after 100 ms of the service config's timeout of 110 ms, while waiting for the response",
    ],
    [
      { value: Date.UTC(2026, 0, 2), source: 'deadline' },
      'after 100 ms, with the deadline of 2026-01-02T00:00:00.000Z, while waiting for the response',
    ],
    [
      { value: 1e300, source: 'deadline' },
      'after 100 ms, with the deadline of 1e+300 ms since 1970, while waiting for the response',
    ],
    [
      { value: Infinity, source: 'default' },
      'after 100 ms; the call has no deadline here, while waiting for the response',
    ],
  ];
  for (const [limit, text] of limits) {
    it(text, () => {
      expect(endedText(limit, 'while waiting for the response', TIMES)).to.equal(text);
    });
  }

  const outcomes: readonly (readonly [
    name: string,
    outcome: Outcome,
    ends: Partial<CallExchange>,
    near: boolean,
    far: boolean,
  ])[] = [
    ['grpc-status 4', { code: 4, details: '', origin: 'server' }, { trailers: [] }, true, true],
    ['grpc-status 1', { code: 1, details: '', origin: 'server' }, { trailers: [] }, false, false],
    ['RST_STREAM(CANCEL)', { code: 1, details: '', origin: 'server' }, {}, true, false],
    ['HTTP 504', { code: 14, details: '', origin: 'client' }, { headers: [':status', '504'] }, true, false],
    [
      'HTTP 504 without a body',
      { code: 14, details: '', origin: 'client' },
      { trailers: [':status', '504'] },
      true,
      false,
    ],
    ['HTTP 408', { code: 2, details: '', origin: 'client' }, { headers: [':status', '408'] }, true, false],
    ['HTTP 503', { code: 14, details: '', origin: 'client' }, { headers: [':status', '503'] }, false, false],
    [
      'grpc-status 14',
      { code: 14, details: '', origin: 'server' },
      { headers: [':status', '200'], trailers: [] },
      false,
      false,
    ],
  ];
  for (const [name, outcome, ends, near, far] of outcomes) {
    it(`${name} ${near ? 'is likely to be' : 'is not'} for the deadline${near === far ? '' : ', where that is near'}`, () => {
      const exchange = { headers: undefined, trailers: undefined, ...ends } as CallExchange;
      expect([true, false].map((isNear) => isLikelyExpiry(outcome, exchange, isNear))).to.deep.equal([
        near,
        far,
      ]);
    });
  }
});
