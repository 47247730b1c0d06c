// Which protocol a client speaks, as its options say it.

import { expect } from 'chai';
import { type ClientOptions, checkClientOptions } from '../../lib/client/client-options.ts';

const checked = (options: unknown) => checkClientOptions(options as ClientOptions).protocol;
const METHOD = { requestStream: false, responseStream: false, idempotency: 'no_side_effects' } as const;

describe('The option protocol', () => {
  it('is grpc where nothing is said', () => {
    for (const options of [undefined, {}, { protocol: undefined }, { protocol: 'grpc' }]) {
      expect(checked(options).name).to.equal('grpc');
      expect(checked(options).factsOf(METHOD, 'proto')).to.equal(undefined);
    }
  });

  for (const [options, name, contentType, isSafe] of [
    [{ protocol: 'grpc-web' }, 'grpc-web', 'application/grpc-web+proto', false],
    [{ protocol: 'grpc-web', grpcWebText: false }, 'grpc-web', 'application/grpc-web+proto', false],
    [{ protocol: 'grpc-web', grpcWebText: true }, 'grpc-web', 'application/grpc-web-text+proto', false],
    [{ protocol: 'connect' }, 'connect', 'application/proto', false],
    [{ protocol: 'connect', idempotentGet: true }, 'connect', 'application/proto', true],
  ] as const) {
    it(`takes ${JSON.stringify(options)}`, () => {
      const protocol = checked(options);
      expect(protocol.name).to.equal(name);
      expect(protocol.factsOf(METHOD, 'proto')).to.include({ contentType, isSafe });
    });
  }

  for (const [options, says] of [
    [
      { protocol: 'grpcweb' },
      'protocol must be one of grpc, grpc-web, connect, not "grpcweb"; did you mean \'grpc-web\'?',
    ],
    [{ protocol: 'toString' }, 'protocol must be one of'],
    [{ protocol: '__proto__' }, 'protocol must be one of'],
    [{ protocol: null }, 'protocol must be one of'],
    [{ protocol: 1 }, 'protocol must be one of'],
    [{ idempotentGet: true }, 'idempotentGet needs protocol \'connect\', not "grpc"'],
    [
      { protocol: 'grpc-web', idempotentGet: true },
      'idempotentGet needs protocol \'connect\', not "grpc-web"',
    ],
    [{ protocol: 'connect', idempotentGet: 1 }, 'idempotentGet'],
    [{ maxGetUrlBytes: 100 }, 'maxGetUrlBytes needs idempotentGet true'],
    [{ protocol: 'connect', maxGetUrlBytes: 100 }, 'maxGetUrlBytes needs idempotentGet true'],
    [{ grpcWebText: true }, 'grpcWebText needs protocol \'grpc-web\', not "grpc"'],
    [{ protocol: 'connect', grpcWebText: true }, 'grpcWebText needs protocol \'grpc-web\', not "connect"'],
    [{ protocol: 'grpc-web', grpcWebText: 'yes' }, 'grpcWebText'],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => checked(options)).to.throw(TypeError, says);
    });
  }

  for (const maxGetUrlBytes of [0, -1, 1.5, Number.NaN, '7168']) {
    it(`refuses URLs of ${JSON.stringify(maxGetUrlBytes)} bytes`, () => {
      expect(() => checked({ protocol: 'connect', idempotentGet: true, maxGetUrlBytes })).to.throw(
        RangeError,
        'maxGetUrlBytes must be a whole number of at least 1 (Infinity for no limit), not ',
      );
    });
  }
});
