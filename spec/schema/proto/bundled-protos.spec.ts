import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '@bufbuild/protobuf';
import * as wkt from '@bufbuild/protobuf/wkt';
import { expect } from 'chai';
import type {
  DescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { standardOptions } from '../../../lib/schema/proto/linking/standard-options.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { comparableDescriptor, firstDifference } from './descriptor-json.ts';

async function bundled(name: string): Promise<FileDescriptorProto> {
  const { files } = await loadProto([name]);
  return files[files.length - 1];
}

/** What @bufbuild/protobuf's embedded descriptors leave out. */
function withoutComments({ sourceCodeInfo: _, ...file }: FileDescriptorProto): unknown {
  return file;
}

describe('The bundled schemas', () => {
  const foreign = [
    wkt.file_google_protobuf_any,
    wkt.file_google_protobuf_api,
    wkt.file_google_protobuf_duration,
    wkt.file_google_protobuf_empty,
    wkt.file_google_protobuf_field_mask,
    wkt.file_google_protobuf_source_context,
    wkt.file_google_protobuf_struct,
    wkt.file_google_protobuf_timestamp,
    wkt.file_google_protobuf_type,
    wkt.file_google_protobuf_wrappers,
    wkt.file_google_protobuf_compiler_plugin,
  ];
  for (const { proto } of foreign) {
    it(`have ${proto.name} as @bufbuild/protobuf has it.`, async () => {
      const ours = comparableDescriptor(withoutComments(await bundled(proto.name)));
      const theirs = comparableDescriptor(toJson(wkt.FileDescriptorProtoSchema, proto));
      expect(firstDifference(withoutEmbeddedDifferences(theirs), withoutEmbeddedDifferences(ours))).to.equal(
        undefined,
      );
    });
  }

  const all = readdirSync('protos', { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.proto'));
  for (const name of all) {
    it(`load ${name}.`, async () => {
      expect((await bundled(name)).name).to.equal(name);
    });
  }

  it('have a licence for every directory of somebody else.', () => {
    const readme = readFileSync(join('protos', 'README.md'), 'utf8');
    for (const [, path] of readme.matchAll(/, `([^`]*LICENSE)`/g)) {
      expect(readFileSync(join('protos', path), 'utf8').length, path).to.be.greaterThan(1000);
    }
  });
});

/** The embedded ones are built without json_name where it is the default, and for other versions' packages. */
function withoutEmbeddedDifferences(file: unknown): unknown {
  return JSON.parse(
    JSON.stringify(file, (key, value: unknown) =>
      key === 'jsonName' || key === 'goPackage' ? undefined : value,
    ),
  );
}

describe('The standard options', () => {
  it('are those of the bundled descriptor.proto, field by field and value by value.', async () => {
    const file = await bundled('google/protobuf/descriptor.proto');
    const expected: string[] = [];
    const collect = (message: DescriptorProto, scope: string): void => {
      const fullName = `${scope}.${message.name}`;
      for (const { name, number, type, typeName, label } of message.field ?? []) {
        if (name !== 'uninterpreted_option')
          expected.push([fullName, name, number, type, typeName, label].join(' '));
      }
      for (const { name, value } of message.enumType ?? []) {
        for (const item of value ?? [])
          expected.push([`${fullName}.${name}`, item.name, item.number].join(' '));
      }
      for (const nested of message.nestedType ?? []) collect(nested, fullName);
    };
    for (const message of file.messageType ?? []) {
      if (/Options$|^FeatureSet$/.test(message.name)) collect(message, 'google.protobuf');
    }
    const actual: string[] = [];
    for (const { kind, fullName, element } of standardOptions().values()) {
      if (kind === 'message') {
        for (const { name, number, type, typeName, label } of element.field ?? []) {
          actual.push([fullName, name, number, type, typeName, label].join(' '));
        }
      } else if (kind === 'enum' && fullName !== 'google.protobuf.Edition') {
        for (const item of element.value ?? []) actual.push([fullName, item.name, item.number].join(' '));
      }
    }
    expect(actual.sort()).to.deep.equal(expected.sort());
    const edition = standardOptions().get('google.protobuf.Edition');
    expect(edition?.kind === 'enum' && edition.element.value).to.deep.equal(
      file.enumType
        ?.find(({ name }) => name === 'Edition')
        ?.value?.map(({ name, number }) => ({ name, number })),
    );
  });
});
