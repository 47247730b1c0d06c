// `stubless list`: the services of a server or of schema files, or the methods of one service.

import type { Client, MethodInfo, ServiceInfo } from '../../index.ts';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import { withArticle } from '../command/article.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { warnUnavailable } from '../command/unavailable.ts';
import { CONNECTION } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema-options.ts';

/** How services are listed. */
export interface ListForm {
  readonly json?: boolean;
  readonly long?: boolean;
}

interface ListValues extends SourceValues, ListForm {
  readonly color?: boolean;
}

export const list: Command<ListValues> = {
  name: 'list',
  summary: 'list services, or the methods of one',
  arguments: [
    { name: 'target', description: 'host:port, or a schema file', isOptional: true, completion: 'target' },
    { name: 'service', description: 'list its methods', isOptional: true, completion: 'service' },
  ],
  groups: [
    {
      title: 'List',
      options: [
        { flags: '-l, --long', description: 'methods with their request and reply types' },
        { flags: '--json', description: 'services with their methods, as JSON' },
        NO_COLOUR,
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: 'the services of a server with reflection', line: 'stubless list localhost:50051' },
    {
      says: 'the methods of one, with their types',
      line: 'stubless list localhost:50051 helloworld.Greeter -l',
    },
    { says: 'what is in a file', line: 'stubless list helloworld.proto' },
  ],
  async run(words, options, io) {
    const source = await openSource(words, options, io);
    const [name, surplus] = source.words;
    if (surplus !== undefined) throw new UsageError(`'${surplus}' is one argument too many`);
    await printServices(source.client, name, options, io);
    return EXIT.ok;
  },
};

/** Prints all services, or the methods of one. */
export function printServices(
  client: Client,
  name: string | undefined,
  form: ListForm,
  io: Io,
): Promise<void> {
  return name === undefined ? listAll(client.services, form, io) : listOne(client, name, form, io);
}

async function listAll(services: readonly ServiceInfo[], options: ListForm, io: Io): Promise<void> {
  if (options.json === true) {
    await io.out.json(services);
    return;
  }
  for (const service of services) {
    await io.out.line(escapeText(service.fullName));
    warnUnavailable([service], io);
    if (options.long !== true) continue;
    for (const method of service.methods) await io.out.line(`  ${signature(method, io)}`);
  }
}

async function listOne(client: Client, name: string, options: ListForm, io: Io): Promise<void> {
  const service = serviceOf(client, name);
  if (options.json === true) {
    await io.out.json(service);
    return;
  }
  for (const method of service.methods) {
    await io.out.line(options.long === true ? signature(method, io) : escapeText(method.fullName));
  }
}

/** A service by its full name, or its last part where that is clear. Any other symbol is told what it is. */
function serviceOf(client: Client, name: string): ServiceInfo {
  const { services } = client;
  const exact = services.find((service) => service.fullName === name);
  if (exact !== undefined) {
    if (exact.unavailable !== undefined)
      throw new LocalError(`${name}: its schema cannot be had: ${exact.unavailable}`);
    return exact;
  }
  const symbol = client.describe(name);
  const found = services.find((service) => service.fullName === symbol.fullName);
  if (found !== undefined) return found;
  throw new LocalError(
    `${symbol.fullName} is ${withArticle(symbol.kind)}, not a service; to see it: stubless describe … ${symbol.fullName}`,
  );
}

function signature(method: MethodInfo, io: Io): string {
  const stream = io.out.colours.blue('stream ');
  const request = `${method.cardinality.startsWith('stream') ? stream : ''}${escapeText(method.requestType)}`;
  const reply = `${method.cardinality.endsWith('stream') ? stream : ''}${escapeText(method.replyType)}`;
  return `${escapeText(method.fullName)}(${request}) ${io.out.colours.blue('returns')} (${reply})`;
}
