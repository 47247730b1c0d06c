// What a thread of `bench --threads` runs: a file beside this one, in the package too. The command as one executable has no
// files beside it: scripts/build-binary.js puts a module in the place of this one that holds the program's text.

/** The file, or the text of a script. */
export const THREAD_PROGRAM: URL | string = new URL('./bench-thread.js', import.meta.url);
