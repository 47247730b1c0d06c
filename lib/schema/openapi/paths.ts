// The paths of a document: of those with the same shape there is one, since no request could tell them apart.

import { setOwn } from '../../values/own-property.ts';
import type { JsonSchema } from '../json-schema/schema-form.ts';
import { type PathTemplate, renamed, shapeOf } from './path-template.ts';

/** Where an operation goes. */
export interface Place {
  /** Its template, with the parameters as the path names them. */
  readonly template: PathTemplate;
  set(operation: JsonSchema): void;
}

export class Paths {
  readonly #items: Map<string, Map<string, JsonSchema>> = new Map();
  /** The first template of each shape. */
  readonly #shapes: Map<string, PathTemplate> = new Map();

  /** The place of an HTTP method at a path; undefined if it is taken. */
  place(template: PathTemplate, method: string): Place | undefined {
    const shape = shapeOf(template);
    const first = this.#shapes.get(shape) ?? template;
    if (this.#items.get(first.path)?.has(method) === true) return undefined;
    const own = renamed(
      template,
      first.parameters.map(({ name }) => name),
    );
    return {
      template: own,
      set: (operation) => {
        this.#shapes.set(shape, first);
        this.set(own.path, method, operation);
      },
    };
  }

  set(path: string, method: string, operation: JsonSchema): void {
    const item = this.#items.get(path) ?? new Map<string, JsonSchema>();
    item.set(method, operation);
    this.#items.set(path, item);
  }

  document(): JsonSchema {
    const paths: Record<string, unknown> = {};
    for (const [path, item] of this.#items) setOwn(paths, path, Object.fromEntries(item));
    return paths;
  }
}
