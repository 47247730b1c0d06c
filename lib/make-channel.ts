// The channel of a client that does not share one: the target as it was spelled, with what the options say of TLS,
// proxies and balancing.

import { Channel } from './channel/channel.ts';
import { parseTarget, targetOfHostPort } from './channel/target.ts';
import { type ChannelPolicies, channelBalancing } from './channel-policy.ts';
import type { CheckedClientOptions } from './options/client-options.ts';
import { lookedUpByProxy, proxyFor } from './options/proxy-options.ts';
import { targetWithTls } from './options/tls-options.ts';

/** @param port where host and port were given, and not a target */
export function makeChannel(
  where: string,
  port: number | undefined,
  options: CheckedClientOptions,
  policies: ChannelPolicies,
): Channel {
  const { balancing } = options;
  const spelled =
    port === undefined ? parseTarget(where, balancing.resolver !== undefined) : targetOfHostPort(where, port);
  const { target, credentials } = targetWithTls(spelled, where, options.tls);
  const proxy = proxyFor(target, options.proxy);
  return new Channel(proxy === undefined ? target : lookedUpByProxy(target), {
    ...options.channel,
    tls: credentials,
    proxy,
    ...channelBalancing(balancing, policies),
  });
}
