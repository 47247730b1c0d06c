// What an answer's messages are, by its content-type, beside what the call's are; and what to say where they differ, or where
// a server fails that may not know JSON. Source: grpc doc/PROTOCOL-HTTP2.md, "Content-Type".

import { advice } from '../values/options/option-words.ts';
import { StatusCode } from '../values/status.ts';
import { quote } from './http-answer.ts';
import { clientOutcome, isGrpcContentType, type Outcome } from './outcome.ts';

/** The form of a call's messages: undefined for protobuf's wire format. */
type Codec = 'json' | undefined;

/** gRPC, with messages as the call's. */
export const EXPECTED = 0;
/** gRPC, with messages of another form. */
export const OTHER_CODEC = 1;
/** Something else. */
export const NOT_GRPC = 2;

const JSON_CONTENT_TYPE = /^\s*application\/grpc\+json\s*(?:;|$)/i;

/** Whether a content-type is gRPC's with messages of JSON. */
const isJsonContentType = (contentType: string): boolean => JSON_CONTENT_TYPE.test(contentType);

/** What a response head's content-type says of the answer to a call with such messages. */
export function answerOf(
  contentType: string | undefined,
  codec: Codec,
): typeof EXPECTED | typeof OTHER_CODEC | typeof NOT_GRPC {
  if (
    codec === undefined &&
    (contentType === 'application/grpc' || contentType === 'application/grpc+proto')
  ) {
    return EXPECTED;
  }
  if (contentType === undefined || !isGrpcContentType(contentType)) return NOT_GRPC;
  // Of formats that nobody here knows, servers say what they like of the wire format.
  return isJsonContentType(contentType) === (codec === 'json') ? EXPECTED : OTHER_CODEC;
}

/** The outcome of an answer with messages of another form than the call's. */
export function outcomeOfOtherCodec(contentType: string, codec: Codec): Outcome {
  const { useProto, useJson } = advice();
  const text =
    codec === 'json'
      ? `the server answered a call with JSON messages with content-type ${quote(contentType)}, which is not application/grpc+json: it may not know JSON; ${useProto}`
      : `the server answered with JSON messages (content-type ${quote(contentType)}) where protobuf's wire format was asked for; ${useJson}`;
  return clientOutcome(StatusCode.INTERNAL, text);
}

/** What servers without a codec for JSON say, who take the text for bytes of the wire format or refuse the content-type. */
const WITHOUT_JSON =
  /codec|content-?type|subtype|unmarshal|deserializ|decod|pars(?:e|ing)|protobuf|proto:|wire|HTTP status 415/i;

/** The outcome of a failed call with JSON messages, with what to try where the server may not know them. */
export function underJson(outcome: Outcome): Outcome {
  const { code, details, note } = outcome;
  const isLikely =
    code === StatusCode.INTERNAL ||
    code === StatusCode.UNIMPLEMENTED ||
    code === StatusCode.UNKNOWN ||
    code === StatusCode.INVALID_ARGUMENT;
  const { useProto } = advice();
  if (!isLikely || !WITHOUT_JSON.test(details) || details.includes(useProto)) return outcome;
  const text = `the call's messages were JSON, which this server may not know; ${useProto}`;
  return { ...outcome, note: note === undefined ? text : `${note}; ${text}` };
}
