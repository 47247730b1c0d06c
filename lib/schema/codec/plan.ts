// What the codec runs on: for each message type its fields as small flat records, with the value options applied, found
// by number when reading and by name when writing. Linked to each other when first needed. Does not read or write values.

import {
  type EnumType,
  type FieldType,
  type MessageType,
  type Model,
  TYPE_ENUM,
  TYPE_GROUP,
  TYPE_MESSAGE,
} from '../descriptors/model.ts';
import { jsonNameOf } from '../descriptors/names.ts';
import { wellKnownKind } from '../descriptors/well-known-kind.ts';
import { countedFields, emptyMessageWords } from './decoded-size.ts';
import type { Decoder } from './decoder.ts';
import type { Encoder } from './encoder.ts';
import { messageClass } from './message-class.ts';
import { LONG_BIGINT, LONG_STRING, type ValueShape } from './value-shape.ts';

export type Fields = Record<string, unknown>;

/** How a field repeats. Plain integers, as they are switched on for each field of each message. */
export const SINGULAR = 0;
const REPEATED = 1;
export const PACKED = 2;
export const MAP = 3;

/** Field numbers below this are looked up in an array, others in a Map. */
const DENSE_NUMBERS = 512;
/** While writing, up to this many oneofs of a message are told apart by the bits of an integer. */
const ONEOF_BITS = 31;
const DELIMITED_WIRE_TYPE = 2;
const WIRE_TYPES = [0, 1, 5, 0, 0, 0, 1, 5, 0, 2, 3, 2, 2, 0, 0, 5, 1, 0, 0] as const;
/** By the wire type of an element: text, bytes, messages and groups cannot be packed. */
const IS_PACKABLE = [true, true, false, false, false, true] as const;
/** The tag of no field. */
const NO_TAG = 0;
const SMALLEST_LENGTH = 1;
/** How many fields of one schema are reported for coming with another wire type. */
const MAX_MISMATCHES = 10;

/** How a well-known type is written and read, if not simply by its fields. */
export interface SpecialForm {
  /** Writes the message's fields from whatever JavaScript has for it. */
  write(w: Encoder, plan: Plan, value: unknown): void;
  /** Reads the message up to `end`; `before` is an earlier part of the same one, to be merged into. */
  read(r: Decoder, plan: Plan, end: number, before: unknown): unknown;
  /** Writes its ProtoJSON from the same values; only ever with the writer of json/, of which this room knows nothing. */
  writeJson(w: Encoder, plan: Plan, value: unknown): void;
  /** Reads its ProtoJSON; with the reader of json/. */
  readJson(r: Decoder, plan: Plan): unknown;
}

/** A field, as the codec uses it. */
export class FieldPlan {
  readonly type: number;
  readonly shape: number;
  readonly number: number;
  /** Number and wire type. */
  readonly tag: number;
  /** The tag of a list's other form: packed if it is declared unpacked, and the reverse. NO_TAG if it has none. */
  readonly otherTag: number;
  /** The property that its value has on a decoded message. */
  readonly key: string;
  /** Its property in ProtoJSON. */
  readonly jsonName: string;
  /** Its place among the fields of its message by number; -1 for an extension. */
  readonly index: number;
  readonly hasPresence: boolean;
  readonly isRequired: boolean;
  readonly verifiesUtf8: boolean;
  readonly oneof: number;
  /** One bit for its oneof, 0 for none. */
  readonly oneofBit: number;
  /** The property that names the set member of its oneof; '' for none. */
  readonly oneofKey: string;
  /** `null` is one of its values: google.protobuf.Value and NullValue. */
  readonly takesNull: boolean;
  /** What an unset field without presence reads. For bytes, lists and maps each message has its own. */
  readonly default: unknown;
  readonly isClosedEnum: boolean;
  readonly enumNumbers: ReadonlyMap<string, number>;
  readonly enumNames: ReadonlyMap<number, string>;
  readonly field: FieldType;
  readonly owner: Plan;
  /** The plan of its message type once linked; of a map, of its entries. */
  message: Plan | undefined = undefined;
  mapKey: FieldPlan | undefined = undefined;
  mapValue: FieldPlan | undefined = undefined;
  /** Its property in JSON text, `"name":` in UTF-8; made when the first message of JSON has it. */
  jsonOctets: Uint8Array | undefined = undefined;
  /** How many octets the length of its last list or map entry took: the next is likely to take as many. */
  lengthSize: number = SMALLEST_LENGTH;

  constructor(owner: Plan, field: FieldType, index: number, key: string) {
    const { shape: values } = owner.set;
    this.owner = owner;
    this.field = field;
    this.type = field.type;
    this.number = field.number;
    this.index = index;
    this.key = key;
    this.jsonName = field.jsonName;
    this.shape = field.isMap ? MAP : field.isPacked ? PACKED : field.isRepeated ? REPEATED : SINGULAR;
    const elementWireType = WIRE_TYPES[field.type];
    this.tag = tagOf(field, field.isPacked || field.isMap ? DELIMITED_WIRE_TYPE : elementWireType);
    const hasOtherForm = (this.shape === REPEATED || this.shape === PACKED) && IS_PACKABLE[elementWireType];
    this.otherTag = hasOtherForm
      ? tagOf(field, field.isPacked ? elementWireType : DELIMITED_WIRE_TYPE)
      : NO_TAG;
    this.hasPresence = field.hasPresence;
    this.isRequired = field.isRequired;
    this.verifiesUtf8 = field.verifiesUtf8;
    this.oneof = field.oneof;
    this.oneofBit = field.oneof >= 0 && field.oneof < ONEOF_BITS ? 1 << field.oneof : 0;
    this.oneofKey = field.oneof >= 0 && values.oneofs ? owner.oneofKeys[field.oneof] : '';
    this.takesNull =
      field.typeName === 'google.protobuf.Value' || field.typeName === 'google.protobuf.NullValue';
    const enumeration: EnumType | undefined =
      field.type === TYPE_ENUM ? owner.set.model.enumeration(field.typeName) : undefined;
    this.isClosedEnum = enumeration?.isClosed ?? false;
    this.enumNumbers = enumeration?.numbers ?? NO_NUMBERS;
    this.enumNames = enumeration?.names ?? NO_NAMES;
    this.default = this.#defaultValue(values);
  }

  get isMessage(): boolean {
    return this.type === TYPE_MESSAGE || this.type === TYPE_GROUP;
  }

  /** The plan of its message type. */
  link(): Plan {
    if (this.message === undefined) {
      const plan = this.owner.set.plan(this.field.typeName);
      this.message = plan;
      if (this.shape === MAP) {
        // Under the map's own name, so that a path in an error reads `labels["x"]`.
        const [key, value] = plan.type.fields;
        this.mapKey = new FieldPlan(plan, key, 0, this.key);
        this.mapValue = new FieldPlan(plan, value, 1, this.key);
      }
    }
    return this.message;
  }

  get keyField(): FieldPlan {
    this.link();
    return this.mapKey ?? this;
  }

  get valueField(): FieldPlan {
    this.link();
    return this.mapValue ?? this;
  }

  #defaultValue(values: ValueShape): unknown {
    switch (this.type) {
      case 3:
      case 4:
      case 6:
      case 16:
      case 18:
        return values.longs === LONG_BIGINT ? 0n : values.longs === LONG_STRING ? '0' : 0;
      case 8:
        return false;
      case 9:
        return '';
      case TYPE_GROUP:
      case TYPE_MESSAGE:
      case 12:
        return undefined;
      case TYPE_ENUM: {
        // A closed enum may have no zero: its default is then its first value.
        const [first] = this.enumNames.keys();
        const number = this.isClosedEnum ? (first ?? 0) : 0;
        return values.enumNames ? (this.enumNames.get(number) ?? number) : number;
      }
      default:
        return 0;
    }
  }
}

function tagOf(field: FieldType, wireType: number): number {
  return ((field.number << 3) | wireType) >>> 0;
}

const NO_NUMBERS: ReadonlyMap<string, number> = new Map();
const NO_NAMES: ReadonlyMap<number, string> = new Map();

/** A message type, as the codec uses it. */
export class Plan {
  readonly set: PlanSet;
  readonly type: MessageType;
  readonly typeName: string;
  /** Makes an empty message of the type's class. */
  readonly Message: new () => Fields;
  readonly prototype: object;
  /** By number. */
  readonly fields: readonly FieldPlan[] = [];
  /** Every spelling that input may use. */
  readonly names: Map<string, FieldPlan> = new Map();
  readonly dense: (FieldPlan | undefined)[];
  readonly sparse: Map<number, FieldPlan> = new Map();
  /** The fields that every decoded message has, set or not. */
  readonly filled: readonly FieldPlan[];
  /** What an empty message takes of memory, in words. */
  readonly words: number;
  /** How many of the fields take memory worth counting when they are set. */
  readonly countedFields: number;
  readonly required: readonly FieldPlan[];
  readonly oneofKeys: readonly string[];
  /** More oneofs than an integer has bits: writing then takes the thorough path. */
  readonly hasManyOneofs: boolean;
  /** Whether a field's JSON name leads to another one: only one of several can have it. */
  readonly hasSharedNames: boolean;
  readonly wellKnown: number;
  /** Set when the plan is prepared, for the well-known types. */
  special: SpecialForm | undefined = undefined;
  /** How many octets the length of the last message of this type took. */
  lengthSize: number = SMALLEST_LENGTH;
  #members: (readonly FieldPlan[])[] | undefined = undefined;

  constructor(set: PlanSet, type: MessageType) {
    this.set = set;
    this.type = type;
    this.typeName = type.fullName;
    this.wellKnown = wellKnownKind(type.fullName);
    const { shape } = set;
    this.oneofKeys = type.oneofs.map((name) => (shape.keepCase ? name : jsonNameOf(name)));
    this.Message = messageClass(this, type.name);
    this.prototype = this.Message.prototype;
    this.hasManyOneofs = type.oneofs.length > ONEOF_BITS;
    const keys = outputKeys(type, shape.keepCase);
    this.fields = type.fields.map((field, i) => new FieldPlan(this, field, i, keys[i]));
    const last = type.fields.at(-1)?.number ?? 0;
    this.dense = new Array(Math.min(last + 1, DENSE_NUMBERS)).fill(undefined);
    for (const field of this.fields) {
      this.#index(field);
      this.names.set(field.key, field);
    }
    for (const field of this.fields) {
      // If two fields claim one JSON name (proto2 allows it), it means the one whose key it is.
      if (!this.names.has(field.jsonName)) this.names.set(field.jsonName, field);
      if (!this.names.has(field.field.name)) this.names.set(field.field.name, field);
    }
    this.hasSharedNames = this.fields.some((field) => this.names.get(field.jsonName) !== field);
    this.filled = this.fields.filter((field) => {
      if (field.shape === MAP) return shape.defaults || shape.objects;
      if (field.shape !== SINGULAR) return shape.defaults || shape.arrays;
      return shape.defaults && !field.hasPresence;
    });
    const maps = this.filled.filter((field) => field.shape === MAP).length;
    const lists = this.filled.filter((field) => field.shape !== SINGULAR).length - maps;
    this.words = emptyMessageWords(this.filled.length, lists, maps);
    this.countedFields = countedFields(this.fields.length, this.filled.length);
    this.required = this.fields.filter((field) => field.isRequired);
  }

  /** The fields of a oneof, by its index. */
  membersOf(oneof: number): readonly FieldPlan[] {
    if (this.#members === undefined) {
      const members: FieldPlan[][] = this.oneofKeys.map(() => []);
      for (const field of this.fields) if (field.oneof >= 0) members[field.oneof].push(field);
      this.#members = members;
    }
    return this.#members[oneof];
  }

  #index(field: FieldPlan): void {
    if (field.number < this.dense.length) this.dense[field.number] = field;
    else this.sparse.set(field.number, field);
  }

  /** The field or loaded extension with this number, past what `dense` holds. */
  find(number: number): FieldPlan | undefined {
    const known = number < this.dense.length ? this.dense[number] : this.sparse.get(number);
    if (known !== undefined || !this.type.isExtensible) return known;
    const extension = this.set.model.extension(this.typeName, number);
    return extension === undefined ? undefined : this.#addExtension(extension);
  }

  /** The loaded extension that input names `[full.name]`. */
  findExtension(key: string): FieldPlan | undefined {
    if (!key.startsWith('[') || !key.endsWith(']')) return undefined;
    const extension = this.set.model.extensionNamed(key.slice(1, -1), this.typeName);
    return extension === undefined ? undefined : this.find(extension.number);
  }

  #addExtension(extension: FieldType): FieldPlan {
    const field = new FieldPlan(this, extension, -1, extension.name);
    this.#index(field);
    this.names.set(field.key, field);
    return field;
  }
}

/** The properties of decoded messages; where JSON names collide, later fields keep their .proto names. */
function outputKeys(type: MessageType, keepCase: boolean): string[] {
  if (keepCase) return type.fields.map((field) => field.name);
  const taken = new Set<string>();
  return type.fields.map((field) => {
    const key = taken.has(field.jsonName) ? field.name : field.jsonName;
    taken.add(key);
    return key;
  });
}

/** The plans of one model under one set of value options. */
export class PlanSet {
  readonly model: Model;
  readonly shape: ValueShape;
  readonly #plans: Map<string, Plan> = new Map();
  readonly #prepare: (plan: Plan) => void;
  /** Fields that came with another wire type and were reported. */
  readonly #mismatches: Set<FieldPlan> = new Set();

  /** `prepare` sees each plan once, before anything else does: it gives the plan's class its methods. */
  constructor(model: Model, shape: ValueShape, prepare: (plan: Plan) => void) {
    this.model = model;
    this.shape = shape;
    this.#prepare = prepare;
  }

  /** Whether its types come from more than one schema, so that a message of it is printed by its own plan alone. */
  get spansSchemas(): boolean {
    return false;
  }

  find(fullName: string): Plan | undefined {
    const known = this.#plans.get(fullName);
    if (known !== undefined) return known;
    const type = this.model.message(fullName);
    if (type === undefined) return undefined;
    const plan = new Plan(this, type);
    this.#plans.set(fullName, plan);
    this.#prepare(plan);
    return plan;
  }

  /** Whether to report a field that came with another wire type: each once, and no more than a person can read. */
  isFirstMismatch(field: FieldPlan): boolean {
    if (this.#mismatches.size >= MAX_MISMATCHES || this.#mismatches.has(field)) return false;
    this.#mismatches.add(field);
    return true;
  }

  /** The plan of a type that is known to be there: descriptors were checked when they were added. */
  plan(fullName: string): Plan {
    const plan = this.find(fullName);
    if (plan === undefined) throw new TypeError(`${fullName} is not loaded`);
    return plan;
  }
}
