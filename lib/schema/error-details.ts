// What google.rpc.Status carries in grpc-status-details-bin: its `details`, each decoded by the loaded schema or by
// the types of google.rpc themselves. These are written out, so that a failed call needs no .proto parser; they are
// made when the first error brings details. Never throws: whoever asks is handling another error.

import type { ErrorDetail, ErrorDetails } from '../rpc-error.ts';
import type {
  DescriptorProto,
  FieldDescriptorProto,
  FieldTypeName,
  FileDescriptorProto,
} from './descriptor.ts';
import { setOwn } from './message-class.ts';
import type { Plan } from './plan.ts';
import { Registry } from './registry.ts';
import { NOT_WELL_KNOWN } from './well-known-kind.ts';

/** Decoded with our own name for Any, since one called by its own is decoded by rules of its own. */
const STATUS = 'google.rpc.Status';

/**
 * google/rpc/error_details.proto and http.proto, a line a message: `name number type`, where `*` is repeated, `?` is
 * optional and `{}` a map of texts.
 */
const GOOGLE_RPC = `
ErrorInfo: reason 1 string, domain 2 string, metadata 3 {}
RetryInfo: retry_delay 1 .google.protobuf.Duration
DebugInfo: stack_entries 1 string*, detail 2 string
QuotaFailure: violations 1 .google.rpc.QuotaFailure.Violation*
QuotaFailure.Violation: subject 1 string, description 2 string, api_service 3 string, quota_metric 4 string, quota_id 5 string, quota_dimensions 6 {}, quota_value 7 int64, future_quota_value 8 int64?
PreconditionFailure: violations 1 .google.rpc.PreconditionFailure.Violation*
PreconditionFailure.Violation: type 1 string, subject 2 string, description 3 string
BadRequest: field_violations 1 .google.rpc.BadRequest.FieldViolation*
BadRequest.FieldViolation: field 1 string, description 2 string, reason 3 string, localized_message 4 .google.rpc.LocalizedMessage
RequestInfo: request_id 1 string, serving_data 2 string
ResourceInfo: resource_type 1 string, resource_name 2 string, owner 3 string, description 4 string
Help: links 1 .google.rpc.Help.Link*
Help.Link: description 1 string, url 2 string
LocalizedMessage: locale 1 string, message 2 string
HttpRequest: method 1 string, uri 2 string, headers 3 .google.rpc.HttpHeader*, body 4 bytes
HttpResponse: status 1 int32, reason 2 string, headers 3 .google.rpc.HttpHeader*, body 4 bytes
HttpHeader: key 1 string, value 2 string`;

export const STATUS_FILE: FileDescriptorProto = {
  name: 'google/rpc/status.proto',
  package: 'google.rpc',
  syntax: 'proto3',
  messageType: [
    message('Status: code 1 int32, message 2 string, details 3 .google.rpc.Detail*'),
    message('Detail: type_url 1 string, value 2 bytes'),
  ],
};

interface RawStatus {
  readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
}

let statusRegistry: Registry | undefined;
/** The built-in types in the form that a client's values have; one for each form in use. */
const builtIn: Map<string, Registry> = new Map();

/** Decodes the octets of a google.rpc.Status. */
export function decodeErrorDetails(octets: Uint8Array, loaded: Registry): ErrorDetails {
  let status: RawStatus;
  try {
    if (statusRegistry === undefined) {
      statusRegistry = new Registry();
      statusRegistry.add([STATUS_FILE], 'the package itself');
    }
    status = statusRegistry.message(STATUS).decode(octets, 0, octets.length) as RawStatus;
  } catch (error) {
    return { details: [], problem: `grpc-status-details-bin: ${textOf(error)}` };
  }
  const problems: string[] = [];
  const details = status.details.map(({ typeUrl, value }) => decodeDetail(typeUrl, value, loaded, problems));
  return { details, problem: problems.length === 0 ? undefined : problems.join('; ') };
}

function decodeDetail(typeUrl: string, value: Uint8Array, loaded: Registry, problems: string[]): ErrorDetail {
  const detail: { '@type': string; [field: string]: unknown } = { '@type': typeUrl };
  try {
    const plan = planOfDetail(typeUrl.slice(typeUrl.lastIndexOf('/') + 1), loaded);
    if (plan !== undefined) {
      const content: unknown = plan.registry.message(plan.name).decode(value, 0, value.length);
      if (!plan.isPlain || typeof content !== 'object' || content === null) detail['value'] = content;
      else for (const [key, item] of Object.entries(content)) setOwn(detail, key, item);
      return detail;
    }
  } catch (error) {
    problems.push(`${typeUrl}: ${textOf(error)}`);
  }
  return { '@type': typeUrl, value };
}

/** The loaded schema's own definition goes before ours: it may be newer. */
function planOfDetail(
  name: string,
  loaded: Registry,
): { readonly registry: Registry; readonly name: string; readonly isPlain: boolean } | undefined {
  for (const registry of [loaded, builtInTypes(loaded)]) {
    if (registry.find(name)?.kind !== 'message') continue;
    const { wellKnown }: Plan = registry.plan(name);
    return { registry, name, isPlain: wellKnown === NOT_WELL_KNOWN };
  }
  return undefined;
}

function builtInTypes(loaded: Registry): Registry {
  const { options } = loaded;
  const key = JSON.stringify(Object.entries(options), (_, value: unknown) =>
    typeof value === 'function' ? value.name : value,
  );
  let registry = builtIn.get(key);
  if (registry === undefined) {
    registry = new Registry(options);
    registry.add(builtInFiles(), 'the package itself');
    builtIn.set(key, registry);
  }
  return registry;
}

/** The descriptors of what is built in. */
export function builtInFiles(): readonly FileDescriptorProto[] {
  const messages: Map<string, DescriptorProto> = new Map();
  for (const line of GOOGLE_RPC.trim().split('\n')) {
    const path = line.slice(0, line.indexOf(':'));
    const made = message(line);
    const dot = path.indexOf('.');
    const outer = dot < 0 ? undefined : messages.get(path.slice(0, dot));
    if (outer === undefined) messages.set(path, made);
    else messages.set(outer.name, { ...outer, nestedType: [...(outer.nestedType ?? []), made] });
  }
  return [
    {
      name: 'google/protobuf/duration.proto',
      package: 'google.protobuf',
      syntax: 'proto3',
      messageType: [message('Duration: seconds 1 int64, nanos 2 int32')],
    },
    {
      name: 'google/rpc/error_details.proto',
      package: 'google.rpc',
      syntax: 'proto3',
      dependency: ['google/protobuf/duration.proto'],
      messageType: [...messages.values()],
    },
  ];
}

/** `Outer.Name: field 1 type, …` */
function message(line: string): DescriptorProto {
  const colon = line.indexOf(':');
  const path = line.slice(0, colon);
  const name = path.slice(path.lastIndexOf('.') + 1);
  const entries: DescriptorProto[] = [];
  const oneofs: { name: string }[] = [];
  const field = line
    .slice(colon + 1)
    .split(',')
    .map((text) => {
      const [fieldName, number, type] = text.trim().split(' ');
      const base = { name: fieldName, number: Number(number) };
      if (type !== '{}') {
        const isOptional = type.endsWith('?');
        if (isOptional) oneofs.push({ name: `_${fieldName}` });
        return fieldOf(base, type, isOptional ? oneofs.length - 1 : undefined);
      }
      const entry = `${fieldName.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Entry`;
      entries.push({
        name: entry,
        field: [
          fieldOf({ name: 'key', number: 1 }, 'string', undefined),
          fieldOf({ name: 'value', number: 2 }, 'string', undefined),
        ],
        options: { mapEntry: true },
      });
      return fieldOf(base, `.google.rpc.${path}.${entry}*`, undefined);
    });
  return { name, field, nestedType: entries, oneofDecl: oneofs };
}

function fieldOf(
  base: { readonly name: string; readonly number: number },
  text: string,
  oneofIndex: number | undefined,
): FieldDescriptorProto {
  const type = text.replace(/[*?]$/, '');
  return {
    ...base,
    label: text.endsWith('*') ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
    ...(type.startsWith('.')
      ? { type: 'TYPE_MESSAGE', typeName: type }
      : { type: `TYPE_${type.toUpperCase()}` as FieldTypeName }),
    ...(oneofIndex === undefined ? undefined : { oneofIndex, proto3Optional: true }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
