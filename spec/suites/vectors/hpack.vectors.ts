// Every HPACK story: header blocks of other encoders decode to their fields, and the fields come back from ours.

import { expect } from 'chai';
import type { FieldList } from '../../../lib/http2/handlers.ts';
import { HeaderDecoder } from '../../../lib/http2/hpack/decoder.ts';
import { HeaderEncoder } from '../../../lib/http2/hpack/encoder.ts';
import { hex } from '../../http2/wire-text.ts';
import { vectorFiles } from './archive.ts';

interface Story {
  readonly cases: readonly {
    readonly wire: string;
    /** The decoder's SETTINGS_HEADER_TABLE_SIZE from this case on; null is how one encoder says nothing. */
    readonly header_table_size?: number | null;
    readonly headers: readonly Readonly<Record<string, string>>[];
  }[];
}

const TABLE_OCTETS = 4096;
const NO_LIMIT = 2 ** 30;

function fieldsOf(headers: readonly Readonly<Record<string, string>>[]): FieldList {
  return headers.flatMap((field) => Object.entries(field).flat());
}

describe('HPACK stories', () => {
  for (const { name, content } of vectorFiles('hpack.tar.xz') ?? []) {
    const { cases } = content as Story;

    it(`${name} decodes to its header fields.`, () => {
      const decoder = new HeaderDecoder(TABLE_OCTETS, NO_LIMIT);
      let tableOctets = TABLE_OCTETS;
      for (const { wire, header_table_size, headers } of cases) {
        if ((header_table_size ?? tableOctets) !== tableOctets) {
          tableOctets = header_table_size ?? tableOctets;
          decoder.setMaxTableOctets(tableOctets);
        }
        const block = hex(wire);
        expect(decoder.decode(block, 0, block.length)).to.deep.equal(fieldsOf(headers));
      }
    });

    it(`${name} round-trips through our encoder.`, () => {
      const encoder = new HeaderEncoder(TABLE_OCTETS, TABLE_OCTETS, []);
      const decoder = new HeaderDecoder(TABLE_OCTETS, NO_LIMIT);
      const head = { scheme: 'http', authority: 'a', path: '/p', fields: [] } as const;
      const pseudo = [':method', 'POST', ':scheme', 'http', ':path', '/p', ':authority', 'a'];
      for (const { header_table_size, headers } of cases) {
        if (typeof header_table_size === 'number') encoder.setPeerTableOctets(header_table_size);
        const fields = fieldsOf(headers);
        const response = new Uint8Array(encoder.fieldsBound(fields));
        const responseEnd = encoder.encodeFields(fields, response, 0);
        expect(decoder.decode(response, 0, responseEnd)).to.deep.equal(fields);
        const request = new Uint8Array(encoder.requestBound(head, fields));
        const requestEnd = encoder.encodeRequest(head, fields, request, 0);
        expect(decoder.decode(request, 0, requestEnd)).to.deep.equal([...pseudo, ...fields]);
      }
    });
  }
});
