// Several servers of our own that answer alike, for specs of what chooses among them.

import { type Http2Peer, listenHttp2, type PeerStream } from './peer.ts';

export interface Fleet {
  readonly peers: readonly Http2Peer[];
  /** `ipv4:` with all of them. */
  readonly target: string;
  /** `127.0.0.1:port` of each. */
  readonly addresses: readonly string[];
  /** How many requests each has had. */
  readonly counts: readonly number[];
  close(): Promise<void>;
}

/** Starts `count` servers. */
export async function listenFleet(
  count: number,
  answer: (request: PeerStream, index: number) => void,
): Promise<Fleet> {
  const peers = await Promise.all(
    Array.from({ length: count }, (_, index) => listenHttp2((request) => answer(request, index))),
  );
  return {
    peers,
    target: `ipv4:${peers.map(({ target }) => target).join(',')}`,
    addresses: peers.map(({ target }) => target),
    get counts() {
      return peers.map(({ requests }) => requests.length);
    },
    async close() {
      await Promise.all(peers.map((peer) => peer.close()));
    },
  };
}

/** What a spec waits for comes sooner than mocha gives up, or the spec would go on looking behind its end. */
const UNTIL_MS = 9000;

/** For so long each turn of the event loop is looked at; then every millisecond, which leaves the processor to others. */
const EACH_TURN_MS = 10;

/** The clock's own, whatever a spec has put in its place. */
const { setTimeout: later } = globalThis;

/** Looks at a condition again and again until it holds; rejects when it never does. */
export function until(condition: () => boolean): Promise<void> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const waitedMs = performance.now() - startMs;
      if (condition()) resolve();
      else if (waitedMs > UNTIL_MS) reject(new Error(`it never came to hold: ${condition}`));
      else if (waitedMs < EACH_TURN_MS) setImmediate(look);
      else later(look, 1);
    };
    look();
  });
}
