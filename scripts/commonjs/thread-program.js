// In the place of lib/cli/bench/load/thread-program.ts, where the command's files are CommonJS.

export const THREAD_PROGRAM = new URL('./bench-thread.cjs', import.meta.url);
