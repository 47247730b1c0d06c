import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { Client } from '../../../lib/client/client.ts';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { LayeredRegistry } from '../../../lib/schema/reflection/layered-registry.ts';
import { encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { SharedSchemas } from '../../../lib/schema/registry/shared-schemas.ts';
import type { DescriptorSource } from '../../../lib/schema/registry/source-stage.ts';
import { loadSources } from '../../../lib/schema/sources/load-source.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { closing } from '../../support/closing.ts';
import { filesOf } from './schema-files.ts';

const SERVICE = 'message M { string s = 1; } service S { rpc Go (M) returns (M); }';
const A = `syntax = "proto3"; package a; ${SERVICE}`;
const B = `syntax = "proto3"; package b; ${SERVICE}`;
const FAULTY = 'syntax = "proto3"; package c; message M { google.protobuf.Nothing n = 1; }';

/** Loaded anew each time, as each client does. */
const read = (given: unknown): Promise<DescriptorSource[]> => loadSources(given, { includeDirs: [] });
const namesOf = (schema: LayeredRegistry): string[] => schema.services.map(({ fullName }) => fullName);

function layersOf(schemas: SharedSchemas, values?: ValueOptions): LayeredRegistry {
  return new LayeredRegistry(values, () => {}, schemas);
}

async function loaded(
  schemas: SharedSchemas,
  given: unknown,
  values?: ValueOptions,
): Promise<LayeredRegistry> {
  const schema = layersOf(schemas, values);
  schema.load(await read(given));
  return schema;
}

describe('Schemas that clients share', () => {
  const opened = closing();
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stubless-shared-'));
  });
  after(() => rm(directory, { recursive: true }));

  /** A file in a directory of its own. */
  async function fileOf(name: string, text: string | Uint8Array): Promise<string> {
    const path = join(await mkdtemp(join(directory, 'one-')), name);
    await writeFile(path, text);
    return path;
  }

  describe('are one', () => {
    const rows: { name: string; given: () => Promise<unknown> }[] = [
      { name: 'source text', given: async () => A },
      { name: 'a path', given: () => fileOf('a.proto', A) },
      { name: 'several paths', given: async () => [await fileOf('a.proto', A), await fileOf('b.proto', B)] },
      { name: 'a text with imports', given: async () => `${A} import "google/protobuf/timestamp.proto";` },
      { name: 'a descriptor set', given: async () => encodeDescriptorSet(await filesOf({ 'a.proto': A })) },
      {
        name: 'a descriptor set in a file',
        given: async () => fileOf('a.binpb', encodeDescriptorSet(await filesOf({ 'a.proto': A }))),
      },
    ];
    for (const { name, given } of rows) {
      it(`for ${name}, loaded by each`, async () => {
        const schemas = new SharedSchemas();
        const source = await given();
        const [one, other] = [await loaded(schemas, source), await loaded(schemas, source)];
        expect(other.current).to.equal(one.current);
        expect(other.current.method('a.S/Go').request).to.equal(one.current.method('a.S/Go').request);
      });
    }

    it('for several loads, one after the other', async () => {
      const schemas = new SharedSchemas();
      const one = await loaded(schemas, A);
      one.load(await read(B));
      const other = await loaded(schemas, A);
      expect(other.current).not.to.equal(one.current);
      other.load(await read(B));
      expect(other.current).to.equal(one.current);
      // In another order they are another schema: the first of two files of one name has it.
      const reverse = await loaded(schemas, B);
      reverse.load(await read(A));
      expect(reverse.current).not.to.equal(one.current);
    });

    it('before anything is loaded', () => {
      const schemas = new SharedSchemas();
      expect(layersOf(schemas).current).to.equal(layersOf(schemas).current);
    });
  });

  describe('are not, where a source', () => {
    const same = (text: string, from: string, to: string): string => {
      expect(text).to.include(from);
      expect(to).to.have.length(from.length);
      return text.replace(from, to);
    };
    const IMPORTING = 'syntax = "proto3"; package c; import "a.proto"; message N { a.M m = 1; }';
    const rows: { name: string; one: () => Promise<unknown>; other: () => Promise<unknown> }[] = [
      {
        name: 'has another text of the same length',
        one: async () => A,
        other: async () => same(A, 's = 1', 's = 2'),
      },
      {
        name: 'has only another comment',
        one: async () => `${A} // yes`,
        other: async () => `${A} // noo`,
      },
      {
        name: 'is of another path',
        one: () => fileOf('a.proto', A),
        other: () => fileOf('a.proto', A),
      },
      {
        name: 'imports another text by the same name',
        one: async () => {
          const path = await fileOf('c.proto', IMPORTING);
          await writeFile(join(path, '..', 'a.proto'), A);
          return path;
        },
        other: async () => {
          const path = await fileOf('c.proto', IMPORTING);
          await writeFile(join(path, '..', 'a.proto'), same(A, 'string', 'double'));
          return path;
        },
      },
      {
        name: 'is another set of as many octets',
        one: async () => encodeDescriptorSet(await filesOf({ 'a.proto': A })),
        other: async () => encodeDescriptorSet(await filesOf({ 'a.proto': same(A, 's = 1', 's = 2') })),
      },
      {
        name: 'is an object, which may change',
        one: async () => ({ file: await filesOf({ 'a.proto': A }) }),
        other: async () => ({ file: await filesOf({ 'a.proto': A }) }),
      },
    ];
    for (const { name, one, other } of rows) {
      it(name, async () => {
        const schemas = new SharedSchemas();
        const [first, second] = [await loaded(schemas, await one()), await loaded(schemas, await other())];
        expect(first.current).not.to.equal(second.current);
      });
    }

    it('was overwritten with another text between the loads', async () => {
      const schemas = new SharedSchemas();
      const path = await fileOf('a.proto', A);
      const before = await loaded(schemas, path);
      await writeFile(path, A.replace('package a', 'package z'));
      const after = await loaded(schemas, path);
      expect([namesOf(before), namesOf(after)]).to.deep.equal([['a.S'], ['z.S']]);
    });

    it('is a set whose octets the user overwrites: what was loaded stays as it was', async () => {
      const schemas = new SharedSchemas();
      const bytes = encodeDescriptorSet(await filesOf({ 'a.proto': A }));
      const given = Uint8Array.from(bytes);
      const one = await loaded(schemas, given);
      given.fill(0);
      const other = await loaded(schemas, bytes);
      expect(other.current).to.equal(one.current);
      expect(namesOf(other)).to.deep.equal(['a.S']);
    });
  });

  describe('are not, with another value of', () => {
    const OPTIONS: Required<{ [Name in keyof ValueOptions]: ValueOptions[Name][] }> = {
      keepCase: [true],
      longs: [String, Number],
      enums: [Number],
      bytes: [Array, String],
      defaults: [false],
      arrays: [true],
      objects: [true],
      oneofs: [true],
      strictWireTypes: [true],
      maxDecodedBytes: [1, 10, Infinity],
      maxJsonCharacters: [1, 10, Infinity],
    };
    for (const [name, values] of Object.entries(OPTIONS)) {
      it(name, async () => {
        const schemas = new SharedSchemas();
        const all = [await loaded(schemas, A)];
        for (const value of values) all.push(await loaded(schemas, A, { [name]: value }));
        expect(new Set(all.map(({ current }) => current)).size).to.equal(all.length);
      });
    }
  });

  describe('are given up by the client', () => {
    const steps: { name: string; add: (schema: LayeredRegistry) => Promise<void> }[] = [
      { name: 'loads more', add: async (schema) => schema.load(await read(B)) },
      {
        name: 'is told more by reflection',
        add: async (schema) =>
          schema.reflect(await filesOf({ 'b.proto': B }), ['b.S'], 'the reflection of the server', false),
      },
    ];
    for (const { name, add } of steps) {
      for (const who of ['first', 'second'] as const) {
        it(`that ${name}, which the others do not see, if it came ${who}`, async () => {
          const schemas = new SharedSchemas();
          const [first, second] = [await loaded(schemas, A), await loaded(schemas, A)];
          const [adds, stays] = who === 'first' ? [first, second] : [second, first];
          const { current } = stays;
          await add(adds);
          expect(stays.current).to.equal(current);
          expect(namesOf(stays)).to.deep.equal(['a.S']);
          expect(current.find('b.M')).to.equal(undefined);
          expect(namesOf(adds)).to.deep.equal(['a.S', 'b.S']);
          expect((await loaded(schemas, A)).current).to.equal(current);
        });
      }

      it(`that ${name}, and offered to nobody, if it is the only one`, async () => {
        const schemas = new SharedSchemas();
        const only = await loaded(schemas, A);
        const { current } = only;
        await add(only);
        // Added to where it is: a client that shares nothing does not load anything twice.
        expect(only.current).to.equal(current);
        const next = await loaded(schemas, A);
        expect(next.current).not.to.equal(current);
        expect(namesOf(next)).to.deep.equal(['a.S']);
      });
    }

    it('whose further load fails, and stay the others’ as they were', async () => {
      const schemas = new SharedSchemas();
      const [one, other] = [await loaded(schemas, A), await loaded(schemas, A)];
      const contradiction = await read(A.replace('string', 'double'));
      expect(() => one.load(contradiction)).to.throw(SchemaError, 'contradicts');
      expect([namesOf(one), namesOf(other)]).to.deep.equal([['a.S'], ['a.S']]);
    });
  });

  it('show each client what it would know if it were alone, whatever the others do', async () => {
    const texts = [A, B, FAULTY, A.replace('string', 'double')];
    const more = await filesOf({ 'r.proto': A.replace('package a', 'package r') });
    const step = fc.record({
      client: fc.nat(3),
      what: fc.oneof(fc.nat(texts.length - 1), fc.constantFrom('reflect', 'forget')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 24 }), async (steps) => {
        const schemas = new SharedSchemas();
        const together = Array.from({ length: 4 }, () => layersOf(schemas));
        const alone = together.map(() => layersOf(new SharedSchemas()));
        for (const { client, what } of steps) {
          const outcomes: unknown[] = [];
          for (const schema of [together[client], alone[client]]) {
            try {
              if (what === 'reflect') schema.reflect(more, ['r.S'], 'the server', false);
              else if (what === 'forget') schema.forget('r.S');
              else schema.load(await read(texts[what]));
              outcomes.push('done');
            } catch (error) {
              outcomes.push(String(error));
            }
          }
          expect(outcomes[0]).to.equal(outcomes[1]);
          for (const [i, schema] of together.entries()) {
            expect(schema.services).to.deep.equal(alone[i].services);
            expect(schema.current.files.map(({ name }) => name)).to.deep.equal(
              alone[i].current.files.map(({ name }) => name),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are forgotten with the last client that has them', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const schemas = new SharedSchemas();
    const kept = await loaded(schemas, B);
    const registries = await (async () => {
      const clients = [await loaded(schemas, A), await loaded(schemas, A), await loaded(schemas, [A, B])];
      return clients.map(({ current }) => new WeakRef(current));
    })();
    for (
      let i = 0;
      i < 50 && (schemas.size > 1 || registries.some((one) => one.deref() !== undefined));
      i++
    ) {
      collect();
      await new Promise<void>((done) => setImmediate(done));
    }
    expect(registries.map((one) => one.deref())).to.deep.equal([undefined, undefined, undefined]);
    expect(schemas.size).to.equal(1);
    expect(namesOf(kept)).to.deep.equal(['b.S']);
  });

  it('cannot be changed through what clients list', async () => {
    const clients = [opened(new Client('127.0.0.1:1')), opened(new Client('127.0.0.1:2'))];
    for (const client of clients) await client.load(A);
    const [service] = clients[0].services;
    const change = (): void => void Object.assign(service.methods[0], { path: '/a.S/Stop' });
    expect(change).to.throw(TypeError);
    expect(() => Object.assign(service.methods, { length: 0 })).to.throw(TypeError);
    expect(() => Object.assign(service, { fullName: 'z.S' })).to.throw(TypeError);
    expect(clients[1].services[0].methods[0].path).to.equal('/a.S/Go');
  });
});
