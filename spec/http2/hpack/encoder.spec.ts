import v8 from 'node:v8';
import vm from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import type { FieldList, RequestHead } from '../../../lib/http2/handlers.ts';
import { HeaderDecoder } from '../../../lib/http2/hpack/decoder.ts';
import { HeaderEncoder } from '../../../lib/http2/hpack/encoder.ts';
import { hex } from '../wire-text.ts';

const COMMON = ['te', 'trailers', 'content-type', 'application/grpc', 'user-agent', 'spec/1'];

function head(path: string, fields: FieldList = COMMON): RequestHead {
  return { scheme: 'http', authority: 'localhost:50051', path, fields };
}

/** An encoder, the decoder at its other end, and what each block was. */
class Wire {
  readonly encoder: HeaderEncoder;
  readonly decoder: HeaderDecoder = new HeaderDecoder(4096, 1_000_000);
  constructor(maxTableOctets = 4096, neverIndexed: readonly string[] = []) {
    this.encoder = new HeaderEncoder(4096, maxTableOctets, neverIndexed);
  }

  request(requestHead: RequestHead, callFields?: FieldList): Uint8Array {
    const bound = this.encoder.requestBound(requestHead, callFields);
    const out = new Uint8Array(bound + 3);
    const end = this.encoder.encodeRequest(requestHead, callFields, out, 3);
    expect(end - 3).to.be.at.most(bound);
    const block = out.slice(3, end);
    const { scheme, path, authority, fields } = requestHead;
    const expected = [':method', 'POST', ':scheme', scheme, ':path', path, ':authority', authority];
    expect(this.decoder.decode(block, 0, block.length)).to.deep.equal([
      ...expected,
      ...fields,
      ...(callFields ?? []),
    ]);
    expect(this.encoder.tableOctets).to.equal(this.decoder.tableOctets);
    return block;
  }

  fields(fields: FieldList): Uint8Array {
    const out = new Uint8Array(this.encoder.fieldsBound(fields));
    const block = out.slice(0, this.encoder.encodeFields(fields, out, 0));
    expect(this.decoder.decode(block, 0, block.length)).to.deep.equal(fields);
    expect(this.encoder.tableOctets).to.equal(this.decoder.tableOctets);
    return block;
  }
}

describe('HeaderEncoder (RFC 7541)', () => {
  it('Indexes the fields of a head at once and its path on the second call; then a head is 7 octets.', () => {
    const wire = new Wire();
    const hello = head('/helloworld.Greeter/SayHello');
    const octets = [1, 2, 3, 4].map(() => wire.request(hello).length);
    expect(octets[0]).to.be.above(octets[1]);
    expect(octets[1]).to.be.above(octets[2]);
    expect(octets.slice(2)).to.deep.equal([7, 7]);
  });

  it('Sends the same octets again while the table has not moved.', () => {
    const wire = new Wire();
    const a = head('/a');
    wire.request(a);
    wire.request(a);
    expect(wire.request(a)).to.deep.equal(wire.request(a));
    // Another method's path moves the table; the indices are new ones.
    const before = wire.request(a);
    const b = head('/b');
    wire.request(b);
    wire.request(b);
    expect(wire.request(a)).to.not.deep.equal(before);
    expect(wire.request(a)).to.have.length(before.length);
  });

  it('Heads that are equal but not the same share what is in the table.', () => {
    const wire = new Wire();
    wire.request(head('/a'));
    wire.request(head('/a'));
    const shared = head('/a');
    wire.request(shared);
    wire.request(shared);
    expect(wire.request(shared).length).to.equal(7);
  });

  it('Many methods called in rotation do not thrash the table: their paths stay literals.', () => {
    const wire = new Wire();
    const heads = Array.from({ length: 500 }, (_, i) => head(`/some.package.Service/Method${i}`));
    for (const each of heads) wire.request(each);
    const { tableOctets } = wire.encoder;
    for (let round = 0; round < 3; round++) for (const each of heads) wire.request(each);
    expect(wire.encoder.tableOctets).to.equal(tableOctets);
  });

  it('As many methods as fit are all indexed.', () => {
    const wire = new Wire();
    const heads = Array.from({ length: 30 }, (_, i) => head(`/some.package.Service/Method${i}`));
    for (let round = 0; round < 3; round++) for (const each of heads) wire.request(each);
    for (const each of heads) expect(wire.request(each).length).to.be.at.most(9);
  });

  it('Paths that shift over time push out old ones, and all decode.', () => {
    const wire = new Wire();
    for (let i = 0; i < 300; i++) {
      const each = head(`/some.package.Service/Method${i}`);
      for (let call = 0; call < 3; call++) expect(wire.request(each)).to.not.have.lengthOf(0);
    }
  });

  it('Per-call fields are literals that never enter the table.', () => {
    const wire = new Wire();
    const a = head('/a', []);
    for (let i = 0; i < 3; i++) wire.request(a, ['grpc-timeout', `${i}m`]);
    const block = wire.request(a, ['grpc-timeout', '9m']);
    // A literal without indexing (0x00), a name of 12 octets.
    expect(block.indexOf(0x00)).to.equal(4);
    expect(block[5]).to.equal(12);
  });

  for (const name of ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-secret']) {
    it(`${name} of a call is a literal that nobody may index.`, () => {
      const wire = new Wire(4096, ['x-secret']);
      const block = wire.request(head('/a', []), [name, 'Basic abc']);
      const index = { authorization: 23, cookie: 32, 'proxy-authorization': 49, 'set-cookie': 55 }[name] ?? 0;
      // 0001 and the index of the name in four bits, more of it in the next octet.
      const first =
        index === 0 ? '1008' : index < 15 ? (0x10 | index).toString(16) : `1f${hexOctet(index - 15)}`;
      expect(Buffer.from(block).toString('hex')).to.include(first);
      expect(wire.fields([name, 'Basic abc'])[0] & 0xf0).to.equal(0x10);
    });
  }

  it('Keeps nothing of heads that nobody else keeps.', async () => {
    const { Bun } = globalThis as { Bun?: { gc(isForced: boolean): void } };
    if (Bun === undefined) v8.setFlagsFromString('--expose-gc');
    const collect = Bun === undefined ? (vm.runInNewContext('gc') as () => void) : (): void => Bun.gc(true);
    const wire = new Wire();
    const seen = Array.from({ length: 100 }, () => {
      const one = head('/a', ['x', 'y']);
      wire.request(one);
      return new WeakRef(one);
    });
    // A WeakRef holds until the end of the job that made it; the encoder may keep the last one.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(seen.filter((ref) => ref.deref() !== undefined).length).to.be.at.most(1);
    expect(wire.encoder.tableOctets).to.be.above(0);
  });

  it('A field larger than half the table does not enter it.', () => {
    const wire = new Wire();
    wire.request(head('/a', ['big', 'x'.repeat(2100), 'small', 'y']));
    const { tableOctets } = wire.encoder;
    const again = wire.request(head('/a', ['big', 'x'.repeat(2100), 'small', 'y']));
    expect(wire.encoder.tableOctets).to.equal(tableOctets);
    // 7 bits of code for each x.
    expect(again.length).to.be.above((2100 * 7) / 8);
  });

  it('Values are Huffman-coded when that is shorter.', () => {
    const wire = new Wire();
    expect(wire.fields(['cache-control', 'no-cache'])).to.deep.equal(hex('58 86 a8eb10649cbf'));
    expect(wire.fields(['x', '\u0001\u0002'])).to.deep.equal(hex('40 0178 02 0102'));
    // As long as the text is not shorter: three times 8 bits.
    expect(wire.fields(['y', '&*,'])).to.deep.equal(hex('40 0179 03 262a2c'));
  });

  it('The path of a first call, which stays out of the table, is Huffman-coded too.', () => {
    const wire = new Wire();
    const path = Buffer.from(wire.request(head('/helloworld.Greeter/SayHello'))).toString('hex');
    expect(path).to.not.include(Buffer.from('helloworld').toString('hex'));
  });

  it('Per-call values are coded from 64 octets on, names and shorter values never.', () => {
    const ofCall = (value: string): Uint8Array => {
      const wire = new Wire();
      const a = head('/a', []);
      return wire.request(a, ['x-y', value]).subarray(wire.request(a).length - 1);
    };
    const has = (block: Uint8Array, text: string): boolean => Buffer.from(block).includes(text);
    expect(has(ofCall('a'.repeat(63)), `x-y\x3f${'a'.repeat(63)}`)).to.equal(true);
    // 64 times 5 bits.
    expect(Buffer.from(ofCall('a'.repeat(64))).toString('latin1')).to.include('x-y\xa8');
    expect(has(ofCall('\\'.repeat(64)), `x-y\x40${'\\'.repeat(64)}`)).to.equal(true);
  });

  const tokens: readonly (readonly [name: string, alphabet: string, bitsAtMost: number])[] = [
    ['hexadecimal', '0123456789abcdef', 6],
    ['base64url', 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 6.4],
  ];
  for (const [name, alphabet, bits] of tokens) {
    it(`A token of 9,000 characters, ${name}, takes ${bits} bits a character at most.`, () => {
      const wire = new Wire();
      const token = `Bearer ${Array.from({ length: 8_993 }, (_, i) => alphabet[(i * i + i) % alphabet.length]).join('')}`;
      const a = head('/a', []);
      const size = wire.request(a, ['authorization', token]).length - wire.request(a).length;
      expect(size).to.be.below((9_000 * bits) / 8);
    });
  }

  describe('the table of the peer', () => {
    const updates: readonly { name: string; limits: readonly number[]; begins: string }[] = [
      { name: 'The initial size need not be told.', limits: [4096], begins: '' },
      { name: 'A larger table is not used, so nothing changes.', limits: [65_536], begins: '' },
      { name: 'A smaller one is told.', limits: [100], begins: '3f45' },
      { name: 'Size 0 is told.', limits: [0], begins: '20' },
      { name: '0 and back is told as both.', limits: [0, 4096], begins: '20 3fe11f' },
      { name: '100, 0 and 100 is told as the least and the last.', limits: [100, 0, 100], begins: '20 3f45' },
      { name: '100 and 0 is told as one.', limits: [100, 0], begins: '20' },
      {
        name: '0 and a huge one is told as 0 and what is used.',
        limits: [0, 1_000_000],
        begins: '20 3fe11f',
      },
    ];
    for (const { name, limits, begins } of updates) {
      it(name, () => {
        const wire = new Wire();
        const a = head('/a');
        wire.request(a);
        wire.request(a);
        for (const limit of limits) wire.encoder.setPeerTableOctets(limit);
        const block = wire.request(a);
        const beginning = Buffer.from(block).toString('hex').split('8386')[0];
        expect(beginning).to.equal(begins.replace(/\s/g, ''));
        // Once is enough.
        expect(Buffer.from(wire.request(a)).toString('hex').split('8386')[0]).to.equal('');
      });
    }

    it('With a table of 0 everything is a literal, call after call.', () => {
      const wire = new Wire();
      wire.encoder.setPeerTableOctets(0);
      const a = head('/a');
      wire.request(a, ['x', 'y']);
      const second = wire.request(a, ['x', 'y']);
      expect(wire.request(a, ['x', 'y'])).to.deep.equal(second);
      expect(wire.encoder.tableOctets).to.equal(0);
    });

    it('A limit of our own below 4096 is told in the first block.', () => {
      const wire = new Wire(100);
      expect(Buffer.from(wire.request(head('/a'))).toString('hex')).to.match(/^3f458386/);
    });
  });

  it('Whatever is sent in whatever order, the decoder reads it.', () => {
    const name = fc.constantFrom('a', 'content-type', 'authorization', 'x-long-name', 'grpc-timeout');
    const value = fc.oneof(
      fc.constantFrom('', 'x', 'y'),
      fc.string({ unit: 'binary-ascii', maxLength: 300 }),
      // Octets above ASCII, which are coded one by one.
      fc.uint8Array({ maxLength: 100 }).map((octets) => String.fromCharCode(...octets)),
    );
    const list = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((pairs) => pairs.flat());
    const command = fc.oneof(
      fc.record({ head: fc.nat(9), callFields: fc.option(list, { nil: undefined }) }),
      fc.record({ fields: list }),
      fc.record({ tableOctets: fc.constantFrom(0, 40, 100, 300, 4096, 65_536) }),
    );
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 10, maxLength: 10 }),
        fc.array(command, { maxLength: 40 }),
        (heads, commands) => {
          const wire = new Wire();
          const made = heads.map((fields, i) => head(`/${'p'.repeat(i * 20)}`, fields));
          for (const each of commands) {
            if ('head' in each) wire.request(made[each.head], each.callFields);
            else if ('fields' in each) wire.fields(each.fields);
            else wire.encoder.setPeerTableOctets(each.tableOctets);
          }
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  });
});

function hexOctet(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
