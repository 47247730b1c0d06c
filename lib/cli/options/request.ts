// The options of requests: metadata, deadlines, sizes.

import type { OptionGroup } from '../command.ts';
import { parseHeader } from '../headers.ts';
import { parseCount, parseDuration, parseSize } from '../quantity.ts';

export interface RequestValues {
  readonly header?: readonly (readonly [string, string])[];
  readonly rpcHeader?: readonly (readonly [string, string])[];
  readonly reflectHeader?: readonly (readonly [string, string])[];
  readonly token?: string;
  readonly timeout?: number;
  readonly maxSize?: number;
  readonly waitForReady?: boolean;
  readonly compress?: string;
  readonly retry?: number;
}

const HEADER = { isRepeated: true, parse: parseHeader } as const;

/** For commands that make calls of their own choice. */
export const REQUEST: OptionGroup = {
  title: 'Requests',
  options: [
    {
      flags: '-H, --header <name: value>',
      description: `metadata, for reflection too; \${NAME} is taken from the environment, -bin values are base64`,
      ...HEADER,
    },
    { flags: '--rpc-header <name: value>', description: 'metadata of the call alone', ...HEADER },
    { flags: '--reflect-header <name: value>', description: 'metadata of reflection alone', ...HEADER },
    {
      flags: '--token <token>',
      description:
        "sends 'authorization: Bearer TOKEN'; over plaintext only to this machine, or with --plaintext",
    },
    {
      flags: '--timeout <time>',
      description: 'for the whole command after connecting: 500ms, 5s, 2m or none',
      parse: parseDuration,
      fallback: '10s for single replies, none for streams',
    },
    {
      flags: '--max-size <size>',
      description: 'the largest message taken',
      parse: parseSize,
      fallback: '4MiB',
    },
    {
      flags: '--retry <attempts>',
      description: 'try a call up to so many times (2 to 5) while the server is UNAVAILABLE',
      parse: (text) => parseCount(text, 2, 5),
    },
    {
      flags: '--compress <name>',
      description: 'compress requests: gzip, deflate, br, zstd; replies may always be',
    },
    {
      flags: '--wait-for-ready',
      description: 'wait for the server instead of failing while it cannot be reached',
    },
  ],
};
