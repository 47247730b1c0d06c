import { waits } from './waits.ts';

/** Something that happens once, and that any number of waiters can wait for. Made by the first of them. */
export class Latch {
  readonly opened: Promise<void>;
  #open: () => void = () => {};

  /** @param owner the call in which it happens */
  constructor(owner: string) {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    waits?.begin(this, 'latch', owner);
  }

  /** Wakes all waiters: it has happened. */
  open(): void {
    waits?.end(this, 'latch');
    this.#open();
  }
}
