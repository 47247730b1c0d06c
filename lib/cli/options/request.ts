// The options of requests: metadata, deadlines, sizes.

import type { OptionGroup } from '../command/command-definition.ts';
import { parseCount, parseDuration, parseSize } from '../command/quantity.ts';
import { parseHeader, writeHeader } from '../requests/headers.ts';

export interface RequestValues {
  readonly header?: readonly (readonly [string, string])[];
  readonly rpcHeader?: readonly (readonly [string, string])[];
  readonly reflectHeader?: readonly (readonly [string, string])[];
  readonly token?: string;
  readonly timeout?: number;
  readonly maxSize?: number;
  readonly waitForReady?: boolean;
  readonly compress?: string;
  readonly codec?: 'proto' | 'json';
  readonly retry?: number;
}

/** All metadata that a command was given, whatever it goes with. */
export function everyHeader({
  header = [],
  rpcHeader = [],
  reflectHeader = [],
}: Pick<RequestValues, 'header' | 'rpcHeader' | 'reflectHeader'>): readonly (readonly [string, string])[] {
  return [...header, ...rpcHeader, ...reflectHeader];
}

const HEADER = { isRepeated: true, parse: parseHeader, write: writeHeader } as const;

/** For commands that make calls of their own choice. */
export const REQUEST: OptionGroup = {
  title: 'Requests',
  options: [
    {
      flags: '-H, --header <name: value>',
      description: `metadata, also sent with reflection; \${NAME} is read from the environment ($\${NAME} is the literal text), -bin values are base64`,
      ...HEADER,
    },
    { flags: '--rpc-header <name: value>', description: 'metadata for the call only', ...HEADER },
    { flags: '--reflect-header <name: value>', description: 'metadata for reflection only', ...HEADER },
    {
      flags: '--token <token>',
      description:
        "send 'authorization: Bearer TOKEN'; over plaintext only to this machine, or with --plaintext",
    },
    {
      flags: '--timeout <time>',
      description:
        'limit for the whole command once connected: 500ms, 5s, 2m or none; a number alone is seconds',
      parse: parseDuration,
      fallback: '10s for single replies, none for streams',
    },
    {
      flags: '--max-size <size>',
      description: 'largest message to accept',
      parse: parseSize,
      fallback: '4MiB',
    },
    {
      flags: '--retry <attempts>',
      description: 'try a call up to this many times (2 to 5) while the server is UNAVAILABLE',
      parse: (text) => parseCount(text, 2, 5),
    },
    {
      flags: '--compress <name>',
      description: 'compress requests: gzip, deflate, br or zstd; replies may be compressed either way',
    },
    {
      flags: '--codec <name>',
      description:
        "send and ask for messages as proto (protobuf's wire format) or json (application/grpc+json, where the server has it)",
      choices: ['proto', 'json'],
      fallback: 'proto',
    },
    {
      flags: '--wait-for-ready',
      description: 'wait for the server instead of failing while it is unreachable',
    },
  ],
};
