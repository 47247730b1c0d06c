// Lines in the order in which they were typed, for whoever asks for the next: the loop that runs commands, or a call
// whose requests are being typed.

export interface Line {
  readonly text: string;
  /** Ctrl-D: no more requests come, whatever was begun. */
  readonly isEnd?: true;
  /** To be called when it has been dealt with; a Recoverable error says that more lines belong to it. */
  readonly done: (error?: Error | null, value?: unknown) => void;
}

export class LineQueue {
  readonly #lines: Line[] = [];
  #isEnded = false;
  #waiting: ((line: Line | undefined) => void) | undefined;

  push(line: Line): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }

  /** No more lines come. */
  end(): void {
    this.#isEnded = true;
    this.release();
  }

  /** The next line; undefined at the end. Only one caller may wait at a time. */
  next(): Promise<Line | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined || this.#isEnded) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Whoever waits gets undefined, as at the end; later lines are for others. */
  release(): void {
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }
}
