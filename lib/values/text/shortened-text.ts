// Text and lists as errors and logs show them: only the beginning, if they are long.

/** Enough of a name or value to tell which one it is. */
const MAX_SHOWN = 40;

/** The first `most` characters (default 40) and an ellipsis; the text itself if it is no longer. */
export function shortened(text: string, most: number = MAX_SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/**
 * The first `most` items of a list, and how many more there are: `a, b and 3 more`.
 * @param separator `; ` where items have commas of their own
 */
export function shortenedList<T>(
  items: readonly T[],
  most: number,
  shown: (item: T) => string = String,
  separator: ', ' | '; ' = ', ',
): string {
  const first = items.slice(0, most).map(shown).join(separator);
  if (items.length <= most) return first;
  return `${first}${separator === '; ' ? separator : ' '}and ${items.length - most} more`;
}
