import { expect } from 'chai';
import { formatDifferences } from '../../../lib/schema/matching/difference.ts';
import { PatternError } from '../../../lib/schema/matching/pattern-error.ts';
import { compileStatusPattern } from '../../../lib/schema/matching/status-pattern.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { rpcError, TestServer } from '../../../lib/testing/index.ts';
import type { RpcError } from '../../../lib/values/rpc-error.ts';

const SCHEMA = `
syntax = "proto3"; package shop; import "google/protobuf/empty.proto";
message Reason { string text = 1; int64 amount = 2; }
service Shop { rpc Buy(google.protobuf.Empty) returns (google.protobuf.Empty); }`;

const DETAILS = [
  { '@type': 'google.rpc.BadRequest', fieldViolations: [{ field: 'amount', description: 'too large' }] },
  { '@type': 'google.rpc.RetryInfo', retryDelay: '1.5s' },
  { '@type': 'shop.Reason', text: 'poor', amount: 7n },
];

describe('patterns for how a call ended', () => {
  const registry = new Registry();
  let server: TestServer;
  let error: RpcError;

  before(async () => {
    server = new TestServer(SCHEMA, {
      Buy: () => {
        throw rpcError('INVALID_ARGUMENT', 'no more than 5', { errorDetails: DETAILS });
      },
    });
    const client = await server.client();
    error = await client.request('Buy').then(
      () => expect.fail('it did not fail'),
      (reason: RpcError) => reason,
    );
  });
  after(() => server.close());

  const differences = (pattern: unknown): string[] => {
    const text = formatDifferences(compileStatusPattern(registry, pattern).differences(error));
    return text === '' ? [] : text.split('\n');
  };

  const MATCHING: readonly unknown[] = [
    'INVALID_ARGUMENT',
    3,
    ['NOT_FOUND', 'INVALID_ARGUMENT'],
    { code: [5, 3], message: 'no more than 5' },
    { code: { $not: 'OK' }, message: { $contains: 'more' } },
    { message: /^no more/ },
    { details: [{ '@type': 'google.rpc.RetryInfo', retryDelay: { $atMost: '2s' } }] },
    { details: [{ '@type': 'google.rpc.RetryInfo' }, { '@type': 'google.rpc.BadRequest' }] },
    { details: [{ '@type': 'google.rpc.BadRequest', fieldViolations: [{ field: 'amount' }] }] },
    { details: { $length: 3, $contains: { '@type': 'google.rpc.RetryInfo', retryDelay: '1.5s' } } },
  ];
  for (const pattern of MATCHING) {
    it(`match ${JSON.stringify(pattern)}`, () => {
      expect(differences(pattern)).to.deep.equal([]);
    });
  }

  const SHOWN =
    '  got INVALID_ARGUMENT "no more than 5", details [{ @type: "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "amount", description: "too large" }] }, { @type: "type.googleapis.com/google.rpc.RetryInfo", … }, … 1 more]';
  const DIFFERING: readonly { readonly pattern: unknown; readonly lines: readonly string[] }[] = [
    { pattern: 'NOT_FOUND', lines: ['code:', '  expected NOT_FOUND', SHOWN] },
    { pattern: ['NOT_FOUND', 16], lines: ['code:', '  expected NOT_FOUND or UNAUTHENTICATED', SHOWN] },
    {
      pattern: { code: 'NOT_FOUND', details: [] },
      lines: ['code: expected NOT_FOUND, got INVALID_ARGUMENT "no more than 5"'],
    },
    { pattern: { message: 'x' }, lines: ['message: expected "x", got "no more than 5"'] },
    {
      pattern: { details: [{ '@type': 'google.rpc.BadRequest', fieldViolations: [{ field: 'id' }] }] },
      lines: ['details[0].fieldViolations[0].field: expected "id", got "amount"'],
    },
    {
      pattern: { details: [{ '@type': 'google.rpc.Help' }] },
      lines: [
        'details:',
        '  expected a detail { @type: "google.rpc.Help" }',
        '  got "google.rpc.BadRequest, google.rpc.RetryInfo, shop.Reason"',
      ],
    },
    {
      pattern: {
        details: { $exactly: [{ '@type': 'google.rpc.BadRequest' }, { '@type': 'google.rpc.RetryInfo' }] },
      },
      lines: [],
    },
  ];
  for (const { pattern, lines } of DIFFERING.filter((one) => one.lines.length > 0)) {
    it(`show what differs from ${JSON.stringify(pattern)}`, () => {
      expect(differences(pattern)).to.deep.equal(lines);
    });
  }

  it('take a detail more for a difference, if they are exact', () => {
    const pattern = { details: { $exactly: [{ '@type': 'google.rpc.BadRequest' }] } };
    expect(differences(pattern)[0]).to.match(/^details\[0\]\.fieldViolations: expected nothing/);
  });

  it('match a status, which has no details', async () => {
    const status = await (await server.client()).request('Buy').status;
    const found = compileStatusPattern(registry, { code: 3, details: [{ '@type': 'google.rpc.Help' }] });
    expect(formatDifferences(found.differences(status))).to.equal(
      'details: expected a detail { @type: "google.rpc.Help" }, got no details',
    );
  });

  const REFUSED: readonly { readonly pattern: unknown; readonly message: string }[] = [
    {
      pattern: 'NOT_FUND',
      message: `expected a status code from 0 to 16 or its name, got "NOT_FUND"; did you mean 'NOT_FOUND'?`,
    },
    { pattern: 17, message: 'expected a status code from 0 to 16 or its name, got 17' },
    { pattern: { code: 1.5 }, message: 'code: expected a status code from 0 to 16 or its name, got 1.5' },
    { pattern: { code: [] }, message: 'code: expected a status code, got an empty list' },
    { pattern: { codee: 5 }, message: "a status has no 'codee'; did you mean 'code'?" },
    { pattern: { message: 5 }, message: 'message: expected text, got 5' },
    {
      pattern: { details: [{ '@type': 'google.rpc.BadRequest', fieldViolation: [] }] },
      message:
        "details[0].fieldViolation: google.rpc.BadRequest has no field 'fieldViolation'; did you mean 'fieldViolations'?",
    },
  ];
  for (const { pattern, message } of REFUSED) {
    it(`refuse ${JSON.stringify(pattern)}`, () => {
      expect(() => compileStatusPattern(registry, pattern))
        .to.throw(PatternError)
        .with.property('message', message);
    });
  }
});
