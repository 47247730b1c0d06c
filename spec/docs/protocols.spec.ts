// The table of docs/protocols.md says what `npm run interop -- wrong` sees, word for word.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { WRONG_PROTOCOLS, wrongProtocolsTable } from '../suites/interop/wrong-protocols.ts';

describe('docs/protocols.md', () => {
  const page = readFileSync(join('docs', 'protocols.md'), 'utf8');

  it('has what each server says in a wrong protocol', () => {
    const from = page.indexOf('| what answers |');
    expect(page.slice(from, page.indexOf('\n\n', from))).to.equal(wrongProtocolsTable());
  });

  for (const { server, protocol, details } of WRONG_PROTOCOLS) {
    it(`has one line for ${protocol} to ${server}, with an option to try or a place to look at`, () => {
      expect(details).to.not.include('\n');
      expect(details).to.match(
        /; (?:.*: )?(?:use|if it is that, use|leave out|check|give|have it)\b|then use /,
      );
    });
  }
});
