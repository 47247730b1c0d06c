import { expect } from 'chai';
import {
  DelimitedSplitter,
  delimited,
  JsonSplitter,
  TextFormatSplitter,
} from '../../../lib/cli/requests/message-split.ts';

describe('JsonSplitter', () => {
  const cases: [string, string, [string, number][]][] = [
    ['nothing', ' \n\t', []],
    ['one object', '{"a":1}', [['{"a":1}', 1]]],
    [
      'objects back to back',
      '{}{"a":{}}',
      [
        ['{}', 1],
        ['{"a":{}}', 1],
      ],
    ],
    [
      'objects in lines',
      '{"a":\n1}\n\n{}\n',
      [
        ['{"a":\n1}', 1],
        ['{}', 4],
      ],
    ],
    [
      'brackets and quotes in texts',
      '{"a":"}{\\"]"}[1]',
      [
        ['{"a":"}{\\"]"}', 1],
        ['[1]', 1],
      ],
    ],
    [
      'an escaped backslash at the end of a text',
      '{"a":"\\\\"}{}',
      [
        ['{"a":"\\\\"}', 1],
        ['{}', 1],
      ],
    ],
    [
      'texts, numbers and words',
      '"x" 12\ntrue',
      [
        ['"x"', 1],
        ['12', 1],
        ['true', 2],
      ],
    ],
    [
      'an object that does not end',
      '{} {"a":',
      [
        ['{}', 1],
        ['{"a":', 1],
      ],
    ],
    [
      'what is no JSON',
      'name=you x',
      [
        ['name=you', 1],
        ['x', 1],
      ],
    ],
  ];
  const all = (pieces: readonly string[]): [string, number][] => {
    const splitter = new JsonSplitter();
    const found = pieces.flatMap((piece) => splitter.push(piece));
    return [...found, ...splitter.end()].map(({ text, line }) => [text, line]);
  };
  for (const [name, text, documents] of cases) {
    it(`finds ${name}`, () => {
      expect(all([text])).to.deep.equal(documents);
      expect(all([...text])).to.deep.equal(documents);
    });
  }

  it('gives a document as soon as it is complete', () => {
    const splitter = new JsonSplitter();
    expect(splitter.push('{"a":1')).to.have.length(0);
    expect(splitter.push('}')).to.have.length(1);
  });
});

describe('TextFormatSplitter', () => {
  const cases: [string, string, [string, number][]][] = [
    ['one message', 'a: 1', [['a: 1\n', 1]]],
    [
      'messages with a line between',
      'a: 1\n# ---\na: 2\n',
      [
        ['a: 1\n', 1],
        ['\na: 2\n\n', 2],
      ],
    ],
    [
      'messages with record separators',
      'a: 1\x1ea: 2',
      [
        ['a: 1', 1],
        ['a: 2\n', 1],
      ],
    ],
    [
      'an empty message between',
      'a: 1\n# ---\n# ---\na: 2',
      [
        ['a: 1\n', 1],
        ['\n', 2],
        ['\na: 2\n', 3],
      ],
    ],
  ];
  for (const [name, text, documents] of cases) {
    it(`finds ${name}`, () => {
      const splitter = new TextFormatSplitter();
      const found = [...splitter.push(text), ...splitter.end()];
      expect(found.map((one) => [one.text, one.line])).to.deep.equal(documents);
    });
  }
});

describe('DelimitedSplitter', () => {
  const messages = [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(300, 7)];
  const bytes = Buffer.concat(messages.map(delimited));

  it('gives back what was delimited, however it is cut', () => {
    for (const size of [1, 2, 7, 1000]) {
      const splitter = new DelimitedSplitter();
      const found: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...splitter.push(bytes.subarray(at, at + size)));
      splitter.end();
      expect(found.map((one) => Buffer.from(one))).to.deep.equal(messages);
    }
  });

  it('refuses what ends early, and what is no length', () => {
    const splitter = new DelimitedSplitter();
    splitter.push(bytes.subarray(0, 20));
    expect(() => splitter.end()).to.throw('ends too early: 300 bytes announced');
    expect(() => new DelimitedSplitter().push(Buffer.alloc(6, 0xff))).to.throw(
      /longer than protobuf allows|length as a varint/,
    );
  });
});
