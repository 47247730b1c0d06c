// What google.rpc.Status carries in grpc-status-details-bin: its `details`, each decoded by the loaded schema or by the
// types of google.rpc themselves. These are written out below, so that a failed call needs no .proto parser, and are
// made when the first error brings details. Never throws: the caller is handling another error.

import { bufferOf } from '../../values/octets.ts';
import { messageOf } from '../../values/realm.ts';
import type { ErrorDetail, ErrorDetails } from '../../values/rpc-error.ts';
import { type DecodeBudget, decodeWith, decodeWithin } from '../codec/codec.ts';
import { markRawAny } from '../codec/message-class.ts';
import { type Fields, Plan, PlanSet } from '../codec/plan.ts';
import { preparePlan } from '../codec/well-known/well-known.ts';
import { copyInto } from '../codec/well-known/well-known-decode.ts';
import { DecodedSizeError } from '../codec/wire/decode-error.ts';
import type {
  DescriptorProto,
  FieldDescriptorProto,
  FieldTypeName,
  FileDescriptorProto,
} from '../descriptors/descriptor-types.ts';
import { lastPart, typeNameOfUrl } from '../descriptors/names.ts';
import { NOT_WELL_KNOWN } from '../descriptors/well-known-kind.ts';
import { Registry } from './registry.ts';

/** Decoded with a different name for Any, since google.protobuf.Any has decoding rules of its own. */
const STATUS = 'google.rpc.Status';
const ANY = 'google.protobuf.Any';

/**
 * google/rpc/error_details.proto and http.proto, one message per line: `name number type`, where `*` is repeated, `?`
 * is optional and `{}` a map of strings.
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

/** google/rpc/status.proto. */
export function statusFile(): FileDescriptorProto {
  return {
    name: 'google/rpc/status.proto',
    package: 'google.rpc',
    syntax: 'proto3',
    messageType: [
      message('Status: code 1 int32, message 2 string, details 3 .google.rpc.Detail*'),
      message('Detail: type_url 1 string, value 2 bytes'),
    ],
  };
}

/**
 * How large a Status may become in memory, with its details still bytes. Code that handles an error waits for them, and
 * a server may send details, and the schema for them, that would take seconds and all memory.
 */
const MAX_STATUS_BYTES = 3 * 1024 * 1024;
/** How large its details may become, all together. */
const MAX_ERROR_DETAILS_BYTES = 2 * 1024 * 1024;
/** How large a single one may become, so that one that is too large leaves room for the others. */
const MAX_ERROR_DETAIL_BYTES: number = MAX_ERROR_DETAILS_BYTES / 4;
const MAX_DECODED_DETAILS = 1000;
const MAX_PROBLEMS = 10;
const MAX_SHOWN_OCTETS = 100;

interface RawStatus {
  readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
}

let statusRegistry: Registry | undefined;
/** The built-in types with the value options of clients; one for each combination in use. */
const builtIn: Map<string, Registry> = new Map();

/** Decodes the octets of a google.rpc.Status. */
export function decodeErrorDetails(octets: Uint8Array, loaded: Registry): ErrorDetails {
  let status: RawStatus;
  try {
    if (statusRegistry === undefined) {
      statusRegistry = new Registry();
      statusRegistry.add([statusFile()], 'the package itself');
    }
    const plan = statusRegistry.plan(STATUS);
    status = decodeWith(plan, octets, 0, octets.length, MAX_STATUS_BYTES) as RawStatus;
  } catch (error) {
    const text =
      error instanceof DecodedSizeError
        ? `${octets.length} octets of details would take more memory than MAX_STATUS_BYTES ${MAX_STATUS_BYTES}`
        : messageOf(error);
    return { details: [], problem: `grpc-status-details-bin: ${text}` };
  }
  const decoding = new DetailDecoding(detailPlan(loaded));
  const details = status.details.map(({ typeUrl, value }) => decoding.decode(typeUrl, value));
  return { details, problem: decoding.problem };
}

/** Decodes the details of one error again, with types that were not known before, within the same limits. */
export class ResolvedDetails {
  readonly #budget: DecodeBudget = { bytes: MAX_ERROR_DETAILS_BYTES };
  /** How many are left as they were. */
  #left = 0;

  /** The detail in these bytes, an Any, as decoded with this schema; as it was, if that takes too much memory. */
  decode(loaded: Registry, detail: unknown, bytes: Uint8Array): unknown {
    try {
      return decodeWithin(this.#budget, MAX_ERROR_DETAIL_BYTES, detailPlan(loaded), bytes);
    } catch (error) {
      if (!(error instanceof DecodedSizeError)) throw error;
      this.#left++;
      return detail;
    }
  }

  /** Why there is less than the server sent. */
  get problem(): string | undefined {
    if (this.#left === 0) return undefined;
    const limits = `MAX_ERROR_DETAIL_BYTES ${MAX_ERROR_DETAIL_BYTES} or MAX_ERROR_DETAILS_BYTES ${MAX_ERROR_DETAILS_BYTES}`;
    return `resolve: ${leftAsBytes(this.#left)}, past ${limits}`;
  }
}

/** The details of one error, and what was wrong with them. */
class DetailDecoding {
  readonly #any: Plan;
  readonly #budget: DecodeBudget = { bytes: MAX_ERROR_DETAILS_BYTES };
  readonly #problems: string[] = [];
  #moreProblems = 0;
  #decoded = 0;
  /** How many were not tried. */
  #left = 0;

  constructor(any: Plan) {
    this.#any = any;
  }

  /** A detail is an Any like those of replies: a message that knows its JSON and its text. */
  decode(typeUrl: string, value: Uint8Array): ErrorDetail {
    const any = this.#any;
    const detail = new any.Message() as { '@type': string; [field: string]: unknown };
    detail['@type'] = typeUrl;
    try {
      const payload = any.set.find(typeNameOfUrl(typeUrl));
      if (payload !== undefined && this.#mayDecode()) {
        const content = decodeWithin(this.#budget, MAX_ERROR_DETAIL_BYTES, payload, value);
        if (payload.wellKnown !== NOT_WELL_KNOWN) detail['value'] = content;
        else copyInto(detail, content as Fields);
        return detail;
      }
    } catch (error) {
      this.#note(typeUrl, messageOfProblem(error));
    }
    if (typeUrl === '') this.#note('a detail without a type', textOf(value));
    detail['value'] = value;
    markRawAny(detail);
    return detail;
  }

  #mayDecode(): boolean {
    const may = this.#decoded < MAX_DECODED_DETAILS && this.#budget.bytes > 0;
    if (may) this.#decoded++;
    else this.#left++;
    return may;
  }

  #note(what: string, text: string): void {
    if (this.#problems.length === MAX_PROBLEMS) this.#moreProblems++;
    else this.#problems.push(`${what}: ${text}`);
  }

  /** Why there is less than the server sent. */
  get problem(): string | undefined {
    const problems = [...this.#problems];
    if (this.#moreProblems > 0) {
      problems.push(
        `${this.#moreProblems} more ${this.#moreProblems === 1 ? 'detail' : 'details'} cannot be read`,
      );
    }
    if (this.#left > 0) {
      const limit =
        this.#decoded === MAX_DECODED_DETAILS
          ? `MAX_DECODED_DETAILS ${MAX_DECODED_DETAILS}`
          : `MAX_ERROR_DETAILS_BYTES ${MAX_ERROR_DETAILS_BYTES}`;
      problems.push(`${leftAsBytes(this.#left)}, past ${limit}`);
    }
    return problems.length === 0 ? undefined : problems.join('; ');
  }
}

function leftAsBytes(count: number): string {
  return `${count} ${count === 1 ? 'detail is' : 'details are'} left as bytes`;
}

function messageOfProblem(error: unknown): string {
  return error instanceof DecodedSizeError
    ? `left as bytes: it would take more memory than MAX_ERROR_DETAIL_BYTES ${MAX_ERROR_DETAIL_BYTES}, or than the other details leave of MAX_ERROR_DETAILS_BYTES ${MAX_ERROR_DETAILS_BYTES}`
    : messageOf(error);
}

/** The beginning of what may be text. */
function textOf(bytes: Uint8Array): string {
  const octets = bufferOf(bytes, 0, Math.min(bytes.length, MAX_SHOWN_OCTETS));
  return `${JSON.stringify(octets.toString('utf8'))}${bytes.length > MAX_SHOWN_OCTETS ? '…' : ''}`;
}

/** The types of details: the loaded schema's own definitions come before ours, as they may be newer. */
class DetailPlans extends PlanSet {
  readonly #loaded: Registry;
  readonly #builtIn: Registry;
  readonly any: Plan;

  constructor(loaded: Registry, builtIn: Registry) {
    super(builtIn.model, builtIn.shape, preparePlan);
    this.#loaded = loaded;
    this.#builtIn = builtIn;
    this.any = new Plan(this, builtIn.plan(ANY).type);
    preparePlan(this.any);
  }

  override get spansSchemas(): boolean {
    return true;
  }

  override find(fullName: string): Plan | undefined {
    return this.#loaded.findPlan(fullName) ?? this.#builtIn.findPlan(fullName);
  }
}

const detailPlans: WeakMap<Registry, Plan> = new WeakMap();

/** The plan of an Any that holds a detail, with this schema loaded. */
export function detailPlan(loaded: Registry): Plan {
  let plan = detailPlans.get(loaded);
  if (plan === undefined) {
    plan = new DetailPlans(loaded, builtInTypes(loaded)).any;
    detailPlans.set(loaded, plan);
  }
  return plan;
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
      name: 'google/protobuf/any.proto',
      package: 'google.protobuf',
      syntax: 'proto3',
      messageType: [message('Any: type_url 1 string, value 2 bytes')],
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
  const name = lastPart(path);
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
