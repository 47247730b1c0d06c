// The google.api.http annotations of a method: which HTTP methods and paths it has, and where its request's fields go. They are
// what a schema's author wrote, or a hostile server: nothing is taken for granted.

import { isObject } from '../../values/realm.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import type { Options } from '../descriptors/descriptor-types.ts';
import { type PathTemplate, pathTemplate } from './path-template.ts';

const HTTP = '[google.api.http]';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
/** HTTP methods that an OpenAPI document can describe. */
const DESCRIBED = new Set<string>([...METHODS, 'head', 'options', 'trace']);

/** One way to call a method. */
export interface HttpBinding {
  /** `get` */
  readonly method: string;
  readonly template: PathTemplate;
  /** `*` for the whole request, a field's name, or '' for none. */
  readonly body: string;
  /** The field of the reply that is the response; '' for the whole. */
  readonly responseBody: string;
}

export interface HttpRules {
  readonly bindings: readonly HttpBinding[];
  /** What of it could not be used, and why. */
  readonly problems: readonly string[];
}

export function httpRulesOf(options: Options | undefined): HttpRules {
  const rule: unknown = options?.[HTTP];
  const bindings: HttpBinding[] = [];
  const problems: string[] = [];
  if (!isObject(rule)) return { bindings, problems };
  const more: unknown = Reflect.get(rule, 'additionalBindings');
  // Additional bindings have none of their own (http.proto).
  for (const one of [rule, ...(Array.isArray(more) ? more : [])]) {
    const binding = isObject(one) ? bindingOf(one) : 'a binding is not a message';
    if (typeof binding === 'string') problems.push(binding);
    else bindings.push(binding);
  }
  return { bindings, problems };
}

function bindingOf(rule: object): HttpBinding | string {
  const text = (name: string): string => {
    const value: unknown = Reflect.get(rule, name);
    return typeof value === 'string' ? value : '';
  };
  const custom: unknown = Reflect.get(rule, 'custom');
  let method: string | undefined = METHODS.find((name) => text(name) !== '');
  let path = method === undefined ? '' : text(method);
  if (method === undefined && isObject(custom)) {
    method = String(Reflect.get(custom, 'kind') ?? '').toLowerCase();
    path = String(Reflect.get(custom, 'path') ?? '');
  }
  if (method === undefined) return 'its google.api.http names no HTTP method';
  if (!DESCRIBED.has(method))
    return `OpenAPI cannot describe the HTTP method ${JSON.stringify(shortened(method.toUpperCase()))}`;
  const template = pathTemplate(path);
  if (template === undefined) return `the path ${JSON.stringify(shortened(path))} is malformed`;
  return { method, template, body: text('body'), responseBody: text('responseBody') };
}
