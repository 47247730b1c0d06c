// `stubless bench`: puts load on a method and reports how it went.

import type { Client, MethodDescription } from '../../index.ts';
import { ConnectionPeak } from '../bench/load/connection-peak.ts';
import { LoadGenerator } from '../bench/load/generator.ts';
import { loadCalls, nameFailure } from '../bench/load/load-calls.ts';
import { LOAD, type LoadValues, loadPlan } from '../bench/load/load-options.ts';
import { requestTemplates } from '../bench/load/request-templates.ts';
import { PLACEHOLDERS } from '../bench/load/template-text.ts';
import type { LoadPlan } from '../bench/plan/load-plan.ts';
import { exitStatus, REPORT, Reports, type ReportValues } from '../bench/report/load-reports.ts';
import { showProgress } from '../bench/report/progress.ts';
import { type LoadSummary, summarize } from '../bench/result/summary.ts';
import { configured } from '../client/config.ts';
import { connect } from '../client/connect.ts';
import { loadFiles } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { EXIT, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { TimeLimit } from '../command/time-limit.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
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
    VariableValues,
    ReportValues {}

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
  groups: [LOAD, REPORT, REQUEST_DATA, VARIABLES, SCHEMA, CONNECTION, REQUEST],
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
  const plan = loadPlan(options);
  const source = requestSource(name, rest, options);
  const { client, target } = connect(word, options, io.env);
  await loadFiles(client, options, io);
  const method = await new TimeLimit(options.timeout).loading(target.text, (timeoutMs) =>
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
  const reports = await Reports.open(options, io);
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
  await reports.give(summary);
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
