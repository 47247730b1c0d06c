import { expect } from 'chai';
import { describe as describeSymbol } from '../../../lib/schema/print/describe.ts';
import { typesOf } from '../../../lib/schema/print/types.ts';
import { codecService } from '../../../lib/schema/registry/codec-service.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { thrownBy } from '../schemas.ts';

describe('a service without descriptors', () => {
  const registry = new Registry();
  before(() => {
    const method = {
      name: 'Find',
      requestStream: false,
      responseStream: true,
      requestType: 'shop.Item',
      replyType: 'shop.Item',
      encode: () => new Uint8Array(0),
      decode: () => ({}),
    };
    const service = codecService('shop.Shop', 'shop_pb.js', 'shop.proto', [method]);
    registry.addSources([{ files: [], origin: 'shop_pb.js', services: [service] }]);
  });

  for (const symbol of ['shop.Shop', 'Shop', 'shop.Shop/Find', 'Find']) {
    it(`is not described as ${symbol}, and the error names the way out`, () => {
      expect(thrownBy(() => describeSymbol(registry, symbol)).message).to.match(
        /^the definition of 'shop\.Shop.*load shop\.proto alongside shop_pb\.js/,
      );
    });
  }

  it('is declared with its methods, whose messages are unknown', () => {
    expect(typesOf(registry)).to.include(
      "'shop.Shop.Find': { request: unknown; reply: unknown; cardinality: 'unary_stream' };",
    );
  });
});
