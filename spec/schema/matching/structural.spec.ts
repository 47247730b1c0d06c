import { expect } from 'chai';
import { formatDifferences } from '../../../lib/schema/matching/difference.ts';
import { compileStructuralPattern } from '../../../lib/schema/matching/pattern.ts';

function differences(value: unknown, pattern: unknown): string[] {
  const text = formatDifferences(compileStructuralPattern(pattern).differences(value));
  return text === '' ? [] : text.split('\n');
}

describe('patterns for values whose type is not known', () => {
  const VALUE = {
    id: 7n,
    big: '9007199254740993',
    name: 'x',
    data: Uint8Array.of(1, 2),
    at: { seconds: 5n, nanos: 0 },
    items: [{ price: 1.5 }, { price: 2 }],
    labels: { a: '1' },
    none: undefined,
  };

  it('match in whichever spelling values have', () => {
    for (const id of [7n, 7, '7']) expect(differences(VALUE, { id })).to.deep.equal([]);
    for (const data of ['AQI=', 'AQI', Buffer.of(1, 2)])
      expect(differences(VALUE, { data })).to.deep.equal([]);
    expect(differences(VALUE, { big: 9007199254740993n })).to.deep.equal([]);
    expect(differences(VALUE, { at: new Date(5000), items: [{}, { price: { $above: 1 } }] })).to.deep.equal(
      [],
    );
    expect(differences(VALUE, { none: null, other: { $present: false }, name: /x/ })).to.deep.equal([]);
    expect(
      differences(VALUE, { items: { $contains: { price: { $near: 2.1, $within: 0.2 } } } }),
    ).to.deep.equal([]);
  });

  it('show what differs, with what is missing', () => {
    expect(
      differences(VALUE, { id: 8, big: 9007199254740992n, data: 'AQM=', at: new Date(6000) }),
    ).to.deep.equal([
      'id: expected 8, got 7',
      'big: expected 9007199254740992, got "9007199254740993"',
      'data: expected "AQM=", got 2 bytes, AQI=',
      'at: expected 1970-01-01T00:00:06.000Z, got { seconds: 5, nanos: 0 }',
    ]);
    expect(
      differences(VALUE, { name: 7, items: [{ price: 1 }], labels: { $exactly: {} }, nam: 'x' }),
    ).to.deep.equal([
      'name: expected 7, got "x"',
      'items[0].price: expected 1, got 1.5',
      'items[1]: expected nothing, got { price: 2 }',
      'labels.a: expected nothing, got "1"',
      'nam: expected "x", got nothing',
    ]);
  });

  it('take neither text for numbers nor numbers for text', () => {
    expect(differences({ a: 5, b: '5' }, { a: '5', b: 5 })).to.have.length(2);
  });
});
