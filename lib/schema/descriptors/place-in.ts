// The index of a definition among its siblings, of which source info's paths are made. Long lists are indexed once: a
// server's message may have tens of thousands of fields, and searching for each of them would take seconds.

/** Up to this length, searching is quicker. */
const SHORT = 16;

const indexes: WeakMap<readonly object[], Map<object, number>> = new WeakMap();

/** The index of an item in a list that does not change; -1 if it is not in it. */
export function placeIn(list: readonly object[] | undefined, item: object): number {
  if (list === undefined) return -1;
  if (list.length <= SHORT) return list.indexOf(item);
  let index = indexes.get(list);
  if (index === undefined) {
    index = new Map(list.map((one, i) => [one, i]));
    indexes.set(list, index);
  }
  return index.get(item) ?? -1;
}
