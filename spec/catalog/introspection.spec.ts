import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { Client } from '../../lib/client/client.ts';
import { SchemaError } from '../../lib/values/errors.ts';
import { closing } from '../support/closing.ts';
import { needEval } from '../support/eval.ts';

/** Introspection as a client's user meets it; nothing of it needs a server. */
describe('a client without a server', () => {
  const open = closing();
  let client: Client;
  let directory = '';
  beforeEach(async () => {
    client = open(new Client('127.0.0.1', 1));
    await client.load(join(process.cwd(), 'protos', 'route_guide.proto'));
    directory = await mkdtemp(join(tmpdir(), 'stubless-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('lists services with their methods and types', () => {
    expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['routeguide.RouteGuide']);
    expect(client.services[0].methods[0]).to.include({
      name: 'GetFeature',
      path: '/routeguide.RouteGuide/GetFeature',
      cardinality: 'unary_unary',
      requestType: 'routeguide.Point',
      replyType: 'routeguide.Feature',
    });
  });

  it('describes what is loaded', () => {
    const method = client.describe('ListFeatures');
    expect(method.kind).to.equal('method');
    expect(method.proto).to.include('returns (stream Feature)');
  });

  it('declares types of what is loaded', () => {
    expect(client.types()).to.include("'routeguide.RouteGuide.GetFeature': {");
  });

  it('turns messages into ProtoJSON and text format, and back', () => {
    const feature = client.fromJson('routeguide.Feature', { name: 'x', location: { latitude: 5 } });
    expect(feature.location.longitude).to.equal(0);
    expect(client.toJson('routeguide.Feature', feature)).to.deep.equal({
      name: 'x',
      location: { latitude: 5 },
    });
    const text = client.toText('routeguide.Feature', feature);
    expect(text).to.equal('name: "x"\nlocation {\n  latitude: 5\n}\n');
    expect(client.fromText('routeguide.Feature', text)).to.deep.equal(feature);
    expect(() => client.toJson('routeguide.Featur', {})).to.throw(/did you mean 'routeguide\.Feature'/);
    expect(() => client.fromText('routeguide.Feature', 'nam: "x"')).to.throw(TypeError, /^1:1: .*'name'/);
  });

  it('refuses unknown options in every function that takes options', async () => {
    const point = { latitude: 5 };
    const misspelt: Record<string, (options: never) => unknown> = {
      toJson: (options) => client.toJson('routeguide.Point', point, options),
      toJsonString: (options) => client.toJsonString('routeguide.Point', point, options),
      toText: (options) => client.toText('routeguide.Point', point, options),
      fromJson: (options) => client.fromJson('routeguide.Point', {}, options),
      writeProtos: (options) => client.writeProtos('/nowhere', options),
      jsonSchema: (options) => client.jsonSchema('routeguide.Point', options),
      writeJsonSchemas: (options) => client.writeJsonSchemas('/nowhere', options),
      openApi: (options) => client.openApi(options),
    };
    const options: [name: string, unknown: object, wrong: object][] = [
      ['toJson', { emitDefault: true }, { emitDefaults: 1 }],
      ['toJsonString', { ident: 2 }, { protoNames: 'yes' }],
      ['toText', { unknownField: true }, { unknownFields: 'yes' }],
      ['fromJson', { ignoreUnknowns: true }, { ignoreUnknown: 1 }],
      ['writeProtos', { overwrites: true }, { overwrite: 'yes' }],
      ['jsonSchema', { directions: 'input' }, { direction: 'in' }],
      ['jsonSchema', { protoName: true }, { protoNames: true }],
      ['writeJsonSchemas', { overwrit: true }, { overwrite: 'yes' }],
      ['openApi', { titel: 'x' }, { paths: 'grpc' }],
      ['openApi', { servces: [] }, { services: 'routeguide.RouteGuide' }],
    ];
    for (const [name, unknown, wrong] of options) {
      const failure = async (given: object): Promise<unknown> => {
        try {
          return await misspelt[name](given as never);
        } catch (error) {
          return error;
        }
      };
      const [misspelling] = Object.keys(unknown);
      expect(await failure(unknown), name)
        .to.be.instanceOf(TypeError)
        .with.property('message')
        .that.includes(`there is no ${name} option '${misspelling}'; did you mean`);
      expect(await failure(wrong), name)
        .to.be.instanceOf(TypeError)
        .with.property('message')
        .that.includes(Object.keys(wrong)[0]);
    }
  });

  it('gives JSON Schema and OpenAPI', async () => {
    const { $ref, $defs } = await client.jsonSchema('Point');
    expect($ref).to.equal('#/$defs/routeguide.Point');
    expect($defs).to.have.all.keys('routeguide.Point', 'scalar-int32');
    expect(await client.openApi()).to.have.nested.property('paths./routeguide\\.RouteGuide/GetFeature.post');
    const unknown = await client.jsonSchema('routeguide.Pont').catch((error: unknown) => error);
    expect(unknown)
      .to.be.instanceOf(SchemaError)
      .with.property('message')
      .that.includes("'routeguide.Point'");
  });

  it('writes JSON Schema that validators read, and nothing over other files', async function () {
    needEval(this);
    const names = await client.writeJsonSchemas(directory);
    expect(names).to.include('routeguide.Point.json').and.include('scalar-int32.json');
    const schemas = names.map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as object);
    const ajv = new Ajv2020({ schemas, strictTypes: false });
    const validate = ajv.getSchema('routeguide.Feature.json');
    expect(validate?.({ name: 'x', location: { latitude: 5 } })).to.equal(true);
    expect(validate?.({ name: 'x', location: { latitude: true } })).to.equal(false);
    await client.writeJsonSchemas(directory);
    const output = await client
      .writeJsonSchemas(directory, { direction: 'output' })
      .catch((error: unknown) => error);
    expect(output).to.be.instanceOf(SchemaError).with.property('message').that.includes('already exists');
    await client.writeJsonSchemas(directory, { direction: 'output', overwrite: true });
  });

  it('refuses anything but bytes, and a promise in place of a message', () => {
    for (const bytes of [undefined, null, '\u0008\u0001', [8, 1], new ArrayBuffer(2), new Uint16Array(1)]) {
      expect(() => client.decode('routeguide.Point', bytes as never)).to.throw(
        TypeError,
        /^decode takes bytes, a Uint8Array, not /,
      );
    }
    for (const message of [undefined, null, Promise.resolve({})]) {
      expect(() => client.unknownFields(message as never)).to.throw(
        TypeError,
        /^unknownFields takes a decoded message, not /,
      );
    }
    expect(client.unknownFields('a wrapper, which is its value' as never)).to.deep.equal([]);
  });

  it('writes and reads ProtoJSON as text', async () => {
    const text = client.toJsonString('routeguide.Point', { latitude: 5, longitude: -1 });
    expect(text).to.equal('{"latitude":5,"longitude":-1}');
    expect(client.fromJsonString('routeguide.Point', text)).to.include({ latitude: 5, longitude: -1 });
    expect(
      client.toJsonString('routeguide.Point', { latitude: 5 }, { indent: 10, emitDefaults: true }),
    ).to.equal('{\n          "latitude": 5,\n          "longitude": 0\n}');
    for (const indent of [11, -1, 0.5, Number.NaN]) {
      expect(() => client.toJsonString('routeguide.Point', {}, { indent })).to.throw(
        RangeError,
        /^indent must be/,
      );
    }
    expect(() => client.fromJsonString('routeguide.Point', '{"latitude":1,\n"latitude":2}')).to.throw(
      SyntaxError,
      '2:1: duplicate property "latitude"',
    );
    expect(() => client.fromJsonString('routeguide.Point', {} as string)).to.throw(
      TypeError,
      /takes text, not object/,
    );
    await client.load('syntax = "proto3"; message Long { int64 value = 1; }');
    expect(client.fromJsonString('Long', '{"value":9007199254740993}')).to.include({
      value: 9007199254740993n,
    });
  });

  it('lists the unknown fields of a message, and shows them on request', () => {
    const point = client.decode('routeguide.Point', Uint8Array.of(8, 5, 0x38, 7));
    expect(client.unknownFields(point)).to.deep.equal([{ number: 7, wireType: 'varint', value: 7n }]);
    expect(client.unknownFields(client.decode('routeguide.Point', Uint8Array.of(8, 5)))).to.deep.equal([]);
    expect(client.toText('routeguide.Point', point, { unknownFields: true })).to.equal('latitude: 5\n7: 7\n');
    expect(client.encode('routeguide.Point', point)).to.deep.equal(Uint8Array.of(8, 5, 0x38, 7));
  });

  it('writes a descriptor set that loads to the same schema', async () => {
    const path = join(directory, 'all.binpb');
    await client.writeProtoset(path);
    const other = open(new Client('127.0.0.1', 1));
    await other.load(path);
    expect(other.services).to.deep.equal(client.services);
    expect(other.describe('routeguide.Feature').proto).to.equal(client.describe('routeguide.Feature').proto);
    expect(other.types()).to.equal(client.types());
  });

  it('writes .proto files that load to the same schema', async () => {
    expect(await client.writeProtos(directory)).to.deep.equal(['route_guide.proto']);
    expect(await readdir(directory)).to.deep.equal(['route_guide.proto']);
    const other = open(new Client('127.0.0.1', 1));
    await other.load('route_guide.proto', { includeDirs: [directory] });
    expect(other.types()).to.equal(client.types());
  });
});
