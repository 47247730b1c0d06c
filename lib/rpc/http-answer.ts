// What to say, and what to try, when an HTTP server answered that does not speak gRPC: a web server, or what is in front
// of the gRPC one. Text alone: the status code is outcome.ts's.

import { advice } from '../values/options/option-words.ts';
import { quoted } from '../values/text/page-text.ts';
import type { FieldList } from './transport.ts';

const MAX_SHOWN = 100;

/** Who answered and with what, as far as the head tells. */
export function describeAnswer(status: string, contentType: string | undefined, fields: FieldList): string {
  const server = fieldIn(fields, 'server');
  const location = fieldIn(fields, 'location');
  const type = contentType === undefined ? '' : ` and content-type ${quote(contentType)}`;
  const by = server === undefined ? '' : ` (server: ${quote(server)})`;
  const to = location === undefined ? '' : `, redirecting to ${quote(location)}`;
  return `the server answered with HTTP status ${status}${type}${by}${to}, not with gRPC`;
}

/** What to try, as the end of a sentence; empty where there is nothing to advise. */
export function adviceFor(status: string, contentType: string | undefined): string {
  switch (status) {
    case '200':
      if (isKind(contentType, 'html')) {
        return '; a web server answered, or the login page of a proxy: check host, port and path prefix';
      }
      return isKind(contentType, 'json') ? '; this is a JSON API: check host, port and path prefix' : '';
    case '301':
    case '302':
    case '303':
    case '307':
    case '308':
      return '; redirects are not followed: give the address it leads to as the target';
    case '401':
      return '; a proxy or gateway in front of the gRPC server demands credentials';
    case '403':
      return '; a proxy, gateway or firewall refused the call before it came to the gRPC server';
    case '404':
    case '405':
    case '415':
      return '; this is a web server, or the service is behind a path prefix (https://host/prefix)';
    case '413':
      return '; a proxy or gateway in front of the gRPC server does not accept requests of this size';
    case '421':
      return `; it does not serve this :authority: ${advice().otherAuthority}`;
    case '429':
      return '; a proxy or gateway in front of the gRPC server accepts no more calls for now';
    // AWS's Application Load Balancer has a status of its own for it.
    case '426':
    case '464':
      return '; a proxy or load balancer in front of the gRPC server does not forward HTTP/2 to it: set its protocol to gRPC or HTTP/2';
    case '502':
    case '503':
    case '504':
      return '; a proxy or load balancer answered: it cannot reach the gRPC server behind it';
    default:
      return '';
  }
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
