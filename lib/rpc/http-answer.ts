// What to say and what to try when the answer came from an HTTP server that does not speak gRPC: a web server, or
// whatever is in front of the server. Only the text; outcome.ts decides the status code.

import { advice, called } from '../values/options/option-words.ts';
import { quoted, saysTls } from '../values/text/page-text.ts';
import { fieldValue } from './field-list.ts';
import type { FieldList, ProtocolFacts } from './transport.ts';

const MAX_SHOWN = 100;
const TEXT_MODE = /application\/grpc-web-text/i;
const BEHIND_PREFIX = 'behind a path prefix (https://host/prefix)';
const WEB_SERVER = `; this is a web server, or the service is ${BEHIND_PREFIX}`;
const JSON_API = '; this is a JSON API: check host, port and path prefix';
/** google.rpc.Status in JSON, which grpc-gateway and its like say of errors. */
const STATUS_OF_GATEWAY = /^\s*\{\s*"code"\s*:\s*\d+\s*,\s*"(?:message|details)"\s*:/;

/** Part of what is said where a server that dispatches by path does not know the path. */
export const NO_SUCH_METHOD: string = 'the server has no such method';

/** Who answered, and with what, as far as the response head tells. */
export function describeAnswer(
  status: string,
  contentType: string | undefined,
  fields: FieldList,
  label: string,
): string {
  const server = fieldValue(fields, 'server');
  const location = fieldValue(fields, 'location');
  const type = contentType === undefined ? '' : ` and content-type ${quote(contentType)}`;
  const by = server === undefined ? '' : ` (server: ${quote(server)})`;
  const to = location === undefined ? '' : `, redirecting to ${quote(location)}`;
  return `the server answered with HTTP status ${status}${type}${by}${to}, not with ${label}`;
}

/**
 * What to try, as the end of a sentence; empty if there is no advice.
 * @param label the name of the protocol that was spoken
 * @param protocol what that protocol's requests look like, unless it was gRPC
 * @param page the text of the body, or its beginning
 */
export function adviceFor(
  status: string,
  contentType: string | undefined,
  fields: FieldList,
  label: string,
  protocol?: Pick<ProtocolFacts, 'contentType' | 'isSafe'>,
  page: string = '',
): string {
  const spoken = protocolOf(contentType, fields);
  if (spoken !== undefined && spoken[0] !== label) {
    const filter =
      label === 'gRPC-Web' && spoken[0] === 'gRPC'
        ? ", or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)"
        : '';
    return `; this is an answer of ${spoken[0]}: ${advice().useProtocol(spoken[1])}${filter}`;
  }
  if (STATUS_OF_GATEWAY.test(page)) return adviceForGateway(label);
  if (saysTls(page)) return `; ${advice().useTls}`;
  return status === '415'
    ? adviceForMediaType(contentType, fields, label, protocol?.contentType)
    : adviceForStatus(status, contentType, label, protocol?.isSafe === true);
}

/** @param isGet the request was a GET, unless its URL would have been too long */
function adviceForStatus(
  status: string,
  contentType: string | undefined,
  label: string,
  isGet: boolean,
): string {
  switch (status) {
    case '200':
      if (isKind(contentType, 'html')) {
        return '; a web server answered, or the login page of a proxy: check host, port and path prefix';
      }
      return isKind(contentType, 'json') ? JSON_API : '';
    case '301':
    case '302':
    case '303':
    case '307':
    case '308':
      return '; redirects are not followed: give the address it leads to as the target';
    case '400':
      return label === 'Connect' && contentType === undefined
        ? `; so tonic-web refuses what is not gRPC-Web: if it is that, ${advice().useProtocol('grpc-web')}`
        : '';
    case '401':
      return '; a proxy or gateway in front of the server demands credentials';
    case '403':
      return '; a proxy, gateway or firewall refused the call before it reached the server';
    case '404':
      return adviceForPath(contentType, label);
    case '405':
      if (isGet) {
        return `; the server takes no GET for this method, which the schema marks NO_SIDE_EFFECTS: leave ${called('idempotentGet')} out`;
      }
      return WEB_SERVER;
    case '413':
      return '; a proxy or gateway in front of the server does not accept requests of this size';
    case '421':
      return `; it does not serve this :authority: ${advice().otherAuthority}`;
    case '429':
      return '; a proxy or gateway in front of the server accepts no more calls for now';
    // 464 is a status of AWS's Application Load Balancer.
    case '426':
    case '464':
      return '; a proxy or load balancer in front of the server does not forward HTTP/2 to it: set its protocol to gRPC or HTTP/2';
    case '505':
      return label === 'gRPC'
        ? ''
        : `; both sides cannot stream at once over HTTP/1.1: use HTTP/2 (${advice().useHttp2})`;
    case '502':
    case '503':
    case '504':
      return '; a proxy or load balancer answered: it cannot reach the server behind it';
    default:
      return '';
  }
}

/** For JSON that only what translates it to gRPC says. */
export function adviceForGateway(label: string): string {
  return `; this is grpc-gateway or another JSON API, not a server of ${label}: give the address of the gRPC server behind it`;
}

/** 404: servers of Connect dispatch by path, as web servers do; their 404 is plain text or empty, that of others is a page. */
function adviceForPath(contentType: string | undefined, label: string): string {
  if (isKind(contentType, 'html')) return WEB_SERVER;
  if (isKind(contentType, 'json')) return JSON_API;
  return label === 'gRPC'
    ? `; ${NO_SUCH_METHOD} (so say servers that speak Connect as well), or this is a web server, or the service is ${BEHIND_PREFIX}`
    : `; ${NO_SUCH_METHOD}, or it is ${BEHIND_PREFIX}`;
}

/** 415. Servers that speak several protocols say which, as connect-go does (RFC 9110 §12.5.2 has no other field for it). */
function adviceForMediaType(
  contentType: string | undefined,
  fields: FieldList,
  label: string,
  sent: string | undefined,
): string {
  const accepted = fieldValue(fields, 'accept-post') ?? '';
  const own = acceptedOf(label, accepted);
  if (own !== '') {
    if (TEXT_MODE.test(sent ?? '') && !TEXT_MODE.test(accepted)) {
      return `; the server speaks ${label}, but not in text mode: leave ${called('grpcWebText')} out`;
    }
    // Connect has other content-types for streams than for single messages.
    const ask = label === 'Connect' ? 'does the method stream as the schema says, and ' : '';
    return `; the server speaks ${label}, but takes ${own} here: ${ask}does the server know the codec?`;
  }
  const others = PROTOCOLS.filter(([name]) => name !== label);
  const named = others.filter(([, , pattern]) => pattern.test(accepted));
  if (named.length > 0) {
    const names = named.map(([name]) => name).join(' and ');
    return `; the server accepts ${names}: ${advice().useProtocol(...named.map(([, option]) => option))}`;
  }
  if (isKind(contentType, 'html')) return WEB_SERVER;
  if (isKind(contentType, 'json')) return JSON_API;
  // So most servers of one protocol refuse every other one, and do not say what theirs is.
  return `; the server does not speak ${label}: ${advice().useProtocol(...others.map(([, option]) => option))}`;
}

/** Whether such an answer is about the method or the call: whoever gave it may speak the protocol all the same. */
export function isAboutMethod(status: string, contentType: string | undefined, page: string): boolean {
  if (STATUS_OF_GATEWAY.test(page)) return false;
  switch (status) {
    case '404':
      return !isKind(contentType, 'html') && !isKind(contentType, 'json');
    case '405':
    case '505':
      return true;
    default:
      return false;
  }
}

/** What to try where a response is malformed in a way that is known of somebody. */
export function adviceForViolation(reason: string): string {
  return reason.includes(':status "000"')
    ? '; nginx says so where the server behind it does not speak HTTP/1.1: have it pass calls on with grpc_pass, not proxy_pass'
    : '';
}

/** The same for an answer in the other codec than the call's. */
export function adviceForCodec(
  codec: 'proto' | 'json',
  label: string,
  contentType: string,
  said: string,
): string {
  const { useProto, useJson } = advice();
  if (codec === 'proto') return `; ${useProto}`;
  // This one is that of many other APIs, too.
  return /^application\/json\b/i.test(contentType)
    ? `${said}; ${useJson} if this is a ${label} server, and otherwise check host, port and path prefix`
    : `; ${useJson}`;
}

/** Each protocol, the option that chooses it, and how a content-type of it looks, alone or in a list. */
const PROTOCOLS: readonly (readonly [label: string, option: string, pattern: RegExp])[] = [
  ['gRPC', 'grpc', /(?:^|[\s,])application\/grpc(?:$|[+;,\s])/i],
  ['gRPC-Web', 'grpc-web', /(?:^|[\s,])application\/grpc-web(?:-text)?(?:$|[+;,\s])/i],
  ['Connect', 'connect', /(?:^|[\s,])application\/(?:connect\+|proto(?:$|[;,\s]))/i],
];

/** What of a list of content-types is of a protocol. */
function acceptedOf(label: string, accepted: string): string {
  const pattern = PROTOCOLS.find(([name]) => name === label)?.[2];
  const own = accepted.split(',').filter((type) => pattern?.test(type) === true);
  const types = new Set(own.map((type) => type.split(';')[0].trim()));
  return own.length === 0 ? '' : quote([...types].join(', '));
}

/** The name of the protocol that a response's content-type is of. */
export function labelOf(fields: FieldList): string | undefined {
  return protocolOf(fieldValue(fields, 'content-type'), [])?.[0];
}

function protocolOf(
  contentType: string | undefined,
  fields: FieldList,
): readonly [label: string, option: string] | undefined {
  const found = PROTOCOLS.find(([, , pattern]) => contentType !== undefined && pattern.test(contentType));
  if (found !== undefined) return [found[0], found[1]];
  // grpc-java answers what is not gRPC in plain text, but says its status beside.
  return fieldValue(fields, 'grpc-status') === undefined ? undefined : ['gRPC', 'grpc'];
}

function isKind(contentType: string | undefined, kind: 'html' | 'json'): boolean {
  return contentType !== undefined && new RegExp(`^[\\w.+/-]*${kind}`, 'i').test(contentType);
}

/** The value of a header field, as errors show it. */
export function quote(text: string): string {
  return quoted(text, MAX_SHOWN);
}
