// Which version of HTTP goes with which protocol: what is refused, and what is chosen where nobody says.

import { expect } from 'chai';
import { Client, type ClientOptions } from '../../lib/index.ts';
import { closing } from '../support/closing.ts';

describe('The option httpVersion', () => {
  const close = closing();
  const versionOf = (target: string, options: ClientOptions): string =>
    close(new Client(target, options)).channel.httpVersion;

  const chosen: readonly (readonly [options: ClientOptions, version: string])[] = [
    [{}, '2'],
    [{ protocol: 'grpc' }, '2'],
    [{ protocol: 'grpc-web' }, 'auto'],
    [{ protocol: 'connect' }, 'auto'],
    [{ protocol: 'connect', httpVersion: '2' }, '2'],
    [{ protocol: 'grpc-web', httpVersion: '1.1' }, '1.1'],
  ];
  for (const [options, version] of chosen) {
    it(`is ${version} with ${JSON.stringify(options)}`, () => {
      expect(versionOf('https://127.0.0.1:1', options)).to.equal(version);
    });
  }

  for (const httpVersion of ['1.1', 'auto'] as const) {
    it(`${httpVersion} is refused for gRPC`, () => {
      expect(() => new Client('127.0.0.1:1', { httpVersion })).to.throw(
        TypeError,
        "gRPC needs HTTP/2: leave httpVersion out, or choose another protocol with protocol 'grpc-web' or 'connect'",
      );
    });
  }

  it('of a channel that may be HTTP/1.1 is refused for gRPC', () => {
    const { channel } = close(new Client('127.0.0.1:1', { protocol: 'connect', httpVersion: '1.1' }));
    expect(() => new Client(channel)).to.throw(TypeError, "httpVersion '1.1'");
    expect(close(new Client(channel, { protocol: 'grpc-web' })).channel).to.equal(channel);
  });

  it('is not known by another name', () => {
    expect(() => new Client('127.0.0.1:1', { protocol: 'connect', httpVersion: '1' as '1.1' })).to.throw(
      TypeError,
      "httpVersion must be '2', '1.1' or 'auto', not \"1\"",
    );
  });

  it('says whether calls certainly go over HTTP/2', () => {
    const isHttp2 = (target: string, options: ClientOptions): boolean =>
      close(new Client(target, options)).channel.isHttp2;
    expect(isHttp2('http://127.0.0.1:1', { protocol: 'connect' })).to.equal(true);
    // The server has not chosen yet.
    expect(isHttp2('https://127.0.0.1:1', { protocol: 'connect' })).to.equal(false);
    expect(isHttp2('http://127.0.0.1:1', { protocol: 'connect', httpVersion: '1.1' })).to.equal(false);
  });
});
