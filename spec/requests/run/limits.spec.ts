// Limits of requests that run: each at its limit, and one past it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_KEPT_REPLIES, MAX_KEPT_REPLY_BYTES } from '../../../lib/requests/run/call-record.ts';
import { MAX_REPEATED_CHARACTERS } from '../../../lib/requests/run/repeated-line.ts';
import { runInProcess } from '../../cli/in-process.ts';

const EMPTY_MESSAGE_OCTETS = 5;
const MEBIBYTE = 1024 * 1024;

/** A HelloReply of so many octets, framed. */
function replyOf(octets: number): Buffer {
  const name = octets - 5;
  const head = Buffer.alloc(EMPTY_MESSAGE_OCTETS + 5);
  head.writeUInt32BE(octets, 1);
  head[5] = 0x0a;
  // A varint of four octets, however small its number.
  for (let at = 0; at < 4; at++) head[6 + at] = ((name >>> (7 * at)) & 0x7f) | (at < 3 ? 0x80 : 0);
  return Buffer.concat([head, Buffer.alloc(name, 'x')]);
}

/** Replies one after the other, as there is room for them; more than any number of them where `count` is infinite. */
function sendReplies(stream: ServerHttp2Stream, reply: Buffer, count: number, last: Buffer): void {
  let left = count;
  const send = (): void => {
    while (left-- > 0) {
      if (stream.destroyed) return;
      if (stream.write(reply)) continue;
      stream.once('drain', send);
      return;
    }
    stream.end(last);
  };
  send();
}

describe('A request of a file that runs', function () {
  this.timeout(60_000);

  let server: Http2Server;
  let folder = '';
  let files = 0;
  before((done) => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-run-'));
    server = createServer();
    server.on('stream', (stream, { 'x-count': count, 'x-mebibytes': mebibytes, 'x-more': more }) => {
      // A call that is cancelled.
      stream.on('error', () => {});
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      if (mebibytes === undefined) stream.end(Buffer.alloc(EMPTY_MESSAGE_OCTETS * Number(count)));
      else sendReplies(stream, replyOf(MEBIBYTE), Number(mebibytes) - 1, replyOf(MEBIBYTE + Number(more)));
    });
    server.listen(0, '127.0.0.1', done);
  });
  after((done) => {
    rmSync(folder, { recursive: true, force: true });
    server.close(done);
  });

  async function outputOf(request: string) {
    // Not the one before: to write over a file that was just written can wait for the disk.
    const path = join(folder, `${++files}.requests.yaml`);
    const { port } = server.address() as AddressInfo;
    const schema = `schema: { proto: ${process.cwd()}/protos/helloworld.proto }`;
    writeFileSync(path, `target: 127.0.0.1:${port}\n${schema}\nrequests:\n  - { name: one, ${request} }\n`);
    const { stdout } = await runInProcess(['test', path, '--report', 'json=-']);
    return { path, result: JSON.parse(stdout).files[0].requests[0] };
  }

  it(`keeps at most ${MAX_KEPT_REPLIES} replies of a stream`, async () => {
    const stream = (count: number): string =>
      `method: SayHelloStreamReply, metadata: { x-count: "${count}" }, expect: { replies: { $length: ${count} } }`;
    expect((await outputOf(stream(MAX_KEPT_REPLIES))).result.outcome).to.equal('passed');
    const { result } = await outputOf(stream(MAX_KEPT_REPLIES + 1));
    expect(result.reason).to.equal(
      `more than ${MAX_KEPT_REPLIES} replies came, which is all that are kept of a stream`,
    );
  });

  const large = (mebibytes: string, more: number): string =>
    `method: SayHelloStreamReply, metadata: { x-mebibytes: "${mebibytes}", x-more: "${more}" }, expect: { replies: { $length: 64 } }`;

  it(`keeps at most ${MAX_KEPT_REPLY_BYTES} bytes of the replies of a stream`, async () => {
    const count = String(MAX_KEPT_REPLY_BYTES / MEBIBYTE);
    expect((await outputOf(large(count, 0))).result.outcome).to.equal('passed');
    const { result } = await outputOf(large(count, 1));
    expect(result).to.include({
      outcome: 'failed',
      reason: `more than ${MAX_KEPT_REPLY_BYTES} bytes of replies came, which is all that are kept of a stream`,
    });
  });

  it('ends a stream that has no end', async () => {
    const { result } = await outputOf(large('Infinity', 0));
    expect(result.reason).to.include(`more than ${MAX_KEPT_REPLY_BYTES} bytes of replies came`);
  });

  it(`is repeated by a line of at most ${MAX_REPEATED_CHARACTERS} characters, and by its name beyond`, async () => {
    const sent = (length: number): string =>
      `method: SayHello, request: { name: "${'n'.repeat(length)}" }, metadata: { x-count: "1" }, expect: { reply: { message: no } }`;
    const short = (await outputOf(sent(1))).result.again as string;
    // Quotes of the shell, spaces between words, and the schema are not counted.
    const words = short
      .replace(/ --proto .*$/, '')
      .replaceAll("'", '')
      .replaceAll('x-count: 1', 'x-count:_1');
    const others = words.replaceAll(' ', '').length - 1;
    const { result } = await outputOf(sent(MAX_REPEATED_CHARACTERS - others));
    expect(result.again).to.include('nnn');
    const { path, result: beyond } = await outputOf(sent(MAX_REPEATED_CHARACTERS - others + 1));
    expect(beyond.again).to.equal(`stubless call '${path}#one'`);
  });
});
