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

type Work =
  | 'unary'
  | 'plain-unary'
  | 'intercepted-unary'
  | 'big'
  | 'server-stream'
  | 'client-stream'
  | 'bidi'
  | 'idle-streams'
  | 'startup'
  | 'methods';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly work: Work;
  /** The server's mode (see server.c). */
  readonly server: 'unary' | 'server-stream' | 'client-stream' | 'bidi';
  /** Of the cost. */
  readonly unit: 'µs' | 'ms' | 'KiB';
  readonly inFlight: number;
  /** Messages of one call, for streams; the figures are then a message. */
  readonly messages: number;
  /** Loaded methods, for `methods`; open streams, for `idle-streams`. */
  readonly count: number;
  /**
   * At least so many calls before measuring starts, however long they take. A slow client needs as many as a
   * fast one before its code is compiled: grpc-js costs five times as much in its first half second.
   */
  readonly warmUpCalls: number;
  /** All, when not given. */
  readonly clients?: readonly ClientName[];
  readonly targets: readonly Target[];
}

const ofGrpcJs = (factor: number, text: string): Target => ({ than: { client: 'grpc-js' }, factor, text });
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
    targets: [ofGrpcJs(1 / 12, '1/12'), { than: { client: 'grpc-go' }, factor: 1, text: '1' }, ofFloor(2.5)],
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
    targets: [ofGrpcJs(1 / 2, '1/2')],
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
