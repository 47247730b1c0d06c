import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { describe as describeSymbol } from '../../../lib/schema/print/describe.ts';
import type { Description } from '../../../lib/schema/print/description.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';

const SOURCE = `
syntax = "proto3";
package shop;
import "google/protobuf/descriptor.proto";
import "google/protobuf/timestamp.proto";
extend google.protobuf.FieldOptions { optional string unit = 50000; }

// Colors that we have.
enum Color {
  COLOR_UNSPECIFIED = 0;
  RED = 1; // As blood.
}
// An item.
//
// For sale.
message Item {
  option deprecated = true;
  // In cents.
  int64 price = 1 [(unit) = "cent"];
  optional Color color = 2;
  repeated Item parts = 3;
  map<int32, string> names = 4;
  // How it comes.
  oneof packing { string box = 5; bytes bag = 6; }
  google.protobuf.Timestamp made = 7;
  message Inner {}
}
// Sells.
service Shop {
  // Finds an item.
  rpc Find(Item) returns (stream Item) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Other(Item.Inner) returns (Item);
}
`;

describe('describe', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([SOURCE, KINDS, OLD]);
  });
  const of = (symbol: string): Description => describeSymbol(registry, symbol);

  it('tells of comments of any number of lines', async () => {
    const lines = 200_000;
    const long = await registryOf([
      `syntax = "proto3"; package long;\n${'// x\n'.repeat(lines)}message M {}`,
    ]);
    expect(describeSymbol(long, 'long.M').comments).to.have.length(2 * lines - 1);
  });

  it('tells of a service', () => {
    const service = of('shop.Shop');
    if (service.kind !== 'service') throw new Error(service.kind);
    expect(service).to.include({
      name: 'Shop',
      fullName: 'shop.Shop',
      comments: 'Sells.',
      file: 'source-0.proto',
    });
    expect(service.methods.map(({ name, cardinality }) => [name, cardinality])).to.deep.equal([
      ['Find', 'unary_stream'],
      ['Other', 'unary_unary'],
    ]);
    expect(service.toProto()).to.equal(`// Sells.
service Shop {
  // Finds an item.
  rpc Find(Item) returns (stream Item) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Other(Item.Inner) returns (Item);
}
`);
  });

  it('tells of a method, with a request to fill in', () => {
    for (const name of ['shop.Shop.Find', 'shop.Shop/Find', '/shop.Shop/Find', 'Shop/Find', 'Find']) {
      const method = of(name);
      if (method.kind !== 'method') throw new Error(method.kind);
      expect(method).to.include({
        fullName: 'shop.Shop.Find',
        path: '/shop.Shop/Find',
        service: 'shop.Shop',
        cardinality: 'unary_stream',
        requestType: 'shop.Item',
        replyType: 'shop.Item',
        comments: 'Finds an item.',
      });
      expect(method.options).to.deep.equal({ idempotencyLevel: 'NO_SIDE_EFFECTS' });
      expect(method.proto).to.match(/^\/\/ Finds an item\.\nrpc Find\(Item\) returns/);
      expect(method.template).to.deep.equal({
        price: '0',
        color: 'COLOR_UNSPECIFIED',
        names: { 0: '' },
        box: '',
        made: '1970-01-01T00:00:00Z',
      });
    }
  });

  it('tells of a message with its fields, oneofs and what it contains', () => {
    const message = of('shop.Item');
    if (message.kind !== 'message') throw new Error(message.kind);
    expect(message.comments).to.equal('An item.\n\nFor sale.');
    expect(message.options).to.deep.equal({ deprecated: true });
    expect(message.fields.map(({ name, type, number }) => `${number} ${name} ${type}`)).to.deep.equal([
      '1 price int64',
      '2 color shop.Color',
      '3 parts shop.Item',
      '4 names map<int32, string>',
      '5 box string',
      '6 bag bytes',
      '7 made google.protobuf.Timestamp',
    ]);
    expect(
      message.oneofs.map(({ name, comments, options, fields }) => ({ name, comments, options, fields })),
    ).to.deep.equal([{ name: 'packing', comments: 'How it comes.', options: {}, fields: ['box', 'bag'] }]);
    expect(message.messages).to.deep.equal(['shop.Item.Inner']);
    expect(message.proto).to.include('oneof packing {');
  });

  it('tells of a oneof', () => {
    for (const name of ['shop.Item.packing', 'Item.packing']) {
      const { proto, toProto, ...oneof } = of(name);
      expect(oneof).to.deep.equal({
        kind: 'oneof',
        name: 'packing',
        fullName: 'shop.Item.packing',
        file: 'source-0.proto',
        comments: 'How it comes.',
        options: {},
        message: 'shop.Item',
        fields: ['box', 'bag'],
      });
      expect(proto).to.equal('// How it comes.\noneof packing {\n  string box = 5;\n  bytes bag = 6;\n}\n');
    }
  });

  it('tells of the numbers that a message has for extensions', () => {
    const message = of('old.Order');
    if (message.kind !== 'message') throw new Error(message.kind);
    expect(message.extensionRanges).to.deep.equal([{ from: 100, to: 199 }]);
  });

  it('tells of a field', () => {
    const field = of('shop.Item.price');
    if (field.kind !== 'field') throw new Error(field.kind);
    expect(field).to.include({
      type: 'int64',
      number: 1,
      comments: 'In cents.',
      hasPresence: false,
      message: 'shop.Item',
    });
    expect(field.options).to.deep.equal({ '[shop.unit]': 'cent' });
    expect(field.proto).to.equal('// In cents.\nint64 price = 1 [(shop.unit) = "cent"];\n');
  });

  it('tells of an enum and of its values', () => {
    const color = of('shop.Color');
    if (color.kind !== 'enum') throw new Error(color.kind);
    expect(color.values.map(({ name, number, comments }) => [name, number, comments])).to.deep.equal([
      ['COLOR_UNSPECIFIED', 0, ''],
      ['RED', 1, 'As blood.'],
    ]);
    expect(color.isClosed).to.equal(false);
    for (const name of ['shop.RED', 'shop.Color.RED']) {
      expect(of(name)).to.include({ kind: 'value', enum: 'shop.Color', number: 1, fullName: 'shop.RED' });
    }
  });

  it('tells of an extension', () => {
    const extension = of('old.priority');
    expect(extension).to.include({ kind: 'extension', message: 'old.Order', type: 'int32', number: 100 });
    expect(extension.proto).to.equal('extend Order {\n  optional int32 priority = 100;\n}\n');
  });

  it('tells of a package', () => {
    const shop = of('shop');
    if (shop.kind !== 'package') throw new Error(shop.kind);
    expect(shop).to.deep.include({
      services: ['shop.Shop'],
      enums: ['shop.Color'],
      files: ['source-0.proto'],
    });
    const google = of('google');
    if (google.kind !== 'package') throw new Error(google.kind);
    expect(google.packages).to.deep.equal(['google.protobuf']);
  });

  it('can be given to JSON.stringify', () => {
    const { template } = JSON.parse(JSON.stringify(of('shop.Shop.Find'))) as { template: unknown };
    expect(template).to.have.property('price', '0');
  });

  const unknown: readonly [string, RegExp][] = [
    ['shop.Shopp', /^there is no symbol 'shop\.Shopp'; did you mean 'shop\.Shop'/],
    ['shop.Item.prise', /^message shop\.Item has no field 'prise'; did you mean 'price'/],
    ['Shopp', /^there is no symbol 'Shopp'; did you mean 'shop\.Shop'/],
    ['Item.prise', /^message shop\.Item has no field 'prise'; did you mean 'price'/],
    ['Shop/Fnd', /^service shop\.Shop has no method 'Fnd'; did you mean 'Find'\?$/],
    ['shop.Color.GREN', /^enum shop\.Color has no value 'GREN'/],
    ['prise', /^there is no symbol 'prise'; did you mean 'shop\.Item\.price'/],
    ['nothingLikeIt', /^there is no symbol 'nothingLikeIt'$/],
    ['', /^a symbol is a name/],
    ['__proto__', /^there is no symbol '__proto__'/],
  ];
  for (const [symbol, message] of unknown) {
    it(`has no ${JSON.stringify(symbol)}`, () => {
      expect(thrownBy(() => of(symbol)).message).to.match(message);
    });
  }

  it('names all that a short name may mean', async () => {
    const two = await registryOf([
      'syntax = "proto3"; package a; message M {}',
      'syntax = "proto3"; package b; message M {}',
    ]);
    const error = thrownBy(() => describeSymbol(two, 'M'));
    expect(error).to.be.an.instanceof(SchemaError);
    expect(error.message).to.equal("'M' is ambiguous: it could be a.M, b.M");
  });

  it('says so when nothing is loaded', () => {
    expect(thrownBy(() => describeSymbol(new Registry(), 'M')).message).to.match(/nothing is loaded/);
  });

  it('gives templates that are legal requests, for every bundled message', async () => {
    const all = await readdir('protos', { recursive: true });
    const names = all.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.proto'));
    const { files } = await loadProto(names, { includeDirs: ['protos'] });
    const bundled = new Registry();
    bundled.add(files, 'bundled');
    let count = 0;
    for (const from of [bundled, registry]) {
      for (const { kind, fullName, proto } of from.model.table.symbols.values()) {
        if (kind !== 'message' || proto.options?.['mapEntry'] === true) continue;
        const message = describeSymbol(from, fullName);
        if (message.kind !== 'message') throw new Error(message.kind);
        from.fromJson(fullName, message.template);
        count++;
      }
    }
    expect(count).to.be.greaterThan(200);
  });
});
