// The client that Connect's conformance runner holds against the specification: takes ClientCompatRequests on stdin,
// makes the calls that they describe, and answers on stdout. Knows nothing of the cases.
//
// usage: node testee.js FOLDER-OF-PROTOS

import { once } from 'node:events';
import { Client, type Compression } from '../../../../lib/index.ts';
import { BUILT_IN_COMPRESSIONS } from '../../../../lib/rpc/compression/compression.ts';
import { CompatMessages, type CompatRequest, PROTO_FILES } from './compat.ts';
import { makeCall } from './rpc.ts';
import { SNAPPY } from './snappy-frames.ts';
import { zstdModule } from './zstd-module.ts';

const PROTOCOLS = {
  PROTOCOL_GRPC: 'grpc',
  PROTOCOL_GRPC_WEB: 'grpc-web',
  PROTOCOL_CONNECT: 'connect',
} as const;

/** Calls at a time: few, since a process that is busy cancels too late. */
const AT_ONCE = 4;

class Testee {
  readonly #protos: string;
  readonly #messages: CompatMessages;
  readonly #compressions: readonly Compression[];
  /** By server and credentials. */
  readonly #clients = new Map<string, Client>();

  constructor(protos: string, messages: CompatMessages, compressions: readonly Compression[]) {
    this.#protos = protos;
    this.#messages = messages;
    this.#compressions = compressions;
  }

  async run(): Promise<void> {
    const running = new Set<Promise<void>>();
    for await (const request of this.#messages.requests(process.stdin)) {
      const one: Promise<void> = this.#answer(request).finally(() => running.delete(one));
      running.add(one);
      if (running.size >= AT_ONCE) await Promise.race(running);
    }
    await Promise.all(running);
    await Promise.all(Array.from(this.#clients.values(), (client) => client.close()));
  }

  async #answer(request: CompatRequest): Promise<void> {
    let answer: Uint8Array;
    try {
      answer = this.#messages.answer(request.testName, await makeCall(this.#clientFor(request), request));
    } catch (error) {
      answer = this.#messages.answer(
        request.testName,
        error instanceof Error ? error : new Error(String(error)),
      );
    }
    if (!process.stdout.write(answer)) await once(process.stdout, 'drain');
  }

  #clientFor(request: CompatRequest): Client {
    const {
      host,
      port,
      protocol,
      httpVersion: version,
      useGetHttpMethod: idempotentGet,
      serverTlsCert: ca,
      clientTlsCreds,
    } = request;
    const key = [
      host,
      port,
      protocol,
      version,
      idempotentGet,
      Buffer.from(ca).toString(),
      clientTlsCreds !== undefined,
    ].join(' ');
    let client = this.#clients.get(key);
    if (client === undefined) {
      const tls = ca.length === 0 ? false : { ca, ...clientTlsCreds };
      client = new Client(host, port, {
        protocol: PROTOCOLS[protocol],
        httpVersion: version === 'HTTP_VERSION_1' ? '1.1' : '2',
        idempotentGet,
        tls,
        compressions: this.#compressions,
        reflection: 'never',
      });
      // Calls wait for it, and fail with what it fails with.
      void client.load([...PROTO_FILES], { includeDirs: [this.#protos] });
      this.#clients.set(key, client);
    }
    return client;
  }
}

async function main(protos: string): Promise<void> {
  const compressions = [SNAPPY];
  if (BUILT_IN_COMPRESSIONS.get('zstd') === undefined) compressions.push(await zstdModule());
  await new Testee(protos, await CompatMessages.load(protos), compressions).run();
}

await main(process.argv[2]);
