// NODE_DEBUG=stubless, as a program's user sees it, and what its lines hide.

import { expect } from 'chai';
import { Metadata } from '../../lib/index.ts';
import { isSectionEnabled, metadataLine } from '../../lib/observe/debug-log.ts';
import { startExampleServer } from '../support/peers/servers.ts';
import { runNode } from '../support/program.ts';

const PROGRAM = `
  import { Client } from 'stubless';
  const client = new Client(process.argv[1], { metadata: { 'x-tenant': 'a' }, allowCredentialsOverPlaintext: true });
  await client.load('protos/helloworld.proto');
  const metadata = { authorization: 'Bearer hunter2' };
  await client.request('SayHello', { name: 'you' }, { metadata });
  await client.request('SayHello', { name: 'nobody' }, { metadata }).catch(() => {});
  const name = 'nobody';
  await client.request('SayHello', { name: name + ' \\x1b[2J\\n\\u202eSTUBLESS: call 9' }, { metadata }).catch(() => {});
  const credentials = () => ({ 'x-strange': 'hunter2' });
  await client.request('SayHello', { name }, { credentials }).catch(() => {});
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

  it('stubless logs connections and calls, without secrets', async () => {
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
      'connection 1 ended after n ms and 4 streams: the client was closed',
    ]);
    expect(text).to.include('authorization=<redacted>');
    expect(text).to.include('x-tenant=a');
    expect(text).not.to.include('hunter2');
  });

  it('stubless-frames logs every frame', async () => {
    const text = await stderrOf('stubless-frames');
    expect(text).to.match(
      /connection 1 > SETTINGS stream 0, 18 octets, ENABLE_PUSH 0, INITIAL_WINDOW_SIZE \d+/,
    );
    expect(text).to.match(/connection 1 > DATA stream 1, 10 octets, END_STREAM/);
    expect(text).to.match(/connection 1 < HEADERS stream 1, \d+ octets, END_HEADERS/);
    expect(text).not.to.include('hunter2');
  });

  it('escapes what would not stay on its line', async () => {
    const text = await stderrOf('stubless');
    // The server quotes the name it was called with.
    expect(text).to.include('no greeting for nobody \\u001b[2J\\n\\u202eSTUBLESS: call 9');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).to.match(/^[^\0-\x09\x0b-\x1f\x7f-\x9f\u202e]*$/);
  });

  const secret = [
    ...[
      'authorization',
      'proxy-authorization',
      'x-serverless-authorization',
      'www-authenticate',
      'cookie',
      'set-cookie',
    ],
    ...[
      'x-auth-token',
      'x-auth',
      'x-auth-request-access-token',
      'x-vault-token',
      'private-token',
      'x-csrf-token',
    ],
    ...[
      'x-amz-security-token',
      'x-amz-signature',
      'x-goog-api-key',
      'x-goog-iam-authorization-token',
      'x-ms-token-aad',
    ],
    ...[
      'api-key',
      'apikey',
      'api_key',
      'x-api-key',
      'dd-api-key',
      'ocp-apim-subscription-key',
      'x-functions-key',
    ],
    ...[
      'x-client-secret',
      'x-db-password',
      'x-passwd',
      'x-pwd',
      'x-passphrase',
      'x-credentials',
      'x-session-id',
      'x-sid',
    ],
    ...[
      'x-jwt',
      'x-jwt-assertion',
      'dpop',
      'x-hmac-sha256',
      'x-otp',
      'x-hub-signature',
      'x-apigateway-api-userinfo',
      'x-access-key-id',
    ],
    ...['x-client-cert', 'x-forwarded-client-cert', 'ssl-client-cert', 'x-ssl-client-certificate'],
    ...['x-mfa', 'x-mfa-code', 'mfa-device', 'x-totp'],
    ...['authorization-bin', 'x-token-bin', 'x-api-key-bin'],
  ];
  const harmless = [
    ...[
      'x-request-id',
      'user-agent-x',
      'traceparent',
      'x-tenant',
      'x-author',
      'idempotency-key',
      'x-keyboard',
      'date',
    ],
    ...[
      'server',
      'x-forwarded-for',
      'x-passenger',
      'x-pinned',
      'x-b3-traceid',
      'accept-language',
      'x-monkey',
    ],
  ];
  for (const [name, isHidden] of [
    ...secret.map((name) => [name, true] as const),
    ...harmless.map((name) => [name, false] as const),
  ]) {
    it(`${isHidden ? 'hides' : 'shows'} the value of ${name}`, () => {
      const value = name.endsWith('-bin') ? Uint8Array.of(1) : 'v';
      expect(metadataLine(new Metadata({ [name]: value }))).to.equal(
        `${name}=${isHidden ? '<redacted>' : 'v'}`,
      );
    });
  }

  const values: readonly (readonly [value: string, isHidden: boolean])[] = [
    ['Bearer abc', true],
    ['basic dXNlcjpwYXNz', true],
    ['AWS4-HMAC-SHA256 Credential=x', true],
    ['eyJhbGciOiJIUzI1NiJ9.e30.x', true],
    ['Token abc', true],
    ['DPoP abc', true],
    ['-----BEGIN PRIVATE KEY----- x', true],
    [['ghp', '16C7e42F292c6912E7'].join('_'), true],
    ['github_pat_11AAAAAAA0123456789', true],
    ['glpat-0123456789abcdef', true],
    [['xoxb', '0123456789', 'abcdef'].join('-'), true],
    ['ya29.a0AfH6SMBx0123456789', true],
    ['AIzaSyA0123456789abcdef', true],
    ['AKIAIOSFODNN7EXAMPLE', true],
    ['sk-proj-0123456789abcdef', true],
    [['sk', 'live', '0123456789abcdef'].join('_'), true],
    ['https://a.test/b?x=1&sig=abc', true],
    ['/b?X-Amz-Signature=abc', true],
    ['redis://user:pass@a.test', true],
    ['https://a.test/b?x=1&page=2', false],
    ['sk-SK', false],
    ['tokens are fine', false],
    ['12:30@noon', false],
    ['bearer', false],
    ['basically fine', false],
    ['eyJ', false],
  ];
  for (const [value, isHidden] of values) {
    it(`${isHidden ? 'hides' : 'shows'} the value ${value} under any name`, () => {
      expect(metadataLine(new Metadata({ x: value }))).to.equal(`x=${isHidden ? '<redacted>' : value}`);
    });
  }

  const asked: readonly (readonly [variable: string | undefined, sections: readonly string[]])[] = [
    [undefined, []],
    ['', []],
    ['fs,net', []],
    ['stubless', ['stubless']],
    ['STUBLESS', ['stubless']],
    ['fs,stubless-frames', ['stubless-frames']],
    ['stubless*', ['stubless', 'stubless-frames']],
    ['*', ['stubless', 'stubless-frames']],
    ['stubles.', []],
    ['(', []],
    ['xstubless', []],
  ];
  for (const [variable, sections] of asked) {
    it(`enables ${sections.join(' and ') || 'nothing'} for ${JSON.stringify(variable)}`, () => {
      const all = ['stubless', 'stubless-frames'];
      expect(all.filter((section) => isSectionEnabled(section, variable))).to.deep.equal(sections);
    });
  }

  it('shows long values at most in part, and binary ones by their length', () => {
    expect(metadataLine(new Metadata({ a: 'x'.repeat(100) }))).to.equal(`a=${'x'.repeat(100)}`);
    expect(metadataLine(new Metadata({ a: 'x'.repeat(101) }))).to.equal(`a=${'x'.repeat(100)}…`);
    expect(metadataLine(new Metadata({ 'a-bin': new Uint8Array(3) }))).to.equal('a-bin=<3 bytes>');
  });
});
