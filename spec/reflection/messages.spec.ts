import { expect } from 'chai';
import { loadProto } from '../../lib/schema/proto/load-proto.ts';
import {
  decodeReflectionAnswer,
  encodeReflectionRequest,
  type ReflectionRequest,
  reflectionPath,
} from '../../lib/schema/reflection/messages.ts';
import { Registry } from '../../lib/schema/registry.ts';

for (const version of ['v1', 'v1alpha'] as const) {
  describe(`Messages of reflection (grpc/reflection/${version}/reflection.proto)`, () => {
    const published = new Registry({ defaults: false });
    const name = (message: string): string => `grpc.reflection.${version}.${message}`;

    before(async () => {
      published.add((await loadProto([`grpc/reflection/${version}/reflection.proto`])).files, 'the specs');
    });

    function answer(fields: object): ReturnType<typeof decodeReflectionAnswer> {
      const { bytes, start, end } = published.message(name('ServerReflectionResponse')).encode(fields, 0);
      return decodeReflectionAnswer(bytes.slice(start, end));
    }

    it('have the path of the published method', () => {
      expect(published.method(name('ServerReflection.ServerReflectionInfo')).path).to.equal(
        reflectionPath(version),
      );
    });

    const requests: ReflectionRequest[] = [
      { fileByFilename: 'a/b.proto' },
      { fileContainingSymbol: 'a.b.C' },
      { listServices: '*' },
    ];
    for (const request of requests) {
      it(`are written as published: ${JSON.stringify(request)}`, () => {
        const bytes = encodeReflectionRequest(request);
        const read = published.message(name('ServerReflectionRequest')).decode(bytes, 0, bytes.length);
        expect({ ...read }).to.deep.equal(request);
      });
    }

    const original = { validHost: 'x', originalRequest: { listServices: '*' } };

    it('are read as published: files', () => {
      const fileDescriptorProto = [Buffer.from('one'), Buffer.from('two')];
      expect(answer({ ...original, fileDescriptorResponse: { fileDescriptorProto } })).to.deep.equal({
        kind: 'files',
        files: fileDescriptorProto,
      });
    });

    it('are read as published: services', () => {
      const service = [{ name: 'a.B' }, { name: 'c.D' }];
      expect(answer({ ...original, listServicesResponse: { service } })).to.deep.equal({
        kind: 'services',
        names: ['a.B', 'c.D'],
      });
    });

    it('are read as published: an error', () => {
      const errorResponse = { errorCode: 5, errorMessage: 'not here' };
      expect(answer({ ...original, errorResponse })).to.deep.equal({
        kind: 'error',
        code: 5,
        message: 'not here',
      });
    });

    it('that answer something else are an error', () => {
      const other = { allExtensionNumbersResponse: { baseTypeName: 'a.B', extensionNumber: [1] } };
      expect(answer({ ...original, ...other })).to.deep.include({ kind: 'error', code: 12 });
      expect(answer({})).to.deep.include({ kind: 'error', code: 12 });
    });
  });
}
