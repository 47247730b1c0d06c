// What the command line calls the library's options, for error texts. Set once, before a command runs.

import type { OptionWords } from '../../values/options/option-words.ts';

const FLAGS: Readonly<Record<string, string>> = {
  authority: '--authority',
  codec: '--codec',
  compression: '--compress',
  connectTimeoutMs: '--connect-timeout',
  includeDirs: '--import-path',
  'keepalive.intervalMs': '--keepalive',
  grpcWebText: '--grpc-web-text',
  httpVersion: '--http1',
  idempotentGet: '--get',
  maxHeaderListBytes: '--max-header-size',
  maxReceiveMessageBytes: '--max-size',
  protocol: '--protocol',
  'reflection.maxBytes': '--reflect-max-size',
  'reflection.maxDepth': '--reflect-max-depth',
  'reflection.maxElements': '--reflect-max-elements',
  'reflection.maxFiles': '--reflect-max-files',
  'reflection.maxServices': '--reflect-max-services',
  'reflection.timeoutMs': '--timeout',
  serverName: '--server-name',
  timeoutMs: '--timeout',
  'tls.ca': '--ca',
  'tls.cert': '--cert',
  'tls.key': '--key',
  'tls.passphrase': '--passphrase',
  'tls.pfx': '--pfx',
  userAgent: '--user-agent',
};

const GIVE_FILES = 'give its schema with --proto FILE (and --import-path DIR), or --protoset FILE';

/** Without the index of an option that is given several times. */
const flagOf = (option: string): string => FLAGS[option.replace(/\[\d+\]$/, '')] ?? option;

export const COMMAND_LINE_WORDS: OptionWords = {
  called(option, value) {
    const flag = flagOf(option);
    if (value === undefined) return flag;
    return `${flag} ${value}${flag !== option && option.endsWith('Ms') ? 'ms' : ''}`;
  },
  given: (option) => `with ${flagOf(option)}`,
  setter: (option) => FLAGS[option],
  advice: {
    usePlaintext: 'use --plaintext, or an http:// target',
    useTls: 'use --tls, or an https:// target',
    wantsTls: 'does it want TLS? then use --tls',
    useHttp2: 'leave out --http1',
    useHttp1: 'use --http1',
    wantsHttp1: 'does it speak HTTP/1.1 alone? then use --http1',
    giveCa: "give its certificate with --ca (--ca system takes the system's roots)",
    giveThisCa: 'give this very certificate with --ca (or --insecure for a test)',
    lowerTlsVersion: '',
    loadFiles: GIVE_FILES,
    loadAllFiles: GIVE_FILES,
    loadFirst: GIVE_FILES,
    authorizeReflection: '(metadata given with -H, --reflect-header or --token is sent to it)',
    otherCompressions: '',
    otherAccepted: '',
    useProtocol: (...names) => `use --protocol ${names.join(' or ')}`,
    useProto: 'use --codec proto',
    useJson: 'use --codec json',
    otherAuthority: 'see --authority',
    insteadOfHealth: "'stubless ping' tells whether it answers, 'stubless list' what it has",
    otherSchemes: '',
    orPortOf: () => '',
    loadBeside: (file) => `give ${file} with --proto, or use --reflect`,
  },
};
