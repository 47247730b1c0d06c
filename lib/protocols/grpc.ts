// gRPC over HTTP/2: calls speak it themselves, so nothing stands between them and the channel.
// Source: grpc doc/PROTOCOL-HTTP2.md, "Request-Headers".

import type { Protocol } from './protocol.ts';

export const GRPC: Protocol = {
  name: 'grpc',
  needsHttp2: true,
  isFullDuplex: true,
  factsOf: () => undefined,
  headFields: (_method, codec, { userAgent, acceptEncoding }) => [
    ...[
      'te',
      'trailers',
      'content-type',
      codec === 'proto' ? 'application/grpc' : `application/grpc+${codec}`,
    ],
    ...['user-agent', userAgent, 'grpc-accept-encoding', acceptEncoding],
  ],
  over: (channel) => channel,
};
