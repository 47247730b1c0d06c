// Messages as protobuf text format (protobuf.dev/reference/protobuf/textformat-spec): written with fields in the
// order of their numbers, as protoc does. The plain values that well-known types have with us are unrolled into
// the messages they are. Reading is text-format-reader.ts's.

import { planOf } from './message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from './plan.ts';
import type { Registry } from './registry.ts';
import { readText } from './text-format-reader.ts';
import { bytesLiteral, numberLiteral, stringLiteral } from './text-literal.ts';
import { ANY, LIST_VALUE, STRUCT, VALUE, WRAPPER } from './well-known-kind.ts';

const INDENT = '  ';
const TYPE_FLOAT = 2;
const TYPE_BOOL = 8;
const TYPE_STRING = 9;
const TYPE_GROUP = 10;
const TYPE_BYTES = 12;
const TYPE_ENUM = 14;
/** Deeper than any message may be. */
const MAX_DEPTH = 200;

/** Text format of a decoded message, or of `fields` of the type named. */
export function toText(registry: Registry, typeName: string, value: unknown): string {
  const plan = registry.plan(typeName);
  if (typeof value === 'object' && value !== null && planOf(value) === plan)
    return messageText(plan, value, '');
  const codec = registry.message(typeName);
  const { bytes, start, end } = codec.encode(value, 0);
  return messageText(plan, codec.decode(bytes, start, end), '');
}

/** The message that a document in text format describes. TypeError or RangeError with line and column. */
export function fromText(registry: Registry, typeName: string, text: string): unknown {
  if (typeof text !== 'string') throw new TypeError(`fromText takes text, not ${typeof text}`);
  const plan = registry.plan(typeName);
  const codec = registry.message(typeName);
  const { bytes, start, end } = codec.encode(readText(plan, text), 0);
  return codec.decode(bytes, start, end);
}

/** The fields of a decoded message, a line each, all of them indented. */
export function messageText(plan: Plan, message: unknown, indent: string): string {
  const writer = new TextWriter(indent);
  writer.message(plan, message);
  return writer.text;
}

/** One value of a field that is no message. */
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
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  return Array.isArray(value) ? Uint8Array.from(value) : new Uint8Array(0);
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** A group is written under the name of its type (in editions: a delimited message defined like one). */
function nameOf(field: FieldPlan): string {
  if (field.type !== TYPE_GROUP || field.index < 0) return field.field.name;
  const { typeName, name } = field.field;
  const own = typeName.slice(typeName.lastIndexOf('.') + 1);
  return own.toLowerCase() === name && typeName === `${field.owner.typeName}.${own}` ? own : name;
}

class TextWriter {
  text = '';
  #indent: string;
  #depth = 0;

  constructor(indent: string) {
    this.#indent = indent;
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
    for (const field of plan.fields) this.#field(field, message[field.key]);
    const extensions = Object.keys(message).filter((key) => key.startsWith('['));
    const found = extensions.map((key) => plan.findExtension(key)).filter((field) => field !== undefined);
    found.sort((a, b) => a.number - b.number);
    for (const field of found) this.#field(field, message[field.key]);
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
    const payload = plan.set.find(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
    const { value } = message;
    if (payload === undefined || (value instanceof Uint8Array && !payload.names.has('value'))) {
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
    this.text += `${outer}${name} {`;
    const before = this.text.length;
    this.#indent = outer + INDENT;
    this.#depth++;
    this.text += '\n';
    content();
    this.#depth--;
    this.#indent = outer;
    // An empty message takes one line.
    if (this.text.length === before + 1) this.text = `${this.text.slice(0, -1)}}\n`;
    else this.text += `${outer}}\n`;
  }

  #line(text: string): void {
    this.text += `${this.#indent}${text}\n`;
  }
}

/** Fields without presence are left out when they hold their default. */
function isDefault(field: FieldPlan, value: unknown): boolean {
  if (field.hasPresence) return false;
  if (field.type === TYPE_BYTES) return Object(value).length === 0;
  if (Object.is(value, field.default)) return true;
  return field.type === TYPE_ENUM && (value === 0 || field.enumNumbers.get(String(value)) === 0);
}
