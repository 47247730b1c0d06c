// What `stubless diff` says of two schemas: each row a change, and the rules that tell of it.

import { expect } from 'chai';
import { type Breaks, isBreakingAt } from '../../../lib/cli/diff/change.ts';
import { compare, snapshotsOf } from '../../../lib/cli/diff/compare.ts';
import { Client } from '../../../lib/index.ts';
import { TestServer } from '../../../lib/testing/index.ts';
import { answersFrom, listenReflection } from '../../schema/reflection/reflection-peer.ts';
import { runInProcess } from '../in-process.ts';

async function changes(before: string, after: string): Promise<[string, Breaks][]> {
  const [old, now] = await Promise.all(
    [before, after].map(async (text) => {
      const client = new Client('localhost:1');
      await client.load(/^(?:syntax|edition)/.test(text) ? text : `syntax = "proto3"; package p; ${text}`);
      return snapshotsOf(client).own;
    }),
  );
  return compare(old, now).map(({ rule, breaks }) => [rule, breaks]);
}

const field = (type: string): string => `message M { ${type} a = 1; } message N {} enum E { ZERO = 0; }`;
const ALIKE = ['int32', 'uint32', 'int64', 'uint64', 'bool'];
const ALL_SCALARS = [
  ...ALIKE,
  'sint32',
  'sint64',
  'fixed32',
  'sfixed32',
  'fixed64',
  'sfixed64',
  'float',
  'double',
  'string',
  'bytes',
];
const GROUPS = [ALIKE, ['sint32', 'sint64'], ['fixed32', 'sfixed32'], ['fixed64', 'sfixed64']];

describe('diff', function () {
  this.timeout(30_000);

  for (const from of ALL_SCALARS) {
    it(`knows what may become of ${from} on the wire`, async () => {
      for (const to of [...ALL_SCALARS, 'N', 'E']) {
        if (from === to) continue;
        const isAlike =
          GROUPS.some((group) => group.includes(from) && group.includes(to)) ||
          (from === 'string' && to === 'bytes');
        const expected = isAlike ? ['FIELD_TYPE_WIDENED', 'json'] : ['FIELD_TYPE_CHANGED', 'wire'];
        const found = await changes(field(from), field(to));
        // Messages have presence, which scalars lack.
        expect(found[0], `${from} to ${to}`).to.deep.equal(expected);
      }
    });
  }

  const rows: [string, string, string, [string, Breaks][]][] = [
    [
      'a list of bytes that becomes one of strings',
      field('repeated bytes'),
      field('repeated string'),
      [['FIELD_TYPE_CHANGED', 'wire']],
    ],
    [
      'a map of bytes that becomes one of strings',
      field('map<int32, bytes>'),
      field('map<int32, string>'),
      [['FIELD_TYPE_CHANGED', 'wire']],
    ],
    [
      'a map of strings that becomes one of bytes, with a wider key',
      field('map<int32, string>'),
      field('map<int64, bytes>'),
      [['FIELD_TYPE_WIDENED', 'json']],
    ],
    ['an enum that becomes a number', field('E'), field('int32'), [['FIELD_TYPE_CHANGED', 'wire']]],
    [
      'a list that is packed no longer',
      field('repeated int32'),
      'message M { repeated int32 a = 1 [packed = false]; } message N {} enum E { ZERO = 0; }',
      [['FIELD_PACKED_CHANGED', 'none']],
    ],
    [
      'a message that becomes delimited',
      'edition = "2023"; package p; message M { N n = 1; } message N {}',
      'edition = "2023"; package p; message M { N n = 1 [features.message_encoding = DELIMITED]; } message N {}',
      [['FIELD_ENCODING_CHANGED', 'wire']],
    ],
    [
      'numbers that are reserved no longer',
      'message M { reserved 2, 5 to 9, 20 to max; }',
      'message M { reserved 5 to 6, 8; reserved 20 to max; }',
      [['RESERVED_NUMBER_REMOVED', 'wire']],
    ],
    [
      'a reservation that is written in another way',
      'message M { reserved 2, 3, 4 to 9; }',
      'message M { reserved 2 to 5, 6 to 9; }',
      [],
    ],
    [
      'numbers that are for extensions no longer',
      'syntax = "proto2"; package p; message M { extensions 100 to 199, 1000 to max; }',
      'syntax = "proto2"; package p; message M { extensions 100 to 150; extensions 160 to 199, 1000 to max; }',
      [['EXTENSION_RANGE_REMOVED', 'wire']],
    ],
    [
      'numbers for extensions that are written in another way',
      'syntax = "proto2"; package p; message M { extensions 100 to 199; }',
      'syntax = "proto2"; package p; message M { extensions 100 to 150; extensions 151 to 199; }',
      [],
    ],
    [
      'more numbers for extensions',
      'syntax = "proto2"; package p; message M { extensions 100; }',
      'syntax = "proto2"; package p; message M { extensions 100 to 101; }',
      [['EXTENSION_RANGE_ADDED', 'none']],
    ],
    [
      'a name that is reserved no longer',
      'message M { reserved "old", "older"; }',
      'message M { reserved "old"; }',
      [['RESERVED_NAME_REMOVED', 'json']],
    ],
    [
      'a field in the place of a reservation',
      'message M { reserved 2; }',
      'message M { string a = 2; }',
      [
        ['RESERVED_NUMBER_REMOVED', 'wire'],
        ['FIELD_ADDED', 'none'],
      ],
    ],
    [
      'a field that makes room for a reservation',
      'message M { string a = 2; }',
      'message M { reserved 2; reserved "a"; }',
      [
        ['RESERVED_ADDED', 'none'],
        ['FIELD_REMOVED', 'json'],
      ],
    ],
    [
      'numbers and names of an enum that are reserved no longer',
      'enum E { ZERO = 0; reserved -5 to -3, 2147483647; reserved "OLD"; }',
      'enum E { ZERO = 0; reserved -5 to -4; }',
      [
        ['RESERVED_NUMBER_REMOVED', 'wire'],
        ['RESERVED_NAME_REMOVED', 'json'],
      ],
    ],
    ...(
      [
        ['', 'NO_SIDE_EFFECTS', 'METHOD_IDEMPOTENCY_STRENGTHENED', 'none'],
        ['', 'IDEMPOTENT', 'METHOD_IDEMPOTENCY_STRENGTHENED', 'none'],
        ['IDEMPOTENT', 'NO_SIDE_EFFECTS', 'METHOD_IDEMPOTENCY_STRENGTHENED', 'none'],
        ['NO_SIDE_EFFECTS', 'IDEMPOTENT', 'METHOD_IDEMPOTENCY_WEAKENED', 'wire'],
        ['IDEMPOTENT', '', 'METHOD_IDEMPOTENCY_WEAKENED', 'wire'],
        ['NO_SIDE_EFFECTS', 'IDEMPOTENCY_UNKNOWN', 'METHOD_IDEMPOTENCY_WEAKENED', 'wire'],
      ] as const
    ).map(([from, to, rule, breaks]): [string, string, string, [string, Breaks][]] => [
      `a method that was ${from || 'silent about repetition'} and is ${to || 'silent'}`,
      service(from),
      service(to),
      [[rule, breaks]],
    ]),
  ];
  function service(level: string): string {
    const option = level === '' ? '' : `option idempotency_level = ${level};`;
    return `message N {} service S { rpc Do (N) returns (N) { ${option} } }`;
  }
  for (const [name, before, after, expected] of rows) {
    it(`names ${name}`, async () => {
      expect(await changes(before, after)).to.deep.equal(expected);
    });
  }

  it('counts at a level what breaks at those before it', () => {
    const change = (breaks: Breaks) => ({ rule: 'FIELD_ADDED', breaks, symbol: '', text: '' }) as const;
    expect(isBreakingAt(change('wire'), 'source')).to.equal(true);
    expect(isBreakingAt(change('json'), 'wire')).to.equal(false);
    expect(isBreakingAt(change('none'), 'source')).to.equal(false);
  });

  it('does not take a service for removed whose schema cannot be had', async () => {
    const peer = await listenReflection({ answer: answersFrom([], { services: ['helloworld.Greeter'] }) });
    try {
      const words = [
        'diff',
        'protos/helloworld.proto',
        `127.0.0.1:${peer.port}`,
        '--level',
        'wire',
        '--breaking',
      ];
      const { status, stdout, stderr } = await runInProcess(words);
      expect([status, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.match(
        /^stubless: helloworld\.Greeter: its schema cannot be had: nothing is called helloworld/,
      );
    } finally {
      await peer.close();
    }
  });

  it('leaves out what a server brings along, unless it is asked for', async () => {
    const server = new TestServer('protos/helloworld.proto', {}, { reflection: true, health: true });
    try {
      const { target } = await server.listen();
      const plain = await runInProcess(['diff', target, 'protos/helloworld.proto']);
      expect(plain).to.include({ status: 0, stdout: '' });
      expect(plain.stderr).to.match(
        /^no changes \(not counting \d+ in infrastructure services; --infrastructure shows them\)\n$/,
      );
      const asked = await runInProcess([
        'diff',
        target,
        'protos/helloworld.proto',
        '--infrastructure',
        '--json',
      ]);
      expect(asked.status).to.equal(1);
      expect(asked.stdout).to.match(/"SERVICE_REMOVED".*"grpc\.health\.v1\.Health"/);
    } finally {
      await server.close();
    }
  });
});
