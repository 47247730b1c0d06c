import { expect } from 'chai';
import fc from 'fast-check';
import { Base64Groups } from '../../lib/protocols/base64-groups.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { byteByByte, splitAt } from '../support/splits.ts';

function decoded(parts: readonly Uint8Array[]): { octets: string | undefined; pending: number } {
  const groups = new Base64Groups();
  const octets: Uint8Array[] = [];
  for (const part of parts) {
    // As it lies in a larger memory.
    const memory = Buffer.concat([Buffer.from('=='), part, Buffer.from('==')]);
    octets.push(groups.decode(memory, 2, 2 + part.length));
    if (groups.isBroken) return { octets: undefined, pending: groups.pending };
  }
  return { octets: Buffer.concat(octets).toString('hex'), pending: groups.pending };
}

describe('Base64 in groups', () => {
  it('are the octets, however pieces are padded and the text is split', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      (pieces, cuts) => {
        const text = Buffer.from(pieces.map((piece) => Buffer.from(piece).toString('base64')).join(''));
        const octets = Buffer.concat(pieces).toString('hex');
        for (const parts of [[text], byteByByte(text), splitAt(text, cuts)]) {
          expect(decoded(parts)).to.deep.equal({ octets, pending: 0 });
        }
      },
    );
    fc.assert(property, { numRuns: atLeast(300) });
  });

  const bad = [
    '=',
    'A=',
    'A===',
    '====',
    'AA=A',
    'AAA=A===',
    'AAAA=',
    'AA A',
    'AAA\n',
    'AA-_',
    'AAA\xff',
    '<htm',
    'AAA\0',
  ];
  for (const text of bad) {
    it(`refuses ${JSON.stringify(text)}, whole and split`, () => {
      const octets = Buffer.from(text, 'latin1');
      expect(decoded([octets]).octets).to.equal(undefined);
      expect(decoded(byteByByte(octets)).octets).to.equal(undefined);
    });
  }

  it('tells how much of a group there is', () => {
    expect(decoded([Buffer.from('AAAAA')])).to.deep.equal({ octets: '000000', pending: 1 });
    expect(decoded([Buffer.from('AA=')])).to.deep.equal({ octets: '', pending: 3 });
  });
});
