// Makes the channel of a client that does not share one, from the target and the options for TLS, proxies and
// balancing.

import { Channel } from '../channel/channel.ts';
import { parseTarget, targetOfHostPort } from '../channel/target/target.ts';
import { inspectedAs, shown } from '../values/inspect.ts';
import { type ChannelPolicies, channelBalancing } from './channel-policy.ts';
import type { CheckedClientOptions } from './client-options.ts';
import { lookedUpByProxy, proxyFor } from './proxy-options.ts';
import { targetWithTls } from './tls-options.ts';

/** Where to connect, as the user wrote it: a target, or a host and a port. */
export interface SpelledTarget {
  readonly where: string;
  /** undefined if a target was given instead of a host and port. */
  readonly port: number | undefined;
}

export function makeChannel(
  { where, port }: SpelledTarget,
  options: CheckedClientOptions,
  policies: ChannelPolicies,
): Channel {
  const { balancing, network } = options;
  const spelled =
    port === undefined ? parseTarget(where, balancing.resolver !== undefined) : targetOfHostPort(where, port);
  const { target, credentials } = targetWithTls(spelled, where, options.tls);
  const proxy = proxyFor(target, options.proxy);
  const { naming, ...balanced } = channelBalancing(balancing, policies);
  return new Channel(proxy === undefined ? target : lookedUpByProxy(target), {
    ...options.channel,
    tls: credentials,
    proxy,
    ...balanced,
    dial: network?.dial,
    nextTurn: network?.nextTurn,
    naming: { ...naming, dns: network?.dns },
  });
}

inspectedAs(Channel.prototype, (channel) => {
  const { target, state, openStreams, queuedCalls } = channel;
  return shown(channel.constructor.name, { target: target.text, state, openStreams, queuedCalls });
});
