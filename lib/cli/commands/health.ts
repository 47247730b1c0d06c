// `stubless health`: asks gRPC's health service, for people and for probes.

import type { Client, HealthStatus } from '../../index.ts';
import type { Command } from '../command.ts';
import { configured } from '../config.ts';
import { connect, type TargetValues } from '../connect.ts';
import { escapeText } from '../escape.ts';
import { EXIT } from '../failure.ts';
import type { Io } from '../io.ts';
import { CONNECTION } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';

interface HealthValues extends TargetValues {
  readonly watch?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

export const health: Command<HealthValues> = {
  name: 'health',
  summary: 'ask for the health of a server, or of one service; fit for probes',
  description: `Prints SERVING, NOT_SERVING, UNKNOWN or SERVICE_UNKNOWN. Exit status: 0 when it serves, 1 when it does not,
64 + gRPC code when it cannot be asked (69: no such service, 76: no health service, 78: not reachable).`,
  arguments: [
    { name: 'target', description: 'host:port', completion: 'target' },
    {
      name: 'service',
      description: 'the name of a service; without: the server as a whole',
      isOptional: true,
      completion: 'service',
    },
  ],
  groups: [
    {
      title: 'Health',
      options: [
        { flags: '-w, --watch', description: 'print every change until interrupted' },
        { flags: '-q, --quiet', description: 'print nothing; the exit status says it' },
        NO_COLOUR,
      ],
    },
    CONNECTION,
    REQUEST,
  ],
  examples: [
    {
      says: 'a probe that waits two seconds at most',
      line: 'stubless health localhost:50051 --timeout 2s --connect-timeout 1s',
    },
    { says: 'watch one service', line: 'stubless health localhost:50051 helloworld.Greeter --watch' },
  ],
  async run([named, service = ''], given, io) {
    const { word = named, options } = await configured(named, given);
    io.setColour(options.color);
    const { client } = connect(word, { ...options, reflect: false }, io.env);
    return options.watch === true ? watch(client, service, io) : check(client, service, options, io);
  },
};

async function check(client: Client, service: string, options: HealthValues, io: Io): Promise<number> {
  const status = await client.check(service, { signal: io.signal });
  if (options.quiet !== true) await io.out.line(coloured(status, io));
  return status === 'SERVING' ? EXIT.ok : EXIT.failed;
}

async function watch(client: Client, service: string, io: Io): Promise<number> {
  let last: HealthStatus = 'UNKNOWN';
  for await (const status of client.watch(service, { signal: io.signal })) {
    last = status;
    const time = io.out.isTerminal ? `${new Date().toLocaleTimeString()} ` : '';
    await io.out.line(`${time}${coloured(status, io)}`);
  }
  return last === 'SERVING' ? EXIT.ok : EXIT.failed;
}

function coloured(status: HealthStatus, io: Io): string {
  const { green, red, yellow } = io.out.colours;
  const text = escapeText(String(status));
  if (status === 'SERVING') return green(text);
  return status === 'NOT_SERVING' ? red(text) : yellow(text);
}
