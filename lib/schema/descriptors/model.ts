// Message and enum types with everything resolved that a descriptor leaves open: features, kinds, presence, packing,
// names. Made when first asked for, so that files that no call reaches cost nothing. Knows nothing of values or bytes.

import type { EnumDescriptorProto, FieldDescriptorProto } from './descriptor-types.ts';
import { editionDefaults, type Features, inheritFeatures } from './features.ts';
import { jsonNameOf } from './names.ts';
import { TYPE_NUMBERS } from './scalar-types.ts';
import {
  type Definition,
  type EnumDefinition,
  type ExtensionDefinition,
  type FileDefinition,
  type MessageDefinition,
  resolveType,
  type SymbolTable,
  scopeOf,
} from './symbol-table.ts';

export const TYPE_GROUP = 10;
export const TYPE_MESSAGE = 11;
export const TYPE_ENUM = 14;

const NOT_PACKABLE = new Set([9, TYPE_GROUP, TYPE_MESSAGE, 12]);

/** A field or extension. */
export interface FieldType {
  /** Its name in the .proto; an extension's full name in brackets. */
  readonly name: string;
  /** The lower-camel name, or its json_name; an extension's full name in brackets. */
  readonly jsonName: string;
  readonly number: number;
  /** 1 to 18, as in descriptor.proto; 10 for every delimited message, 11 for every other. */
  readonly type: number;
  readonly isExtension: boolean;
  /** Repeated, and not a map. */
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  readonly isPacked: boolean;
  readonly isRequired: boolean;
  readonly hasPresence: boolean;
  readonly verifiesUtf8: boolean;
  /** The oneof that it belongs to, as an index of `MessageType.oneofs`; -1 for none (or a synthetic one). */
  readonly oneof: number;
  /** Full name of the message or enum, for types that have one. */
  readonly typeName: string;
  readonly proto: FieldDescriptorProto;
}

export interface EnumType {
  readonly fullName: string;
  readonly isClosed: boolean;
  readonly numbers: ReadonlyMap<string, number>;
  /** The first name of each number. */
  readonly names: ReadonlyMap<number, string>;
  readonly proto: EnumDescriptorProto;
}

export interface MessageType {
  readonly fullName: string;
  readonly name: string;
  /** In the order of their numbers. */
  readonly fields: readonly FieldType[];
  /** Names of the real oneofs (not the synthetic one of a proto3 `optional` field). */
  readonly oneofs: readonly string[];
  readonly isMapEntry: boolean;
  readonly isMessageSet: boolean;
  readonly isExtensible: boolean;
  readonly definition: MessageDefinition;
}

/** Resolved types by full name, made from a symbol table when first asked for. */
export class Model {
  readonly table: SymbolTable;
  readonly #messages: Map<string, MessageType> = new Map();
  readonly #enums: Map<string, EnumType> = new Map();
  readonly #features: WeakMap<object, Features> = new WeakMap();

  constructor(table: SymbolTable) {
    this.table = table;
  }

  message(fullName: string): MessageType | undefined {
    const known = this.#messages.get(fullName);
    if (known !== undefined) return known;
    const definition = this.table.get(fullName);
    if (definition?.kind !== 'message') return undefined;
    const type = this.#linkMessage(definition);
    this.#messages.set(fullName, type);
    return type;
  }

  enumeration(fullName: string): EnumType | undefined {
    const known = this.#enums.get(fullName);
    if (known !== undefined) return known;
    const definition = this.table.get(fullName);
    if (definition?.kind !== 'enum') return undefined;
    const type = this.#linkEnum(definition);
    this.#enums.set(fullName, type);
    return type;
  }

  /** The extension of a message with this field number. */
  extension(extendee: string, number: number): FieldType | undefined {
    const definition = this.table.extension(extendee, number);
    return definition === undefined ? undefined : this.#linkExtension(definition);
  }

  /** The extension of this full name, if it extends that message. */
  extensionNamed(fullName: string, extendee: string): FieldType | undefined {
    const definition = this.table.get(fullName);
    if (definition?.kind !== 'extension') return undefined;
    const target = resolveType(this.table, definition.proto.extendee ?? '', scopeOf(definition));
    return target?.fullName === extendee ? this.#linkExtension(definition) : undefined;
  }

  #featuresOfFile(file: FileDefinition): Features {
    let features = this.#features.get(file);
    if (features === undefined) {
      const defaults = editionDefaults(file.proto);
      if (defaults === undefined) throw new TypeError(`${file.proto.name} was not validated`);
      features = inheritFeatures(defaults, file.proto.options);
      this.#features.set(file, features);
    }
    return features;
  }

  /** The features that apply inside this scope. */
  #featuresIn(scope: MessageDefinition | undefined, file: FileDefinition): Features {
    if (scope === undefined) return this.#featuresOfFile(file);
    let features = this.#features.get(scope);
    if (features === undefined) {
      features = inheritFeatures(this.#featuresIn(scope.parent, file), scope.proto.options);
      this.#features.set(scope, features);
    }
    return features;
  }

  #linkEnum({ fullName, proto, file, parent }: EnumDefinition): EnumType {
    const features = inheritFeatures(this.#featuresIn(parent, file), proto.options);
    const numbers = new Map<string, number>();
    const names = new Map<number, string>();
    for (const value of proto.value ?? []) {
      const number = value.number ?? 0;
      numbers.set(value.name, number);
      if (!names.has(number)) names.set(number, value.name);
    }
    return { fullName, isClosed: features.enumType === 'CLOSED', numbers, names, proto };
  }

  #linkMessage(definition: MessageDefinition): MessageType {
    const { fullName, proto, file } = definition;
    const features = this.#featuresIn(definition, file);
    const decls = proto.oneofDecl ?? [];
    const synthetic = new Set<number>();
    for (const field of proto.field ?? []) {
      if (field.proto3Optional === true && field.oneofIndex !== undefined) synthetic.add(field.oneofIndex);
    }
    const oneofs: string[] = [];
    const oneofOf = decls.map((decl, i) => (synthetic.has(i) ? -1 : oneofs.push(decl.name) - 1));
    const fields = (proto.field ?? []).map((field) => {
      const index = field.oneofIndex;
      const around = index === undefined ? features : inheritFeatures(features, decls[index].options);
      return this.#linkField(field, around, definition, index === undefined ? -1 : oneofOf[index]);
    });
    fields.sort((a, b) => a.number - b.number);
    return {
      fullName,
      name: proto.name,
      fields,
      oneofs,
      isMapEntry: proto.options?.['mapEntry'] === true,
      isMessageSet: proto.options?.['messageSetWireFormat'] === true,
      isExtensible: (proto.extensionRange?.length ?? 0) > 0,
      definition,
    };
  }

  #linkExtension(definition: ExtensionDefinition): FieldType {
    const features = this.#featuresIn(definition.parent, definition.file);
    return this.#linkField(definition.proto, features, definition, -1);
  }

  #linkField(proto: FieldDescriptorProto, around: Features, owner: Definition, oneof: number): FieldType {
    const features = inheritFeatures(around, proto.options);
    const isExtension = owner.kind === 'extension';
    const target =
      proto.typeName === undefined ? undefined : resolveType(this.table, proto.typeName, scopeOf(owner));
    let type: number = TYPE_NUMBERS[proto.type ?? (target?.kind === 'enum' ? 'TYPE_ENUM' : 'TYPE_MESSAGE')];
    const isMany = proto.label === 'LABEL_REPEATED';
    const isMap = isMany && target?.kind === 'message' && target.proto.options?.['mapEntry'] === true;
    const inMapEntry = owner.kind === 'message' && owner.proto.options?.['mapEntry'] === true;
    if (type === TYPE_MESSAGE && features.messageEncoding === 'DELIMITED' && !isMap && !inMapEntry) {
      type = TYPE_GROUP;
    }
    const isMessage = type === TYPE_MESSAGE || type === TYPE_GROUP;
    const packs = proto.options?.['packed'] ?? features.repeatedFieldEncoding === 'PACKED';
    const name = isExtension ? `[${owner.fullName}]` : proto.name;
    return {
      name,
      jsonName: isExtension ? name : proto.jsonName || jsonNameOf(proto.name),
      number: proto.number,
      type,
      isExtension,
      isRepeated: isMany && !isMap,
      isMap,
      isPacked: isMany && packs === true && !NOT_PACKABLE.has(type),
      isRequired:
        !isExtension &&
        (proto.label === 'LABEL_REQUIRED' || (!isMany && features.fieldPresence === 'LEGACY_REQUIRED')),
      hasPresence:
        !isMany &&
        (isMessage ||
          isExtension ||
          proto.oneofIndex !== undefined ||
          proto.proto3Optional === true ||
          proto.label === 'LABEL_REQUIRED' ||
          features.fieldPresence !== 'IMPLICIT'),
      verifiesUtf8: features.utf8Validation === 'VERIFY',
      oneof,
      typeName: target?.fullName ?? '',
      proto,
    };
  }
}
