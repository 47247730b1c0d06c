// What to say, and what to try, when an HTTP server answered that does not speak gRPC: a web server, or what is in front
// of the gRPC one. Text alone: the status code is outcome.ts's.

import { advice, called } from '../values/options/option-words.ts';
import { quoted } from '../values/text/page-text.ts';
import type { FieldList } from './transport.ts';

const MAX_SHOWN = 100;

/** Who answered and with what, as far as the head tells. */
export function describeAnswer(
  status: string,
  contentType: string | undefined,
  fields: FieldList,
  label: string,
): string {
  const server = fieldIn(fields, 'server');
  const location = fieldIn(fields, 'location');
  const type = contentType === undefined ? '' : ` and content-type ${quote(contentType)}`;
  const by = server === undefined ? '' : ` (server: ${quote(server)})`;
  const to = location === undefined ? '' : `, redirecting to ${quote(location)}`;
  return `the server answered with HTTP status ${status}${type}${by}${to}, not with ${label}`;
}

/**
 * What to try, as the end of a sentence; empty where there is nothing to advise.
 * @param label of the protocol that was spoken
 */
export function adviceFor(
  status: string,
  contentType: string | undefined,
  fields: FieldList,
  label: string,
): string {
  const spoken = protocolOf(contentType, fields);
  if (spoken !== undefined && spoken[0] !== label) {
    const filter =
      label === 'gRPC-Web' && spoken[0] === 'gRPC'
        ? ", or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)"
        : '';
    return `; this is an answer of ${spoken[0]}: try the option ${called('protocol')} '${spoken[1]}'${filter}`;
  }
  if (status === '415') {
    // Servers that speak several protocols say so, as connect-go does (RFC 9110 §12.5.2 has no other field for it).
    const accepted = fieldIn(fields, 'accept-post') ?? '';
    const others = PROTOCOLS.filter(([name, , pattern]) => name !== label && pattern.test(accepted));
    if (others.length > 0) {
      const names = others.map(([name, option]) => `${name} ('${option}')`).join(' and ');
      return `; the server accepts ${names}: try the option ${called('protocol')}`;
    }
    // Servers of gRPC refuse every other content-type so, most of them without saying what they are.
    if (label !== 'gRPC' && !isKind(contentType, 'html')) {
      return `; the server does not speak ${label}: try the option ${called('protocol')} 'grpc'`;
    }
  }
  switch (status) {
    case '200':
      if (isKind(contentType, 'html')) {
        return '; a web server answered, or the login page of a proxy: check host, port and path prefix';
      }
      return isKind(contentType, 'json') ? '; this is an API of JSON: check host, port and path prefix' : '';
    case '301':
    case '302':
    case '303':
    case '307':
    case '308':
      return '; redirects are not followed: give the address it leads to as the target';
    case '401':
      return '; what stands before the gRPC server demands credentials';
    case '403':
      return '; a proxy, gateway or firewall refused the call before it came to the gRPC server';
    case '404':
    case '405':
    case '415':
      return '; this is a web server, or the service is behind a path prefix (https://host/prefix)';
    case '413':
      return '; what stands before the gRPC server takes no request of this size';
    case '421':
      return `; it does not serve this :authority: ${advice().otherAuthority}`;
    case '429':
      return '; what stands before the gRPC server takes no more calls for now';
    // AWS's Application Load Balancer has a status of its own for it.
    case '426':
    case '464':
      return '; what stands before the gRPC server does not forward HTTP/2 to it: set its protocol to gRPC or HTTP/2';
    case '502':
    case '503':
    case '504':
      return '; a proxy or load balancer answered, which cannot reach the gRPC server behind it';
    default:
      return '';
  }
}

/** Each protocol, the option that chooses it, and how a content-type of it looks, alone or in a list. */
const PROTOCOLS: readonly (readonly [label: string, option: string, pattern: RegExp])[] = [
  ['gRPC', 'grpc', /(?:^|[\s,])application\/grpc(?:$|[+;,\s])/i],
  ['gRPC-Web', 'grpc-web', /(?:^|[\s,])application\/grpc-web(?:-text)?(?:$|[+;,\s])/i],
  ['Connect', 'connect', /(?:^|[\s,])application\/(?:connect\+|proto(?:$|[;,\s]))/i],
];

/** The name of the protocol that a response's content-type is of. */
export function labelOf(fields: FieldList): string | undefined {
  return protocolOf(fieldIn(fields, 'content-type'), [])?.[0];
}

function protocolOf(
  contentType: string | undefined,
  fields: FieldList,
): readonly [label: string, option: string] | undefined {
  const found = PROTOCOLS.find(([, , pattern]) => contentType !== undefined && pattern.test(contentType));
  if (found !== undefined) return [found[0], found[1]];
  // grpc-java answers what is not gRPC in plain text, but says its status beside.
  return fieldIn(fields, 'grpc-status') === undefined ? undefined : ['gRPC', 'grpc'];
}

function isKind(contentType: string | undefined, kind: 'html' | 'json'): boolean {
  return contentType !== undefined && new RegExp(`^[\\w.+/-]*${kind}`, 'i').test(contentType);
}

function fieldIn(fields: FieldList, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/** What a header field says, as errors show it. */
export function quote(text: string): string {
  return quoted(text, MAX_SHOWN);
}
