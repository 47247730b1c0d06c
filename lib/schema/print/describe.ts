// Describes a symbol: as an object with its comments, options and members, as .proto source, and for messages and methods
// with a request to fill in. Text and templates are made when they are read.

import { cardinalityOf } from '../codec/method.ts';
import type { FieldPlan, Plan } from '../codec/plan.ts';
import type {
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  Options,
} from '../descriptors/descriptor-types.ts';
import { TYPE_GROUP } from '../descriptors/model.ts';
import { checkSymbol, lastPart, parentScope, qualify } from '../descriptors/names.ts';
import { placeIn } from '../descriptors/place-in.ts';
import { SourceComments } from '../descriptors/source-comments.ts';
import { ENUM, FILE, MESSAGE, pathOf, SERVICE } from '../descriptors/source-path.ts';
import {
  type Definition,
  type EnumDefinition,
  type ExtensionDefinition,
  type MessageDefinition,
  resolveType,
  type ServiceDefinition,
} from '../descriptors/symbol-table.ts';
import type { Registry } from '../registry/registry.ts';
import type {
  Description,
  EnumDescription,
  EnumValueDescription,
  FieldDescription,
  MessageDescription,
  MethodDescription,
  NumberRange,
  OneofDescription,
  PackageDescription,
  ServiceDescription,
} from './description.ts';
import { SchemaPrinter } from './schema-printer.ts';
import { SymbolNames } from './symbol-names.ts';
import { templateOf } from './template.ts';

const NO_OPTIONS: Options = {};

/** Describes a symbol, given by its full name, a path (`/pkg.Service/Method`), or an unambiguous short name. */
export function describe(registry: Registry, symbol: string): Description {
  checkSymbol(symbol);
  const describer = new Describer(registry);
  return new SymbolNames(registry).find(symbol, (name) => describer.exact(name));
}

class Describer {
  readonly #registry: Registry;
  readonly #printer: SchemaPrinter;
  readonly #comments: WeakMap<FileDescriptorProto, SourceComments> = new WeakMap();

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#printer = new SchemaPrinter(() => registry.readFiles);
  }

  /** The symbol with exactly this full name. */
  exact(name: string): Description | undefined {
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
      const oneof = this.#oneofs(parent).find((one) => one.name === member);
      if (oneof !== undefined) return oneof;
    }
    if (parent?.kind === 'enum') {
      const value = this.#values(parent).find((one) => one.name === member);
      if (value !== undefined) return value;
    }
    return this.#enumValue(name) ?? this.#package(name);
  }

  /** The full names of enum values are in the scope around the enum. */
  #enumValue(name: string): EnumValueDescription | undefined {
    const scope = parentScope(name);
    for (const definition of this.#registry.model.table.symbols.values()) {
      if (definition.kind !== 'enum' || parentScope(definition.fullName) !== scope) continue;
      const value = this.#values(definition).find((one) => one.name === lastPart(name));
      if (value !== undefined) return value;
    }
    return undefined;
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
      comments: this.#commentsOf(service.file.proto).text([...pathOf(service), SERVICE.method, index]),
      options: method.options ?? NO_OPTIONS,
      service: service.fullName,
      path: `/${service.fullName}/${method.name}`,
      cardinality: cardinalityOf(method.clientStreaming === true, method.serverStreaming === true),
      requestType: request,
      replyType: this.#typeName(method.outputType, service.fullName),
    };
    const withTemplate = withGetter(description, 'template', () => templateOf(registry.plan(request)));
    return this.#withText(withTemplate, () => this.#printer.method(service, method));
  }

  #message(definition: MessageDefinition): MessageDescription {
    const plan = this.#plan(definition);
    const fields = plan.fields.map((field) => this.#field(field, definition));
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
      oneofs: this.#oneofs(definition),
      messages: inside(definition.proto.nestedType),
      enums: inside(definition.proto.enumType),
      extensions: inside(definition.proto.extension),
      // In messages, but not in enums, the end of a range is exclusive.
      extensionRanges: rangesOf(definition.proto.extensionRange, 1),
      reservedRanges: rangesOf(definition.proto.reservedRange, 1),
      reservedNames: definition.proto.reservedName ?? [],
    };
    const withTemplate = withGetter(description, 'template', () => templateOf(plan));
    return this.#withText(withTemplate, () => this.#printer.definition(definition));
  }

  /** The oneofs in the source, without those that stand for proto3 `optional`. */
  #oneofs(message: MessageDefinition): OneofDescription[] {
    const { type, fields } = this.#plan(message);
    const comments = this.#commentsOf(message.file.proto);
    const declared = message.proto.oneofDecl ?? [];
    const places = new Map(declared.map(({ name }, i) => [name, i]));
    const members = new Map<string, string[]>(type.oneofs.map((name) => [name, []]));
    for (const { field, oneof } of fields) if (oneof >= 0) members.get(type.oneofs[oneof])?.push(field.name);
    return type.oneofs.map((name) => {
      const index = places.get(name) ?? -1;
      const description = {
        kind: 'oneof' as const,
        name,
        fullName: `${message.fullName}.${name}`,
        file: message.file.proto.name,
        comments: comments.text([...pathOf(message), MESSAGE.oneof, index]),
        options: declared[index]?.options ?? NO_OPTIONS,
        message: message.fullName,
        fields: members.get(name) ?? [],
      };
      return this.#withText(description, () => this.#printer.oneof(message, index));
    });
  }

  #field(field: FieldPlan, parent: MessageDefinition): FieldDescription {
    const { proto } = field.field;
    const index = placeIn(parent.proto.field, proto);
    const comments = this.#commentsOf(parent.file.proto).text([...pathOf(parent), MESSAGE.field, index]);
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
      isPacked: field.field.isPacked,
      isDelimited: field.field.type === TYPE_GROUP,
      isRequired: field.isRequired,
      hasPresence: field.hasPresence,
      oneof: field.oneof < 0 ? undefined : field.owner.type.oneofs[field.oneof],
    };
    return this.#withText(description, () => this.#printer.field(parent, index));
  }

  #extension(definition: ExtensionDefinition): FieldDescription {
    const { proto } = definition;
    const extendee = this.#typeName(proto.extendee ?? '', definition.fullName);
    const found =
      this.#registry.find(extendee) === undefined
        ? undefined
        : this.#registry.plan(extendee).find(proto.number);
    const description = {
      ...this.#base(definition),
      kind: 'extension' as const,
      message: extendee,
      ...this.#fieldFacts(proto, definition.fullName),
      jsonName: `[${definition.fullName}]`,
      isRepeated: proto.label === 'LABEL_REPEATED',
      isMap: false,
      isPacked: found?.field.isPacked ?? false,
      isDelimited: found?.field.type === TYPE_GROUP,
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
      reservedRanges: rangesOf(definition.proto.reservedRange, 0),
      reservedNames: definition.proto.reservedName ?? [],
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
          comments: comments.text([...path, ENUM.value, i]),
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
        .map((file) => this.#commentsOf(file).text([FILE.package]))
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

function rangesOf(
  ranges: readonly { readonly start: number; readonly end: number }[] | undefined,
  beyond: 0 | 1,
): NumberRange[] {
  return (ranges ?? []).map(({ start, end }) => ({ from: start, to: end - beyond }));
}

/** Adds a property that is computed once, when it is first read. */
function withGetter<T extends object, K extends string, V>(
  target: T,
  key: K,
  make: () => V,
): T & { readonly [P in K]: V } {
  let made: { readonly value: V } | undefined;
  Object.defineProperty(target, key, {
    configurable: true,
    // JSON.stringify of a description includes the template; the source would be repeated for each member.
    enumerable: key !== 'proto',
    get: () => {
      made ??= { value: make() };
      return made.value;
    },
  });
  return target as T & { readonly [P in K]: V };
}
