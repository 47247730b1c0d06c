// What users see who call a server or a proxy in a protocol that it does not speak: a unary call each, and the error that it
// ends with, word for word. `run.ts wrong` makes these calls; docs/protocols.md has them as a table, and a spec holds that it has.

import type { ProtocolName, StatusCodeName } from '../../../lib/index.ts';
import type { InteropServerName } from './interop-server.ts';

export interface WrongProtocol {
  /** `connect+tls` wants TLS, and is called in plaintext. */
  readonly server: InteropServerName | 'connect+tls';
  readonly protocol: ProtocolName;
  readonly httpVersions: readonly ('2' | '1.1')[];
  readonly code: StatusCodeName;
  /** With PORT for the port, and JSON without blanks, of which some servers have as many as they like. */
  readonly details: string;
}

/** What documents call the servers. */
const CALLED: Readonly<Record<string, string>> = {
  grpc: 'grpc-go',
  node: 'grpc-js',
  grpcweb: "grpc-go behind improbable's grpcweb",
  tonic: 'tonic with tonic-web',
  envoy: 'Envoy with the grpc_web filter',
  'envoy-plain': 'Envoy without the grpc_web filter',
  'connect-alone': 'connect-node, without gRPC and gRPC-Web',
  'nginx-http1': 'nginx without `http2`, `grpc_pass`',
  'nginx-proxy': 'nginx, `proxy_pass` to grpc-go',
  'nginx-connect': 'nginx without `http2`, `proxy_pass` to connect-go',
  'connect+tls': 'connect-go over TLS, called in plaintext',
  gateway: 'grpc-gateway',
  page: 'a web page',
  json: 'a JSON API',
};

export const WRONG_PROTOCOLS: readonly WrongProtocol[] = [
  {
    server: 'grpc',
    protocol: 'grpc-web',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc", not with gRPC-Web; it says "invalid gRPC request content-type \\"application/grpc-web+proto\\""; this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)`,
  },
  {
    server: 'grpc',
    protocol: 'grpc-web',
    httpVersions: ['1.1'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/2 server answered, which does not speak HTTP/1.1; leave out httpVersion: '1.1'`,
  },
  {
    server: 'grpc',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc", not with Connect; it says "invalid gRPC request content-type \\"application/proto\\""; this is an answer of gRPC: use protocol: 'grpc'`,
  },
  {
    server: 'grpc',
    protocol: 'connect',
    httpVersions: ['1.1'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/2 server answered, which does not speak HTTP/1.1; leave out httpVersion: '1.1'`,
  },
  {
    server: 'node',
    protocol: 'grpc-web',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details: `the response has content-type "application/grpc+proto"; a gRPC-Web server sends application/grpc-web+proto; this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)`,
  },
  {
    server: 'node',
    protocol: 'grpc-web',
    httpVersions: ['1.1'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/2 server answered, which does not speak HTTP/1.1; leave out httpVersion: '1.1'`,
  },
  {
    server: 'node',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415, not with Connect; the server does not speak Connect: use protocol: 'grpc' or 'grpc-web'`,
  },
  {
    server: 'node',
    protocol: 'connect',
    httpVersions: ['1.1'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/2 server answered, which does not speak HTTP/1.1; leave out httpVersion: '1.1'`,
  },
  {
    server: 'grpcweb',
    protocol: 'connect',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "text/plain; charset=utf-8", not with Connect; it says "invalid gRPC request content-type \\"application/proto\\""; the server does not speak Connect: use protocol: 'grpc' or 'grpc-web'`,
  },
  {
    server: 'tonic',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details: `the response has content-type "application/grpc"; a Connect server sends application/proto; it says "Unexpected EOF decoding stream."; this is an answer of gRPC: use protocol: 'grpc'`,
  },
  {
    server: 'tonic',
    protocol: 'connect',
    httpVersions: ['1.1'],
    code: 'INTERNAL',
    details: `the server answered with HTTP status 400, not with Connect; so tonic-web refuses what is not gRPC-Web: if it is that, use protocol: 'grpc-web'`,
  },
  {
    server: 'envoy',
    protocol: 'connect',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc" (server: "envoy"), not with Connect; it says "invalid gRPC request content-type \\"application/proto\\""; this is an answer of gRPC: use protocol: 'grpc'`,
  },
  {
    server: 'envoy-plain',
    protocol: 'grpc-web',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc" (server: "envoy"), not with gRPC-Web; it says "invalid gRPC request content-type \\"application/grpc-web+proto\\""; this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)`,
  },
  {
    server: 'envoy-plain',
    protocol: 'connect',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc" (server: "envoy"), not with Connect; it says "invalid gRPC request content-type \\"application/proto\\""; this is an answer of gRPC: use protocol: 'grpc'`,
  },
  {
    server: 'connect-alone',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415, not with gRPC; the server does not speak gRPC: use protocol: 'grpc-web' or 'connect'`,
  },
  {
    server: 'connect-alone',
    protocol: 'grpc-web',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415, not with gRPC-Web; the server does not speak gRPC-Web: use protocol: 'grpc' or 'connect'`,
  },
  {
    server: 'nginx-http1',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details:
      'cannot talk to 127.0.0.1:PORT: an HTTP/1.1 server answered ("HTTP/1.1 400 Bad Request"), which does not speak gRPC; it says "400 Bad Request nginx/1.22.1"; check the port, whether it wants TLS (an https:// target), and whether a proxy on the way has HTTP/2 switched on',
  },
  {
    server: 'nginx-http1',
    protocol: 'grpc-web',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/1.1 server answered ("HTTP/1.1 400 Bad Request"), but this client spoke HTTP/2; it says "400 Bad Request nginx/1.22.1"; use httpVersion: '1.1', or check the port, and whether it wants TLS (an https:// target)`,
  },
  {
    server: 'nginx-http1',
    protocol: 'grpc-web',
    httpVersions: ['1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc" (server: "nginx/1.22.1"), not with gRPC-Web; it says "invalid gRPC request content-type \\"application/grpc-web+proto\\""; this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)`,
  },
  {
    server: 'nginx-http1',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/1.1 server answered ("HTTP/1.1 400 Bad Request"), but this client spoke HTTP/2; it says "400 Bad Request nginx/1.22.1"; use httpVersion: '1.1', or check the port, and whether it wants TLS (an https:// target)`,
  },
  {
    server: 'nginx-http1',
    protocol: 'connect',
    httpVersions: ['1.1'],
    code: 'UNKNOWN',
    details: `the server answered with HTTP status 415 and content-type "application/grpc" (server: "nginx/1.22.1"), not with Connect; it says "invalid gRPC request content-type \\"application/proto\\""; this is an answer of gRPC: use protocol: 'grpc'`,
  },
  {
    server: 'nginx-proxy',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'INTERNAL',
    details:
      'the server broke the protocol: malformed message: :status "000" is not three digits; nginx says so where the server behind it does not speak HTTP/1.1: have it pass calls on with grpc_pass, not proxy_pass',
  },
  {
    server: 'nginx-proxy',
    protocol: 'grpc-web',
    httpVersions: ['2'],
    code: 'INTERNAL',
    details:
      'the server broke the protocol: malformed message: :status "000" is not three digits; nginx says so where the server behind it does not speak HTTP/1.1: have it pass calls on with grpc_pass, not proxy_pass',
  },
  {
    server: 'nginx-proxy',
    protocol: 'grpc-web',
    httpVersions: ['1.1'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/2 server answered, which does not speak HTTP/1.1; leave out httpVersion: '1.1'`,
  },
  {
    server: 'nginx-proxy',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'INTERNAL',
    details:
      'the server broke the protocol: malformed message: :status "000" is not three digits; nginx says so where the server behind it does not speak HTTP/1.1: have it pass calls on with grpc_pass, not proxy_pass',
  },
  {
    server: 'nginx-proxy',
    protocol: 'connect',
    httpVersions: ['1.1'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/2 server answered, which does not speak HTTP/1.1; leave out httpVersion: '1.1'`,
  },
  {
    server: 'nginx-connect',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details:
      'cannot talk to 127.0.0.1:PORT: an HTTP/1.1 server answered ("HTTP/1.1 400 Bad Request"), which does not speak gRPC; it says "400 Bad Request nginx/1.22.1"; check the port, whether it wants TLS (an https:// target), and whether a proxy on the way has HTTP/2 switched on',
  },
  {
    server: 'nginx-connect',
    protocol: 'grpc-web',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/1.1 server answered ("HTTP/1.1 400 Bad Request"), but this client spoke HTTP/2; it says "400 Bad Request nginx/1.22.1"; use httpVersion: '1.1', or check the port, and whether it wants TLS (an https:// target)`,
  },
  {
    server: 'nginx-connect',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details: `cannot talk to 127.0.0.1:PORT: an HTTP/1.1 server answered ("HTTP/1.1 400 Bad Request"), but this client spoke HTTP/2; it says "400 Bad Request nginx/1.22.1"; use httpVersion: '1.1', or check the port, and whether it wants TLS (an https:// target)`,
  },
  {
    server: 'connect+tls',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details:
      '127.0.0.1:PORT accepted the connection but closed it before it sent its HTTP/2 SETTINGS (is it a gRPC server, and does it want TLS? then use an https:// target, or the tls option)',
  },
  {
    server: 'connect+tls',
    protocol: 'grpc-web',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details: `127.0.0.1:PORT accepted the connection but closed it before it sent its HTTP/2 SETTINGS (does it speak HTTP/1.1 alone? then use httpVersion: '1.1'; does it want TLS? then use an https:// target, or the tls option)`,
  },
  {
    server: 'connect+tls',
    protocol: 'grpc-web',
    httpVersions: ['1.1'],
    code: 'INTERNAL',
    details:
      'the server answered with HTTP status 400, not with gRPC-Web; it says "Client sent an HTTP request to an HTTPS server."; use an https:// target, or the tls option',
  },
  {
    server: 'connect+tls',
    protocol: 'connect',
    httpVersions: ['2'],
    code: 'UNAVAILABLE',
    details: `127.0.0.1:PORT accepted the connection but closed it before it sent its HTTP/2 SETTINGS (does it speak HTTP/1.1 alone? then use httpVersion: '1.1'; does it want TLS? then use an https:// target, or the tls option)`,
  },
  {
    server: 'connect+tls',
    protocol: 'connect',
    httpVersions: ['1.1'],
    code: 'INTERNAL',
    details:
      'the server answered with HTTP status 400, not with Connect; it says "Client sent an HTTP request to an HTTPS server."; use an https:// target, or the tls option',
  },
  {
    server: 'gateway',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'INTERNAL',
    details: `the server answered with HTTP status 400 and content-type "application/json", not with gRPC; it says "{\\"code\\":3,\\"message\\":\\"invalid character '\\\\\\\\x00' looking for beginning of value\\",\\"details\\":[]}"; this is grpc-gateway or another JSON API, not a server of gRPC: give the address of the gRPC server behind it`,
  },
  {
    server: 'gateway',
    protocol: 'grpc-web',
    httpVersions: ['2', '1.1'],
    code: 'INTERNAL',
    details: `the server answered with HTTP status 400 and content-type "application/json", not with gRPC-Web; it says "{\\"code\\":3,\\"message\\":\\"invalid character '\\\\\\\\x00' looking for beginning of value\\",\\"details\\":[]}"; this is grpc-gateway or another JSON API, not a server of gRPC-Web: give the address of the gRPC server behind it`,
  },
  {
    server: 'gateway',
    protocol: 'connect',
    httpVersions: ['2', '1.1'],
    code: 'INTERNAL',
    details: `the server answered with HTTP status 400 and JSON that is not an error of Connect: "{\\"code\\":3,\\"message\\":\\"invalid character '\\\\\\\\x10' looking for beginning of value\\",\\"details\\":[]}"; this is grpc-gateway or another JSON API, not a server of Connect: give the address of the gRPC server behind it`,
  },
  {
    server: 'page',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details:
      'the response has content-type "text/html; charset=utf-8"; a gRPC server sends application/grpc; it says "Sign in to continue"; a web server answered, or the login page of a proxy: check host, port and path prefix',
  },
  {
    server: 'page',
    protocol: 'grpc-web',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details:
      'the response has content-type "text/html; charset=utf-8"; a gRPC-Web server sends application/grpc-web+proto; it says "Sign in to continue"; a web server answered, or the login page of a proxy: check host, port and path prefix',
  },
  {
    server: 'page',
    protocol: 'connect',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details:
      'the response has content-type "text/html; charset=utf-8"; a Connect server sends application/proto; it says "Sign in to continue"; a web server answered, or the login page of a proxy: check host, port and path prefix',
  },
  {
    server: 'json',
    protocol: 'grpc',
    httpVersions: ['2'],
    code: 'UNKNOWN',
    details:
      'the response has content-type "application/json"; a gRPC server sends application/grpc; it says "{\\"error\\":\\"no such endpoint\\"}"; this is a JSON API: check host, port and path prefix',
  },
  {
    server: 'json',
    protocol: 'grpc-web',
    httpVersions: ['2', '1.1'],
    code: 'UNKNOWN',
    details:
      'the response has content-type "application/json"; a gRPC-Web server sends application/grpc-web+proto; it says "{\\"error\\":\\"no such endpoint\\"}"; this is a JSON API: check host, port and path prefix',
  },
  {
    server: 'json',
    protocol: 'connect',
    httpVersions: ['2', '1.1'],
    code: 'INTERNAL',
    details: `the response has content-type "application/json"; a Connect server sends application/proto; it says "{\\"error\\":\\"no such endpoint\\"}"; use codec: 'json' if this is a Connect server, and otherwise check host, port and path prefix`,
  },
];

/** The table of docs/protocols.md. */
export function wrongProtocolsTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const lines = WRONG_PROTOCOLS.map(({ server, protocol, httpVersions, code, details }) => {
    const how = `${protocol}${httpVersions.length === 1 && protocol !== 'grpc' ? `, HTTP/${httpVersions[0]}` : ''}`;
    return `| ${CALLED[server]} | ${how} | ${code} | ${cell(details)} |`;
  });
  return ['| what answers | called with | status | the error says |', '|---|---|---|---|', ...lines].join(
    '\n',
  );
}
