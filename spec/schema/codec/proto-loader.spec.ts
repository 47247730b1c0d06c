import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { DecodeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { repositoryRoot } from '../../suites/bench/native.ts';

// Both decode the same octets under the same options; each difference has to be one that the table in
// docs/values.md owns up to. proto-loader makes code at run time, so it runs in a process of its own, where that
// is allowed whatever this one allows.

const SCHEMA = join(repositoryRoot(), 'spec', 'schema', 'codec', 'proto-loader.proto');
const TYPE = 'loader.Everything';

type Fields = Record<string, unknown>;
type OptionName = keyof ValueOptions;

/** The options by names that cross to the other process. */
type Options = { readonly [name in OptionName]?: string | boolean };

const CONSTRUCTORS: Readonly<Record<string, unknown>> = { BigInt, String, Number, Array };

function forUs(options: Options): ValueOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'string' ? CONSTRUCTORS[value] : value,
    ]),
  );
}

/** What the other process runs. Values that JSON has not are marked. */
const PEER = `
import { loadSync } from '@grpc/proto-loader';
const [schema, work] = process.argv.slice(1);
const shown = (value) => {
  if (Buffer.isBuffer(value)) return { $bytes: [...value] };
  if (typeof value !== 'object' || value === null) return value;
  if (value.constructor?.name === 'Long' || ('low' in value && 'unsigned' in value)) return { $long: value.toString() };
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
};
const constructors = { String, Number, Array };
console.log(JSON.stringify(JSON.parse(work).map(({ options, octets }) => {
  const given = Object.fromEntries(Object.entries(options).map(([k, v]) => [k, constructors[v] ?? v]));
  const { Echo } = loadSync(schema, given)['loader.Loader'];
  return shown(Echo.responseDeserialize(Buffer.from(octets)));
})));
`;

/** The same marks on our values. */
function shown(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (value instanceof Uint8Array) return { $bytes: [...value] };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}

const FULL = {
  foo_bar: 1,
  foo_bar_2x: 2,
  big: 123456789012n,
  color: 'GREEN',
  data: Buffer.from([1, 2, 255]),
  list: [1, 2],
  longs: [1n, -2n],
  counts: { a: 1 },
  text: 'chosen',
  child: { name: 'inner' },
  maybe: 0,
};

const { files } = await loadProto([SCHEMA]);
const encoder = new Registry();
encoder.add(files, SCHEMA);

function octets(fields: object): number[] {
  const { bytes, start, end } = encoder.message(TYPE).encode(fields, 0);
  return [...bytes.subarray(start, end)];
}

const MESSAGES: Readonly<Record<string, number[]>> = {
  empty: octets({}),
  full: octets(FULL),
  'with an enum number that has no name': octets({ color: 77 }),
};

const OPTIONS: readonly Options[] = [
  {},
  { keepCase: true },
  { longs: 'String' },
  { longs: 'Number' },
  { enums: 'String' },
  { enums: 'Number' },
  { bytes: 'Array' },
  { bytes: 'String' },
  { defaults: true },
  { defaults: false },
  { arrays: true },
  { arrays: true, defaults: false },
  { objects: true },
  { objects: true, defaults: false },
  { oneofs: true },
  { oneofs: true, defaults: false },
  { keepCase: true, longs: 'String', enums: 'String', defaults: true, oneofs: true },
];

function ours(options: Options, bytes: readonly number[]): Fields {
  const registry = new Registry(forUs(options));
  registry.add(files, SCHEMA);
  const reply = registry.message(TYPE).decode(Uint8Array.from(bytes), 0, bytes.length);
  return shown(registry.toObject(reply)) as Fields;
}

const marked = (value: unknown, mark: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (mark in value || (Array.isArray(value) && value.every((item) => marked(item, mark))));

const isDefault = (value: unknown): boolean =>
  [0, '0', '', false, 'RED'].includes(value as string) ||
  marked(value, '$bigint') ||
  JSON.stringify(value) === '{"$bytes":[]}' ||
  JSON.stringify(value) === '[]' ||
  JSON.stringify(value) === '{}';

/** The row of the table that a difference belongs to; undefined for one that is not in it. */
function row(options: Options, key: string, here: unknown, there: unknown): OptionName | undefined {
  // What protobufjs's camel case makes of foo_bar_2x.
  if ((key === 'fooBar_2x' || key === 'fooBar2x') && options.keepCase !== true) return 'keepCase';
  if (options.longs === undefined && marked(here, '$bigint') && marked(there, '$long')) return 'longs';
  if (options.enums === undefined && typeof here === 'string' && typeof there === 'number') return 'enums';
  if (there === undefined && options.defaults === undefined && isDefault(here)) return 'defaults';
  if (here === undefined && there === null && options.defaults === true) return 'defaults';
  if (options.oneofs === true && key === '_maybe' && here === undefined && there === 'maybe') return 'oneofs';
  return undefined;
}

/** The rows of the table, by option: the last cell. */
function documented(): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of readFileSync(join(repositoryRoot(), 'docs', 'values.md'), 'utf8').split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const option = /^`(\w+)`$/.exec(cells[1] ?? '')?.[1];
    if (option !== undefined && cells.length === 7) rows.set(option, cells[5]);
  }
  return rows;
}

describe('Value options, beside @grpc/proto-loader (docs/values.md)', () => {
  const cases = OPTIONS.flatMap((options) =>
    Object.entries(MESSAGES).map(([name, bytes]) => ({ options, name, octets: bytes })),
  );
  const seen = new Set<OptionName>();
  let theirs: Fields[] = [];

  before(function () {
    this.timeout(30_000);
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', PEER, SCHEMA, JSON.stringify(cases)],
      { encoding: 'utf8', cwd: repositoryRoot(), env: { ...process.env, NODE_OPTIONS: '' } },
    );
    expect(status, stderr).to.equal(0);
    theirs = JSON.parse(stdout);
  });

  cases.forEach(({ options, name, octets: bytes }, i) => {
    it(`differ only as the table says: ${JSON.stringify(options)}, ${name}`, () => {
      const here = ours(options, bytes);
      const there = theirs[i];
      for (const key of new Set([...Object.keys(here), ...Object.keys(there)])) {
        // Inside a message the same holds as outside.
        if (
          key === 'child' &&
          typeof here[key] === 'object' &&
          typeof there[key] === 'object' &&
          there[key] !== null
        )
          continue;
        if (JSON.stringify(here[key]) === JSON.stringify(there[key])) continue;
        const option = row(options, key, here[key], there[key]);
        const difference = `${key}: here ${JSON.stringify(here[key])}, there ${JSON.stringify(there[key])}`;
        expect(option, difference).to.not.equal(undefined);
        if (option !== undefined) seen.add(option);
      }
    });
  });

  it('have a row in the table for every option, and differ where it says so', () => {
    const rows = documented();
    expect([...rows.keys()]).to.have.members([
      'keepCase',
      'longs',
      'enums',
      'bytes',
      'defaults',
      'arrays',
      'objects',
      'oneofs',
    ]);
    for (const option of seen) expect(rows.get(option), option).to.not.equal('same');
    expect([...seen]).to.have.members(['keepCase', 'longs', 'enums', 'defaults', 'oneofs']);
  });

  it('refuse unsafe integers as Number, which proto-loader rounds', () => {
    const bytes = octets({ big: 2n ** 60n + 1n });
    expect(() => ours({ longs: 'Number' }, bytes)).to.throw(DecodeError, 'safe integer');
  });

  it('give bytes of their own, which proto-loader gives out of the received memory', () => {
    const bytes = Uint8Array.from(octets({ data: Buffer.from([1, 2, 3]) }));
    const reply = encoder.message(TYPE).decode(bytes, 0, bytes.length) as { data: Uint8Array };
    bytes.fill(0);
    expect([...reply.data]).to.deep.equal([1, 2, 3]);
  });
});
