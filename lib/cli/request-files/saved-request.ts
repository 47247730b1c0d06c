// A request of a file in place of target, method and fields: `stubless call hello.requests.yaml#greets`. It becomes the
// words and options that say the same, so that a command does with it what it does with these.

import type { RequestFile } from '../../requests/file/request-file.ts';
import { MistakesError } from '../../requests/file/source-file.ts';
import { failureLine } from '../../requests/report/reported-run.ts';
import { BindingProblem, type BoundRequest } from '../../requests/run/bound-request.ts';
import { type PlannedFile, type PlannedRequest, planFile } from '../../requests/run/plan.ts';
import { metadataText } from '../../requests/run/repeated-line.ts';
import { bindAfterOthers, timeoutMsOf } from '../../requests/run/run-requests.ts';
import { Secrets, variableFor } from '../../requests/secrets.ts';
import { suggestion } from '../../values/nearest-names.ts';
import { durationText } from '../../values/text/duration-text.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import type { VariableValues } from '../options/variables.ts';
import { tellMistakes } from './mistakes.ts';
import { CommandTargets, type TargetOptions } from './open-targets.ts';
import { openRequestFile, refuseMistakes, textBeside } from './read-file.ts';
import { requestPlace } from './request-place.ts';
import { givenVariables } from './variable-sources.ts';

export interface SavedRequestWords {
  readonly target: string;
  readonly method: string;
  readonly options: TargetOptions & { readonly data: readonly string[] };
  /** The request's own, which the options' `rpcHeader` ends with. */
  readonly metadata: readonly (readonly [string, string])[];
  /** Known while it was worked out, and hidden on both outputs. */
  readonly secrets: Secrets;
}

/** How the request of a file is read. */
export interface SavedRequestSetup {
  /** No other request is sent for what it captures: one that needs such is refused. */
  readonly isAlone?: boolean;
}

/** The words and options of a command, with those of a request of a file in place of its name. */
export async function withSavedRequest<
  Options extends TargetOptions & VariableValues & { readonly data?: readonly string[] },
>(
  [word = '', ...rest]: readonly (string | undefined)[],
  options: Options,
  io: Io,
  setup: SavedRequestSetup = {},
): Promise<
  { readonly words: readonly string[]; readonly options: Options; readonly secrets: Secrets } | undefined
> {
  if (rest.some((one) => one !== undefined) || options.data !== undefined) {
    throw new UsageError(`${word} is a whole request: leave out the method, fields and -d`);
  }
  const saved = await savedRequest(word, options, io, setup);
  if (saved === undefined) return undefined;
  const { target, method, secrets } = saved;
  return { words: [target, method], options: { ...options, ...saved.options }, secrets };
}

/**
 * The words that a request of a file stands for. What it needs the captures of is sent first. Undefined, with the
 * mistakes told, where the file has any.
 * @param given the options of the command line that say how a server is reached
 */
export async function savedRequest(
  word: string,
  given: TargetOptions & VariableValues,
  io: Io,
  { isAlone = false }: SavedRequestSetup = {},
): Promise<SavedRequestWords | undefined> {
  const { path, name } = requestPlace(word);
  const file = openRequestFile(path);
  const secrets = new Secrets();
  // Whatever the command prints from now on: a server may send them back.
  for (const output of [io.out, io.err]) output.hide(secrets);
  const { env: _env, var: _var, secrets: _secrets, ...reach } = given;
  const targets = new CommandTargets(reach, io, secrets);
  try {
    const variables = await givenVariables(given, io, secrets);
    const plan = await planFile(file, {
      targets,
      variables: variables.layers,
      environment: variables.environment,
      secrets,
      signal: io.signal,
      selects: (request) => request.name === name.replace(/ \[\d+\]$/, '') || request.name === name,
      readText: textBeside,
    });
    refuseMistakes([file]);
    const planned = chosen(file, plan, name);
    if (isAlone) refuseNeeds(planned);
    tellTimeout(planned, given, io);
    return { ...wordsOf(planned, await bound(plan, planned, secrets, io), targets, io), secrets };
  } catch (error) {
    const mistakes =
      error instanceof BindingProblem
        ? new MistakesError([{ place: file.source.placeOf(error.at), problem: error.message }])
        : error;
    if (!(mistakes instanceof MistakesError)) throw error;
    tellMistakes(mistakes, secrets, io);
    return undefined;
  } finally {
    await targets.close();
  }
}

function chosen(file: RequestFile, plan: PlannedFile, name: string): PlannedRequest {
  const { path } = file.source;
  const found = plan.requests.filter((one) => one.name === name || one.request.name === name);
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    throw new UsageError(
      `'${name}' of ${path} has ${found.length} rows; choose one: '${path}#${found[0].name}'`,
    );
  }
  const names = file.requests.map((request) => request.name);
  const near = suggestion(name, names);
  throw new UsageError(
    `${path} has no request '${name}'${near === '' ? `; it has ${names.map((one) => `'${one}'`).join(', ')}` : near}`,
  );
}

function refuseNeeds({ name, needs }: PlannedRequest): void {
  const [need] = needs;
  if (need === undefined) return;
  const [variable, other] = need;
  throw new UsageError(
    `'${name}' needs \${${variable}} of what '${other}' gets, which a manifest cannot hold; write it with \${env:${variableFor(variable)}}, which comes from the Secret`,
  );
}

async function bound(
  plan: PlannedFile,
  planned: PlannedRequest,
  secrets: Secrets,
  io: Io,
): Promise<BoundRequest> {
  const result = await bindAfterOthers(plan, planned, {
    signal: io.signal,
    jobs: 1,
    bail: true,
    retry: 0,
    secrets,
  });
  if ('bound' in result) return result.bound;
  const { name, failures, reason } = result.failed;
  const why = reason ?? failures.map(failureLine).join('; ');
  throw new LocalError(secrets.masked(`'${planned.name}' needs '${name}', which failed: ${why}`));
}

/** A limit of the request is a part of it, as its protocol is; who gives another one hears that. */
function tellTimeout({ name, request }: PlannedRequest, { timeout }: TargetOptions, io: Io): void {
  const { timeoutMs } = request;
  if (timeout === undefined || timeoutMs === undefined || timeout === timeoutMs) return;
  const own = durationText(timeoutMs);
  notice(io, `'${name}' has a timeout of its own, ${own}; --timeout is for requests without one`);
}

function wordsOf(
  planned: PlannedRequest,
  { messages, metadata }: BoundRequest,
  targets: CommandTargets,
  io: Io,
): Omit<SavedRequestWords, 'secrets'> {
  const { request, target, method } = planned;
  if (messages.some(({ delayMs, afterReply }) => delayMs > 0 || afterReply > 0)) {
    notice(io, `'${request.name}' is sent without waiting: $delay and $afterReply are for 'stubless test'`);
  }
  const data = messages.map(({ fields }) => target.client.toJsonString(method.requestType, fields));
  const values = targets.valuesOf(target.client);
  const headers = metadata.map(([name, value]) => [name, metadataText(value)] as const);
  return {
    target: target.target,
    method: method.path.slice(1),
    metadata: headers,
    options: {
      ...values,
      data,
      rpcHeader: [...(values.rpcHeader ?? []), ...headers],
      timeout: timeoutMsOf(planned),
    },
  };
}
