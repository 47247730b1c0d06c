// What must hold of the clients of a row. Pure.

import type { ClientName } from './client-run.ts';
import type { Orders, Outcome, Tally } from './clients/orders.ts';
import type { Row } from './rows.ts';

/** What became of a client; a text where it came to no end. */
export type Outcomes = Readonly<Partial<Record<ClientName, Outcome | string>>>;

export function lostOf({ lost }: Tally): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

/**
 * What is wrong with this project's client; empty where nothing is.
 * @param times how often what happened did
 */
export function judge(
  row: Pick<Row, 'graceful'>,
  orders: Pick<Orders, 'calls' | 'inFlight' | 'streams'>,
  outcomes: Outcomes,
  times: number,
): readonly string[] {
  const ours = outcomes['stubless'];
  if (ours === undefined) return ['it did not run'];
  if (typeof ours === 'string') return [ours];
  const wrong: string[] = [];
  for (const what of ['calls', 'streams'] as const) {
    const lost = lostOf(ours[what]);
    const wanted = what === 'calls' ? orders.calls : orders.streams.count;
    const settled = ours[what].answered + lost;
    if (settled !== wanted) wrong.push(`${settled} of ${wanted} ${what} settled`);
    if (lost === 0) continue;
    if (row.graceful.includes(what)) {
      wrong.push(`${lost} ${what} lost to a peer that is graceful`);
      continue;
    }
    // What runs on a server when it is killed may have been done: nobody can save that.
    const running = what === 'calls' ? orders.inFlight : orders.streams.atOnce;
    for (const [name, other] of Object.entries(outcomes)) {
      if (typeof other === 'string' || lost <= lostOf(other[what])) continue;
      if (row.graceful === 'nothing' && lost <= running * times) continue;
      wrong.push(`${lost} ${what} lost, ${name} ${lostOf(other[what])}`);
    }
  }
  return wrong;
}
