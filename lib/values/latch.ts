import { waits } from './waits.ts';

/** Something that happens once, for any number to wait for. Made by the first who waits. */
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

  /** It has happened. */
  open(): void {
    waits?.end(this, 'latch');
    this.#open();
  }
}
