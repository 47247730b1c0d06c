// `stubless call`: calls a method of any kind. Requests are read as they arrive and replies printed as they come.

import { type Client, type MethodDescription, RpcError } from '../../index.ts';
import { rawOf } from '../../requests/run/raw-method.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { configured } from '../client/config.ts';
import { connect } from '../client/connect.ts';
import { loadFiles } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { EXIT, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { TimeLimit } from '../command/time-limit.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { OUTPUT, type OutputForm, type OutputValues } from '../options/output.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { REQUEST_DATA, type RequestDataValues, requestSource } from '../options/request-data.ts';
import { SCHEMA, type SchemaValues } from '../options/schema-options.ts';
import { SAVE, type SaveValues, VARIABLES, type VariableValues } from '../options/variables.ts';
import { CallReport } from '../replies/call-report.ts';
import { statusOf } from '../replies/call-status.ts';
import { ReplyPrinter } from '../replies/reply-printer.ts';
import type { SavedCall } from '../request-files/saved-call.ts';
import { checkCallWords, METHOD_AND_FIELDS, SAVED_REQUEST } from '../requests/call-words.ts';
import { interactiveRequests } from '../requests/interactive.ts';
import { type Request, type RequestSource, readsStdin, requestsOf } from '../requests/request-messages.ts';

interface CallValues
  extends ConnectionValues,
    RequestValues,
    SchemaValues,
    RequestDataValues,
    OutputValues,
    VariableValues,
    SaveValues {}

export const call: Command<CallValues> = {
  name: 'call',
  summary: 'call a method',
  description: `Requests are fields as words, or whole messages with -d. The schema says how a field's text is read:
name=you  rect.lo.latitude=1  tags=a tags=b  labels.env=prod  points[0].x=1  ids:='[1,2]' (JSON)  photo=@cat.png (file)
A method that streams requests takes any number of messages, one after another; without fields or -d, on a terminal,
it asks for them line by line. Without either, piped input is the request.
Exit status: 0; 1 local or schema error; 2 usage; 64 + gRPC code; 130 interrupted.`,
  arguments: [
    {
      name: 'target',
      description:
        'host:port, https://host, unix:/path, or a name from the config file; or FILE#NAME, a request of a file',
      completion: 'target',
    },
    ...METHOD_AND_FIELDS,
  ],
  groups: [REQUEST_DATA, OUTPUT, SAVE, VARIABLES, SCHEMA, CONNECTION, REQUEST],
  examples: [
    { says: 'fields as words', line: 'stubless call localhost:50051 helloworld.Greeter/SayHello name=you' },
    {
      says: 'a server without reflection',
      line: 'stubless call localhost:50051 SayHello name=you --proto helloworld.proto',
    },
    {
      says: 'a request stream from a file with a JSON object a line',
      line: 'stubless call localhost:50051 RecordRoute -d @points.jsonl',
    },
    {
      says: 'everything about the call as one JSON object',
      line: 'stubless call api.example.com SayHello -d \'{"name":"you"}\' -o full',
    },
    { says: 'a request of a file', line: 'stubless call hello.requests.yaml#greets' },
  ],
  async run(words, given, io) {
    const [named] = words;
    if (named !== undefined && SAVED_REQUEST.test(named)) {
      const { withSavedRequest } = await import('../request-files/saved-request.ts');
      const saved = await withSavedRequest(words, given, io);
      return saved === undefined ? EXIT.failed : calling(saved.words, saved.options, io, saved.secrets);
    }
    return calling(words, given, io);
  },
};

/** @param secrets what `--save` is not to write */
async function calling(
  [named, name, ...rest]: readonly string[],
  given: CallValues,
  io: Io,
  secrets?: Secrets,
): Promise<number> {
  if (named === undefined || name === undefined) throw new UsageError('give a target and a method');
  checkCallWords('call', named, name);
  const { word = named, options } = await configured(named, given, io);
  const source = requestSource(name, rest, options);
  const { client, target } = connect(word, options, io.env);
  using report = new CallReport(target, options.verbose ?? 0, io);
  await loadFiles(client, options, io);
  const limit = new TimeLimit(options.timeout);
  const method = await limit.loading(target.text, client, (timeoutMs) =>
    client.method(name, { signal: io.signal, timeoutMs }),
  );
  report.schemaIsThere(method);
  if (options.get === true) report.getIsWanted(method);
  const save = given.save === undefined ? undefined : await openSave(given.save, named, given, io, secrets);
  return await run({ client, method, source, options, report, limit, save, io });
}

/** Imported only where something is to be saved. A file that cannot take it is told of before the call. */
async function openSave(
  place: string,
  target: string,
  given: CallValues,
  io: Io,
  secrets: Secrets | undefined,
): Promise<SavedCall> {
  const { SavedCall } = await import('../request-files/saved-call.ts');
  return SavedCall.open(place, target, given, io, secrets);
}

interface PreparedCall {
  readonly client: Client;
  readonly method: MethodDescription;
  readonly source: RequestSource;
  readonly options: CallValues;
  readonly report: CallReport;
  readonly limit: TimeLimit;
  readonly save: SavedCall | undefined;
  readonly io: Io;
}

/** Makes the call; the exit status. */
async function run({
  client,
  method,
  source,
  options,
  report,
  limit,
  save,
  io,
}: PreparedCall): Promise<number> {
  const form: OutputForm = options.output ?? (io.out.isTerminal ? 'json' : 'jsonl');
  const printer = new ReplyPrinter({
    client,
    type: method.replyType,
    isStream: method.cardinality.endsWith('stream'),
    form,
    json: { ...options, unknownFields: options.unknownFields ?? (options.verbose ?? 0) > 0 },
    asksServer: options.reflect !== false,
    codec: options.codec,
    io,
  });
  const takesStream = method.cardinality.startsWith('stream');
  const requests = takesStream
    ? report.counted(streamed(client, method, source, io))
    : await single(client, method, source, io, report);
  const call = rawOf(client, method)(requests, {
    signal: io.signal,
    timeoutMs: limit.leftMs,
  });
  limit.countsFor(call);
  const isFull = form === 'full';
  const replies: unknown[] = [];
  const headers = call.headers.then((metadata) => report.headersCame(call.peer, metadata));
  let failure: unknown;
  let left = options.maxMessages ?? Infinity;
  try {
    for await (const reply of call) {
      await headers;
      report.replyCame(reply);
      save?.replyCame(reply);
      if (isFull) replies.push(await printer.value(reply));
      else await printer.print(reply);
      // Leaving the loop cancels the call.
      if (--left === 0) break;
    }
  } catch (error) {
    failure = options.reflect === false ? error : await withDetails(client, error, io);
  }
  await headers;
  const status = statusOf(await call.status, failure, left === 0 ? options.maxMessages : undefined);
  report.ended(status);
  if (isFull) await report.printFull(client, status, replies, failure);
  await save?.write(client, method, report.requests, status, report.sentCount);
  if (failure !== undefined) throw failure;
  return EXIT.ok;
}

/** The error of a call, with the types of its details fetched from the server where they are not known. */
async function withDetails(client: Client, error: unknown, io: Io): Promise<unknown> {
  if (!RpcError.is(error) || error.errorDetails.length === 0) return error;
  try {
    return await client.resolve(error, { signal: io.signal });
  } catch {
    // Without reflection the bytes of an unknown detail are shown instead.
    return error;
  }
}

/** The one request of a method that takes one: an empty message when nothing is given. */
async function single(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
  report: CallReport,
): Promise<Uint8Array> {
  const given: Request[] = [];
  for await (const request of requestsOf(client, method, source, io)) {
    if (given.length > 0) {
      const where =
        source.words.length + source.data.length === 0 ? 'standard input holds more' : 'more were given';
      throw new UsageError(`${method.fullName} takes one request, but ${where}; call it once for each`);
    }
    given.push(request);
  }
  const request = given[0] ?? { bytes: client.encode(method.requestType, {}) };
  report.requestGoes(request);
  return request.bytes;
}

function streamed(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): AsyncGenerator<Request, void, undefined> {
  const isNothing = source.words.length === 0 && source.data.length === 0;
  const isAsked = (isNothing || readsStdin(source)) && io.standardInput() === 'terminal';
  return isAsked ? interactiveRequests(client, method, source, io) : requestsOf(client, method, source, io);
}
