// A request to fill in: ProtoJSON of a message type with every field and one member of each oneof, cut off where types
// contain themselves. It is a valid request as it stands, unless its type has none because it requires itself. The schema
// may be a hostile server's, so both depth and size are limited.

import { setOwn } from '../../values/own-property.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import { MAX_DEPTH } from '../codec/wire/nesting.ts';
import * as kind from '../descriptors/well-known-kind.ts';

/** About how many characters a template may have; beyond that, messages are left empty, the innermost first. */
const MAX_CHARACTERS = 256 * 1024;
/** The characters of a field besides its name: quotes, a colon, a value, a comma. */
const FIELD_CHARACTERS = 8;
const LONG = new Set([3, 4, 6, 16, 18]);

/** The template, ready for JSON.stringify. */
export function templateOf(plan: Plan): unknown {
  return new Template().of(plan);
}

/** A message to be filled in, and those around it. */
interface Place {
  readonly plan: Plan;
  readonly out: Fields;
  readonly around: Place | undefined;
  readonly depth: number;
}

class Template {
  /** Outer messages before inner ones, so that the deepest ones are left out when there is no more room. */
  readonly #places: Place[] = [];
  #left = MAX_CHARACTERS;

  of(plan: Plan): unknown {
    const value = this.#message(plan, undefined, true);
    // The list grows while it is iterated.
    for (const place of this.#places) {
      if (this.#left <= 0) break;
      this.#fill(place);
    }
    return value;
  }

  #message(plan: Plan, around: Place | undefined, isRequired: boolean): unknown {
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
        return this.#place(plan, around, isRequired);
    }
  }

  #place(plan: Plan, around: Place | undefined, isRequired: boolean): Fields | undefined {
    const depth = around === undefined ? 0 : around.depth + 1;
    if (depth > MAX_DEPTH || this.#leadsBack(plan, around, isRequired)) return undefined;
    const out: Fields = {};
    this.#places.push({ plan, out, around, depth });
    return out;
  }

  /**
   * Whether the message is one of those around it, or requires one of them, so that it could not be complete there. For a
   * required message, what it requires is not examined: the message around it cannot be complete without it.
   */
  #leadsBack(plan: Plan, around: Place | undefined, isRequired: boolean): boolean {
    const needed = new Set([plan]);
    for (const one of needed) {
      for (let outer = around; outer !== undefined; outer = outer.around) if (outer.plan === one) return true;
      for (const field of isRequired ? [] : one.required) {
        if (--this.#left <= 0) return true;
        if (field.isMessage) needed.add(field.link());
      }
    }
    return false;
  }

  #fill(place: Place): void {
    const oneofs = new Set<number>();
    for (const field of place.plan.fields) {
      if (this.#left <= 0) return;
      if (oneofs.has(field.oneof)) continue;
      this.#left -= field.jsonName.length + FIELD_CHARACTERS;
      const value = this.#field(field, place);
      if (value === undefined) continue;
      if (field.oneof >= 0) oneofs.add(field.oneof);
      setOwn(place.out, field.jsonName, value);
    }
  }

  #field(field: FieldPlan, place: Place): unknown {
    if (field.shape === MAP) {
      const value = this.#one(field.valueField, place);
      if (value === undefined) return undefined;
      return { [field.keyField.type === 9 ? '' : String(scalar(field.keyField))]: value };
    }
    const value = this.#one(field, place);
    return field.shape === SINGULAR || value === undefined ? value : [value];
  }

  #one(field: FieldPlan, place: Place): unknown {
    if (field.isMessage) return this.#message(field.link(), place, field.isRequired);
    const value = scalar(field);
    if (typeof value === 'string') this.#left -= value.length;
    return value;
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
