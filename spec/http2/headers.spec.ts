import { converse } from './conversation.ts';

/** Lists that make a response malformed (RFC 9113 §8.1.1): `line` is what follows `HEADERS 1`. */
const malformedHeads: readonly { name: string; line: string }[] = [
  { name: 'no :status', line: 'content-type=a' },
  { name: 'two :status', line: ':status=200 :status=200' },
  { name: ':status of two digits', line: ':status=20' },
  { name: ':status of four digits', line: ':status=2000' },
  { name: ':status with a sign', line: ':status=+20' },
  { name: ':status 0xx', line: ':status=099' },
  { name: ':status 101', line: ':status=101' },
  { name: 'END_STREAM on an informational head', line: ':status=103 END_STREAM' },
  { name: 'a pseudo-header field of requests', line: ':status=200 :path=/' },
  { name: 'an unknown pseudo-header field', line: ':status=200 :x=y' },
  { name: 'a pseudo-header field behind others', line: 'a=b :status=200' },
  { name: 'an upper-case name', line: ':status=200 Abc=d' },
  { name: 'an empty name', line: ':status=200 FIELD=' },
  { name: 'a space in a name', line: ':status=200 a\\u0020b=c' },
  { name: 'a colon in a name', line: ':status=200 a:b=c' },
  { name: 'an octet above ASCII in a name', line: ':status=200 \\u00e4=c' },
  { name: 'NUL in a value', line: ':status=200 a=b\\u0000c' },
  { name: 'CR in a value', line: ':status=200 a=b\\rc' },
  { name: 'LF in a value', line: ':status=200 a=b\\nc' },
  { name: 'a space behind :status', line: ':status=200\\u0020' },
  { name: 'connection', line: ':status=200 connection=close' },
  { name: 'proxy-connection', line: ':status=200 proxy-connection=close' },
  { name: 'keep-alive', line: ':status=200 keep-alive=1' },
  { name: 'transfer-encoding', line: ':status=200 transfer-encoding=chunked' },
  { name: 'upgrade', line: ':status=200 upgrade=h2c' },
  { name: 'te that is not trailers', line: ':status=200 te=gzip' },
  { name: 'content-length that is no number', line: ':status=200 content-length=1a' },
  { name: 'two different content-lengths', line: ':status=200 content-length=1 content-length=2' },
  { name: 'content-length without a body', line: ':status=200 content-length=1 END_STREAM' },
];

const goodHeads: readonly { name: string; line: string }[] = [
  { name: 'te: trailers', line: ':status=200 te=trailers' },
  { name: 'the same content-length twice', line: ':status=200 content-length=5 content-length=5' },
  { name: 'an empty value', line: ':status=200 a=' },
  { name: 'a tab and spaces inside a value', line: ':status=200 a=b\\t\\u0020c' },
  { name: 'octets above ASCII in a value', line: ':status=200 a=b\\u00e4' },
  { name: 'every octet that may be in a name', line: ":status=200 !#$%&'*+-.^_`|~09az=b" },
  { name: 'a field twice', line: ':status=200 a=1 a=2' },
  { name: 'a space before a value', line: ':status=200 a=\\u0020b' },
  { name: 'a tab behind a value', line: ':status=200 a=b\\t' },
  { name: 'nothing but blanks in a value', line: ':status=200 a=\\u0020\\t' },
  { name: 'a space behind content-length', line: ':status=200 content-length=5\\u0020' },
];

const malformedTrailers: readonly { name: string; line: string }[] = [
  { name: 'without END_STREAM', line: 'a=b' },
  { name: 'with a pseudo-header field', line: ':status=200 END_STREAM' },
  { name: 'with an upper-case name', line: 'A=b END_STREAM' },
];

const opened = `
  $ open /p END_STREAM
  > HEADERS 1 …`;

describe('Header fields (RFC 9113 §8.2, §8.3)', () => {
  for (const { name, line } of malformedHeads) {
    it(`A head with ${name} is malformed.`, () => {
      converse(`
        ${opened}
        < HEADERS 1 ${line.replace('FIELD=', '=')}
        > RST_STREAM 1 PROTOCOL_ERROR
        = 1 end violation PROTOCOL_ERROR: malformed message: …
      `);
    });
  }

  for (const { name, line } of goodHeads) {
    it(`A head with ${name} is well-formed.`, () => {
      converse(`
        ${opened}
        < HEADERS 1 ${line}
        = 1 headers :status=200 …
      `);
    });
  }

  for (const { name, line } of malformedTrailers) {
    it(`Trailers ${name} are malformed.`, () => {
      converse(`
        ${opened}
        < HEADERS 1 :status=200
        = 1 headers :status=200
        < HEADERS 1 ${line}
        > RST_STREAM 1 PROTOCOL_ERROR
        = 1 end violation PROTOCOL_ERROR: malformed message: …
      `);
    });
  }

  it('Informational heads are skipped, however many.', () => {
    converse(`
      ${opened}
      < 3 * HEADERS 1 :status=100
      < HEADERS 1 :status=103 link=x
      < HEADERS 1 :status=200
      = 1 headers :status=200
    `);
  });

  it('DATA between an informational head and the final one is malformed.', () => {
    converse(`
      ${opened}
      < HEADERS 1 :status=100
      < DATA 1 1
      > RST_STREAM 1 PROTOCOL_ERROR
      = 1 end violation PROTOCOL_ERROR: malformed message: DATA before HEADERS
    `);
  });

  it('A body of just content-length octets is well-formed.', () => {
    converse(`
      ${opened}
      < HEADERS 1 :status=200 content-length=3
      = 1 headers :status=200 content-length=3
      < DATA 1 1
      = 1 data 1
      < DATA 1 2 END_STREAM
      = 1 data 2
      = 1 end complete
    `);
  });

  it('A body longer than content-length is malformed as soon as that is known.', () => {
    converse(`
      ${opened}
      < HEADERS 1 :status=200 content-length=3
      = 1 headers :status=200 content-length=3
      < DATA 1 4
      > RST_STREAM 1 PROTOCOL_ERROR
      = 1 end violation PROTOCOL_ERROR: malformed message: more octets than content-length 3
    `);
  });

  it('A body shorter than content-length is malformed at its end, with trailers or without.', () => {
    converse(`
      ${opened}
      < HEADERS 1 :status=200 content-length=3
      = 1 headers :status=200 content-length=3
      < DATA 1 2 END_STREAM
      > RST_STREAM 1 PROTOCOL_ERROR
      = 1 data 2
      = 1 end violation PROTOCOL_ERROR: malformed message: fewer octets than content-length 3
      $ open /p END_STREAM
      > HEADERS 3 …
      < HEADERS 3 :status=200 content-length=3
      = 3 headers :status=200 content-length=3
      < HEADERS 3 a=b END_STREAM
      > RST_STREAM 3 PROTOCOL_ERROR
      = 3 end violation PROTOCOL_ERROR: malformed message: fewer octets than content-length 3
    `);
  });

  it('content-length of a 304 tells of a body that does not follow.', () => {
    converse(`
      ${opened}
      < HEADERS 1 :status=304 content-length=3 END_STREAM
      = 1 headers :status=304 content-length=3 END_STREAM
      = 1 end complete
    `);
  });

  it('A malformed message leaves the table whole and other streams unharmed.', () => {
    converse(`
      ${opened}
      $ open /q END_STREAM
      > HEADERS 3 …
      // 'x: y' enters the table behind a name that makes the list malformed.
      < FRAME 1 4 1 8800014101624001780179
      > RST_STREAM 1 PROTOCOL_ERROR
      = 1 end violation PROTOCOL_ERROR: …
      < FRAME 1 5 3 88be
      = 3 headers :status=200 x=y END_STREAM
      = 3 end complete
    `);
  });

  it('A list at maxHeaderListOctets is taken; one octet more fails its stream and not the table.', () => {
    const options = { maxHeaderListOctets: 42 + 34 };
    // :status 200 counts 42, a: b counts 34.
    converse(
      `
      ${opened}
      < FRAME 1 4 1 884001610162
      = 1 headers :status=200 a=b
      $ open /q END_STREAM
      > HEADERS 3 …
      < FRAME 1 4 3 88400161026263
      > RST_STREAM 3 ENHANCE_YOUR_CALM
      = 3 end violation ENHANCE_YOUR_CALM: the header list exceeds the limit of 76 octets (maxHeaderListBytes)
      < FRAME 1 5 1 bf
      = 1 trailers a=b
      = 1 end complete
      `,
      options,
    );
  });
});
