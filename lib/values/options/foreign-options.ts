// What people who come from another gRPC library write, and what to write here: option names of gRPC Core, grpc-js,
// proto-loader, Connect, nice-grpc and protobuf-ts, names that belong to another function of this library, and objects
// of other libraries passed as options. Used only on the way to an error; it checks nothing.

import { isAbortSignal, isDate, isObject } from '../realm.ts';
import { VALUE_NAMES } from './value-names.ts';

type Instead = Readonly<Record<string, string>>;

/** What replaces gRPC Core's channel arguments. */
const CHANNEL_ARGUMENTS: Instead = {
  'grpc.max_receive_message_length': 'give maxReceiveMessageBytes (Infinity for no limit)',
  'grpc.max_send_message_length': 'give maxSendMessageBytes (Infinity for no limit)',
  'grpc.max_metadata_size': 'give maxHeaderListBytes',
  'grpc.absolute_max_metadata_size': 'give maxHeaderListBytes',
  'grpc.keepalive_time_ms': 'give keepalive: { intervalMs }',
  'grpc.keepalive_timeout_ms': 'give keepalive: { intervalMs, timeoutMs }',
  'grpc.keepalive_permit_without_calls': 'give keepalive: { intervalMs, withoutCalls: true }',
  'grpc.client_idle_timeout_ms': 'give idleConnectionMs',
  'grpc.dns_min_time_between_resolutions_ms': 'give dns: { minIntervalMs }',
  'grpc.ssl_target_name_override': 'give serverName',
  'grpc.default_authority': 'give authority',
  'grpc.primary_user_agent': 'give userAgent',
  'grpc.secondary_user_agent': 'give userAgent',
  'grpc.enable_retries': 'give retry: true, or retry: false for none',
  'grpc.per_rpc_retry_buffer_size': 'give maxRetryBufferBytesPerCall',
  'grpc.retry_buffer_size': 'give maxRetryBufferBytes',
  'grpc.service_config': 'give serviceConfig',
  'grpc.service_config_disable_resolution': 'leave it out: dns.serviceConfig is false unless you set it',
  'grpc.lb_policy_name': 'give loadBalancing',
  'grpc.http_proxy': 'give proxy',
  'grpc.enable_http_proxy': 'give proxy: false to use none',
  'grpc.default_compression_algorithm': "give compression: 'gzip'",
  'grpc-node.max_session_memory': 'give maxBufferedBytes',
};

const METADATA = "give metadata: { 'x-name': 'value' }";
const TOKEN = 'give credentials: bearerToken(() => token), over TLS';
const AUTHORIZATION =
  "give credentials: { authorization: 'Bearer …' } over TLS, or the same as metadata over plaintext";
const TARGET = "the first argument says where the server is: new Client('localhost:50051')";
const PLAINTEXT = 'leave it out: host:port and http:// mean plaintext';
const OF_VALUES: Instead = Object.fromEntries(
  VALUE_NAMES.map((name) => [name, `give values: { ${name} }, or the ${name} option of client.load`]),
);
const TLS = (name: string): string => `give tls: { ${name} }`;
const OF_CALL = (name: string): string =>
  `it is an option of one call: client.request(method, message, { ${name} })`;
const OF_LOAD = (name: string): string =>
  `it is an option of client.load: client.load('….proto', { ${name} })`;

/** Names that both a client and its calls are given. */
const SHARED: Instead = {
  headers: METADATA,
  header: METADATA,
  meta: METADATA,
  authorization: AUTHORIZATION,
  Authorization: AUTHORIZATION,
  token: TOKEN,
  auth: TOKEN,
  bearer: TOKEN,
  accessToken: TOKEN,
  apiKey: METADATA,
  retries: 'give retry: { maxAttempts }',
  maxRetries: 'give retry: { maxAttempts }, the first attempt included',
  compress: "give compression: 'gzip'",
  useBinaryFormat: "leave it out, or give codec: 'json' for messages of JSON",
  jsonOptions: "give codec: 'json' for messages of JSON",
};

const CLIENT: Instead = {
  ...SHARED,
  ...CHANNEL_ARGUMENTS,
  insecure: PLAINTEXT,
  plaintext: PLAINTEXT,
  usePlaintext: PLAINTEXT,
  secure: 'give tls: true',
  useTls: 'give tls: true',
  https: 'give tls: true',
  ca: TLS('ca'),
  cert: TLS('cert'),
  key: TLS('key'),
  pfx: TLS('pfx'),
  passphrase: TLS('passphrase'),
  rejectUnauthorized: TLS('rejectUnauthorized'),
  secureContext: TLS('secureContext'),
  rootCerts: TLS("ca: { file: 'ca.pem' }"),
  rootCertificates: TLS("ca: { file: 'ca.pem' }"),
  caCert: TLS("ca: { file: 'ca.pem' }"),
  baseUrl: TARGET,
  url: TARGET,
  address: TARGET,
  target: TARGET,
  host: TARGET,
  port: TARGET,
  protoPath: "call client.load('….proto')",
  proto: "call client.load('….proto')",
  channelOptions: 'give what it contains as options of the client itself',
  loader: "give its options to client.load: client.load('….proto', { keepCase: true })",
  includeDirs: OF_LOAD('includeDirs'),
  package: OF_LOAD('package'),
  ...OF_VALUES,
  deadline: `${OF_CALL('deadline')}; for all calls give timeoutMs`,
  signal: OF_CALL('signal'),
};

/** The options that only a client has. */
const OF_CLIENT = [
  'authority',
  'captureStacks',
  'compressions',
  'connectTimeoutMs',
  'dns',
  'healthCheck',
  'httpVersion',
  'idleConnectionMs',
  'keepalive',
  'loadBalancing',
  'maxBufferedBytes',
  'maxConnections',
  'maxHeaderListBytes',
  'maxQueuedCalls',
  'maxRetryBufferBytes',
  'maxRetryBufferBytesPerCall',
  'proxy',
  'reflection',
  'resolver',
  'serverName',
  'serviceConfig',
  'telemetry',
  'tls',
  'userAgent',
  'values',
  'allowCredentialsOverPlaintext',
] as const;

const CALL: Instead = {
  ...Object.fromEntries(
    OF_CLIENT.map((name) => [
      name,
      `it is an option of the client: new Client('localhost:50051', { ${name} })`,
    ]),
  ),
  ...SHARED,
  abort: 'give signal',
  abortSignal: 'give signal',
  abortController: 'give signal: controller.signal',
  onHeader: 'await call.headers',
  onHeaders: 'await call.headers',
  onTrailer: 'await call.trailers',
  onTrailers: 'await call.trailers',
  cancel: 'call.cancel() ends a call, and so does the signal of an AbortController: give signal',
  contextValues: 'a variable of AsyncLocalStorage reaches interceptors',
  'grpc.max_receive_message_length': CHANNEL_ARGUMENTS['grpc.max_receive_message_length'],
  'grpc.max_send_message_length': CHANNEL_ARGUMENTS['grpc.max_send_message_length'],
  ...OF_VALUES,
};

const INCLUDE = "give includeDirs: ['dir']";
const LOAD: Instead = {
  include: INCLUDE,
  includes: INCLUDE,
  includePath: INCLUDE,
  importPath: INCLUDE,
  importPaths: INCLUDE,
  import_paths: INCLUDE,
  protoPath: INCLUDE,
  protoPaths: INCLUDE,
  proto_path: INCLUDE,
  I: INCLUDE,
  root: INCLUDE,
  dirs: INCLUDE,
  alternateCommentMode: 'leave it out: comments of every kind are kept',
  preferTrailingComment: 'leave it out: comments of every kind are kept',
  json: 'JSON.stringify turns a reply into ProtoJSON, whatever the options',
  convertFieldsToCamelCase: 'leave it out: field names are camel case unless keepCase is true',
};

const TLS_OPTIONS: Instead = {
  rootCerts: 'give ca',
  rootCertificates: 'give ca',
  caFile: "give ca: { file: 'ca.pem' }",
  certFile: "give cert: { file: 'cert.pem' }",
  keyFile: "give key: { file: 'key.pem' }",
  privateKey: 'give key',
  certChain: 'give cert',
  insecure: 'give rejectUnauthorized: false, which lets anybody in between read and change everything',
  insecureSkipVerify:
    'give rejectUnauthorized: false, which lets anybody in between read and change everything',
  checkServerIdentity: 'give serverName: the name that the certificate is for',
  verifyOptions: 'give serverName: the name that the certificate is for',
};

const BY_KIND: Readonly<Record<string, Instead>> = {
  'client option': CLIENT,
  'call option': CALL,
  'load option': LOAD,
  'tls option': TLS_OPTIONS,
};

/** The option that a bare number most likely stands for. */
const SOLE_NUMBER: Readonly<Record<string, string>> = {
  'retry option': 'maxAttempts',
  'hedging option': 'delayMs',
  'keepalive option': 'intervalMs',
  'toArray option': 'limit',
};

/** Options that have a timeoutMs. */
const WITH_TIMEOUT: ReadonlySet<string> = new Set([
  'call option',
  'reflect option',
  'resolve option',
  'waitForReady option',
]);

/** What to write instead of a name that other libraries use, or that belongs elsewhere; undefined for other names. */
export function foreignName(what: string, name: string): string | undefined {
  const names = BY_KIND[what];
  if (names !== undefined && Object.hasOwn(names, name)) return names[name];
  if ((what === 'client option' || what === 'call option') && /^grpc(?:-node)?\./.test(name)) {
    return 'this channel argument has no counterpart here; docs/options.md lists all options';
  }
  return undefined;
}

/** `; ` and what to write instead of an object that cannot be options; empty if unknown. */
export function foreignObject(what: string, value: unknown): string {
  const instead = insteadOf(what, value);
  return instead === undefined ? '' : `; ${instead}`;
}

function insteadOf(what: string, value: unknown): string | undefined {
  const isCall = what === 'call option';
  if (typeof value === 'function') {
    return isCall
      ? "calls return promises and take no callback: const reply = await client.request('SayHello', { name: 'you' })"
      : undefined;
  }
  if (typeof value === 'number' && WITH_TIMEOUT.has(what))
    return `for a time limit give { timeoutMs: ${value} }`;
  const only = Object.hasOwn(SOLE_NUMBER, what) ? SOLE_NUMBER[what] : undefined;
  if (only !== undefined && typeof value === 'number') return `give { ${only}: ${value} }`;
  if (what === 'keepalive option' && value === true) return 'give { intervalMs: 300_000 }';
  if (typeof value === 'string' && what === 'load option') {
    return "to load several files give them as an array: client.load(['a.proto', 'b.proto'])";
  }
  if (!isObject(value)) return undefined;
  if (isChannelCredentials(value)) {
    return what === 'tls option'
      ? 'these are channel credentials of another library'
      : 'these are channel credentials of another library: leave them out for plaintext, and give { tls: true } for TLS';
  }
  if (isCallCredentials(value)) {
    return 'these are call credentials of another library: give { credentials: async () => ({ authorization: … }) }';
  }
  if (has(value, 'then')) return 'await it first';
  if (isMetadata(value)) return 'give it as { metadata }';
  if (isAbortSignal(value)) return 'give it as { signal }';
  if (value instanceof AbortController) return 'give { signal: controller.signal }';
  if (isDate(value) && isCall) return 'give it as { deadline }';
  return undefined;
}

/** Whether these are channel credentials of grpc-js, or of the grpc package before it. */
export function isChannelCredentials(value: object): boolean {
  return has(value, '_isSecure') || value.constructor?.name === 'ChannelCredentials';
}

/** Whether these are call credentials of grpc-js. */
export function isCallCredentials(value: object): boolean {
  return has(value, 'generateMetadata');
}

/** Whether this is Metadata, of this library or another. */
function isMetadata(value: object): boolean {
  return has(value, 'get') && has(value, 'set') && (has(value, 'getMap') || has(value, 'getAll'));
}

function has(value: object, method: string): boolean {
  return typeof Reflect.get(value, method) === 'function';
}
