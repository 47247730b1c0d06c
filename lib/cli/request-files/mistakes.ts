// Mistakes in files, a line each, on standard error; where GitHub runs this, beside the lines of the file as well.

import { type MistakesError, mistakeText } from '../../requests/file/source-file.ts';
import { annotation } from '../../requests/report/github-annotations.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { escapeText } from '../command/escape.ts';
import type { Io } from '../command/io.ts';

/** Whether what is printed is read by GitHub. */
export const isOnGitHub = ({ env }: Pick<Io, 'env'>): boolean => env['GITHUB_ACTIONS'] === 'true';

export function tellMistakes({ mistakes }: MistakesError, secrets: Secrets, io: Io): void {
  const shown = (text: string): string => escapeText(secrets.masked(text));
  for (const mistake of mistakes) {
    void io.err.line(`${io.err.colours.red('stubless:')} ${shown(mistakeText(mistake))}`);
    if (isOnGitHub(io)) void io.out.line(annotation(mistake.place, 'mistake', shown(mistake.problem)));
  }
}
