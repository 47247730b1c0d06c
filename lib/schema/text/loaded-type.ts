// The types of a loaded schema, as the reader of text format asks about them: its messages become what the encoder takes
// as fields.

import { setOwn } from '../../values/own-property.ts';
import { lacking } from '../codec/missing-symbol.ts';
import { type FieldPlan, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import { TYPE_GROUP } from '../descriptors/model.ts';
import { lastPart, typeNameOfUrl } from '../descriptors/names.ts';
import { ANY, LIST_VALUE, NOT_WELL_KNOWN, STRUCT, VALUE, WRAPPER } from '../descriptors/well-known-kind.ts';
import { messageSetMember } from './message-set-name.ts';
import type { TextEnum, TextField, TextFields, TextType } from './text-type.ts';
import type { TokenStream } from './token-stream.ts';

const loadedTypes: WeakMap<Plan, LoadedType> = new WeakMap();

export function loadedType(plan: Plan): TextType {
  let type = loadedTypes.get(plan);
  if (type === undefined) {
    type = new LoadedType(plan);
    loadedTypes.set(plan, type);
  }
  return type;
}

class LoadedType implements TextType {
  readonly #plan: Plan;
  #fields: ReadonlyMap<string, TextField> | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  get name(): string {
    return this.#plan.typeName;
  }

  get isAny(): boolean {
    return this.#plan.wellKnown === ANY;
  }

  get isWellKnown(): boolean {
    return this.#plan.wellKnown !== NOT_WELL_KNOWN;
  }

  field(name: string): TextField | undefined {
    return this.#fieldsByName().get(name);
  }

  fieldNames(): Iterable<string> {
    return this.#fieldsByName().keys();
  }

  #fieldsByName(): ReadonlyMap<string, TextField> {
    if (this.#fields === undefined) {
      const { fields } = this.#plan;
      const made = new Map<string, TextField>(
        fields.map((field) => [field.field.name, new LoadedField(field)]),
      );
      for (const field of fields) {
        const typeName = lastPart(field.field.typeName);
        const isGroup = field.type === TYPE_GROUP && typeName.toLowerCase() === field.field.name;
        if (isGroup && !made.has(typeName)) made.set(typeName, new LoadedField(field));
      }
      this.#fields = made;
    }
    return this.#fields;
  }

  isReserved(name: string): boolean {
    return this.#plan.type.definition.proto.reservedName?.includes(name) === true;
  }

  extension(name: string): TextField | undefined {
    const field = this.#plan.findExtension(`[${name}]`) ?? messageSetMember(this.#plan, name);
    return field === undefined ? undefined : new LoadedField(field);
  }

  unknownExtension(name: string, offset: number, tokens: TokenStream): Error {
    const shown = tokens.source.shown(name, true);
    const mistake = tokens.errorAt(offset, `${this.name} has no loaded extension ${shown}`);
    return this.#plan.type.isExtensible ? lacking(mistake, name) : mistake;
  }

  payload(typeUrl: string): TextType | undefined {
    const payload = this.#plan.set.find(typeNameOfUrl(typeUrl));
    return payload === undefined ? undefined : loadedType(payload);
  }

  unknownPayload(typeUrl: string, offset: number, tokens: TokenStream): Error {
    const name = typeNameOfUrl(typeUrl);
    const shown = tokens.source.shown(name, true);
    return lacking(tokens.errorAt(offset, `message type ${shown} is not loaded`), name);
  }

  /** What the codec takes for a message that was read field by field. */
  value(fields: TextFields): unknown {
    switch (this.#plan.wellKnown) {
      case STRUCT:
        return Object.fromEntries((fields['fields'] as ReadonlyMap<string, unknown> | undefined) ?? []);
      case LIST_VALUE:
        return fields['values'] ?? [];
      case VALUE: {
        const [member] = Object.entries(fields);
        return member === undefined || member[0] === this.#plan.fields[0].key ? null : member[1];
      }
      default:
        return fields;
    }
  }
}

class LoadedField implements TextField {
  readonly #field: FieldPlan;
  readonly key: string;
  readonly type: number;
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  readonly oneof: number;

  constructor(field: FieldPlan) {
    this.#field = field;
    this.key = field.key;
    this.type = field.type;
    this.isRepeated = field.shape !== SINGULAR;
    this.isMap = field.shape === MAP;
    this.oneof = field.oneof;
  }

  get name(): string {
    return this.#field.field.name;
  }

  enumeration(): TextEnum {
    const { enumNumbers, enumNames, isClosedEnum, field } = this.#field;
    return {
      name: field.typeName,
      names: () => enumNumbers.keys(),
      has: (name) => enumNumbers.has(name),
      valueOf: (number) => (isClosedEnum && !enumNames.has(number) ? undefined : number),
    };
  }

  message(): TextType {
    return loadedType(this.#field.link());
  }

  addEntry(message: TextFields, entry: TextFields): void {
    const { keyField, valueField } = this.#field;
    let map = message[this.key];
    if (!(map instanceof Map)) {
      map = new Map();
      setOwn(message, this.key, map);
    }
    const value = Object.hasOwn(entry, 'value') ? entry['value'] : emptyValue(valueField);
    (map as Map<unknown, unknown>).set(entry['key'] ?? emptyValue(keyField), value);
  }
}

/** The key or value of a map entry in which it is not given. */
function emptyValue(field: FieldPlan): unknown {
  if (!field.isMessage) return field.type === 12 ? new Uint8Array(0) : field.default;
  const plan = field.link();
  return plan.wellKnown === WRAPPER ? {} : loadedType(plan).value({});
}
