// Names that a server was asked for in vain, so that it is not asked again for each message that contains one. They are
// forgotten after a while, and when a new connection was made, possibly to another server.

/** Few servers learn of a type while they run. */
export const MAX_ABSENCE_MS: number = 60_000;
/** More are not kept: messages of a hostile server may name any number of them. */
export const MAX_ABSENT_NAMES = 10_000;

export interface RecentNamesSetup {
  now(): number;
  connection(): number;
}

export class RecentNames {
  readonly #setup: RecentNamesSetup;
  /** The oldest first. */
  readonly #sinceMs: Map<string, number> = new Map();
  #connection: number;

  constructor(setup: RecentNamesSetup) {
    this.#setup = setup;
    this.#connection = setup.connection();
  }

  add(name: string): void {
    this.#forgetOther();
    this.#sinceMs.delete(name);
    if (this.#sinceMs.size >= MAX_ABSENT_NAMES) this.#forgetOld();
    if (this.#sinceMs.size < MAX_ABSENT_NAMES) this.#sinceMs.set(name, this.#setup.now());
  }

  has(name: string): boolean {
    this.#forgetOther();
    const sinceMs = this.#sinceMs.get(name);
    if (sinceMs === undefined) return false;
    if (!this.#isOld(sinceMs)) return true;
    this.#sinceMs.delete(name);
    return false;
  }

  #isOld(sinceMs: number): boolean {
    return this.#setup.now() - sinceMs >= MAX_ABSENCE_MS;
  }

  #forgetOld(): void {
    for (const [name, sinceMs] of this.#sinceMs) {
      if (!this.#isOld(sinceMs)) return;
      this.#sinceMs.delete(name);
    }
  }

  #forgetOther(): void {
    const connection = this.#setup.connection();
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#sinceMs.clear();
  }
}
