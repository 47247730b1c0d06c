// gRPC-Web: gRPC's message frames as the body of an HTTP request and response of any version, with the trailers as a last
// frame of the body. Source: grpc doc/PROTOCOL-WEB.md.

import { AdaptingTransport } from './adapting-transport.ts';
import { GrpcWebRequest } from './grpc-web-request.ts';
import type { Protocol } from './protocol.ts';
import { checkNames } from './reserved-names.ts';

const TYPE = 'application/grpc-web';

export const GRPC_WEB: Protocol = {
  name: 'grpc-web',
  reserves: (name) => name === 'x-grpc-web' || name === 'x-user-agent',
  factsOf: ({ requestStream, responseStream }, codec) => ({
    label: 'gRPC-Web',
    contentType: `${TYPE}+${codec}`,
    isUnary: !requestStream && !responseStream,
    isSafe: false,
  }),
  headFields: (_method, codec, { userAgent, acceptEncoding }) => [
    ...['content-type', `${TYPE}+${codec}`, 'x-grpc-web', '1'],
    ...['user-agent', userAgent, 'x-user-agent', userAgent, 'grpc-accept-encoding', acceptEncoding],
  ],
  over: (channel, compressions) =>
    new AdaptingTransport(
      channel,
      (request) => new GrpcWebRequest(request, compressions),
      (fields) => checkNames(GRPC_WEB, fields),
    ),
};
