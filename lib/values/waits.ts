// Who waits for what, and who must wake or end it: while somebody looks (specs, simulations), each wait of the library
// is known here from its beginning until it is settled, so that one that nobody ends has a name. While nobody looks
// there is no register, and a wait costs one look at a variable. It decides nothing, and knows neither calls nor sockets.
//
// Three ways to be known, by what is there already:
// - a collection that exists anyway (running calls, a queue) is asked when somebody looks: `waits?.addSource(this)` in
//   its constructor, and nothing at all for each wait;
// - something that begins and ends at two places: `waits?.begin(key, kind, owner)` and `waits?.end(key, kind)`, where the
//   key is the object that waits, and may wait for one thing of a kind at a time;
// - a promise: `untilSettled(promise, kind, owner)` gives back the same promise.

/** What is waited for. */
export type WaitKind =
  /** A call's outcome. */
  | 'call'
  /** The headers, the end, or the method of a call. */
  | 'latch'
  /** Room for the next message of a request. */
  | 'room'
  /** The next reply. */
  | 'reply'
  /** An interceptor that reads the next request. */
  | 'request'
  | 'credentials'
  /** A stream: a request in a channel's queue. */
  | 'stream'
  /** A connection: `waitForReady`. */
  | 'ready'
  /** The next state of a channel. */
  | 'state'
  /** A connection that is being made. */
  | 'dial'
  /** An answer of a name server. */
  | 'dns'
  /** The first answer of a resolver. */
  | 'resolver'
  | 'health'
  /** The time between attempts. */
  | 'timer'
  /** Connections and calls that end: `close`. */
  | 'close'
  /** A schema that is being loaded or asked for. */
  | 'schema';

/** One wait. */
export interface Wait {
  readonly kind: WaitKind;
  /** Who must settle it, or whose it is: `/package.Service/Method`, `127.0.0.1:50051`. */
  readonly owner: string;
}

/** A collection of what waits, that exists anyway. It is held weakly: who forgets it has nobody waiting there. */
export interface WaitSource {
  /** What waits in it now. */
  waits(): Iterable<Wait>;
}

/** What is waited for since somebody began to look. */
export class Waits {
  readonly #begun = new Map<object, Wait[]>();
  #sources: WeakRef<WaitSource>[] = [];

  /** `key` waits. What waits for the same already begins anew. */
  begin(key: object, kind: WaitKind, owner: string): void {
    this.end(key, kind);
    const own = this.#begun.get(key);
    if (own === undefined) this.#begun.set(key, [{ kind, owner }]);
    else own.push({ kind, owner });
  }

  /** `key` waits no longer; nothing happens where it did not. */
  end(key: object, kind: WaitKind): void {
    const left = this.#begun.get(key)?.filter((wait) => wait.kind !== kind);
    if (left === undefined || left.length === 0) this.#begun.delete(key);
    else this.#begun.set(key, left);
  }

  /** From here on its waits count. */
  addSource(source: WaitSource): void {
    this.#sources.push(new WeakRef(source));
  }

  /** All that wait now. */
  pending(): readonly Wait[] {
    const found = [...this.#begun.values()].flat();
    this.#sources = this.#sources.filter((one) => one.deref() !== undefined);
    for (const one of this.#sources) found.push(...(one.deref()?.waits() ?? []));
    return found;
  }
}

/** The register, while somebody looks. */
export let waits: Waits | undefined;

/** Begins to look, or with false ends it. What waits already is not known. */
export function lookAtWaits(isWanted: boolean): Waits | undefined {
  waits = isWanted ? new Waits() : undefined;
  return waits;
}

/** Counts a promise as waited for until it is settled; gives it back as it is. */
export function untilSettled<T extends PromiseLike<unknown>>(promise: T, kind: WaitKind, owner: string): T {
  const register = waits;
  if (register === undefined) return promise;
  const end = (): void => register.end(promise, kind);
  register.begin(promise, kind, owner);
  promise.then(end, end);
  return promise;
}
