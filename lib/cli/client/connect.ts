// A client for a target as the options say: TLS, metadata, limits. Nothing connects here.

import { isThisMachine } from '../../channel/target/this-machine.ts';
import { Client, type ClientOptions, type ServiceConfig, type TlsOptions } from '../../index.ts';
import { UsageError } from '../command/failure.ts';
import type { Environment } from '../command/io.ts';
import { type ServerTarget, serverTarget } from '../command/target.ts';
import type { ConnectionValues } from '../options/connection.ts';
import type { RequestValues } from '../options/request.ts';
import type { ReflectLimitValues, SchemaValues } from '../options/schema-options.ts';
import { metadataOf } from '../requests/headers.ts';

export type TargetValues = ConnectionValues &
  RequestValues &
  ReflectLimitValues &
  Pick<SchemaValues, 'reflect'>;

export interface Connection {
  readonly client: Client;
  readonly target: ServerTarget;
}

/** A client of a server. Throws a UsageError for options that contradict each other. */
export function connect(word: string, options: TargetValues, env: Environment): Connection {
  checkProtocol(options);
  const target = serverTarget(word, wantedTls(options));
  const both = options.header ?? [];
  const token = tokenHeader(target, options, env);
  const forCall = [...both, ...(options.rpcHeader ?? []), ...token];
  const forReflection = [...both, ...(options.reflectHeader ?? []), ...token];
  const settings: ClientOptions = {
    metadata: metadataOf(forCall, env),
    reflection: {
      mode: options.reflect === false ? 'never' : 'auto',
      metadata: metadataOf(forReflection, env),
      timeoutMs: options.timeout,
      maxBytes: options.reflectMaxSize,
      maxFiles: options.reflectMaxFiles,
      maxElements: options.reflectMaxElements,
      maxDepth: options.reflectMaxDepth,
      maxServices: options.reflectMaxServices,
    },
    tls: target.isTls ? tlsOptions(options, env) : undefined,
    timeoutMs: options.timeout,
    maxReceiveMessageBytes: options.maxSize,
    waitForReady: options.waitForReady,
    compression: options.compress,
    codec: options.codec,
    keepalive: options.keepalive === undefined ? undefined : { intervalMs: options.keepalive },
    serviceConfig: options.retry === undefined ? undefined : retrying(options.retry),
    proxy: options.proxy,
    protocol: options.protocol,
    idempotentGet: options.get,
    grpcWebText: options.grpcWebText,
    httpVersion: options.http1 === true ? '1.1' : undefined,
    authority: options.authority,
    userAgent: options.userAgent,
    connectTimeoutMs: options.connectTimeout,
    maxHeaderListBytes: options.maxHeaderSize,
    // What is printed has a limit of its own, which follows from how much was received.
    values: { maxJsonCharacters: Infinity },
  };
  return { client: new Client(target.text, settings), target };
}

/** The library would refuse these too, but not as a mistake of the line. */
function checkProtocol({ protocol = 'grpc', http1, get, grpcWebText, keepalive }: ConnectionValues): void {
  if (http1 === true && protocol === 'grpc') {
    throw new UsageError(
      'gRPC needs HTTP/2: leave --http1 out (--no-http1 turns it off), or add --protocol grpc-web or --protocol connect',
    );
  }
  if (http1 === true && keepalive !== undefined) {
    throw new UsageError(
      '--keepalive sends PINGs, which HTTP/1.1 does not have: leave out --keepalive, or --http1 (--no-http1 turns it off)',
    );
  }
  if (get === true && protocol !== 'connect') {
    throw new UsageError(`--get needs --protocol connect, not ${protocol} (--no-get turns it off)`);
  }
  if (grpcWebText === true && protocol !== 'grpc-web') {
    throw new UsageError(
      `--grpc-web-text needs --protocol grpc-web, not ${protocol} (--no-grpc-web-text turns it off)`,
    );
  }
}

/** Tries calls that the server could not take again, with growing pauses (gRFC A6). */
function retrying(attempts: number): ServiceConfig {
  const retryPolicy = {
    maxAttempts: attempts,
    initialBackoff: '0.2s',
    maxBackoff: '5s',
    backoffMultiplier: 2,
    retryableStatusCodes: ['UNAVAILABLE'],
  };
  return { methodConfig: [{ name: [{}], retryPolicy }] };
}

const TLS_ONLY = ['ca', 'cert', 'key', 'pfx', 'insecure', 'serverName'] as const;

function wantedTls(options: ConnectionValues): 'plaintext' | 'tls' | undefined {
  const tlsOption = TLS_ONLY.find((name) => options[name] !== undefined);
  if (options.plaintext === true) {
    if (options.tls === true) throw new UsageError('--plaintext and --tls cannot be used together');
    if (tlsOption !== undefined) {
      const flag = tlsOption === 'serverName' ? 'server-name' : tlsOption;
      throw new UsageError(`--${flag} is for TLS, which --plaintext turns off`);
    }
    return 'plaintext';
  }
  // Who gives a certificate means TLS, on this machine too.
  return options.tls === true || tlsOption !== undefined ? 'tls' : undefined;
}

function tlsOptions(options: ConnectionValues, env: Environment): TlsOptions {
  const file = (path: string | undefined) => (path === undefined ? undefined : { file: path });
  return {
    ca: options.ca?.map((ca) => (ca === 'system' || ca === 'bundled' ? ca : { file: ca })),
    cert: file(options.cert),
    key: file(options.key),
    pfx: file(options.pfx),
    passphrase: options.passphrase ?? env['STUBLESS_PASSPHRASE'],
    serverName: options.serverName,
    rejectUnauthorized: options.insecure === true ? false : undefined,
    keyLogFile: env['SSLKEYLOGFILE'] === undefined ? undefined : true,
  };
}

/** Whether a proxy is at this machine; what is not a URL is not. */
function isProxyHere(url: string): boolean {
  return URL.canParse(url) && isThisMachine(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

/** A token on the way in plaintext can be read by anybody on it. */
function tokenHeader(
  target: ServerTarget,
  options: TargetValues,
  env: Environment,
): (readonly [string, string])[] {
  const { token } = options;
  if (token === undefined) return [];
  if (!target.isTls && options.plaintext !== true) {
    if (!target.isLocal) {
      throw new UsageError(
        `--token would be sent to ${target.text} in plaintext; write https://, or use --plaintext to allow it`,
      );
    }
    // To a proxy elsewhere "this machine" is another one.
    if (typeof options.proxy === 'string' && !isProxyHere(options.proxy)) {
      throw new UsageError(
        '--token would be sent through the proxy in plaintext; write https://, --no-proxy, or use --plaintext to allow it',
      );
    }
  }
  if (env === undefined || token === '') throw new UsageError('--token is empty');
  return [['authorization', `Bearer ${token}`]];
}
