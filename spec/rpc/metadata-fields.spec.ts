import { expect } from 'chai';
import fc from 'fast-check';
import { fieldsOfInput, metadataOfFields } from '../../lib/rpc/metadata-fields.ts';
import { Metadata } from '../../lib/values/metadata.ts';

describe('Metadata as fields (PROTOCOL-HTTP2.md, Custom-Metadata)', () => {
  it('is a field for each value, in order, names in lower case', () => {
    const metadata = new Metadata([
      ['X-A', '1'],
      ['b', ['2', '3']],
      ['x-a', '4'],
    ]);
    expect(fieldsOfInput(metadata)).to.deep.equal(['x-a', '1', 'x-a', '4', 'b', '2', 'b', '3']);
  });

  it('is nothing where there is none', () => {
    for (const input of [new Metadata(), {}, [], { a: [] }]) expect(fieldsOfInput(input)).to.equal(undefined);
  });

  const lengths: readonly (readonly [octets: number[], text: string])[] = [
    [[], ''],
    [[1], 'AQ'],
    [[1, 2], 'AQI'],
    [[1, 2, 3], 'AQID'],
    [[251, 255], '+/8'],
  ];
  for (const [octets, text] of lengths) {
    it(`writes ${octets.length} octets as unpadded base64, ${JSON.stringify(text)}`, () => {
      const metadata = new Metadata({ 'x-bin': Uint8Array.from(octets) });
      expect(fieldsOfInput(metadata)).to.deep.equal(['x-bin', text]);
    });
  }

  it('writes the octets that a view shows, not those of its whole buffer', () => {
    const view = Uint8Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
    expect(fieldsOfInput(new Metadata({ 'x-bin': view }))).to.deep.equal(['x-bin', 'AQID']);
  });

  const received: readonly (readonly [name: string, value: string, octets: number[][]])[] = [
    ['unpadded', 'AQ', [[1]]],
    ['padded', 'AQ==', [[1]]],
    ['several joined by commas', 'AQ,AQI=, AQID', [[1], [1, 2], [1, 2, 3]]],
    ['empty', '', [[]]],
    ['between blanks', ' AQ , AQI ', [[1], [1, 2]]],
    ['of the URL-safe alphabet', '-_8', [[251, 255]]],
    ['followed by a comma', 'AQ,', [[1], []]],
    ['no base64, and so are left out', 'A!Q', []],
    ['cut inside a digit group, and so are left out', 'AQIDA', []],
    ['padded in the middle, and so are left out', 'AQ==AQ==', []],
    ['padded beyond need, and so are left out', 'AQ===', []],
    ['beside one that is no base64', 'AQ,?,AQI', [[1], [1, 2]]],
  ];
  for (const [name, value, octets] of received) {
    it(`reads binary values that are ${name}`, () => {
      const metadata = metadataOfFields(['x-bin', value]);
      const values = metadata.getAll('x-bin').map((one) => [...(one as Uint8Array)]);
      expect(values).to.deep.equal(octets);
    });
  }

  it('keeps a comma in text, and several values of one name apart', () => {
    const metadata = metadataOfFields(['a', '1, 2', 'b', 'x', 'a', '3']);
    expect(metadata.getAll('a')).to.deep.equal(['1, 2', '3']);
  });

  it('hides what belongs to the protocol and shows what does not', () => {
    const protocol = [
      ':status',
      'content-type',
      'te',
      'grpc-status',
      'grpc-message',
      'grpc-encoding',
      'grpc-accept-encoding',
    ];
    const application = ['grpc-status-details-bin', 'grpc-server-stats-bin', 'date', 'server', 'x'];
    const fields = [...protocol, ...application].flatMap((name) => [name, 'AAAA']);
    expect([...metadataOfFields(fields)].map(([name]) => name)).to.deep.equal(application);
  });

  it('takes what a server sends as it is, though we would not send it', () => {
    const metadata = metadataOfFields(['grpc-odd', 'caf\xe9', 'user-agent', '\t']);
    expect([...metadata]).to.deep.equal([
      ['grpc-odd', 'caf\xe9'],
      ['user-agent', '\t'],
    ]);
  });

  it('comes back as it was', () => {
    const text = fc.tuple(fc.constantFrom('a', 'b-c', 'x.y_z'), fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/));
    const binary = fc.tuple(fc.constantFrom('a-bin', 'b-bin'), fc.uint8Array());
    const property = fc.property(fc.array(fc.oneof(text, binary)), (entries) => {
      const metadata = new Metadata(entries as [string, string | Uint8Array][]);
      const back = metadataOfFields(fieldsOfInput(metadata) ?? []);
      expect(back.toJSON()).to.deep.equal(metadata.toJSON());
    });
    fc.assert(property);
  });
});
