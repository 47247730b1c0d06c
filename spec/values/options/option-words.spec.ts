// What error texts call options: the library's names for programs, others for the command line, and what a user or a
// server wrote as it is.

import { expect } from 'chai';
import fc from 'fast-check';
import { checkCompression } from '../../../lib/call/compression-options.ts';
import { describeTlsError } from '../../../lib/channel/socket/tls-errors.ts';
import type { TlsSettings } from '../../../lib/channel/socket/tls-settings.ts';
import { describeWrongPeer } from '../../../lib/channel/socket/wrong-peer.ts';
import { COMMAND_LINE_WORDS } from '../../../lib/cli/command/command-line-words.ts';
import { explain } from '../../../lib/cli/command/explain.ts';
import { LocalError } from '../../../lib/cli/command/failure.ts';
import { Client } from '../../../lib/client/client.ts';
import { CompressionTable } from '../../../lib/rpc/compression/compression.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { Metadata } from '../../../lib/values/metadata.ts';
import { advice, called, given, useOptionWords } from '../../../lib/values/options/option-words.ts';

const SETTINGS = { minVersion: 'TLSv1.3' } as TlsSettings;
const tlsError = (code: string): string =>
  String(
    describeTlsError(Object.assign(new Error('x'), { code }), {
      settings: SETTINGS,
      serverName: 'tls.ca.timeoutMs',
      certificate: undefined,
    }),
  );
const thrown = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('The names of options in errors', () => {
  afterEach(() => useOptionWords());

  const texts: readonly (readonly [string, () => string, library: string, commandLine: string])[] = [
    [
      'a limit in bytes',
      () => called('maxReceiveMessageBytes', 5),
      'maxReceiveMessageBytes 5',
      '--max-size 5',
    ],
    ['a limit of time', () => called('connectTimeoutMs', 5), 'connectTimeoutMs 5', '--connect-timeout 5ms'],
    [
      'an option without a flag',
      () => called('keepalive.timeoutMs', 5),
      'keepalive.timeoutMs 5',
      'keepalive.timeoutMs 5',
    ],
    ['one of several', () => called('tls.ca[1]'), 'tls.ca[1]', '--ca'],
    ['how it is given', () => given('serverName'), 'as serverName', 'with --server-name'],
    [
      'metadata that an option sets',
      () => thrown(() => new Metadata({ 'grpc-timeout': '1S' })),
      "metadata name 'grpc-timeout' is reserved for the protocol; the timeoutMs option sets it",
      "metadata name 'grpc-timeout' is reserved for the protocol; --timeout sets it",
    ],
    [
      'metadata that an option sets in part',
      () => thrown(() => new Metadata({ 'user-agent': 'x' })),
      "metadata name 'user-agent' is reserved for the protocol; the userAgent option sets its start",
      "metadata name 'user-agent' is reserved for the protocol; --user-agent sets its start",
    ],
    [
      'metadata that an option of the library alone sets',
      () => thrown(() => new Metadata({ 'grpc-accept-encoding': 'x' })),
      "metadata name 'grpc-accept-encoding' is reserved for the protocol; the compressions option sets it",
      "metadata name 'grpc-accept-encoding' is reserved for the protocol",
    ],
    [
      'a certificate that is signed by itself',
      () => tlsError('DEPTH_ZERO_SELF_SIGNED_CERT'),
      "the server's certificate is self-signed; if you trust it, give this very certificate as tls.ca",
      "the server's certificate is self-signed; if you trust it, give this very certificate with --ca (or --insecure for a test)",
    ],
    [
      "a server's name that is called like an option",
      () => tlsError('ERR_SSL_TLSV1_UNRECOGNIZED_NAME'),
      "the server does not know the host 'tls.ca.timeoutMs' (alert unrecognized_name); give the name that it knows as serverName",
      "the server does not know the host 'tls.ca.timeoutMs' (alert unrecognized_name); give the name that it knows with --server-name",
    ],
    [
      'an old version of TLS',
      () => tlsError('ERR_SSL_UNSUPPORTED_PROTOCOL'),
      "the server speaks only a version of TLS before TLSv1.3, the oldest that this client accepts; minVersion: 'TLSv1.2' would allow one more",
      'the server speaks only a version of TLS before TLSv1.3, the oldest that this client accepts',
    ],
    [
      'TLS where plaintext was spoken',
      () => String(describeWrongPeer(Uint8Array.of(0x15, 3, 3), false)),
      'a TLS server answered, but this client connected in plaintext; use an https:// target, or the tls option',
      'a TLS server answered, but this client connected in plaintext; use --tls, or an https:// target',
    ],
    [
      'a compression there is not',
      () =>
        thrown(() => checkCompression('timeoutMs', new CompressionTable([]))).replace(
          /, gzip[a-z, ]*(?=,| \()/,
          '',
        ),
      'compression must be one of identity (the client\'s compressions option adds others), not "timeoutMs"',
      '--compress must be one of identity, not "timeoutMs"',
    ],
    [
      'a target without a port',
      () => thrown(() => new Client('timeoutMs')),
      "the target \"timeoutMs\" has no port; give 'timeoutMs:50051' or new Client('timeoutMs', port)",
      'the target "timeoutMs" has no port; give \'timeoutMs:50051\'',
    ],
  ];
  for (const [name, make, library, commandLine] of texts) {
    it(`are those of who reads them, for ${name}`, () => {
      expect(make()).to.equal(library);
      useOptionWords(COMMAND_LINE_WORDS);
      expect(make()).to.equal(commandLine);
    });
  }

  it('are none of the library on the command line', () => {
    useOptionWords(COMMAND_LINE_WORDS);
    const all = Object.values(advice()).map((one: unknown) =>
      typeof one === 'function' ? one('a', 'b') : one,
    );
    expect(all.join('\n')).to.not.match(/client\.|new Client|tls\.|[a-z]Ms\b|[a-z]Bytes\b|reflection\./);
  });

  it('are left alone in what somebody wrote', () => {
    useOptionWords(COMMAND_LINE_WORDS);
    const names = [
      'timeoutMs',
      'tls.ca',
      'as serverName',
      'includeDirs',
      'does it want TLS? then use an https:// target, or the tls option',
      'reflection.metadata',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[a-z]{1,9}$/)), {
      minLength: 1,
    });
    fc.assert(
      fc.property(text, fc.constantFrom(SchemaError, LocalError, RangeError, Error), (words, Kind) => {
        const message = words.join(' ');
        expect(explain(new Kind(message)).lines).to.deep.equal([message]);
      }),
    );
  });
});
