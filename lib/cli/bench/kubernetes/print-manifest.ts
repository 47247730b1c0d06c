// `stubless bench … --kubernetes N`: the manifest of a load, printed. Nothing is dialled; what can be known to be wrong here
// is told here, rather than by N pods.

import { Readable } from 'node:stream';
import { Secrets } from '../../../requests/secrets.ts';
import { shellWord } from '../../../requests/shell-word.ts';
import { VERSION } from '../../../values/version.ts';
import { connect } from '../../client/connect.ts';
import { protosetBytes } from '../../client/protoset-bytes.ts';
import { loadFiles } from '../../client/schema-source.ts';
import type { OptionGroup } from '../../command/command-definition.ts';
import { escapeText } from '../../command/escape.ts';
import { UsageError } from '../../command/failure.ts';
import type { Environment, Io } from '../../command/io.ts';
import { notice } from '../../command/notice.ts';
import { formatBytes } from '../../command/quantity.ts';
import { allOf, implicitInput } from '../../command/standard-input.ts';
import type { ConnectionValues } from '../../options/connection.ts';
import { everyHeader, type RequestValues } from '../../options/request.ts';
import { type RequestDataValues, requestSource } from '../../options/request-data.ts';
import type { SchemaValues } from '../../options/schema-options.ts';
import { variablesIn } from '../../requests/headers.ts';
import { parseDocument } from '../../requests/json-document.ts';
import { documentsIn, givenData, readsStdin } from '../../requests/request-messages.ts';
import { checkMessages, type LoadValues } from '../load/load-options.ts';
import { givenRequests } from '../load/request-templates.ts';
import { DEFAULT_GATE_TIMEOUT_MS, type ShardValues, threadsOf } from '../load/shard-options.ts';
import { durationOf, type LoadPlan } from '../plan/load-plan.ts';
import { mostParts } from '../plan/plan-part.ts';
import { type CarriedLine, carriedLine } from './carried-line.ts';
import { checkClusterTarget } from './cluster-target.ts';
import { DEFAULT_SECRET_NAME, type KubernetesValues } from './kubernetes-options.ts';
import { type ClusterLoad, nameOf, resourcesOf } from './manifest.ts';

type Options = KubernetesValues &
  ConnectionValues &
  RequestValues &
  RequestDataValues &
  SchemaValues &
  LoadValues &
  ShardValues;

export interface ManifestRequest {
  readonly target: string;
  readonly method: string;
  readonly fields: readonly string[];
  readonly options: Options;
  readonly plan: LoadPlan;
  /** The groups of which options go to the pods. */
  readonly groups: readonly OptionGroup[];
  /** What a file of requests has taken from the environment. */
  readonly secrets?: Secrets | undefined;
}

/** What `kubectl apply` writes into an annotation, all of which have 256 KiB. */
const MAX_APPLIED_BYTES = 256 * 1024;

/** Prints the manifest, and on standard error what it needs. Throws for what cannot run in a cluster. */
export async function printManifest(request: ManifestRequest, io: Io): Promise<void> {
  const { options, plan } = request;
  const pods = options.kubernetes ?? 1;
  const threads = threadsOfPod(request, pods);
  const { client, target } = connect(
    request.target,
    { ...options, reflect: false },
    withEveryVariable(options, io.env),
  );
  checkClusterTarget(request.target, target);
  const piped = await pipedRequests(request, io);
  const hasFiles = await loadFiles(client, options, io);
  if (hasFiles) await checkRequests(request, client, piped, io);
  else await checkDocuments(request, piped);
  const line = carriedLine(
    {
      ...request,
      schema: hasFiles ? await protosetBytes(client) : undefined,
      piped,
      secrets: request.secrets ?? new Secrets(),
    },
    io.env,
  );
  const load: ClusterLoad = {
    line,
    pods,
    image: options.image ?? `stubless:${VERSION}`,
    namespace: options.namespace,
    secretName: options.secretName ?? DEFAULT_SECRET_NAME,
    threads,
    mostMs: longestMs(plan, options),
    gateMs: options.gateTimeout ?? DEFAULT_GATE_TIMEOUT_MS,
    version: VERSION,
  };
  const text = await manifestText(load);
  await io.out.write(text);
  tellSecrets(load, line, io);
  tellSize(text, io);
}

/** The threads of each pod. Throws where some would have nothing to do, and for a number that no pod can tell. */
function threadsOfPod({ plan, options }: ManifestRequest, pods: number): number {
  const { parts, why } = mostParts(plan);
  if (pods > parts) {
    throw new UsageError(`${pods} pods cannot share ${why}: give more, or --kubernetes ${parts}`);
  }
  if (options.threads === 'auto') {
    throw new UsageError(
      '--threads auto counts the cores of a node, of which a pod has only what it asks for; give their number, such as --threads 2',
    );
  }
  // The last pod has the least to share.
  return threadsOf(options, plan, { index: pods - 1, of: pods }, false);
}

/** For checking alone: what headers take from the environment is the pods' to have, not ours. */
function withEveryVariable(options: RequestValues, env: Environment): Environment {
  const named = everyHeader(options).flatMap(([, value]) =>
    variablesIn(value).map((name) => [name, 'AAAA'] as const),
  );
  return { ...Object.fromEntries(named), ...env };
}

/** Requests from standard input, if any: pods have none. */
async function pipedRequests(
  { method, fields, options }: ManifestRequest,
  io: Io,
): Promise<Uint8Array | undefined> {
  const source = requestSource(method, fields, options);
  if (readsStdin(source)) {
    if (io.standardInput() === 'terminal') {
      throw new UsageError('the requests are part of the manifest: pipe them in, or give -d @FILE');
    }
    return allOf(io.stdin);
  }
  const isImplicit = fields.length === 0 && source.data.length === 0 && source.takesPipe === true;
  if (!isImplicit || io.standardInput() !== 'piped') return undefined;
  const silence = 'nothing came on standard input, so the request is empty; to wait for it, use -d -';
  const told = { onSilence: () => notice(io, silence), onLate: () => {} };
  const bytes = await allOf(implicitInput(io.stdin, told));
  return bytes.length === 0 ? undefined : bytes;
}

/** Throws for a method that the schema does not have, and for requests that are none of it, as the pods would. */
async function checkRequests(
  { method: name, fields, options }: ManifestRequest,
  client: ReturnType<typeof connect>['client'],
  piped: Uint8Array | undefined,
  io: Io,
): Promise<void> {
  const method = await client.method(name);
  checkMessages(method, options);
  const source = { ...requestSource(name, fields, options), asksServer: false };
  const input = Object.assign(Readable.from(piped === undefined ? [] : [piped]), { isTTY: false });
  const stdin: Io = {
    ...io,
    stdin: input as unknown as Io['stdin'],
    standardInput: () => (piped === undefined ? 'nothing' : 'piped'),
  };
  try {
    await givenRequests(client, method, source, stdin);
  } catch (error) {
    // Types that the files do not have, the pods may ask the server for.
    const mayAsk = options.reflect !== false && error instanceof Error && /not loaded/.test(error.message);
    if (!mayAsk) throw error;
  }
}

/** What shows of requests without a schema: that they are there, and are what they are said to be. */
async function checkDocuments(
  { method, fields, options }: ManifestRequest,
  piped: Uint8Array | undefined,
): Promise<void> {
  const { data, form } = requestSource(method, fields, options);
  const stdin = piped === undefined ? [] : [piped];
  const all = data.length === 0 && piped !== undefined ? ['-'] : data;
  for (const one of all) {
    const { chunks, where, isTerminal } = givenData(one, form, stdin);
    if (form === 'binary') continue;
    for await (const { document, place } of documentsIn(chunks, form, where, isTerminal)) {
      if (form === 'json') parseDocument(document, place);
    }
  }
}

/** How long the load may take; Infinity where nothing says. */
function longestMs(plan: LoadPlan, { timeout = 0 }: RequestValues): number {
  const stagesMs = plan.kind === 'open' ? durationOf(plan.stages) : Infinity;
  return plan.warmUpMs + Math.min(plan.durationMs, stagesMs) + timeout;
}

async function manifestText(load: ClusterLoad): Promise<string> {
  const { yamlOf } = await import('../../client/yaml-text.ts');
  const name = nameOf(load);
  const namespace = load.namespace === undefined ? '' : ` -n ${load.namespace}`;
  const head = [
    `A load of stubless ${load.version} from ${load.pods} ${load.pods === 1 ? 'pod' : 'pods'}. What came of it, when all have ended:`,
    `  kubectl logs${namespace} -l app.kubernetes.io/instance=${name} -c stubless --tail=-1 | stubless bench merge -`,
    `To run it again: kubectl delete${namespace} job/${name}, and apply it again.`,
  ];
  return `${head.map((line) => `# ${line}\n`).join('')}${resourcesOf(load)
    .map((resource) => yamlOf(resource))
    .join('---\n')}`;
}

function tellSecrets({ secretName, namespace }: ClusterLoad, { secrets }: CarriedLine, io: Io): void {
  if (secrets.keys.length === 0) return;
  const words = secrets.keys.map(({ key, file }) =>
    file === undefined ? `--from-literal=${key}=…` : `--from-file=${key}=${shellWord(file)}`,
  );
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  notice(
    io,
    `secrets are not in the manifest; make them first: kubectl create secret generic ${secretName}${where} ${words.join(' ')}`,
  );
  for (const { key, file, says } of secrets.keys) {
    if (file === undefined) void io.err.line(escapeText(`  ${key}: ${says}`));
  }
}

function tellSize(text: string, io: Io): void {
  const bytes = Buffer.byteLength(text);
  if (bytes < MAX_APPLIED_BYTES) return;
  notice(
    io,
    `the manifest is ${formatBytes(bytes)}, more than 'kubectl apply' can note (256 KiB); use 'kubectl apply --server-side -f -', or 'kubectl create -f -'`,
  );
}
