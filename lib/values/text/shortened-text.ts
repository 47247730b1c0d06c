// Text as errors and logs show it: only its beginning, if it is long.

/** Enough of a name or value to tell which one it is. */
const MAX_SHOWN = 40;

/** The first `most` characters (default 40) and an ellipsis; the text itself if it is no longer. */
export function shortened(text: string, most: number = MAX_SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
