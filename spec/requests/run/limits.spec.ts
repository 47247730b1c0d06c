// Limits of requests that run: each at its limit, and one past it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_KEPT_REPLIES } from '../../../lib/requests/run/call-record.ts';
import { MAX_REPEATED_CHARACTERS } from '../../../lib/requests/run/repeated-line.ts';
import { runInProcess } from '../../cli/in-process.ts';

const EMPTY_MESSAGE_OCTETS = 5;

describe('A request of a file that runs', function () {
  this.timeout(30_000);

  let server: Http2Server;
  let folder = '';
  before((done) => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-run-'));
    server = createServer();
    server.on('stream', (stream, { 'x-count': count }) => {
      // A call that is cancelled.
      stream.on('error', () => {});
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(EMPTY_MESSAGE_OCTETS * Number(count)));
    });
    server.listen(0, '127.0.0.1', done);
  });
  after((done) => {
    rmSync(folder, { recursive: true, force: true });
    server.close(done);
  });

  async function outputOf(request: string) {
    const path = join(folder, 'a.requests.yaml');
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
