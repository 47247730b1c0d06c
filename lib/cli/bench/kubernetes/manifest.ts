// The manifest of a load in a cluster: an Indexed Job, the plan that its pods read, and the name under which they find each
// other. Data in, objects of Kubernetes out; no files, no options.

import { createHash } from 'node:crypto';
import { writeDuration } from '../../command/quantity.ts';
import { DEFAULT_GATE_PORT as GATE_PORT } from '../start/gate-words.ts';
import type { CarriedLine } from './carried-line.ts';
import { PLAN_FOLDER, SECRET_FOLDER, textOf } from './plan-files.ts';

export interface ClusterLoad {
  readonly line: CarriedLine;
  readonly pods: number;
  readonly image: string;
  readonly namespace: string | undefined;
  readonly secretName: string;
  /** Threads of a pod that make calls. */
  readonly threads: number;
  /** How long the load may take from the start on, in milliseconds; Infinity where nothing but its end says. */
  readonly mostMs: number;
  /** How long the pods wait for each other, in milliseconds; Infinity for as long as it takes. */
  readonly gateMs: number;
  /** The version of stubless. */
  readonly version: string;
}

/** What is given of a resource; Kubernetes' own types say what there is (spec/suites/kubernetes). */
type Resource = Readonly<Record<string, unknown>>;

/** Meshes read the protocol from the first part. */
const GATE_NAME = 'tcp-start-gate';
/** The logs are the results: a finished Job, and its pods with it, is kept for a day. */
const KEPT_S = 24 * 60 * 60;
/** What a run may take beyond its plan: pods that wait for a node, images, calls that end late. */
const SPARE_S = 10 * 60;
const MEMORY_MIB = 256;
/** So that names and plans of one manifest fit together, and another plan has another name. */
const NAME_DIGITS = 10;

/** The name of everything in it. Equal loads have equal names: applied twice, one runs once. */
export function nameOf({ line, pods, image, namespace, secretName, version }: ClusterLoad): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      line.args,
      pods,
      image,
      namespace,
      secretName,
      version,
      line.secrets.keys.map(({ key }) => key),
    ]),
  );
  for (const { name, bytes } of line.plan.files) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  return `stubless-bench-${hash.digest('hex').slice(0, NAME_DIGITS)}`;
}

/** The resources in the order in which they are to be made. */
export function resourcesOf(load: ClusterLoad): readonly Resource[] {
  const name = nameOf(load);
  const metadata = {
    name,
    ...(load.namespace === undefined ? {} : { namespace: load.namespace }),
    labels: labels(name, load.version),
  };
  return [
    ...(load.line.plan.files.length === 0 ? [] : [configMap(load, metadata)]),
    ...(load.pods === 1 ? [] : [service(name, metadata)]),
    job(load, name, metadata),
  ];
}

const labels = (name: string, version: string): Resource => ({
  'app.kubernetes.io/name': 'stubless',
  'app.kubernetes.io/component': 'bench',
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/version': version,
});

const selector = (name: string): Resource => ({ 'app.kubernetes.io/instance': name });

function configMap({ line }: ClusterLoad, metadata: Resource): Resource {
  const texts: Record<string, string> = {};
  const binaries: Record<string, string> = {};
  for (const file of line.plan.files) {
    const text = textOf(file);
    if (text === undefined) binaries[file.name] = file.bytes.toString('base64');
    else texts[file.name] = text;
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    // A plan that changes under running pods would be several.
    immutable: true,
    ...(Object.keys(texts).length === 0 ? {} : { data: texts }),
    ...(Object.keys(binaries).length === 0 ? {} : { binaryData: binaries }),
  };
}

/** Gives each pod a name: the start gate is at that of index 0. */
function service(name: string, metadata: Resource): Resource {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      clusterIP: 'None',
      // The pods have no readiness to wait for, and are looked for as soon as they have an address.
      publishNotReadyAddresses: true,
      selector: selector(name),
      ports: [{ name: GATE_NAME, port: GATE_PORT, protocol: 'TCP' }],
    },
  };
}

function job(load: ClusterLoad, name: string, metadata: Resource): Resource {
  const { pods, mostMs, gateMs } = load;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      completionMode: 'Indexed',
      completions: pods,
      parallelism: pods,
      // A shard that was lost is missing from the report, which says so. Run again it would come late, and be there twice.
      backoffLimitPerIndex: 0,
      // Without this a pod that is being deleted would already be replaced.
      podReplacementPolicy: 'Failed',
      ...(gateMs + mostMs === Infinity
        ? {}
        : { activeDeadlineSeconds: Math.ceil((gateMs + mostMs) / 1000) + SPARE_S }),
      ttlSecondsAfterFinished: KEPT_S,
      template: {
        metadata: {
          labels: labels(name, load.version),
          annotations: {
            // Tidying nodes up would end a shard in the middle of the load.
            'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
            'karpenter.sh/do-not-disrupt': 'true',
          },
        },
        spec: podSpec(load, name),
      },
    },
  };
}

function podSpec(load: ClusterLoad, name: string): Resource {
  const { line, pods, secretName } = load;
  const { files } = line.secrets;
  const volumes = [
    ...(line.plan.files.length === 0 ? [] : [{ name: 'plan', configMap: { name } }]),
    ...(files.length === 0
      ? []
      : [{ name: 'secret', secret: { secretName, items: files.map((key) => ({ key, path: key })) } }]),
  ];
  return {
    restartPolicy: 'Never',
    ...(pods === 1 ? {} : { subdomain: name }),
    automountServiceAccountToken: false,
    // Variables of every Service of the namespace are nobody's business here.
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    // From as many machines as there are.
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: selector(name) },
      },
    ],
    containers: [container(load, name)],
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

function container(load: ClusterLoad, name: string): Resource {
  const { line, pods, image, secretName, threads } = load;
  const { variables, files } = line.secrets;
  const mounts = [
    ...(line.plan.files.length === 0 ? [] : [{ name: 'plan', mountPath: PLAN_FOLDER, readOnly: true }]),
    ...(files.length === 0 ? [] : [{ name: 'secret', mountPath: SECRET_FOLDER, readOnly: true }]),
  ];
  const memory = `${MEMORY_MIB * (1 + threads)}Mi`;
  return {
    name: 'stubless',
    image,
    command: ['stubless'],
    args: [...line.args, ...shardWords(load, name)],
    ...(variables.length === 0
      ? {}
      : {
          env: variables.map((key) => ({
            name: key,
            valueFrom: { secretKeyRef: { name: secretName, key } },
          })),
        }),
    ...(pods === 1 ? {} : { ports: [{ name: GATE_NAME, containerPort: GATE_PORT, protocol: 'TCP' }] }),
    // No limit of CPU: the kernel would hold the pod back in the middle of calls, which would count as the server's.
    resources: { requests: { cpu: String(threads), memory }, limits: { memory } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
  };
}

/** What makes a line that of one shard: its index comes from Kubernetes, the start from the gate at index 0. */
function shardWords({ pods, gateMs }: ClusterLoad, name: string): readonly string[] {
  const gate =
    pods === 1
      ? []
      : [`--start-gate=${name}-0.${name}:${GATE_PORT}`, `--gate-timeout=${writeDuration(gateMs)}`];
  return [`--shard=job/${pods}`, ...gate, '--result=-'];
}
