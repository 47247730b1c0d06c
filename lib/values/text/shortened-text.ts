// Text as an error or a log shows it: its beginning, where it is long.

/** As much of a name or value as says which one it is. */
const MAX_SHOWN = 40;

/** The first `most` characters (40) and an ellipsis; the text itself where it has no more. */
export function shortened(text: string, most: number = MAX_SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
