// The Connect protocol: calls with one message each way are plain HTTP, with the bare message as the body; streams are
// message frames whose last one is JSON. Source: connectrpc.com/docs/protocol.

import { IDENTITY } from '../rpc/compression/compression.ts';
import type { ProtocolFacts } from '../rpc/transport.ts';
import { AdaptingTransport } from './adapting-transport.ts';
import { ConnectStream } from './connect-stream.ts';
import { ConnectUnary } from './connect-unary.ts';
import { DEFAULT_MAX_GET_URL_OCTETS, GetUrls } from './get-urls.ts';
import type { CodecName, MethodFacts, Protocol } from './protocol.ts';
import { checkNames } from './reserved-names.ts';
import { CONNECT_STREAM_TYPE } from './wire-names.ts';

/**
 * @param usesGet whether methods that are marked NO_SIDE_EFFECTS are called with GET
 * @param maxGetUrlOctets the longest URL that a GET may have
 */
export function connect(usesGet: boolean, maxGetUrlOctets: number = DEFAULT_MAX_GET_URL_OCTETS): Protocol {
  const urls = new GetUrls(maxGetUrlOctets);
  const factsOf = (method: MethodFacts, codec: CodecName): ProtocolFacts => {
    const isUnary = !method.requestStream && !method.responseStream;
    return {
      label: 'Connect',
      contentType: isUnary ? `application/${codec}` : `${CONNECT_STREAM_TYPE}+${codec}`,
      isUnary,
      isSentWhole: isUnary,
      isSafe: isUnary && usesGet && method.idempotency === 'no_side_effects',
    };
  };
  const protocol: Protocol = {
    name: 'connect',
    needsHttp2: false,
    isFullDuplex: true,
    reserves: (name) =>
      name === 'content-encoding' || name === 'accept-encoding' || name.startsWith('connect-'),
    factsOf,
    headFields(method, codec, { userAgent, acceptEncoding }) {
      const { contentType, isUnary } = factsOf(method, codec);
      const accepted = acceptEncoding.split(',').filter((name) => name !== IDENTITY);
      return [
        ...['content-type', contentType, 'connect-protocol-version', '1', 'user-agent', userAgent],
        ...(accepted.length === 0
          ? []
          : [isUnary ? 'accept-encoding' : 'connect-accept-encoding', accepted.join(',')]),
      ];
    },
    over: (channel, compressions) =>
      new AdaptingTransport(
        channel,
        (request) =>
          request.head.protocol?.isUnary
            ? new ConnectUnary(request, compressions, urls)
            : new ConnectStream(request, compressions),
        (fields) => checkNames(protocol, fields),
      ),
  };
  return protocol;
}
