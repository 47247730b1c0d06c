// The options of a test server and their checks, with the same names as the client's.

import { type CompressionName, checkCompression, checkCompressions } from '../call/compression-options.ts';
import { checkValueOptions } from '../catalog/value-option-checks.ts';
import type { Compression, CompressionTable } from '../rpc/compression/compression.ts';
import type { ValueOptions } from '../schema/codec/value-options.ts';
import { checkNames, count, flag, show } from '../values/options/option-checks.ts';

/** Options of a test server. */
export interface TestServerOptions {
  /** Directories in which imports are looked for, first to last. */
  readonly includeDirs?: readonly string[] | undefined;
  /** The package (or service) in which short method names are looked for first. */
  readonly package?: string | undefined;
  /** How handlers see requests; see docs/values.md. */
  readonly values?: ValueOptions | undefined;
  /** Whether it answers reflection, v1 and v1alpha. Default true. */
  readonly reflection?: boolean | undefined;
  /** Whether it has grpc.health.v1.Health. Default true. */
  readonly health?: boolean | undefined;
  /**
   * What replies are compressed with, for clients that accept it: `gzip`, `deflate`, `br`, … Default `identity`: not
   * compressed.
   */
  readonly compression?: CompressionName | undefined;
  /** Algorithms in addition to the built-in ones; see docs/compression.md. Default none. */
  readonly compressions?: readonly Compression[] | undefined;
  /** The largest request that is accepted, in bytes, compressed and decompressed. Default 4 MiB (4,194,304). */
  readonly maxReceiveMessageBytes?: number | undefined;
  /** The largest reply that is sent, in bytes. Default no limit. */
  readonly maxSendMessageBytes?: number | undefined;
  /** The largest header list that is accepted, in bytes as RFC 9113 §6.5.2 counts them. Default 64 KiB (65,536). */
  readonly maxHeaderListBytes?: number | undefined;
  /** SETTINGS_MAX_CONCURRENT_STREAMS: how many calls a connection may have open. Default 1,000. */
  readonly maxConcurrentStreams?: number | undefined;
}

export interface CheckedTestServerOptions {
  readonly includeDirs: readonly string[];
  readonly scope: string;
  readonly values: ValueOptions;
  readonly reflection: boolean;
  readonly health: boolean;
  readonly compression: Compression | undefined;
  readonly compressions: CompressionTable;
  readonly maxReceiveMessageBytes: number;
  readonly maxSendMessageBytes: number;
  readonly maxHeaderListBytes: number;
  readonly maxConcurrentStreams: number;
}

const NAMES = [
  'includeDirs',
  'package',
  'values',
  'reflection',
  'health',
  'compression',
  'compressions',
  'maxReceiveMessageBytes',
  'maxSendMessageBytes',
  'maxHeaderListBytes',
  'maxConcurrentStreams',
] as const;

/** Complete options. Throws TypeError or RangeError, naming the option. */
export function checkTestServerOptions(options: TestServerOptions | undefined): CheckedTestServerOptions {
  const given = options === undefined ? {} : options;
  checkNames(given, NAMES, 'test server option');
  const { includeDirs = [], package: scope = '' } = given;
  if (!Array.isArray(includeDirs) || includeDirs.some((one) => typeof one !== 'string')) {
    throw new TypeError(`includeDirs must be an array of directories, not ${show(includeDirs)}`);
  }
  if (typeof scope !== 'string') {
    throw new TypeError(`package must be the name of a package, not ${show(scope)}`);
  }
  const compressions = checkCompressions(given.compressions);
  return {
    includeDirs,
    scope,
    values: checkValueOptions(given.values),
    reflection: flag('reflection', given.reflection, true),
    health: flag('health', given.health, true),
    compression: checkCompression(given.compression ?? 'identity', compressions),
    compressions,
    maxReceiveMessageBytes: count('maxReceiveMessageBytes', given.maxReceiveMessageBytes, 4 * 1024 * 1024, 0),
    maxSendMessageBytes: count('maxSendMessageBytes', given.maxSendMessageBytes, Infinity, 0),
    maxHeaderListBytes: count('maxHeaderListBytes', given.maxHeaderListBytes, 64 * 1024, 1),
    maxConcurrentStreams: count('maxConcurrentStreams', given.maxConcurrentStreams, 1000, 0),
  };
}
