// The one place that decides how a call ended, from trailers, HTTP statuses, RST_STREAM codes, lost connections and
// what this side did. The texts for answers that are not gRPC are in http-answer.ts. Sources: grpc
// doc/PROTOCOL-HTTP2.md ("Errors"), doc/statuscodes.md, doc/http-grpc-status-mapping.md.

import { StatusCode, type StatusCodeValue, statusCodeName } from '../values/status.ts';
import { quoted } from '../values/text/page-text.ts';
import { fieldValue } from './field-list.ts';
import { decodeGrpcMessage } from './grpc-message.ts';
import {
  adviceFor,
  adviceForCodec,
  adviceForViolation,
  describeAnswer,
  isAboutMethod,
  quote,
} from './http-answer.ts';
import type { FieldList, ProtocolFacts, StreamEnd } from './transport.ts';

/** A status that has been decided. Its metadata is made from the raw trailers only on demand. */
export interface Outcome {
  readonly code: StatusCodeValue;
  readonly details: string;
  readonly origin: 'server' | 'client';
  readonly cause?: unknown;
  /** The server certainly ran nothing of the call. */
  readonly isUnprocessed?: boolean;
  /** What answered does not speak the call's protocol: other calls fare no better, whatever is known of their methods. */
  readonly isForeign?: boolean;
  /** What this side knows in addition to the server's words, for the error's message. */
  readonly note?: string;
}

/** The outcome of nearly all calls. */
const OUTCOME_OK: Outcome = { code: StatusCode.OK, details: '', origin: 'server' };

/** An outcome that this side decided. */
export function clientOutcome(code: StatusCodeValue, details: string, cause?: unknown): Outcome {
  return cause === undefined
    ? { code, details, origin: 'client' }
    : { code, details, origin: 'client', cause };
}

/** Whether a content type is gRPC's: `application/grpc`, optionally followed by a `+format` or `;parameters`. */
export function isGrpcContentType(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value === 'application/grpc' || value === 'application/grpc+proto') return true;
  return /^\s*application\/grpc(?:$|[+;\s])/i.test(value);
}

/**
 * The outcome of a response whose last fields (trailers, or a trailers-only head) are `trailers`.
 * @param expired whether the call's deadline had passed when it ended; needed where there is no status among them
 */
export function outcomeOfTrailers(trailers: FieldList, expired: boolean = false): Outcome {
  let status: string | undefined;
  let message: string | undefined;
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i];
    if (name === 'grpc-status') {
      if (status !== undefined && status !== trailers[i + 1]) {
        return clientOutcome(
          StatusCode.UNKNOWN,
          `the server sent two grpc-status values, ${quote(status)} and ${quote(trailers[i + 1])}`,
        );
      }
      status = trailers[i + 1];
    } else if (name === 'grpc-message' && message === undefined) message = trailers[i + 1];
  }
  if (status === '0') {
    return message === undefined || message === ''
      ? OUTCOME_OK
      : { code: StatusCode.OK, details: decodeGrpcMessage(message), origin: 'server' };
  }
  const details = message === undefined ? '' : decodeGrpcMessage(message);
  if (status === undefined) {
    const said = details === '' ? '' : `: ${details}`;
    return outcomeOfCutShort(
      StatusCode.UNKNOWN,
      `the server ended the response without a grpc-status${said}`,
      expired,
    );
  }
  // Strictly 0 to 16, without sign or leading zero: anything else is not a status, whatever it resembles. Blanks at the
  // ends do not cast doubt on an error; but OK is believed only in its exact form.
  const trimmed = trimBlanks(status);
  if (!/^(?:[0-9]|1[0-6])$/.test(trimmed) || trimmed === '0') {
    return clientOutcome(
      StatusCode.UNKNOWN,
      `the server sent the invalid grpc-status ${quote(status)}${details === '' ? '' : `: ${details}`}`,
    );
  }
  return { code: Number(trimmed) as StatusCodeValue, details, origin: 'server' };
}

/** A field's value without blanks at its ends, which some servers send (RFC 9110 §5.5). */
export function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  // Not a regular expression, which a server's value could make take quadratic time.
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * The outcome of a response head that is not the protocol's, from its HTTP status. Source: http-grpc-status-mapping.md.
 * @param page the text of the beginning of the body; empty if there is none
 * @param protocol the protocol that was spoken, unless it was gRPC
 * @param expired whether the call's deadline had passed when it came
 */
export function outcomeOfHttp(
  fields: FieldList,
  page: string = '',
  protocol?: ProtocolFacts,
  expired: boolean = false,
): Outcome {
  const httpStatus = fieldValue(fields, ':status') ?? '';
  const contentType = fieldValue(fields, 'content-type');
  const { label, contentType: wanted } = protocol ?? GRPC_FACTS;
  const said = page === '' ? '' : `; it says ${quoted(page)}`;
  const advice = `${said}${adviceFor(httpStatus, contentType, fields, label, protocol, page)}`;
  const isForeign = !isAboutMethod(httpStatus, contentType, page);
  if (httpStatus === '200') {
    if (contentType === undefined) {
      const details = `the response has no content-type; a ${label} server sends ${wanted}${said}`;
      return { ...clientOutcome(StatusCode.UNKNOWN, details), isForeign };
    }
    // The server speaks the protocol, but does not answer in the codec of the request.
    const codec = protocol === undefined ? undefined : codecOf(contentType, wanted);
    const details = `the response has content-type ${quote(contentType)}; a ${label} server sends ${wanted}${
      codec === undefined ? advice : adviceForCodec(codec, label, contentType, said)
    }`;
    const code = codec === undefined ? StatusCode.UNKNOWN : StatusCode.INTERNAL;
    return { ...clientOutcome(code, details), isForeign };
  }
  const details = `${describeAnswer(httpStatus, contentType, fields, label)}${advice}`;
  return { ...outcomeOfHttpStatus(httpStatus, details, expired), isForeign };
}

/**
 * The outcome of a response of which nothing counts but its HTTP status.
 * @param expired whether the call's deadline had passed when it came
 */
export function outcomeOfHttpStatus(httpStatus: string, details: string, expired: boolean): Outcome {
  const code = codeOfHttpStatus(httpStatus);
  // A server that enforces the deadline resets its stream, and the proxy before it says that it cannot reach it; others
  // say that it was the time.
  const mayBeExpiry = code === StatusCode.UNAVAILABLE || httpStatus === '408';
  return expired && mayBeExpiry ? outcomeAtDeadline(details) : clientOutcome(code, details);
}

/**
 * The outcome of a response that ends in good order, but before it says how the call ended.
 * @param expired whether the call's deadline had passed when it ended
 */
export function outcomeOfCutShort(code: StatusCodeValue, details: string, expired: boolean): Outcome {
  return expired ? outcomeAtDeadline(details) : clientOutcome(code, details);
}

const GRPC_FACTS: Pick<ProtocolFacts, 'label' | 'contentType'> = {
  label: 'gRPC',
  contentType: 'application/grpc',
};

/** The codec of a content-type that differs from another one in its codec alone; undefined of any other. */
function codecOf(contentType: string, wanted: string): 'proto' | 'json' | undefined {
  const end = Math.max(wanted.lastIndexOf('+'), wanted.lastIndexOf('/')) + 1;
  const codec = contentType.startsWith(wanted.slice(0, end)) ? contentType.slice(end) : '';
  if (/^proto\b/.test(codec)) return 'proto';
  return /^json\b/.test(codec) ? 'json' : undefined;
}

export function codeOfHttpStatus(httpStatus: string): StatusCodeValue {
  switch (httpStatus) {
    case '400':
      return StatusCode.INTERNAL;
    case '401':
      return StatusCode.UNAUTHENTICATED;
    case '403':
      return StatusCode.PERMISSION_DENIED;
    case '404':
      return StatusCode.UNIMPLEMENTED;
    case '429':
    case '502':
    case '503':
    case '504':
      return StatusCode.UNAVAILABLE;
    default:
      return StatusCode.UNKNOWN;
  }
}

// RFC 9113 §7, in order of their codes.
const HTTP2_ERRORS: readonly (readonly [name: string, code: StatusCodeValue])[] = [
  ['NO_ERROR', StatusCode.INTERNAL],
  ['PROTOCOL_ERROR', StatusCode.INTERNAL],
  ['INTERNAL_ERROR', StatusCode.INTERNAL],
  ['FLOW_CONTROL_ERROR', StatusCode.INTERNAL],
  ['SETTINGS_TIMEOUT', StatusCode.INTERNAL],
  ['STREAM_CLOSED', StatusCode.UNKNOWN],
  ['FRAME_SIZE_ERROR', StatusCode.INTERNAL],
  ['REFUSED_STREAM', StatusCode.UNAVAILABLE],
  ['CANCEL', StatusCode.CANCELLED],
  ['COMPRESSION_ERROR', StatusCode.INTERNAL],
  ['CONNECT_ERROR', StatusCode.INTERNAL],
  ['ENHANCE_YOUR_CALM', StatusCode.RESOURCE_EXHAUSTED],
  ['INADEQUATE_SECURITY', StatusCode.PERMISSION_DENIED],
  ['HTTP_1_1_REQUIRED', StatusCode.UNKNOWN],
];

/** `CANCEL (8)`, or the number alone for codes that no RFC names. */
export function http2ErrorName(code: number): string {
  const known = HTTP2_ERRORS[code];
  return known === undefined ? `code ${code}` : `${known[0]} (${code})`;
}

export const H2_NO_ERROR = 0;
/** The code with which a peer resets a request that it has not processed at all (RFC 9113 §8.7). */
const H2_REFUSED_STREAM = 7;
/** The code with which a client resets a stream whose answer it no longer wants. */
export const H2_CANCEL = 8;

/**
 * The outcome of a stream that ended without END_STREAM.
 * @param expired whether the call's deadline had passed when it ended
 */
export function outcomeOfEnd(end: Exclude<StreamEnd, { kind: 'complete' }>, expired: boolean): Outcome {
  if (isUnprocessed(end)) return { ...outcomeOfBroken(end, expired), isUnprocessed: true };
  return outcomeOfBroken(end, expired);
}

/** Whether the server certainly ran nothing of a call whose stream ended so. */
export function isUnprocessed(end: StreamEnd): boolean {
  if (end.kind === 'lost') return end.processed === false;
  return (
    end.kind === 'unopened' ||
    end.kind === 'refused' ||
    (end.kind === 'reset' && end.code === H2_REFUSED_STREAM)
  );
}

/**
 * The outcome of a call that others ended once its deadline had passed. Servers and proxies enforce it too, and each
 * has its own way: gRPC servers reset with CANCEL, Envoy with INTERNAL_ERROR, and over HTTP/1.1 all that is left is to
 * close the connection. The grpc-timeout sent is rounded up, so none does so for its sake before the deadline.
 */
function outcomeAtDeadline(details: string, cause?: unknown): Outcome {
  return clientOutcome(StatusCode.DEADLINE_EXCEEDED, `the deadline had passed when ${details}`, cause);
}

function outcomeOfBroken(end: Exclude<StreamEnd, { kind: 'complete' }>, expired: boolean): Outcome {
  switch (end.kind) {
    case 'reset': {
      const details = `the server reset the stream with ${http2ErrorName(end.code)}`;
      if (expired) return outcomeAtDeadline(details);
      return { code: HTTP2_ERRORS[end.code]?.[1] ?? StatusCode.UNKNOWN, details, origin: 'server' };
    }
    case 'violation': {
      // If the server names an error, it is believed, whatever else is wrong; OK is not.
      if (end.last !== undefined) {
        const outcome = outcomeOfTrailers(end.last);
        if (outcome.origin === 'server' && outcome.code !== StatusCode.OK) return outcome;
      }
      const code = HTTP2_ERRORS[end.code]?.[1] ?? StatusCode.INTERNAL;
      const advice = adviceForViolation(end.reason);
      const outcome = clientOutcome(code, `the server broke the protocol: ${end.reason}${advice}`);
      return advice === '' ? outcome : { ...outcome, isForeign: true };
    }
    case 'lost':
      if (expired) return outcomeAtDeadline(end.reason);
      return clientOutcome(StatusCode.UNAVAILABLE, `${end.reason}${largeHeadNote(end)}`);
    case 'refused':
      return clientOutcome(StatusCode.UNAVAILABLE, end.reason);
    case 'decided':
      return { ...clientOutcome(end.code, end.reason, end.cause), ...(end.isForeign && { isForeign: true }) };
    case 'unopened':
      if (expired && end.code === undefined)
        return outcomeAtDeadline(`no stream could be opened: ${end.reason}`, end.cause);
      return outcomeOfUnopened(end.code ?? StatusCode.UNAVAILABLE, end.reason, end.cause);
    default:
      return end satisfies never;
  }
}

/** Names the most likely reason why a server ends the connection with an error because of a call: its large head. */
function largeHeadNote({ code, largeHeadOctets }: StreamEnd & { kind: 'lost' }): string {
  return code === H2_NO_ERROR || largeHeadOctets === undefined
    ? ''
    : `; the call's header fields took ${largeHeadOctets} octets, which may be more than the server accepts`;
}

// Codes that only the application on the server's side may use. Source: gRFC A54.
const APPLICATION_CODES: ReadonlySet<StatusCodeValue> = new Set([
  StatusCode.INVALID_ARGUMENT,
  StatusCode.NOT_FOUND,
  StatusCode.ALREADY_EXISTS,
  StatusCode.FAILED_PRECONDITION,
  StatusCode.ABORTED,
  StatusCode.OUT_OF_RANGE,
  StatusCode.DATA_LOSS,
]);

/** No stream was opened, so the server said nothing: a code that would claim so becomes INTERNAL (gRFC A54). */
function outcomeOfUnopened(code: StatusCodeValue, reason: string, cause: unknown): Outcome {
  return APPLICATION_CODES.has(code)
    ? clientOutcome(StatusCode.INTERNAL, `${statusCodeName(code)} before the call was sent: ${reason}`, cause)
    : clientOutcome(code, reason, cause);
}
