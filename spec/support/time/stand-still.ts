// A program that is busy: for so long its event loop does not turn. It takes no processor time, which other specs need.

const NOBODY = new Int32Array(new SharedArrayBuffer(4));

export function standStill(ms: number): void {
  // Nobody wakes it.
  Atomics.wait(NOBODY, 0, 0, ms);
}
