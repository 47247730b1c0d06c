// A file of requests, YAML or JSON, as a tree of values that know where they stand. Aliases are followed, within bounds.

import type { MapEntry, ScalarNode, SourceFile, SourceNode } from '../../requests/file/source-file.ts';
import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { isYamlAlias, isYamlMap, parseYamlDocument } from '../client/yaml-text.ts';

/** A larger file is refused before it is read. */
export const MAX_REQUEST_FILE_BYTES: number = 8 * 1024 * 1024;
/** Values in a file, those of aliases counted each time. */
export const MAX_REQUEST_FILE_VALUES = 1_000_000;
/** Lists and mappings inside of each other. */
export const MAX_REQUEST_FILE_LEVELS = 100;
const TOO_DEEP = `lists and mappings nest more than ${MAX_REQUEST_FILE_LEVELS} levels deep`;
/** After a few mistakes of YAML, the rest follow from them. */
const MAX_TOLD = 3;

/** The tree of a text; undefined, with the mistakes in the file's list, for what cannot be read. */
export function yamlTree(source: SourceFile): SourceNode | undefined {
  if (/\.json$/i.test(source.path) && !isJson(source)) return undefined;
  const document = parseYamlDocument(source.text, {
    prettyErrors: false,
    intAsBigInt: true,
    merge: false,
    // The package compares each key with each other one; here they are looked up.
    uniqueKeys: false,
  });
  for (const { pos, code, message } of [...document.errors, ...document.warnings].slice(0, MAX_TOLD)) {
    // The package tells so of what nests too deep for it.
    if (/call stack/.test(message)) {
      source.wrong(0, TOO_DEEP);
      return undefined;
    }
    const variable = variableAt(source.text, pos[0]);
    if (variable !== undefined) {
      source.wrong(pos[0] - 1, `not YAML: inside of { } and [ ], a text with ${variable} must be in quotes`);
      return undefined;
    }
    if (code === 'MULTIPLE_DOCS') source.wrong(pos[0], 'a second document: a file of requests is one');
    else source.wrong(pos[0], `not YAML: ${message.replace(/\s*\n\s*/g, ' ')}`);
  }
  if (source.mistakes.length > 0) return undefined;
  if (document.contents === null) {
    source.wrong(0, 'the file is empty');
    return undefined;
  }
  return new TreeReader(source).tree(document.contents as unknown as YamlNode);
}

/** Whether a file is the JSON that it is called and begins as: YAML would say other things of what is wrong. */
function isJson(source: SourceFile): boolean {
  if (!/^\s*\{/.test(source.text)) return true;
  try {
    parseJson(source.text);
    return true;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    source.wrong(source.offsetOf(error.line, error.column), `not JSON: ${error.problem}`);
    return false;
  }
}

/** The variable whose `{` stands at an offset, where YAML takes it for the beginning of a mapping. */
function variableAt(text: string, at: number): string | undefined {
  return /^\$\{[\w.:-]+\}/.exec(text.slice(Math.max(at - 1, 0), at + 100))?.[0];
}

/** As much of the package's nodes as is looked at. */
interface YamlNode {
  readonly range?: readonly [number, number, number] | null;
  readonly items?: readonly unknown[];
  readonly value?: unknown;
  readonly source?: string;
  readonly anchor?: string;
}

interface YamlPair {
  readonly key: YamlNode | null;
  readonly value: YamlNode | null;
}

const isPair = (item: unknown): item is YamlPair =>
  typeof item === 'object' && item !== null && 'key' in item;

class TreeReader {
  readonly #source: SourceFile;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #open = new Set<YamlNode>();
  #count = 0;
  #hasGivenUp = false;
  /** Where keys stand that are there twice. */
  readonly #repeated = new Set<number>();

  constructor(source: SourceFile) {
    this.#source = source;
  }

  tree(root: YamlNode): SourceNode | undefined {
    const node = this.#node(root, 0);
    if (this.#hasGivenUp) return undefined;
    for (const at of [...this.#repeated].slice(0, MAX_TOLD)) {
      this.#source.wrong(at, 'not YAML: Map keys must be unique');
    }
    return this.#repeated.size === 0 ? node : undefined;
  }

  #node(node: YamlNode | null | undefined, at: number): SourceNode {
    const nothing: ScalarNode = { kind: 'scalar', at, value: null };
    if (node === null || node === undefined || this.#hasGivenUp) return nothing;
    const start = node.range?.[0] ?? at;
    if (++this.#count > MAX_REQUEST_FILE_VALUES) {
      return this.#giveUp(start, `more than ${MAX_REQUEST_FILE_VALUES} values, aliases followed`);
    }
    if (isYamlAlias(node)) return this.#alias(node, start);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (node.items === undefined) return { kind: 'scalar', at: start, value: scalarOf(node.value) };
    if (this.#open.size >= MAX_REQUEST_FILE_LEVELS) {
      return this.#giveUp(start, TOO_DEEP);
    }
    this.#open.add(node);
    const { items } = node;
    const result: SourceNode = isYamlMap(node)
      ? { kind: 'map', at: start, entries: this.#entries(items.filter(isPair), start) }
      : { kind: 'list', at: start, items: items.map((item) => this.#node(item as YamlNode, start)) };
    this.#open.delete(node);
    return result;
  }

  #alias(node: YamlNode, at: number): SourceNode {
    const name = node.source ?? '';
    const target = this.#anchors.get(name);
    if (target === undefined) return this.#giveUp(at, `*${name} stands for nothing that comes before it`);
    if (this.#open.has(target)) return this.#giveUp(at, `*${name} stands inside of what it stands for`);
    return this.#node(target, at);
  }

  #entries(pairs: readonly YamlPair[], start: number): readonly MapEntry[] {
    const entries = new Map<string, MapEntry>();
    const merged: MapEntry[] = [];
    const names = new Set<string>();
    for (const { key, value } of pairs) {
      const keyAt = key?.range?.[0] ?? start;
      const name = key === null ? undefined : keyOf(key);
      if (name === undefined) {
        this.#source.wrong(keyAt, 'a key must be a text');
        continue;
      }
      if (names.has(name)) this.#repeated.add(keyAt);
      names.add(name);
      const node = this.#node(value, keyAt);
      if (name === '<<' && node.kind !== 'scalar') {
        for (const one of node.kind === 'list' ? node.items : [node]) {
          if (one.kind === 'map') for (const entry of one.entries) merged.push(entry);
        }
      } else entries.set(name, { key: name, keyAt, value: node });
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return [...entries.values()];
  }

  #giveUp(at: number, problem: string): ScalarNode {
    if (!this.#hasGivenUp) this.#source.wrong(at, problem);
    this.#hasGivenUp = true;
    return { kind: 'scalar', at, value: null };
  }
}

function keyOf(node: YamlNode): string | undefined {
  if (node.items !== undefined || isYamlAlias(node)) return undefined;
  if (node.value === null || node.value === undefined) return undefined;
  // Keys of maps with numbers are as they are written.
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function scalarOf(value: unknown): ScalarNode['value'] {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
