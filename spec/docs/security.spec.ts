// SECURITY.md against the code: its table of limits has the figures that are in force.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { connectionLimits } from '../../lib/http2/connection-options.ts';

const rows = readFileSync('SECURITY.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));

const shown = (count: number): string => count.toLocaleString('en-US');
const kibibytes = (octets: number): string => `${octets / 1024} KiB`;
const mebibytes = (octets: number): string => `${octets / 1024 / 1024} MiB`;

const limits = connectionLimits({});

/** How a row begins, and what its second cell begins with. */
const cases: readonly (readonly [row: string, figure: string])[] = [
  ['[`maxBufferedBytes`]', mebibytes(limits.maxBufferedOctets)],
  ['[`maxHeaderListBytes`]', kibibytes(limits.maxHeaderListOctets)],
  ['a header block as encoded', kibibytes(limits.maxHeaderBlockOctets)],
  ['CONTINUATION frames without octets', shown(limits.maxEmptyContinuations)],
  ['entries of a SETTINGS frame', shown(limits.maxSettingsEntries)],
  ['SETTINGS without progress', shown(limits.maxSettingsFrames)],
  ['PING without progress', shown(limits.maxPings)],
  ['empty DATA frames', shown(limits.maxEmptyData)],
  ['RST_STREAM or WINDOW_UPDATE', `${shown(limits.maxResets)} each`],
  ['RST_STREAM or WINDOW_UPDATE', `${shown(limits.maxWindowUpdates)} each`],
  ['ignored frames', shown(limits.maxIgnoredFrames)],
  ['our own answers', shown(limits.maxPendingReplies)],
];

describe('SECURITY.md', () => {
  for (const [row, figure] of cases) {
    it(`says ${figure} of ${row}`, () => {
      const cells = rows.find(([limit]) => limit.startsWith(row));
      expect(cells?.[1]).to.satisfy((cell: string) => cell === figure || cell.startsWith(`${figure},`));
    });
  }

  it('names the options of the documentation with the defaults that they have there', () => {
    const options = readFileSync('docs/options.md', 'utf8');
    const defaults = new Map(
      Array.from(options.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm), ([, name, value]) => [name, value]),
    );
    expect(defaults.get('maxReceiveMessageBytes')).to.equal('4 MiB');
    for (const name of [
      'maxReceiveMessageBytes',
      'maxBufferedBytes',
      'maxHeaderListBytes',
      'maxQueuedCalls',
    ]) {
      const row = rows.find(([limit]) => limit.startsWith(`[\`${name}\`]`));
      expect(/^[\d,]+(?: \w+B)?/.exec(row?.[1] ?? '')?.[0], name).to.equal(defaults.get(name));
    }
  });
});
