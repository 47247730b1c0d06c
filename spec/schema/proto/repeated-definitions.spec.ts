import { expect } from 'chai';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { HEAD, protoDirectory, refusal } from './proto-directory.ts';

describe('Loading .proto files', () => {
  const { write, at } = protoDirectory();

  describe('definitions that two files have', () => {
    const money = `${HEAD}package acme; message Money { string currency = 1; Kind kind = 2; } enum Kind { ANY = 0; }`;
    const service = (name: string): string =>
      `${HEAD}package ${name}; import "common.proto"; service S { rpc Get(acme.Money) returns (acme.Money); }`;
    const copies: { name: string; other: string }[] = [
      { name: 'to the octet', other: money },
      { name: 'but for comments and spaces', other: money.replaceAll('; ', ';\n// A comment.\n') },
      { name: 'but for the line ends', other: money.replaceAll('; ', ';\r\n') },
      { name: 'but for an option of the file', other: `${money} option go_package = "elsewhere";` },
      {
        name: 'but for the order of fields',
        other: money.replace(/(string \S+ = 1;) (Kind \S+ = 2;)/, '$2 $1'),
      },
      {
        name: 'but for the type name being written in full',
        other: money.replace('Kind kind', '.acme.Kind kind'),
      },
    ];
    for (const c of copies) {
      it(`are one when they are the same ${c.name}.`, async () => {
        write({
          'a/api.proto': service('a'),
          'a/common.proto': money,
          'b/api.proto': service('b'),
          'b/common.proto': c.other,
        });
        for (const sources of [
          [at('a/api.proto'), at('b/api.proto')],
          ['a/api.proto', 'a/common.proto', 'b/api.proto', 'b/common.proto'].map((path) => {
            return { path: at(path), root: at('.') };
          }),
        ]) {
          const { files } = await loadProto(sources);
          const common = files.filter(({ messageType }) => messageType?.[0].name === 'Money');
          expect(common).to.have.length(1);
          const apis = files.filter(({ service: has }) => has !== undefined);
          expect(apis.map(({ dependency }) => dependency)).to.deep.equal([
            [common[0].name],
            [common[0].name],
          ]);
        }
      });
    }

    it('are one import for a file that imports both.', async () => {
      write({
        'a/common.proto': money,
        'b/common.proto': money,
        'm.proto': `${HEAD}import "a/common.proto"; import public "b/common.proto"; message M { acme.Money m = 1; }`,
      });
      const { files } = await loadProto([at('m.proto')]);
      expect(files.map(({ name }) => name)).to.deep.equal(['a/common.proto', 'm.proto']);
      expect(files[1]).to.deep.include({ dependency: ['a/common.proto'], publicDependency: [0] });
    });

    it('leave their comments at the import that they are, and those of other imports where they are.', async () => {
      write({
        'a/common.proto': money,
        'b/common.proto': money,
        'd.proto': HEAD,
        'm.proto': `${HEAD}
          // Of a.
          import "a/common.proto";
          // Of b.
          import "b/common.proto";
          // Of d.
          import "d.proto"; // Behind d.
          message M { acme.Money m = 1; }`,
      });
      const { files } = await loadProto([at('m.proto')]);
      const file = files.find(({ name }) => name === 'm.proto');
      expect(file?.dependency).to.deep.equal(['a/common.proto', 'd.proto']);
      const found = file?.sourceCodeInfo?.location?.filter(({ path }) => path?.[0] === 3);
      expect(
        found?.map(({ path, leadingComments, trailingComments }) => [
          String(path),
          leadingComments,
          trailingComments,
        ]),
      ).to.deep.equal([
        ['3,0', ' Of a.\n', undefined],
        ['3,0', ' Of b.\n', undefined],
        ['3,1', ' Of d.\n', ' Behind d.\n'],
      ]);
    });

    it('are fine where one file has more than the other.', async () => {
      write({
        'a/common.proto': money,
        'b/common.proto': `${money} message More { Money m = 1; }`,
        'a/api.proto': service('a'),
        'b/api.proto': service('b').replace('service', 'message N { acme.More m = 1; } service'),
      });
      const { files } = await loadProto([at('a/api.proto'), at('b/api.proto')]);
      expect(files).to.have.length(4);
    });

    it('are seen by way of imports alone, each from its own.', async () => {
      write({ 'a/common.proto': money, 'b/common.proto': `${money} message More {}` });
      write({
        'a/api.proto': service('a'),
        'b/api.proto': service('b').replace('import "common.proto";', ''),
      });
      const message = await refusal(loadProto([at('a/api.proto'), at('b/common.proto'), at('b/api.proto')]));
      expect(message).to.match(
        /b\/api\.proto:1:\d+: 'acme\.Money' is defined in (?:a\/)?common\.proto, which is not imported$/,
      );
    });

    const others: { name: string; other: string; at: string; as: string }[] = [
      {
        name: 'a type',
        other: money.replace('string currency', 'bytes currency'),
        at: '1:42',
        as: 'message',
      },
      { name: 'a field’s name', other: money.replace('currency', 'name'), at: '1:42', as: 'message' },
      { name: 'a number', other: money.replace('= 2', '= 3'), at: '1:42', as: 'message' },
      { name: 'a field more', other: money.replace('}', 'bool b = 9; }'), at: '1:42', as: 'message' },
      {
        name: 'an enum’s value',
        other: money.replace('ANY = 0;', 'ANY = 0; ONE = 1;'),
        at: '1:93',
        as: 'enum',
      },
    ];
    for (const c of others) {
      it(`are refused where they differ in ${c.name}, and both places are told.`, async () => {
        write({
          'a/api.proto': service('a'),
          'a/common.proto': money,
          'b/api.proto': service('b'),
          'b/common.proto': c.other,
        });
        const message = await refusal(loadProto([at('a/api.proto'), at('b/api.proto')]));
        expect(message).to.match(
          new RegExp(`^${at('b/common.proto')}:1:\\d+: 'acme\\.(?:Money|Kind)' is already`),
        );
        expect(message.slice(message.indexOf(' in '))).to.equal(
          ` in ${at('a/common.proto')}:${c.at}, as a different ${c.as}`,
        );
      });
    }

    const clashes: { name: string; one: string; other: string }[] = [
      { name: 'a message and an enum', one: 'message A {}', other: 'enum A { X = 0; }' },
      { name: 'values of two enums', one: 'enum A { X = 0; }', other: 'enum B { X = 0; }' },
      { name: 'a message and a package', one: 'message A {}', other: 'package A; message B {}' },
      { name: 'an enum and a value', one: 'enum A { X = 0; }', other: 'enum B { A = 0; }' },
    ];
    for (const c of clashes) {
      it(`are refused where they are ${c.name}, with both places.`, async () => {
        write({ 'a/m.proto': HEAD + c.one, 'b/m.proto': HEAD + c.other });
        const message = await refusal(loadProto([at('a/m.proto'), at('b/m.proto')]));
        expect(message)
          .to.contain(`${at('b/m.proto')}:1:`)
          .and.contain(` in ${at('a/m.proto')}:1:`);
      });
    }

    it('of descriptor.proto are those of the first edition.', async () => {
      const edition = (option: string): string =>
        `syntax = "proto2"; package google.protobuf; message FileOptions { optional string go_package = 11;
          optional string ${option} = 9999; extensions 50000 to max; }
        message MessageOptions { extensions 50000 to max; } message MethodOptions { extensions 50000 to max; }`;
      const user = (path: string, option: string): string =>
        `${HEAD}import "${path}"; option ${option} = "x"; extend google.protobuf.MessageOptions { string ${option}_m = 50001; }`;
      write({
        'a/descriptor.proto': edition('ours'),
        'a/m.proto': user('descriptor.proto', 'ours'),
        'b/google/protobuf/descriptor.proto': edition('theirs'),
        'b/m.proto': `${HEAD}import "google/protobuf/descriptor.proto"; import "google/api/annotations.proto";`,
      });
      const { files } = await loadProto([at('a/m.proto'), at('b/m.proto')]);
      const editions = files.filter(
        (file) => file.package === 'google.protobuf' && file.name.includes('descriptor'),
      );
      expect(editions.map(({ messageType }) => messageType?.[0].field?.[1].name)).to.deep.equal(['ours']);
    });
  });
});
