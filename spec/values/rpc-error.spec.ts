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
