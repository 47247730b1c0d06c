// Which hosts are this machine: the proxy of the environment is not for them, and the command line takes them for plaintext.

import { expect } from 'chai';
import { isThisMachine } from '../../lib/channel/target/this-machine.ts';

describe('This machine', () => {
  const hosts: readonly (readonly [host: string, isHere: boolean])[] = [
    ['localhost', true],
    ['LOCALHOST.', true],
    ['a.localhost', true],
    ['127.0.0.1', true],
    ['127.255.0.1', true],
    ['0.0.0.0', true],
    ['::', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::1%lo', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:0.0.0.0', true],
    ['localhost.example.com', false],
    ['mylocalhost', false],
    ['127.example.com', false],
    ['127.999.0.1', false],
    ['126.255.255.255', false],
    ['128.0.0.1', false],
    ['0.0.0.1', false],
    ['::2', false],
    ['::ffff:128.0.0.1', false],
    ['', false],
  ];
  for (const [host, isHere] of hosts) {
    it(`is ${isHere ? '' : 'not '}'${host}'`, () => expect(isThisMachine(host)).to.equal(isHere));
  }
});
