// `stubless bench`: puts load on a method and reports how it went.

import type { Secrets } from '../../requests/secrets.ts';
import {
  checkKubernetes,
  KUBERNETES,
  type KubernetesValues,
} from '../bench/kubernetes/kubernetes-options.ts';
import { ConnectionPeak } from '../bench/load/connection-peak.ts';
import { coresHere } from '../bench/load/cores.ts';
import { LOAD, type LoadValues, loadPlan } from '../bench/load/load-options.ts';
import {
  checkShard,
  checkStart,
  DEFAULT_GATE_TIMEOUT_MS,
  SHARDS,
  type ShardValues,
  shardOf,
  threadsOf,
} from '../bench/load/shard-options.ts';
import { PLACEHOLDERS } from '../bench/load/template-text.ts';
import type { PlanPart } from '../bench/plan/plan-part.ts';
import {
  checkReports,
  exitStatus,
  REPORT,
  Reports,
  type ReportValues,
} from '../bench/report/load-reports.ts';
import { machineHere, ResultWriter } from '../bench/report/result-writer.ts';
import { count, milliseconds } from '../bench/report/terminal-text.ts';
import type { LoadSummary } from '../bench/result/summary.ts';
import { measureLoad } from '../bench/run/measured-load.ts';
import { planOptions } from '../bench/run/plan-options.ts';
import { partsOf, prepareLoad } from '../bench/run/prepared-load.ts';
import type { StartPoint } from '../bench/start/gate-words.ts';
import { configured } from '../client/config.ts';
import { connect } from '../client/connect.ts';
import type { Command, OptionGroup } from '../command/command-definition.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
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
    ShardValues,
    VariableValues,
    ReportValues,
    KubernetesValues {}

/** What a pod does as the whole load would. */
const CARRIED: readonly OptionGroup[] = [LOAD, SHARDS, REQUEST_DATA, VARIABLES, SCHEMA, CONNECTION, REQUEST];

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
Exit status: that of the most frequent failure when no call succeeded; otherwise 1 when a condition of --fail does not hold, or 0.`,
  arguments: [
    { name: 'target', description: 'host:port, https://host, unix:/path', completion: 'target' },
    ...METHOD_AND_FIELDS,
  ],
  groups: [LOAD, SHARDS, REPORT, KUBERNETES, REQUEST_DATA, VARIABLES, SCHEMA, CONNECTION, REQUEST],
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
    {
      says: 'the same from four pods of a Kubernetes cluster, by the name that the server has there',
      line: "stubless bench greeter.default.svc:50051 SayHello name=you --plaintext --ramp '100..5000:2m' --kubernetes 4",
    },
  ],
  async run(words, given, io) {
    const [named] = words;
    checkKubernetes(given, [REPORT]);
    if (named !== undefined && SAVED_REQUEST.test(named)) {
      const { withSavedRequest } = await import('../request-files/saved-request.ts');
      const isAlone = given.kubernetes !== undefined;
      const saved = await withSavedRequest(words, given, io, { isAlone });
      if (saved === undefined) return EXIT.failed;
      if (isAlone) return inCluster(saved.words, saved.options, io, saved.secrets);
      return bench.run(saved.words, saved.options, io);
    }
    if (given.kubernetes !== undefined) return inCluster(words, given, io);
    // From before the first connection: a load uses further what was opened for the schema.
    const peak = new ConnectionPeak();
    io.keepsStatus = true;
    try {
      return await runLoad(words, given, io, peak);
    } finally {
      peak.stop();
    }
  },
};

/** The words of a line, and its options with those of the config file. */
async function readLine([named, name, ...fields]: readonly string[], given: BenchValues, io: Io) {
  if (named === undefined || name === undefined) throw new UsageError('give a target and a method');
  checkCallWords('bench', named, name);
  const { word = named, options } = await configured(named, given, io);
  return { word, name, fields, options };
}

/** The manifest in place of the load. */
async function inCluster(
  words: readonly string[],
  given: BenchValues,
  io: Io,
  secrets?: Secrets,
): Promise<number> {
  const { word, name, fields, options } = await readLine(words, given, io);
  const { printManifest } = await import('../bench/kubernetes/print-manifest.ts');
  await printManifest(
    { target: word, method: name, fields, options, plan: loadPlan(options), groups: CARRIED, secrets },
    io,
  );
  return EXIT.ok;
}

async function runLoad(
  words: readonly string[],
  given: BenchValues,
  io: Io,
  peak: ConnectionPeak,
): Promise<number> {
  const { word, name, fields, options } = await readLine(words, given, io);
  const path = resultPath(options);
  const plan = loadPlan(options);
  const part = shardOf(options, io.env);
  checkShard(plan, part);
  checkConditions(options, part);
  checkStart(options);
  const source = requestSource(name, fields, options);
  const { client, target } = connect(word, options, io.env);
  const threads = threadsOf(options, plan, part, target.isLocal);
  checkReports(options);
  const machine = machineHere(coresHere());
  const result =
    path === undefined ? undefined : await ResultWriter.open(path, part, options.startAt, machine, io);
  let point: StartPoint | undefined;
  try {
    const { measured, reports } = await orTold(result, async () => {
      // Before anything else that may take its time, so that the gate knows who will come.
      point = await startPoint(options, part, io);
      const watchesClock = result !== undefined;
      const order = { client, target: target.text, word, name, source, options, plan, part, watchesClock };
      const load = await prepareLoad(order, io);
      if (result !== undefined) {
        const about = `${load.plan.target} ${load.plan.method}`;
        result.plan = { ...load.plan, options: planOptions(options, bench.groups, io.env, about) };
      }
      const reports = await Reports.open(options, io);
      const parts = await partsOf(load, threads, peak);
      const begin = { startAtMs: options.startAt, point };
      const measured = await measureLoad(load, parts, begin, machine, io, result, reports);
      return { measured, reports };
    });
    const { summary, unwritten } = measured;
    if (path === '-') notice(io, shardLine(summary, part));
    for (const note of summary.notes) notice(io, note);
    const holds = await reports.give(measured, path !== '-');
    if (unwritten !== undefined) throw unwritten.error;
    if (path === '-') await checkRead(io);
    return summary.clientThreads.lost.length > 0 ? EXIT.failed : exitStatus(summary, holds);
  } finally {
    point?.close();
    await result?.close();
  }
}

/** A part has a part of the calls, of the throughput, and of the latencies. */
function checkConditions({ fail }: BenchValues, { of }: PlanPart): void {
  if (fail === undefined || of === 1) return;
  throw new UsageError(
    `--fail is for a whole load, of which this is one of ${of} shards: give it to 'stubless bench merge', which has them all`,
  );
}

/** Where this shard meets the others; undefined where it does not wait for them. */
async function startPoint(
  { startGate, gateTimeout = DEFAULT_GATE_TIMEOUT_MS }: ShardValues,
  { index, of }: PlanPart,
  io: Io,
): Promise<StartPoint | undefined> {
  if (startGate === undefined) return undefined;
  if (index === 0) {
    const { StartGate } = await import('../bench/start/start-gate.ts');
    return StartGate.listen(startGate, of, gateTimeout, io.signal);
  }
  const { GateVisit } = await import('../bench/start/gate-visit.ts');
  return new GateVisit(startGate, { index: index + 1, of }, gateTimeout, io.signal);
}

/** Where the result goes; undefined for nowhere. */
function resultPath({ result, shard, json, csv }: BenchValues): string | undefined {
  const path = result ?? (shard === undefined ? undefined : '-');
  const report = json === true ? '--json' : csv === true ? '--csv' : undefined;
  if (path !== '-' || report === undefined) return path;
  throw new UsageError(
    `the result and ${report} cannot both be standard output: write it with --result FILE`,
  );
}

/** What a report may lack, a result may not: nobody adds up what was lost. */
async function checkRead({ out }: Io): Promise<void> {
  await out.flush();
  if (out.isBroken) throw new LocalError('nobody read the result to its end, and the load was interrupted');
}

/** Whoever merges the shards must not take one that could not begin for one whose log was lost. */
async function orTold<Result>(result: ResultWriter | undefined, run: () => Promise<Result>): Promise<Result> {
  const readyAtMs = Date.now();
  try {
    return await run();
  } catch (error) {
    if (result !== undefined) {
      const { explain } = await import('../command/explain.ts');
      // Where that cannot be written either, why the load did not begin is what is told.
      await result.fail(explain(error).lines[0], readyAtMs).catch(() => {});
    }
    throw error;
  }
}

/** Where the result is written in place of the report, it is not to be read. */
function shardLine({ calls, callsPerSecond, latencyMs }: LoadSummary, { index, of }: PlanPart): string {
  const parts = [
    `${count(calls.ok)} calls ok`,
    `${count(calls.failed)} failed`,
    `${count(callsPerSecond)} calls/s`,
    `p99 ${milliseconds(latencyMs.percentiles['99'] ?? null)}`,
  ];
  return `shard ${index + 1}/${of}: ${parts.join(', ')}; 'stubless bench merge' reports all shards together`;
}
