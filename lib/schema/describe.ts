// What a symbol is: as an object with its comments, options and members, as .proto source, and for messages and methods
// a request to fill in. Text and templates are made when somebody reads them.

import { SchemaError } from '../errors.ts';
import type {
  Description,
  EnumDescription,
  EnumValueDescription,
  FieldDescription,
  MessageDescription,
  MethodDescription,
  PackageDescription,
  ServiceDescription,
} from './description.ts';
import type {
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  Options,
} from './descriptor.ts';
import { lastPart, parentScope, qualify } from './names.ts';
import { suggestion, symbolSuggestion } from './nearest.ts';
import type { FieldPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';
import { pathOf, SchemaPrinter } from './schema-printer.ts';
import { SourceComments } from './source-comments.ts';
import {
  type Definition,
  type EnumDefinition,
  type ExtensionDefinition,
  type MessageDefinition,
  resolveType,
  type ServiceDefinition,
} from './symbol-table.ts';
import { templateOf } from './template.ts';

const FIELD = 2;
const ENUM_VALUE = 2;
const METHOD = 2;
const ONEOF = 8;
const MAX_MEMBERS_LISTED = 10;
const NO_OPTIONS: Options = {};

/** Describes a symbol: by its full name, a path (`/pkg.Service/Method`), or a short name that means one thing only. */
export function describe(registry: Registry, symbol: string): Description {
  if (typeof symbol !== 'string' || symbol === '') {
    throw new TypeError(
      `a symbol is a name such as 'helloworld.Greeter', not ${JSON.stringify(symbol) ?? 'that'}`,
    );
  }
  return new Describer(registry).symbol(symbol);
}

class Describer {
  readonly #registry: Registry;
  readonly #printer: SchemaPrinter;
  readonly #comments: WeakMap<FileDescriptorProto, SourceComments> = new WeakMap();

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#printer = new SchemaPrinter(registry.files);
  }

  symbol(symbol: string): Description {
    const name = symbol.replace(/^[./]/, '').replace('/', '.');
    const found = this.#exact(name);
    if (found !== undefined) return found;
    const candidates = this.#shortNames(name);
    if (candidates.length === 1) {
      const only = this.#exact(candidates[0]);
      if (only !== undefined) return only;
    }
    if (candidates.length > 1) {
      throw new SchemaError(`'${symbol}' means more than one symbol: ${candidates.join(', ')}`);
    }
    const ofShort = this.#memberOfShort(name);
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

  /** A field, method or enum value of what has a short name that means one thing only: `HelloRequest.name`. */
  #memberOfShort(name: string): Description | undefined {
    const parents = parentScope(name) === '' ? [] : this.#shortNames(parentScope(name));
    return parents.length === 1 ? this.#exact(`${parents[0]}.${lastPart(name)}`) : undefined;
  }

  /** What to say of a name that begins with a symbol and goes on with no member of it. */
  #unknownMember(name: string): string | undefined {
    const scope = parentScope(name);
    const parents = this.#registry.find(scope) === undefined ? this.#shortNames(scope) : [scope];
    const parent = scope === '' || parents.length !== 1 ? undefined : this.#registry.find(parents[0]);
    if (parent === undefined || parent.kind === 'extension') return undefined;
    const [what, members] =
      parent.kind === 'service'
        ? ['method', (parent.proto.method ?? []).map((method) => method.name)]
        : parent.kind === 'enum'
          ? ['value', this.#values(parent).map((value) => value.name)]
          : ['field', this.#plan(parent).fields.map((field) => field.field.name)];
    const near = suggestion(lastPart(name), members);
    const few = members.length > 0 && members.length <= MAX_MEMBERS_LISTED;
    const others = near === '' && few ? `; it has ${members.join(', ')}` : near;
    return `${parent.kind} ${parent.fullName} has no ${what} '${lastPart(name)}'${others}`;
  }

  /** Messages, services and the like; if none is near, fields too, of which there are many more. */
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

  /** A service of a module that brought codecs and no descriptors can be called, not described: what to load. */
  #remedyFor(name: string): string | undefined {
    const names = this.#registry.services.flatMap(({ fullName, methods }) => [
      fullName,
      ...methods.map((method) => method.fullName),
    ]);
    const fullName = names.find((one) => one.endsWith(`.${name}`)) ?? name;
    return this.#registry.remedyFor(fullName);
  }

  #exact(name: string): Description | undefined {
    const definition = this.#registry.find(name);
    if (definition !== undefined) return this.#definition(definition);
    const parent = this.#registry.find(parentScope(name));
    const member = lastPart(name);
    if (parent?.kind === 'service') {
      const index = parent.proto.method?.findIndex((method) => method.name === member) ?? -1;
      if (index >= 0) return this.#methods(parent)[index];
    }
    if (parent?.kind === 'message') {
      const field = this.#plan(parent).fields.find(
        (one) => one.field.name === member || one.jsonName === member,
      );
      if (field !== undefined) return this.#field(field, parent);
    }
    if (parent?.kind === 'enum') {
      const value = this.#values(parent).find((one) => one.name === member);
      if (value !== undefined) return value;
    }
    return this.#enumValue(name) ?? this.#package(name);
  }

  /** Values of an enum are named beside it, not in it. */
  #enumValue(name: string): EnumValueDescription | undefined {
    const scope = parentScope(name);
    for (const definition of this.#registry.model.table.symbols.values()) {
      if (definition.kind !== 'enum' || parentScope(definition.fullName) !== scope) continue;
      const value = this.#values(definition).find((one) => one.name === lastPart(name));
      if (value !== undefined) return value;
    }
    return undefined;
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

  #definition(definition: Definition): Description {
    switch (definition.kind) {
      case 'service':
        return this.#service(definition);
      case 'message':
        return this.#message(definition);
      case 'enum':
        return this.#enum(definition);
      default:
        return this.#extension(definition);
    }
  }

  #service(definition: ServiceDefinition): ServiceDescription {
    const methods = this.#methods(definition);
    return this.#withText({ ...this.#base(definition), kind: 'service', methods }, () =>
      this.#printer.definition(definition),
    );
  }

  #methods(service: ServiceDefinition): MethodDescription[] {
    return (service.proto.method ?? []).map((method, i) => this.#method(service, method, i));
  }

  #method(service: ServiceDefinition, method: MethodDescriptorProto, index: number): MethodDescription {
    const request = this.#typeName(method.inputType, service.fullName);
    const registry = this.#registry;
    const description: Omit<MethodDescription, 'proto' | 'toProto' | 'template'> = {
      kind: 'method',
      name: method.name,
      fullName: `${service.fullName}.${method.name}`,
      file: service.file.proto.name,
      comments: this.#commentsOf(service.file.proto).text([...pathOf(service), METHOD, index]),
      options: method.options ?? NO_OPTIONS,
      service: service.fullName,
      path: `/${service.fullName}/${method.name}`,
      cardinality: `${method.clientStreaming === true ? 'stream' : 'unary'}_${method.serverStreaming === true ? 'stream' : 'unary'}`,
      requestType: request,
      replyType: this.#typeName(method.outputType, service.fullName),
    };
    const withTemplate = withGetter(description, 'template', () => templateOf(registry.plan(request)));
    return this.#withText(withTemplate, () => this.#printer.method(service, method));
  }

  #message(definition: MessageDefinition): MessageDescription {
    const plan = this.#plan(definition);
    const path = pathOf(definition);
    const comments = this.#commentsOf(definition.file.proto);
    const fields = plan.fields.map((field) => this.#field(field, definition));
    const decls = definition.proto.oneofDecl ?? [];
    const oneofs = plan.type.oneofs.map((name) => {
      const index = decls.findIndex((decl) => decl.name === name);
      return {
        name,
        comments: comments.text([...path, ONEOF, index]),
        options: decls[index]?.options ?? NO_OPTIONS,
        fields: fields.filter(({ oneof }) => oneof === name).map((field) => field.name),
      };
    });
    const inside = (
      all: readonly { readonly name: string; readonly options?: Options }[] | undefined,
    ): string[] =>
      (all ?? [])
        .filter(({ options }) => options?.['mapEntry'] !== true)
        .map(({ name }) => qualify(definition.fullName, name));
    const description = {
      ...this.#base(definition),
      kind: 'message' as const,
      fields,
      oneofs,
      messages: inside(definition.proto.nestedType),
      enums: inside(definition.proto.enumType),
      extensions: inside(definition.proto.extension),
    };
    const withTemplate = withGetter(description, 'template', () => templateOf(plan));
    return this.#withText(withTemplate, () => this.#printer.definition(definition));
  }

  #field(field: FieldPlan, parent: MessageDefinition): FieldDescription {
    const { proto } = field.field;
    const index = parent.proto.field?.indexOf(proto) ?? -1;
    const comments = this.#commentsOf(parent.file.proto).text([...pathOf(parent), FIELD, index]);
    const description = {
      kind: 'field' as const,
      name: proto.name,
      fullName: `${parent.fullName}.${proto.name}`,
      file: parent.file.proto.name,
      comments,
      options: proto.options ?? NO_OPTIONS,
      message: parent.fullName,
      ...this.#fieldFacts(proto, parent.fullName),
      jsonName: field.jsonName,
      isRepeated: field.field.isRepeated,
      isMap: field.field.isMap,
      isRequired: field.isRequired,
      hasPresence: field.hasPresence,
      oneof: field.oneof < 0 ? undefined : field.owner.type.oneofs[field.oneof],
    };
    return this.#withText(description, () => this.#printer.field(parent, index));
  }

  #extension(definition: ExtensionDefinition): FieldDescription {
    const { proto } = definition;
    const description = {
      ...this.#base(definition),
      kind: 'extension' as const,
      message: this.#typeName(proto.extendee ?? '', definition.fullName),
      ...this.#fieldFacts(proto, definition.fullName),
      jsonName: `[${definition.fullName}]`,
      isRepeated: proto.label === 'LABEL_REPEATED',
      isMap: false,
      isRequired: false,
      hasPresence: proto.label !== 'LABEL_REPEATED',
      oneof: undefined,
    };
    return this.#withText(description, () => this.#printer.definition(definition));
  }

  #fieldFacts(
    proto: FieldDescriptorProto,
    scope: string,
  ): { readonly number: number; readonly type: string; readonly defaultValue: string | undefined } {
    const { number, defaultValue } = proto;
    const entry = this.#registry.find(this.#typeName(proto.typeName ?? '', scope));
    const isMap = entry?.kind === 'message' && entry.proto.options?.['mapEntry'] === true;
    const nameOf = (one: FieldDescriptorProto): string =>
      one.typeName === undefined || one.typeName === ''
        ? (one.type ?? '').replace('TYPE_', '').toLowerCase()
        : this.#typeName(one.typeName, scope);
    if (!isMap) return { number, type: nameOf(proto), defaultValue };
    const [key, value] = entry.proto.field ?? [];
    return { number, type: `map<${nameOf(key)}, ${nameOf(value)}>`, defaultValue };
  }

  #enum(definition: EnumDefinition): EnumDescription {
    const isClosed = this.#registry.model.enumeration(definition.fullName)?.isClosed ?? false;
    const description = {
      ...this.#base(definition),
      kind: 'enum' as const,
      isClosed,
      values: this.#values(definition),
    };
    return this.#withText(description, () => this.#printer.definition(definition));
  }

  #values(definition: EnumDefinition): EnumValueDescription[] {
    const comments = this.#commentsOf(definition.file.proto);
    const path = pathOf(definition);
    return (definition.proto.value ?? []).map(
      (value: NonNullable<EnumDescriptorProto['value']>[number], i) => {
        const description = {
          kind: 'value' as const,
          name: value.name,
          fullName: qualify(parentScope(definition.fullName), value.name),
          file: definition.file.proto.name,
          comments: comments.text([...path, ENUM_VALUE, i]),
          options: value.options ?? NO_OPTIONS,
          enum: definition.fullName,
          number: value.number,
        };
        return this.#withText(description, () => `${value.name} = ${value.number};\n`);
      },
    );
  }

  #package(name: string): PackageDescription | undefined {
    const files = this.#registry.files.filter((file) => {
      return file.package === name || (file.package ?? '').startsWith(`${name}.`);
    });
    if (files.length === 0) return undefined;
    const own = files.filter((file) => file.package === name);
    const names = (
      list: (file: FileDescriptorProto) => readonly { readonly name: string }[] | undefined,
    ): string[] => own.flatMap((file) => (list(file) ?? []).map((one) => qualify(name, one.name)));
    const packages = [...new Set(files.map((file) => file.package ?? ''))].filter((other) => other !== name);
    const description = {
      kind: 'package' as const,
      name: lastPart(name),
      fullName: name,
      file: own[0]?.name ?? '',
      comments: own
        .map((file) => this.#commentsOf(file).text([2]))
        .filter((text) => text !== '')
        .join('\n\n'),
      options: NO_OPTIONS,
      files: own.map((file) => file.name),
      packages,
      services: names((file) => file.service),
      messages: names((file) => file.messageType),
      enums: names((file) => file.enumType),
      extensions: names((file) => file.extension),
    };
    return this.#withText(description, () => own.map((file) => this.#printer.file(file)).join('\n'));
  }

  #base({ fullName, proto, file, ...definition }: Definition): {
    readonly name: string;
    readonly fullName: string;
    readonly file: string;
    readonly comments: string;
    readonly options: Options;
  } {
    const path = pathOf({ fullName, proto, file, ...definition } as Definition);
    return {
      name: proto.name,
      fullName,
      file: file.proto.name,
      comments: this.#commentsOf(file.proto).text(path),
      options: proto.options ?? NO_OPTIONS,
    };
  }

  #withText<T extends object>(
    description: T,
    print: () => string,
  ): T & { readonly proto: string; toProto(): string } {
    const withProto = withGetter(description, 'proto', print);
    Object.defineProperty(withProto, 'toProto', { value: () => withProto.proto });
    return withProto as T & { readonly proto: string; toProto(): string };
  }

  #typeName(name: string, scope: string): string {
    return resolveType(this.#registry.model.table, name, scope)?.fullName ?? name.replace(/^\./, '');
  }

  #plan({ fullName }: MessageDefinition): Plan {
    return this.#registry.plan(fullName);
  }

  #commentsOf(file: FileDescriptorProto): SourceComments {
    let comments = this.#comments.get(file);
    if (comments === undefined) {
      comments = new SourceComments(file);
      this.#comments.set(file, comments);
    }
    return comments;
  }
}

/** A property that is worked out once, when it is first read. */
function withGetter<T extends object, K extends string, V>(
  target: T,
  key: K,
  make: () => V,
): T & { readonly [P in K]: V } {
  let made: { readonly value: V } | undefined;
  Object.defineProperty(target, key, {
    configurable: true,
    // JSON.stringify of a description has the template; the source would be there once for each member.
    enumerable: key !== 'proto',
    get: () => {
      made ??= { value: make() };
      return made.value;
    },
  });
  return target as T & { readonly [P in K]: V };
}
