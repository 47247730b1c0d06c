import { expect } from 'chai';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import {
  type Answered,
  decodeReflectionAnswer,
  encodeReflectionRequest,
  questionKey,
  type ReflectionAnswer,
  type ReflectionRequest,
  reflectionPath,
} from '../../../lib/schema/reflection/messages.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';

for (const version of ['v1', 'v1alpha'] as const) {
  describe(`Messages of reflection (grpc/reflection/${version}/reflection.proto)`, () => {
    const published = new Registry({ defaults: false });
    const name = (message: string): string => `grpc.reflection.${version}.${message}`;

    before(async () => {
      published.add((await loadProto([`grpc/reflection/${version}/reflection.proto`])).files, 'the specs');
    });

    function answer(fields: object): ReflectionAnswer {
      return answered(fields).answer;
    }

    function answered(fields: object): Answered {
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
      { fileContainingExtension: { containingType: 'a.b.C', extensionNumber: 536870911 } },
      { allExtensionNumbersOfType: 'a.b.C' },
      { listServices: '*' },
    ];
    for (const request of requests) {
      it(`are written as published: ${JSON.stringify(request)}`, () => {
        const bytes = encodeReflectionRequest(request);
        const read = published.message(name('ServerReflectionRequest')).decode(bytes, 0, bytes.length);
        expect(JSON.parse(JSON.stringify(read))).to.deep.equal(request);
      });

      it(`are told from others in the answer: ${JSON.stringify(request)}`, () => {
        const original = { host: 'x', ...request };
        expect(answered({ originalRequest: original }).question).to.equal(questionKey(request));
        expect(requests.filter((one) => questionKey(one) === questionKey(request))).to.have.length(1);
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

    it('say on one line, and where text turns in escapes, what the server says of an error', () => {
      const errorResponse = { errorCode: 5, errorMessage: 'a\n\u001b[2Jb\u009b2J\u202ec\u2028d' };
      expect(answer({ ...original, errorResponse })).to.deep.include({
        message: 'a [2Jb\\u009b2J\\u202ec d',
      });
    });

    it('are read as published: numbers of extensions', () => {
      const numbers = { baseTypeName: 'a.B', extensionNumber: [1, 536870911] };
      expect(answer({ ...original, allExtensionNumbersResponse: numbers })).to.deep.equal({
        kind: 'numbers',
        numbers: [1, 536870911],
      });
    });

    it('that answer something else are an error', () => {
      expect(answer({})).to.deep.include({ kind: 'error', code: 12 });
    });
  });
}
