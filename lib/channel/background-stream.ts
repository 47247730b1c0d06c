// Streams that are no call's: they keep neither a connection open nor the process alive. Tells the connection when one
// begins and when it ends, whichever side ends it.

import type { Peer, StreamEnd, StreamRequest, Transport, TransportStream } from '../rpc/transport.ts';
import { RelayedRequest } from './relayed-request.ts';

/** A connection that tells streams of calls from others. */
interface BackgroundLink {
  readonly canOpen: boolean;
  openBackground(request: StreamRequest): void;
  /** Such a stream has ended. */
  onBackgroundEnd(): void;
}

/** A transport whose streams are opened on one connection, in the background, or not at all. */
export function backgroundTransport(link: BackgroundLink): Transport {
  return {
    open(request) {
      if (link.canOpen) link.openBackground(new BackgroundRequest(request, () => link.onBackgroundEnd()));
      else request.onEnd({ kind: 'unopened', reason: 'the connection has no room for a stream' });
    },
    withdraw() {},
  };
}

class BackgroundRequest extends RelayedRequest {
  #onEnded: (() => void) | undefined;

  constructor(request: StreamRequest, onEnded: () => void) {
    super(request);
    this.#onEnded = onEnded;
  }

  override onOpen(stream: TransportStream, peer: Peer): void {
    super.onOpen(
      {
        write: (bytes, start, end, owned, endStream) => stream.write(bytes, start, end, owned, endStream),
        end: () => stream.end(),
        reset: (code) => {
          stream.reset(code);
          this.#ended();
        },
        credit: (octets) => stream.credit(octets),
        taken: (octets) => stream.taken(octets),
      },
      peer,
    );
  }

  override onEnd(end: StreamEnd): void {
    this.#ended();
    super.onEnd(end);
  }

  #ended(): void {
    this.#onEnded?.();
    this.#onEnded = undefined;
  }
}
