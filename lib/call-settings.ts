// What holds for a call when its method is known: its options, under what the service config says of the method, and
// the exchange that follows from them.

import type { CallHost, CallTarget } from './call-host.ts';
import { type CheckedCallOptions, DEFAULT_MAX_RECEIVE_MESSAGE_BYTES } from './options/call-options.ts';
import type { CallExchange, ExchangeListener } from './rpc/call-exchange.ts';
import { Exchange } from './rpc/exchange.ts';
import type { MethodConfig } from './rpc/service-config.ts';
import type { Transport } from './rpc/transport.ts';

/**
 * The options of a call under a method config: the lesser of two sizes, and for the rest what the caller said before
 * what the config says. (Its timeout is seen to where deadlines are.) Source: service_config.proto.
 */
export function underMethodConfig(options: CheckedCallOptions, config: MethodConfig): CheckedCallOptions {
  return {
    ...options,
    waitForReady: options.waitForReady ?? config.waitForReady,
    maxReceiveMessageBytes: lesser(options.maxReceiveMessageBytes, config.maxResponseMessageBytes),
    maxSendMessageBytes: Math.min(options.maxSendMessageBytes, config.maxRequestMessageBytes ?? Infinity),
    policy: options.policy ?? config.policy,
  };
}

function lesser(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** The exchange of a call: one stream, or the attempts of its policy. */
export function exchangeOf(
  listener: ExchangeListener,
  host: CallHost,
  transport: Transport,
  target: CallTarget,
  options: CheckedCallOptions,
): CallExchange {
  const { policy } = options;
  if (policy === undefined || policy === 'none') return streamOf(listener, host, transport, target, options);
  const isIdempotent = target.method.idempotency !== 'unknown';
  return host.retries.exchange(listener, policy, isIdempotent, (attempt, isFirst) => {
    const exchange = streamOf(attempt, host, transport, target, options);
    // What a server refuses is sent once more without being asked; after that the policy sees to it (gRFC A6).
    exchange.mayResend = isFirst;
    return exchange;
  });
}

function streamOf(
  listener: ExchangeListener,
  host: CallHost,
  transport: Transport,
  target: CallTarget,
  options: CheckedCallOptions,
): Exchange {
  const { fields } = options;
  return new Exchange(
    listener,
    transport,
    fields === undefined ? target.head : host.headFor(target, fields),
    target.method.responseStream,
    options.maxReceiveMessageBytes ?? DEFAULT_MAX_RECEIVE_MESSAGE_BYTES,
    options.waitForReady === true,
    options.compression,
    options.compressions,
  );
}
