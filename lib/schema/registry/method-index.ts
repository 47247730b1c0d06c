// Finds the method that a name means, in any spelling (descriptors/method-name.ts) and in lower camel case. Ambiguity is
// an error that lists the candidates, never a guess. Knows no descriptors.

import { SchemaError } from '../../values/errors.ts';
import { suggestion } from '../../values/nearest-names.ts';
import { shortenedList } from '../../values/text/shortened-text.ts';
import type { Method } from '../codec/method.ts';
import { type MethodName, parseMethodName } from '../descriptors/method-name.ts';
import { lowerFirst, parentScope } from '../descriptors/names.ts';

const MAX_LISTED = 10;

/** Services of gRPC itself (health, reflection, channelz), which many servers have in addition to their own. */
const isOwnOfGrpc = (service: string): boolean => service.startsWith('grpc.');

export class MethodIndex {
  /** Every spelling asked for so far, by scope and then name. */
  readonly #known: Map<string, Map<string, Method>> = new Map();
  #unscoped: Map<string, Method> = new Map();
  readonly #byName: Map<string, Method[]> = new Map();
  readonly #byFullName: Map<string, Method> = new Map();
  #byLowerName: Map<string, Method[]> | undefined;

  get size(): number {
    return this.#byFullName.size;
  }

  add(method: Method): void {
    this.#byFullName.set(method.fullName, method);
    const list = this.#byName.get(method.name);
    if (list === undefined) this.#byName.set(method.name, [method]);
    else list.push(method);
    this.#forget();
  }

  /** Removes the methods of a service. */
  remove(service: string): void {
    for (const [fullName, method] of this.#byFullName) {
      if (method.service !== service) continue;
      this.#byFullName.delete(fullName);
      const others = (this.#byName.get(method.name) ?? []).filter((one) => one !== method);
      if (others.length === 0) this.#byName.delete(method.name);
      else this.#byName.set(method.name, others);
    }
    this.#forget();
  }

  #forget(): void {
    this.#byLowerName = undefined;
    // Many methods are added for each that is looked up.
    if (this.#known.size > 0) this.#known.clear();
    if (this.#unscoped.size > 0) this.#unscoped = new Map();
  }

  find(name: string, scope: string): Method {
    const known = scope === '' ? this.#unscoped : this.#scoped(scope);
    const method = known.get(name);
    if (method !== undefined) return method;
    const found = this.#resolve(name, scope);
    known.set(name, found);
    return found;
  }

  #scoped(scope: string): Map<string, Method> {
    let known = this.#known.get(scope);
    if (known === undefined) {
      known = new Map();
      this.#known.set(scope, known);
    }
    return known;
  }

  #resolve(name: string, scope: string): Method {
    if (typeof name !== 'string') throw new TypeError(`a method is named by a string, not ${typeof name}`);
    const parsed = parseMethodName(name);
    const full = this.#byFullName.get(parsed.dotted);
    if (full !== undefined) return full;
    const { service, method } = parsed;
    const exact = this.#byName.get(method) ?? [];
    const found = this.#choose(name, exact, service, scope);
    if (found !== undefined) return found;
    const lower = this.#choose(name, this.#lowerNames().get(method) ?? [], service, scope);
    if (lower !== undefined) return lower;
    throw new SchemaError(this.#unknown(name, parsed, scope));
  }

  /** Those of the candidates whose service fits; in scope if any is, and of grpc.* only if nothing else is. */
  #choose(name: string, candidates: readonly Method[], service: string, scope: string): Method | undefined {
    let fitting = candidates.filter((m) => {
      if (service === '') return true;
      return m.service === service || m.service.endsWith(`.${service}`);
    });
    const exact = fitting.filter((m) => m.service === service);
    if (exact.length > 0) fitting = exact;
    if (scope !== '') {
      const inside = fitting.filter((m) => m.service.startsWith(`${scope}.`) || m.service === scope);
      if (inside.length > 0) fitting = inside;
      const direct = fitting.filter((m) => parentScope(m.service) === scope || m.service === scope);
      if (direct.length > 0) fitting = direct;
    }
    if (fitting.length > 1) {
      const others = fitting.filter((m) => !isOwnOfGrpc(m.service));
      if (others.length > 0) fitting = others;
    }
    if (fitting.length > 1) {
      const list = shortenedList(fitting, MAX_LISTED, ({ fullName }) => fullName);
      throw new SchemaError(`method '${name}' is ambiguous: it could be ${list}`);
    }
    return fitting[0];
  }

  /** Methods as protoc-gen-es and grpc-js spell them: `SayHello` → `sayHello`, `GetX` → `getX`. */
  #lowerNames(): Map<string, Method[]> {
    if (this.#byLowerName === undefined) {
      const index = new Map<string, Method[]>();
      for (const [name, methods] of this.#byName) {
        const lower = lowerFirst(name);
        if (lower !== name) index.set(lower, [...(index.get(lower) ?? []), ...methods]);
      }
      this.#byLowerName = index;
    }
    return this.#byLowerName;
  }

  #unknown(name: string, { dotted, service, method }: MethodName, scope: string): string {
    if (this.size === 0) return `method '${name}' is not known: no service is loaded`;
    const inService = service === '' ? [] : this.#methodsOf(service);
    if (inService.length > 0) {
      const near = suggestion(
        method,
        inService.map((m) => m.name),
      );
      const all = inService.slice(0, MAX_LISTED).map((m) => m.name);
      return `service ${inService[0].service} has no method '${method}'${near === '' ? `; it has ${all.join(', ')}` : near}`;
    }
    const ofService = this.#methodsOf(dotted);
    if (ofService.length > 0) {
      const names = ofService.slice(0, MAX_LISTED).map((m) => m.name);
      return `'${name}' is a service; name one of its methods as well: '${name}/${names[0]}'${names.length === 1 ? '' : ` (it has ${names.join(', ')})`}`;
    }
    const within = scope === '' ? '' : ` (scope '${scope}')`;
    const near = this.#nearest(dotted);
    if (near !== '' || this.size > MAX_LISTED) return `method '${name}' is not known${within}${near}`;
    return `method '${name}' is not known${within}; the methods are ${[...this.#byFullName.keys()].join(', ')}`;
  }

  /** The methods of a service of that name, in full or without its package. */
  #methodsOf(service: string): Method[] {
    return [...this.#byFullName.values()].filter(
      (m) => m.service === service || m.service.endsWith(`.${service}`),
    );
  }

  /** By the method's name alone when it is short, by the whole name otherwise; shown in full. */
  #nearest(dotted: string): string {
    if (dotted.includes('.')) return suggestion(dotted, this.#byFullName.keys());
    const near = suggestion(dotted, this.#byName.keys());
    return near.replace(/'([^']+)'/g, (quoted, short: string) => {
      const [method] = this.#byName.get(short) ?? [];
      return method === undefined ? quoted : `'${method.fullName}'`;
    });
  }
}
