// gRPC-Web: gRPC's message frames as the body of an HTTP request and response of any version, with the trailers as a last
// frame of the body. Its text mode has the same in base64. Source: grpc doc/PROTOCOL-WEB.md.

import { AdaptingTransport } from './adapting-transport.ts';
import { GrpcWebRequest } from './grpc-web-request.ts';
import { GrpcWebTextRequest } from './grpc-web-text.ts';
import type { Protocol } from './protocol.ts';
import { checkNames } from './reserved-names.ts';
import { GRPC_WEB_TEXT_TYPE, GRPC_WEB_TYPE } from './wire-names.ts';

/** @param isText base64, for what stands in between and does not let octets through */
function grpcWeb(isText: boolean): Protocol {
  const baseType = isText ? GRPC_WEB_TEXT_TYPE : GRPC_WEB_TYPE;
  const Request = isText ? GrpcWebTextRequest : GrpcWebRequest;
  // Some servers choose the form of the response by it (Envoy, tonic-web), others by the content-type.
  const accept = isText ? ['accept', baseType] : [];
  const protocol: Protocol = {
    name: 'grpc-web',
    needsHttp2: false,
    // Over HTTP/2 most servers take it, but not what stands before them.
    isFullDuplex: false,
    reserves: (name) => name === 'x-grpc-web' || name === 'x-user-agent' || (isText && name === 'accept'),
    factsOf: ({ requestStream, responseStream }, codec) => ({
      label: 'gRPC-Web',
      contentType: `${baseType}+${codec}`,
      isUnary: !requestStream && !responseStream,
      isSafe: false,
    }),
    headFields: (_method, codec, { userAgent, acceptEncoding }) => [
      ...['content-type', `${baseType}+${codec}`, ...accept, 'x-grpc-web', '1'],
      ...['user-agent', userAgent, 'x-user-agent', userAgent, 'grpc-accept-encoding', acceptEncoding],
    ],
    over: (channel, compressions) =>
      new AdaptingTransport(
        channel,
        (request) => new Request(request, compressions),
        (fields) => checkNames(protocol, fields),
      ),
  };
  return protocol;
}

export const GRPC_WEB: Protocol = grpcWeb(false);
export const GRPC_WEB_TEXT: Protocol = grpcWeb(true);
