// One listener for all calls of a client that share an AbortSignal.

/** One that ends when its signal aborts. */
export interface Abortable {
  onAbort(reason: unknown): void;
}

interface Group {
  readonly members: Set<Abortable>;
  readonly listener: () => void;
}

/** The calls of one client by their signal. */
export class AbortGroups {
  readonly #groups = new WeakMap<AbortSignal, Group>();

  add(signal: AbortSignal, member: Abortable): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const members = new Set<Abortable>();
      const listener = (): void => {
        for (const one of members) one.onAbort(signal.reason);
      };
      group = { members, listener };
      this.#groups.set(signal, group);
      signal.addEventListener('abort', listener, { once: true });
    }
    group.members.add(member);
  }

  remove(signal: AbortSignal, member: Abortable): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.members.delete(member) || group.members.size > 0) return;
    // A signal that outlives its calls must not hold them, or this client.
    signal.removeEventListener('abort', group.listener);
    this.#groups.delete(signal);
  }
}
