// Who takes part in a run: clients, and this project's client on other runtimes; how each is started for a
// row, and why one is left out.

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { floorPath } from './clients/floor.ts';
import { besideInstalled } from './installed.ts';
import { runtimeName } from './machine.ts';
import { compileGoClient } from './native.ts';
import { CLIENT_NAMES, type ClientName, type Row } from './rows.ts';
import type { Task } from './worker.ts';

export interface Contender {
  /** The report's column: a client's name, or `stubless on <runtime>`. */
  readonly name: string;
  readonly client: ClientName;
  command(row: Row, task: Task): readonly string[];
}

const script = (name: string): string => new URL(`./${name}.js`, import.meta.url).pathname;

const startScript = (client: ClientName): string =>
  client === 'stubless' ? besideInstalled(script('startup/stubless')) : script(`startup/${client}`);

/** The command line that runs a script on a runtime: Node, Bun or Deno, told apart by the program's name. */
function runScript(runtime: string, file: string, needsGc: boolean): readonly string[] {
  const name = basename(runtime);
  if (name.startsWith('deno'))
    return [runtime, 'run', '-A', '--quiet', ...(needsGc ? ['--v8-flags=--expose-gc'] : []), file];
  return [runtime, ...(needsGc ? ['--expose-gc'] : []), file];
}

function scripted(name: string, client: ClientName, runtime: string): Contender {
  return {
    name,
    client,
    command: (row, task) =>
      row.work === 'startup'
        ? [...runScript(runtime, startScript(client), false), `${task.port}`, task.schema]
        : [...runScript(runtime, script('worker'), row.work === 'idle-streams'), JSON.stringify(task)],
  };
}

function goContender(): Contender {
  const program = compileGoClient();
  return {
    name: 'grpc-go',
    client: 'grpc-go',
    command: (row, task) => [program, JSON.stringify({ ...row, ...task })],
  };
}

export interface Field {
  readonly contenders: readonly Contender[];
  /** Who was left out, and why. */
  readonly absent: readonly string[];
}

/** The clients asked for, each if it can be had here, and stubless on each of the other runtimes. */
export function gather(clients: readonly ClientName[], runtimes: readonly string[], shared: string): Field {
  const contenders: Contender[] = [];
  const absent: string[] = [];
  for (const name of CLIENT_NAMES.filter((c) => clients.includes(c))) {
    if (name === 'floor' && !existsSync(floorPath(shared))) {
      absent.push(`floor: no ${floorPath(shared)} (STUBLESS_SHARED names another directory)`);
    } else if (name === 'grpc-go') {
      try {
        contenders.push(goContender());
      } catch (error) {
        absent.push(`grpc-go: ${error instanceof Error ? error.message : error}`);
      }
    } else {
      contenders.push(scripted(name, name, process.execPath));
    }
  }
  for (const runtime of runtimes)
    contenders.push(scripted(`stubless on ${runtimeName(runtime)}`, 'stubless', runtime));
  return { contenders, absent };
}
