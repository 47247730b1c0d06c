// A register of who waits for what, and who must end the wait. While it is on (in specs and simulations), each wait in
// the library is listed here from its beginning until it is settled, so that a wait that nobody ends can be named.
// While it is off, a wait costs one check of a variable. It decides nothing, and knows neither calls nor sockets.
//
// There are three ways to list a wait:
// - a collection that exists anyway (running calls, a queue) is read when somebody looks: `waits?.addSource(this)` in
//   its constructor, and nothing at all for each wait;
// - a wait that begins and ends in different places: `waits?.begin(key, kind, owner)` and `waits?.end(key, kind)`,
//   where the key is the waiting object, which may wait for one thing of each kind at a time;
// - a promise: `untilSettled(promise, kind, owner)`, which returns the same promise.

/** What a wait is for. */
export type WaitKind =
  /** A call's outcome. */
  | 'call'
  /** The headers, the end, or the method of a call. */
  | 'latch'
  /** Room to send the next message of a request. */
  | 'room'
  /** The next reply. */
  | 'reply'
  /** The next request, for an interceptor to read. */
  | 'request'
  | 'credentials'
  /** A stream: a request in a channel's queue. */
  | 'stream'
  /** A connection: `waitForReady`. */
  | 'ready'
  /** The next state of a channel. */
  | 'state'
  /** A connection attempt. */
  | 'dial'
  /** An answer from a name server. */
  | 'dns'
  /** The first answer of a resolver. */
  | 'resolver'
  | 'health'
  /** The time between attempts. */
  | 'timer'
  /** The end of connections and calls: `close`. */
  | 'close'
  /** A schema that is being loaded or fetched. */
  | 'schema';

/** One wait. */
export interface Wait {
  readonly kind: WaitKind;
  /** Who must settle it, or whom it belongs to: `/package.Service/Method`, `127.0.0.1:50051`. */
  readonly owner: string;
}

/** A collection of waiting things that exists anyway. It is held weakly: once forgotten, nobody waits in it. */
export interface WaitSource {
  /** The waits in it at the moment. */
  waits(): Iterable<Wait>;
}

/** The waits since the register was switched on. */
export class Waits {
  readonly #begun = new Map<object, Wait[]>();
  #sources: WeakRef<WaitSource>[] = [];

  /** `key` begins to wait. If it is already waiting for the same kind of thing, that wait is replaced. */
  begin(key: object, kind: WaitKind, owner: string): void {
    this.end(key, kind);
    const own = this.#begun.get(key);
    if (own === undefined) this.#begun.set(key, [{ kind, owner }]);
    else own.push({ kind, owner });
  }

  /** `key` no longer waits; does nothing if it did not. */
  end(key: object, kind: WaitKind): void {
    const left = this.#begun.get(key)?.filter((wait) => wait.kind !== kind);
    if (left === undefined || left.length === 0) this.#begun.delete(key);
    else this.#begun.set(key, left);
  }

  /** Adds a collection, whose waits count from now on. */
  addSource(source: WaitSource): void {
    this.#sources.push(new WeakRef(source));
  }

  /** All waits at the moment. */
  pending(): readonly Wait[] {
    const found = [...this.#begun.values()].flat();
    this.#sources = this.#sources.filter((one) => one.deref() !== undefined);
    for (const one of this.#sources) found.push(...(one.deref()?.waits() ?? []));
    return found;
  }
}

/** The register; undefined while it is off. */
export let waits: Waits | undefined;

/** Switches the register on, or with false off. It does not know of waits that began earlier. */
export function lookAtWaits(isWanted: boolean): Waits | undefined {
  waits = isWanted ? new Waits() : undefined;
  return waits;
}

/** Lists a promise as a wait until it is settled; returns the same promise. */
export function untilSettled<T extends PromiseLike<unknown>>(promise: T, kind: WaitKind, owner: string): T {
  const register = waits;
  if (register === undefined) return promise;
  const end = (): void => register.end(promise, kind);
  register.begin(promise, kind, owner);
  promise.then(end, end);
  return promise;
}
