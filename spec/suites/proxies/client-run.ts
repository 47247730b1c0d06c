// One client in a process of its own, under orders.

import { fileURLToPath } from 'node:url';
import type { Orders, Outcome } from './clients/orders.ts';
import { installed } from './peers/peer.ts';
import { Program } from './processes.ts';

export const CLIENTS = ['stubless', 'grpc-js', 'grpc-go'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** A client that is not through by then is stuck. */
const STUCK_MS = 90_000;

function command(client: ClientName, orders: Orders): readonly string[] {
  const text = JSON.stringify(orders);
  if (client === 'grpc-go') return [installed('go', 'peer'), 'load', text];
  const script = fileURLToPath(new URL(`./clients/${client}.js`, import.meta.url));
  return [process.execPath, script, text];
}

export class ClientRun {
  readonly outcome: Promise<Outcome>;
  readonly #program: Program;

  constructor(
    client: ClientName,
    orders: Orders,
    onSettled: (calls: number) => void = () => {},
    stuckMs = STUCK_MS,
  ) {
    this.#program = new Program(command(client, orders));
    this.#program.onLine((line) => {
      if (line.startsWith('settled ')) onSettled(Number(line.slice('settled '.length)));
    });
    this.outcome = this.#program.line('result', stuckMs).then((text) => JSON.parse(text) as Outcome);
    // Who waits for it hears of it.
    this.outcome.catch(() => {});
  }

  /** What it wrote to stderr. */
  get said(): string {
    return this.#program.said;
  }

  /** Ends a probe. */
  endProbe(): void {
    this.#program.child.stdin?.end();
  }

  kill(): Promise<void> {
    return this.#program.kill();
  }
}
