import { expect } from 'chai';
import { registryOf } from '../schemas.ts';

// The first few message types of which many messages are made get code of their own to make them. What comes out must be the
// same before and after, and for the types that came too late.

/** Each type has one field more than the one before, from none on, and fields with and without defaults by turns. */
const MOST_FIELDS = 12;
const KINDS = ['int32', 'string', 'optional int32', 'repeated int32', 'map<string, int32>', 'bytes', 'M0'];
const fieldsOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${KINDS[i % KINDS.length]} f${i} = ${i + 1};`).join(' ');
/** A type is busy for the whole process: the first ones here are those that differ most. */
const types = [MOST_FIELDS, 0, 7, 6, 1, 5, 2, 3, 4, 8, 9, 10, 11];
const SCHEMA = `syntax = "proto3"; package busy;
${types.map((count) => `message M${count} { ${fieldsOf(count)} }`).join('\n')}
${types.map((count) => `message L${count} { repeated M${count} list = 1; }`).join('\n')}`;

/** More than any type needs for code of its own. */
const MANY = 30_000;

/** The fields of a message that has only the field at `set`, a number, or none. */
function expected(count: number, set: number): object {
  const out: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const kind = KINDS[i % KINDS.length];
    if (i === set) out[`f${i}`] = 5;
    else if (kind === 'int32') out[`f${i}`] = 0;
    else if (kind === 'string') out[`f${i}`] = '';
    else if (kind === 'repeated int32') out[`f${i}`] = [];
    else if (kind === 'map<string, int32>') out[`f${i}`] = {};
    else if (kind === 'bytes') out[`f${i}`] = Buffer.alloc(0);
  }
  return out;
}

describe('Messages of busy types', () => {
  for (const count of types) {
    it(`have their fields in order, and lists and maps of their own: ${count} fields`, async () => {
      const registry = await registryOf([SCHEMA]);
      const list = registry.message(`busy.L${count}`);
      const one = registry.message(`busy.M${count}`);
      const empties = Buffer.alloc(MANY * 2, Buffer.from([0x0a, 0]));
      const messages = (list.decode(empties, 0, empties.length) as { list: object[] }).list;
      expect(messages).to.have.length(MANY);
      for (const message of [messages[0], messages[MANY - 1]]) {
        expect(registry.toObject(message)).to.deep.equal(expected(count, -1));
        expect(Object.keys(message)).to.deep.equal(Object.keys(expected(count, -1)));
      }
      const mutable = (message: object): unknown[] =>
        Object.values(message).filter((value) => typeof value === 'object' && !(value instanceof Uint8Array));
      mutable(messages[MANY - 1]).forEach((value, i) => {
        expect(value).not.to.equal(mutable(messages[MANY - 2])[i]);
      });
      for (let set = 0; set < count; set++) {
        if (
          !(KINDS[set % KINDS.length] ?? '').endsWith('int32') ||
          KINDS[set % KINDS.length] === 'repeated int32'
        )
          continue;
        const message = one.decode(Buffer.from([(set + 1) << 3, 5]), 0, 2);
        expect(registry.toObject(message)).to.deep.equal(expected(count, set));
        expect(Object.keys(message)).to.deep.equal(Object.keys(expected(count, set)));
      }
    });
  }
});
