// Bad input, one by one: each is a clear error, the process lives, and other calls are unharmed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Client, RpcError, SchemaError } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { concat, frame } from '../support/messages.ts';
import { listen, listenHttp2, type PeerStream } from '../support/peers/peer.ts';

const SCHEMA = `
  syntax = "proto3";
  package shop;
  service Shop { rpc Order(Request) returns (Reply); rpc Watch(Request) returns (stream Reply); }
  service Other { rpc Order(Request) returns (Reply); }
  enum Color { COLOR_UNKNOWN = 0; RED = 1; }
  message Item { int32 price = 1; string name = 2; }
  message Request {
    repeated Item items = 1;
    Color color = 2;
    int64 id = 3;
    oneof payment { string card = 4; string cash = 5; }
    map<string, Item> by_name = 6;
    bytes data = 7;
  }
  message Reply { string text = 1; }
`;
const MAX = 4 * 1024 * 1024;
const OK = frame(Buffer.from('0a026f6b', 'hex'));

describeCalls(
  'Bad input',
  (Client) => {
    const close = closing();
    let directory: string;
    let client: Client;
    /** How the server answers requests with the id in their `x-answer` field. */
    const answers: Record<string, (request: PeerStream) => void> = {};

    const answer = (request: PeerStream): void => {
      const special = answers[request.header('x-answer') ?? ''];
      if (special === undefined) request.head().write(OK).status(0);
      else special(request);
    };

    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'stubless-bad-'));
      writeFileSync(join(directory, 'shop.proto'), SCHEMA);
    });
    after(() => rmSync(directory, { recursive: true }));
    beforeEach(async () => {
      const peer = close(await listenHttp2(answer));
      client = close(new Client(peer.target));
      await client.load(join(directory, 'shop.proto'));
    });

    const order = (fields?: object, options?: object) => client.request('Shop/Order', fields, options);

    /** The error of a call, while others run beside it that must not notice. */
    async function failure(call: () => PromiseLike<unknown>): Promise<Error> {
      const [before, call_, after] = [order(), call(), order()];
      const error = await rejection(call_);
      expect([(await before).text, (await after).text, (await order()).text]).to.deep.equal([
        'ok',
        'ok',
        'ok',
      ]);
      return error;
    }

    const calls: readonly (readonly [
      name: string,
      call: () => PromiseLike<unknown>,
      kind: new (...args: never) => Error,
      told: RegExp,
    ])[] = [
      [
        'an unknown method',
        () => client.request('Oder'),
        SchemaError,
        /'Oder'.*did you mean '(shop\.\w+\.)?Order'/,
      ],
      [
        'an ambiguous method',
        () => client.request('Order'),
        SchemaError,
        /shop\.Shop.*shop\.Other|shop\.Other.*shop\.Shop/,
      ],
      ['a typo in a field', () => order({ itms: [] }), TypeError, /itms.*did you mean 'items'/],
      [
        'a typo in a field, at depth',
        () => order({ items: [{}, { prize: 1 }] }),
        TypeError,
        /items\[1\].*prize.*did you mean 'price'/,
      ],
      [
        'a wrong type at depth',
        () => order({ items: [{ price: 1 }, { price: 'cheap' }] }),
        TypeError,
        /items\[1\]\.price/,
      ],
      ['a wrong type in a map', () => order({ byName: { a: { price: {} } } }), TypeError, /byName.*a.*price/],
      ['a bad enum name', () => order({ color: 'REDD' }), TypeError, /color.*REDD.*did you mean 'RED'/],
      ['2^53 + 1 as a number', () => order({ id: 2 ** 53 + 1 }), RangeError, /id.*9007199254740992/],
      [
        'a number out of range',
        () => order({ items: [{ price: 2 ** 31 }] }),
        RangeError,
        /items\[0\]\.price.*2147483648/,
      ],
      ['a fraction in an integer', () => order({ id: 1.5 }), RangeError, /id.*1\.5/],
      [
        'two members of one oneof',
        () => order({ card: 'x', cash: 'y' }),
        TypeError,
        /payment.*card.*cash|card.*cash.*payment/,
      ],
      ['bad base64', () => order({ data: '***' }), TypeError, /data.*base64/],
      ['a list where one is not', () => order({ items: { price: 1 } }), TypeError, /items/],
      ['a message that is none', () => client.request('Shop/Order', 'text'), TypeError, /\{/],
    ];
    for (const [name, call, kind, told] of calls) {
      it(`is told: ${name}`, async () => {
        const error = await failure(call);
        expect(error.message).to.match(told);
        if (kind === TypeError)
          expect(error instanceof TypeError || error instanceof RangeError, error.name).to.equal(true);
        else expect(error).to.be.instanceOf(kind);
      });
    }

    it('leads to the line that gave it, not into the encoder', async () => {
      const theirs = async (): Promise<unknown> => client.request('Shop/Order', { items: [{ prise: 1 }] });
      const { stack } = await failure(theirs);
      expect(stack)
        .to.match(/theirs .*bad-input\.spec/)
        .and.not.match(/writeMessage|unknownField/);
    });

    it('is told: a value with a cycle', async () => {
      const cycle: Record<string, unknown> = {};
      cycle['itself'] = cycle;
      await client.load('protos/google/protobuf/struct.proto');
      writeFileSync(
        join(directory, 'any.proto'),
        'syntax = "proto3"; import "google/protobuf/struct.proto"; service Free { rpc Form(google.protobuf.Struct) returns (google.protobuf.Struct); }',
      );
      await client.load(join(directory, 'any.proto'));
      expect(await failure(() => client.request('Form', cycle))).to.be.instanceOf(TypeError);
    });

    describe('in a schema', () => {
      const files: readonly (readonly [name: string, text: string | undefined, told: RegExp])[] = [
        ['a missing file', undefined, /bad\.proto/],
        ['a missing import', 'syntax = "proto3"; import "no/such.proto";', /no\/such\.proto/],
        ['a syntax error', 'syntax = "proto3";\nmessage M {\n  string = 1;\n}', /bad\.proto:3:\d+/],
        ['an unknown type', 'syntax = "proto3";\nmessage M { Strng a = 1; }', /Strng/],
        [
          'a number used twice',
          'syntax = "proto3";\nmessage M { string a = 1; string b = 1; }',
          /bad\.proto:2/,
        ],
        ['binary', '\0\x01\x02', /bad\.proto/],
      ];
      for (const [name, text, told] of files) {
        it(`is told: ${name}`, async () => {
          const path = join(directory, 'bad.proto');
          if (text !== undefined) writeFileSync(path, text);
          else rmSync(path, { force: true });
          const error = await failure(() => client.load(path));
          expect(error).to.be.instanceOf(SchemaError);
          expect(error.message).to.match(told);
        });
      }

      it('lists every place where an import was looked for', async () => {
        mkdirSync(join(directory, 'a'), { recursive: true });
        mkdirSync(join(directory, 'b'), { recursive: true });
        writeFileSync(join(directory, 'importing.proto'), 'syntax = "proto3"; import "no/such.proto";');
        const includeDirs = [join(directory, 'a'), join(directory, 'b')];
        const error = await failure(() => client.load(join(directory, 'importing.proto'), { includeDirs }));
        expect(error).to.be.instanceOf(SchemaError);
        for (const tried of [...includeDirs, directory]) expect(error.message).to.include(tried);
      });
    });

    describe('from a server', () => {
      const bodies: readonly (readonly [
        name: string,
        answer: (request: PeerStream) => void,
        codeName: string,
        told: RegExp,
      ])[] = [
        [
          'a reply that is no message',
          (r) =>
            r
              .head()
              .write(frame(Buffer.from('0aff', 'hex')))
              .status(0),
          'INTERNAL',
          /shop\.Reply/,
        ],
        [
          'bad UTF-8',
          (r) =>
            r
              .head()
              .write(frame(Buffer.from('0a01ff', 'hex')))
              .status(0),
          'INTERNAL',
          /UTF-8/,
        ],
        [
          'a reply larger than 4 MiB',
          (r) => r.head().write(frame(MAX + 1)),
          'RESOURCE_EXHAUSTED',
          /4194305 bytes exceeds maxReceiveMessageBytes 4194304/,
        ],
        [
          'a reply that only says it is large',
          (r) => r.head().write(frame(0, 0, 0xffff_ffff)),
          'RESOURCE_EXHAUSTED',
          /4294967295 bytes/,
        ],
        ['a bad flag byte', (r) => r.head().write(frame(1, 9)), 'INTERNAL', /flag byte 9/],
        [
          'a compressed reply, in no encoding',
          (r) => r.head().write(frame(1, 1)),
          'INTERNAL',
          /grpc-encoding/,
        ],
        ['no reply', (r) => r.head().status(0), 'UNIMPLEMENTED', /no reply/],
        ['two replies', (r) => r.head().write(concat(OK, OK)).status(0), 'UNIMPLEMENTED', /second reply/],
        [
          'a reply cut off',
          (r) => r.head().write(OK.subarray(0, 7)).status(0),
          'INTERNAL',
          /inside a message/,
        ],
        [
          'a page of HTML',
          (r) => r.head([':status', '200', 'content-type', 'text/html']).write(Buffer.from('<html>')),
          'UNKNOWN',
          /text\/html/,
        ],
        [
          'a 503',
          (r) => r.head([':status', '503', 'content-type', 'text/plain'], true),
          'UNAVAILABLE',
          /503/,
        ],
        ['a status that is none', (r) => r.head().write(OK).status('zero'), 'UNKNOWN', /"zero"/],
        [
          'no status',
          (r) => r.head().write(OK).stream.trailers(['x', 'y']),
          'UNKNOWN',
          /without a grpc-status/,
        ],
        [
          'a large header list',
          (r) => r.head([':status', '200', 'content-type', 'application/grpc', 'x', 'y'.repeat(70_000)]),
          'RESOURCE_EXHAUSTED',
          /header/,
        ],
      ];
      for (const [name, respond, codeName, told] of bodies) {
        it(`is told: ${name}`, async () => {
          answers['special'] = respond;
          const error = await failure(() => order({}, { metadata: { 'x-answer': 'special' } }));
          expect(error).to.be.instanceOf(RpcError).and.include({ codeName });
          expect(error.message).to.match(told);
        });
      }

      it('takes a reply of 4 MiB exactly', async () => {
        const text = MAX - 5;
        answers['special'] = (request) => {
          const body = concat(Buffer.from('0afbffff01', 'hex'), Buffer.alloc(text, 'x'));
          expect(body).to.have.lengthOf(MAX);
          request.head().write(frame(body)).status(0);
        };
        expect((await order({}, { metadata: { 'x-answer': 'special' } })).text).to.have.lengthOf(text);
      });

      it('reads what came before a reply that is none, and nothing behind it', async () => {
        answers['special'] = (request) =>
          request
            .head()
            .write(concat(OK, frame(Buffer.from('0aff', 'hex')), OK))
            .status(0);
        const call = client.request('Watch', {}, { metadata: { 'x-answer': 'special' } });
        expect((await call.read())?.text).to.equal('ok');
        expect(await rejection(call.read())).to.include({ codeName: 'INTERNAL' });
        expect(await rejection(call.toArray())).to.include({ codeName: 'INTERNAL' });
      });
    });

    it('is told: nothing listening', async () => {
      const gone = await listen(() => {});
      await gone.close();
      const lost = close(new Client(gone.target));
      const error = await failure(() => lost.raw('/s/m', { cardinality: 'unary_unary' })());
      expect(error).to.include({ codeName: 'UNAVAILABLE' });
      expect(error.message).to.include('nothing listens on');
    });
  },
  {
    'leads to the line that gave it, not into the encoder':
      'V8 keeps ten frames of a stack, and those of the interceptor are among them',
  },
);
