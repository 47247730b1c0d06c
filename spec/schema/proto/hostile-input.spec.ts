import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';

import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { parseProto } from '../../../lib/schema/proto/syntax/parse-proto.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { anyText } from '../../support/any-text.ts';

const RUNS = atLeast(300);

const SEEDS = [
  'google/protobuf/descriptor.proto',
  'google/api/http.proto',
  'google/rpc/error_details.proto',
  'buf/validate/validate.proto',
  'gogoproto/gogo.proto',
  'google/protobuf/cpp_features.proto',
  'route_guide.proto',
].map((name) => readFileSync(join('protos', name), 'utf8'));

const TOKEN = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\w+|\s+|\/\/[^\n]*|[^\w\s]/g;

/** A piece of a real file with some tokens dropped, doubled or exchanged. */
const mutatedFile: fc.Arbitrary<string> = fc
  .record({
    seed: fc.nat(SEEDS.length - 1),
    from: fc.nat(),
    length: fc.integer({ min: 10, max: 600 }),
    edits: fc.array(fc.record({ kind: fc.nat(3), at: fc.nat(), other: fc.nat() }), {
      minLength: 1,
      maxLength: 8,
    }),
  })
  .map(({ seed, from, length, edits }) => {
    const all: string[] = SEEDS[seed].match(TOKEN) ?? [];
    const head = all.slice(0, Math.max(0, all.indexOf(';') + 1));
    const start = from % all.length;
    const tokens = [...head, ...all.slice(start, start + length)];
    for (const { kind, at, other } of edits) {
      const i = at % tokens.length;
      const j = other % tokens.length;
      if (kind === 0) tokens.splice(i, 1);
      else if (kind === 1) tokens.splice(i, 0, tokens[j]);
      else if (kind === 2) tokens[i] = tokens[j];
      else [tokens[i], tokens[j]] = [tokens[j], tokens[i]];
      if (tokens.length === 0) tokens.push(';');
    }
    return tokens.join('');
  });

async function outcome(text: string): Promise<string> {
  try {
    const { files } = await loadProtoSource(text, 'fuzz.proto');
    for (const { sourceCodeInfo } of files) expect(sourceCodeInfo).to.be.an('object');
    return 'loaded';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'thrown';
  }
}

describe('Hostile .proto text', () => {
  it('is loaded or refused with a SchemaError that names a place, whatever was done to a real file.', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedFile, async (text) => {
        expect(await outcome(text)).to.match(/^(?:loaded$|SchemaError: fuzz\.proto:\d+:\d+: )/);
      }),
      { numRuns: RUNS },
    );
  });

  it('is refused with a SchemaError when it is random characters.', async () => {
    await fc.assert(
      fc.asyncProperty(anyText({ maxLength: 200 }), async (text) => {
        expect(await outcome(text)).to.match(/^(?:loaded$|SchemaError: fuzz\.proto:\d+:\d+: )/);
      }),
      { numRuns: RUNS },
    );
  });

  it('is never quoted beyond one token of 40 characters when the syntax is wrong.', async () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9]{12,60}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 2, maxLength: 6 }), async (words) => {
        const message = await outcome(`syntax = "proto3"; message A { ${words.join(' ')}`);
        const rest = message.replace(/'[^']*'/, '');
        for (const each of words) expect(rest).not.to.include(each);
        for (const each of words) if (each.length > 40) expect(message).not.to.include(each);
      }),
      { numRuns: RUNS },
    );
  });

  const deep: [name: string, text: string][] = [
    ['messages', 'message A {'.repeat(100_000)],
    ['groups', `syntax = "proto2"; ${'message A { optional group G = 1 {'.repeat(100_000)}`],
    ['aggregates', `option a = {${'a{'.repeat(100_000)}`],
    ['lists', `option a = { b: ${'['.repeat(100_000)}`],
    ['braces in angles', `option a = {${'a<'.repeat(100_000)}`],
  ];
  for (const [name, text] of deep) {
    it(`cannot nest ${name} without end.`, async () => {
      expect(await outcome(text)).to.match(/^SchemaError: fuzz\.proto:1:\d+: /);
    });
  }

  it('cannot make full names add up without end.', async () => {
    const fields = list(9000, (i) => `int32 f${i} = ${i + 1};`);
    const message = (length: number): string =>
      `syntax = "proto3"; message ${'N'.repeat(length)} { ${fields} }`;
    expect(await outcome(message(8193))).to.match(/a full name has more than 8192 characters$/);
    expect(await outcome(message(8100))).to.match(/characters$/);
  });
});

describe('Time to load', () => {
  const shapes: [name: string, source: (count: number) => string][] = [
    ['fields', (n) => `message M { ${list(n, (i) => `string field_${i} = ${number(i)};\n`)} }`],
    [
      'fields of message types',
      (n) => `message Q {} message M { ${list(n, (i) => `Q field_${i} = ${number(i)};\n`)} }`,
    ],
    ['optional fields', (n) => `message M { ${list(n, (i) => `optional int32 f${i} = ${number(i)};\n`)} }`],
    ['enum values', (n) => `enum E { ${list(n, (i) => `V${i} = ${i};\n`)} }`],
    ['messages', (n) => list(n, (i) => `message M${i} { M${i} m = 1; }\n`)],
    ['maps', (n) => `message M { ${list(n, (i) => `map<string, M> f${i} = ${number(i)};\n`)} }`],
    ['reserved numbers', (n) => `message M { ${list(n, (i) => `reserved ${2 * i + 1};\n`)} int32 a = 2; }`],
    ['comments', (n) => list(n, (i) => `/* ${i} */ // ${i}\n`)],
    ['string literals', (n) => `option java_package = ${list(n, (i) => `"\\n${i}" `)};`],
  ];
  for (const [name, source] of shapes) {
    it(`grows with the number of ${name}, not with its square.`, async function () {
      this.timeout(20_000);
      // The garbage collector and a busy machine can spoil a measurement, but not three.
      this.retries(2);
      const measure = async (count: number): Promise<number> => {
        const text = `syntax = "proto3"; ${source(count)}`;
        let best = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 3; i++) {
          const start = performance.now();
          await loadProtoSource(text, 'big.proto');
          best = Math.min(best, performance.now() - start);
        }
        return best;
      };
      const small = await measure(5_000);
      const large = await measure(20_000);
      // Linear is 4, quadratic 16.
      expect(large / small).to.be.below(10);
    });
  }

  it('is nothing for text that is only parsed.', () => {
    const text = `syntax = "proto3"; message M { ${list(10_000, (i) => `string field_${i} = ${number(i)};\n`)} }`;
    expect(parseProto(text, 'big.proto').messageType?.[0].field).to.have.length(10_000);
  });
});

function list(count: number, item: (index: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join('');
}

/** Field numbers without those that protobuf keeps for itself. */
function number(index: number): number {
  return index < 18_999 ? index + 1 : index + 1_001;
}
