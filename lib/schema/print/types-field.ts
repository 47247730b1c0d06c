// The TypeScript type of one field's value, in replies and in requests, under the value options in force.

import { type FieldPlan, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import {
  BYTES_ARRAY,
  BYTES_BUFFER,
  LONG_BIGINT,
  LONG_STRING,
  type ValueShape,
} from '../codec/value-shape.ts';
import * as kind from '../descriptors/well-known-kind.ts';
import type { TypeNames } from './types-names.ts';

const NULL_VALUE = 'google.protobuf.NullValue';
/** Typed arrays in which a list of such numbers can be given. */
const TYPED_ARRAYS: ReadonlyMap<number, string> = new Map([
  [1, 'Float64Array'],
  [2, 'Float32Array'],
  [5, 'Int32Array'],
  [13, 'Uint32Array'],
  [3, 'BigInt64Array'],
  [4, 'BigUint64Array'],
]);

/** The type of a field as a whole: a list, a map, or one value. */
export function fieldType(field: FieldPlan, isInput: boolean, names: TypeNames): string {
  if (field.shape === MAP) {
    const { keyField, valueField } = field;
    const value = oneType(valueField, isInput, names);
    if (!isInput) return `{ [key: string]: ${value} }`;
    const key = keyField.type === 9 ? 'string' : `${oneType(keyField, true, names)} | string`;
    return `{ readonly [key: string]: ${value} } | ReadonlyMap<${key}, ${value}>`;
  }
  const type = oneType(field, isInput, names);
  if (field.shape === SINGULAR) return type;
  const list = type.includes('|') || type.includes('{') ? `(${type})[]` : `${type}[]`;
  if (!isInput) return list;
  const typed = TYPED_ARRAYS.get(field.type);
  return `readonly ${list}${typed === undefined ? '' : ` | ${typed}`}`;
}

/** One value of the field. */
function oneType(field: FieldPlan, isInput: boolean, names: TypeNames): string {
  const { shape } = field.owner.set;
  switch (field.type) {
    case 1:
    case 2:
      return isInput ? "number | 'NaN' | 'Infinity' | '-Infinity'" : 'number';
    case 3:
    case 4:
    case 6:
    case 16:
    case 18:
      return isInput ? 'bigint | number | string' : longType(shape);
    case 8:
      return 'boolean';
    case 9:
      return 'string';
    case 12:
      return isInput ? 'Uint8Array | ArrayBuffer | string | readonly number[]' : bytesType(shape);
    case 14: {
      const name = `${names.of(field.field.typeName)}${isInput ? 'Input' : ''}`;
      return isInput && field.field.typeName === NULL_VALUE ? `${name} | null` : name;
    }
    case 10:
    case 11:
      return `${names.of(field.field.typeName)}${isInput ? 'Input' : ''}`;
    default:
      return 'number';
  }
}

/** The type of a message that has a form of its own. */
export function valueType(plan: Plan, isInput: boolean, names: TypeNames): string {
  const { shape } = plan.set;
  const keys = plan.fields.map((field) => field.key);
  const seconds = isInput ? 'bigint | number | string' : longType(shape);
  const time = (method: string): string =>
    isInput
      ? `{ readonly ${keys[0]}?: ${seconds} | undefined; readonly ${keys[1]}?: number | undefined }`
      : `{ ${keys[0]}${shape.defaults ? '' : '?'}: ${seconds}; ${keys[1]}${shape.defaults ? '' : '?'}: number; ${method} }`;
  switch (plan.wellKnown) {
    case kind.TIMESTAMP:
      return isInput ? `Date | string | ${time('')}` : time('toDate(): Date');
    case kind.DURATION:
      return isInput ? `string | ${time('')}` : time('toMilliseconds(): number');
    case kind.FIELD_MASK: {
      const isAlways = !isInput && (shape.defaults || shape.arrays);
      const paths = `{ ${keys[0]}${isAlways ? '' : '?'}: ${isInput ? 'readonly string[] | undefined' : 'string[]'} }`;
      return isInput ? `string | ${paths}` : paths;
    }
    case kind.ANY:
      return 'AnyMessage';
    case kind.STRUCT:
      return 'JsonObject';
    case kind.VALUE:
      return 'JsonValue';
    case kind.LIST_VALUE:
      return 'JsonValue[]';
    case kind.WRAPPER: {
      const value = oneType(plan.fields[0], isInput, names);
      return isInput ? `${value} | { readonly value?: ${value} | undefined }` : value;
    }
    default:
      return 'unknown';
  }
}

function longType({ longs }: ValueShape): string {
  return longs === LONG_BIGINT ? 'bigint' : longs === LONG_STRING ? 'string' : 'number';
}

function bytesType({ bytes }: ValueShape): string {
  return bytes === BYTES_BUFFER ? 'Uint8Array' : bytes === BYTES_ARRAY ? 'number[]' : 'string';
}
