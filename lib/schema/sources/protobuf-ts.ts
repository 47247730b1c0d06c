// protobuf-ts's ServiceType and MessageType objects, which describe themselves: services, fields and, through these, every
// type they use. They do not say which file or syntax they come from; what is known fits proto3.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
} from '../descriptors/descriptor-types.ts';
import { lastPart, mapEntryName, parentScope } from '../descriptors/names.ts';
import { scalarType } from '../descriptors/scalar-types.ts';
import { type FileDraft, fileDraft, linkDrafts } from './file-tree.ts';
import { type Findings, isFunction, isObject, type Properties, textOf } from './findings.ts';
import { mapEntry } from './map-entry.ts';

/** protobuf-ts's RepeatType. */
const UNPACKED = 2;
const IDEMPOTENCY = new Map<unknown, string>([
  ['NO_SIDE_EFFECTS', 'NO_SIDE_EFFECTS'],
  ['IDEMPOTENT', 'IDEMPOTENT'],
]);

export function isProtobufTsService(value: Properties): boolean {
  const { methods } = value;
  return (
    textOf(value, 'typeName') !== undefined &&
    Array.isArray(methods) &&
    methods.every((method) => isObject(method) && isMessageType(method['I']) && isMessageType(method['O']))
  );
}

export function isMessageType(value: unknown): value is Properties {
  return (
    isObject(value) &&
    textOf(value, 'typeName') !== undefined &&
    Array.isArray(value['fields']) &&
    isFunction(value['internalBinaryRead'] ?? value['fromBinary'])
  );
}

/** All types of one module, put into files together, since a type does not say which others are nested in it. */
export class ProtobufTsTypes {
  readonly #services: Map<string, Properties> = new Map();
  readonly #messages: Map<string, Properties> = new Map();
  readonly #enums: Map<string, EnumDescriptorProto> = new Map();
  /** Fields name their types through functions, which are called once, here. */
  readonly #fields: Map<string, FieldDescriptorProto[]> = new Map();
  readonly #entries: Map<string, DescriptorProto[]> = new Map();

  addService(service: Properties): void {
    this.#services.set(String(service['typeName']), service);
    for (const method of service['methods'] as Properties[]) {
      this.addMessage(method['I']);
      this.addMessage(method['O']);
    }
  }

  addMessage(first: unknown): void {
    const pending: unknown[] = [first];
    for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
      if (!isMessageType(type)) continue;
      const name = String(type['typeName']);
      if (this.#messages.has(name)) continue;
      this.#messages.set(name, type);
      const entries: DescriptorProto[] = [];
      const fields = (type['fields'] as Properties[]).map((field) =>
        this.#field(field, name, entries, pending),
      );
      this.#fields.set(name, fields);
      this.#entries.set(name, entries);
    }
  }

  /** Adds the files to what was found. */
  finish(out: Findings): void {
    const drafts = new Map<string, FileDraft>();
    const draftOf = (fullName: string): FileDraft => {
      const packageName = parentScope(fullName);
      const draft = drafts.get(packageName) ?? fileDraft(packageName, 'proto3');
      drafts.set(packageName, draft);
      return draft;
    };
    for (const [name, service] of this.#services) {
      draftOf(name).service.push({
        name: lastPart(name),
        method: (service['methods'] as Properties[]).map(methodOf),
      });
    }
    for (const name of this.#messages.keys()) {
      if (!this.#messages.has(parentScope(name))) draftOf(name).messageType.push(this.#message(name));
    }
    for (const [name, proto] of this.#enums) {
      if (this.#messages.has(parentScope(name))) continue;
      const draft = draftOf(name);
      draft.enumType.push(proto);
    }
    for (const [name, { value }] of this.#enums) {
      // Only a closed enum can begin with another number.
      const draft = [...drafts.values()].find((one) => name.startsWith(`${one.package}.`));
      if (value?.[0]?.number !== 0 && draft !== undefined) draft.syntax = 'proto2';
    }
    out.files.push(...linkDrafts([...drafts.values()]));
  }

  #message(name: string): DescriptorProto {
    const children = [...this.#messages.keys()].filter((one) => parentScope(one) === name);
    const enums = [...this.#enums].filter(([one]) => parentScope(one) === name);
    const given = this.#fields.get(name) ?? [];
    const type = this.#messages.get(name);
    const oneofs: string[] = [];
    const infos = (type?.['fields'] ?? []) as Properties[];
    const inOneofs = given.map((field, i) => {
      const oneof = textOf(infos[i], 'oneof');
      if (oneof === undefined) return field;
      // The name given is that of the property in TypeScript.
      const own = oneof.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (!oneofs.includes(own)) oneofs.push(own);
      return { ...field, oneofIndex: oneofs.indexOf(own) };
    });
    const fields = inOneofs.map((field) =>
      field.proto3Optional ? { ...field, oneofIndex: oneofs.push(`_${field.name}`) - 1 } : field,
    );
    return {
      name: lastPart(name),
      field: fields,
      nestedType: [...children.map((one) => this.#message(one)), ...(this.#entries.get(name) ?? [])],
      enumType: enums.map(([, proto]) => proto),
      oneofDecl: oneofs.map((oneof) => ({ name: oneof })),
    };
  }

  #field(
    info: Properties,
    scope: string,
    entries: DescriptorProto[],
    pending: unknown[],
  ): FieldDescriptorProto {
    const name = String(info['name']);
    const { no, kind, repeat, opt } = info;
    const isMap = kind === 'map';
    const jsonName = textOf(info, 'jsonName');
    const isOptional = opt === true && kind !== 'message' && !isMap && info['oneof'] === undefined;
    let type = isMap ? undefined : this.#type(info, pending);
    if (isMap) {
      const entry = mapEntryName(name);
      const value = isObject(info['V']) ? info['V'] : {};
      entries.push(
        mapEntry(entry, this.#type({ kind: 'scalar', T: info['K'] }, pending), this.#type(value, pending)),
      );
      type = { type: 'TYPE_MESSAGE', typeName: `.${scope}.${entry}` };
    }
    return {
      name,
      number: no as number,
      label: isMap || (repeat !== undefined && repeat !== 0) ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
      ...type,
      ...(jsonName === undefined ? {} : { jsonName }),
      ...(isOptional ? { proto3Optional: true } : {}),
      ...(repeat === UNPACKED && isPackable(type) ? { options: { packed: false } } : {}),
    };
  }

  #type(info: Properties, pending: unknown[]): Pick<FieldDescriptorProto, 'type' | 'typeName'> {
    const { kind, T } = info;
    if (kind === 'message' && isFunction(T)) {
      const type = T();
      pending.push(type);
      return { type: 'TYPE_MESSAGE', typeName: isMessageType(type) ? `.${String(type['typeName'])}` : '' };
    }
    if (kind === 'enum' && isFunction(T)) {
      const [name, values, prefix] = T() as [unknown, unknown, unknown];
      this.#enums.set(String(name), enumOf(String(name), values, prefix));
      return { type: 'TYPE_ENUM', typeName: `.${String(name)}` };
    }
    const scalar = scalarType(T);
    return scalar === undefined ? {} : { type: scalar };
  }
}

/** Length-delimited types are never packed, though protobuf-ts marks them as unpacked too. */
function isPackable(type: Pick<FieldDescriptorProto, 'type'> | undefined): boolean {
  return type?.type !== 'TYPE_STRING' && type?.type !== 'TYPE_BYTES' && type?.type !== 'TYPE_MESSAGE';
}

/** A TypeScript enum maps both ways, and protobuf-ts takes a common prefix off the names. */
function enumOf(fullName: string, values: unknown, prefix: unknown): EnumDescriptorProto {
  const entries = isObject(values) ? Object.entries(values) : [];
  const value = entries
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, number]) => ({ name: `${typeof prefix === 'string' ? prefix : ''}${name}`, number }));
  const hasAliases = new Set(value.map(({ number }) => number)).size < value.length;
  return { name: lastPart(fullName), value, ...(hasAliases ? { options: { allowAlias: true } } : {}) };
}

function methodOf(method: Properties): NonNullable<FileDraft['service'][number]['method']>[number] {
  const idempotencyLevel = IDEMPOTENCY.get(method['idempotency']);
  return {
    name: String(method['name']),
    inputType: `.${String((method['I'] as Properties)['typeName'])}`,
    outputType: `.${String((method['O'] as Properties)['typeName'])}`,
    clientStreaming: method['clientStreaming'] === true,
    serverStreaming: method['serverStreaming'] === true,
    ...(idempotencyLevel === undefined ? {} : { options: { idempotencyLevel } }),
  };
}
