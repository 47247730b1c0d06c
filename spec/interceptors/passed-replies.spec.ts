// What becomes of the replies that interceptors pass on: those that the method's codec decoded are given as they are,
// without being encoded to see whether they fit.

import { expect } from 'chai';
import { rawMethod } from '../../lib/client/raw-method.ts';
import { acceptedReply } from '../../lib/interceptors/accepted-reply.ts';
import type { Method } from '../../lib/schema/codec/method.ts';
import { codecService } from '../../lib/schema/registry/codec-service.ts';

const IT = { who: 'it', hasGoneOn: true };

class Item {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

class Stranger extends Item {}

describe('A reply that an interceptor passes on', () => {
  let encoded = 0;

  /** A method whose codec is a module's; `make` gives what it decodes. */
  function moduleMethod(make: (name: string) => unknown): Method {
    const encode = (value: unknown): Uint8Array => {
      encoded++;
      const { name } = value as Item;
      if (typeof name !== 'string') throw new Error('name: string expected');
      return Buffer.from(name);
    };
    const decode = (bytes: Uint8Array): unknown => make(Buffer.from(bytes).toString());
    const types = { requestType: 'shop.Item', replyType: 'shop.Item' };
    const method = { name: 'Find', requestStream: false, responseStream: false, ...types, encode, decode };
    return codecService('shop.Shop', 'shop_pb.js', undefined, [method]).methods[0];
  }

  function raw(): Method {
    const method = rawMethod('/a.B/C', 'unary_unary');
    const { reply } = method;
    const counting: Method['reply'] = {
      ...reply,
      encode(value, prefix) {
        encoded++;
        return reply.encode(value, prefix);
      },
    };
    return { ...method, reply: counting };
  }

  const decoded = ({ reply }: Method, text: string): object =>
    reply.decode(Buffer.from(text), 0, Buffer.byteLength(text));

  beforeEach(() => {
    encoded = 0;
  });

  for (const [name, make] of [
    ['of bytes', raw],
    ["of a module's class", () => moduleMethod((name) => new Item(name))],
  ] as const) {
    it(`is that very one, not encoded: one ${name}`, () => {
      const method = make();
      const reply = decoded(method, 'Hat');
      expect(acceptedReply(reply, method, IT)).to.equal(reply);
      expect(encoded).to.equal(0);
    });
  }

  it("is that very one where it is of a module's class and the first that its codec sees", () => {
    const method = moduleMethod((name) => new Item(name));
    const own = new Item('Hat');
    expect(acceptedReply(own, method, IT)).to.equal(own);
    expect(encoded).to.equal(1);
  });

  const others: readonly (readonly [string, (name: string) => unknown, object])[] = [
    ['of another class', (name) => new Item(name), new Stranger('Hat')],
    ['without a class', (name) => new Item(name), { name: 'Hat' }],
    ['of plain objects', (name) => ({ name }), { name: 'Hat' }],
    [
      'of objects without a prototype',
      (name) => Object.assign(Object.create(null), { name }),
      { name: 'Hat' },
    ],
  ];
  for (const [name, make, given] of others) {
    it(`is made anew by the codec: one ${name}`, () => {
      const method = moduleMethod(make);
      decoded(method, 'first');
      const reply = acceptedReply(given, method, IT);
      expect(reply).not.to.equal(given);
      expect(reply).to.deep.equal(make('Hat'));
      expect(encoded).to.equal(1);
      expect(() => acceptedReply({ name: 5 }, method, IT)).to.throw(TypeError, 'name: string expected');
    });
  }

  it('is a Buffer where other bytes are given', () => {
    const reply = acceptedReply(Uint8Array.of(1, 2), raw(), IT);
    expect(Buffer.isBuffer(reply)).to.equal(true);
    expect(reply).to.deep.equal(Buffer.of(1, 2));
  });
});
