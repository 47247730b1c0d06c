// How much of a schema was seen in a run: methods that were called, and of their replies the members of oneofs and the
// values of enums that came. Counted by what the schema has, so that what never came has a name.

import type { Client, DynamicMessage, FieldDescription, MessageDescription } from '../../index.ts';
import type { CallRecord } from './call-record.ts';
import type { PlannedRequest } from './plan.ts';

export interface Covered {
  /** Of what: a service, a oneof or an enum, by its full name. */
  readonly of: string;
  readonly seen: readonly string[];
  readonly missing: readonly string[];
}

export interface Coverage {
  readonly methods: readonly Covered[];
  readonly oneofs: readonly Covered[];
  readonly enums: readonly Covered[];
}

/** Types that are looked at on the way to what could have come. */
const MAX_TYPES = 5_000;
const NOT_COUNTED = /^grpc\.(?:reflection|health)\./;

interface Counted {
  readonly all: readonly string[];
  readonly seen: Set<string>;
}

/** What a message type has that is looked at in its messages. */
interface SeenType {
  readonly oneofs: readonly { readonly counted: Counted; readonly members: readonly string[] }[];
  readonly enums: readonly { readonly field: string; readonly counted: Counted }[];
  readonly messages: readonly { readonly field: string; readonly type: string }[];
}

export class CoverageCounter {
  readonly #methods = new Map<string, Counted>();
  readonly #oneofs = new Map<string, Counted>();
  readonly #enums = new Map<string, Counted>();
  readonly #types = new Map<string, SeenType>();

  /** Takes in what a client could call. */
  add(client: Client): void {
    for (const { fullName, methods } of client.services) {
      if (NOT_COUNTED.test(fullName) || this.#methods.has(fullName)) continue;
      this.#methods.set(fullName, { all: methods.map(({ name }) => name), seen: new Set() });
    }
  }

  /** Counts a call. */
  called({ method, target: { client } }: PlannedRequest, { replies }: CallRecord): void {
    this.#methods.get(method.service)?.seen.add(method.name);
    this.#learn(client, method.replyType);
    for (const reply of replies) this.#look(method.replyType, reply);
  }

  result(): Coverage {
    const list = (counted: ReadonlyMap<string, Counted>): Covered[] =>
      Array.from(counted, ([of, { all, seen }]) => ({
        of,
        seen: all.filter((name) => seen.has(name)),
        missing: all.filter((name) => !seen.has(name)),
      })).toSorted((a, b) => (a.of < b.of ? -1 : 1));
    return { methods: list(this.#methods), oneofs: list(this.#oneofs), enums: list(this.#enums) };
  }

  /** A type and all that its messages may hold. */
  #learn(client: Client, root: string): void {
    const pending = [root];
    for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
      // Well-known types have values of their own, rather than fields.
      if (this.#types.has(type) || type.startsWith('google.protobuf.') || this.#types.size >= MAX_TYPES)
        continue;
      const found = client.describe(type);
      if (found.kind !== 'message') continue;
      const seen = this.#seenType(client, found);
      this.#types.set(type, seen);
      pending.push(...seen.messages.map((field) => field.type));
    }
  }

  #seenType(client: Client, message: MessageDescription): SeenType {
    const nameOf = ({ jsonName }: FieldDescription): string => jsonName;
    const oneofs = message.oneofs.map(({ fullName, fields }) => {
      const members = message.fields.filter(({ name }) => fields.includes(name)).map(nameOf);
      return { members, counted: counted(this.#oneofs, fullName, members) };
    });
    const enums: { field: string; counted: Counted }[] = [];
    const messages: { field: string; type: string }[] = [];
    for (const field of message.fields) {
      const type = field.isMap ? (/,\s*(.+)>$/.exec(field.type)?.[1] ?? '') : field.type;
      if (!type.includes('.') && !/^[A-Z]/.test(type)) continue;
      const found = client.describe(type);
      if (found.kind === 'message') messages.push({ field: nameOf(field), type: found.fullName });
      if (found.kind !== 'enum') continue;
      const names = found.values.map(({ name }) => name);
      enums.push({ field: nameOf(field), counted: counted(this.#enums, found.fullName, names) });
    }
    return { oneofs, enums, messages };
  }

  #look(type: string, message: DynamicMessage): void {
    const seen = this.#types.get(type);
    if (seen === undefined || typeof message !== 'object' || message === null) return;
    for (const { members, counted: one } of seen.oneofs) {
      for (const name of members) if (message[name] !== undefined) one.seen.add(name);
    }
    for (const { field, counted: one } of seen.enums) {
      for (const value of valuesOf(message[field])) if (typeof value === 'string') one.seen.add(value);
    }
    for (const { field, type: inner } of seen.messages) {
      for (const value of valuesOf(message[field])) this.#look(inner, value as DynamicMessage);
    }
  }
}

function counted(all: Map<string, Counted>, name: string, names: readonly string[]): Counted {
  const known = all.get(name) ?? { all: names, seen: new Set<string>() };
  all.set(name, known);
  return known;
}

/** The values of a field, of a list or of a map. */
function valuesOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  const isMap = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
  return isMap ? Object.values(value) : [value];
}
