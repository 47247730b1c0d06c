// Which option sets what somebody tried to set otherwise, in the words of who reads that: the hint's end. The words are set
// with all others (options/option-words.ts), which this room must not know.

/** @param option its name in the library; undefined where users have none for it */
export type SetterOf = (option: string) => string | undefined;

const OF_THE_LIBRARY: SetterOf = (option) => `the ${option} option`;

let setterOf = OF_THE_LIBRARY;

/** Makes all hints from now on name options so; without an argument, as the library calls them. */
export function useSetters(others: SetterOf = OF_THE_LIBRARY): void {
  setterOf = others;
}

/** `; the timeoutMs option sets it`; empty where there is no option. */
export function setterHint(option: string | undefined, what = 'it'): string {
  const setter = option === undefined ? undefined : setterOf(option);
  return setter === undefined ? '' : `; ${setter} sets ${what}`;
}
