// The streams of a connection by id: which are open, which may be opened, and what an id that is not open
// means (RFC 9113 §5.1, §5.1.1). Knows ids and counts, no frames or events.

import { ClosedStreams, ENDED_BY_PEER, RESET_BY_PEER } from './closed-streams.ts';
import { MAX_STREAM_ID } from './frame.ts';
import type { Stream } from './stream.ts';
import { StreamMap } from './stream-map.ts';

/** The state of an id that was never opened; closed-streams.ts has the others. */
export const IDLE = 3;

export class StreamTable {
  /** The peer's SETTINGS_MAX_CONCURRENT_STREAMS. */
  peerLimit: number = Number.POSITIVE_INFINITY;
  /** The highest id the peer opened. */
  lastPeerId = 0;
  readonly closed: ClosedStreams = new ClosedStreams();
  readonly #isClient: boolean;
  readonly #streams = new StreamMap();
  #nextId: number;
  /** The last stream found, since frames for one stream come in runs. */
  #lastFound: Stream | undefined = undefined;

  constructor(isClient: boolean, firstStreamId: number) {
    this.#isClient = isClient;
    this.#nextId = firstStreamId;
  }

  get size(): number {
    return this.#streams.size;
  }

  get hasIdsLeft(): boolean {
    return this.#nextId <= MAX_STREAM_ID;
  }

  get isBelowPeerLimit(): boolean {
    return this.#streams.size < this.peerLimit;
  }

  /** The id that the next stream of our own must have. */
  get nextId(): number {
    return this.#nextId;
  }

  /** A snapshot of the open streams: they may change while it is gone through. */
  values(): Stream[] {
    return this.#streams.values();
  }

  get(streamId: number): Stream | undefined {
    const last = this.#lastFound;
    if (last !== undefined && last.id === streamId) return last;
    const found = this.#streams.get(streamId);
    if (found !== undefined) this.#lastFound = found;
    return found;
  }

  addOwn(stream: Stream): void {
    this.#nextId += 2;
    this.#streams.add(stream);
  }

  addPeers(stream: Stream): void {
    this.lastPeerId = stream.id;
    this.#streams.add(stream);
  }

  remove(stream: Stream): void {
    this.#streams.delete(stream.id);
    if (this.#lastFound === stream) this.#lastFound = undefined;
  }

  /** The state of an id that `get` does not find: IDLE, ENDED_BY_PEER, RESET_BY_PEER or FORGOTTEN. */
  stateOfMissing(streamId: number): number {
    const isOdd = (streamId & 1) === 1;
    // Servers open no streams, since push is refused.
    const isIdle = !isOdd || (this.#isClient ? streamId >= this.#nextId : streamId > this.lastPeerId);
    return isIdle ? IDLE : this.closed.recall(streamId);
  }
}

export { ENDED_BY_PEER, RESET_BY_PEER };
