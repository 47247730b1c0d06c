// `stubless health`: asks gRPC's health service, for people and for probes.

import { type Client, type HealthStatus, RpcError, StatusCode } from '../../index.ts';
import { configured } from '../client/config.ts';
import { connect, type TargetValues } from '../client/connect.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
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
  summary: 'check the health of a server, or of one service; suitable for probes',
  description: `Prints SERVING, NOT_SERVING, UNKNOWN or SERVICE_UNKNOWN. Exit status: 0 when it serves, 1 when it does not,
64 + gRPC code when the check fails (69: no such service, 76: no health service, 78: unreachable).`,
  arguments: [
    { name: 'target', description: 'host:port', completion: 'target' },
    {
      name: 'service',
      description: 'the name of a service; without it, the server as a whole',
      isOptional: true,
      completion: 'service',
    },
  ],
  groups: [
    {
      title: 'Health',
      options: [
        { flags: '-w, --watch', description: 'print every change until interrupted' },
        { flags: '-q, --quiet', description: 'print nothing, only set the exit status' },
        NO_COLOUR,
      ],
    },
    CONNECTION,
    REQUEST,
  ],
  examples: [
    {
      says: 'a probe that takes two seconds at most',
      line: 'stubless health localhost:50051 --timeout 2s --connect-timeout 1s',
    },
    { says: 'watch one service', line: 'stubless health localhost:50051 helloworld.Greeter --watch' },
  ],
  async run([named, service = ''], given, io) {
    const { word = named, options } = await configured(named, given, io);
    const { client } = connect(word, { ...options, reflect: false }, io.env);
    return options.watch === true ? watch(client, service, io) : check(client, service, options, io);
  },
};

async function check(client: Client, service: string, options: HealthValues, io: Io): Promise<number> {
  io.keepsStatus = true;
  const status = await checked(client, service, io);
  if (options.quiet !== true) await io.out.line(coloured(status, io));
  return status === 'SERVING' ? EXIT.ok : EXIT.failed;
}

/** A server says NOT_FOUND of a service it does not know, and mostly nothing else. */
async function checked(client: Client, service: string, io: Io): Promise<HealthStatus> {
  try {
    return await client.check(service, { signal: io.signal });
  } catch (error) {
    if (!RpcError.is(error) || error.code !== StatusCode.NOT_FOUND || error.details !== '') throw error;
    const details = `the server's health service does not know '${service}'`;
    throw RpcError.of(error.code, details, { cause: error });
  }
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
