import { expect } from 'chai';
import { looksLikeTarget, schemaPath, serverTarget } from '../../../lib/cli/command/target.ts';

describe('serverTarget', () => {
  const cases: [string, 'plaintext' | 'tls' | undefined, string, boolean][] = [
    ['localhost:50051', undefined, 'localhost:50051', false],
    ['localhost:50051', 'tls', 'https://localhost:50051', true],
    [':50051', undefined, 'localhost:50051', false],
    ['50051', undefined, 'localhost:50051', false],
    ['50051', 'tls', 'https://localhost:50051', true],
    ['127.0.0.1:1', undefined, '127.0.0.1:1', false],
    ['[::1]:50051', undefined, '[::1]:50051', false],
    ['app.localhost:1', undefined, 'app.localhost:1', false],
    ['api.example.com:443', undefined, 'https://api.example.com:443', true],
    ['api.example.com', undefined, 'https://api.example.com', true],
    ['api.example.com:50051', 'plaintext', 'api.example.com:50051', false],
    ['127.0.0.1.example.com:1', undefined, 'https://127.0.0.1.example.com:1', true],
    ['localhost.example.com:1', undefined, 'https://localhost.example.com:1', true],
    ['[2001:db8::1]:1', undefined, 'https://[2001:db8::1]:1', true],
    ['http://api.example.com:80', undefined, 'http://api.example.com:80', false],
    ['grpc://api.example.com:80', undefined, 'grpc://api.example.com:80', false],
    ['https://localhost:1/prefix', undefined, 'https://localhost:1/prefix', true],
    ['grpcs://x:1', 'tls', 'grpcs://x:1', true],
    ['dns:///api.example.com:443', undefined, 'dns:///api.example.com:443', true],
    ['dns:///localhost:1', undefined, 'dns:///localhost:1', false],
    ['dns:localhost:1', undefined, 'dns:localhost:1', false],
    ['unix:/tmp/x.sock', undefined, 'unix:/tmp/x.sock', false],
    ['unix:///tmp/x.sock', 'tls', 'unix:///tmp/x.sock', true],
  ];
  for (const [word, wanted, text, isTls] of cases) {
    it(`takes ${word}${wanted === undefined ? '' : ` with --${wanted}`} for ${isTls ? 'TLS' : 'plaintext'}`, () => {
      expect(serverTarget(word, wanted)).to.deep.include({ text, isTls });
    });
  }

  const places: [string, boolean][] = [
    ['ipv4:127.0.0.1:1', true],
    ['ipv4:127.0.0.1:1,127.0.0.2:1', true],
    ['ipv4:127.0.0.1:1,192.0.2.1:1', false],
    ['ipv4:192.0.2.1:1,127.0.0.1:1', false],
    ['ipv4:///127.0.0.1:1,192.0.2.1:1', false],
    ['ipv6:[::1]:1', true],
    ['ipv6:[::1]:1,[::1]:2', true],
    ['ipv6:[::1]:1,[2001:db8::1]:1', false],
    ['ipv6:[2001:db8::1]:1,[::1]:1', false],
    ['ipv6:[::1]:1, [2001:db8::1]:1', false],
    ['0.0.0.0:1', true],
    ['[::]:1', true],
    ['[::ffff:127.0.0.1]:1', true],
    ['127.999.0.1:1', false],
    ['dns:///localhost:1', true],
    ['dns://192.0.2.53/localhost:1', false],
    ['dns://192.0.2.53/127.0.0.1:1', true],
    ['dns://192.0.2.53/api.localhost:1', false],
  ];
  for (const [word, isLocal] of places) {
    it(`takes ${word} for ${isLocal ? 'this machine' : 'another one'}, and its protocol after that`, () => {
      expect(serverTarget(word, undefined)).to.deep.include({ isLocal, isTls: !isLocal });
    });
  }

  it('refuses what contradicts itself', () => {
    expect(() => serverTarget('https://x', 'plaintext')).to.throw('https:// means TLS');
    expect(() => serverTarget('http://x:1', 'tls')).to.throw('http:// means plaintext');
    expect(() => serverTarget('', undefined)).to.throw('empty');
  });

  it('tells targets from symbols', () => {
    for (const word of ['localhost', 'a:1', 'https://x', 'unix:/x', '10.0.0.1', '50051', '[::1]:1'])
      expect(looksLikeTarget(word), word).to.equal(true);
    for (const word of ['SayHello', 'helloworld.Greeter/SayHello', '-d:1', '{"a":1}', 'x: y', '123456'])
      expect(looksLikeTarget(word), word).to.equal(false);
  });

  const paths: readonly (readonly [string, ReturnType<typeof schemaPath>])[] = [
    ['protos', 'directory'],
    ['protos/helloworld.proto', 'schema file'],
    ['absent.binpb', 'schema file'],
    ['package.json', 'schema file'],
    ['.npmrc', 'file'],
    ['./absent', 'file'],
    ['../absent.d', 'file'],
    ['/absent/dir', 'file'],
    ['~/absent', 'file'],
    ['.', 'directory'],
    ['api.example.com', undefined],
    ['protos:443', undefined],
    ['localhost', undefined],
  ];
  for (const [word, kind] of paths) {
    it(`takes ${word} for ${kind === undefined ? 'a server' : `a ${kind}`}`, () => {
      expect(schemaPath(word)).to.equal(kind);
      if (kind === undefined) expect(serverTarget(word, undefined).text).to.include(word);
      else {
        const option = kind === 'directory' ? 'directory with --proto' : 'file with --proto or --protoset';
        expect(() => serverTarget(word, undefined)).to.throw(
          `'${word}' is a ${kind}, but this needs a server; write host:port first, and give the ${option}`,
        );
      }
    });
  }
});
