import { inspect } from 'node:util';
import { expect } from 'chai';
import { Metadata } from '../../lib/values/metadata.ts';
import { RpcError } from '../../lib/values/rpc-error.ts';
import { StatusCode, type StatusCodeName, statusCodeName } from '../../lib/values/status.ts';

function make(codeName: StatusCodeName, details: string, cause?: unknown): RpcError {
  const status = {
    code: StatusCode[codeName],
    codeName,
    details,
    metadata: new Metadata(),
    origin: 'server' as const,
  };
  return new RpcError({ status, method: '/s/m', peer: '127.0.0.1:1', cause });
}

describe('StatusCode (grpc doc/statuscodes.md)', () => {
  it('writes out in its message what would move a cursor or turn the text, and keeps the details as they came', () => {
    const text = 'a\x1b[2J\x07\u202e\u009b1m\r\nb\tc é 🎉';
    const error = RpcError.of('NOT_FOUND', text);
    expect(error.message).to.equal('NOT_FOUND: a\\u001b[2J\\u0007\\u202e\\u009b1m\\r\nb\tc é 🎉');
    expect(error.details).to.equal(text);
    expect(error.stack).to.include(error.message);
  });

  it('is the numbers from 0 to 16, each with its name', () => {
    expect(Object.values(StatusCode)).to.deep.equal(Array.from({ length: 17 }, (_, code) => code));
    for (const [name, code] of Object.entries(StatusCode)) expect(statusCodeName(code)).to.equal(name);
    expect([StatusCode.CANCELLED, StatusCode.NOT_FOUND, StatusCode.UNAUTHENTICATED]).to.deep.equal([
      1, 5, 16,
    ]);
  });
});

describe('RpcError', () => {
  it('says its code first, and the code alone where there is no text', () => {
    expect(make('NOT_FOUND', 'user 7').message).to.equal('NOT_FOUND: user 7');
    expect(make('NOT_FOUND', '').message).to.equal('NOT_FOUND');
  });

  it('is an Error with a cause where it has one', () => {
    const cause = new Error('why');
    expect(make('UNAVAILABLE', 'x', cause))
      .to.be.instanceOf(Error)
      .and.include({ cause });
    expect('cause' in make('UNAVAILABLE', 'x')).to.equal(false);
  });

  it('is known by RpcError.is, whichever copy of the package made it', () => {
    expect(RpcError.is(make('ABORTED', 'x'))).to.equal(true);
    const foreign = Object.assign(new Error('ABORTED: x'), { [Symbol.for('stubless.RpcError')]: true });
    expect(RpcError.is(foreign)).to.equal(true);
    for (const other of [new Error('x'), null, undefined, 7, 'ABORTED', {}, { code: 5 }]) {
      expect(RpcError.is(other)).to.equal(false);
    }
  });

  it('is made of a code or its name by RpcError.of', () => {
    const cause = new Error('why');
    const error = RpcError.of('UNAVAILABLE', 'try later', { metadata: { a: 'b' }, cause, method: '/s/m' });
    expect(error).to.include({ code: 14, codeName: 'UNAVAILABLE', details: 'try later', origin: 'client' });
    expect(error).to.include({ message: 'UNAVAILABLE: try later', method: '/s/m', cause });
    expect(error.metadata.get('a')).to.equal('b');
    expect(RpcError.of(16).message).to.equal('UNAUTHENTICATED');
    for (const wrong of [0, 17, 1.5, 'OK', 'NOWHERE', undefined]) {
      expect(() => RpcError.of(wrong as never)).to.throw(TypeError, `not ${String(wrong)}`);
    }
  });

  describe('that is made in another way', () => {
    const status = {
      code: 5,
      codeName: 'NOT_FOUND',
      details: 'x',
      metadata: new Metadata(),
      origin: 'client',
    };
    const rest = { method: '/s/m', peer: undefined };
    const WHOLE = 'new RpcError takes { status, method, peer }, which say how a call ended, not ';
    const mistakes: readonly (readonly [name: string, given: unknown, says: string])[] = [
      ['of nothing', undefined, `${WHOLE}undefined`],
      ['of null', null, `${WHOLE}null`],
      ['of a text', 'gone', `${WHOLE}"gone"`],
      ['of a code', 5, `${WHOLE}5`],
      [
        'of a code and details, as in grpc-js',
        { code: 5, details: 'x' },
        `${WHOLE}an object without a status`,
      ],
      ['with the status as a name', { status: 'NOT_FOUND', ...rest }, `${WHOLE}an object without a status`],
      [
        'with the code by its name',
        { status: { ...status, code: 'NOT_FOUND' }, ...rest },
        'code is to be a number from 0 to 16, not "NOT_FOUND"',
      ],
      [
        'with a code that there is not',
        { status: { ...status, code: 17 }, ...rest },
        'code is to be a number from 0 to 16, not 17',
      ],
      [
        'without details',
        { status: { ...status, details: undefined }, ...rest },
        'details is to be text, not undefined',
      ],
      [
        'with metadata of another kind',
        { status: { ...status, metadata: {} }, ...rest },
        'metadata is to be a Metadata, not an object',
      ],
    ];
    for (const [name, given, says] of mistakes) {
      it(`is a TypeError that says the right form: ${name}`, () => {
        expect(() => new RpcError(given as never))
          .to.throw(TypeError, says)
          .with.property('message')
          .that.includes("write RpcError.of('NOT_FOUND', 'user 7')");
      });
    }

    it('is one for RpcError.of as well', () => {
      const of = RpcError.of as (...given: unknown[]) => RpcError;
      expect(() => of({ code: 5 })).to.throw(
        TypeError,
        "not an object; write RpcError.of('NOT_FOUND', 'user 7')",
      );
      expect(() => of(5, 'x', new Metadata())).to.throw(
        TypeError,
        "{ metadata: { 'retry-after': '5' } }, not an object of the class Metadata",
      );
      expect(() => of(5, 'x', { trailers: {} })).to.throw(
        TypeError,
        "are an object of metadata, cause, method, such as { metadata: { 'retry-after': '5' } }, not 'trailers'",
      );
    });
  });

  it('prints what a log needs: its stack, code, details, method and peer', () => {
    const printed = inspect(make('NOT_FOUND', 'user 7'));
    expect(printed).to.match(/^RpcError: NOT_FOUND: user 7\n/);
    for (const text of [
      'code: 5',
      "details: 'user 7'",
      "method: '/s/m'",
      "peer: '127.0.0.1:1'",
      "origin: 'server'",
    ]) {
      expect(printed).to.include(text);
    }
    expect(printed).to.not.include('Symbol(stubless');
  });
});
