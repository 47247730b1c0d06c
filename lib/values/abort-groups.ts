// A single listener for all calls of a client that share an AbortSignal.

/** Something that ends when its signal aborts. */
export interface Abortable {
  onAbort(reason: unknown): void;
  /** Its index in its group, which sets it; -1 while it is in none. */
  abortIndex: number;
}

interface Group {
  readonly members: Abortable[];
  readonly listener: () => void;
}

/** The calls of one client by their signal. */
export class AbortGroups {
  readonly #groups = new WeakMap<AbortSignal, Group>();

  add(signal: AbortSignal, member: Abortable): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const members: Abortable[] = [];
      const listener = (): void => {
        for (const one of [...members]) one.onAbort(signal.reason);
      };
      group = { members, listener };
      this.#groups.set(signal, group);
      signal.addEventListener('abort', listener, { once: true });
    }
    member.abortIndex = group.members.length;
    group.members.push(member);
  }

  remove(signal: AbortSignal, member: Abortable): void {
    const group = this.#groups.get(signal);
    const index = member.abortIndex;
    if (group === undefined || index === -1) return;
    member.abortIndex = -1;
    const last = group.members.pop() as Abortable;
    if (last !== member) {
      group.members[index] = last;
      last.abortIndex = index;
    }
    if (group.members.length > 0) return;
    // A signal that outlives its calls must not keep them, or this client, in memory.
    signal.removeEventListener('abort', group.listener);
    this.#groups.delete(signal);
  }
}
