// The types of a schema that is being linked, as the reader of text format asks about them: option messages become what
// our codec would decode them to, objects with JSON names.

import type { FieldTypeName } from '../../descriptors/descriptor-types.ts';
import { TYPE_NUMBERS } from '../../descriptors/scalar-types.ts';
import {
  LIST_VALUE,
  NOT_WELL_KNOWN,
  STRUCT,
  VALUE,
  WRAPPER,
  wellKnownKind,
  wrappedType,
} from '../../descriptors/well-known-kind.ts';
import type { TextEnum, TextField, TextFields, TextType } from '../../text/text-type.ts';
import type { TokenStream } from '../../text/token-stream.ts';
import type { FieldDraft } from '../syntax/draft.ts';
import { quoted } from '../syntax/source-text.ts';
import type { OptionTypes } from './option-types.ts';

const ANY = 'google.protobuf.Any';
const ANY_HOSTS: ReadonlySet<string> = new Set(['type.googleapis.com', 'type.googleprod.com']);

export type MessageValue = { [key: string]: unknown };

/** Sets an own property whatever its name is: `__proto__` is one like any other. */
export function setOwn(target: MessageValue, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** One string for each extension: engines look up properties by strings that they know, and options are many. */
const extensionKeys: WeakMap<FieldDraft, string> = new WeakMap();

/** The key of a field in a message's object. */
export function fieldKey(field: FieldDraft, extensionName: string | undefined): string {
  if (extensionName === undefined) return field.jsonName ?? field.name;
  let key = extensionKeys.get(field);
  if (key === undefined) {
    key = `[${extensionName}]`;
    extensionKeys.set(field, key);
  }
  return key;
}

export class OptionMessage implements TextType {
  readonly #types: OptionTypes;
  readonly #typeName: string;
  /** The scope in which names inside are resolved. */
  readonly #scope: string;

  /** `typeName` has a leading dot. */
  constructor(types: OptionTypes, typeName: string, scope: string) {
    this.#types = types;
    this.#typeName = typeName;
    this.#scope = scope;
  }

  get name(): string {
    return this.#typeName.slice(1);
  }

  get isAny(): boolean {
    return this.name === ANY;
  }

  get isWellKnown(): boolean {
    return wellKnownKind(this.name) !== NOT_WELL_KNOWN;
  }

  field(name: string): TextField | undefined {
    const field = this.#types.field(this.#typeName, name) ?? this.#group(name);
    return field === undefined ? undefined : this.#optionField(field, undefined);
  }

  /** A group by its type: `MyGroup { }` for the field `mygroup`. */
  #group(name: string): FieldDraft | undefined {
    const field = this.#types.field(this.#typeName, name.toLowerCase());
    if (field?.type !== 'TYPE_GROUP' && field?.type !== 'TYPE_MESSAGE') return undefined;
    return field.typeName?.endsWith(`.${name}`) ? field : undefined;
  }

  fieldNames(): Iterable<string> {
    return this.#types.fieldNames(this.#typeName);
  }

  isReserved(name: string): boolean {
    return this.#types.isReserved(this.#typeName, name);
  }

  extension(name: string, offset: number): TextField | undefined {
    // Text format uses full names; protoc also resolves names from inside the message.
    if (name.startsWith('.')) return undefined;
    const symbol =
      this.#types.extension(name, this.name) ??
      (this.#types.isMessageSet(this.#typeName)
        ? this.#types.messageSetItem(this.#typeName, name, this.name)
        : undefined);
    if (symbol === undefined) return undefined;
    if (symbol.element.extendee !== this.#typeName) {
      throw this.#types.error(
        offset,
        `the extension ${quoted(symbol.fullName)} does not extend ${this.name}`,
      );
    }
    return this.#optionField(symbol.element, symbol.fullName);
  }

  unknownExtension(name: string, offset: number): Error {
    // Looked up again, because the resolver explains only its last search.
    if (!name.startsWith('.')) this.#types.extension(name, this.name);
    return this.#types.resolver.unresolved(name, offset);
  }

  payload(typeUrl: string): TextType | undefined {
    const slash = typeUrl.lastIndexOf('/');
    const type = this.#types.resolver.type(`.${typeUrl.slice(slash + 1)}`, this.#scope);
    if (type?.kind !== 'message' || !ANY_HOSTS.has(typeUrl.slice(0, slash))) return undefined;
    return new OptionMessage(this.#types, `.${type.fullName}`, this.#scope);
  }

  unknownPayload(typeUrl: string, offset: number, tokens: TokenStream): Error {
    const slash = typeUrl.lastIndexOf('/');
    const name = typeUrl.slice(slash + 1);
    if (
      !ANY_HOSTS.has(typeUrl.slice(0, slash)) ||
      this.#types.resolver.type(`.${name}`, this.#scope) !== undefined
    ) {
      return tokens.errorAt(
        offset,
        'expected the type of a message here, such as [type.googleapis.com/some.Message]',
      );
    }
    return this.#types.resolver.unresolved(name, offset);
  }

  value(fields: TextFields): unknown {
    return plainForm(this.name, fields);
  }

  #optionField(field: FieldDraft, extensionName: string | undefined): TextField {
    return new OptionField(this.#types, field, extensionName, this.#scope);
  }
}

export class OptionField implements TextField {
  readonly #types: OptionTypes;
  readonly #field: FieldDraft;
  readonly #scope: string;
  readonly key: string;
  readonly oneof: number;

  constructor(types: OptionTypes, field: FieldDraft, extensionName: string | undefined, scope: string) {
    this.#types = types;
    this.#field = field;
    this.#scope = scope;
    this.key = fieldKey(field, extensionName);
    this.oneof = extensionName === undefined ? (field.oneofIndex ?? -1) : -1;
  }

  get name(): string {
    return this.#field.name;
  }

  get type(): number {
    return TYPE_NUMBERS[this.#field.type ?? 'TYPE_MESSAGE'];
  }

  get isRepeated(): boolean {
    return this.#field.label === 'LABEL_REPEATED';
  }

  get isMap(): boolean {
    return this.#types.isMap(this.#field);
  }

  enumeration(): TextEnum {
    const { typeName = '' } = this.#field;
    const values = this.#types.enumValues(typeName);
    return {
      name: typeName.slice(1),
      names: () => values.map(({ name }) => name),
      has: (name) => values.some((value) => value.name === name),
      valueOf: (number) =>
        values.find((value) => value.number === number)?.name ??
        (this.#types.isClosedEnum(typeName) ? undefined : number),
    };
  }

  message(): TextType {
    return new OptionMessage(this.#types, this.#field.typeName ?? '', this.#scope);
  }

  addEntry(message: TextFields, entry: TextFields): void {
    const { typeName = '' } = this.#field;
    if (!Object.hasOwn(message, this.key)) setOwn(message, this.key, {});
    const key = entry['key'] ?? zeroOf(this.#types.field(typeName, 'key')?.type);
    const value = Object.hasOwn(entry, 'value') ? entry['value'] : this.#zeroOfValue(typeName);
    setOwn(message[this.key] as MessageValue, String(key), value);
  }

  #zeroOfValue(entryType: string): unknown {
    const field = this.#types.field(entryType, 'value');
    if (field?.type === 'TYPE_MESSAGE' || field?.type === 'TYPE_GROUP')
      return plainForm((field.typeName ?? '').slice(1), {});
    if (field?.type === 'TYPE_ENUM') return this.#types.enumValues(field.typeName ?? '')[0]?.name;
    return zeroOf(field?.type);
  }
}

function zeroOf(type: FieldTypeName | undefined): unknown {
  switch (type) {
    case 'TYPE_STRING':
      return '';
    case 'TYPE_BYTES':
      return new Uint8Array(0);
    case 'TYPE_BOOL':
      return false;
    default:
      return type?.endsWith('64') ? 0n : 0;
  }
}

/** The message itself, or the plain value that our codec has for it. Its fields are converted already. */
function plainForm(typeName: string, fields: TextFields): unknown {
  switch (wellKnownKind(typeName)) {
    case STRUCT:
      return fields['fields'] ?? {};
    case LIST_VALUE:
      return fields['values'] ?? [];
    case VALUE: {
      const [member] = Object.entries(fields);
      return member === undefined || member[0] === 'nullValue' ? null : member[1];
    }
    case WRAPPER:
      return fields['value'] ?? zeroOf(wrappedType(typeName));
    default:
      return fields;
  }
}
