// Messages: a pattern is an object that names the fields it cares about, in any spelling that a request takes. Makes the
// kinds of fields and types. What is wrong with a name is said by the codec, in its words.

import { isBuiltIn, isBytes, isDate } from '../../values/realm.ts';
import { planOf } from '../codec/message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import { unknownNumbersOf } from '../codec/unknown-field-list.ts';
import { isWrapperMessage } from '../codec/well-known/well-known-encode.ts';
import { ANY, LIST_VALUE, STRUCT, VALUE, WRAPPER } from '../descriptors/well-known-kind.ts';
import { AnyKind } from './any-kind.ts';
import { ListKind, MapKind } from './collection-kinds.ts';
import { type Check, type Comparison, NOTHING } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import { ComposedKind, type Kind } from './kind.ts';
import { isFieldSet, itemOf, ownItem } from './message-fields.ts';
import { LIST_VALUE_KIND, STRUCT_KIND, VALUE_KIND } from './open-kind.ts';
import { compileAt } from './operators.ts';
import { scalarKindOf, wellKnownScalarKind } from './scalar-kinds.ts';
import { NOT_SET, shownKey, shownValue } from './shown-value.ts';
import { ValueKind } from './value-kind.ts';

const fieldKinds: WeakMap<FieldPlan, Kind> = new WeakMap();
const typeKinds: WeakMap<Plan, Kind> = new WeakMap();

/** The kind of a field's values; made once. */
function kindOfField(field: FieldPlan): Kind {
  let kind = fieldKinds.get(field);
  if (kind === undefined) {
    kind = makeFieldKind(field);
    fieldKinds.set(field, kind);
  }
  return kind;
}

/** The kind of messages of a type; made once. */
export function kindOfType(plan: Plan): Kind {
  let kind = typeKinds.get(plan);
  if (kind === undefined) {
    kind = makeTypeKind(plan);
    typeKinds.set(plan, kind);
  }
  return kind;
}

function makeFieldKind(field: FieldPlan): Kind {
  if (field.shape === MAP) return new MapKind(field.keyField, itemKindOf(field.valueField));
  const item = itemKindOf(field);
  return field.shape === SINGULAR ? item : new ListKind(item);
}

/** The kind of one of a field's values. */
function itemKindOf(field: FieldPlan): Kind {
  const scalar = scalarKindOf(field);
  return scalar === undefined ? kindOfType(field.link()) : new ValueKind(scalar);
}

function makeTypeKind(plan: Plan): Kind {
  const scalar = wellKnownScalarKind(plan);
  if (scalar !== undefined) {
    const fields = new MessageKind(plan);
    const kind: ValueKind = new ValueKind(scalar, (c, pattern) => {
      if (plan.wellKnown === WRAPPER) return wrapped(c, kind, pattern);
      const isOwnForm = typeof pattern === 'object' && pattern !== null && !isDate(pattern);
      return isOwnForm ? fields.literal(c, pattern) : undefined;
    });
    return kind;
  }
  switch (plan.wellKnown) {
    case ANY:
      return new AnyKind(plan, kindOfType);
    case STRUCT:
      return STRUCT_KIND;
    case VALUE:
      return VALUE_KIND;
    case LIST_VALUE:
      return LIST_VALUE_KIND;
    default:
      return new MessageKind(plan);
  }
}

/** `{ value }` of a wrapper, which is the value; the value may be operators. */
function wrapped(c: Compiler, kind: Kind, pattern: unknown): Check | undefined {
  if (!isWrapperMessage(pattern)) return undefined;
  const { value } = pattern;
  return value === undefined ? undefined : c.atKey('value', () => compileAt(c, { kind }, value));
}

interface FieldCheck {
  readonly field: FieldPlan;
  readonly check: Check;
}

/** Which member of a oneof is to be set, by its name as a reply has it with the `oneofs` option; undefined for none. */
interface OneofCheck {
  readonly oneof: number;
  readonly member: FieldPlan | undefined;
}

class MessageKind extends ComposedKind {
  readonly word: string;
  readonly #plan: Plan;

  constructor(plan: Plan) {
    super();
    this.#plan = plan;
    this.word = `a ${plan.typeName}`;
  }

  override literal(c: Compiler, pattern: unknown): MessageCheck {
    const plan = this.#plan;
    if (typeof pattern !== 'object' || pattern === null || isBuiltIn(pattern)) c.w.notAMessage(plan, pattern);
    const own = planOf(pattern);
    if (own !== undefined && own.typeName !== plan.typeName) {
      c.refuse(`expected a pattern for ${plan.typeName}, got a message of type ${own.typeName}`);
    }
    const reader = new FieldsReader(c, plan, pattern as Fields);
    // A message that was received has no operators: what looks like one in a Struct is a member.
    return own === undefined ? reader.check() : c.verbatim(() => reader.check());
  }
}

/** Reads the fields that one pattern names. */
class FieldsReader {
  readonly #c: Compiler;
  readonly #plan: Plan;
  readonly #pattern: Fields;
  readonly #fields: FieldCheck[] = [];
  readonly #oneofs: OneofCheck[] = [];
  readonly #spellings: Map<FieldPlan, string> = new Map();
  /** By oneof, the member that is to be set. */
  readonly #members: Map<number, string> = new Map();

  constructor(c: Compiler, plan: Plan, pattern: Fields) {
    this.#c = c;
    this.#plan = plan;
    this.#pattern = pattern;
  }

  check(): MessageCheck {
    for (const key of Object.keys(this.#pattern)) {
      if (this.#pattern[key] !== undefined) this.#read(key, this.#pattern[key]);
    }
    return new MessageCheck(this.#plan, this.#fields, this.#oneofs, this.#c.isExact, this.#pattern);
  }

  #read(key: string, item: unknown): void {
    const plan = this.#plan;
    const field = plan.names.get(key) ?? plan.findExtension(key);
    if (field !== undefined) {
      this.#readField(field, key, item);
      return;
    }
    const oneof = Math.max(plan.oneofKeys.indexOf(key), plan.type.oneofs.indexOf(key));
    if (oneof < 0) this.#c.atKey(key, () => this.#c.w.unknownField(plan, key));
    this.#readOneof(oneof, key, item);
  }

  #readField(field: FieldPlan, key: string, item: unknown): void {
    const c = this.#c;
    const twin = this.#spellings.get(field);
    if (twin !== undefined) {
      const problem = `'${twin}' and '${key}' are two spellings of one field of ${this.#plan.typeName}; give only one`;
      c.atKey(key, () => c.refuse(problem));
    }
    this.#spellings.set(field, key);
    const kind = kindOfField(field);
    const isSet = (actual: unknown): boolean => isFieldSet(field, actual);
    const check = c.atField(field.key, key, () => compileAt(c, { kind, isSet }, item));
    if (check.needsValue && field.oneof >= 0) this.#claim(field, key);
    this.#fields.push({ field, check });
  }

  /** At most one member of a oneof can be set. */
  #claim(field: FieldPlan, key: string): void {
    const rival = this.#members.get(field.oneof);
    this.#members.set(field.oneof, key);
    if (rival === undefined) return;
    const oneof = this.#plan.oneofKeys[field.oneof];
    const problem = `'${rival}' and '${key}' are both to be set, but the oneof '${oneof}' of ${this.#plan.typeName} holds at most one`;
    this.#c.atKey(key, () => this.#c.refuse(problem));
  }

  #readOneof(oneof: number, key: string, item: unknown): void {
    const plan = this.#plan;
    const member = typeof item === 'string' ? plan.names.get(item) : undefined;
    if (item !== null && member?.oneof !== oneof) {
      const members = plan.membersOf(oneof).map((field) => `'${field.key}'`);
      const problem = `'${key}' is a oneof of ${plan.typeName}; name the member that is to be set, ${members.join(' or ')}, or null for none`;
      this.#c.atKey(key, () => this.#c.refuse(problem));
    }
    this.#oneofs.push({ oneof, member });
  }
}

class MessageCheck implements Check {
  readonly needsValue = true;
  readonly #plan: Plan;
  readonly #fields: readonly FieldCheck[];
  readonly #oneofs: readonly OneofCheck[];
  readonly #isExact: boolean;
  readonly #pattern: Fields;

  constructor(
    plan: Plan,
    fields: readonly FieldCheck[],
    oneofs: readonly OneofCheck[],
    isExact: boolean,
    pattern: Fields,
  ) {
    this.#plan = plan;
    this.#fields = fields;
    this.#oneofs = oneofs;
    this.#isExact = isExact;
    this.#pattern = pattern;
  }

  get wanted(): string {
    return shownValue(this.#pattern);
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual) || isBytes(actual)) {
      c.report(this, () => (actual === null ? NOT_SET : shownValue(actual)));
      return;
    }
    const own = planOf(actual);
    if (own !== undefined && own.typeName !== this.#plan.typeName && own.wellKnown !== ANY) {
      c.report({ wanted: `a ${this.#plan.typeName}` }, () => `a ${own.typeName}: ${shownValue(actual)}`);
      return;
    }
    this.runFields(c, actual as Fields);
  }

  /** Compares the fields of whatever holds them: an Any has those of its type beside its own. */
  runFields(c: Comparison, message: Fields): void {
    for (const { field, check } of this.#fields) {
      if (c.isOver) return;
      c.runAt(field.key, check, itemOf(message, field));
    }
    for (const oneof of this.#oneofs) this.#runOneof(c, oneof, message);
    if (this.#isExact && !c.isOver) this.#runOthers(c, message);
  }

  #runOneof(c: Comparison, { oneof, member }: OneofCheck, message: Fields): void {
    const set = this.#plan.membersOf(oneof).find((field) => isFieldSet(field, ownItem(message, field)));
    if (set === member) return;
    const wanted = member?.key ?? NOT_SET;
    c.reportAt(this.#plan.oneofKeys[oneof], { wanted }, () => set?.key ?? NOT_SET);
  }

  /** Fields that the pattern does not name may not be set. */
  #runOthers(c: Comparison, message: Fields): void {
    const named = new Set(this.#fields.map(({ field }) => field));
    for (const key in message) {
      if (c.isOver) return;
      if (!Object.hasOwn(message, key)) continue;
      const field = this.#plan.names.get(key);
      const item = message[key];
      if (field === undefined ? !this.#isOther(key, item) : named.has(field) || !isFieldSet(field, item))
        continue;
      if (!c.spend()) return;
      c.reportAt(field?.key ?? shownKey(key), NOTHING, () => shownValue(item));
    }
    for (const number of unknownNumbersOf(message)) {
      c.reportAt(String(number), NOTHING, () => 'a field that the schema does not know');
    }
  }

  /** Something in a plain object that is no field: a decoded message has only the names of oneofs and the type of an Any. */
  #isOther(key: string, item: unknown): boolean {
    if (item === undefined || key === '@type') return false;
    return !this.#plan.oneofKeys.includes(key) && !this.#plan.type.oneofs.includes(key);
  }
}
