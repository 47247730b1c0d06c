// What the text of replies may come to: names of a server's schema and white space make it many times what was received.

import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_REPLY_CHARACTERS, ReplyText } from '../../../lib/cli/replies/reply-text.ts';
import { RpcError } from '../../../lib/index.ts';
import { listenReflection } from '../../schema/reflection/reflection-peer.ts';
import { closing } from '../../support/closing.ts';
import { runInProcess } from '../in-process.ts';

/** The status of what a piece of work throws; undefined when it throws nothing. */
function codeOf(work: () => void): string | undefined {
  try {
    work();
  } catch (error) {
    if (RpcError.is(error)) return error.codeName;
    throw error;
  }
  return undefined;
}

describe('The text of replies', function () {
  this.timeout(30_000);

  const quotes = 2;
  const longest = 'x'.repeat(MAX_REPLY_CHARACTERS - quotes);

  it('may have as many characters as the limit says, and not one more', () => {
    expect(codeOf(() => new ReplyText(0).add(longest, 0))).to.equal(undefined);
    expect(codeOf(() => new ReplyText(0).add(`${longest}x`, 0))).to.equal('RESOURCE_EXHAUSTED');
  });

  it('may have eight characters for each byte of a large reply', () => {
    const bytes = MAX_REPLY_CHARACTERS / 8;
    expect(codeOf(() => new ReplyText(0).add(`${longest}12345678`, bytes + 1))).to.equal(undefined);
    expect(codeOf(() => new ReplyText(0).add(`${longest}123456789`, bytes + 1))).to.equal(
      'RESOURCE_EXHAUSTED',
    );
  });

  it('is counted over all replies that are kept for one object', () => {
    const text = new ReplyText(0);
    const half = 'x'.repeat(MAX_REPLY_CHARACTERS / 2 - quotes);
    text.add(half, 0);
    text.add(half.slice(64), 0);
    expect(codeOf(() => text.add('', 0))).to.equal('RESOURCE_EXHAUSTED');
  });

  it('counts empty replies, too', () => {
    const text = new ReplyText(0);
    const most = MAX_REPLY_CHARACTERS / 66;
    for (let i = 0; i < most; i++) text.add({}, 0);
    expect(codeOf(() => text.add({}, 0))).to.equal('RESOURCE_EXHAUSTED');
  });

  it('counts names and white space', () => {
    const name = 'n'.repeat(500);
    const named = Array.from({ length: 70_000 }, () => ({ [name]: 1 }));
    expect(codeOf(() => new ReplyText(0).add(named, 300_000))).to.equal('RESOURCE_EXHAUSTED');
    let deep: unknown = Array.from({ length: 300_000 }, () => 1);
    for (let level = 0; level < 98; level++) deep = [deep];
    expect(codeOf(() => new ReplyText(0).add(deep, 300_000))).to.equal(undefined);
    expect(codeOf(() => new ReplyText(2).add(deep, 300_000))).to.equal('RESOURCE_EXHAUSTED');
  });

  describe('of a schema with long names', () => {
    const open = closing();
    let folder = '';
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stubless-text-'));
      await writeFile(
        join(folder, 'long.proto'),
        `syntax = "proto3"; package long; service S { rpc Get (List) returns (List); }
         message List { repeated One one = 1; } message One { int32 ${'n'.repeat(500)} = 1; }`,
      );
      await writeFile(join(folder, 'reply.bin'), Buffer.alloc(4 * 70_000, Buffer.from([0x0a, 2, 8, 1])));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const form of ['jsonl', 'json', 'text', 'full']) {
      it(`is refused as ${form}, with the form that shows it all`, async () => {
        const peer = open(await listenReflection({ answer: () => 'silence' }));
        const request = ['--input', 'binary', '-d', `@${join(folder, 'reply.bin')}`];
        const schema = ['--proto', join(folder, 'long.proto')];
        const end = await runInProcess([
          'call',
          `127.0.0.1:${peer.port}`,
          'Get',
          ...schema,
          ...request,
          '-o',
          form,
        ]);
        expect(end.status).to.equal(72);
        expect(end.stderr).to.equal(
          'stubless: RESOURCE_EXHAUSTED: 280000 bytes of replies would be more than 33554432 characters of text; --output binary writes them as they came\n',
        );
      });
    }
  });
});
