// Which symbol a name refers to: a full name, a path (`/pkg.Service/Method`), or the last parts of a name if those are
// unambiguous. If none, what may have been meant.

import { SchemaError } from '../../values/errors.ts';
import { suggestion, symbolSuggestion } from '../../values/nearest-names.ts';
import { lastPart, parentScope, symbolName } from '../descriptors/names.ts';
import type { Registry } from '../registry/registry.ts';

const MAX_MEMBERS_LISTED = 10;

export class SymbolNames {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** What `exact`, which knows full names, has for a name. Throws SchemaError with what may have been meant. */
  find<T>(symbol: string, exact: (fullName: string) => T | undefined): T {
    const name = symbolName(symbol);
    const found = exact(name);
    if (found !== undefined) return found;
    const candidates = this.#shortNames(name);
    if (candidates.length === 1) {
      const only = exact(candidates[0]);
      if (only !== undefined) return only;
    }
    if (candidates.length > 1) {
      throw new SchemaError(`'${symbol}' is ambiguous: it could be ${candidates.join(', ')}`);
    }
    const ofShort = this.#memberOfShort(name, exact);
    if (ofShort !== undefined) return ofShort;
    const remedy = this.#remedyFor(name);
    if (remedy !== undefined) throw new SchemaError(remedy);
    if (this.#registry.files.length === 0) {
      throw new SchemaError(`there is no symbol '${symbol}': nothing is loaded`);
    }
    throw new SchemaError(
      this.#unknownMember(name) ?? `there is no symbol '${symbol}'${this.#nearest(name)}`,
    );
  }

  /** A field, method or enum value of something that is named by an unambiguous short name: `HelloRequest.name`. */
  #memberOfShort<T>(name: string, exact: (fullName: string) => T | undefined): T | undefined {
    const parents = parentScope(name) === '' ? [] : this.#shortNames(parentScope(name));
    return parents.length === 1 ? exact(`${parents[0]}.${lastPart(name)}`) : undefined;
  }

  /** The error for a name that begins with a symbol but does not continue with a member of it. */
  #unknownMember(name: string): string | undefined {
    const scope = parentScope(name);
    const parents = this.#registry.find(scope) === undefined ? this.#shortNames(scope) : [scope];
    const parent = scope === '' || parents.length !== 1 ? undefined : this.#registry.find(parents[0]);
    if (parent === undefined || parent.kind === 'extension') return undefined;
    const [what, members] =
      parent.kind === 'service'
        ? ['method', (parent.proto.method ?? []).map((method) => method.name)]
        : parent.kind === 'enum'
          ? ['value', (parent.proto.value ?? []).map((value) => value.name)]
          : ['field', this.#registry.plan(parent.fullName).fields.map(({ field }) => field.name)];
    const near = suggestion(lastPart(name), members);
    const few = members.length > 0 && members.length <= MAX_MEMBERS_LISTED;
    const others = near === '' && few ? `; it has ${members.join(', ')}` : near;
    return `${parent.kind} ${parent.fullName} has no ${what} '${lastPart(name)}'${others}`;
  }

  /** Messages, services and the like; if no name is close, fields too, of which there are many more. */
  #nearest(name: string): string {
    const near = symbolSuggestion(name, this.#allNames());
    return near === '' ? symbolSuggestion(name, this.#fieldNames()) : near;
  }

  *#fieldNames(): Generator<string> {
    for (const { kind, fullName, proto } of this.#registry.model.table.symbols.values()) {
      if (kind === 'message') for (const field of proto.field ?? []) yield `${fullName}.${field.name}`;
      if (kind === 'enum')
        for (const value of proto.value ?? []) yield `${parentScope(fullName)}.${value.name}`;
    }
  }

  /** What to load for a service of a module without descriptors, which can be called but not described. */
  #remedyFor(name: string): string | undefined {
    const names = this.#registry.services.flatMap(({ fullName, methods }) => [
      fullName,
      ...methods.map((method) => method.fullName),
    ]);
    const fullName = names.find((one) => one.endsWith(`.${name}`)) ?? name;
    return this.#registry.remedyFor(fullName);
  }

  #shortNames(name: string): string[] {
    const all = [...this.#allNames()].filter((fullName) => fullName.endsWith(`.${name}`));
    const others = all.filter((fullName) => !fullName.startsWith('grpc.'));
    return [...new Set(others.length > 0 ? others : all)];
  }

  *#allNames(): Generator<string> {
    for (const { kind, fullName, proto } of this.#registry.model.table.symbols.values()) {
      if (kind === 'message' && proto.options?.['mapEntry'] === true) continue;
      yield fullName;
      if (kind === 'service') for (const method of proto.method ?? []) yield `${fullName}.${method.name}`;
    }
  }
}
