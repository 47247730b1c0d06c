// Which query parameters a request's fields are that are neither in the path nor in the body: google/api/http.proto flattens
// messages to `book.author.name`, repeats parameters for lists, and has no form for maps and lists of messages.

import { type FieldPlan, MAP, type Plan, SINGULAR } from '../codec/plan.ts';
import * as kind from '../descriptors/well-known-kind.ts';
import type { Definitions } from '../json-schema/definitions.ts';
import type { JsonSchema } from '../json-schema/schema-form.ts';

/** Of one operation. */
const MAX_QUERY_PARAMETERS = 200;
/** Fields that are looked at for them: there may be a number to the power of the levels. */
const MAX_FIELDS_VISITED = 5000;
/** Of the fields that have no form in a query, so many are named. */
const MAX_NAMED = 50;
/** How deep in messages a parameter may be. */
const MAX_LEVELS = 8;
/** Well-known types whose JSON is one text or scalar. */
const FLAT = new Set([kind.TIMESTAMP, kind.DURATION, kind.FIELD_MASK, kind.WRAPPER]);

export interface QueryParameters {
  readonly parameters: readonly JsonSchema[];
  /** Fields that have no form in a query, by path. */
  readonly leftOut: readonly string[];
}

/** The fields of a request but for those bound elsewhere, by their paths in the .proto. */
export function queryParameters(
  definitions: Definitions,
  request: Plan,
  bound: ReadonlySet<string>,
): QueryParameters {
  const parameters: JsonSchema[] = [];
  const leftOut: string[] = [];
  let left = MAX_FIELDS_VISITED;
  const add = (plan: Plan, name: string, path: string, around: readonly Plan[]): void => {
    for (const field of plan.fields) {
      if (--left < 0) return;
      const protoPath = `${path}${field.field.name}`;
      const jsonPath = `${name}${field.jsonName}`;
      if (bound.has(protoPath)) continue;
      const inside = insideOf(field, around);
      if (parameters.length >= MAX_QUERY_PARAMETERS) leftOut.push(jsonPath);
      else if (isParameter(field)) parameters.push(parameterOf(definitions, field, jsonPath));
      else if (inside !== undefined) add(inside, `${jsonPath}.`, `${protoPath}.`, [...around, inside]);
      else leftOut.push(jsonPath);
    }
  };
  add(request, '', '', [request]);
  if (leftOut.length > MAX_NAMED) leftOut.splice(MAX_NAMED, Infinity, '…');
  else if (left < 0) leftOut.push('…');
  return { parameters, leftOut };
}

/** The message whose fields are parameters in its place; undefined for one that has none, or contains itself. */
function insideOf(field: FieldPlan, around: readonly Plan[]): Plan | undefined {
  if (!field.isMessage || field.shape !== SINGULAR || around.length >= MAX_LEVELS) return undefined;
  const inside = field.link();
  return inside.wellKnown === kind.NOT_WELL_KNOWN && !around.includes(inside) ? inside : undefined;
}

function isParameter(field: FieldPlan): boolean {
  if (field.shape === MAP) return false;
  return !field.isMessage || FLAT.has(field.link().wellKnown);
}

function parameterOf(definitions: Definitions, field: FieldPlan, name: string): JsonSchema {
  const { description, deprecated } = definitions.notes.ofField(field);
  return {
    name,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    ...(deprecated === undefined ? {} : { deprecated }),
    schema: definitions.messages.value(field),
  };
}
