// The errors that commands throw for mistakes of the user, and the exit statuses. Knows nothing of the library, so that
// whoever only parses a line need not read it.

/** Exit statuses; a call that failed has 64 + its status code. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  rpc: 64,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** What is wrong with the command line, and whose help to read: that of a command, or the list of them. */
export function withHelp(said: string, command?: string): string {
  const help = `'stubless ${command === undefined ? '' : `${command} `}--help'`;
  // A suggestion is a question, and ends as one.
  return said.endsWith('?') ? `${said} See ${help}` : `${said}; see ${help}`;
}

/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A word is missing that the command needs. */
export class MissingWordError extends UsageError {
  /** The message without the hint at its end. */
  readonly said: string;
  readonly word: string;
  readonly command: string;

  constructor(said: string, word: string, command: string) {
    super(withHelp(said, command));
    this.said = said;
    this.word = word;
    this.command = command;
  }
}

/** An option that the command does not have. */
export class UnknownOptionError extends UsageError {
  readonly option: string;
  readonly command: string;

  constructor(message: string, option: string, command: string) {
    super(message);
    this.option = option;
    this.command = command;
  }
}

/** Something here is wrong: a file, a schema, a value. */
export class LocalError extends Error {
  override readonly name = 'LocalError';
}

/** Runs what writes to a path; what the file system refuses becomes an error that says so. */
export async function writing<Result>(path: string, write: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new LocalError(`cannot write ${path}: ${error.message}`, { cause: error });
  }
}
