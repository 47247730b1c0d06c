// The options of how a server is reached, and what they are for the library.

import type { OptionGroup } from '../command/command-definition.ts';
import { parseDuration, parseSize } from '../command/quantity.ts';

export interface ConnectionValues {
  readonly plaintext?: boolean;
  readonly tls?: boolean;
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly pfx?: string;
  readonly passphrase?: string;
  readonly insecure?: boolean;
  readonly serverName?: string;
  readonly proxy?: string | false;
  readonly authority?: string;
  readonly protocol?: 'grpc' | 'grpc-web' | 'connect';
  readonly get?: boolean;
  readonly http1?: boolean;
  readonly grpcWebText?: boolean;
  readonly userAgent?: string;
  readonly connectTimeout?: number;
  readonly keepalive?: number;
  readonly maxHeaderSize?: number;
  readonly config?: string | false;
}

export const CONNECTION: OptionGroup = {
  title: 'Connection',
  options: [
    {
      flags: '--plaintext',
      description: 'connect without TLS',
      fallback: 'for localhost, loopback addresses and Unix sockets',
    },
    { flags: '--tls', description: 'connect with TLS', fallback: 'for everything else' },
    {
      flags: '--ca <file>',
      description: "trust these certificates (PEM), or the system's with 'system', instead of Mozilla's",
      isRepeated: true,
      completion: 'file',
      isPath: true,
    },
    {
      flags: '--cert <file>',
      description: 'client certificate (PEM), for mutual TLS',
      completion: 'file',
      isPath: true,
    },
    { flags: '--key <file>', description: 'private key for --cert (PEM)', completion: 'file', isPath: true },
    {
      flags: '--pfx <file>',
      description: 'client certificate and key as PKCS#12',
      completion: 'file',
      isPath: true,
    },
    {
      flags: '--passphrase <text>',
      description: 'for --key or --pfx; prefer $STUBLESS_PASSPHRASE, which process lists do not show',
    },
    { flags: '-k, --insecure', description: 'accept any certificate (for tests)' },
    { flags: '--server-name <name>', description: "the name to expect in the server's certificate" },
    {
      flags: '--proxy <url>',
      description: 'connect through this proxy (http://, https://, socks5://)',
      fallback: 'https_proxy and similar variables, except for hosts in no_proxy',
    },
    { flags: '--no-proxy', description: 'use no proxy, whatever the environment says' },
    {
      flags: '--protocol <name>',
      description: 'what the server speaks: grpc, grpc-web or connect',
      choices: ['grpc', 'grpc-web', 'connect'],
      fallback: 'grpc',
    },
    { flags: '--http1', description: 'with --protocol grpc-web or connect, use HTTP/1.1' },
    {
      flags: '--no-http1',
      description: 'use HTTP/2, or over TLS what the server chooses, whatever the config file says',
    },
    {
      flags: '--get',
      description: 'with --protocol connect, call methods marked NO_SIDE_EFFECTS with HTTP GET',
    },
    { flags: '--no-get', description: 'call all methods with POST, whatever the config file says' },
    {
      flags: '--grpc-web-text',
      description: 'with --protocol grpc-web, send base64, for a proxy that lets only text through',
    },
    { flags: '--no-grpc-web-text', description: 'send no base64, whatever the config file says' },
    { flags: '--authority <host>', description: 'send this :authority with requests' },
    { flags: '--user-agent <text>', description: "put this before stubless's own user agent" },
    {
      flags: '--connect-timeout <time>',
      description:
        'limit for one attempt to connect: TCP, proxy, TLS and HTTP/2; the DNS lookup may take as long again',
      parse: parseDuration,
      fallback: '20s',
    },
    {
      flags: '--keepalive <time>',
      description: 'check that the server is still there after this much silence; 10s or more',
      parse: parseDuration,
      fallback: 'off',
    },
    {
      flags: '--max-header-size <size>',
      description: 'largest header or trailer list to accept',
      parse: parseSize,
      fallback: '64KiB',
    },
    {
      flags: '--config <file>',
      description: 'use this config file',
      fallback: 'stubless.config.{json,yaml} in this directory or above, within the project',
      completion: 'file',
    },
    { flags: '--no-config', description: 'use no config file' },
  ],
};
