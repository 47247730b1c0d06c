import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeHuffman,
  encodeHuffman,
  huffmanLength,
  maxDecodedLength,
} from '../../../lib/http2/hpack/huffman.ts';
import { hex } from '../wire-text.ts';

/** RFC 7541 Appendix C.4 and C.6. */
const examples: readonly { text: string; digits: string }[] = [
  { text: 'www.example.com', digits: 'f1e3c2e5f23a6ba0ab90f4ff' },
  { text: 'no-cache', digits: 'a8eb10649cbf' },
  { text: 'custom-key', digits: '25a849e95ba97d7f' },
  { text: '302', digits: '6402' },
  { text: 'Mon, 21 Oct 2013 20:13:21 GMT', digits: 'd07abe941054d444a8200595040b8166e082a62d1bff' },
  { text: '', digits: '' },
];

function encode(text: string): Uint8Array {
  const octets = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const out = new Uint8Array(huffmanLength(octets, octets.length) + 2);
  const end = encodeHuffman(octets, octets.length, out, 1);
  expect(end).to.equal(out.length - 1);
  return out.subarray(1, end);
}

function decode(octets: Uint8Array): string {
  const out = new Uint8Array(maxDecodedLength(octets.length));
  return String.fromCharCode(...out.subarray(0, decodeHuffman(octets, 0, octets.length, out)));
}

describe('The Huffman code (RFC 7541 §5.2)', () => {
  for (const { text, digits } of examples) {
    it(`Codes "${text}" as ${digits === '' ? 'nothing' : digits} and back.`, () => {
      expect(encode(text)).to.deep.equal(hex(digits));
      expect(decode(hex(digits))).to.equal(text);
    });
  }

  it('Codes every octet, the longest codes too.', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, octet) => octet));
    expect(decode(encode(all))).to.equal(all);
    // The code of 0x0a is 30 ones but the last two bits (Appendix B): 3ffffffc.
    expect(encode('\n')).to.deep.equal(hex('fffffff3'));
  });

  it('Every text is what it was, coded and decoded.', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 60 }), (octets) => {
        const text = String.fromCharCode(...octets);
        expect(decode(encode(text))).to.equal(text);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  });

  it('Any octets decode, or are an error, and what decodes is coded the same way.', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (octets) => {
        let text: string;
        try {
          text = decode(octets);
        } catch {
          return;
        }
        expect(encode(text)).to.deep.equal(octets);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  });
});
