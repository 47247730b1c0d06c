import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { dial } from '../../../lib/channel/socket/dial.ts';

describe('the sockets of a process', () => {
  // Windows and Bun may fill a buffer ahead of telling; Deno reads into none that it is given.
  const { bun, deno } = process.versions as { bun?: string; deno?: string };
  const hasOwnBuffers = process.platform === 'win32' || bun !== undefined || deno !== undefined;

  it('read into one buffer, each what its own peer sends, cut anywhere', async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const count = 20;
    const rounds = 30;
    const memories = new Set<ArrayBufferLike>();
    const dialled = Array.from({ length: count }, () => {
      const got: number[] = [];
      let onMore = (): void => {};
      const socket = dial({ kind: 'tcp', host: '127.0.0.1', port }, undefined, {
        onPhase() {},
        onConnect() {},
        onRead(octets) {
          memories.add(octets.buffer);
          got.push(...octets);
          onMore();
        },
        onDrain() {},
        onClose() {},
      });
      const has = (length: number): Promise<void> =>
        new Promise((done) => {
          onMore = () => {
            if (got.length >= length) done();
          };
          onMore();
        });
      return { socket, got, has };
    });
    while (accepted.length < count) await once(server, 'connection');
    // Which of them a peer belongs to, its first octet says.
    accepted.forEach((socket, peer) => {
      for (let round = 0; round < rounds; round++)
        socket.write(Buffer.alloc(1 + ((peer * 7 + round) % 50), peer));
    });
    const lengthOf = (peer: number): number =>
      Array.from({ length: rounds }, (_, round) => 1 + ((peer * 7 + round) % 50)).reduce((a, b) => a + b);
    for (const { got, has } of dialled) {
      await has(1);
      await has(lengthOf(got[0]));
      expect(new Set(got)).to.deep.equal(new Set([got[0]]));
      expect(got.length).to.equal(lengthOf(got[0]));
    }
    expect(new Set(dialled.map(({ got }) => got[0])).size).to.equal(count);
    if (hasOwnBuffers) expect(memories.size).to.be.at.least(count);
    else expect(memories.size).to.equal(1);
    for (const { socket } of dialled) socket.destroy();
    for (const socket of accepted) socket.destroy();
    server.close();
    await once(server, 'close');
  });
});
