// Streams that are no call's: they keep neither a connection open nor the process alive. Counts those of a connection,
// which hears when one begins and when it ends, whichever side ends it.

import type { Stream } from '../../http2/stream.ts';
import { RelayedRequest } from '../../rpc/relayed-request.ts';
import type { Peer, StreamEnd, StreamRequest, Transport, TransportStream } from '../../rpc/transport.ts';

/** Those of one connection. */
export class BackgroundStreams {
  /** How many are open. */
  open = 0;
  /** They, and some that have ended. */
  #kept: Stream[] = [];
  /** How many were answered of those that are no longer kept. */
  #forgottenAnswers = 0;

  /** One is about to be opened; `add` gives it. */
  begin(): void {
    this.open++;
    const ended = this.#kept.filter((stream) => !stream.isOpen);
    this.#kept = this.#kept.filter((stream) => stream.isOpen);
    this.#forgottenAnswers += ended.filter((stream) => stream.headReceived).length;
  }

  add(stream: Stream): void {
    this.#kept.push(stream);
  }

  /** One has ended, or is just being reset. */
  end(): void {
    this.open--;
  }

  /** How many were answered, of all that there ever were. */
  get answers(): number {
    return this.#forgottenAnswers + this.#kept.filter((stream) => stream.headReceived).length;
  }

  /** Whether one waits for its answer. */
  get isUnanswered(): boolean {
    return this.#kept.some((stream) => stream.isOpen && !stream.headReceived);
  }
}

/** A connection that tells streams of calls from others. */
interface BackgroundConnection {
  readonly canOpen: boolean;
  openBackground(request: StreamRequest): void;
  /** Such a stream has ended. */
  onBackgroundEnd(): void;
}

/** Why a stream in the background was not opened: calls have all there are. It says nothing of the server. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';

  constructor() {
    super('the connection has no room for a stream');
  }
}

/** A transport whose streams are opened on one connection, in the background, or not at all. */
export function backgroundTransport(connection: BackgroundConnection): Transport {
  return {
    open(request) {
      if (connection.canOpen)
        connection.openBackground(new BackgroundRequest(request, () => connection.onBackgroundEnd()));
      else {
        const cause = new NoRoom();
        request.onEnd({ kind: 'unopened', reason: cause.message, cause });
      }
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
        credit: (octets, isAwaited) => stream.credit(octets, isAwaited),
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
