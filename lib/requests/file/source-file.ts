// A file as its reader gives it: a tree of values that know where they stand, and the mistakes found in it so far. It
// knows neither YAML nor JSON: whoever reads the text hands the tree in.

/** Where something stands in a file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong in a file. */
export interface Mistake {
  readonly place: Place;
  readonly problem: string;
}

interface NodeBase {
  /** Its offset in the text. */
  readonly at: number;
}

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: string | number | bigint | boolean | null;
}

interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: number;
  readonly value: SourceNode;
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export type SourceNode = ScalarNode | ListNode | MapNode;

/** `file:line:column` */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;

export const mistakeText = ({ place, problem }: Mistake): string => `${placeText(place)}: ${problem}`;

/** Files that cannot be run: every mistake is a line of its own. */
export class MistakesError extends Error {
  override readonly name = 'MistakesError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(mistakeText).join('\n'));
    this.mistakes = mistakes;
  }
}

/** The text of a file, its tree, and what was found wrong with it. */
export class SourceFile {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
  readonly mistakes: Mistake[] = [];
  #lineStarts: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  placeOf(at: number): Place {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return { file: this.path, line: low + 1, column: at - starts[low] + 1 };
  }

  /** Where a line and a column are in the text. */
  offsetOf(line: number, column: number): number {
    return (this.#starts()[line - 1] ?? 0) + column - 1;
  }

  /** The text of a line, without its end. */
  lineText(line: number): string {
    const starts = this.#starts();
    return this.text.slice(starts[line - 1], starts[line] ?? this.text.length).replace(/\r?\n$/, '');
  }

  wrong(at: number, problem: string): void {
    this.mistakes.push({ place: this.placeOf(at), problem });
  }

  #starts(): number[] {
    if (this.#lineStarts !== undefined) return this.#lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
    return starts;
  }
}

/** What a node is, in words. */
export function nodeKind(node: SourceNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string') return node.value === '' ? 'an empty text' : 'a text';
  return typeof node.value === 'boolean' ? String(node.value) : `the number ${node.value}`;
}

/**
 * Where the value at a path such as `items[3].price` stands below a node, or the nearest one above it that is there. Keys
 * are fields by either of their names, so underscores and case are passed over.
 */
export function placeAtPath(root: SourceNode, path: string, of: 'value' | 'name' = 'value'): number {
  let node = root;
  let at = root.at;
  for (const [, name, index, quoted] of path.matchAll(/([^.[\]]+)|\[(?:(\d+)|"([^"]*)"|[^\]]*)\]/g)) {
    if (node.kind === 'list' && index !== undefined) {
      const item = node.items[Number(index)];
      if (item === undefined) return at;
      node = item;
    } else if (node.kind === 'map') {
      const wanted = name ?? quoted ?? index;
      const entry =
        node.entries.find(({ key }) => key === wanted) ??
        node.entries.find(({ key }) => plain(key) === plain(wanted ?? ''));
      if (entry === undefined) return at;
      node = entry.value;
      // Of a mapping or a list its name says more than where it begins.
      at = node.kind === 'scalar' && of === 'value' ? node.at : entry.keyAt;
      continue;
    } else return at;
    at = node.at;
  }
  return at;
}

/**
 * Where keys and indexes lead to below a node, as far as they do: to the key of the last entry; of a value that is no operator's to
 * the value itself, where that is asked for.
 */
export function placeAtKeys(
  root: SourceNode,
  keys: readonly (string | number)[],
  of: 'value' | 'name',
): number {
  let node = root;
  let at = root.at;
  for (const key of keys) {
    if (node.kind === 'list' && typeof key === 'number' && node.items[key] !== undefined) {
      node = node.items[key];
      at = node.at;
      continue;
    }
    const entry = node.kind === 'map' ? node.entries.find((one) => one.key === String(key)) : undefined;
    if (entry === undefined) break;
    node = entry.value;
    const isValue = of === 'value' && node.kind === 'scalar' && !entry.key.startsWith('$');
    at = isValue ? node.at : entry.keyAt;
  }
  return at;
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');
