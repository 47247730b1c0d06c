// `stubless bench`: makes load on a method and tells how it went.

import { writeFile } from 'node:fs/promises';
import type { Client, MethodDescription } from '../../index.ts';
import { LoadGenerator } from '../bench/generator.ts';
import { loadCalls, nameFailure } from '../bench/load-calls.ts';
import type { LoadPlan } from '../bench/load-plan.ts';
import { showProgress } from '../bench/progress.ts';
import { requestTemplates } from '../bench/request-templates.ts';
import { type LoadSummary, summarize } from '../bench/summary.ts';
import { PLACEHOLDERS } from '../bench/template-text.ts';
import { terminalReport } from '../bench/terminal-report.ts';
import type { Command } from '../command.ts';
import { configured } from '../config.ts';
import { connect } from '../connect.ts';
import { escapeText, jsonText } from '../escape.ts';
import { EXIT, UsageError, writing } from '../failure.ts';
import type { Io } from '../io.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { LOAD, type LoadValues, loadPlan } from '../options/load.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { REQUEST_DATA, type RequestDataValues, requestSource } from '../options/request-data.ts';
import { SCHEMA, type SchemaValues } from '../options/schema.ts';
import { loadFiles } from '../schema.ts';

interface BenchValues extends ConnectionValues, RequestValues, SchemaValues, RequestDataValues, LoadValues {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
  readonly color?: boolean;
}

export const bench: Command<BenchValues> = {
  name: 'bench',
  summary: 'make load on a method and measure it',
  description: `A closed loop (-c) measures each call from its begin. An open loop (--rps, --ramp) measures from when the call was
planned, so that what a slow server makes others wait counts too (no coordinated omission).
Several requests are used in turn. Requests may hold placeholders, filled in for each call:
${Object.values(PLACEHOLDERS)
  .map(({ usage, help }) => `  ${usage.padEnd(24)}${help}`)
  .join('\n')}
Exit status: 0 when a call ended well, else as that of the failure there was most of.`,
  arguments: [
    { name: 'target', description: 'host:port, https://host, unix:/path', completion: 'target' },
    {
      name: 'method',
      description: 'helloworld.Greeter/SayHello, or as much of it as is clear',
      completion: 'method',
    },
    {
      name: 'field=value',
      description: 'the request',
      isOptional: true,
      isRepeated: true,
      completion: 'field',
    },
  ],
  groups: [
    LOAD,
    {
      title: 'Report',
      options: [
        { flags: '--json', description: 'the report as one JSON object' },
        { flags: '--csv', description: 'the report as comma-separated values, a line for each interval' },
        {
          flags: '--html <file>',
          description: 'write the report as one page with plots, too',
          completion: 'file',
        },
        NO_COLOUR,
      ],
    },
    REQUEST_DATA,
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: '50 callers for 10 seconds', line: 'stubless bench localhost:50051 SayHello name=you' },
    {
      says: '500 calls a second for a minute, each with its own name, and a page with plots',
      line: "stubless bench localhost:50051 SayHello 'name=user {{n}}' --rps 500 -z 1m --html report.html",
    },
    {
      says: 'find where it bends',
      line: "stubless bench localhost:50051 SayHello name=you --ramp '100..5000:2m'",
    },
  ],
  async run([named, name, ...rest], given, io) {
    if (named === undefined || name === undefined) throw new UsageError('give a target and a method');
    const { word = named, options } = await configured(named, given);
    if (options.json === true && options.csv === true)
      throw new UsageError('--json and --csv exclude each other');
    const plan = loadPlan(options);
    const source = requestSource(rest, options);
    io.setColour(options.color);
    const { client, target } = connect(word, options, io.env);
    await loadFiles(client, options);
    const method = await client.method(name, { signal: io.signal, timeoutMs: options.timeout });
    if (
      !method.cardinality.startsWith('stream') &&
      (options.messages ?? options.messageInterval) !== undefined
    ) {
      throw new UsageError(
        `${method.fullName} takes one request: --messages and --message-interval are for streams`,
      );
    }
    const templates = await requestTemplates(client, method, source, io);
    const clients: [Client, ...Client[]] = [client];
    while (clients.length < (options.connections ?? 1)) clients.push(connect(word, options, io.env).client);
    const load = new LoadGenerator(
      plan,
      loadCalls({
        clients,
        method,
        templates,
        messages: options.messages ?? templates.length,
        messageIntervalMs: options.messageInterval ?? 0,
        timeoutMs: options.timeout,
      }),
      nameFailure,
    );
    const summary = await measure(load, plan, method, target.text, clients.length, io);
    if (options.html !== undefined) await writePage(summary, options.html);
    await print(summary, options, io);
    return exitStatus(summary);
  },
};

async function measure(
  load: LoadGenerator,
  plan: LoadPlan,
  method: MethodDescription,
  target: string,
  connections: number,
  io: Io,
): Promise<LoadSummary> {
  const startedAt = new Date();
  const hide = showProgress(load, io);
  const stop = (): void => load.interrupt();
  io.signal.addEventListener('abort', stop);
  try {
    const run = await load.run();
    return summarize(plan, run, {
      target,
      method: method.fullName,
      startedAt,
      connections,
      streamsReplies: method.cardinality.endsWith('stream'),
    });
  } finally {
    io.signal.removeEventListener('abort', stop);
    hide();
  }
}

async function writePage(summary: LoadSummary, path: string): Promise<void> {
  const { htmlReport } = await import('../bench/html-report.ts');
  await writing(path, () => writeFile(path, htmlReport(summary)));
}

async function print(summary: LoadSummary, options: BenchValues, io: Io): Promise<void> {
  if (options.json === true) {
    await io.out.line(io.out.colours.json(jsonText(summary, io.out.isTerminal ? 2 : undefined)));
  } else if (options.csv === true) {
    const { csvReport } = await import('../bench/csv-report.ts');
    await io.out.write(csvReport(summary));
  } else await io.out.write(terminalReport(summary, escapeText));
}

/** That of the failure there was most of, when no call ended well. */
function exitStatus({ calls, statuses }: LoadSummary): number {
  const [most] = statuses;
  if (calls.ok > 0 || most === undefined) return EXIT.ok;
  return most.code === undefined ? EXIT.failed : EXIT.rpc + most.code;
}
