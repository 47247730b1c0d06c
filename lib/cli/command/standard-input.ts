// What standard input is, and requests that are piped in without being asked for. It knows no form of them.

import { fstatSync } from 'node:fs';

/**
 * - `terminal`: somebody may type.
 * - `piped`: a pipe, a socket or a file, which may hold a request.
 * - `nothing`: closed, or /dev/null.
 */
export type StandardInput = 'terminal' | 'piped' | 'nothing';

/** Whether the value of -d is standard input: `-`, and as curl, buf and grpcurl have it. */
export const isStdin = (data: string): boolean => data === '-' || data === '@-' || data === '@';

/** Whether a path names standard input: of a schema, which is a file otherwise. */
export const isStdinPath = (path: string): boolean => path === '-' || path === '/dev/stdin';

/** A path as it is told of. */
export const shownPath = (path: string): string => (isStdinPath(path) ? 'standard input' : path);

/** @param isTerminal asked only of what may be one: node:tty takes time to load */
export function standardInput(descriptor: number, isTerminal: () => boolean): StandardInput {
  try {
    const stat = fstatSync(descriptor);
    if (stat.isFIFO() || stat.isSocket() || stat.isFile()) return 'piped';
    return stat.isCharacterDevice() && isTerminal() ? 'terminal' : 'nothing';
  } catch {
    // It is closed.
    return 'nothing';
  }
}

/** All that comes on an input, to its end. */
export async function allOf(input: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

/** What the user is told of a pipe that was taken for empty. */
export interface SilenceListener {
  readonly onSilence: (silenceMs: number) => void;
  /** Something came after all, too late. */
  readonly onLate: () => void;
}

/** How long a pipe may stay open and silent before it is taken for one that nobody writes to. */
const SILENCE_MS = 2000;

/**
 * What is piped in where nobody wrote `-d -`. A pipe that ends at once, as those of cron and many CI systems do, holds
 * nothing. One that stays open and silent is most likely inherited from a program that never writes to it, and would be
 * waited for in vain: it counts as empty, which is told, and so is what comes all the same.
 */
export async function* implicitInput(
  input: AsyncIterable<Uint8Array | string>,
  told: SilenceListener,
  silenceMs: number = SILENCE_MS,
): AsyncGenerator<Uint8Array | string, void, undefined> {
  const chunks = input[Symbol.asyncIterator]();
  const coming = chunks.next();
  const first = await orSilence(coming, silenceMs);
  if (first === undefined) {
    told.onSilence(silenceMs);
    coming.then(
      (late) => {
        if (late.done !== true) told.onLate();
      },
      () => {},
    );
  }
  for (let step = first; step !== undefined && !step.done; step = await chunks.next()) yield step.value;
}

async function orSilence<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
