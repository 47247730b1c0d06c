import { expect } from 'chai';
import { compilePattern, type PatternOptions } from '../../../lib/schema/matching/pattern.ts';
import { PatternError } from '../../../lib/schema/matching/pattern-error.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { KINDS, OLD, registryOf } from '../schemas.ts';
import { LISTS, MAPS, PRESENCE, TREE, WELL_KNOWN } from './matching.ts';

interface Refused {
  readonly name: string;
  readonly type?: string;
  readonly pattern: unknown;
  readonly options?: PatternOptions;
  readonly message: string;
  readonly keys: readonly (string | number)[];
}

const cycle: Record<string, unknown> = { label: 'x' };
cycle['left'] = cycle;

const own = (json: string): unknown => JSON.parse(json);

const REFUSED: readonly Refused[] = [
  {
    name: 'a field that does not exist',
    type: TREE,
    pattern: { children: [{ lable: 'x' }] },
    message: "children[0].lable: kinds.Tree has no field 'lable'; did you mean 'label'?",
    keys: ['children', 0, 'lable'],
  },
  {
    name: 'such a field inside operators',
    type: TREE,
    pattern: { children: { $contains: { $any: [{ label: 'x' }, { lable: 'x' }] } } },
    message: "children.lable: kinds.Tree has no field 'lable'; did you mean 'label'?",
    keys: ['children', '$contains', '$any', 1, 'lable'],
  },
  {
    name: 'a value of a wrong type',
    pattern: { anInt32: 'x' },
    message: "anInt32: expected a number (int32), got 'x'",
    keys: ['anInt32'],
  },
  {
    name: 'a number out of range',
    pattern: { aUint32: -1 },
    message: 'aUint32: -1 is out of range: uint32 goes from 0 to 4294967295',
    keys: ['aUint32'],
  },
  {
    name: 'text for a number, out of a document too',
    pattern: { anInt32: '1x' },
    options: { json: true },
    message: "anInt32: expected a number (int32), got '1x'",
    keys: ['anInt32'],
  },
  {
    name: 'a value that an enum does not have',
    type: LISTS,
    pattern: { colors: ['REDD'] },
    message: "colors[0]: kinds.Color has no value 'REDD'; did you mean 'RED'?",
    keys: ['colors', 0],
  },
  {
    name: 'a message where a value should be',
    pattern: { aString: { x: 1 } },
    message: 'aString: expected a string, got an object',
    keys: ['aString'],
  },
  {
    name: 'a value where a message should be',
    type: TREE,
    pattern: { left: 'x' },
    message: "left: expected an object like { label: …, left: …, right: …, children: …, … }, got 'x'",
    keys: ['left'],
  },
  {
    name: 'a value where a list should be',
    type: LISTS,
    pattern: { strings: 'x' },
    message: "strings: expected an array, the whole list, or an operator such as { $contains: … }, got 'x'",
    keys: ['strings'],
  },
  {
    name: 'an element that is nothing',
    type: LISTS,
    pattern: { strings: ['a', null] },
    message: 'strings[1]: expected a string, got null',
    keys: ['strings', 1],
  },
  {
    name: 'an unknown operator',
    pattern: { aString: { $match: 'x' } },
    message: "aString: there is no operator '$match'; did you mean '$matches' or '$each'?",
    keys: ['aString', '$match'],
  },
  {
    name: 'an operator that does not fit the type',
    type: TREE,
    pattern: { left: { $above: 1 } },
    message: "left: '$above' is for numbers, times and durations, and this is a kinds.Tree",
    keys: ['left', '$above'],
  },
  {
    name: 'an operator beside a field of no message',
    pattern: { aString: { $matches: 'x', y: 1 } },
    message: "aString: 'y' beside '$matches': string takes either operators or a value",
    keys: ['aString', 'y'],
  },
  {
    name: 'a bound of a wrong type',
    pattern: { anInt32: { $above: 'x' } },
    message: "anInt32: expected a number (int32), got 'x'",
    keys: ['anInt32', '$above'],
  },
  {
    name: 'a bound that nothing is above',
    pattern: { aDouble: { $above: Number.NaN } },
    message: "aDouble: '$above' takes a number that others are above or below, not NaN",
    keys: ['aDouble', '$above'],
  },
  {
    name: 'near without a distance',
    pattern: { aDouble: { $near: 1 } },
    message: "aDouble: '$near' and '$within' go together: { $near: value, $within: distance }",
    keys: ['aDouble', '$near'],
  },
  {
    name: 'a distance without a point',
    pattern: { aDouble: { $within: 1 } },
    message: "aDouble: '$near' and '$within' go together: { $near: value, $within: distance }",
    keys: ['aDouble', '$within'],
  },
  {
    name: 'a regular expression that is none',
    pattern: { aString: { $matches: '(' } },
    message: 'aString: Invalid regular expression: /(/u: Unterminated group',
    keys: ['aString', '$matches'],
  },
  {
    name: 'a regular expression for a number',
    pattern: { anInt32: /1/ },
    message: 'anInt32: a regular expression is for text, and this is int32',
    keys: ['anInt32'],
  },
  {
    name: 'two members of a oneof',
    type: PRESENCE,
    pattern: { number: 1, name: { $matches: 'x' } },
    message:
      "'number' and 'name' are both to be set, but the oneof 'choice' of kinds.Presence holds at most one",
    keys: ['name'],
  },
  {
    name: 'a oneof with a value',
    type: PRESENCE,
    pattern: { other: true },
    message:
      "'other' is a oneof of kinds.Presence; name the member that is to be set, 'yes' or 'no', or null for none",
    keys: ['other'],
  },
  {
    name: 'one field in two spellings',
    pattern: { anInt32: 1, an_int32: 1 },
    message: "'anInt32' and 'an_int32' are two spellings of one field of kinds.Scalars; give only one",
    keys: ['an_int32'],
  },
  {
    name: 'a time that is none',
    type: WELL_KNOWN,
    pattern: { times: ['2026-02-30T00:00:00Z'] },
    message:
      "times[0]: expected a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos } for google.protobuf.Timestamp, got '2026-02-30T00:00:00Z'",
    keys: ['times', 0],
  },
  {
    name: 'an Any without a type',
    type: WELL_KNOWN,
    pattern: { any: { label: 'x' } },
    message:
      "any.label: google.protobuf.Any has no field 'label'; give its type, { '@type': 'type.googleapis.com/package.Type', … }",
    keys: ['any'],
  },
  {
    name: 'fields of an Any whose type is not loaded',
    type: WELL_KNOWN,
    pattern: { any: { '@type': 'x.test/a.B', label: 'x' } },
    message: "any: 'x.test/a.B' is not loaded; load its schema, or give { '@type', value: bytes }",
    keys: ['any'],
  },
  {
    name: 'a key that its map cannot have',
    type: MAPS,
    pattern: { byInt32: { x: {} } },
    message: `byInt32["x"]: expected an integer (int32) as the key, got 'x'`,
    keys: ['byInt32', 'x'],
  },
  {
    name: 'no alternatives',
    pattern: { aString: { $any: [] } },
    message: "aString: '$any' takes a list of patterns of which one is to match, not []",
    keys: ['aString', '$any'],
  },
  {
    name: 'presence by halves',
    pattern: { aString: { $present: 1 } },
    message: "aString: '$present' takes true or false, not 1",
    keys: ['aString', '$present'],
  },
  {
    name: 'a length that is none',
    pattern: { aString: { $length: -1 } },
    message: 'aString: expected a length, a whole number from 0, got -1',
    keys: ['aString', '$length'],
  },
  {
    name: 'a member of every object',
    pattern: own('{"__proto__":1}'),
    message: "__proto__: kinds.Scalars has no field '__proto__'",
    keys: ['__proto__'],
  },
  {
    name: 'a field called constructor',
    pattern: { constructor: 1 },
    message: "constructor: kinds.Scalars has no field 'constructor'",
    keys: ['constructor'],
  },
];

describe('patterns for messages', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD]);
  });

  describe('that no message could match', () => {
    for (const { name, type = 'kinds.Scalars', pattern, options, message, keys } of REFUSED) {
      it(`are refused: ${name}`, () => {
        let thrown: unknown;
        try {
          compilePattern(registry.plan(type), pattern, options);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).to.be.an.instanceOf(PatternError);
        expect((thrown as PatternError).message).to.equal(message);
        expect((thrown as PatternError).keys).to.deep.equal(keys);
      });
    }

    it('are refused when they contain themselves', () => {
      expect(() => compilePattern(registry.plan(TREE), cycle)).to.throw(
        TypeError,
        'left: the value contains itself (a cycle), which a message cannot',
      );
    });
  });
});
