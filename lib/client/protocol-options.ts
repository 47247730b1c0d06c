// The option of the protocol that a client speaks, and its checks.

import { connect } from '../protocols/connect.ts';
import { GRPC } from '../protocols/grpc.ts';
import { GRPC_WEB } from '../protocols/grpc-web.ts';
import type { Protocol, ProtocolName } from '../protocols/protocol.ts';
import { nearestNames } from '../values/nearest-names.ts';
import { flag, show } from '../values/options/option-checks.ts';
import { called } from '../values/options/option-words.ts';

/** What a client speaks to its server. */
export interface ProtocolOptions {
  /** The protocol: `grpc` (default), `grpc-web` or `connect`; see docs/protocols.md. */
  readonly protocol?: ProtocolName | undefined;
  /**
   * Call methods that are marked `idempotency_level = NO_SIDE_EFFECTS` with HTTP GET, which caches understand; only with
   * the protocol `connect`. Default false.
   */
  readonly idempotentGet?: boolean | undefined;
}

export const PROTOCOL_NAMES = ['protocol', 'idempotentGet'] as const;

/** The protocol. TypeError for an unknown one. */
export function checkProtocol({ protocol = 'grpc', idempotentGet }: ProtocolOptions): Protocol {
  const usesGet = flag('idempotentGet', idempotentGet, false);
  if (usesGet && protocol !== 'connect') {
    throw new TypeError(
      `${called('idempotentGet')} needs ${called('protocol')} 'connect', not '${protocol}'`,
    );
  }
  const protocols: Readonly<Record<ProtocolName, Protocol>> = {
    grpc: GRPC,
    'grpc-web': GRPC_WEB,
    connect: connect(usesGet),
  };
  if (Object.hasOwn(protocols, protocol)) return protocols[protocol];
  const names = Object.keys(protocols);
  const [hint] = nearestNames(String(protocol), names, 1);
  throw new TypeError(
    `${called('protocol')} must be one of ${names.join(', ')}, not ${show(protocol)}${hint === undefined ? '' : `; did you mean '${hint}'?`}`,
  );
}
