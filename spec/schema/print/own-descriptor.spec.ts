// Schemas with a copy of descriptor.proto of their own, under whatever name and with whatever options added: what is
// loaded can be described, written in each form, and loaded again from that.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { Client } from '../../../lib/index.ts';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { decodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';

const COPY = readFileSync('protos/google/protobuf/descriptor.proto', 'utf8');

/** Fields, a message and a value beside those of the official file. */
const EXTENDED = COPY.replace(
  /(message FileOptions \{)/,
  '$1 optional string owner = 900; optional Audit audit = 901;',
)
  .replace(/(message MethodOptions \{)/, '$1 repeated string roles = 902;')
  .replace(/(enum OptimizeMode \{)/, '$1 SMALLEST = 17;')
  .replace(/$/, '\nmessage Audit { optional string by = 1; optional bytes seal = 2; }\n');

/** What an early protoc brought: without editions, features and much else. */
const EARLY = `syntax = "proto2"; package google.protobuf;
message FileOptions { optional string java_package = 1; optional string go_package = 11;
  optional bool php_generic_services = 42; extensions 1000 to max; }
message MessageOptions { optional bool deprecated = 3; extensions 1000 to max; }
message FieldOptions { optional bool packed = 2; optional bool deprecated = 3; extensions 1000 to max; }
message EnumOptions { extensions 1000 to max; } message EnumValueOptions { extensions 1000 to max; }
message ServiceOptions { extensions 1000 to max; } message MethodOptions { extensions 1000 to max; }
message FileDescriptorProto { optional string name = 1; }`;

const OWN_OPTIONS =
  'option owner = "us"; option audit = { by: "them" seal: "\\377" }; option optimize_for = SMALLEST;';

describe('An own copy of descriptor.proto', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'stubless-descriptor-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };

  const schema = (descriptorName: string, more: string): string => `syntax = "proto2"; package acme;
    import "${descriptorName}"; import "google/api/annotations.proto";
    extend google.protobuf.FileOptions { optional string namespace = 52500; }
    extend google.protobuf.MethodOptions { optional int32 cost = 52501; }
    option (namespace) = "x"; option go_package = "y"; ${more}
    message Ping { optional string id = 1; repeated int32 n = 2 [packed = true]; }
    service Api { rpc Get(Ping) returns (Ping) { ${more === '' ? '' : 'option roles = "a"; option roles = "b";'}
      option (cost) = 7; option (google.api.http).get = "/v1"; } }`;

  /** The options of the file and of its method, whatever its name. */
  function optionsOf(files: readonly FileDescriptorProto[]): unknown[] {
    const file = files.find((one) => one.package === 'acme');
    return [{ ...file?.options }, { ...file?.service?.[0].method?.[0].options }].map((one) =>
      JSON.parse(JSON.stringify(one)),
    );
  }

  const cases: { name: string; descriptorName: string; copy: string; more: string }[] = [
    { name: 'as it is', descriptorName: 'google/protobuf/descriptor.proto', copy: COPY, more: '' },
    { name: 'beside the files', descriptorName: 'descriptor.proto', copy: COPY, more: '' },
    {
      name: 'below another directory',
      descriptorName: 'third_party/pb/descriptor.proto',
      copy: COPY,
      more: '',
    },
    { name: 'under a name of its own', descriptorName: 'my_options.proto', copy: COPY, more: '' },
    {
      name: 'with options added',
      descriptorName: 'google/protobuf/descriptor.proto',
      copy: EXTENDED,
      more: OWN_OPTIONS,
    },
    {
      name: 'with options added, beside the files',
      descriptorName: 'descriptor.proto',
      copy: EXTENDED,
      more: OWN_OPTIONS,
    },
    {
      name: 'of an early edition',
      descriptorName: 'google/protobuf/descriptor.proto',
      copy: EARLY,
      more: '',
    },
    {
      name: 'of an early edition, beside the files',
      descriptorName: 'descriptor.proto',
      copy: EARLY,
      more: '',
    },
  ];
  for (const c of cases) {
    it(`serves ${c.name}: loads, is described, is written and loads again`, async () => {
      write('in/api.proto', schema(c.descriptorName, c.more));
      write(`in/${c.descriptorName}`, c.copy);
      const client = new Client('127.0.0.1', 1);
      await client.load(join(directory, 'in/api.proto'));
      const proto = client.describe('acme.Api').proto;
      expect(proto).to.contain('option (acme.cost) = 7;').and.contain('get: "/v1"');
      if (c.more !== '') expect(proto).to.contain('option roles = "a";').and.contain('option roles = "b";');
      client.types();
      await client.writeProtoset(join(directory, 'set.binpb'));
      const written = decodeDescriptorSet(readFileSync(join(directory, 'set.binpb')), 'set');
      const [file, method] = optionsOf(written);
      expect(file).to.deep.include({ '[acme.namespace]': 'x', goPackage: 'y' });
      expect(method).to.deep.include({ '[acme.cost]': 7 });
      if (c.more !== '') {
        expect(file).to.deep.include({ owner: 'us', optimizeFor: 'SMALLEST' });
        expect(file).to.have.property('audit').that.deep.includes({ by: 'them' });
        expect(method).to.deep.include({ roles: ['a', 'b'] });
      }
      await client.writeProtos(join(directory, 'out'));
      expect(readdirSync(join(directory, 'out'))).to.include('api.proto');
      const ways = ['set.binpb', 'out', 'out/api.proto'];
      for (const way of ways) {
        const again = new Client('127.0.0.1', 1);
        await again.load(join(directory, way));
        expect(again.describe('acme.Api').proto, way).to.equal(proto);
        await again.writeProtoset(join(directory, 'again.binpb'));
        const files = decodeDescriptorSet(readFileSync(join(directory, 'again.binpb')), way);
        expect(optionsOf(files), way).to.deep.equal([file, method]);
        await again.close();
      }
      await client.load(join(directory, 'set.binpb'));
      await client.close();
    });
  }

  it('is read from a set of descriptors in each form', async () => {
    // Of enums, JSON names the official values alone.
    write('in/api.proto', schema('descriptor.proto', OWN_OPTIONS.replace(/option optimize_for.*/, '')));
    write('in/descriptor.proto', EXTENDED);
    const client = new Client('127.0.0.1', 1);
    await client.load(join(directory, 'in'));
    await client.writeProtoset(join(directory, 'set.binpb'));
    const files = decodeDescriptorSet(readFileSync(join(directory, 'set.binpb')), 'set');
    const set = JSON.stringify({ file: files }, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value,
    );
    write('set.json', set);
    const again = new Client('127.0.0.1', 1);
    await again.load(join(directory, 'set.json'));
    expect(again.describe('acme.Api').proto).to.equal(client.describe('acme.Api').proto);
    await client.close();
    await again.close();
  });
});
