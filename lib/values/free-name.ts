// A name that nothing else has yet: the wanted one, or that with the first number behind it that makes it one.

/** `wanted`, or the first of `wanted2`, `wanted3`, … that is not taken, with `separator` before the number. */
export function freeName(wanted: string, isTaken: (name: string) => boolean, separator = ''): string {
  let free = wanted;
  for (let number = 2; isTaken(free); number++) free = `${wanted}${separator}${number}`;
  return free;
}
