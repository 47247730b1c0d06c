// Two sockets joined in memory, as node:http wants them: streams of Node's, that end, are destroyed and wait for their reader
// as those of TCP do. It knows nothing of HTTP.

import { Duplex } from 'node:stream';
import { keepAlive, letGo, nextTurn } from '../../values/turn.ts';
import type { Network, Pipe } from './network.ts';

/** So much may be on its way, or wait to be read, before the writer waits. */
const HIGH_WATER_OCTETS = 64 * 1024;

export class MemoryStream extends Duplex {
  readonly connecting = false;
  bytesWritten = 0;
  bytesRead = 0;
  #out: Pipe | undefined;
  #other: MemoryStream | undefined;
  /** A write that waits for room. */
  #onRoom: (() => void) | undefined;
  #alive: NodeJS.Timeout | undefined;

  private constructor(allowHalfOpen: boolean) {
    super({ allowHalfOpen, readableHighWaterMark: HIGH_WATER_OCTETS });
  }

  /** A client's end and a server's, which node:http wants to be half-open. */
  static pair(network: Network): readonly [client: MemoryStream, server: MemoryStream] {
    const client = new MemoryStream(false);
    const server = new MemoryStream(true);
    client.#join(server, network);
    server.#join(client, network);
    return [client, server];
  }

  ref(): this {
    if (!this.destroyed) this.#alive ??= keepAlive();
    return this;
  }

  unref(): this {
    letGo(this.#alive);
    this.#alive = undefined;
    return this;
  }

  /** Closes once what was written has gone out. */
  destroySoon(): void {
    if (this.destroyed) return;
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _write(octets: Uint8Array, _encoding: unknown, done: () => void): void {
    this._writev([{ chunk: octets }], done);
  }

  /** What is written together goes out together, as on a socket. */
  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: () => void): void {
    for (const { chunk } of chunks) {
      this.bytesWritten += chunk.length;
      this.#out?.push(chunk);
    }
    this.#onRoom = done;
    this.#tellRoom();
  }

  override _final(done: () => void): void {
    this.#out?.end();
    done();
  }

  override _read(): void {
    this.#onWanted();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.unref();
    const other = this.#other;
    if (this.writableFinished) {
      // What was written still reaches the other side. Once it has ended, nothing of what that sends is wanted.
      done(error);
      return;
    }
    this.#out?.destroy();
    nextTurn(() => {
      const lost = Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' });
      if (other !== undefined && !other.destroyed) other.destroy(lost);
    });
    done(error);
  }

  /** Its reader wants more. */
  #onWanted: () => void = () => {};

  #tellRoom(): void {
    const onRoom = this.#onRoom;
    if (onRoom === undefined || (this.#out?.octets ?? 0) >= HIGH_WATER_OCTETS) return;
    if ((this.#other?.readableLength ?? 0) >= HIGH_WATER_OCTETS) return;
    this.#onRoom = undefined;
    onRoom();
  }

  #join(other: MemoryStream, network: Network): void {
    this.#other = other;
    other.#onWanted = () => this.#tellRoom();
    this.#out = network.pipe({
      onOctets: (octets) => {
        if (other.destroyed) return;
        other.bytesRead += octets.length;
        other.push(octets);
      },
      onDrain: () => this.#tellRoom(),
      onEnd: () => {
        if (!other.destroyed) other.push(null);
      },
    });
  }
}
