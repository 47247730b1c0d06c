// The operations of one method: one for each google.api.http binding, and Connect's POST (and GET, where it has no side
// effects).

import type { FieldPlan, Plan } from '../codec/plan.ts';
import type { MethodDescriptorProto } from '../descriptors/descriptor-types.ts';
import type { Definitions } from '../json-schema/definitions.ts';
import type { JsonSchema } from '../json-schema/schema-form.ts';
import type { HttpBinding } from './http-rule.ts';
import type { PathParameter, PathTemplate } from './path-template.ts';
import { queryParameters } from './query-parameters.ts';

const JSON_TYPE = 'application/json';
const HTTP_BODY = 'google.api.HttpBody';

/** A method of a service, as its operations need it. */
export interface DescribedMethod {
  /** `pkg.Service` */
  readonly service: string;
  readonly proto: MethodDescriptorProto;
  readonly notes: JsonSchema;
  readonly request: Plan;
  readonly reply: Plan;
  /** What the ids of its operations begin with. */
  readonly id: string;
}

export const CONNECT_ERROR = 'connect-error';
export const STATUS = 'google.rpc.Status';

/** What the operation of one binding is; a text that says why it cannot be described. */
export function httpOperation(
  definitions: Definitions,
  method: DescribedMethod,
  { body, responseBody }: HttpBinding,
  template: PathTemplate,
  id: string,
): JsonSchema | string {
  const { request, reply } = method;
  const path = template.parameters.map((one) => pathParameter(definitions, request, one));
  for (const field of template.fields) {
    if (fieldAt(request, field) === undefined)
      return `${request.typeName} has no field '${field}', which is in its path`;
  }
  const bodyField = body === '' || body === '*' ? undefined : fieldAt(request, body);
  if (body !== '' && body !== '*' && bodyField === undefined) {
    return `${request.typeName} has no field '${body}', which is to be its body`;
  }
  const replyField = responseBody === '' ? undefined : fieldAt(reply, responseBody);
  if (responseBody !== '' && replyField === undefined) {
    return `${reply.typeName} has no field '${responseBody}', which is to be its response`;
  }
  const bound = new Set([...template.fields, ...(bodyField === undefined ? [] : [body])]);
  const query = body === '*' ? undefined : queryParameters(definitions, request, bound);
  const leftOut = query?.leftOut ?? [];
  const parameters = [...path, ...(query?.parameters ?? [])];
  const notes = leftOut.length === 0 ? [] : [`Without a form in the query: ${leftOut.join(', ')}.`];
  const content = (plan: Plan, field: FieldPlan | undefined): JsonSchema => {
    if (field !== undefined) return { [JSON_TYPE]: { schema: definitions.messages.value(field) } };
    return plan.typeName === HTTP_BODY
      ? { '*/*': {} }
      : { [JSON_TYPE]: { schema: definitions.refer(plan.typeName) } };
  };
  return {
    ...head(method, id, notes),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === '' ? {} : { requestBody: { required: true, content: content(request, bodyField) } }),
    responses: {
      '200': { description: 'OK', content: content(reply, replyField) },
      default: { description: 'An error', content: { [JSON_TYPE]: { schema: definitions.refer(STATUS) } } },
    },
  };
}

/** Connect's POST of a unary call, with JSON. */
export function connectPost(definitions: Definitions, method: DescribedMethod, id: string): JsonSchema {
  return {
    ...head(method, id, []),
    parameters: CONNECT_HEADERS,
    requestBody: {
      required: true,
      content: { [JSON_TYPE]: { schema: definitions.refer(method.request.typeName) } },
    },
    responses: connectResponses(definitions, method),
  };
}

/** Connect's GET of a unary call without side effects: the request is a parameter. */
export function connectGet(definitions: Definitions, method: DescribedMethod, id: string): JsonSchema {
  const parameter = (name: string, isRequired: boolean, values: readonly string[]): JsonSchema => ({
    name,
    in: 'query',
    ...(isRequired ? { required: true } : {}),
    schema: { type: 'string', enum: values },
  });
  return {
    ...head(method, id, []),
    parameters: [
      {
        name: 'message',
        in: 'query',
        required: true,
        description: 'The request as JSON',
        content: { [JSON_TYPE]: { schema: definitions.refer(method.request.typeName) } },
      },
      parameter('encoding', true, ['json']),
      parameter('connect', false, ['v1']),
      CONNECT_HEADERS[1],
    ],
    responses: connectResponses(definitions, method),
  };
}

const CONNECT_HEADERS: readonly JsonSchema[] = [
  { name: 'Connect-Protocol-Version', in: 'header', schema: { type: 'string', enum: ['1'] } },
  {
    name: 'Connect-Timeout-Ms',
    in: 'header',
    description: 'How long the call may take, in milliseconds',
    schema: { type: 'integer', minimum: 0, maximum: 9_999_999_999 },
  },
];

function connectResponses(definitions: Definitions, { reply }: DescribedMethod): JsonSchema {
  const json = (schema: JsonSchema): JsonSchema => ({ [JSON_TYPE]: { schema } });
  return {
    '200': { description: 'OK', content: json(definitions.refer(reply.typeName)) },
    default: { description: 'An error', content: json(definitions.refer(CONNECT_ERROR)) },
  };
}

function head({ service, notes }: DescribedMethod, id: string, more: readonly string[]): JsonSchema {
  const { description, deprecated } = notes;
  const said = [...(typeof description === 'string' ? [description] : []), ...more].join('\n\n');
  return {
    operationId: id,
    tags: [service],
    ...(said === '' ? {} : { description: said }),
    ...(deprecated === true ? { deprecated } : {}),
  };
}

function pathParameter(definitions: Definitions, request: Plan, one: PathParameter): JsonSchema {
  const field = one.field === '' ? undefined : fieldAt(request, one.field);
  const deep = one.isDeep ? ' It may have several segments.' : '';
  const part =
    one.isWhole || field === undefined ? '' : `A part of ${one.field}, which is \`${one.pattern}\`.`;
  const own: unknown =
    field === undefined || !one.isWhole ? undefined : definitions.notes.ofField(field)['description'];
  const description = `${own ?? part}${deep}`.trim();
  return {
    name: one.name,
    in: 'path',
    required: true,
    ...(description === '' ? {} : { description }),
    schema: field !== undefined && one.isWhole ? definitions.messages.value(field) : { type: 'string' },
  };
}

/** The field that a path of names in the .proto leads to; undefined if there is none. */
function fieldAt(plan: Plan, path: string): FieldPlan | undefined {
  let at: Plan | undefined = plan;
  let field: FieldPlan | undefined;
  for (const name of path.split('.')) {
    field = at?.fields.find((one) => one.field.name === name);
    if (field === undefined) return undefined;
    at = field.isMessage ? field.link() : undefined;
  }
  return field;
}
