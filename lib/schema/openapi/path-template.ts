// The path templates of google.api.http as OpenAPI has paths: `/v1/{name=shelves/*}:read` becomes
// `/v1/shelves/{shelvesId}:read`, with a parameter for each part that varies, as in Google's own discovery documents. The
// template may be a hostile server's.

import { freeName } from '../../values/free-name.ts';

/** A part of a path that varies. */
export interface PathParameter {
  readonly name: string;
  /** The field that it is, or of which it is a part: `book.name`. */
  readonly field: string;
  /** Whether it is all of the field. */
  readonly isWhole: boolean;
  /** What the field holds: `shelves/{shelvesId}`. */
  readonly pattern: string;
  /** Whether it may have slashes in it. */
  readonly isDeep: boolean;
}

export interface PathTemplate {
  /** With the names of its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly PathParameter[];
  /** The fields that are bound by it. */
  readonly fields: ReadonlySet<string>;
}

/** Longer ones are taken for malformed. */
const MAX_LENGTH = 2000;
const LITERAL = /^[A-Za-z0-9\-._~%!$&'()+,;@]+$/;
const FIELD = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;
/** A variable or a segment, and what follows it. */
const PART = /^(?:\{([^{}=]*)(?:=([^{}]*))?\}|([^{}/:]+))/;
const VERB = /^:[^/{}:]+$/;

/** Undefined for what is no template. */
export function pathTemplate(text: string): PathTemplate | undefined {
  return text.length > MAX_LENGTH ? undefined : new TemplateReader().read(text);
}

class TemplateReader {
  #path = '';
  readonly #parameters: PathParameter[] = [];
  readonly #fields: Set<string> = new Set();

  read(text: string): PathTemplate | undefined {
    let rest = text;
    while (rest.startsWith('/')) {
      const match = PART.exec(rest.slice(1));
      if (match === null) return undefined;
      const [whole, field, pattern, literal] = match;
      const isRead = literal === undefined ? this.#variable(field, pattern ?? '*') : this.#segment(literal);
      if (!isRead) return undefined;
      rest = rest.slice(1 + whole.length);
    }
    if (this.#path === '' || (rest !== '' && !VERB.test(rest))) return undefined;
    return { path: this.#path + rest, parameters: this.#parameters, fields: this.#fields };
  }

  /** Outside variables a `*` binds no field. */
  #segment(literal: string): boolean {
    if (literal !== '*' && literal !== '**') {
      this.#path += `/${literal}`;
      return LITERAL.test(literal);
    }
    const name = this.#free('segment');
    this.#path += `/{${name}}`;
    this.#parameters.push({ name, field: '', isWhole: false, pattern: '', isDeep: literal === '**' });
    return true;
  }

  #variable(field: string, pattern: string): boolean {
    if (!FIELD.test(field) || this.#fields.has(field)) return false;
    this.#fields.add(field);
    const segments = pattern.split('/');
    if (!segments.every((one) => one === '*' || one === '**' || LITERAL.test(one))) return false;
    const isWhole = segments.length === 1 && segments[0].startsWith('*');
    const parts: string[] = [];
    const own: { readonly name: string; readonly isDeep: boolean }[] = [];
    for (const [i, segment] of segments.entries()) {
      if (!segment.startsWith('*')) parts.push(segment);
      else {
        const name = this.#free(isWhole ? field : nameAfter(segments[i - 1], field), own);
        own.push({ name, isDeep: segment === '**' });
        parts.push(`{${name}}`);
      }
    }
    const inField = parts.join('/');
    this.#path += `/${inField}`;
    for (const one of own) this.#parameters.push({ ...one, field, isWhole, pattern: inField });
    return true;
  }

  /** A name that no parameter has. */
  #free(name: string, others: readonly { readonly name: string }[] = []): string {
    return freeName(name, (one) => [...this.#parameters, ...others].some((other) => other.name === one));
  }
}

/** `shelvesId` after `shelves`. */
function nameAfter(segment: string | undefined, field: string): string {
  const isWord = segment !== undefined && /^[A-Za-z][A-Za-z0-9_-]*$/.test(segment);
  return `${isWord ? segment : field}Id`;
}

/** The same template with its parameters named after those of another of the same shape. */
export function renamed(template: PathTemplate, names: readonly string[]): PathTemplate {
  const byName = new Map(template.parameters.map(({ name }, i) => [name, names[i]]));
  const inBraces = (text: string): string =>
    text.replace(/\{([^{}]*)\}/g, (_, name: string) => `{${byName.get(name) ?? name}}`);
  const parameters = template.parameters.map((one, i) => ({
    ...one,
    name: names[i],
    pattern: inBraces(one.pattern),
  }));
  return { ...template, path: inBraces(template.path), parameters };
}

/** What paths of one shape have in common: OpenAPI allows only one of them. */
export const shapeOf = ({ path }: PathTemplate): string => path.replace(/\{[^{}]*\}/g, '{}');
