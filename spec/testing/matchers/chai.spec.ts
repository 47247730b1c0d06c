// The matchers in chai's spelling; what they decide and say is the same for every framework.

import { expect, use } from 'chai';
import { type Client, RpcError } from '../../../lib/index.ts';
import { rpcError, TestServer } from '../../../lib/testing/index.ts';
import { matchers, snapshotSerializer } from '../../../lib/testing/matchers/chai.ts';

const SCHEMA = `
syntax = "proto3"; package shop; import "google/protobuf/wrappers.proto";
message Item { string name = 1; int64 cents = 2; map<string, string> labels = 3; bytes code = 4; }
message Order { string id = 1; repeated Item items = 2; }
message Reason { string text = 1; }
service Shop {
  rpc Get(Item) returns (Order);
  rpc List(Item) returns (stream Item);
  rpc Put(stream Item) returns (Order);
  rpc Name(Item) returns (google.protobuf.StringValue);
}`;

/** The message of the failed assertion. */
async function failure(assertion: () => unknown): Promise<string> {
  try {
    await assertion();
  } catch (error) {
    expect((error as Error).name).to.equal('AssertionError');
    return (error as Error).message;
  }
  return expect.fail('it passed');
}

describe('stubless/testing/chai', () => {
  let server: TestServer;
  let client: Client;

  before(async () => {
    use(matchers);
    server = new TestServer(SCHEMA, {
      Get: ({ name }) => {
        if (name === '') {
          const violation = { field: 'name', description: 'is empty' };
          throw rpcError('INVALID_ARGUMENT', 'a name is wanted', {
            metadata: { 'x-shard': '3' },
            errorDetails: [
              { '@type': 'google.rpc.BadRequest', fieldViolations: [violation] },
              { '@type': 'shop.Reason', text: 'none' },
            ],
          });
        }
        if (name === 'none') throw rpcError('NOT_FOUND', 'no such item');
        return {
          id: 'o1',
          items: [{ name, cents: 9007199254740993n, labels: { b: '2', a: '1' }, code: 'AQI=' }],
        };
      },
      List: async function* ({ name }) {
        yield { name: `${name} 1` };
        yield { name: `${name} 2` };
        if (name === '') throw rpcError('DATA_LOSS', 'no more');
      },
      Put: async (items) => {
        let count = 0;
        for await (const _ of items) count++;
        return { id: String(count) };
      },
      Name: ({ name }) => name,
    });
    client = await server.client();
  });
  after(() => server.close());
  beforeEach(() => server.clearCalls());

  describe('replyWith', () => {
    it('takes a call, a promise and a reply', async () => {
      await expect(client.request('Get', { name: 'tea' })).to.replyWith({ id: 'o1' });
      await expect(client.request('Get', { name: 'tea' }).then((reply) => reply)).to.replyWith({ id: 'o1' });
      const reply = await client.request('Get', { name: 'tea' });
      await expect(reply).to.replyWith({ items: [{ cents: '9007199254740993', code: Buffer.of(1, 2) }] });
      await expect(reply).to.not.replyWith({ id: 'o2' });
    });

    it('takes the replies of a stream', async () => {
      await expect(client.request('List', { name: 'tea' })).to.replyWith([
        { name: 'tea 1' },
        { name: 'tea 2' },
      ]);
      await expect(client.request('List', { name: 'tea' })).to.replyWith({
        $length: 2,
        $each: { name: /^tea/ },
      });
      expect(
        await failure(() =>
          expect(client.request('List', { name: 'tea' })).to.replyWith([{ name: 'tea 1' }]),
        ),
      ).to.equal('the replies differ from the pattern\n  [1]: expected nothing, got { name: "tea 2" }');
    });

    it('shows what differs, by field', async () => {
      const call = (): PromiseLike<unknown> => client.request('Get', { name: 'tea' });
      expect(
        await failure(() =>
          expect(call(), 'my order').to.replyWith({ id: 'o2', items: [{ cents: 5, labels: { a: 'x' } }] }),
        ),
      ).to.equal(
        [
          'my order: the reply differs from the pattern',
          '  id: expected "o2", got "o1"',
          '  items[0].cents: expected 5, got 9007199254740993',
          '  items[0].labels["a"]: expected "x", got "1"',
        ].join('\n'),
      );
      expect(await failure(() => expect(call()).to.replyWith({ id: 'o1' }, { exactly: true }))).to.equal(
        [
          'the reply differs from the pattern',
          '  items:',
          '    expected nothing',
          '    got [{ name: "tea", cents: 9007199254740993, labels: { b: "2", a: "1" }, code: 2 bytes, AQI= }]',
        ].join('\n'),
      );
      expect(await failure(() => expect(call()).to.not.replyWith({ id: 'o1' }))).to.match(
        /^expected a reply that does not match \{ id: "o1" \}, got \{ id: "o1", items: /,
      );
    });

    it('says how a call failed instead', async () => {
      expect(await failure(() => expect(client.request('Get')).to.replyWith({ id: 'o1' }))).to.equal(
        'expected a reply { id: "o1" }, but the call failed: INVALID_ARGUMENT: a name is wanted',
      );
      expect(await failure(() => expect(client.request('Got')).to.replyWith({}))).to.match(
        /^expected a reply \{\}, but the call failed: SchemaError: method 'Got' is not known/,
      );
    });

    it('refuses a pattern that no reply could match', async () => {
      const reply = await client.request('Get', { name: 'tea' });
      const error = await expect(reply)
        .to.replyWith({ itms: [] })
        .catch((reason: Error) => reason);
      expect(String(error)).to.equal(
        "PatternError: itms: shop.Order has no field 'itms'; did you mean 'items'?",
      );
    });

    it('compares replies without a type by what they are', async () => {
      await expect(client.request('Name', { name: 'tea' })).to.replyWith('tea');
      await expect(client.request('Name', { name: 'tea' })).to.replyWith({ $matches: '^t' });
      await expect({ id: 7n }).to.replyWith({ id: '7' });
      expect(await failure(() => expect({ id: 7n }).to.replyWith({ id: 8 }))).to.equal(
        'the reply differs from the pattern\n  id: expected 8, got 7',
      );
    });
  });

  describe('failWith', () => {
    it('takes a call, a promise, a function and an error', async () => {
      await expect(client.request('Get')).to.failWith('INVALID_ARGUMENT');
      await expect(client.request('Get').then((reply) => reply)).to.failWith(3);
      await expect(() => client.request('Get')).to.failWith(['NOT_FOUND', 'INVALID_ARGUMENT']);
      await expect(RpcError.of('NOT_FOUND')).to.failWith({ code: 'NOT_FOUND' });
      await expect(client.request('Get')).to.failWith();
      await expect(client.request('Get')).to.not.failWith('NOT_FOUND');
      await expect(client.request('List')).to.failWith('DATA_LOSS');
    });

    it('looks at text, details and trailers', async () => {
      await expect(client.request('Get')).to.failWith('INVALID_ARGUMENT', {
        message: /name/,
        details: [
          { '@type': 'google.rpc.BadRequest', fieldViolations: { $contains: { field: 'name' } } },
          { '@type': 'shop.Reason', text: 'none' },
        ],
        trailers: { 'X-Shard': '3' },
      });
    });

    it('shows what differs', async () => {
      expect(
        await failure(() =>
          expect(client.request('Get')).to.failWith('NOT_FOUND', {
            message: 'x',
            details: [{ '@type': 'google.rpc.BadRequest', fieldViolations: [{ field: 'id' }] }],
            trailers: { 'x-shard': '4' },
          }),
        ),
      ).to.equal(
        [
          'the call failed otherwise',
          '  code: expected NOT_FOUND, got INVALID_ARGUMENT "a name is wanted"',
          '  message: expected "x", got "a name is wanted"',
          '  details[0].fieldViolations[0].field: expected "id", got "name"',
          '  trailers.x-shard: expected "4", got "3"',
        ].join('\n'),
      );
      expect(
        await failure(() =>
          expect(client.request('Get', { name: 'none' })).to.failWith(5, {
            details: [{ '@type': 'shop.Reason', text: 'none' }],
          }),
        ),
      ).to.equal(
        [
          'the call failed otherwise',
          '  details: expected [{ @type: "shop.Reason", text: "none" }], got no details',
        ].join('\n'),
      );
      expect(await failure(() => expect(client.request('Get')).to.not.failWith(3))).to.equal(
        'expected the call not to fail with 3, but it did: INVALID_ARGUMENT: a name is wanted',
      );
    });

    it('says what a call replied instead, or what else was thrown', async () => {
      expect(
        await failure(() => expect(client.request('Name', { name: 'x' })).to.failWith('NOT_FOUND')),
      ).to.equal('expected the call to fail with "NOT_FOUND", but it replied "x"');
      expect(await failure(() => expect(client.request('Get', { nam: 1 } as object)).to.failWith())).to.equal(
        "expected the call to fail with a status, but it failed with TypeError: nam: shop.Item has no field 'nam'; did you mean 'name'?",
      );
    });
  });

  describe('haveReceived', () => {
    beforeEach(async () => {
      await client.request('Get', { name: 'tea', labels: { a: '1' } }, { metadata: { 'x-user': 'me' } });
      await client.request('Get', { name: 'milk' });
      await client.request('Put', [{ name: 'a' }, { name: 'b' }]);
    });

    it('finds a call by its request', () => {
      expect(server).to.haveReceived('Get');
      expect(server).to.haveReceived('shop.Shop/Get', { name: 'tea' }, { metadata: { 'x-user': 'me' } });
      expect(server).to.haveReceived('Get', { name: { $any: ['tea', 'milk'] } }, { times: 2 });
      expect(server).to.haveReceived('Put', [{ name: 'a' }, { name: 'b' }]);
      expect(server).to.haveReceived('Name', undefined, { times: 0 });
      expect(server).to.not.haveReceived('Get', { name: 'coffee' });
    });

    it('shows the call that comes nearest', async () => {
      expect(
        await failure(() => expect(server).to.haveReceived('Get', { name: 'tee', labels: { a: '1' } })),
      ).to.equal(
        [
          'expected the server to have received shop.Shop.Get { name: "tee", labels: { a: "1" } }, but it received 2 calls, of which the first comes nearest',
          '  name: expected "tee", got "tea"',
        ].join('\n'),
      );
      expect(
        await failure(() => expect(server).to.haveReceived('Put', [{ name: 'a' }, { name: 'c' }])),
      ).to.equal(
        [
          'expected the server to have received shop.Shop.Put [{ name: "a" }, { name: "c" }], but it received one call',
          '  [1].name: expected "c", got "b"',
        ].join('\n'),
      );
      expect(
        await failure(() =>
          expect(server).to.haveReceived('Put', undefined, { metadata: { 'x-user': 'me' } }),
        ),
      ).to.equal(
        [
          'expected the server to have received shop.Shop.Put, but it received one call',
          '  metadata.x-user: expected "me", got nothing',
        ].join('\n'),
      );
    });

    it('counts', async () => {
      expect(
        await failure(() => expect(server).to.haveReceived('Get', { name: 'tea' }, { times: 2 })),
      ).to.equal(
        'expected the server to have received shop.Shop.Get { name: "tea" } 2 times, but it has once, in 2 calls of shop.Shop.Get',
      );
      expect(await failure(() => expect(server).to.not.haveReceived('Get'))).to.equal(
        'expected the server not to have received shop.Shop.Get, but it has, 2 times',
      );
    });

    it('says what it received instead of calls of the method', async () => {
      expect(await failure(() => expect(server).to.haveReceived('Name', {}))).to.equal(
        'expected the server to have received shop.Shop.Name {}, but it received only calls of shop.Shop.Get, shop.Shop.Put',
      );
      server.clearCalls();
      expect(await failure(() => expect(server).to.haveReceived('Name'))).to.equal(
        'expected the server to have received shop.Shop.Name, but it received no calls',
      );
    });

    it('refuses names and patterns that no call could have', () => {
      expect(() => expect(server).to.haveReceived('Gte')).to.throw(
        /method 'Gte' is not known; did you mean /,
      );
      expect(() => expect(server).to.haveReceived('List', { nam: 'x' })).to.throw(
        "nam: shop.Item has no field 'nam'; did you mean 'name'?",
      );
      expect(() => expect(client).to.haveReceived('Get')).to.throw(
        TypeError,
        'haveReceived is for a TestServer of stubless/testing, not ',
      );
    });
  });

  it('shows replies and errors in snapshots, always alike', async () => {
    const { test, serialize } = snapshotSerializer;
    const reply: unknown = await client.request('Get', { name: 'tea' });
    const error: unknown = await client.request('Get').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect([reply, error, {}, null, 'x', new Error('x')].map((value) => test(value))).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(serialize(reply, {}, '  ')).to.equal(
      `shop.Order {
    "id": "o1",
    "items": [
      {
        "cents": "9007199254740993",
        "code": "AQI=",
        "labels": {
          "a": "1",
          "b": "2"
        },
        "name": "tea"
      }
    ]
  }`,
    );
    expect(serialize(error, {}, '')).to.equal(
      `RpcError INVALID_ARGUMENT {
  "details": [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      "fieldViolations": [
        {
          "description": "is empty",
          "field": "name"
        }
      ]
    },
    {
      "@type": "type.googleapis.com/shop.Reason",
      "text": "none"
    }
  ],
  "message": "a name is wanted"
}`,
    );
  });
});
