// `stubless describe`: what a symbol is, as .proto source with its comments, as JSON, as JSON Schema, or as a request to fill
// in. What there is to say of one is schema/print/describe.ts's.

import type { Client, Description } from '../../index.ts';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import { withArticle } from '../command/article.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeLines, escapeText } from '../command/escape.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { warnUnavailable } from '../command/unavailable.ts';
import { CONNECTION } from '../options/connection.ts';
import { DIRECTION, NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema-options.ts';

/** How a symbol is shown. */
export interface DescribeForm {
  readonly json?: boolean;
  readonly template?: boolean;
  readonly jsonSchema?: boolean;
  readonly direction?: 'input' | 'output';
}

interface DescribeValues extends SourceValues, DescribeForm {
  readonly color?: boolean;
}

export const describe: Command<DescribeValues> = {
  name: 'describe',
  summary:
    'show a service, method, message or enum as .proto source, JSON, JSON Schema, or a request to fill in',
  description:
    'Without a symbol, shows all services. A symbol is a full name, or the last parts of one if they are unambiguous.',
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
        {
          flags: '--json-schema',
          description: 'the JSON Schema of a message or enum, or of the request of a method',
        },
        DIRECTION,
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
    {
      says: 'the schema that an editor checks requests with',
      line: 'stubless describe localhost:50051 SayHello --json-schema > SayHello.json',
    },
    { says: 'a message of a file', line: 'stubless describe protos/route_guide.proto routeguide.Rectangle' },
  ],
  async run(words, options, io) {
    checkForm(options);
    const { client, words: rest, isServer } = await openSource(words, options, io);
    const [name, surplus] = rest;
    if (surplus !== undefined) throw new UsageError(`'${surplus}' is one argument too many`);
    await printDescription(client, name, options, io, isServer);
    if (name === undefined) warnUnavailable(client.services, io);
    return EXIT.ok;
  },
};

/** A server is asked for what its services do not lead to. */
async function symbolOf(client: Client, name: string, isServer: boolean, io: Io): Promise<Description> {
  return isServer ? client.symbol(name, { signal: io.signal }) : client.describe(name);
}

function checkForm({ json, template, jsonSchema, direction }: DescribeForm): void {
  const forms = [json && '--json', template && '--template', jsonSchema && '--json-schema'];
  const [one, other] = forms.filter((form) => typeof form === 'string');
  if (other !== undefined) throw new UsageError(`${one} and ${other} cannot be used together`);
  if (direction !== undefined && jsonSchema !== true) {
    throw new UsageError('--direction is for --json-schema, which was not given');
  }
}

/** Prints what a symbol is, or all services. Throws a UsageError for a form that contradicts itself. */
export async function printDescription(
  client: Client,
  name: string | undefined,
  form: DescribeForm,
  io: Io,
  isServer: boolean,
): Promise<void> {
  checkForm(form);
  const symbols = name === undefined ? servicesOf(client) : [await symbolOf(client, name, isServer, io)];
  const { out } = io;
  const { colours } = out;
  if (form.jsonSchema === true) {
    if (name === undefined) {
      throw new UsageError(
        "--json-schema needs the name of a message, enum or method; 'export --json-schema DIR' writes all",
      );
    }
    const schema = await client.jsonSchema(symbols[0].fullName, { direction: form.direction });
    await out.json(schema, true);
  } else if (form.template === true) {
    for (const symbol of symbols) await out.json(templateOf(symbol), true);
  } else if (form.json === true) {
    const document = name === undefined ? symbols : symbols[0];
    await out.json(document);
  } else {
    const text = symbols.map((symbol) => `${heading(symbol)}${symbol.proto}`.trimEnd()).join('\n\n');
    await out.line(colours.proto(escapeLines(text)));
  }
}

function servicesOf(client: Client): Description[] {
  return client.services
    .filter((service) => service.unavailable === undefined)
    .map((service) => client.describe(service.fullName));
}

function heading({ kind, fullName, file }: Description): string {
  return `// ${kind} ${escapeText(fullName)}${file === '' ? '' : `, ${escapeText(file)}`}\n`;
}

function templateOf(symbol: Description): unknown {
  if (symbol.kind === 'method' || symbol.kind === 'message') return symbol.template;
  throw new LocalError(
    `${symbol.fullName} is ${withArticle(symbol.kind)}; only methods and messages have a template`,
  );
}
