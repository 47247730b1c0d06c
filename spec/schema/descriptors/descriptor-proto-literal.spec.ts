import { expect } from 'chai';
import { descriptorSchema } from '../../../lib/schema/descriptors/descriptor-proto-literal.ts';
import { meaningOf } from '../../../lib/schema/descriptors/same-definition.ts';
import { definitionsOf } from '../../../lib/schema/descriptors/symbol-table.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';

describe('descriptor.proto written out', () => {
  it('means what the file means that the package ships', async () => {
    const [published] = (await loadProto(['google/protobuf/descriptor.proto'])).files;
    const [ours, theirs] = [new Registry(), new Registry()];
    ours.add([descriptorSchema()], 'lib');
    theirs.add([published], 'protos');
    const lookup = (registry: Registry) => ({ get: (name: string) => registry.find(name) });
    const meanings = (registry: Registry): string[] =>
      Array.from(definitionsOf({ proto: registry.files[0], origin: '' }), (definition) => {
        return `${definition.fullName} ${meaningOf(definition, lookup(registry))}`;
      });
    expect(meanings(ours)).to.deep.equal(meanings(theirs));
    expect(meanings(ours)).to.have.length.above(50);
  });
});
