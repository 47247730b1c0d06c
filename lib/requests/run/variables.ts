// What `${name}` stands for: the row's value first, then what was captured, what was given, the environment chosen, and
// what the file says. Values of the process's environment are secrets from the moment they are read.

import { suggestion } from '../../values/nearest-names.ts';
import type { MapEntry, SourceNode } from '../file/source-file.ts';
import type { Scope } from '../file/template.ts';
import { TemplateProblem, UNKNOWN, valueIn } from '../file/template.ts';
import type { Secrets } from '../secrets.ts';

/** A node is worked out when it is asked for, since it may use other variables. */
type Definition = { readonly node: SourceNode; readonly isOfFile: boolean } | { readonly value: unknown };

export type VariableLayer = ReadonlyMap<string, Definition>;

export function layerOfEntries(entries: readonly MapEntry[]): VariableLayer {
  return new Map(entries.map(({ key, value }) => [key, { node: value, isOfFile: true }]));
}

/** Of nodes that are not in the file: what is wrong with them is told where they are used. */
export function layerOfNodes(nodes: ReadonlyMap<string, SourceNode>): VariableLayer {
  return new Map(Array.from(nodes, ([name, node]) => [name, { node, isOfFile: false }]));
}

/** Where `${env:NAME}` is looked for. */
export interface Environment {
  get(name: string): string | undefined;
  /** Where it was looked for, in words. */
  readonly where: string;
}

export class Variables implements Scope {
  readonly #layers: readonly VariableLayer[];
  readonly #environment: Environment;
  readonly #secrets: Secrets;
  readonly #open: string[] = [];
  /** Told of each variable that is looked up. */
  onUse: ((name: string) => void) | undefined;

  /** @param layers the first one that has a name says what it is */
  constructor(layers: readonly VariableLayer[], environment: Environment, secrets: Secrets) {
    this.#layers = layers;
    this.#environment = environment;
    this.#secrets = secrets;
  }

  /** The same, and before them another layer. */
  with(layer: VariableLayer): Variables {
    return new Variables([layer, ...this.#layers], this.#environment, this.#secrets);
  }

  has(name: string): boolean {
    return this.#layers.some((layer) => layer.has(name));
  }

  variable(name: string): unknown {
    const definition = this.#layers.find((layer) => layer.has(name))?.get(name);
    if (definition === undefined) throw this.#unknown(name);
    this.onUse?.(name);
    if ('value' in definition) return definition.value;
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name];
      throw new TemplateProblem(`the variables ${circle.join(' → ')} are made of each other`);
    }
    this.#open.push(name);
    try {
      return valueIn(definition.node, this);
    } catch (error) {
      if (!(error instanceof TemplateProblem) || definition.isOfFile) throw error;
      throw new TemplateProblem(`\${${name}}: ${error.message}`);
    } finally {
      this.#open.pop();
    }
  }

  environment(name: string): string {
    const value = this.#environment.get(name);
    if (value === undefined) {
      throw new TemplateProblem(`\${env:${name}} is not set in ${this.#environment.where}`);
    }
    if (value === '') throw new TemplateProblem(`\${env:${name}} is empty`);
    this.#secrets.add(name, value);
    return value;
  }

  #unknown(name: string): TemplateProblem {
    const known = new Set(this.#layers.flatMap((layer) => [...layer.keys()]));
    const near = suggestion(name, known);
    const list = known.size === 0 ? 'there are no variables here' : `there are ${[...known].join(', ')}`;
    return new TemplateProblem(
      `\${${name}} is not defined${near === '' ? `; ${list}; --var and --env give more` : near}`,
    );
  }
}

/** Captures that are not there yet. */
export function unknownLayer(names: Iterable<string>): VariableLayer {
  return new Map(Array.from(names, (name) => [name, { value: UNKNOWN }]));
}
