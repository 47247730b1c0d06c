// A reply of 314,159 octets in DATA frames of five: no client may take longer for it than @grpc/grpc-js does. The clients
// take turns against one server in a thread of its own; figures are medians of the time and of the event loop's work.
// Run: npm run bench:frames; exits with 1 when the promise does not hold.

import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as grpc from '@grpc/grpc-js';
import { Connection } from '../../../lib/http2/connection.ts';
import type { StreamHandler } from '../../../lib/http2/handlers.ts';
import type { Stream } from '../../../lib/http2/stream.ts';
import { Client } from '../../../lib/index.ts';

const REPLY_OCTETS = 314_159;
const FRAME_OCTETS = 5;
const WARM_UP = 3;
const RUNS = 9;
const MAX_RATIO = 1;
const PATH = '/bench.Frames/Get';

/** Sends the reply five octets at a time, each a frame of its own, as far as windows allow. */
class SmallFrames implements StreamHandler {
  readonly #stream: Stream;
  readonly #reply: Uint8Array;
  #at = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#reply = new Uint8Array(5 + REPLY_OCTETS);
    new DataView(this.#reply.buffer).setUint32(1, REPLY_OCTETS);
  }

  onHeaders(): void {}
  onData(_chunk: Uint8Array, start: number, end: number): void {
    this.#stream.taken(end - start);
  }
  onTrailers(): void {}

  onEnd(): void {
    this.#stream.headers([':status', '200', 'content-type', 'application/grpc'], false);
    this.onWritable();
  }

  onWritable(): void {
    while (this.#at < this.#reply.length) {
      const end = Math.min(this.#at + FRAME_OCTETS, this.#reply.length);
      const hasRoom = this.#stream.write(this.#reply, this.#at, end, true, false);
      this.#at = end;
      if (!hasRoom) return;
    }
    this.#stream.trailers(['grpc-status', '0']);
  }
}

function serve(): void {
  const server = net.createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    const flush = (): void => {
      for (let octets = http2.nextOutput(); octets !== undefined; octets = http2.nextOutput())
        socket.write(octets);
    };
    const http2: Connection = new Connection(
      {
        onOutput: () => setImmediate(flush),
        onReady() {},
        onCapacity() {},
        onGoAway() {},
        onPingAck() {},
        onConnectionEnd: () => socket.destroySoon(),
        onStream: (stream) => new SmallFrames(stream),
      },
      { role: 'server' },
    );
    socket.on('data', (octets) => {
      http2.receive(octets, performance.now());
      flush();
    });
    flush();
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as net.AddressInfo).port));
}

/** Gives the reply's length, once it has come. */
type Get = () => Promise<number>;

function ofStubless(port: number): { get: Get; close(): void } {
  const client = new Client('127.0.0.1', port);
  const method = client.raw(PATH, { cardinality: 'unary_unary' });
  return {
    get: async () => ((await method(new Uint8Array(0), { timeoutMs: 60_000 })) as Uint8Array).length,
    close: () => void client.close(), // nothing runs any more
  };
}

function ofGrpcJs(port: number): { get: Get; close(): void } {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const identity = (octets: Buffer): Buffer => octets;
  return {
    get: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(PATH, identity, identity, Buffer.alloc(0), (error, reply) => {
          if (error === null) resolve(reply?.length ?? 0);
          else reject(error);
        });
      }),
    close: () => client.close(),
  };
}

interface Figures {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function measure(get: Get): Promise<Figures> {
  const started = performance.now();
  const before = performance.eventLoopUtilization();
  const octets = await get();
  const { active } = performance.eventLoopUtilization(before);
  if (octets !== REPLY_OCTETS) throw new Error(`a reply of ${octets} octets`);
  return { wallMs: performance.now() - started, cpuMs: active };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

async function run(): Promise<void> {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const contenders = { stubless: ofStubless(port), 'grpc-js': ofGrpcJs(port) };
  const figures: Record<string, Figures[]> = { stubless: [], 'grpc-js': [] };
  for (let i = 0; i < WARM_UP + RUNS; i++) {
    for (const [name, { get }] of Object.entries(contenders)) {
      const figure = await measure(get);
      if (i >= WARM_UP) figures[name].push(figure);
    }
  }
  for (const contender of Object.values(contenders)) contender.close();
  await worker.terminate();
  const medians = Object.entries(figures).map(([name, all]) => {
    const wallMs = median(all.map((one) => one.wallMs));
    const cpuMs = median(all.map((one) => one.cpuMs));
    console.log(`${name.padEnd(10)} ${wallMs.toFixed(1)} ms, the event loop busy for ${cpuMs.toFixed(1)} ms`);
    return { wallMs, cpuMs };
  });
  const [own, theirs] = medians;
  const ratio = own.wallMs / theirs.wallMs;
  const busyRatio = own.cpuMs / theirs.cpuMs;
  const holds = ratio <= MAX_RATIO && busyRatio <= MAX_RATIO;
  console.log(
    `${holds ? 'ok  ' : 'FAIL'} ${REPLY_OCTETS} octets in frames of ${FRAME_OCTETS}: ${ratio.toFixed(2)} of grpc-js's time, ` +
      `${busyRatio.toFixed(2)} of its work (at most ${MAX_RATIO})`,
  );
  console.log(`${holds ? 1 : 0} passed, ${holds ? 0 : 1} failed`);
  process.exitCode = holds ? 0 : 1;
}

if (isMainThread) await run();
else serve();
