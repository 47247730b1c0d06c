// @grpc/grpc-js under load, with its defaults; messages are bytes.

import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import { runLoad } from './load.ts';

const serialize = (message: Buffer): Buffer => message;
const deserialize = (octets: Buffer): Buffer => octets;

/** A proxies.Id: field 1, a text. */
function message(id: string): Buffer {
  const head = [0x0a];
  let length = id.length;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, length]), Buffer.from(id)]);
}

/** The replies of a stream one after the other, however they come. */
class Replies {
  readonly #replies: Buffer[] = [];
  #isOver = false;
  #failure: Error | undefined;
  #wake = (): void => {};

  constructor(call: grpc.ClientDuplexStream<Buffer, Buffer>) {
    call.on('data', (reply: Buffer) => {
      this.#replies.push(reply);
      this.#wake();
    });
    call.on('error', (error) => {
      this.#failure ??= error;
      this.#wake();
    });
    // Comes before an error, too.
    call.on('end', () =>
      setImmediate(() => {
        this.#isOver = true;
        this.#wake();
      }),
    );
  }

  /** undefined at the end in good order. */
  async next(): Promise<Buffer | undefined> {
    while (true) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

await runLoad(async ({ target, timeoutMs, waitForReady, ca }) => {
  const client = new grpc.Client(
    target,
    ca === undefined ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(readFileSync(ca)),
  );
  const metadata = (): grpc.Metadata => new grpc.Metadata({ waitForReady });
  return {
    unary: (id) =>
      new Promise((resolve, reject) => {
        const request = message(id);
        client.makeUnaryRequest(
          '/proxies.Echo/Once',
          serialize,
          deserialize,
          request,
          metadata(),
          { deadline: Date.now() + timeoutMs },
          (error, reply) => {
            if (error !== null) reject(error);
            else if (reply === undefined || !request.equals(reply)) reject(new Error('another reply'));
            else resolve();
          },
        );
      }),
    async stream(id, messages, pause) {
      const call = client.makeBidiStreamRequest('/proxies.Echo/Watch', serialize, deserialize, metadata(), {
        deadline: Date.now() + timeoutMs,
      });
      const replies = new Replies(call);
      const request = message(id);
      for (let index = 0; index < messages; index++) {
        call.write(request);
        const reply = await replies.next();
        if (reply === undefined) throw new Error('the stream ended early');
        if (!request.equals(reply)) throw new Error('another reply');
        await pause();
      }
      call.end();
      if ((await replies.next()) !== undefined) throw new Error('a reply too many');
    },
    failureText(error) {
      const { code, details } = error as Partial<grpc.ServiceError>;
      return code === undefined ? String(error) : `${grpc.status[code]}: ${details}`;
    },
  };
});
