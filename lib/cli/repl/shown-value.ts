// Values as JavaScript lines of the REPL print them: as Node's own REPL does, with the control characters of what a
// server sent written out. Errors and their stacks hold such text as it came.

import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { escapeLines } from '../command/escape.ts';
import type { Io } from '../command/io.ts';

/** A value as text. In colour only if nothing had to be escaped: otherwise a server's colours could pass for ours. */
export function shownValue(value: unknown, isInColour: boolean): string {
  const plain = inspect(value);
  const safe = escapeLines(plain);
  return isInColour && safe === plain ? inspect(value, { colors: true }) : safe;
}

/** A console for lines of JavaScript, which prints as `shownValue` does. */
export function safeConsole({ out, err }: Io): Console {
  const to = (output: Io['out']): Writable =>
    new Writable({
      decodeStrings: false,
      write(chunk: unknown, _encoding, done) {
        void output.write(escapeLines(String(chunk)));
        done();
      },
    });
  return new Console({ stdout: to(out), stderr: to(err), colorMode: false });
}
