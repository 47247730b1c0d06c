// Calls that answer, are cancelled, run out of time, are reset and lose their connection, and what each may come to.

import type { Client, Status } from '../../../lib/index.ts';

export interface ChurnTally {
  calls: number;
  streams: number;
  /** How calls ended, by the status's name. */
  readonly statuses: Record<string, number>;
  /** Ends that nothing explains. */
  readonly wrong: string[];
}

export function newTally(): ChurnTally {
  return { calls: 0, streams: 0, statuses: {}, wrong: [] };
}

export interface ChurnPlan {
  readonly calls: number;
  readonly streams: number;
  readonly inFlight: number;
}

const DATA = new Uint8Array(32).fill(7);
const SILENT = { 'x-silent': '1' };
/** Every so many calls are cancelled, and as many have a server that is silent until their deadline. */
const ODD_EVERY = 100;
const DEADLINE_MS = 20;
/** What the server does on purpose may end any call: RST_STREAM, GOAWAY, a dropped connection. */
const FAULTS = new Set(['INTERNAL', 'UNAVAILABLE']);

function ended(tally: ChurnTally, { codeName, details }: Status, wanted: string): void {
  tally.statuses[codeName] = (tally.statuses[codeName] ?? 0) + 1;
  if (codeName !== wanted && !FAULTS.has(codeName)) {
    tally.wrong.push(`${codeName} in place of ${wanted}: ${details}`);
  }
}

async function unary(client: Client, number: number, tally: ChurnTally): Promise<void> {
  if (number % ODD_EVERY === 0) {
    const call = client.request('soak.Soak/Echo', { data: DATA });
    call.cancel();
    ended(tally, await call.status, 'CANCELLED');
  } else if (number % ODD_EVERY === ODD_EVERY / 2) {
    const call = client.request(
      'soak.Soak/Echo',
      { data: DATA },
      { timeoutMs: DEADLINE_MS, metadata: SILENT },
    );
    ended(tally, await call.status, 'DEADLINE_EXCEEDED');
  } else {
    const call = client.request('soak.Soak/Echo', { data: DATA });
    try {
      const { data } = await call;
      if (data.length !== DATA.length || data[0] !== DATA[0])
        tally.wrong.push(`a reply of ${data.length} octets`);
    } catch {
      // Its status says what it was.
    }
    ended(tally, await call.status, 'OK');
  }
}

async function stream(client: Client, number: number, tally: ChurnTally): Promise<void> {
  const isLate = number % 10 === 5;
  const call = client.open('soak.Soak/Talk', isLate ? { timeoutMs: DEADLINE_MS, metadata: SILENT } : {});
  let wanted = isLate ? 'DEADLINE_EXCEEDED' : 'OK';
  try {
    for (let i = 0; i < 3; i += 1) {
      await call.write({ data: DATA });
      if ((await call.read()) === undefined) break;
    }
    if (number % 10 === 1) {
      wanted = 'CANCELLED';
      call.cancel();
    } else if (number % 10 === 2) {
      wanted = 'CANCELLED';
      await call.write({ data: DATA });
      for await (const _ of call) break;
    } else {
      await call.end();
      await call.read();
    }
  } catch {
    // Its status says what it was.
  }
  ended(tally, await call.status, wanted);
}

/** So many calls and streams, in between one another. */
export async function churn(
  client: Client,
  { calls, streams, inFlight }: ChurnPlan,
  tally: ChurnTally,
): Promise<void> {
  const every = Math.max(1, Math.round(calls / streams));
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started < calls) {
      started += 1;
      const number = started;
      if (number % every === 0) {
        tally.streams += 1;
        await stream(client, number / every, tally);
      }
      tally.calls += 1;
      await unary(client, number, tally);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
