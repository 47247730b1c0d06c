import { expect } from 'chai';
import { editionDefaults } from '../../../lib/schema/descriptors/features.ts';
import {
  candidateNames,
  isDottedName,
  isIdentifier,
  jsonNameOf,
} from '../../../lib/schema/descriptors/names.ts';
import { nearestNames, suggestion } from '../../../lib/values/nearest-names.ts';

describe('JSON names (protoc, ToJsonName)', () => {
  const names: Record<string, string> = {
    foo: 'foo',
    foo_bar: 'fooBar',
    foo_bar_2x: 'fooBar2x',
    _foo: 'Foo',
    foo_: 'foo',
    foo__bar: 'fooBar',
    FooBar: 'FooBar',
    FOO_BAR: 'FOOBAR',
    foo_2: 'foo2',
    __proto__: 'Proto',
  };
  for (const [name, json] of Object.entries(names)) {
    it(`are ${json} for ${name}`, () => {
      expect(jsonNameOf(name)).to.equal(json);
    });
  }
  it('are Proto for __proto__', () => {
    expect(jsonNameOf('__proto__')).to.equal('Proto');
  });
});

describe('names of symbols', () => {
  it('are letters, digits and underscores, no digit first', () => {
    const good = ['a', '_', 'A1', 'constructor', '__proto__'];
    const bad = ['', '1a', 'a-b', 'a.b', 'a b', 'é', 'a\n', undefined, 5];
    expect(good.map(isIdentifier)).to.deep.equal(good.map(() => true));
    expect(bad.map(isIdentifier)).to.deep.equal(bad.map(() => false));
    expect(['a.b', 'a', 'a.', '.a', 'a..b'].map(isDottedName)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('are looked for from the innermost scope outwards', () => {
    expect([...candidateNames('C', 'a.b')]).to.deep.equal(['a.b.C', 'a.C', 'C']);
    expect([...candidateNames('.a.C', 'a.b')]).to.deep.equal(['a.C']);
    expect([...candidateNames('C', '')]).to.deep.equal(['C']);
  });
});

describe('the nearest names', () => {
  const cases: readonly { name: string; among: readonly string[]; near: readonly string[] }[] = [
    { name: 'nmae', among: ['name', 'age'], near: ['name'] },
    { name: 'foo_bar', among: ['fooBar', 'foo'], near: ['fooBar'] },
    { name: 'display_nam', among: ['displayName', 'name'], near: ['displayName'] },
    { name: 'colour', among: ['color', 'colony', 'flavour'], near: ['color', 'colony'] },
    { name: 'x', among: ['y', 'z'], near: [] },
    { name: 'quantity', among: ['price', 'title'], near: [] },
    { name: 'ab', among: ['abc', 'abd'], near: ['abc', 'abd'] },
    { name: '', among: ['a'], near: [] },
  ];
  for (const { name, among, near } of cases) {
    it(`to '${name}' among ${among.join(', ')} are ${near.join(', ') || 'none'}`, () => {
      expect(nearestNames(name, among, 3)).to.deep.equal(near);
    });
  }

  it('are worded as a question, or not at all', () => {
    expect(suggestion('ab', ['abc', 'abd'])).to.equal(`; did you mean 'abc' or 'abd'?`);
    expect(suggestion('quantity', ['price'])).to.equal('');
  });

  it('are found among many without taking long', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `some_rather_long_name_of_a_field_${i}`);
    const start = process.cpuUsage();
    nearestNames('some_rather_long_name_of_a_feild_5', many, 3);
    expect(process.cpuUsage(start).user).to.be.lessThan(2_000_000);
  });
});

describe('edition defaults (descriptor.proto, FeatureSetDefaults)', () => {
  const cases = [
    { file: {}, is: ['EXPLICIT', 'CLOSED', 'EXPANDED', 'NONE'] },
    { file: { syntax: 'proto2' }, is: ['EXPLICIT', 'CLOSED', 'EXPANDED', 'NONE'] },
    { file: { syntax: 'proto3' }, is: ['IMPLICIT', 'OPEN', 'PACKED', 'VERIFY'] },
    { file: { syntax: 'editions', edition: 'EDITION_2023' }, is: ['EXPLICIT', 'OPEN', 'PACKED', 'VERIFY'] },
    { file: { syntax: 'editions', edition: 'EDITION_2024' }, is: ['EXPLICIT', 'OPEN', 'PACKED', 'VERIFY'] },
    { file: { syntax: 'editions', edition: 'EDITION_2026' }, is: ['EXPLICIT', 'OPEN', 'PACKED', 'VERIFY'] },
    { file: { syntax: 'editions', edition: 1000 }, is: ['EXPLICIT', 'OPEN', 'PACKED', 'VERIFY'] },
    { file: { syntax: 'editions', edition: 998 }, is: ['EXPLICIT', 'CLOSED', 'EXPANDED', 'NONE'] },
    { file: { syntax: 'editions', edition: 5 }, is: undefined },
    { file: { syntax: 'editions' }, is: undefined },
    { file: { syntax: 'proto1' }, is: undefined },
  ];
  for (const { file, is } of cases) {
    it(`are ${is?.join(', ') ?? 'not known'} for ${JSON.stringify(file)}`, () => {
      const features = editionDefaults({ name: 'x.proto', ...file });
      const values = features && [
        features.fieldPresence,
        features.enumType,
        features.repeatedFieldEncoding,
        features.utf8Validation,
      ];
      expect(values).to.deep.equal(is);
    });
  }
});
