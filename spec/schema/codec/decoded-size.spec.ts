// What one message may become: values.maxDecodedBytes. The figures are those of lib/schema/codec/decoded-size.ts.

import { expect } from 'chai';
import fc from 'fast-check';
import { type Client, RpcError, StatusCode } from '../../../lib/index.ts';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { DecodedSizeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import { fromText } from '../../../lib/schema/text/from-text.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { TestServer } from '../../../lib/testing/index.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { registryOf, thrownBy, unhex } from '../schemas.ts';

const SCHEMA = `syntax = "proto3"; package t;
import "google/protobuf/any.proto"; import "google/protobuf/struct.proto";
message Reply {
  repeated Empty empty = 1; optional Empty one = 2; map<string, Empty> map = 3; repeated bytes bytes = 4;
  google.protobuf.Any any = 5; google.protobuf.Struct struct = 6; google.protobuf.ListValue list = 7;
  repeated Some some = 8; repeated int32 numbers = 9; repeated string texts = 10;
}
message Empty {}
message Some { int32 number = 1; repeated int32 list = 2; map<string, int32> map = 3; }
`;

/** The least words with which these octets decode. */
async function wordsOf(hex: string, values: ValueOptions = {}): Promise<number> {
  const bytes = unhex(hex);
  let least = 1;
  let most = 4096;
  while (least < most) {
    const words = (least + most) >> 1;
    const registry = await registryOf([SCHEMA], { ...values, maxDecodedBytes: words * 8 });
    try {
      registry.message('t.Reply').decode(bytes, 0, bytes.length);
      most = words;
    } catch (error) {
      expect(error).to.be.instanceOf(DecodedSizeError);
      least = words + 1;
    }
  }
  return least;
}

interface Row {
  readonly name: string;
  readonly hex: string;
  /** Words that it takes beside an empty Reply. */
  readonly words: number;
  readonly values?: ValueOptions;
}

const EMPTY = 4;
const LIST = 23;
const MAP = 7;
const ENTRY = 12;
const BYTES = 16;
const SOME = 4 + 3 + 4 + 3;

const ROWS: readonly Row[] = [
  { name: 'a message', hex: '1200', words: EMPTY },
  { name: 'a message in two parts', hex: '1200 1200', words: EMPTY },
  { name: 'a list of two messages', hex: '0a00 0a00', words: LIST + 2 * EMPTY },
  { name: 'a message with its list and map', hex: '4200', words: LIST + SOME },
  {
    name: 'the same where lists and maps are left out',
    hex: '4200',
    words: LIST + 4,
    values: { defaults: false },
  },
  { name: 'a message with a list of one number', hex: '4202 1001', words: LIST + SOME + LIST },
  { name: 'a map of two messages', hex: '1a03 0a0161 1a03 0a0162', words: MAP + 2 * (ENTRY + EMPTY) },
  { name: 'bytes', hex: '220141', words: LIST + BYTES },
  { name: 'empty bytes', hex: '2200', words: LIST },
  { name: 'bytes as an array', hex: '22024142', words: LIST + BYTES + 2, values: { bytes: Array } },
  { name: 'bytes as base64', hex: '220141', words: LIST, values: { bytes: String } },
  { name: 'numbers', hex: '4a03 010203', words: LIST },
  { name: 'texts', hex: '520161 520162', words: LIST },
  { name: 'an Any of a type that is there', hex: '2a0a 0a08 2f742e456d707479', words: 8 + 2 * EMPTY },
  { name: 'an Any of another', hex: '2a08 0a03 612f62 1201ff', words: 8 + BYTES },
  { name: 'a Struct of one entry', hex: '3207 0a05 0a0161 1200', words: MAP + ENTRY },
  { name: 'a ListValue', hex: '3a02 0a00', words: LIST },
];

describe('What a message may become (values.maxDecodedBytes)', () => {
  for (const { name, hex, words, values = {} } of ROWS) {
    it(`counts ${name}`, async () => {
      const base = await wordsOf('', values);
      expect((await wordsOf(hex, values)) - base).to.equal(words);
    });
  }

  it('is 128 MiB where nothing is said, or 32 times its size where that is more', async () => {
    const wide = Array.from({ length: 4000 }, (_, i) => `repeated int32 f${i} = ${i + 1};`).join(' ');
    const registry = await registryOf([
      `syntax = "proto3"; message R { repeated W w = 1; string text = 2; } message W { ${wide} }`,
    ]);
    // Objects of 4,000 properties are tables of 8,192 entries of three words; four words a list.
    const each = 4 + 3 * 8192 + 4000 * 4;
    const codec = registry.message('R');
    const reply = (count: number, text: number): Uint8Array =>
      Buffer.concat([Buffer.alloc(2 * count, Uint8Array.of(0x0a, 0)), padding(text)]);
    const most = Math.floor((2 ** 24 - 30) / each);
    const atLimit = reply(most, 0);
    expect(codec.decode(atLimit, 0, atLimit.length)).to.be.an('object');
    const past = reply(most + 1, 0);
    const error = thrownBy(() => codec.decode(past, 0, past.length));
    expect(error).to.be.instanceOf(DecodedSizeError);
    expect(error.message).to.equal(
      `R at w, octet ${past.length}: decoding this message of ${past.length} octets would take more than 134217728 bytes of memory (values.maxDecodedBytes)`,
    );
    const larger = reply(most + 1, 4.2e6);
    expect(codec.decode(larger, 0, larger.length)).to.be.an('object');
  });

  it('is unlimited with Infinity', async () => {
    const registry = await registryOf([SCHEMA], { maxDecodedBytes: Infinity });
    const bytes = Buffer.alloc(100_000, unhex('4200'));
    expect(registry.message('t.Reply').decode(bytes, 0, bytes.length)).to.have.property('some');
  });

  it("does not hold for the caller's own values, which are read and printed whatever they take", async () => {
    const registry = await registryOf([SCHEMA], { maxDecodedBytes: 8 });
    const fields = { some: [{ number: 1 }] };
    const text = 'some {\n  number: 1\n}\n';
    expect(toText(registry, 't.Reply', fields)).to.equal(text);
    expect(toText(registry, 't.Reply', fromText(registry, 't.Reply', text))).to.equal(text);
    const json = { some: [{ number: 1 }] };
    expect(registry.toJson(fields, 't.Reply')).to.deep.equal(json);
    expect(JSON.parse(registry.toJsonText(fields, 't.Reply'))).to.deep.equal(json);
    expect(registry.toJson(registry.fromJson('t.Reply', json))).to.deep.equal(json);
  });

  it('never changes what is decoded, only whether', async () => {
    const free = await registryOf([SCHEMA], { maxDecodedBytes: Infinity });
    const tight = await registryOf([SCHEMA], { maxDecodedBytes: 1000 });
    const parts = ROWS.map(({ hex }) => unhex(hex));
    const property = fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (chosen) => {
      const bytes = Buffer.concat(chosen);
      const whole = free.message('t.Reply').decode(bytes, 0, bytes.length);
      try {
        expect(tight.message('t.Reply').decode(bytes, 0, bytes.length)).to.deep.equal(whole);
      } catch (error) {
        expect(error).to.be.instanceOf(DecodedSizeError);
      }
    });
    fc.assert(property, { numRuns: atLeast(500) });
  });

  it('ends a call with RESOURCE_EXHAUSTED', async () => {
    const schema = `${SCHEMA} service S { rpc Get(Empty) returns (Reply); rpc Put(Reply) returns (Empty); }`;
    const handlers = { 't.S.Get': () => ({ some: [{}, {}] }), 't.S.Put': () => ({}) };
    await using server = new TestServer(schema, handlers, { values: { maxDecodedBytes: 1000 } });
    await using client: Client = await server.client({ values: { maxDecodedBytes: 500 } });
    const error = await client.request('t.S.Get', {}).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(RpcError.is(error) && error.code).to.equal(StatusCode.RESOURCE_EXHAUSTED);
    expect(String(error)).to.match(
      /the reply cannot be decoded: t\.Reply at some, octet \d: decoding this message of 4 octets would take more than 500 bytes of memory \(values\.maxDecodedBytes\)/,
    );
    const refused = await client.request('t.S.Put', { some: Array(50).fill({}) }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(RpcError.is(refused) && refused.code).to.equal(StatusCode.RESOURCE_EXHAUSTED);
  });
});

function padding(length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  const size: number[] = [];
  for (let rest = length; ; rest >>>= 7) {
    if (rest < 128) {
      size.push(rest);
      break;
    }
    size.push((rest & 127) | 128);
  }
  return Buffer.concat([Uint8Array.of(0x12, ...size), Buffer.alloc(length, 'x')]);
}
