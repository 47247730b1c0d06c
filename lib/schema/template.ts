// A request to fill in: ProtoJSON of a message type with every field in it, one member of each oneof, and types that
// contain themselves cut off. It is a legal request as it stands.

import { type FieldPlan, MAP, type Plan, SINGULAR } from './plan.ts';
import * as kind from './well-known-kind.ts';

/** Messages in one template; beyond, those inside are left empty. */
const MAX_MESSAGES = 500;
const LONG = new Set([3, 4, 6, 16, 18]);

/** The template, as JSON.stringify takes it. */
export function templateOf(plan: Plan): unknown {
  return new Template().message(plan);
}

class Template {
  #messages = 0;
  /** Types that are being written, outermost first. */
  readonly #path: Set<Plan> = new Set();

  message(plan: Plan): unknown {
    switch (plan.wellKnown) {
      case kind.TIMESTAMP:
        return '1970-01-01T00:00:00Z';
      case kind.DURATION:
        return '0s';
      case kind.FIELD_MASK:
        return '';
      case kind.ANY:
      case kind.STRUCT:
        return {};
      case kind.VALUE:
        return null;
      case kind.LIST_VALUE:
        return [];
      case kind.WRAPPER:
        return scalar(plan.fields[0]);
      default:
        return this.#fields(plan);
    }
  }

  #fields(plan: Plan): unknown {
    this.#path.add(plan);
    this.#messages++;
    const out: Record<string, unknown> = {};
    const oneofs = new Set<number>();
    for (const field of plan.fields) {
      if (oneofs.has(field.oneof)) continue;
      const value = this.#field(field);
      if (value === undefined) continue;
      if (field.oneof >= 0) oneofs.add(field.oneof);
      Object.defineProperty(out, field.jsonName, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    this.#path.delete(plan);
    return out;
  }

  /** undefined where the message would contain itself. */
  #field(field: FieldPlan): unknown {
    if (field.shape === MAP) {
      const value = this.#one(field.valueField);
      if (value === undefined) return undefined;
      return { [field.keyField.type === 9 ? '' : String(scalar(field.keyField))]: value };
    }
    const value = this.#one(field);
    return field.shape === SINGULAR || value === undefined ? value : [value];
  }

  #one(field: FieldPlan): unknown {
    if (!field.isMessage) return scalar(field);
    const plan = field.link();
    const isCut = this.#path.has(plan) || this.#messages >= MAX_MESSAGES;
    return isCut && !field.isRequired ? undefined : this.message(plan);
  }
}

function scalar(field: FieldPlan): unknown {
  if (LONG.has(field.type)) return '0';
  switch (field.type) {
    case 8:
      return false;
    case 9:
    case 12:
      return '';
    case 14:
      return field.field.typeName === 'google.protobuf.NullValue'
        ? null
        : (field.enumNames.values().next().value ?? 0);
    default:
      return 0;
  }
}
