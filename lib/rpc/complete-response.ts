// How a call ended whose response came to its end in good order: by its trailers, and by what came before them. The server
// is believed where it names an error, and its OK only if the response bears it out.

import { StatusCode } from '../values/status.ts';
import { outcomeOfOtherCodec } from './answer-codec.ts';
import { fieldValue } from './field-list.ts';
import type { HttpPage } from './http-page.ts';
import { clientOutcome, isGrpcContentType, type Outcome, outcomeOfTrailers } from './outcome.ts';
import type { FieldList, RequestHead } from './transport.ts';

/** An answer in which no message is the call's: gRPC of another codec, told by its content-type, or an HTTP server's page. */
export type ForeignAnswer =
  | { readonly otherCodec: string; readonly page?: undefined }
  | { readonly otherCodec?: undefined; readonly page: HttpPage };

/** What came, as far as it matters at the end. */
export interface CompleteResponse {
  /** The request's. */
  readonly head: RequestHead;
  /** undefined for trailers-only. */
  readonly headers: FieldList | undefined;
  readonly trailers: FieldList | undefined;
  readonly foreign: ForeignAnswer | undefined;
  /** Whether any part of a message has arrived. */
  readonly hasBody: boolean;
  /** Whether a whole one has been delivered. */
  readonly hasReply: boolean;
  readonly endsInsideMessage: boolean;
  readonly isReplyStream: boolean;
  isExpired(): boolean;
  /** What the HTTP status means, where it counts. */
  outcomeOfHttp(head: FieldList): Outcome;
}

export function outcomeOfComplete(response: CompleteResponse): Outcome {
  const { headers, trailers } = response;
  const last = trailers ?? [];
  const status = fieldValue(last, 'grpc-status');
  const head = headers ?? last;
  // A head that is not gRPC's rules out OK, but if the server names an error, that is believed.
  const isGrpc =
    fieldValue(head, ':status') === '200' &&
    (headers === undefined
      ? isGrpcContentType(fieldValue(head, 'content-type'))
      : response.foreign?.page === undefined);
  if (status === undefined && headers !== undefined && !response.hasBody) {
    // Some servers send an error in the headers without END_STREAM, instead of as trailers-only. It is believed as
    // well, unless a body follows (Connect's conformance suite: "ignore-header-if-body-present").
    const said = outcomeOfTrailers(headers);
    if (said.origin === 'server' && said.code !== StatusCode.OK) return said;
  }
  if (!isGrpc && (status === undefined || status === '0')) return response.outcomeOfHttp(head);
  const outcome = outcomeOfTrailers(last, status === undefined && response.isExpired());
  if (outcome.code !== StatusCode.OK) return outcome;
  return faultUnderOk(response) ?? outcome;
}

/** What is wrong with a response though the server sent OK. */
function faultUnderOk(response: CompleteResponse): Outcome | undefined {
  const otherCodec = response.foreign?.otherCodec;
  if (otherCodec !== undefined) return outcomeOfOtherCodec(otherCodec, response.head.codec);
  if (response.endsInsideMessage) {
    const reason = 'the response ended inside a message, though the server sent OK';
    return clientOutcome(StatusCode.INTERNAL, reason);
  }
  if (response.isReplyStream || response.hasReply) return undefined;
  return clientOutcome(StatusCode.UNIMPLEMENTED, 'the server ended the call with OK but sent no reply');
}
