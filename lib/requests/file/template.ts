// Texts with variables: `${name}`, `${env:NAME}`, and `$${` for the text itself. A text that is one variable and nothing
// else is that variable's value, of its own type.

import { setOwn } from '../../values/own-property.ts';
import { JsonNumber } from '../../values/text/json-text.ts';
import type { SourceNode } from './source-file.ts';

/** What a variable stands for. Throws a TemplateProblem for one that stands for nothing. */
export interface Scope {
  variable(name: string): unknown;
  environment(name: string): string;
}

/** Why a text cannot be filled in. */
export class TemplateProblem extends Error {
  override readonly name = 'TemplateProblem';
  /** Where in the file; undefined until the text's place is known. */
  readonly at: number | undefined;

  constructor(problem: string, at?: number) {
    super(problem);
    this.at = at;
  }
}

/** A value that is not known yet: a capture, before the request that gives it has run. */
export const UNKNOWN: unique symbol = Symbol('unknown');

const PLACEHOLDER = /\$?\$\{([^}]*)\}?/g;
/** The name of a variable. */
export const VARIABLE_NAME: RegExp = /^[A-Za-z_][\w.-]*$/;
const ENVIRONMENT = /^env:([A-Za-z_]\w*)$/;

/** A text, filled in. UNKNOWN where something in it is not known yet. */
export function filled(text: string, scope: Scope): unknown {
  if (!text.includes('${')) return text;
  const lone = /^\$\{([^}]*)\}$/.exec(text);
  if (lone !== null) return lookUp(lone[0], lone[1], scope);
  let isKnown = true;
  const result = text.replace(PLACEHOLDER, (whole: string, inside: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const value = lookUp(whole, inside, scope);
    if (value === UNKNOWN) isKnown = false;
    else if (typeof value === 'object' && value !== null) {
      throw new TemplateProblem(
        `${whole} is ${Array.isArray(value) ? 'a list' : 'a message'}, which can only stand alone`,
      );
    }
    return String(value);
  });
  return isKnown ? result : UNKNOWN;
}

/** A text that stands for itself where variables are filled in. */
export const literalText = (text: string): string => text.replaceAll('${', () => '$${');

/** A value of JSON whose texts and keys stand for themselves. */
export function literalValue(value: unknown): unknown {
  if (typeof value === 'string') return literalText(value);
  if (Array.isArray(value)) return value.map(literalValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [literalText(key), literalValue(item)]),
  );
}

function lookUp(whole: string, inside: string, scope: Scope): unknown {
  if (whole.endsWith('}')) {
    const environment = ENVIRONMENT.exec(inside)?.[1];
    if (environment !== undefined) return scope.environment(environment);
    if (VARIABLE_NAME.test(inside)) return scope.variable(inside);
  }
  throw new TemplateProblem(
    `'${whole}' is not a variable: write \${name} or \${env:NAME}, or $\${ for the text itself`,
  );
}

/** What a node is, with its variables filled in, as ProtoJSON. Fields keep names such as `__proto__` as their own. */
export function valueIn(node: SourceNode, scope: Scope): unknown {
  switch (node.kind) {
    case 'scalar':
      return jsonOf(typeof node.value === 'string' ? filledAt(node.value, node.at, scope) : node.value);
    case 'list':
      return node.items.map((item) => valueIn(item, scope));
    case 'map': {
      const object: Record<string, unknown> = {};
      for (const { key, keyAt, value } of node.entries) {
        const name = filledAt(key, keyAt, scope);
        setOwn(object, String(name), valueIn(value, scope));
      }
      return object;
    }
    default:
      return node satisfies never;
  }
}

/** A value of a reply, or of a file, as ProtoJSON has it: with every digit of its numbers. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return new JsonNumber(String(value));
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(jsonOf);
  // A message, or a value of a well-known type.
  if ('toJSON' in value && typeof value.toJSON === 'function') return jsonOf(value.toJSON());
  const object: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) setOwn(object, name, jsonOf(item));
  return object;
}

function filledAt(text: string, at: number, scope: Scope): unknown {
  try {
    return filled(text, scope);
  } catch (error) {
    if (!(error instanceof TemplateProblem) || error.at !== undefined) throw error;
    throw new TemplateProblem(error.message, at);
  }
}
