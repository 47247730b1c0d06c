// The result of a run as the table of docs/peers.md. Pure.

import type { ClientName } from './client-run.ts';
import type { Outcome } from './clients/orders.ts';
import type { Row } from './rows.ts';
import { lostOf, type Outcomes } from './verdict.ts';

export interface RowResult extends Pick<Row, 'peer' | 'event' | 'graceful'> {
  readonly outcomes: Outcomes;
}

const PEERS: Readonly<Record<Row['peer'], string>> = {
  ...{ nginx: 'nginx', haproxy: 'haproxy', envoy: 'Envoy', caddy: 'Caddy', go: 'grpc-go', java: 'grpc-java' },
  ...{ python: 'grpcio', tonic: 'tonic' },
};

/** `0`, or `600 + 75`: calls and streams. */
function lost(outcome: Outcome | string | undefined): string {
  if (outcome === undefined) return '–';
  if (typeof outcome === 'string') return 'no end';
  const calls = lostOf(outcome.calls).toLocaleString('en');
  const streams = lostOf(outcome.streams);
  return streams === 0 ? calls : `${calls} + ${streams}`;
}

function connections(outcome: Outcome | string | undefined): string {
  return typeof outcome === 'object' ? outcome.connections.toLocaleString('en') : '–';
}

export function tableOf(rows: readonly RowResult[], clients: readonly ClientName[]): string {
  const head = ['peer', 'what happens', ...clients, 'connections of each'];
  const lines = rows.map(({ peer, event, graceful, outcomes }) => [
    PEERS[peer],
    `${event}${graceful === 'calls and streams' ? '' : ' \\*'}`,
    ...clients.map((client) => lost(outcomes[client])),
    clients.map((client) => connections(outcomes[client])).join(' / '),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
