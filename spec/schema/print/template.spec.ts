// Requests to fill in, of schemas that lead in circles, in width and in depth: made in bounded time and size, whatever
// the schema, and legal wherever there is a legal message.

import { expect } from 'chai';
import fc from 'fast-check';
import { describe as describeSymbol } from '../../../lib/schema/print/describe.ts';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';

/** 256 Ki characters of names and values, and the brackets around those that are empty. */
const MOST_CHARACTERS = 512 * 1024;

async function load(messages: string): Promise<Registry> {
  const registry = new Registry();
  const { files } = await loadProtoSource(`syntax = "proto2"; package t; ${messages}`, 't.proto');
  registry.add(files, 't.proto');
  return registry;
}

function templateOf(registry: Registry, name: string): unknown {
  const description = describeSymbol(registry, `t.${name}`);
  if (description.kind !== 'message') throw new Error(`${name} is a ${description.kind}`);
  return description.template;
}

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('\n');

const ENDLESS: Readonly<Record<string, string>> = {
  'a message that requires itself': 'message A { required A a = 1; required string s = 2; }',
  'two in a circle': 'message A { required B b = 1; } message B { required A a = 1; }',
  'a circle through a oneof, a list, a map and a group':
    'message A { oneof o { B b = 1; int32 n = 2; } repeated C c = 3; map<string, A> m = 4; optional group G = 5 { required A a = 1; } } message B { required A a = 1; } message C { required B b = 1; }',
  'a net of required messages': `message A { required M0 m = 1; } ${times(60, (i) => `message M${i} { ${i < 59 ? times(3, (n) => `required M${i + 1} f${n} = ${n + 1};`) : 'required string s = 1;'} }`)}`,
  'each requiring all': times(
    40,
    (i) =>
      `message ${i === 0 ? 'A' : `M${i}`} { ${times(39, (n) => `required M${n + 1} f${n} = ${n + 1};`)} }`,
  ),
  'a message of very many fields': `message A { ${times(18_000, (i) => `required int32 field_${i} = ${i + 1};`)} }`,
  'many messages of many fields': `message A { ${times(300, (i) => `optional M${i} f${i} = ${i + 1};`)} } ${times(300, (i) => `message M${i} { ${times(60, (n) => `optional M${(i * 7 + n) % 300} f${n} = ${n + 1};`)} }`)}`,
  'names of hundreds of characters': `message A { ${times(3000, (i) => `optional int64 ${'x'.repeat(500)}${i} = ${i + 1};`)} }`,
  'a long chain of messages': `message A { optional M0 m = 1; } ${times(300, (i) => `message M${i} { ${i < 299 ? `optional M${i + 1} m = 1;` : ''} optional int32 n = 2; }`)}`,
  'a long chain of required messages': `message A { required M0 m = 1; } ${times(300, (i) => `message M${i} { ${i < 299 ? `required M${i + 1} m = 1;` : ''} }`)}`,
};

describe('A request to fill in', () => {
  for (const [name, messages] of Object.entries(ENDLESS)) {
    it(`is made, and not a large one: ${name}`, async () => {
      const json = JSON.stringify(templateOf(await load(messages), 'A'));
      expect(json).to.have.length.below(MOST_CHARACTERS);
      expect(json).to.have.length.above(2);
    });
  }

  it('is cut off where a type contains itself, required or not', async () => {
    const registry = await load(
      'message A { required B b = 1; optional string s = 2; } message B { required A a = 1; optional A other = 2; required int32 n = 3; }',
    );
    expect(templateOf(registry, 'A')).to.deep.equal({ b: { n: 0 }, s: '' });
  });

  it('leaves deep messages empty before flat ones', async () => {
    const wide = times(18_000, (i) => `optional int32 field_${i} = ${i + 1};`);
    const registry = await load(
      `message A { optional B b = 1; optional string last = 2; } message B { ${wide} }`,
    );
    const template = templateOf(registry, 'A') as { b: object; last: string };
    expect(template.last).to.equal('');
    expect(Object.keys(template.b)).to.have.length.above(1000).and.below(18_000);
  });

  it('goes as deep as messages may be, and can be sent', async () => {
    const registry = await load(ENDLESS['a long chain of messages']);
    const template = templateOf(registry, 'A');
    let depth = 0;
    for (let one: unknown = template; typeof one === 'object' && one !== null && 'm' in one; one = one.m)
      depth++;
    expect(depth).to.equal(100);
    expect(registry.fromJson('t.A', template)).to.be.an('object');
  });

  it('is legal where no type requires itself, for any net of types', async () => {
    const field = fc.record({ label: fc.constantFrom('optional', 'required', 'repeated'), to: fc.nat(9) });
    const property = fc.asyncProperty(
      fc.array(fc.array(field, { maxLength: 5 }), { minLength: 1, maxLength: 8 }),
      async (types) => {
        const messages = types.map((fields, i) => {
          const lines = fields.map(({ label, to }, n) => {
            const target = to % (types.length + 1);
            // Required ones lead on only, so that each type has a legal message.
            const isCircle = label === 'required' && target <= i;
            const type = target === types.length || isCircle ? 'string' : `M${target}`;
            return `${label} ${type} f${n} = ${n + 1};`;
          });
          return `message M${i} { ${lines.join(' ')} }`;
        });
        const registry = await load(messages.join('\n'));
        for (const i of types.keys()) registry.fromJson(`t.M${i}`, templateOf(registry, `M${i}`));
      },
    );
    await fc.assert(property, { numRuns: atLeast(100) });
  });
});
