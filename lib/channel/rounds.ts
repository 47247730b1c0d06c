// Rounds that bring something in line with what has changed. A round may itself change things, and what it calls may call
// back: that is seen to in another round, never inside of the one that runs. It must not know what a round does.

export class Rounds {
  readonly #round: () => void;
  #isRunning = false;
  #isDue = false;

  constructor(round: () => void) {
    this.#round = round;
  }

  /** Whether a round runs, or changes are made that one will follow. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether something has changed that no round has seen. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Something has changed: rounds, until nothing more does. Where one runs already, another follows it. */
  run(): void {
    this.#isDue = true;
    if (!this.#isRunning) this.hold(this.#runDue);
  }

  /** Another round is to follow the one that runs, or the changes that are being made. */
  another(): void {
    this.#isDue = true;
  }

  /** Makes changes without a round in the midst of them; `run` is to follow. One that throws does not stop rounds for good. */
  hold(change: () => void): void {
    const isNested = this.#isRunning;
    this.#isRunning = true;
    try {
      change();
    } finally {
      this.#isRunning = isNested;
    }
  }

  readonly #runDue = (): void => {
    while (this.#isDue) {
      this.#isDue = false;
      this.#round();
    }
  };
}
