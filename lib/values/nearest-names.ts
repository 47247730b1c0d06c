// "Did you mean …?": the names nearest to a mistyped one, by edit distance. Used only on the way to an error, but on
// names that may come from a server, so their length, their number and the work that they cause are bounded.

const MAX_CANDIDATES = 20_000;
/** A longer name is no typing error, and nobody would read it in an error. */
const MAX_LENGTH = 128;
/** The most cells of the distance tables in total: tens of milliseconds of work. */
const MAX_CELLS = 10_000_000;
const MAX_SHOWN = 3;

/**
 * Damerau's optimal string alignment distance: a swap of neighbours counts as one edit. If the distance is more than
 * `most`, the result may be any number above `most`.
 */
function editDistance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  let least = 0;
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    const leastBefore = least;
    least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2] + 1);
      }
      current.push(cost);
      if (cost < least) least = cost;
    }
    // A swap looks two rows back; once both rows exceed `most`, the distance only grows.
    if (least > most && leastBefore > most) return least;
    before = previous;
    previous = current;
  }
  return previous[b.length];
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');

/** Up to `limit` names that are near enough to be what was meant, nearest first, ignoring case and underscores. */
export function nearestNames(name: string, candidates: Iterable<string>, limit: number): string[] {
  if (name.length > MAX_LENGTH) return [];
  const wanted = plain(name);
  const most = Math.max(2, Math.floor(wanted.length / 3));
  const found: { name: string; distance: number }[] = [];
  let seen = 0;
  let cells = 0;
  for (const candidate of candidates) {
    if (++seen > MAX_CANDIDATES) break;
    if (candidate.length > MAX_LENGTH) continue;
    const other = plain(candidate);
    if (Math.abs(other.length - wanted.length) > most) continue;
    cells += wanted.length * other.length;
    if (cells > MAX_CELLS) break;
    const distance = editDistance(wanted, other, most);
    if (distance <= most && distance < Math.max(wanted.length, other.length)) {
      found.push({ name: candidate, distance });
    }
  }
  found.sort((a, b) => a.distance - b.distance);
  // Next to one that is much nearer, the others are noise.
  const near = found.filter((f) => f.distance <= found[0].distance + 1);
  return [...new Set(near.map((f) => f.name))].slice(0, limit);
}

/** `; did you mean 'name'?`, or an empty string if no name is near. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  return didYouMean(nearestOf(name, candidates));
}

/** The names that a suggestion names. */
export function nearestOf(name: string, candidates: Iterable<string>): string[] {
  return nearestNames(name, candidates, MAX_SHOWN);
}

/**
 * As `suggestion`, but among full names, for a name that may lack its package or outer scopes: it is compared with as
 * many of each full name's last parts as it has itself.
 */
export function symbolSuggestion(name: string, fullNames: Iterable<string>): string {
  if (name.length > MAX_LENGTH) return '';
  const parts = name.split('.').length;
  const byEnd = new Map<string, string[]>();
  let seen = 0;
  for (const fullName of fullNames) {
    if (++seen > MAX_CANDIDATES) break;
    // It is shown in full, so all of it must be short.
    if (fullName.length > MAX_LENGTH) continue;
    const end = fullName.split('.').slice(-parts).join('.');
    const list = byEnd.get(end);
    if (list === undefined) byEnd.set(end, [fullName]);
    else list.push(fullName);
  }
  const near = [name, ...nearestNames(name, byEnd.keys(), MAX_SHOWN)];
  return didYouMean(new Set(near.flatMap((end) => byEnd.get(end) ?? [])));
}

/** `; did you mean 'one' or 'other'?`, or an empty string for no names. */
export function didYouMean(names: Iterable<string>): string {
  const shown = [...names].slice(0, MAX_SHOWN);
  return shown.length === 0 ? '' : `; did you mean ${shown.map((n) => `'${n}'`).join(' or ')}?`;
}
