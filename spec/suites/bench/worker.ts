// One row of one client in a process of its own: reads its task from the command line, prints the figures
// as one line of JSON. run.ts starts it, pinned to a core.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchClient, BenchTarget, OpenBenchClient } from './clients/client.ts';
import type { Figures } from './figures.ts';
import { measureCalls, measureIdleStreams, type Phases } from './measure.ts';
import { manyMethods } from './methods.ts';
import { type ClientName, type Row, rowNamed } from './rows.ts';
import { measureTransfer } from './transfer.ts';

/** The JSON of the first argument. The Go client reads the same. */
export interface Task extends BenchTarget, Phases {
  readonly client: ClientName;
  readonly row: string;
}

async function openerOf(client: ClientName): Promise<OpenBenchClient> {
  switch (client) {
    case 'stubless':
      return (await import('./clients/stubless.ts')).open;
    case 'grpc-js':
      return (await import('./clients/grpc-js.ts')).open;
    case 'connect-node':
      return (await import('./clients/connect-node.ts')).open;
    case 'node:http2':
      return (await import('./clients/node-http2.ts')).open;
    case 'floor':
      return (await import('./clients/floor.ts')).open;
    case 'grpc-go':
      throw new Error('grpc-go has a worker of its own');
    default:
      return client satisfies never;
  }
}

async function measureMethods(task: Task, row: Row): Promise<Figures> {
  const { openRotation } = await import('./clients/stubless.ts');
  const { text, methods } = manyMethods(row.count, await readFile(task.schema, 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'stubless-bench-'));
  try {
    const schema = join(directory, 'methods.proto');
    await writeFile(schema, text);
    const client = await openRotation(task.port, schema, methods);
    const figures = await measureCalls(client, row, task);
    client.close();
    return figures;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function measureWork(client: BenchClient, row: Row, task: Task): Promise<Figures> {
  switch (row.work) {
    case 'idle-streams':
      return measureIdleStreams(client, row);
    case 'transfer':
    case 'slow-reader':
      return measureTransfer(client, row);
    default:
      return measureCalls(client, row, task);
  }
}

async function measure(task: Task): Promise<Figures> {
  const row = rowNamed(task.row);
  if (row.work === 'methods') return measureMethods(task, row);
  const open = await openerOf(task.client);
  const client = await open(task);
  const figures = await measureWork(client, row, task);
  client.close();
  return figures;
}

const figures: Figures = await measure(JSON.parse(process.argv[2]));
// Exits at once: what a client leaves behind is not this benchmark's matter.
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
