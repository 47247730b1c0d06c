// What goes back to the client on one stream: the head once, replies, and one status behind them. It must not know where
// replies come from, nor why the call ends.

import type { CodecName } from '../protocols/protocol.ts';
import type { Compression } from '../rpc/compression/compression.ts';
import type { FieldList } from '../rpc/transport.ts';
import { Metadata } from '../values/metadata.ts';
import { StatusCode } from '../values/status.ts';
import type { ServerStream } from './protocols/server-stream.ts';
import { type CallEnd, headOf, trailersOf } from './status-fields.ts';

export class ResponseWriter {
  /** Initial metadata: it goes with the head. */
  readonly headers: Metadata = new Metadata();
  /** Trailing metadata. */
  readonly trailers: Metadata = new Metadata();
  /** What replies are compressed with. To be set before the head is sent. */
  compression: Compression | undefined;
  readonly #stream: ServerStream;
  readonly #acceptEncoding: string;
  readonly #codec: CodecName;
  #isHeadSent = false;
  #onRoom: (() => void) | undefined;

  /** @param acceptEncoding how the client's messages may be compressed */
  constructor(stream: ServerStream, acceptEncoding: string, codec: CodecName) {
    this.#stream = stream;
    this.#acceptEncoding = acceptEncoding;
    this.#codec = codec;
  }

  sendHead(): void {
    if (this.#isHeadSent) return;
    this.#isHeadSent = true;
    this.#stream.headers(this.#head(), false);
  }

  /** A reply with its header, behind the head; false where the next should wait for room. */
  write(framed: Uint8Array): boolean {
    this.sendHead();
    return this.#stream.write(framed, 0, framed.length, true, false);
  }

  /** A reply that is cut off in its middle. */
  writeHalf(framed: Uint8Array): void {
    this.sendHead();
    this.#stream.write(framed, 0, Math.floor(framed.length / 2), true, false);
  }

  /** Resolves when there is room again, or none is needed any more. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** There is room again, or the call is over. */
  onRoom(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** The status; in one piece with the head where nothing was sent before it. */
  end(end: CallEnd): void {
    if (this.#isHeadSent || end.code === StatusCode.OK || this.headers.size > 0) {
      this.sendHead();
      this.#stream.trailers(trailersOf(end));
    } else this.#stream.headers([...this.#head(), ...trailersOf(end)], true);
  }

  #head(): FieldList {
    return headOf(this.headers, this.compression?.name, this.#acceptEncoding, this.#codec);
  }
}
