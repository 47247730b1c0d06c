import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect } from 'chai';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import {
  decodeDescriptorSet,
  decodeFileDescriptors,
  encodeDescriptorSet,
  encodeFileDescriptor,
} from '../../../lib/schema/registry/descriptor-set.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { EDITION, encoded, KINDS, OLD, thrownBy } from '../schemas.ts';

const OPTIONS = `
syntax = "proto2";
package opt;
import "google/protobuf/descriptor.proto";
message Rule { optional string text = 1; repeated int32 numbers = 2; }
extend google.protobuf.MethodOptions { optional Rule rule = 50001; optional string note = 50002; }
extend google.protobuf.FieldOptions { repeated string tags = 50003; }
message M { optional string a = 1 [(tags) = "x", (tags) = "y", deprecated = true, default = "z"]; }
service S {
  // Does it.
  rpc Do(M) returns (M) { option (rule) = { text: "t", numbers: [1, 2] }; option (note) = "n"; option idempotency_level = IDEMPOTENT; }
}
`;

const load = async (source: string, name = 'source.proto'): Promise<readonly FileDescriptorProto[]> =>
  (await loadProtoSource(source, name)).files;

describe('descriptor sets', () => {
  for (const [name, source] of Object.entries({ KINDS, OLD, EDITION, OPTIONS })) {
    it(`lead back to the same descriptors, for ${name}`, async () => {
      const files = await load(source);
      const bytes = encodeDescriptorSet(files);
      const back = decodeDescriptorSet(bytes, 'here');
      expect(encodeDescriptorSet(back)).to.deep.equal(bytes);
      const registry = new Registry();
      registry.add(files, 'text');
      registry.add(back, 'bytes');
    });

    it(`are read and written by protobuf-es as by us, for ${name}`, async () => {
      const bytes = encodeDescriptorSet(await load(source));
      const theirs = toBinary(FileDescriptorSetSchema, fromBinary(FileDescriptorSetSchema, bytes));
      expect(encodeDescriptorSet(decodeDescriptorSet(theirs, 'here'))).to.deep.equal(bytes);
    });
  }

  it('give the names of enum values, and leave out what is not set', async () => {
    const [file] = decodeDescriptorSet(
      encodeDescriptorSet(await load('syntax = "proto3"; message M { int32 a = 1; }')),
      'here',
    );
    expect(JSON.parse(JSON.stringify({ ...file, sourceCodeInfo: undefined }))).to.deep.equal({
      name: 'source.proto',
      messageType: [
        {
          name: 'M',
          field: [{ name: 'a', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_INT32', jsonName: 'a' }],
        },
      ],
      syntax: 'proto3',
    });
  });

  it('show custom options under their names when the files define them', async () => {
    const files = await load(OPTIONS);
    const [all] = [decodeDescriptorSet(encodeDescriptorSet(files), 'here')];
    const one = files.map((file) => encodeFileDescriptor(file, files));
    for (const decoded of [all, decodeFileDescriptors(one, 'here')]) {
      const file = decoded.find((f) => f.package === 'opt');
      const method = file?.service?.[0].method?.[0];
      expect(JSON.parse(JSON.stringify(method?.options))).to.deep.equal({
        idempotencyLevel: 'IDEMPOTENT',
        '[opt.rule]': { text: 't', numbers: [1, 2] },
        '[opt.note]': 'n',
      });
      expect(file?.messageType?.[1].field?.[0].options?.['[opt.tags]']).to.deep.equal(['x', 'y']);
    }
  });

  it('keep custom options that nobody defines', async () => {
    const files = await load(OPTIONS);
    const file = files.find((f) => f.package === 'opt');
    if (file === undefined) throw new Error('no file');
    const bytes = encodeFileDescriptor(file, files);
    const alone = { ...file, extension: undefined };
    expect(alone.extension).to.equal(undefined);
    const withoutExtensions = fromBinary(FileDescriptorProtoSchema, bytes);
    withoutExtensions.extension = [];
    const stripped = toBinary(FileDescriptorProtoSchema, withoutExtensions);
    const [decoded] = decodeFileDescriptors([stripped], 'here');
    expect(Object.keys(decoded.service?.[0].method?.[0].options ?? {})).to.deep.equal(['idempotencyLevel']);
    expect(Buffer.from(encodeFileDescriptor(decoded, [])).toString('hex')).to.equal(
      Buffer.from(stripped).toString('hex'),
    );
  });

  it('hold descriptor.proto itself', async () => {
    const { files } = await loadProto(['google/protobuf/descriptor.proto']);
    const bytes = encodeDescriptorSet(files);
    const registry = new Registry();
    registry.add(decodeDescriptorSet(bytes, 'here'), 'here');
    expect(encoded(registry.message('google.protobuf.FileDescriptorProto'), { name: 'x' })).to.have.length(3);
  });

  it('are refused with their origin when they are none', () => {
    const error = thrownBy(() => decodeDescriptorSet(Buffer.from('syntax = "proto3";'), 'x.proto'));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.match(/^x\.proto: not a valid google\.protobuf\.FileDescriptorSet/);
  });
});
