// What a user is told besides results and failures: a line on standard error, under the command's name.

import { escapeText } from './escape.ts';
import type { Io } from './io.ts';

/** Tells something; what a server or a file put into the text is made harmless. */
export function notice(io: Pick<Io, 'err'>, text: string): void {
  void io.err.line(`stubless: ${escapeText(text)}`);
}
