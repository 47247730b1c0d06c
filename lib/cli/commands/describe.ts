// `stubless describe`: what a symbol is, as .proto source with its comments, as JSON, or as a request to fill in.

import type { Client, Description } from '../../index.ts';
import type { Command } from '../command.ts';
import { escapeLines, jsonText } from '../escape.ts';
import { EXIT, LocalError, UsageError } from '../failure.ts';
import { CONNECTION } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema.ts';
import { openSource, type SourceValues } from '../schema.ts';

interface DescribeValues extends SourceValues {
  readonly json?: boolean;
  readonly template?: boolean;
  readonly color?: boolean;
}

export const describe: Command<DescribeValues> = {
  name: 'describe',
  summary: 'show a service, method, message or enum as .proto source, JSON, or a request to fill in',
  description:
    'Without a symbol: all services. A symbol is a full name, or its last parts where these are clear.',
  arguments: [
    { name: 'target', description: 'host:port, or a schema file', isOptional: true, completion: 'target' },
    {
      name: 'symbol',
      description: 'service, method, message, field, enum, or package',
      isOptional: true,
      completion: 'symbol',
    },
  ],
  groups: [
    {
      title: 'Describe',
      options: [
        { flags: '--json', description: 'as JSON: comments, options, members' },
        { flags: '--template', description: "a request to fill in, as JSON for 'call -d'" },
        NO_COLOUR,
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: 'a service as .proto source', line: 'stubless describe localhost:50051 helloworld.Greeter' },
    {
      says: 'a request to fill in',
      line: 'stubless describe localhost:50051 SayHello --template > request.json',
    },
    { says: 'a message of a file', line: 'stubless describe protos/route_guide.proto routeguide.Rectangle' },
  ],
  async run(words, options, io) {
    if (options.json === true && options.template === true)
      throw new UsageError('--json and --template exclude each other');
    io.setColour(options.color);
    const { client, words: rest } = await openSource(words, options, io);
    const [name, surplus] = rest;
    if (surplus !== undefined) throw new UsageError(`'${surplus}' is one word too many`);
    const symbols = name === undefined ? servicesOf(client) : [client.describe(name)];
    const { colours } = io.out;
    if (options.template === true) {
      for (const symbol of symbols) await io.out.line(colours.json(jsonText(templateOf(symbol), 2)));
    } else if (options.json === true) {
      const document = name === undefined ? symbols : symbols[0];
      await io.out.line(colours.json(jsonText(document, io.out.isTerminal ? 2 : undefined)));
    } else {
      const text = symbols.map((symbol) => `${heading(symbol)}${symbol.proto}`.trimEnd()).join('\n\n');
      await io.out.line(colours.proto(escapeLines(text)));
    }
    return EXIT.ok;
  },
};

function servicesOf(client: Client): Description[] {
  return client.services
    .filter((service) => service.unavailable === undefined)
    .map((service) => client.describe(service.fullName));
}

function heading({ kind, fullName, file }: Description): string {
  return `// ${kind} ${fullName}${file === '' ? '' : `, ${file}`}\n`;
}

function templateOf(symbol: Description): unknown {
  if (symbol.kind === 'method' || symbol.kind === 'message') return symbol.template;
  throw new LocalError(`${symbol.fullName} is a ${symbol.kind}; only methods and messages have a template`);
}
