// The options of how a server is reached, and what they are for the library.

import type { OptionGroup } from '../command.ts';
import { parseDuration, parseSize } from '../quantity.ts';

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
      description: 'no TLS, whatever the target',
      fallback: 'for localhost, loopback and Unix sockets',
    },
    { flags: '--tls', description: 'TLS, whatever the target', fallback: 'for all others' },
    {
      flags: '--ca <file>',
      description: "trust these certificates (PEM), or 'system' for the system's, instead of Mozilla's",
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
    { flags: '--key <file>', description: 'private key of --cert (PEM)', completion: 'file', isPath: true },
    {
      flags: '--pfx <file>',
      description: 'client certificate and key in PKCS#12',
      completion: 'file',
      isPath: true,
    },
    {
      flags: '--passphrase <text>',
      description: 'of --key or --pfx; better $STUBLESS_PASSPHRASE, which no process list shows',
    },
    { flags: '-k, --insecure', description: 'believe any certificate (for tests)' },
    { flags: '--server-name <name>', description: "the name that the server's certificate is for" },
    {
      flags: '--proxy <url>',
      description: 'connect through this proxy (http://, https://, socks5://)',
      fallback: 'https_proxy and the like, but for no_proxy',
    },
    { flags: '--no-proxy', description: 'no proxy, whatever the environment says' },
    { flags: '--authority <host>', description: 'the :authority of requests' },
    { flags: '--user-agent <text>', description: "comes before stubless's own user agent" },
    {
      flags: '--connect-timeout <time>',
      description: 'for DNS, TCP, TLS and HTTP/2 together',
      parse: parseDuration,
      fallback: '20s',
    },
    {
      flags: '--keepalive <time>',
      description: 'after so much silence see whether the server is still there; 10s or more',
      parse: parseDuration,
      fallback: 'off',
    },
    {
      flags: '--max-header-size <size>',
      description: 'the largest header or trailer list taken',
      parse: parseSize,
      fallback: '64KiB',
    },
    {
      flags: '--config <file>',
      description: 'the config file',
      fallback: 'stubless.config.{json,yaml} here or above',
      completion: 'file',
    },
    { flags: '--no-config', description: 'no config file' },
  ],
};
