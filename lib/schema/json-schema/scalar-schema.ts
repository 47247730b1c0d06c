// What the scalars of ProtoJSON look like, coming in and going out, as JSON Schema. Numbers in quotes and base64 are patterns;
// what patterns cannot say is listed in docs/json-schema.md.

import { integerPattern, NUMBER_TEXT } from './decimal-pattern.ts';
import type { JsonSchema, SchemaForm } from './schema-form.ts';

const TYPE_DOUBLE = 1;
const TYPE_FLOAT = 2;
const TYPE_BOOL = 8;
const TYPE_STRING = 9;
const TYPE_BYTES = 12;

/** Half a step above the largest float: from here on, rounding gives infinity. */
const FLOAT_OVERFLOW = 3.4028235677973366e38;
const SPECIAL_NUMBERS = ['NaN', 'Infinity', '-Infinity'] as const;
/** What toJson gives for it, because JSON.stringify would drop the sign of the number. */
const NEGATIVE_ZERO = '-0';
const MAX_OCTET = 255;
/**
 * Not the length: a group that repeats would exhaust the stack of JavaScript's regular expressions with megabytes of
 * text.
 */
const BASE64_INPUT = '^[A-Za-z0-9+/_-]*={0,2}$';
const BASE64_OUTPUT = '^[A-Za-z0-9+/]*={0,2}$';

interface Scalar {
  /** What its definition is called: no type of a schema can have a hyphen in its name. */
  readonly name: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  readonly contract: JsonSchema;
}

function integer(type: string, bits: 32 | 64, isSigned: boolean): Scalar {
  const exact = integerPattern(bits, isSigned);
  // As JavaScript has them; for 64 bits the nearest numbers that it has.
  const minimum = isSigned ? -(2 ** (bits - 1)) : 0;
  const maximum = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const quoted = `^(${exact}(\\.0+)?|-?(0|[1-9][0-9]*)(\\.[0-9]+)?[eE][+-]?[0-9]+)$`;
  const range = { type: 'integer', minimum, maximum };
  const is64 = bits === 64;
  return {
    name: `scalar-${type}`,
    input: { type: ['integer', 'string'], minimum, maximum, pattern: quoted },
    output: is64
      ? { type: 'string', pattern: `^${isSigned ? exact : `(${exact.slice('(-0|'.length)}`}$` }
      : range,
    contract: is64 ? { type: 'string', format: type } : { ...range, format: type },
  };
}

function floating(type: string, limit: JsonSchema): Scalar {
  const special = { type: 'string', enum: SPECIAL_NUMBERS };
  return {
    name: `scalar-${type}`,
    input: {
      type: ['number', 'string'],
      ...limit,
      pattern: `^(NaN|-?Infinity|${NUMBER_TEXT})$`,
    },
    output: {
      anyOf: [{ type: 'number', ...limit }, { enum: [...SPECIAL_NUMBERS, NEGATIVE_ZERO] }],
    },
    contract: { anyOf: [{ type: 'number', format: type }, special] },
  };
}

const INT32 = integer('int32', 32, true);
const UINT32 = integer('uint32', 32, false);
const INT64 = integer('int64', 64, true);
const UINT64 = integer('uint64', 64, false);

const BYTES: Scalar = {
  name: 'scalar-bytes',
  input: {
    type: ['string', 'array'],
    contentEncoding: 'base64',
    pattern: BASE64_INPUT,
    items: { type: 'integer', minimum: 0, maximum: MAX_OCTET },
  },
  output: { type: 'string', contentEncoding: 'base64', pattern: BASE64_OUTPUT },
  contract: { type: 'string', contentEncoding: 'base64' },
};

/** By the numbers of FieldDescriptorProto.Type. */
const SCALARS: ReadonlyMap<number, Scalar> = new Map([
  [TYPE_DOUBLE, floating('double', {})],
  [TYPE_FLOAT, floating('float', { exclusiveMinimum: -FLOAT_OVERFLOW, exclusiveMaximum: FLOAT_OVERFLOW })],
  [3, INT64],
  [4, UINT64],
  [5, INT32],
  [6, UINT64],
  [7, UINT32],
  [TYPE_BYTES, BYTES],
  [13, UINT32],
  [15, INT32],
  [16, INT64],
  [17, INT32],
  [18, INT64],
]);

const BY_NAME: ReadonlyMap<string, Scalar> = new Map([...SCALARS.values()].map((one) => [one.name, one]));

/** Whether a definition's name is that of a scalar. */
export const isScalarName = (name: string): boolean => BY_NAME.has(name);

/** The definition of a scalar. */
export function scalarDefinition(name: string, { isInput }: SchemaForm): JsonSchema {
  const scalar = BY_NAME.get(name);
  if (scalar === undefined) throw new TypeError(`there is no scalar '${name}'`);
  return isInput ? scalar.input : scalar.output;
}

/** What stands for a scalar: itself where it is short, and otherwise the name of its definition. */
export function scalarSchema(type: number, form: SchemaForm): JsonSchema | string {
  if (type === TYPE_BOOL) return { type: 'boolean' };
  if (type === TYPE_STRING) return { type: 'string' };
  const scalar = SCALARS.get(type);
  if (scalar === undefined) throw new TypeError(`field type ${type} is no scalar`);
  return form.isContract ? scalar.contract : scalar.name;
}

/** The names of a map's properties, for the type of its keys; undefined where any will do. */
export function keySchema(type: number): JsonSchema | undefined {
  switch (type) {
    case TYPE_STRING:
      return undefined;
    case TYPE_BOOL:
      return { enum: ['true', 'false'] };
    case 4:
    case 6:
      return UINT64_KEY;
    case 7:
    case 13:
      return UINT32_KEY;
    case 3:
    case 16:
    case 18:
      return INT64_KEY;
    default:
      return INT32_KEY;
  }
}

const INT32_KEY: JsonSchema = { pattern: `^${integerPattern(32, true)}$` };
const UINT32_KEY: JsonSchema = { pattern: `^${integerPattern(32, false)}$` };
const INT64_KEY: JsonSchema = { pattern: `^${integerPattern(64, true)}$` };
const UINT64_KEY: JsonSchema = { pattern: `^${integerPattern(64, false)}$` };

/** The numbers of enum values: as a number, or as text without fraction or exponent. */
export const ENUM_NUMBER: JsonSchema = {
  type: ['integer', 'string'],
  minimum: -(2 ** 31),
  maximum: 2 ** 31 - 1,
  pattern: `^${integerPattern(32, true)}$`,
};
