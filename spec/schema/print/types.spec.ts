import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { typesOf } from '../../../lib/schema/print/types.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { escapeLines } from '../../../lib/values/text/escaped-text.ts';
import { compilerErrors } from '../../support/compiler.ts';
import { EDITION, KINDS, OLD, registryOf } from '../schemas.ts';

const SERVICE = `
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/any.proto";
import "google/protobuf/empty.proto";
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; }
// What is for sale. */ Not the end.
message Item {
  // Its number.
  int64 id = 1;
  Color color = 2;
  bytes picture = 3;
  optional string note = 4 [deprecated = true];
  google.protobuf.Timestamp made = 5;
  google.protobuf.Int64Value stock = 6;
  google.protobuf.Struct extra = 7;
  google.protobuf.Any any = 8;
  repeated Item parts = 9;
  map<int64, Item> by_id = 10;
  repeated double prices = 11;
  oneof price { int32 cents = 12; string words = 13; }
  map<string, string> __proto__ = 14;
}
message names { message Date { int32 day = 1; } message Services {} message delete {} }
message Items { repeated Item items = 1; }
service Shop {
  // Finds one.
  rpc Find(Item) returns (Item);
  rpc List(google.protobuf.Empty) returns (stream Item);
  rpc Fill(stream Item) returns (Items);
  rpc Chat(stream Item) returns (stream google.protobuf.StringValue);
}
`;

const USE = `
import { Client } from 'LIB/client/client.ts';
import type { Stream } from 'LIB/call/call.ts';
import type { MessageInputs, Messages, Services, Item, ItemInput } from './services.d.ts';
import type * as everything from './services.d.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends boolean>(_value: T): void {}
const client = new Client<Services>('localhost:50051');

const item = await client.request('Find', { id: 5, made: new Date(), stock: '7', parts: [{ id: 1n }], cents: 5 });
holds<Equal<typeof item, Item>>(true);
holds<Equal<typeof item, Messages['shop.Item']>>(true);
holds<Equal<typeof item.id, bigint>>(true);
holds<Equal<typeof item.color, 'COLOR_UNSPECIFIED' | 'RED' | number>>(true);
holds<Equal<typeof item.stock, bigint | undefined>>(true);
holds<Equal<typeof item.note, string | undefined>>(true);
item.made?.toDate().getTime();
item.parts[0]?.byId['5']?.prices.map((price) => price * 2);
if (item.cents !== undefined) holds<Equal<typeof item.words, undefined>>(true);
holds<Equal<typeof item.picture, Uint8Array>>(true);
item.any?.['anything'];
item.extra?.['x'];

// A reply is legal as a request, and so is all that the documentation names.
const input: ItemInput = item;
await client.request('shop.Shop.Find', item);
await client.request('/shop.Shop/Find', { byId: new Map([[1n, item]]), extra: { a: [1, null] }, any: { '@type': 'a/b', x: 1 } });
await client.request('Shop/Find', { prices: Float64Array.of(1), picture: 'aGk=', color: 'RED', made: '2026-01-01T00:00:00Z' });
await client.request('shop.Shop/Find', { stock: { value: 5 }, color: 1, id: undefined } satisfies MessageInputs['shop.Item']);
const list = await client.request('List', {});
holds<Equal<typeof list, Stream<everything.EmptyInput, Item>>>(true);
const items = await client.request('Fill', [item, input]);
holds<Equal<typeof items.items, Item[]>>(true);
for await (const text of client.request('Chat', [item])) holds<Equal<typeof text, string>>(true);
for (const shop of [client.service('shop.Shop'), client.service('Shop')]) {
  holds<Equal<keyof typeof shop, 'Find' | 'List' | 'Fill' | 'Chat'>>(true);
  const found = await shop.Find(item);
  holds<Equal<typeof found, Item>>(true);
  for await (const one of shop.List()) holds<Equal<typeof one, Item>>(true);
}

// @ts-expect-error no such method
client.request('Fnd', {});
// @ts-expect-error no such service
client.service('shop.Shp');
// @ts-expect-error no such field
client.service('Shop').Find({ idd: 5 });
// @ts-expect-error no such field
client.request('Find', { idd: 5 });
// @ts-expect-error no such field of an empty message
client.request('List', { idd: 5 });
// @ts-expect-error no such name
client.request('Find', { color: 'BLUE' });
// @ts-expect-error two members of a oneof
client.request('Find', { cents: 5, words: 'five' });
// @ts-expect-error a number is not text
client.request('Find', { note: 5 });
// @ts-expect-error no such field
item.idd;
`;

const OTHER_FORM = `
import type { Messages } from './other.d.ts';
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends boolean>(_value: T): void {}
declare const item: Messages['shop.Item'];
holds<Equal<typeof item.id, string | undefined>>(true);
holds<Equal<typeof item.color, number | undefined>>(true);
holds<Equal<typeof item.picture, string | undefined>>(true);
holds<Equal<typeof item.parts, typeof item[]>>(true);
item.by_id?.['5'];
if (item.price === 'cents') holds<Equal<typeof item.cents, number>>(true);
`;

/** Values that have other forms than by default. */
const OTHER_VALUES: ValueOptions = {
  longs: String,
  enums: Number,
  bytes: String,
  keepCase: true,
  defaults: false,
  arrays: true,
  oneofs: true,
};

async function bundledSchemas(): Promise<Registry> {
  const all = await readdir('protos', { recursive: true });
  const names = all.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.proto'));
  const { files } = await loadProto(names, { includeDirs: ['protos'] });
  const registry = new Registry();
  registry.add(files, 'bundled');
  return registry;
}

/** A schema whose names and comments are no identifiers, and would end what they are written in. */
function hostileNames(): Registry {
  const texts = [
    "'; export const x = 1; //",
    'a\nb',
    'a\r\u2028\u2029\u0085b',
    '*/ declare const y: 1; /*',
    '\\',
    "\\'",
    '\x1b[2J\u202e',
    '__proto__',
    '`x`',
  ];
  const field = texts.map((jsonName, i) => ({
    name: `f${i}`,
    number: i + 1,
    label: 'LABEL_OPTIONAL' as const,
    type: 'TYPE_STRING' as const,
    jsonName,
    ...(i % 2 === 0 && { oneofIndex: 0 }),
  }));
  const location = texts.map((text, i) => ({
    path: [4, 0, 2, i],
    leadingComments: `${text}\r// ${text}\u2028export type Z = 1;\n/`,
  }));
  const schema: FileDescriptorProto = {
    name: 'h.proto',
    syntax: 'proto3',
    messageType: [{ name: 'M', field, oneofDecl: [{ name: 'choice' }] }],
    sourceCodeInfo: { location },
  };
  const registry = new Registry({ oneofs: true });
  registry.add([schema], 'a server');
  return registry;
}

describe('TypeScript declarations of what is loaded', function () {
  // The compiler takes seconds.
  this.timeout(120_000);
  let errors: readonly string[] = [];
  const errorsIn = (name: string): readonly string[] =>
    errors.filter((error) => error.startsWith(`${name}(`));

  // All in one run: most of what the compiler does is to read its own declarations and Node's.
  before(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'stubless-types-'));
    const files: Readonly<Record<string, string>> = {
      'services.d.ts': typesOf(await registryOf([SERVICE])),
      'other.d.ts': typesOf(await registryOf([SERVICE], OTHER_VALUES)),
      'use.ts': USE.replaceAll('LIB', join(process.cwd(), 'lib')),
      'other-form.ts': OTHER_FORM,
      'kinds.d.ts': typesOf(await registryOf([KINDS, OLD, EDITION])),
      'bundled.d.ts': typesOf(await bundledSchemas()),
      'hostile.d.ts': typesOf(hostileNames()),
    };
    try {
      writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
      errors = await compilerErrors(directory, Object.keys(files), {
        strict: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        noEmit: true,
        target: 'es2022',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        lib: ['es2023', 'esnext.disposable'],
        allowImportingTsExtensions: true,
        erasableSyntaxOnly: true,
        typeRoots: [join(process.cwd(), 'node_modules', '@types')],
        types: ['node'],
        skipLibCheck: false,
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('compile, all of them', () => expect(errors).to.deep.equal([]));

  for (const name of ['services.d.ts', 'use.ts', 'other.d.ts', 'other-form.ts']) {
    it(`type a client, its requests and its replies: ${name}`, () =>
      expect(errorsIn(name)).to.deep.equal([]));
  }

  for (const name of ['kinds.d.ts', 'bundled.d.ts']) {
    it(`compile for every kind of field, and for every bundled schema: ${name}`, () =>
      expect(errorsIn(name)).to.deep.equal([]));
  }

  it('carry comments over, without letting them end early', async () => {
    const text = typesOf(await registryOf([SERVICE]));
    expect(text).to.include('/** shop.Item: What is for sale. *\\/ Not the end. */');
    expect(text).to.include("  /** Finds one. */\n  'shop.Shop.Find': {");
    expect(text).to.include('  /** @deprecated */\n  note?: string;');
  });

  it('keep names and comments of any text in their places', () => {
    const text = typesOf(hostileNames());
    expect(escapeLines(text)).to.equal(text);
    expect(text).not.to.match(/^\s*(?:export const x|declare const y|export type Z)/m);
    expect(errorsIn('hostile.d.ts')).to.deep.equal([]);
  });

  it('give short names to methods only where they mean one', async () => {
    const two = `syntax = "proto3"; package two; message M {}
      service A { rpc Same(M) returns (M); rpc One(M) returns (M); } service B { rpc Same(M) returns (M); }`;
    const text = typesOf(await registryOf([two]));
    expect(text).to.include("  'One': Services['two.A.One'];");
    expect(text).to.include("  'A/Same': Services['two.A.Same'];");
    expect(text).not.to.match(/^ {2}'Same':/m);
  });

  it('take time that grows with the number of services, whatever their methods are called', async () => {
    const started = process.cpuUsage();
    const services = Array.from({ length: 20_000 }, (_, i) => `service S${i} { rpc Same(M) returns (M); }`);
    const registry = await registryOf([`syntax = "proto3"; message M {} ${services.join(' ')}`]);
    expect(typesOf(registry)).to.include("  'S7/Same': Services['S7.Same'];");
    expect(process.cpuUsage(started).user).to.be.below(10_000_000);
  });
});
