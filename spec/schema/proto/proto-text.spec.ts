import { isUtf8 } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { type LoadedProto, loadProto } from '../../../lib/schema/proto/load-proto.ts';
import {
  decodeProtoText,
  hasRaw,
  octetsOf,
  withoutRaw,
} from '../../../lib/schema/proto/syntax/proto-text.ts';
import { HEAD, protoDirectory, refusal } from './proto-directory.ts';

describe('Loading .proto files', () => {
  const { at } = protoDirectory();

  describe('octets that are not UTF-8', () => {
    const octets = (...parts: readonly (string | readonly number[])[]): Buffer =>
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
    const load = async (...parts: readonly (string | readonly number[])[]): Promise<LoadedProto> => {
      writeFileSync(at('m.proto'), octets(...parts));
      return loadProto([at('m.proto')]);
    };
    const PROTO2 = 'syntax = "proto2"; ';
    const EXTENSION = `${PROTO2}import "google/protobuf/descriptor.proto"; extend google.protobuf.MessageOptions {
      optional bytes octets = 50001; optional string text = 50002; } `;

    it('are kept in the default of a bytes field.', async () => {
      const before = `${PROTO2}message M { optional bytes b = 1 [default = "é`;
      const { files } = await load(before, [0xff, 0xfe, 0x41, 0xc3], '\\303" "', [0x80], '€"]; }');
      const field = files[0].messageType?.[0].field?.[0];
      expect(field?.defaultValue).to.equal('\\303\\251\\377\\376A\\303\\303\\200\\342\\202\\254');
    });

    it('are kept in an option that is bytes.', async () => {
      const { files } = await load(EXTENSION, 'message M { option (octets) = "a', [0xff], 'b"; }');
      const options = files.at(-1)?.messageType?.[0].options;
      expect(options?.['[octets]']).to.deep.equal(Uint8Array.of(0x61, 0xff, 0x62));
    });

    it('are shown as U+FFFD in comments, and spans count them as octets.', async () => {
      const { files } = await load(PROTO2, '\n\n// L', [0xf6], 'we 😀\n\n/* ', [0xe4], ' */ message M {}');
      const location = files[0].sourceCodeInfo?.location?.find(({ path }) => String(path) === '4,0');
      expect(location?.leadingComments).to.equal(' \ufffd ');
      expect(location?.leadingDetachedComments).to.deep.equal([' L\ufffdwe 😀\n']);
      expect(location?.span).to.deep.equal([4, 8, 20]);
    });

    it('are no different for the halves of a character that escapes spell.', async () => {
      const { files } = await load(
        `${PROTO2}message M { optional string s = 1 [default = "\\ud83d\\ude00\\303\\251"]; }`,
      );
      expect(files[0].messageType?.[0].field?.[0].defaultValue).to.equal('😀é');
    });

    it('are kept in bytes where an escape spells half a character.', async () => {
      const { files } = await load(
        `${PROTO2}message M { optional bytes b = 1 [default = "\\ud83d" "\\ude00"]; }`,
      );
      expect(files[0].messageType?.[0].field?.[0].defaultValue).to.equal('\\355\\240\\275\\355\\270\\200');
    });

    const refused: { name: string; parts: readonly (string | readonly number[])[]; says: RegExp }[] = [
      {
        name: 'the default of a string field',
        parts: [`${PROTO2}\nmessage M { optional string s = 1 [default = "`, [0xff], '"]; }'],
        says: /m\.proto:2:46: found octets that are not UTF-8/,
      },
      {
        name: 'the default of a string field, by an escape',
        parts: [`${PROTO2}\nmessage M { optional string s = 1 [default = "\\377"]; }`],
        says: /m\.proto:2:46: found octets that are not UTF-8/,
      },
      {
        name: 'the default of a string field, by half a character',
        parts: [`${PROTO2}\nmessage M { optional string s = 1 [default = "\\ud83d"]; }`],
        says: /m\.proto:2:46: found octets that are not UTF-8/,
      },
      {
        name: 'an option that is a string, by an escape',
        parts: [EXTENSION, '\nmessage M { option (text) = "a\\377b"; }'],
        says: /m\.proto:3:29: found octets that are not UTF-8/,
      },
      {
        name: 'an option that is a string',
        parts: [EXTENSION, '\nmessage M { option (text) = "a', [0xc3], '"; }'],
        says: /m\.proto:3:29: found octets that are not UTF-8/,
      },
      {
        name: 'a json_name',
        parts: [`${HEAD}message M { string s = 1 [json_name = "`, [0x80], '"]; }'],
        says: /m\.proto:1:58: found octets that are not UTF-8/,
      },
      {
        name: 'an import',
        parts: [`${HEAD}import "`, [0xe2, 0x82], '.proto";'],
        says: /m\.proto:1:27: found octets that are not UTF-8/,
      },
      {
        name: 'what is no string',
        parts: [`${HEAD}message `, [0xe4], ' {}'],
        says: /m\.proto:1:28: found an octet \(228, not UTF-8\), which is not allowed outside strings/,
      },
    ];
    for (const c of refused) {
      it(`are refused in ${c.name}, with line and column.`, async () => {
        expect(await refusal(load(...c.parts))).to.match(c.says);
      });
    }

    it('come back as they were from any text.', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
          const text = decodeProtoText(bytes);
          expect(Buffer.from(octetsOf(text))).to.deep.equal(Buffer.from(bytes));
          const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
          if (!expected.includes('\ufffd')) expect(text).to.equal(expected);
          expect(hasRaw(text)).to.equal(!isUtf8(bytes));
          expect(withoutRaw(text).replaceAll('\ufffd', '')).to.equal(expected.replaceAll('\ufffd', ''));
        }),
      );
    });
  });
});
