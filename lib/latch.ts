/** Something that happens once, for any number to wait for. Made by the first who waits. */
export class Latch {
  readonly opened: Promise<void>;
  #open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** It has happened. */
  open(): void {
    this.#open();
  }
}
