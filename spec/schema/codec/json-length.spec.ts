// How long JSON text may be: values.maxJsonCharacters.

import { expect } from 'chai';
import { Client } from '../../../lib/index.ts';
import { writeJson } from '../../../lib/schema/codec/json/json-writer.ts';
import { isJsonLonger } from '../../../lib/schema/codec/json-length.ts';
import { closing } from '../../support/closing.ts';

const SCHEMA = `syntax = "proto3"; package t;
  message M { string text = 1; repeated double numbers = 2; map<string, M> more = 3; }`;

describe('JSON text (values.maxJsonCharacters)', () => {
  const open = closing();

  const values: readonly (readonly [string, unknown])[] = [
    ['nothing', {}],
    ['an empty list', { a: [] }],
    ['scalars', [null, true, false, 0, -1.5, 1e-45, 'text']],
    ['negative zero', { a: -0 }],
    ['what is escaped', { 'a"\n': 'b\\\u0001\ud800 \u2028 \u{1f600}' }],
    ['members that are not there', { a: undefined, b: 1, c: undefined }],
    ['no members that are there', { a: undefined }],
    ['levels', { a: [{ b: [[], [1, [2]]], c: {} }, {}], d: 'e' }],
  ];
  for (const [name, value] of values) {
    for (const indent of [0, 2]) {
      it(`is counted to the character: ${name}, indented by ${indent}`, () => {
        const { length } = writeJson(value, indent);
        expect(isJsonLonger(value, indent, length)).to.equal(false);
        expect(isJsonLonger(value, indent, length - 1)).to.equal(true);
      });
    }
  }

  async function clientOf(maxJsonCharacters?: number): Promise<Client> {
    const client = open(new Client('127.0.0.1:1', { values: { maxJsonCharacters } }));
    await client.load(SCHEMA);
    return client;
  }

  for (const numbers of [[1], [-0]]) {
    it(`is refused past the limit${Object.is(numbers[0], -0) ? ', with a negative zero' : ''}`, async () => {
      const message = { text: 'x', numbers, more: { a: { text: 'y' } } };
      const text = (await clientOf(Infinity)).toJsonString('t.M', message, { indent: 2 });
      const enough = await clientOf(text.length);
      expect(enough.toJsonString('t.M', message, { indent: 2 })).to.equal(text);
      const scarce = await clientOf(text.length - 1);
      expect(() => scarce.toJsonString('t.M', message, { indent: 2 })).to.throw(
        RangeError,
        `t.M: its JSON would be more than ${text.length - 1} characters of text (values.maxJsonCharacters)`,
      );
      expect(scarce.toJsonString('t.M', message)).to.have.length.below(text.length);
    });
  }

  it('has 32 Mi characters at most where nothing is said', async () => {
    const client = await clientOf();
    const around = '{"text":""}'.length;
    const most = 32 * 1024 * 1024;
    expect(client.toJsonString('t.M', { text: 'x'.repeat(most - around) })).to.have.length(most);
    expect(() => client.toJsonString('t.M', { text: 'x'.repeat(most - around + 1) })).to.throw(
      RangeError,
      'maxJsonCharacters',
    );
  });
});
