// What is wrong with TLS options is told when the client is made, and never shows what was given.

import tls from 'node:tls';
import { expect } from 'chai';
import { Client, type ClientOptions } from '../../../../lib/index.ts';
import { certificatePath, pair, pem } from './secure-servers.ts';

const file = (name: string) => ({ file: certificatePath(name) });

const wrong: readonly (readonly [name: string, target: string, options: object, told: RegExp])[] = [
  ['http:// with tls', 'http://a:1', { tls: true }, /means plaintext.*https:\/\//],
  ['grpc:// with tls', 'grpc://a:1', { tls: {} }, /means plaintext/],
  ['https:// without', 'https://a:1', { tls: false }, /tls is false.*http:\/\//],
  ['a serverName in plaintext', 'a:1', { serverName: 'b' }, /plaintext.*authority/],
  ['two serverNames', 'a:1', { serverName: 'b', tls: { serverName: 'c' } }, /differ/],
  ['a serverName with a port', 'a:1', { serverName: 'b:1', tls: true }, /serverName must be a host name/],
  ['tls that is a text', 'a:1', { tls: 'yes' }, /tls must be true, false or an object/],
  ['tls that is null', 'a:1', { tls: null }, /tls must be/],
  ['an unknown option', 'a:1', { tls: { cacert: 'x' } }, /no tls option 'cacert'/],
  ['a misspelt option', 'a:1', { tls: { passPhrase: 'x' } }, /did you mean 'passphrase'/],
  ['a path as ca', 'a:1', { tls: { ca: 'ca.pem' } }, /tls\.ca .*'system'.*\{ file: path \}/],
  ['a path as cert', 'a:1', { tls: { cert: 'c.pem', key: 'k.pem' } }, /tls\.cert .*\{ file: path \}/],
  ['no ca at all', 'a:1', { tls: { ca: [] } }, /tls\.ca is an empty array/],
  ['one wrong ca of several', 'a:1', { tls: { ca: [pem('root'), 7] } }, /tls\.ca\[1\] must be PEM/],
  [
    'a ca that is a key',
    'a:1',
    { tls: { ca: pem('client.key') } },
    /tls\.ca holds no PEM with a certificate/,
  ],
  ['a ca of other bytes', 'a:1', { tls: { ca: new Uint8Array(9) } }, /tls\.ca holds no PEM/],
  [
    'a ca that is damaged',
    'a:1',
    { tls: { ca: pem('root').replace(/\nM.*\n/, '\nAAAA\n') } },
    /tls\.ca: its certificate number 1 is damaged/,
  ],
  [
    'a file that is not there',
    'a:1',
    { tls: { ca: { file: '/no/ca.pem' } } },
    /tls\.ca: .*\/no\/ca\.pem.*ENOENT/,
  ],
  ['a file that is a directory', 'a:1', { tls: { ca: { file: '/' } } }, /tls\.ca: .*EISDIR/],
  ['a file without PEM', 'a:1', { tls: { ca: { file: 'package.json' } } }, /file package\.json holds no PEM/],
  [
    'a file with more in it',
    'a:1',
    { tls: { ca: { file: 'a', path: 'b' } } },
    /tls\.ca must be \{ file: path \}, with a path or file: URL/,
  ],
  ['a cert alone', 'a:1', { tls: { cert: pem('client') } }, /tls\.cert needs tls\.key/],
  ['a key alone', 'a:1', { tls: { key: pem('client.key') } }, /tls\.key needs tls\.cert/],
  [
    'a key of another certificate',
    'a:1',
    { tls: { cert: pem('client'), key: pem('server.key') } },
    /tls\.key does not belong to tls\.cert/,
  ],
  [
    'an encrypted key without its passphrase',
    'a:1',
    { tls: { cert: pem('client'), key: pem('client-encrypted.key') } },
    /tls\.key is encrypted.*tls\.passphrase/,
  ],
  [
    'an encrypted key with another passphrase',
    'a:1',
    { tls: { cert: pem('client'), key: pem('client-encrypted.key'), passphrase: 'hunter2' } },
    /tls\.passphrase is not the passphrase of tls\.key/,
  ],
  ['PKCS#12 without its passphrase', 'a:1', { tls: { pfx: file('client.p12') } }, /tls\.pfx is encrypted/],
  [
    'PKCS#12 with another passphrase',
    'a:1',
    { tls: { pfx: file('client.p12'), passphrase: 'hunter2' } },
    /tls\.passphrase is not the passphrase of tls\.pfx/,
  ],
  ['PKCS#12 that is none', 'a:1', { tls: { pfx: file('client.pem') } }, /tls\.pfx cannot be used/],
  ['PKCS#12 as text', 'a:1', { tls: { pfx: 'MII…' } }, /tls\.pfx must be PKCS#12 as bytes/],
  [
    'PKCS#12 with a cert',
    'a:1',
    { tls: { pfx: file('client.p12'), passphrase: 'secret', ...pair('client') } },
    /tls\.pfx holds a certificate and its key/,
  ],
  ['a passphrase of nothing', 'a:1', { tls: { passphrase: 'x' } }, /tls\.passphrase is for/],
  [
    'a context with a ca',
    'a:1',
    { tls: { secureContext: tls.createSecureContext(), ca: pem('root') } },
    /tls\.secureContext .*tls\.ca/,
  ],
  ['a context that is none', 'a:1', { tls: { secureContext: {} } }, /tls\.createSecureContext/],
  [
    'a context with a partial chain',
    'a:1',
    { tls: { secureContext: tls.createSecureContext(), partialChain: true } },
    /tls\.secureContext .*tls\.partialChain/,
  ],
  [
    'a text as partialChain',
    'a:1',
    { tls: { partialChain: 'no' } },
    /tls\.partialChain must be true or false/,
  ],
  [
    "a text by Node's name",
    'a:1',
    { tls: { allowPartialTrustChain: 1 } },
    /tls\.allowPartialTrustChain must be true or false/,
  ],
  [
    'both names of one option',
    'a:1',
    { tls: { partialChain: true, allowPartialTrustChain: true } },
    /are the same; give one/,
  ],
  [
    'a serverName that is no name',
    'a:1',
    { tls: true, serverName: 'ü..b' },
    /not a valid internationalised host name/,
  ],
  [
    'an old version',
    'a:1',
    { tls: { minVersion: 'TLSv1.1' } },
    /tls\.minVersion must be 'TLSv1\.2' or 'TLSv1\.3'/,
  ],
  [
    'a text for a boolean',
    'a:1',
    { tls: { rejectUnauthorized: 'false' } },
    /rejectUnauthorized must be true or false/,
  ],
  ['a key log that is no path', 'a:1', { tls: { keyLogFile: false } }, /tls\.keyLogFile must be a path/],
];

describe('The options of TLS', () => {
  for (const [name, target, options, told] of wrong) {
    it(`are refused: ${name}`, () => {
      let error: unknown;
      try {
        new Client(target, options as ClientOptions);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.be.instanceOf(TypeError);
      expect((error as Error).message)
        .to.match(told)
        .and.not.match(/hunter2|MII/);
    });
  }

  it('belong to the client that makes the channel, not to one that shares it', () => {
    const client = new Client('https://localhost:1');
    expect(() => new Client(client.channel, { tls: true })).to.throw(TypeError, 'shares one');
    expect(() => new Client(client.channel, { serverName: 'a' })).to.throw(TypeError, 'shares one');
    void client.close();
  });

  const targets: readonly (readonly [
    target: string,
    options: ClientOptions,
    scheme: string,
    authority: string,
  ])[] = [
    ['https://a', {}, 'https', 'a'],
    ['https://a', { tls: true }, 'https', 'a'],
    ['grpcs://a:8443', {}, 'https', 'a:8443'],
    ['https://a', { serverName: 'b' }, 'https', 'a'],
    ['a:443', { tls: true }, 'https', 'a'],
    ['a:80', { tls: true }, 'https', 'a:80'],
    ['[::1]:443', { tls: {} }, 'https', '[::1]'],
    ['[::1]:50051', { tls: {} }, 'https', '[::1]:50051'],
    ['dns:///a', { tls: true }, 'https', 'a'],
    ['unix:/run/a', { tls: true }, 'https', 'localhost'],
    ['a:443', {}, 'http', 'a:443'],
    ['a:1', { tls: false }, 'http', 'a:1'],
    ['http://a', { tls: false }, 'http', 'a'],
    ['a:1', { tls: undefined, serverName: undefined }, 'http', 'a:1'],
  ];
  for (const [target, options, scheme, authority] of targets) {
    it(`make ${target} with ${JSON.stringify(options)} ${scheme} for ${authority}`, () => {
      const client = new Client(target, options);
      expect(client.channel.target).to.include({ scheme, authority });
      void client.close();
    });
  }
});
