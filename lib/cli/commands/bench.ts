// `stubless bench`: puts load on a method and reports how it went.

import type { Client, MethodDescription } from '../../index.ts';
import { ConnectionPeak } from '../bench/load/connection-peak.ts';
import { LoadGenerator } from '../bench/load/generator.ts';
import { loadCalls, nameFailure } from '../bench/load/load-calls.ts';
import { LOAD, type LoadValues, loadPlan } from '../bench/load/load-options.ts';
import { requestTemplates } from '../bench/load/request-templates.ts';
import { PLACEHOLDERS } from '../bench/load/template-text.ts';
import type { LoadPlan } from '../bench/plan/load-plan.ts';
import { showProgress } from '../bench/report/progress.ts';
import { ReportFile } from '../bench/report/report-file.ts';
import { terminalReport } from '../bench/report/terminal-report.ts';
import { type LoadSummary, summarize } from '../bench/result/summary.ts';
import { configured } from '../client/config.ts';
import { connect } from '../client/connect.ts';
import { loadFiles } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText, jsonText } from '../command/escape.ts';
import { EXIT, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { TimeLimit } from '../command/time-limit.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { REQUEST_DATA, type RequestDataValues, requestSource } from '../options/request-data.ts';
import { SCHEMA, type SchemaValues } from '../options/schema-options.ts';
import { VARIABLES, type VariableValues } from '../options/variables.ts';
import { checkCallWords, METHOD_AND_FIELDS, SAVED_REQUEST } from '../requests/call-words.ts';

interface BenchValues
  extends ConnectionValues,
    RequestValues,
    SchemaValues,
    RequestDataValues,
    LoadValues,
    VariableValues {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
  readonly color?: boolean;
}

export const bench: Command<BenchValues> = {
  name: 'bench',
  summary: 'load-test a method',
  description: `A closed loop (-c) measures each call from its start. An open loop (--rps, --ramp) measures from when the call was
planned, so that time spent waiting behind slow calls counts too (no coordinated omission).
Several requests are used in turn. Requests may contain placeholders, filled in for each call; in JSON they go in
quotes, even for numbers:
${Object.values(PLACEHOLDERS)
  .map(({ usage, help }) => `  ${usage.padEnd(24)}${help}`)
  .join('\n')}
Exit status: 0 when any call succeeded, otherwise that of the most frequent failure.`,
  arguments: [
    { name: 'target', description: 'host:port, https://host, unix:/path', completion: 'target' },
    ...METHOD_AND_FIELDS,
  ],
  groups: [
    LOAD,
    {
      title: 'Report',
      options: [
        { flags: '--json', description: 'the report as one JSON object' },
        { flags: '--csv', description: 'the report as comma-separated values, one line per interval' },
        {
          flags: '--html <file>',
          description: 'also write the report as an HTML page with plots',
          completion: 'file',
        },
        NO_COLOUR,
      ],
    },
    REQUEST_DATA,
    VARIABLES,
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
      says: 'find the rate at which latency rises',
      line: "stubless bench localhost:50051 SayHello name=you --ramp '100..5000:2m'",
    },
  ],
  async run(words, given, io) {
    const [named] = words;
    if (named !== undefined && SAVED_REQUEST.test(named)) {
      const { withSavedRequest } = await import('../request-files/saved-request.ts');
      const saved = await withSavedRequest(words, given, io);
      return saved === undefined ? EXIT.failed : bench.run(saved.words, saved.options, io);
    }
    // From before the first connection: a load uses further what was opened for the schema.
    const peak = new ConnectionPeak();
    try {
      return await runLoad(words, given, io, peak);
    } finally {
      peak.stop();
    }
  },
};

async function runLoad(
  [named, name, ...rest]: readonly string[],
  given: BenchValues,
  io: Io,
  peak: ConnectionPeak,
): Promise<number> {
  if (named === undefined || name === undefined) throw new UsageError('give a target and a method');
  checkCallWords('bench', named, name);
  const { word = named, options } = await configured(named, given, io);
  if (options.json === true && options.csv === true)
    throw new UsageError('--json and --csv cannot be used together');
  const plan = loadPlan(options);
  const source = requestSource(name, rest, options);
  const { client, target } = connect(word, options, io.env);
  await loadFiles(client, options, io);
  const method = await new TimeLimit(options.timeout).loading(target.text, client, (timeoutMs) =>
    client.method(name, { signal: io.signal, timeoutMs }),
  );
  if (
    !method.cardinality.startsWith('stream') &&
    (options.messages ?? options.messageInterval) !== undefined
  ) {
    throw new UsageError(
      `${method.fullName} takes one request: --messages and --message-interval are for streams`,
    );
  }
  const templates = await requestTemplates(client, method, source, io);
  const page = options.html === undefined ? undefined : await ReportFile.open(options.html);
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
  peak.restart();
  // One each, but over HTTP/1.1, where each call in flight has its own.
  const connections = (): number => Math.max(clients.length, peak.most);
  const summary = await measure(load, plan, method, target.text, connections, io);
  // Print first: a full disk must not lose results that took minutes.
  await print(summary, options, io);
  if (page !== undefined) await writePage(summary, page, io);
  return exitStatus(summary);
}

async function measure(
  load: LoadGenerator,
  plan: LoadPlan,
  method: MethodDescription,
  target: string,
  connections: () => number,
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
      connections: connections(),
      streamsReplies: method.cardinality.endsWith('stream'),
    });
  } finally {
    io.signal.removeEventListener('abort', stop);
    hide();
  }
}

async function writePage(summary: LoadSummary, page: ReportFile, io: Io): Promise<void> {
  const { htmlReport } = await import('../bench/report/html-report.ts');
  await page.write(io.out.masked(htmlReport(summary)));
}

async function print(summary: LoadSummary, options: BenchValues, io: Io): Promise<void> {
  if (options.json === true) {
    await io.out.line(io.out.colours.json(jsonText(summary, io.out.isTerminal ? 2 : undefined)));
  } else if (options.csv === true) {
    const { csvReport } = await import('../bench/report/csv-report.ts');
    await io.out.write(csvReport(summary));
  } else await io.out.write(terminalReport(summary, escapeText));
}

/** The most frequent failure's, if no call succeeded. */
function exitStatus({ calls, statuses }: LoadSummary): number {
  const [most] = statuses;
  if (calls.ok > 0 || most === undefined) return EXIT.ok;
  return most.code === undefined ? EXIT.failed : EXIT.rpc + most.code;
}
