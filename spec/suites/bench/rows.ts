// What is measured: the rows of the benchmark, with their targets. Data only.

export type ClientName = 'stubless' | 'grpc-js' | 'connect-node' | 'node:http2' | 'grpc-go' | 'floor';

/** In the order of the report's columns. */
export const CLIENT_NAMES: readonly ClientName[] = [
  'stubless',
  'grpc-js',
  'connect-node',
  'node:http2',
  'grpc-go',
  'floor',
];

/** What a row's figure must keep to: at most `factor` times another figure (`<`: less than it). */
export interface Target {
  readonly than: { readonly client: ClientName } | { readonly row: string };
  readonly factor: number;
  /** The factor as people write it: '1/12'. */
  readonly text: string;
}

/** What the process may grow by at most, beside what the caller itself holds. */
export interface MemoryTarget {
  readonly memoryMiB: number;
}

type Work =
  | 'unary'
  | 'plain-unary'
  | 'intercepted-unary'
  | 'big'
  | 'server-stream'
  | 'client-stream'
  | 'bidi'
  | 'transfer'
  | 'slow-reader'
  | 'idle-streams'
  | 'startup'
  | 'methods';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly work: Work;
  /** The server's mode (see server.c). */
  readonly server: 'unary' | 'server-stream' | 'server-chunks' | 'client-stream' | 'bidi';
  /** Over TLS: the server is grpc-go's, which answers unary calls alone. */
  readonly isSecure?: boolean;
  /** Of the cost. */
  readonly unit: 'µs' | 'ms' | 'KiB';
  readonly inFlight: number;
  /** Messages of one call, for streams; the figures are then a message. */
  readonly messages: number;
  /** Loaded methods, for `methods`; open streams, for `idle-streams`; calls whose CPU counts, for `transfer`. */
  readonly count: number;
  /** For `transfer`: octets of the body of each message, up and down. Default: none. */
  readonly up?: number;
  readonly down?: number;
  /**
   * At least so many calls before measuring starts, however long they take. A slow client needs as many as a
   * fast one before its code is compiled: grpc-js costs five times as much in its first half second.
   */
  readonly warmUpCalls: number;
  /** All, when not given. */
  readonly clients?: readonly ClientName[];
  readonly targets: readonly (Target | MemoryTarget)[];
}

const ofGrpcJs = (factor: number, text: string): Target => ({ than: { client: 'grpc-js' }, factor, text });
const ofGrpcGo = (factor: number, text: string): Target => ({ than: { client: 'grpc-go' }, factor, text });
const ofFloor = (factor: number): Target => ({ than: { client: 'floor' }, factor, text: `${factor}` });
const ofRow = (row: string, factor = 1.25): Target => ({ than: { row }, factor, text: `${factor}` });

const UNARY = {
  work: 'unary',
  server: 'unary',
  unit: 'µs',
  messages: 1,
  count: 0,
  warmUpCalls: 20_000,
} as const;
const SECURE = { ...UNARY, isSecure: true, clients: ['stubless', 'grpc-js', 'grpc-go', 'floor'] } as const;
const MIB = 1024 * 1024;
/** What a transfer may take beside the largest message that is under way. */
const MEMORY_MIB = 64;
const HUGE_MIB = 100;
const HUGE = {
  work: 'transfer',
  server: 'unary',
  unit: 'ms',
  inFlight: 1,
  messages: 1,
  count: 5,
  warmUpCalls: 2,
  clients: ['stubless', 'grpc-js', 'grpc-go'],
  targets: [ofGrpcGo(1, '1'), { memoryMiB: HUGE_MIB + MEMORY_MIB }],
} as const;
const CHUNKS = {
  work: 'transfer',
  unit: 'µs',
  inFlight: 1,
  messages: 32_768,
  count: 1,
  warmUpCalls: 0,
  clients: ['stubless', 'grpc-js', 'grpc-go'],
  targets: [ofGrpcGo(1, '1'), { memoryMiB: MEMORY_MIB }],
} as const;
const STREAM = { unit: 'µs', inFlight: 1, messages: 10_000, count: 0, warmUpCalls: 20 } as const;
// Each method is called at least three times before: it is known to both ends then.
const METHODS = {
  ...UNARY,
  work: 'methods',
  inFlight: 128,
  warmUpCalls: 30_000,
  clients: ['stubless'],
} as const;

export const ROWS: readonly Row[] = [
  {
    ...UNARY,
    name: 'unary-128',
    title: 'unary, 128 in flight',
    inFlight: 128,
    targets: [ofGrpcJs(1 / 12, '1/12'), ofGrpcGo(1, '1'), ofFloor(2.5)],
  },
  {
    ...UNARY,
    name: 'unary-16',
    title: 'unary, 16 in flight',
    inFlight: 16,
    targets: [ofGrpcJs(1 / 12, '1/12')],
  },
  {
    ...UNARY,
    name: 'unary-1',
    title: 'unary, 1 in flight',
    inFlight: 1,
    targets: [ofGrpcJs(1 / 4, '1/4'), ofFloor(1.6)],
  },
  {
    ...UNARY,
    name: 'unary-1000',
    title: 'unary, 1,000 in flight',
    inFlight: 1000,
    targets: [ofRow('unary-128')],
  },
  {
    ...UNARY,
    name: 'unary-10000',
    title: 'unary, 10,000 in flight',
    inFlight: 10_000,
    targets: [ofRow('unary-128')],
  },
  {
    ...UNARY,
    name: 'plain-128',
    title: 'unary, 128 in flight, no deadline, no metadata',
    work: 'plain-unary',
    inFlight: 128,
    targets: [],
  },
  {
    ...UNARY,
    name: 'interceptor',
    title: 'unary, 128 in flight, through an interceptor',
    work: 'intercepted-unary',
    inFlight: 128,
    clients: ['stubless'],
    targets: [{ than: { row: 'unary-128' }, factor: 2, text: '2' }],
  },
  {
    ...SECURE,
    name: 'tls-128',
    title: 'unary over TLS, 128 in flight',
    inFlight: 128,
    targets: [ofGrpcJs(1 / 25, '1/25'), ofGrpcGo(1, '1')],
  },
  {
    ...SECURE,
    name: 'tls-16',
    title: 'unary over TLS, 16 in flight',
    inFlight: 16,
    targets: [ofGrpcJs(1 / 15, '1/15')],
  },
  {
    ...SECURE,
    name: 'tls-1',
    title: 'unary over TLS, 1 in flight',
    inFlight: 1,
    targets: [ofGrpcJs(1 / 4, '1/4')],
  },
  {
    ...STREAM,
    name: 'server-stream',
    title: 'server stream, a message',
    work: 'server-stream',
    server: 'server-stream',
    targets: [ofGrpcJs(1 / 6, '1/6')],
  },
  {
    ...STREAM,
    name: 'client-stream',
    title: 'client stream, a message',
    work: 'client-stream',
    server: 'client-stream',
    targets: [ofGrpcJs(1 / 6, '1/6')],
  },
  {
    ...STREAM,
    name: 'bidi',
    title: 'bidi, one message to and fro',
    work: 'bidi',
    server: 'bidi',
    messages: 500,
    warmUpCalls: 40,
    targets: [ofGrpcJs(0.7, '0.7')],
  },
  {
    ...UNARY,
    name: 'big',
    title: '1 MiB to and fro',
    work: 'big',
    inFlight: 1,
    warmUpCalls: 200,
    targets: [ofGrpcJs(1 / 2, '1/2'), ofGrpcGo(1, '1')],
  },
  { ...HUGE, name: 'up-100', title: '100 MiB in one message, up', up: HUGE_MIB * MIB },
  { ...HUGE, name: 'down-100', title: '100 MiB in one message, down', down: HUGE_MIB * MIB },
  {
    ...CHUNKS,
    name: 'chunks-up',
    title: '2 GiB up in chunks of 64 KiB, a chunk',
    server: 'client-stream',
    up: 64 * 1024,
  },
  {
    ...CHUNKS,
    name: 'chunks-down',
    title: '2 GiB down in chunks of 64 KiB, a chunk',
    server: 'server-chunks',
    down: 64 * 1024,
  },
  {
    ...CHUNKS,
    name: 'slow-reader',
    title: 'the same, read at one in two turns of the event loop',
    work: 'slow-reader',
    server: 'server-chunks',
    down: 64 * 1024,
    clients: ['stubless', 'grpc-js'],
    targets: [{ memoryMiB: MEMORY_MIB }],
  },
  {
    ...UNARY,
    name: 'startup',
    title: 'import + load a .proto + first reply, whole process',
    work: 'startup',
    unit: 'ms',
    inFlight: 1,
    clients: ['stubless', 'grpc-js'],
    targets: [ofGrpcJs(0.6, '0.6')],
  },
  {
    ...STREAM,
    name: 'idle-streams',
    title: 'memory of an open idle stream, 10,000 open',
    work: 'idle-streams',
    server: 'bidi',
    unit: 'KiB',
    messages: 1,
    count: 10_000,
    clients: ['stubless', 'grpc-js', 'connect-node', 'node:http2', 'grpc-go'],
    targets: [ofGrpcJs(1 / 3, '1/3')],
  },
  { ...METHODS, name: 'methods-10', title: '10 loaded methods in rotation', count: 10, targets: [] },
  {
    ...METHODS,
    name: 'methods-10000',
    title: '10,000 loaded methods in rotation',
    count: 10_000,
    targets: [ofRow('methods-10', 1.15)],
  },
];

/** The row of that name. */
export function rowNamed(name: string): Row {
  const row = ROWS.find((r) => r.name === name);
  if (row === undefined)
    throw new RangeError(`no row ${name}; there are ${ROWS.map((r) => r.name).join(', ')}`);
  return row;
}
