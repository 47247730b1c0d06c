// `stubless call`: calls a method of any kind. Requests are read as they arrive and replies printed as they come.

import type { Client, MethodDescription } from '../../index.ts';
import { CallReport } from '../call-report.ts';
import type { Command } from '../command.ts';
import { configured } from '../config.ts';
import { connect } from '../connect.ts';
import { EXIT, UsageError } from '../failure.ts';
import { interactiveRequests } from '../interactive.ts';
import type { Io } from '../io.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { OUTPUT, type OutputForm, type OutputValues } from '../options/output.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { REQUEST_DATA, type RequestDataValues, requestSource } from '../options/request-data.ts';
import { SCHEMA, type SchemaValues } from '../options/schema.ts';
import { ReplyPrinter } from '../reply-printer.ts';
import { type Request, type RequestSource, readsStdin, requestsOf } from '../request-messages.ts';
import { loadFiles } from '../schema.ts';

interface CallValues extends ConnectionValues, RequestValues, SchemaValues, RequestDataValues, OutputValues {}

export const call: Command<CallValues> = {
  name: 'call',
  summary: 'call a method',
  description: `Requests are fields as words, or whole messages with -d. A field's text is read as the schema says:
name=you  rect.lo.latitude=1  tags=a tags=b  labels.env=prod  points[0].x=1  ids:='[1,2]' (JSON)  photo=@cat.png (file)
A method that streams requests takes any number of messages, one behind the other, and with neither words nor -d on a
terminal it asks for them line by line. Exit status: 0; 1 local or schema error; 2 usage; 64 + gRPC code; 130 interrupted.`,
  arguments: [
    {
      name: 'target',
      description: 'host:port, https://host, unix:/path; or a name of the config file',
      completion: 'target',
    },
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
  groups: [REQUEST_DATA, OUTPUT, SCHEMA, CONNECTION, REQUEST],
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
  ],
  async run([named, name, ...rest], given, io) {
    if (named === undefined || name === undefined) throw new UsageError('give a target and a method');
    const { word = named, options } = await configured(named, given);
    const source = requestSource(rest, options);
    io.setColour(options.color);
    const { client, target } = connect(word, options, io.env);
    const report = new CallReport(target, options.verbose ?? 0, io);
    await loadFiles(client, options);
    const method = await client.method(name, { signal: io.signal, timeoutMs: options.timeout });
    report.schemaIsThere(method);
    return run(client, method, source, options, report, io);
  },
};

/** Makes the call; the exit status. */
async function run(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  options: CallValues,
  report: CallReport,
  io: Io,
): Promise<number> {
  const form: OutputForm = options.output ?? (io.out.isTerminal ? 'json' : 'jsonl');
  const printer = new ReplyPrinter({
    client,
    type: method.replyType,
    isStream: method.cardinality.endsWith('stream'),
    form,
    json: options,
    io,
  });
  const takesStream = method.cardinality.startsWith('stream');
  const requests = takesStream
    ? report.counted(streamed(client, method, source, io))
    : await single(client, method, source, io, report);
  const call = client.raw(method.path, { cardinality: method.cardinality })(requests, { signal: io.signal });
  const isFull = form === 'full';
  const replies: unknown[] = [];
  const headers = call.headers.then((metadata) => report.headersCame(call.peer, metadata));
  let failure: unknown;
  try {
    for await (const reply of call) {
      await headers;
      report.replyCame(reply);
      if (isFull) replies.push(await printer.value(reply));
      else await printer.print(reply);
    }
  } catch (error) {
    failure = error;
  }
  await headers;
  const status = await call.status;
  report.ended(status);
  if (isFull) await report.printFull(client, status, replies, failure);
  if (failure !== undefined) throw failure;
  return EXIT.ok;
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
      throw new UsageError(
        `${method.fullName} takes one request, and more were given; call it once for each`,
      );
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
  const isAsked = io.stdin.isTTY === true && (isNothing || readsStdin(source));
  return isAsked ? interactiveRequests(client, method, source, io) : requestsOf(client, method, source, io);
}
