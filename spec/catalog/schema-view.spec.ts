// What a client does with its schema alone: messages as bytes and JSON, and what a method's name means.

import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { Client, SchemaError } from '../../lib/index.ts';

const NOWHERE = 'localhost:1';
const SCHEMA = `
  syntax = "proto3";
  package demo;
  import "google/protobuf/wrappers.proto";
  message Item {
    string item_name = 1;
    repeated int32 sizes = 2;
    map<string, int64> by_place = 3;
    optional bool is_new = 4;
    bytes photo = 5;
    Kind kind = 6;
    oneof price { int32 cents = 7; }
    google.protobuf.StringValue note = 8;
    int64 weight_grams = 9;
  }
  enum Kind { UNKNOWN = 0; BOOK = 1; }
  service Shop { rpc Find(Item) returns (stream Item); }
`;

describe('Client, its schema', () => {
  let client: Client;
  before(async () => {
    client = await new Client(NOWHERE).load(SCHEMA);
  });
  after(() => client.close());

  it('encodes fields to bytes of their own, and decodes them', () => {
    const bytes = client.encode('demo.Item', { itemName: 'a', kind: 'BOOK' });
    const others = client.encode('demo.Item', { itemName: 'b' });
    expect(Buffer.from(bytes).toString('hex')).to.equal('0a01613001');
    expect(Buffer.from(others).toString('hex')).to.equal('0a0162');
    expect(client.decode('demo.Item', bytes)).to.include({ itemName: 'a', kind: 'BOOK' });
  });

  it('refuses values and bytes that do not fit, and types that there are not', () => {
    expect(() => client.encode('demo.Item', { itemNam: 'a' })).to.throw(
      TypeError,
      "did you mean 'itemName'?",
    );
    expect(() => client.decode('demo.Item', Uint8Array.of(0x0a, 5, 97))).to.throw(/demo\.Item/);
    expect(() => client.encode('demo.Itm', {})).to.throw(SchemaError, 'demo.Itm');
  });

  const json = (value: unknown, options?: Parameters<Client['toJson']>[2]): string =>
    JSON.stringify(client.toJson('demo.Item', value, options));

  it('leaves defaults out of ProtoJSON', () => {
    expect(json({ cents: 0, weightGrams: 0n })).to.equal('{"cents":0}');
  });

  it('shows fields without presence with emitDefaults, and those with presence only when set', () => {
    expect(json({}, { emitDefaults: true })).to.equal(
      '{"itemName":"","sizes":[],"byPlace":{},"photo":"","kind":"UNKNOWN","weightGrams":"0"}',
    );
    expect(json({ isNew: false, cents: 0, note: '', itemName: 'x' }, { emitDefaults: true })).to.equal(
      '{"itemName":"x","sizes":[],"byPlace":{},"isNew":false,"photo":"","kind":"UNKNOWN","cents":0,"note":"","weightGrams":"0"}',
    );
  });

  it("shows the .proto's names with protoNames", () => {
    expect(json({ itemName: 'x', byPlace: { a: 1n } }, { protoNames: true })).to.equal(
      '{"item_name":"x","by_place":{"a":"1"}}',
    );
  });

  it('tells what a method is by any of its names', async () => {
    for (const name of ['Find', 'find', 'Shop/Find', 'demo.Shop.Find', '/demo.Shop/Find']) {
      expect(await client.method(name), name).to.include({
        kind: 'method',
        path: '/demo.Shop/Find',
        cardinality: 'unary_stream',
        requestType: 'demo.Item',
      });
    }
  });

  it('names the nearest of a method that there is not', async () => {
    const error = await client.method('Fnd').catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SchemaError);
    expect(String(error)).to.include("did you mean 'demo.Shop.Find'?");
  });

  it('waits for loads, and gives up at its signal and time', async () => {
    const other = new Client(NOWHERE);
    void other.load(SCHEMA);
    expect(await other.method('Find')).to.include({ fullName: 'demo.Shop.Find' });
    const deaf = createServer();
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const silent = new Client('127.0.0.1', (deaf.address() as AddressInfo).port);
    const error = await silent.method('a.B/C', { timeoutMs: 50 }).catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'TimeoutError' });
    const aborted = await silent
      .method('a.B/C', { signal: AbortSignal.abort('no') })
      .catch((reason: unknown) => reason);
    expect(aborted).to.equal('no');
    await Promise.all([silent.close({ graceMs: 0 }), other.close()]);
    deaf.close();
  });
});
