// NODE_DEBUG=stubless, as a program's user sees it, and what its lines hide.

import { expect } from 'chai';
import { metadataLine } from '../../lib/debug-log.ts';
import { Metadata } from '../../lib/index.ts';
import { runNode } from '../support/program.ts';
import { startExampleServer } from '../support/servers.ts';

const PROGRAM = `
  import { Client } from 'stubless';
  const client = new Client(process.argv[1], { metadata: { 'x-tenant': 'a' } });
  await client.load('protos/helloworld.proto');
  const metadata = { authorization: 'Bearer hunter2' };
  await client.request('SayHello', { name: 'you' }, { metadata });
  await client.request('SayHello', { name: 'nobody' }, { metadata }).catch(() => {});
  await client.close();
`;

describe('NODE_DEBUG', function () {
  this.timeout(20_000);
  let server: Awaited<ReturnType<typeof startExampleServer>>;
  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  async function stderrOf(sections: string | undefined): Promise<string> {
    const { status, stderr } = await runNode(
      ['--input-type=module', '--eval', PROGRAM, '--', `127.0.0.1:${server.port}`],
      20_000,
      sections === undefined ? {} : { NODE_DEBUG: sections },
    );
    expect(status).to.equal(0);
    return stderr;
  }

  it('writes nothing unless it is set', async () => {
    expect(await stderrOf(undefined)).to.equal('');
  });

  it('stubless tells of connections and calls, without secrets', async () => {
    const text = await stderrOf('stubless');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => line.replace(/^STUBLESS \d+: /, '').replace(/[\d.]+ ms/g, 'n ms'));
    const address = `127.0.0.1:${server.port}`;
    expect(lines).to.include.members([
      `connection 1 dials ${address}`,
      `connection 1 to ${address} is ready (connect n ms, SETTINGS n ms)`,
      'call 1 ended with OK after n ms, 1 messages (5 bytes) sent, 1 (11) received',
      'call 2 ended with NOT_FOUND after n ms, 1 messages (8 bytes) sent, 0 (0) received: no greeting for nobody',
      'connection 1 ended after n ms and 2 streams: the client was closed',
    ]);
    expect(text).to.include('authorization=<redacted>');
    expect(text).to.include('x-tenant=a');
    expect(text).not.to.include('hunter2');
  });

  it('stubless-frames tells of every frame', async () => {
    const text = await stderrOf('stubless-frames');
    expect(text).to.match(
      /connection 1 > SETTINGS stream 0, 18 octets, ENABLE_PUSH 0, INITIAL_WINDOW_SIZE \d+/,
    );
    expect(text).to.match(/connection 1 > DATA stream 1, 10 octets, END_STREAM/);
    expect(text).to.match(/connection 1 < HEADERS stream 1, \d+ octets, END_HEADERS/);
    expect(text).not.to.include('hunter2');
  });

  const names: readonly (readonly [name: string, isSecret: boolean])[] = [
    ['authorization', true],
    ['proxy-authorization', true],
    ['cookie', true],
    ['x-auth-token', true],
    ['x-api-key', true],
    ['x-goog-api-key', true],
    ['x-client-secret', true],
    ['x-request-id', false],
    ['user-agent-x', false],
  ];
  for (const [name, isSecret] of names) {
    it(`${isSecret ? 'hides' : 'shows'} the value of ${name}`, () => {
      expect(metadataLine(new Metadata({ [name]: 'v' }))).to.equal(
        `${name}=${isSecret ? '<redacted>' : 'v'}`,
      );
    });
  }

  it('shows long values at most in part, and binary ones by their length', () => {
    expect(metadataLine(new Metadata({ a: 'x'.repeat(100) }))).to.equal(`a=${'x'.repeat(100)}`);
    expect(metadataLine(new Metadata({ a: 'x'.repeat(101) }))).to.equal(`a=${'x'.repeat(100)}…`);
    expect(metadataLine(new Metadata({ 'a-bin': new Uint8Array(3) }))).to.equal('a-bin=<3 bytes>');
  });
});
