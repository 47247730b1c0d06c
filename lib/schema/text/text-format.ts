// Messages as protobuf text format (protobuf.dev/reference/protobuf/textformat-spec), written with fields in the order of
// their numbers, as protoc does. The plain values that we have for well-known types are unrolled into messages. from-text.ts
// reads text format.

import { isBytes } from '../../values/realm.ts';
import { holdsRawBytes } from '../codec/message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import { guess, ListedFields, type UnknownField, unknownFieldsOf } from '../codec/unknown-field-list.ts';
import { lastPart, typeNameOfUrl } from '../descriptors/names.ts';
import { ANY, LIST_VALUE, STRUCT, VALUE, WRAPPER } from '../descriptors/well-known-kind.ts';
import { messageSetName } from './message-set-name.ts';
import { bytesLiteral, numberLiteral, stringLiteral } from './text-literal.ts';

const INDENT = '  ';
const TYPE_FLOAT = 2;
const TYPE_BOOL = 8;
const TYPE_STRING = 9;
const TYPE_GROUP = 10;
const TYPE_BYTES = 12;
const TYPE_ENUM = 14;
/** Deeper than any message may be. */
const MAX_DEPTH = 200;

/** Where the types of messages are found by their names. */
export interface MessageTypes {
  plan(typeName: string): Plan;
  /** A value of this type as a decoded message, and the plan that it was decoded by. */
  printable(typeName: string, value: unknown): { readonly plan: Plan; readonly message: unknown };
}

/** Options of `toText`. */
export interface ToTextOptions {
  /** Show unknown fields by their numbers, as protoc does: `5: 1`. `fromText` does not read them. Default false. */
  readonly unknownFields?: boolean | undefined;
}

/** Text format of a decoded message, or of fields of this type. */
export function toText(
  types: MessageTypes,
  typeName: string,
  value: unknown,
  options: ToTextOptions = {},
): string {
  const { plan, message } = types.printable(typeName, value);
  return messageText(plan, message, '', options.unknownFields === true);
}

/** The fields of a decoded message, a line each, all of them indented. */
export function messageText(plan: Plan, message: unknown, indent: string, showsUnknown = false): string {
  const writer = new TextWriter(indent, showsUnknown);
  writer.message(plan, message);
  return writer.text;
}

/** One value of a field that is not a message. */
export function scalarText(field: FieldPlan, value: unknown): string {
  switch (field.type) {
    case TYPE_STRING:
      return stringLiteral(String(value));
    case TYPE_BYTES:
      return bytesLiteral(bytesOf(value));
    case TYPE_BOOL:
      return String(value);
    case TYPE_ENUM:
      return typeof value === 'number'
        ? (field.enumNames.get(value) ?? String(value))
        : String(value ?? 'NULL_VALUE');
    default:
      return typeof value === 'number' ? numberLiteral(value, field.type === TYPE_FLOAT) : String(value);
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (isBytes(value)) return value;
  if (typeof value === 'string') return Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  return Array.isArray(value) ? Uint8Array.from(value) : new Uint8Array(0);
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** A group is written under the name of its type (in editions: a delimited message defined like one). */
function nameOf(field: FieldPlan): string {
  const member = messageSetName(field);
  if (member !== undefined) return member;
  if (field.type !== TYPE_GROUP || field.index < 0) return field.field.name;
  const { typeName, name } = field.field;
  const own = lastPart(typeName);
  return own.toLowerCase() === name && typeName === `${field.owner.typeName}.${own}` ? own : name;
}

/** How many parts are joined at once. Strings that grow part by part take several times their size. */
const PARTS_IN_A_CHUNK = 4096;

class TextWriter {
  readonly #chunks: string[] = [];
  #parts: string[] = [];
  /** How many parts there have been so far. */
  #count = 0;
  #indent: string;
  #depth = 0;
  /** Undefined when unknown fields are not shown. */
  readonly #listed: ListedFields | undefined;

  constructor(indent: string, showsUnknown: boolean) {
    this.#indent = indent;
    this.#listed = showsUnknown ? new ListedFields() : undefined;
  }

  get text(): string {
    return [...this.#chunks, ...this.#parts].join('');
  }

  message(plan: Plan, message: unknown): void {
    switch (plan.wellKnown) {
      case ANY:
        this.#any(plan, message);
        break;
      case STRUCT:
        this.#struct(plan, message);
        break;
      case VALUE:
        this.#value(plan, message);
        break;
      case LIST_VALUE:
        for (const item of Array.isArray(message) ? message : []) this.#one(plan.fields[0], item);
        break;
      case WRAPPER:
        if (!isDefault(plan.fields[0], message)) this.#one(plan.fields[0], message);
        break;
      default:
        if (isObject(message)) this.#fields(plan, message);
    }
  }

  #fields(plan: Plan, message: Fields): void {
    for (const field of plan.fields) {
      if (Object.hasOwn(message, field.key)) this.#field(field, message[field.key]);
    }
    const extensions = Object.keys(message).filter((key) => key.startsWith('['));
    const found = extensions.map((key) => plan.findExtension(key)).filter((field) => field !== undefined);
    found.sort((a, b) => a.number - b.number);
    for (const field of found) this.#field(field, message[field.key]);
    if (this.#listed !== undefined) this.#unknown(unknownFieldsOf(message, this.#listed), 0, this.#listed);
  }

  /** By number, as protoc shows them: fixed sizes in hexadecimal, and a guess at what is length-delimited. */
  #unknown(fields: readonly UnknownField[], level: number, listed: ListedFields): void {
    for (const field of fields) {
      const inner = fieldsWithin(field, level, listed);
      if (inner === undefined) this.#line(`${field.number}: ${unknownText(field)}`);
      else this.#block(String(field.number), () => this.#unknown(inner, level + 1, listed));
    }
  }

  #field(field: FieldPlan, value: unknown): void {
    if (value === undefined || (value === null && !field.takesNull)) return;
    if (field.shape === MAP) {
      const { keyField, valueField } = field;
      for (const [key, item] of Object.entries(value as Fields)) {
        this.#block(nameOf(field), () => {
          this.#one(keyField, key, 'key');
          this.#one(valueField, item, 'value');
        });
      }
    } else if (field.shape !== SINGULAR) {
      for (const item of Array.isArray(value) ? value : []) this.#one(field, item);
    } else if (!isDefault(field, value)) this.#one(field, value);
  }

  #one(field: FieldPlan, value: unknown, name: string = nameOf(field)): void {
    if (field.isMessage) this.#block(name, () => this.message(field.link(), value));
    else this.#line(`${name}: ${scalarText(field, value)}`);
  }

  #any(plan: Plan, message: unknown): void {
    if (!isObject(message)) return;
    const typeUrl = message['@type'];
    if (typeof typeUrl !== 'string') {
      this.#fields(plan, message);
      return;
    }
    const payload = plan.set.find(typeNameOfUrl(typeUrl));
    const { value } = message;
    if (payload === undefined || holdsRawBytes(message, payload)) {
      this.#line(`${plan.fields[0].field.name}: ${stringLiteral(typeUrl)}`);
      const bytes = bytesOf(value);
      if (bytes.length > 0) this.#line(`${plan.fields[1].field.name}: ${bytesLiteral(bytes)}`);
      return;
    }
    this.#block(`[${typeUrl}]`, () => {
      this.message(payload, payload.wellKnown === 0 ? message : value);
    });
  }

  #struct(plan: Plan, message: unknown): void {
    const { valueField } = plan.fields[0];
    for (const [key, item] of Object.entries(isObject(message) ? message : {})) {
      this.#block(plan.fields[0].field.name, () => {
        this.#line(`key: ${stringLiteral(key)}`);
        this.#one(valueField, item, 'value');
      });
    }
  }

  #value(plan: Plan, value: unknown): void {
    const [, number, text, bool, struct, list] = plan.fields;
    switch (typeof value) {
      case 'number':
        this.#one(number, value);
        break;
      case 'string':
        this.#one(text, value);
        break;
      case 'boolean':
        this.#one(bool, value);
        break;
      default:
        if (Array.isArray(value)) this.#one(list, value);
        else if (isObject(value)) this.#one(struct, value);
        else this.#line(`${plan.fields[0].field.name}: NULL_VALUE`);
    }
  }

  #block(name: string, content: () => void): void {
    if (this.#depth >= MAX_DEPTH) throw new RangeError('the message contains itself');
    const outer = this.#indent;
    this.#put(`${outer}${name} {\n`);
    const before = this.#count;
    this.#indent = outer + INDENT;
    this.#depth++;
    content();
    this.#depth--;
    this.#indent = outer;
    // An empty message takes one line.
    if (this.#count === before) this.#parts[this.#parts.length - 1] = `${outer}${name} {}\n`;
    else this.#put(`${outer}}\n`);
  }

  #line(text: string): void {
    this.#put(`${this.#indent}${text}\n`);
  }

  #put(part: string): void {
    if (this.#parts.length >= PARTS_IN_A_CHUNK) {
      this.#chunks.push(this.#parts.join(''));
      this.#parts = [];
    }
    this.#parts.push(part);
    this.#count++;
  }
}

/** The fields of an unknown field that is a group, or seems to be a message. */
function fieldsWithin(
  field: UnknownField,
  level: number,
  listed: ListedFields,
): readonly UnknownField[] | undefined {
  if (field.wireType === 'group') return field.value;
  if (field.wireType !== 'bytes') return undefined;
  const seen = guess(field.value, level, listed);
  return seen.kind === 'message' ? seen.fields : undefined;
}

function unknownText({ wireType, value }: UnknownField): string {
  if (wireType === 'varint') return String(value);
  if (wireType === 'bytes') return bytesLiteral(value);
  return `0x${value.toString(16).padStart(wireType === 'fixed32' ? 8 : 16, '0')}`;
}

/** Fields without presence are left out when they hold their default. */
function isDefault(field: FieldPlan, value: unknown): boolean {
  if (field.hasPresence) return false;
  if (field.type === TYPE_BYTES) return Object(value).length === 0;
  if (Object.is(value, field.default)) return true;
  return field.type === TYPE_ENUM && (value === 0 || field.enumNumbers.get(String(value)) === 0);
}
