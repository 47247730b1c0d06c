// A terminal for specs: the built command line behind a pseudo-terminal, which Python's own pty module makes (a native
// npm package would have to be compiled). What is typed goes in, what would be shown comes out.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Runs a command on a terminal of 100 columns, and ends with its exit status. */
const BRIDGE = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 100, 0, 0))
sources = [terminal, 0]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b''
        if data:
            os.write(terminal if source == 0 else 1, data)
        elif source == 0:
            sources.remove(0)
        else:
            status = os.waitpid(pid, 0)[1]
            sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

const WAIT_MS = 15_000;

/** What keys send. */
export const KEYS = { enter: '\r', tab: '\t', ctrlC: '\x03', ctrlD: '\x04', up: '\x1b[A' } as const;

export class PseudoTerminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #shown = '';
  #seen = 0;
  #onChange: (() => void) | undefined;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const cli = join(process.cwd(), 'dist', 'cli.cjs');
    const { NO_COLOR: _, FORCE_COLOR: __, ...own } = process.env;
    this.#child = spawn('python3', ['-c', BRIDGE, process.execPath, cli, ...args], {
      env: { ...own, TERM: 'xterm', NO_COLOR: '1', ...env },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#onChange?.();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
    });
  }

  /** All that was shown, without the codes that move the cursor. */
  get shown(): string {
    return stripVTControlCharacters(this.#shown).replaceAll('\r', '');
  }

  /** All that was shown, as it came. */
  get raw(): string {
    return this.#shown;
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until something is shown behind what was waited for before. Rejects, with what is shown, after 15 s. */
  async see(text: string): Promise<void> {
    const until = performance.now() + WAIT_MS;
    for (;;) {
      const at = this.shown.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      const remainingMs = until - performance.now();
      if (remainingMs <= 0)
        throw new Error(`'${text}' was not shown; there was:\n${this.shown.slice(this.#seen)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, remainingMs);
        this.#onChange = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The exit status. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const [status]: [number | null] = (await once(this.#child, 'exit')) as [number | null];
    return status;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
