import { expect } from 'chai';
import { LargeMessage } from '../../lib/rpc/large-message.ts';

describe('A large message that is arriving', () => {
  for (const octets of [32_773, 1 << 20, 10_000_019]) {
    for (const piece of [1000, 16_384, 65_536]) {
      it(`takes at most eight times what has come of ${octets} octets in pieces of ${piece}, and in the end no more than it is`, () => {
        const chunk = new Uint8Array(piece).map((_, i) => i % 251);
        const message = new LargeMessage(octets, piece);
        while (!message.isComplete) {
          const before = message.length;
          const rest = message.append(chunk, 0, piece);
          expect(message.length - before).to.equal(Math.min(piece, octets - before));
          expect(rest).to.equal(message.length - before);
          expect(message.memory.length).to.be.at.most(8 * message.length);
        }
        expect(message.memory.length).to.equal(octets);
        expect(message.memory.every((octet, i) => octet === (i % piece) % 251)).to.equal(true);
      });
    }
  }
});
