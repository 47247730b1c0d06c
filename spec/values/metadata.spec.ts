import { inspect } from 'node:util';
import { expect } from 'chai';
import { Metadata } from '../../lib/values/metadata.ts';
import type { MetadataInput } from '../../lib/values/metadata-entries.ts';

const BYTES = Uint8Array.of(1, 2, 3);

/** What a user without types may give. */
function make(input: unknown): Metadata {
  return new Metadata(input as MetadataInput);
}

describe('Metadata (PROTOCOL-HTTP2.md, Custom-Metadata)', () => {
  const inputs: readonly (readonly [name: string, input: unknown, entries: unknown[]])[] = [
    ['nothing', undefined, []],
    ['an empty record', {}, []],
    [
      'a record',
      { b: '1', a: '2' },
      [
        ['b', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a record of arrays',
      { a: ['1', '2'], b: [] },
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['a record with what is undefined', { a: undefined, b: '1' }, [['b', '1']]],
    [
      'entries',
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      [
        ['a', '1'],
        ['a', '3'],
        ['b', '2'],
      ],
    ],
    ['a Map', new Map([['a', '1']]), [['a', '1']]],
    [
      'a generator of entries',
      (function* () {
        yield ['a', ['1', '2']];
      })(),
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'Metadata',
      new Metadata({ a: '1', 'x-bin': BYTES }),
      [
        ['a', '1'],
        ['x-bin', BYTES],
      ],
    ],
    ['Headers of fetch', new Headers({ 'X-A': '1' }), [['x-a', '1']]],
    ['upper case', { 'X-Request-ID': '7' }, [['x-request-id', '7']]],
    ['an object without a prototype', Object.assign(Object.create(null), { a: '1' }), [['a', '1']]],
  ];
  for (const [name, input, entries] of inputs) {
    it(`is made of ${name}`, () => {
      expect([...make(input)]).to.deep.equal(entries);
    });
  }

  for (const input of [null, 'a: b', 7, true, () => {}, Symbol('s'), 1n]) {
    it(`is not made of ${String(input)}`, () => {
      expect(() => make(input)).to.throw(TypeError, 'metadata must be an object');
    });
  }

  for (const entry of ['ab', ['a'], ['a', '1', '2'], null, 7, { a: '1' }]) {
    it(`is not made of the entry ${JSON.stringify(entry)}`, () => {
      expect(() => make([entry])).to.throw(TypeError, 'must be a pair');
    });
  }

  // Whatever is given in a wrong form may be a secret: errors say of which name it is, and of what kind.
  const SECRET = 'eyJhbGciOi-secret';
  const leaks: readonly (readonly [name: string, input: unknown, message: string | RegExp])[] = [
    ['text under a binary name', { 'authorization-bin': SECRET }, /'authorization-bin' .* not a string$/],
    ['the whole as text', SECRET, /not a string$/],
    ['a list of lines', [`authorization: ${SECRET}`], /must be a pair .* not a string$/],
    ['a flat list', ['authorization', SECRET], /must be a pair .* not a string$/],
    ['a pair of one', [[SECRET]], /must be a pair .* not an array$/],
    ['a line as a name', { [`authorization: ${SECRET}`]: '' }, /metadata name "authorization:"… may contain/],
    ['an object', { authorization: { token: SECRET } }, /'authorization' must be a string, not Object$/],
    ['a boxed text', { authorization: Object(SECRET) }, /not String$/],
    ['a symbol', { authorization: Symbol(SECRET) }, /not a symbol$/],
    ['a number', { 'x-pin': 123_456 }, /'x-pin' must be a string, not a number$/],
    ['a big number', { 'x-pin': 123_456n }, /not a bigint$/],
    ['a function', { authorization: () => SECRET }, /not a function$/],
    ['bytes', { authorization: Buffer.from(SECRET) }, /'authorization' holds bytes/],
    [
      'a text with a line feed',
      { authorization: `${SECRET}\n` },
      /'authorization' may contain only printable/,
    ],
    ['a text with a space at its end', { authorization: `${SECRET} ` }, /'authorization' must not begin or/],
    ['one of several', { authorization: ['a', [SECRET]] }, /'authorization' must be a string, not an array/],
  ];
  for (const [name, input, message] of leaks) {
    it(`does not quote ${name} in its error`, () => {
      expect(() => make(input))
        .to.throw(TypeError, message)
        .with.property('message')
        .not.match(/secret|123/);
    });
  }

  for (const name of [
    'a',
    '0',
    'x-y',
    'x_y',
    'x.y',
    'A-Z',
    'grpc-trace-bin',
    'grpc-tags-bin',
    'grpcx',
    'authorization',
    'cookie',
  ]) {
    it(`takes the name ${name}`, () => {
      const metadata = new Metadata();
      const value = name.endsWith('-bin') ? BYTES : 'v';
      expect(metadata.set(name, value).get(name.toUpperCase())).to.equal(value);
    });
  }

  for (const name of ['', ' ', 'a b', 'a:b', ':path', 'ä', 'a/b', 'a\n', 'a\0', 'a"', '٣', '\u212a']) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      expect(() => new Metadata([[name, 'v']])).to.throw(TypeError, /metadata name .* may contain only/);
    });
  }

  for (const name of [undefined, null, 7, Symbol('s'), {}]) {
    it(`refuses ${String(name)} for a name`, () => {
      expect(() => make([[name, 'v']])).to.throw(TypeError, 'name must be a string');
    });
  }

  const reserved = [
    'te',
    'content-type',
    'Content-Type',
    'user-agent',
    'content-length',
    'host',
    'connection',
    'keep-alive',
    'proxy-connection',
    'transfer-encoding',
    'upgrade',
    'grpc-timeout',
    'grpc-status',
    'grpc-encoding',
    'GRPC-x',
    'grpc-status-details-bin',
  ];
  for (const name of reserved) {
    it(`refuses the name ${name}, which is the protocol's own`, () => {
      expect(() => new Metadata().append(name, 'v')).to.throw(
        TypeError,
        `'${name.toLowerCase()}' is reserved`,
      );
    });
  }

  const hints: readonly (readonly [name: string, option: string])[] = [
    ['user-agent', 'userAgent'],
    ['grpc-timeout', 'timeoutMs'],
    ['host', 'authority'],
  ];
  for (const [name, option] of hints) {
    it(`names the option ${option} to who sets ${name}`, () => {
      expect(() => new Metadata({ [name]: 'v' })).to.throw(TypeError, option);
    });
  }

  for (const value of ['', '!', '~', 'a b', 'a,b', '%20', 'x'.repeat(10_000)]) {
    it(`takes the text ${JSON.stringify(value.slice(0, 20))}`, () => {
      expect(new Metadata({ a: value }).get('a')).to.equal(value);
    });
  }

  for (const value of ['\x1f', '\x7f', 'é', 'a\r\nb: c', 'a\0', '☃', ' a', 'a ', ' ', '\t']) {
    it(`refuses the text ${JSON.stringify(value)}`, () => {
      expect(() => new Metadata({ a: value })).to.throw(TypeError, "metadata 'a'");
    });
  }

  for (const value of [7, null, true, {}, new Date(0), 1n, Symbol('s')]) {
    it(`refuses ${String(value)} for a value, under text and binary names`, () => {
      expect(() => make({ a: value })).to.throw(TypeError, "metadata 'a' must be a string");
      expect(() => make({ 'a-bin': value })).to.throw(TypeError, 'must be a Uint8Array');
    });
  }

  it('wants bytes for names that end in -bin and text for all others, and says so', () => {
    expect(() => new Metadata({ 'a-bin': 'AAAA' })).to.throw(TypeError, /ends in -bin .*Uint8Array/);
    expect(() => new Metadata({ a: BYTES })).to.throw(TypeError, "'a-bin'");
    expect(new Metadata({ 'a-bin': Buffer.from('x') }).get('A-Bin')).to.deep.equal(Buffer.from('x'));
    expect(new Metadata({ 'a-bin': new Uint8Array(0) }).getAll('a-bin')).to.have.lengthOf(1);
  });

  it('does not quote a value it refuses: it may be a secret', () => {
    for (const secret of ['geheimnis\n', 'geheimnis ']) {
      expect(() => new Metadata({ authorization: secret }))
        .to.throw(TypeError)
        .and.not.match(/geheim/);
    }
  });

  it('gets, replaces, adds and deletes, whatever the case of the name', () => {
    const metadata = new Metadata({ a: '1' });
    expect(metadata.append('A', '2').getAll('a')).to.deep.equal(['1', '2']);
    expect(metadata.get('A')).to.equal('1');
    expect(metadata.set('a', '3').getAll('A')).to.deep.equal(['3']);
    expect([metadata.has('A'), metadata.has('b'), metadata.size]).to.deep.equal([true, false, 1]);
    expect([metadata.delete('A'), metadata.delete('a')]).to.deep.equal([true, false]);
    expect([metadata.get('a'), metadata.getAll('a')]).to.deep.equal([undefined, []]);
  });

  it('is not changed through what it gives or was made of', () => {
    const values = ['1'];
    const metadata = new Metadata({ a: values });
    values.push('2');
    metadata.getAll('a').push('3');
    const copy = new Metadata(metadata);
    copy.append('a', '4');
    expect(metadata.getAll('a')).to.deep.equal(['1']);
  });

  it('is left as it was by what it refuses', () => {
    const metadata = new Metadata({ a: '1' });
    expect(() => metadata.set('a', 'é')).to.throw(TypeError);
    expect(metadata.getAll('a')).to.deep.equal(['1']);
  });

  it('is JSON: a value or an array for each name, bytes in base64', () => {
    const metadata = new Metadata([
      ['a', '1'],
      ['b', ['2', '3']],
      ['x-bin', BYTES],
    ]);
    expect(JSON.parse(JSON.stringify(metadata))).to.deep.equal({ a: '1', b: ['2', '3'], 'x-bin': 'AQID' });
  });

  it('is safe with the names that objects have of their own', () => {
    const metadata = new Metadata([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    expect(metadata.get('__proto__')).to.equal('1');
    expect(JSON.stringify(metadata)).to.equal('{"__proto__":"1","constructor":"2"}');
    expect(inspect(metadata)).to.include('__proto__');
    expect(new Metadata().get('tostring')).to.equal(undefined);
  });

  it('prints what it holds', () => {
    expect(inspect(new Metadata({ a: '1', b: ['2', '3'] }))).to.equal(
      "{ Metadata: { a: '1', b: [ '2', '3' ] } }",
    );
  });
});
