import { expect } from 'chai';
import { ConnectionFault } from '../../../lib/http2/error-code.ts';
import { HeaderDecoder } from '../../../lib/http2/hpack/decoder.ts';
import { hex } from '../wire-text.ts';
import { EXAMPLES } from './appendix-c.ts';

function decode(decoder: HeaderDecoder, digits: string): readonly string[] {
  // Not at the beginning of its memory: blocks lie inside chunks.
  const block = hex(`ff${digits}ff`);
  return decoder.decode(block, 1, block.length - 1);
}

function decoder(tableOctets = 4096, maxListOctets = 1_000_000): HeaderDecoder {
  return new HeaderDecoder(tableOctets, maxListOctets);
}

const broken: readonly { name: string; digits: string; reason: string }[] = [
  { name: 'index 0', digits: '80', reason: 'header field index 0 is invalid' },
  { name: 'an index behind the tables', digits: 'be', reason: 'header field index 62 is not in the table' },
  { name: 'a name index behind the tables', digits: '7e0161', reason: 'header field index 62' },
  { name: 'a cut integer', digits: 'ff', reason: 'ends inside a field' },
  { name: 'a cut integer behind octets', digits: 'ff80', reason: 'ends inside a field' },
  {
    name: 'an integer of too many octets',
    digits: 'ff8080808000',
    reason: 'an integer in a header block is too large',
  },
  { name: 'a literal without its name', digits: '40', reason: 'ends inside a field' },
  { name: 'a cut name', digits: '400261', reason: 'ends inside a field' },
  { name: 'a literal without its value', digits: '400161', reason: 'ends inside a field' },
  { name: 'a cut value', digits: '4001610262', reason: 'ends inside a field' },
  { name: 'a length far beyond the block', digits: '4001617fffffff7f', reason: 'ends inside a field' },
  {
    name: 'a size update inside the block',
    digits: '8220',
    reason: 'a table size update inside a header block',
  },
  {
    name: 'a size update above the limit',
    digits: '3fe21f',
    reason: 'table size update to 4097 exceeds the limit',
  },
  { name: 'a cut size update', digits: '3f', reason: 'ends inside a field' },
  { name: 'EOS in a Huffman string', digits: '00 0161 84 ffffffff', reason: 'EOS' },
  { name: 'Huffman padding of 8 bits', digits: '00 0161 82 1fff', reason: 'more than 7 bits' },
  { name: 'Huffman padding that is not all ones', digits: '00 0161 81 18', reason: 'not all ones' },
];

describe('HeaderDecoder (RFC 7541)', () => {
  for (const { section, tableOctets, blocks } of EXAMPLES) {
    it(`Decodes the examples of Appendix ${section}.`, () => {
      const decoding = decoder(tableOctets);
      for (const block of blocks) {
        expect(decode(decoding, block.hex)).to.deep.equal(block.fields);
        expect(decoding.tableOctets).to.equal(block.tableOctets);
      }
    });
  }

  for (const { name, digits, reason } of broken) {
    it(`Takes ${name} as a COMPRESSION_ERROR.`, () => {
      expect(() => decode(decoder(), digits))
        .to.throw(ConnectionFault, reason)
        .with.property('code', 9);
    });
  }

  it('Reads integers of four octets behind the prefix (§5.1).', () => {
    // 1337 is the example of C.1.2: as a size update, within a limit that allows it.
    const decoding = decoder(1337);
    expect(decode(decoding, '3f9a0a82')).to.deep.equal([':method', 'GET']);
    expect(() => decode(decoder(), 'ffffffff7f')).to.throw(
      'header field index 268435582 is not in the table',
    );
  });

  it('Gives octets above ASCII one character each.', () => {
    expect(decode(decoder(), '00 0161 03 80 e4 ff')).to.deep.equal(['a', '\u0080\u00e4\u00ff']);
    const long = 'e4'.repeat(10_000);
    expect(decode(decoder(), `00 0161 7f 91 4d ${long}`)[1]).to.equal('\u00e4'.repeat(10_000));
  });

  it('Takes size updates at the beginning, to 0 and back, and evicts by them (§4.2, §4.3).', () => {
    const decoding = decoder();
    decode(decoding, '40 0161 0162');
    expect(decode(decoding, 'be')).to.deep.equal(['a', 'b']);
    expect(decode(decoding, '20 3fe11f 82')).to.deep.equal([':method', 'GET']);
    expect(decoding.tableOctets).to.equal(0);
    expect(() => decode(decoding, 'be')).to.throw('index 62');
  });

  it('Evicts the oldest entries when a new one needs their place (§4.4).', () => {
    const decoding = decoder(3 * 34);
    for (const name of ['61', '62', '63', '64']) decode(decoding, `40 01${name} 0178`);
    expect(decode(decoding, 'be bf c0')).to.deep.equal(['d', 'x', 'c', 'x', 'b', 'x']);
    expect(() => decode(decoding, 'c1')).to.throw('index 65');
  });

  it('Keeps an entry as large as the table and empties the table for a larger one (§4.4).', () => {
    const decoding = decoder(35);
    decode(decoding, '40 0161 0262 62');
    expect(decode(decoding, 'be')).to.deep.equal(['a', 'bb']);
    expect(decode(decoding, '40 0161 0362 6262')).to.deep.equal(['a', 'bbb']);
    expect(decoding.tableOctets).to.equal(0);
  });

  it('May refer to an entry that its own insertion evicts (§4.4).', () => {
    const decoding = decoder(34);
    decode(decoding, '40 0161 0162');
    expect(decode(decoding, '7e 0163')).to.deep.equal(['a', 'c']);
    expect(decode(decoding, 'be')).to.deep.equal(['a', 'c']);
  });

  it('Holds many entries where the table is large.', () => {
    const decoding = decoder(1_000_000);
    for (let i = 0; i < 1000; i++) decode(decoding, `40 0161 02 ${(0x3030 + i).toString(16)}`);
    expect(decode(decoding, 'ff a6 07')[1]).to.equal(String.fromCharCode(0x30, 0x30));
  });

  it('Demands a size update after the limit was lowered, and no more after that (§4.2).', () => {
    const decoding = decoder();
    decode(decoding, '88');
    decoding.setMaxTableOctets(100);
    expect(() => decode(decoding, '88')).to.throw('no table size update');
    expect(decode(decoding, '3f45 88')).to.deep.equal([':status', '200']);
    expect(decode(decoding, '88')).to.deep.equal([':status', '200']);
    expect(() => decode(decoding, '3f46 88')).to.throw('table size update to 101 exceeds the limit 100');
  });

  it('Decodes a list past its limit to the end, for the table, and keeps none of it past the limit.', () => {
    const decoding = decoder(4096, 42);
    expect(decode(decoding, '88')).to.deep.equal([':status', '200']);
    expect(decoding.listOverflowed).to.equal(false);
    expect(decode(decoding, '88 40 0161 0162')).to.deep.equal([':status', '200']);
    expect(decoding.listOverflowed).to.equal(true);
    expect(decode(decoding, 'be')).to.deep.equal(['a', 'b']);
    expect(decoding.listOverflowed).to.equal(false);
  });

  it('Keeps the memory of a bomb of indices bounded.', () => {
    const decoding = decoder(4096, 65_536);
    decode(decoding, `40 0161 7f a1 1e ${'62'.repeat(4000)}`);
    expect(decode(decoding, 'be'.repeat(100_000))).to.have.length(2 * 16);
  });

  it('Gives equal blocks the same list while the table stands still, and never a stale one.', () => {
    const decoding = decoder();
    decode(decoding, '40 0161 0162');
    const first = decode(decoding, '88be');
    expect(decode(decoding, '88be')).to.equal(first);
    decode(decoding, '40 0161 0163');
    expect(decode(decoding, '88be')).to.deep.equal([':status', '200', 'a', 'c']);
    expect(decode(decoding, '88bf')).to.deep.equal([':status', '200', 'a', 'b']);
    decode(decoding, '20');
    expect(() => decode(decoding, '88be')).to.throw('index 62');
  });
});
