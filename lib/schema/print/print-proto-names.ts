// What a .proto file may call a type: a short name inside its own package if that resolves to the same type by the rules of
// scopes, else the full one. Knows the names of everything that is loaded, nothing of source.

import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { lastPart, parentScope } from '../descriptors/names.ts';
import { definitionsOf } from '../descriptors/symbol-table.ts';

/** Words that mean something else where a type can stand. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'stream message enum oneof map group option optional required repeated reserved extensions extend export local ' +
    'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes'
  ).split(' '),
);

/** The names of everything that is loaded. */
export class NameIndex {
  readonly types: Set<string> = new Set();
  /** What can contain others: messages, enums, services, packages. */
  readonly containers: Set<string> = new Set();
  /** The last parts of containers that are inside something else. */
  readonly nested: Set<string> = new Set();

  constructor(files: readonly FileDescriptorProto[]) {
    for (const proto of files) {
      for (let name = proto.package ?? ''; name !== ''; name = parentScope(name)) this.#addContainer(name);
      for (const { kind, fullName } of definitionsOf({ proto, origin: '' })) {
        if (kind === 'extension') continue;
        this.#addContainer(fullName);
        if (kind !== 'service') this.types.add(fullName);
      }
    }
  }

  #addContainer(name: string): void {
    this.containers.add(name);
    if (name.includes('.')) this.nested.add(lastPart(name));
  }
}

export class ProtoNames {
  readonly #index: NameIndex;
  readonly #package: string;

  constructor(index: NameIndex, packageName: string) {
    this.#index = index;
    this.#package = packageName;
  }

  /** A name that refers to the type (`.pkg.Type`) inside the scope. */
  type(typeName: string, scope: string): string {
    const name = this.#shortest(typeName, scope);
    return KEYWORDS.has(name.split('.')[0]) ? `.${typeName.replace(/^\./, '')}` : name;
  }

  #shortest(typeName: string, scope: string): string {
    const fullName = typeName.replace(/^\./, '');
    if (this.#package === '' || fullName.startsWith(`${this.#package}.`)) {
      const parts = fullName.split('.');
      const inPackage = this.#package === '' ? 0 : this.#package.split('.').length;
      for (let from = parts.length - 1; from >= inPackage; from--) {
        const candidate = parts.slice(from).join('.');
        if (this.#means(candidate, scope) === fullName) return candidate;
      }
    }
    return this.#means(fullName, scope) === fullName ? fullName : `.${fullName}`;
  }

  /** The name of an extension as options use it: the full one, with a leading dot if a scope could capture it. */
  extension(fullName: string): string {
    const dot = fullName.indexOf('.');
    return dot < 0 || this.#index.nested.has(fullName.slice(0, dot)) ? `.${fullName}` : fullName;
  }

  /** What a name refers to: its first part is searched for outwards, and the rest where that is found. */
  #means(name: string, scope: string): string | undefined {
    const dot = name.indexOf('.');
    const first = dot < 0 ? name : name.slice(0, dot);
    const known = dot < 0 ? this.#index.types : this.#index.containers;
    for (let s = scope; ; s = parentScope(s)) {
      const prefix = s === '' ? '' : `${s}.`;
      if (known.has(prefix + first)) return this.#index.types.has(prefix + name) ? prefix + name : undefined;
      if (s === '') return undefined;
    }
  }
}
