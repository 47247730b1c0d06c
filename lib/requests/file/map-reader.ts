// The keys of a mapping, each taken once by who knows it. Every mistake goes to the file's list, and reading goes on with
// what is right.

import { MAX_TIMER_MS } from '../../values/clock.ts';
import { didYouMean, nearestOf, suggestion } from '../../values/nearest-names.ts';
import { durationMs } from '../../values/text/duration-text.ts';
import { otherName } from './keys.ts';
import { type MapEntry, type MapNode, nodeKind, type SourceFile, type SourceNode } from './source-file.ts';

export class MapReader {
  readonly file: SourceFile;
  readonly at: number;
  readonly #entries: ReadonlyMap<string, MapEntry>;
  readonly #what: string;
  /** What unknown keys may be meant to be. */
  readonly #meant = new Set<string>();

  /**
   * @param what what the mapping is, in words: `a request`
   * @param known the keys that there may be
   */
  constructor(file: SourceFile, node: MapNode, what: string, known: readonly string[]) {
    this.file = file;
    this.at = node.at;
    this.#what = what;
    this.#entries = new Map(node.entries.map((entry) => [entry.key, entry]));
    for (const { key, keyAt } of node.entries) {
      if (known.includes(key)) continue;
      file.wrong(keyAt, `${what} has no '${key}'${this.#meaning(key, known)}`);
    }
  }

  /** The mapping that a node is; undefined, and told, for any other. */
  static of(
    file: SourceFile,
    node: SourceNode,
    what: string,
    known: readonly string[],
  ): MapReader | undefined {
    if (node.kind === 'map') return new MapReader(file, node, what, known);
    file.wrong(node.at, `${what} is a mapping of ${known.slice(0, 3).join(', ')} …, not ${nodeKind(node)}`);
    return undefined;
  }

  /** What an unknown key may be meant to be, as the end of a sentence. */
  #meaning(key: string, known: readonly string[]): string {
    const other = otherName(key, known);
    const near = other === undefined ? nearestOf(key, known) : [other];
    for (const name of near) this.#meant.add(name);
    if (other !== undefined) return `; write '${other}'`;
    return near.length === 0 ? `; its keys are ${known.join(', ')}` : didYouMean(near);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Tells that none of some keys is there; not where an unknown one was meant to be it, of which that has been told. */
  needs(names: readonly string[], problem: string): void {
    if (!names.some((name) => this.has(name) || this.#meant.has(name))) this.file.wrong(this.at, problem);
  }

  node(name: string): SourceNode | undefined {
    return this.#entries.get(name)?.value;
  }

  /** Where a key stands; where the mapping begins without it. */
  keyAt(name: string): number {
    return this.#entries.get(name)?.keyAt ?? this.at;
  }

  text(name: string): string | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') return node.value;
    this.#wrong(node, name, 'a text');
    return undefined;
  }

  flag(name: string): boolean | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    this.#wrong(node, name, 'true or false');
    return undefined;
  }

  /** A whole number of at least `least`. */
  count(name: string, least: number): number | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    this.#wrong(node, name, `a whole number of at least ${least}`);
    return undefined;
  }

  choice<Name extends string>(name: string, choices: readonly Name[]): Name | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    const found = node.kind === 'scalar' ? choices.find((one) => one === node.value) : undefined;
    if (found === undefined) {
      const near = suggestion(node.kind === 'scalar' ? String(node.value) : '', choices);
      const shown = node.kind === 'scalar' ? `'${node.value}'` : nodeKind(node);
      this.file.wrong(node.at, `${name} is one of ${choices.join(', ')}, not ${shown}${near}`);
    }
    return found;
  }

  /** Milliseconds of `200ms`, `2s`, or a number of seconds. */
  duration(name: string): number | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    const value = node.kind === 'scalar' ? node.value : undefined;
    const seconds = typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
    const ms = typeof value === 'string' ? durationMs(value) : seconds && seconds * 1000;
    if (ms === undefined) {
      const got = typeof value === 'string' ? `'${value}'` : undefined;
      this.#wrong(node, name, 'a time such as 200ms, 2s or 1m30s', got);
      return undefined;
    }
    if (ms <= MAX_TIMER_MS) return ms;
    // A timer would take a longer one for no time at all.
    this.file.wrong(node.at, `'${name}' of ${this.#what} must be at most ${MAX_TIMER_MS}ms`);
    return undefined;
  }

  /** Texts: a list of them, or one alone. */
  texts(name: string): readonly string[] | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    const texts: string[] = [];
    for (const item of node.kind === 'list' ? node.items : [node]) {
      if (item.kind === 'scalar' && typeof item.value === 'string' && item.value !== '')
        texts.push(item.value);
      else this.#wrong(item, name, 'a text, or a list of texts');
    }
    return texts;
  }

  /** The entries of a mapping with names of the user's own. */
  entries(name: string, what: string): readonly MapEntry[] {
    const node = this.node(name);
    if (node === undefined) return [];
    if (node.kind === 'map') return node.entries;
    this.#wrong(node, name, `a mapping of ${what}`);
    return [];
  }

  list(name: string, what: string): readonly SourceNode[] | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    if (node.kind === 'list') return node.items;
    this.#wrong(node, name, `a list of ${what}`);
    return undefined;
  }

  /** Tells that two keys exclude each other, at the second. */
  notBoth(one: string, other: string, why: string): void {
    if (this.has(one) && this.has(other)) {
      this.file.wrong(this.keyAt(other), `${this.#what} has both '${one}' and '${other}': ${why}`);
    }
  }

  #wrong(node: SourceNode, name: string, wanted: string, got: string = nodeKind(node)): void {
    this.file.wrong(node.at, `'${name}' of ${this.#what} must be ${wanted}, not ${got}`);
  }
}
