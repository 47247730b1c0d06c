// The floor of ../../../shared/perf/floor.mjs: the least a gRPC client in JavaScript can cost. No errors, no
// limits, no deadline, no metadata. It is not part of the project; run.ts leaves it out where it is absent.

import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';
import protobuf from 'protobufjs';
import {
  type BenchClient,
  type BenchTarget,
  BIG_BODY,
  BIG_BODY_OCTETS,
  type Reply,
  SMALL_BODY,
  SMALL_BODY_OCTETS,
} from './client.ts';

const SMALL = { response_size: SMALL_BODY_OCTETS, payload: { body: SMALL_BODY } };
const BIG = { response_size: BIG_BODY_OCTETS, payload: { body: BIG_BODY } };

interface Floor {
  unary(request: object): Promise<Reply>;
  serverStream(request: object): Promise<number>;
  clientStream(messages: number, request: object): Promise<Reply>;
  bidi(messages: number, request: object): Promise<void>;
  close(): void;
}

/** Where the floor is, under the shared directory. */
export function floorPath(shared: string): string {
  return join(shared, 'perf', 'floor.mjs');
}

async function openFloor(target: BenchTarget): Promise<Floor> {
  const module: { open(port: number, pb: typeof protobuf): Promise<Floor> } = await import(
    pathToFileURL(floorPath(target.shared)).href
  );
  const { port, ca } = target;
  if (ca === undefined) return module.open(port, protobuf);
  // It knows nothing of TLS: what it takes for its TCP connection has TLS on it.
  const plain = net.connect;
  const secure = () =>
    tls.connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: readFileSync(ca),
      ALPNProtocols: ['h2'],
    });
  net.connect = secure as typeof net.connect;
  try {
    return await module.open(port, protobuf);
  } finally {
    net.connect = plain;
  }
}

export async function open(target: BenchTarget): Promise<BenchClient> {
  const floor = await openFloor(target);
  return {
    unary: () => floor.unary(SMALL),
    plainUnary: () => floor.unary(SMALL),
    big: () => floor.unary(BIG),
    serverStream: (messages) => floor.serverStream({ ...SMALL, response_size: messages }),
    clientStream: (messages) => floor.clientStream(messages, SMALL),
    bidi: (messages) => floor.bidi(messages, SMALL), // it tells nobody of single replies
    close: () => floor.close(),
  };
}
