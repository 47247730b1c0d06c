// What applies to a call once its method is known: its options combined with the service config's entry for the method,
// and the exchange that follows from them.

import type { CallExchange, ExchangeListener } from '../rpc/call-exchange.ts';
import type { MethodConfig } from '../rpc/service-config/service-config.ts';
import { StreamExchange } from '../rpc/stream-exchange.ts';
import type { FieldList, Transport } from '../rpc/transport.ts';
import { AsyncContext } from '../values/async-context.ts';
import type { BoundMethod, CallContext } from './call-context.ts';
import type { CallSettings, CheckedCallOptions } from './call-options.ts';

/**
 * The options of a call under a method config: the smaller of two sizes; for everything else the caller's option takes
 * precedence over the config's. (Its timeout is applied in deadline.ts.) Source: service_config.proto.
 */
export function underMethodConfig(options: CheckedCallOptions, config: MethodConfig): CheckedCallOptions {
  const { settings } = options;
  return {
    ...options,
    settings: {
      ...settings,
      waitForReady: settings.waitForReady ?? config.waitForReady,
      maxReceiveMessageBytes: lesser(settings.maxReceiveMessageBytes, config.maxResponseMessageBytes),
      maxSendMessageBytes: Math.min(settings.maxSendMessageBytes, config.maxRequestMessageBytes ?? Infinity),
      policy: settings.policy ?? config.policy,
    },
  };
}

function lesser(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** The exchange of a call: one stream, or the several attempts of its policy. */
export function exchangeOf(
  listener: ExchangeListener,
  context: CallContext,
  transport: Transport,
  target: BoundMethod,
  options: CheckedCallOptions,
): CallExchange {
  // Attempts begin on timers and replies come from a socket; the caller's functions run in the caller's context.
  const settings = options.settings.compressions.hasOwn ? withinContext(options.settings) : options.settings;
  const { policy } = settings;
  const { fields } = options;
  if (policy === undefined || policy === 'none')
    return streamOf(listener, context, transport, target, fields, settings);
  const isIdempotent = target.method.idempotency !== 'unknown';
  return context.retries.exchange(listener, policy, isIdempotent, (attempt, isFirst) => {
    const exchange = streamOf(attempt, context, transport, target, fields, settings);
    // A request that the server refused is resent once, transparently; after that the policy decides (gRFC A6).
    exchange.mayResend = isFirst;
    return exchange;
  });
}

function withinContext(settings: CallSettings): CallSettings {
  const compressions = settings.compressions.within(AsyncContext.capture());
  const { compression } = settings;
  return {
    ...settings,
    compressions,
    compression: compression === undefined ? undefined : compressions.get(compression.name),
  };
}

function streamOf(
  listener: ExchangeListener,
  context: CallContext,
  transport: Transport,
  target: BoundMethod,
  fields: FieldList | undefined,
  settings: CallSettings,
): StreamExchange {
  return new StreamExchange(
    listener,
    transport,
    fields === undefined ? target.head : context.headFor(target, fields),
    target.method.responseStream,
    settings,
    context.retries.resendClock,
  );
}
