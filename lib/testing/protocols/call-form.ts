// In which form a request came: the protocol that its head speaks, and the codec of its messages; and which methods can be
// called in that form. Sources: grpc doc/PROTOCOL-HTTP2.md, doc/PROTOCOL-WEB.md, connectrpc.com/docs/protocol.

import { mediaType } from '../../protocols/field-list.ts';
import type { CodecName, ProtocolName } from '../../protocols/protocol.ts';
import { CONNECT_STREAM_TYPE, GRPC_WEB_TEXT_TYPE, GRPC_WEB_TYPE } from '../../protocols/wire-names.ts';
import { fieldValue } from '../../rpc/field-list.ts';
import { isGrpcContentType } from '../../rpc/outcome.ts';
import type { FieldList } from '../../rpc/transport.ts';
import type { Method } from '../../schema/codec/method.ts';

export interface CallForm {
  readonly protocol: ProtocolName;
  readonly codec: CodecName;
  readonly httpMethod: 'POST' | 'GET';
  /** Of a GET, where the message stands in it. */
  readonly query?: URLSearchParams | undefined;
  /** Connect's form for one message each way. */
  readonly isUnary: boolean;
  /** gRPC-Web in base64. */
  readonly isText: boolean;
}

/** The HTTP status for a request in none of the protocols. */
export type HttpRefusal = 405 | 415;

/** What says with it what would be right. */
export function refusalFields(status: HttpRefusal, accepted: readonly string[]): FieldList {
  return status === 405 ? ['allow', 'POST'] : ['accept-post', accepted.join(', ')];
}

/** The content-types of requests, for methods of one kind or of both; those of gRPC where it can be spoken. */
export function acceptedTypes(hasGrpc: boolean, kinds: { isUnary?: boolean; isStream?: boolean }): string[] {
  const connect = [
    ...(kinds.isUnary === true ? ['application/proto', 'application/json'] : []),
    ...(kinds.isStream === true ? withCodecs(CONNECT_STREAM_TYPE) : []),
  ];
  const grpc = hasGrpc ? [GRPC_TYPE, ...withCodecs(GRPC_TYPE)] : [];
  const web = [GRPC_WEB_TYPE, GRPC_WEB_TEXT_TYPE].flatMap((type) => [type, ...withCodecs(type)]);
  return [...connect, ...grpc, ...web];
}

const GRPC_TYPE = 'application/grpc';

function withCodecs(type: string): string[] {
  return [`${type}+proto`, `${type}+json`];
}

/** The form of a request head. */
export function formOf(fields: FieldList): CallForm | HttpRefusal {
  const method = fieldValue(fields, ':method');
  const contentType = fieldValue(fields, 'content-type');
  if (method === 'GET') {
    const query = queryOf(fieldValue(fields, ':path') ?? '');
    if (!query.has('encoding') && !query.has('connect')) return 405;
    return formOfConnect(`application/${query.get('encoding')}`, query) ?? 415;
  }
  if (method !== 'POST') return 405;
  const type = mediaType(contentType);
  if (isGrpcContentType(contentType)) {
    const [, codec = 'proto'] = type.split('+');
    if (!isCodec(codec)) return 415;
    return { protocol: 'grpc', codec, httpMethod: 'POST', isUnary: false, isText: false };
  }
  return formOfGrpcWeb(type) ?? formOfConnect(type) ?? 415;
}

function queryOf(path: string): URLSearchParams {
  const at = path.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : path.slice(at + 1));
}

function formOfGrpcWeb(type: string): CallForm | undefined {
  const [base, codec = 'proto', ...rest] = type.split('+');
  const isText = base === GRPC_WEB_TEXT_TYPE;
  if ((!isText && base !== GRPC_WEB_TYPE) || !isCodec(codec) || rest.length > 0) return undefined;
  return { protocol: 'grpc-web', codec, httpMethod: 'POST', isUnary: false, isText };
}

function formOfConnect(type: string, query?: URLSearchParams): CallForm | undefined {
  const streamed = type.startsWith(`${CONNECT_STREAM_TYPE}+`)
    ? type.slice(CONNECT_STREAM_TYPE.length + 1)
    : undefined;
  const codec = streamed ?? type.replace('application/', '');
  if (!isCodec(codec)) return undefined;
  const httpMethod = query === undefined ? 'POST' : 'GET';
  return { protocol: 'connect', codec, httpMethod, query, isUnary: streamed === undefined, isText: false };
}

function isCodec(name: string): name is CodecName {
  return name === 'proto' || name === 'json';
}

/** Why a method cannot be called in a form, and the HTTP status that says so. */
export interface Mismatch {
  readonly status: HttpRefusal;
  readonly details: string;
}

/** Undefined where a method can be called in a form. */
export function mismatch(
  { protocol, codec, httpMethod, isUnary }: CallForm,
  method: Method,
): Mismatch | undefined {
  const { fullName, requestStream, responseStream, idempotency } = method;
  if (protocol !== 'connect') return undefined;
  const isMethodUnary = !requestStream && !responseStream;
  if (isUnary !== isMethodUnary) {
    const type = isMethodUnary ? `application/${codec}` : `${CONNECT_STREAM_TYPE}+${codec}`;
    const kind = isMethodUnary ? 'has one message each way' : 'streams';
    return {
      status: httpMethod === 'GET' ? 405 : 415,
      details: `${fullName} ${kind}: Connect calls it with POST and content-type ${type}`,
    };
  }
  if (httpMethod === 'GET' && idempotency !== 'no_side_effects') {
    const details = `${fullName} is not marked idempotency_level = NO_SIDE_EFFECTS: Connect calls it with POST`;
    return { status: 405, details };
  }
  return undefined;
}
