// The options of a load in a cluster, and which names Kubernetes and container registries take.

import { longFlag, type OptionGroup, optionName } from '../../command/command-definition.ts';
import { UsageError } from '../../command/failure.ts';
import { parseCount } from '../../command/quantity.ts';
import { MAX_SHARDS } from '../plan/plan-part.ts';

export interface KubernetesValues {
  readonly kubernetes?: number;
  readonly image?: string;
  readonly namespace?: string;
  readonly secretName?: string;
}

export const DEFAULT_SECRET_NAME = 'stubless-bench';

export const KUBERNETES: OptionGroup = {
  title: 'Kubernetes',
  options: [
    {
      flags: '--kubernetes <pods>',
      description:
        "make no call; print a manifest for 'kubectl apply -f -' of a Job with this many pods, each of which does its part of the load",
      parse: (text) => parseCount(text, 1, MAX_SHARDS),
    },
    {
      flags: '--image <name>',
      description: 'the image of the pods, made by the Dockerfile of this project',
      parse: parseImage,
      fallback: 'stubless:VERSION',
    },
    {
      flags: '--namespace <name>',
      description: 'where they run',
      parse: parseNamespace,
      fallback: "kubectl's",
    },
    {
      flags: '--secret-name <name>',
      description:
        'the Secret with the tokens and private keys of the command line, which are never in the manifest',
      parse: parseSecretName,
      fallback: DEFAULT_SECRET_NAME,
    },
  ],
};

/** RFC 1123, as Kubernetes has it. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const MAX_SUBDOMAIN_CHARACTERS = 253;

function parseNamespace(text: string): string {
  if (LABEL.test(text)) return text;
  throw new UsageError(
    `'${text}' is not a namespace's name; write lower-case letters, digits and '-' between them, at most 63`,
  );
}

function parseSecretName(text: string): string {
  if (SUBDOMAIN.test(text) && text.length <= MAX_SUBDOMAIN_CHARACTERS) return text;
  throw new UsageError(
    `'${text}' is not a Secret's name; write lower-case letters and digits, with '-' or '.' between them`,
  );
}

// As github.com/distribution/reference has them.
const HOST =
  /(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/;
const PART = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/;
const REPOSITORY = new RegExp(`^(?:${HOST.source}/)?${PART.source}(?:/${PART.source})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const MAX_REPOSITORY_CHARACTERS = 255;

/** A reference to an image, `[registry/]name[:tag][@digest]`. Throws a UsageError that says which part is wrong. */
function parseImage(text: string): string {
  const [, tagged, digest] = /^([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
  // A colon before the last slash is that of the registry's port.
  const [, repository, tag] = /^(.*?)(?::([^/:]*))?$/s.exec(tagged ?? '') ?? [];
  const part =
    repository === undefined || !REPOSITORY.test(repository) || repository.length > MAX_REPOSITORY_CHARACTERS
      ? 'its name is lower-case letters and digits, with one of . _ - between them and / between parts'
      : tag !== undefined && !TAG.test(tag)
        ? 'its tag is letters, digits, . _ and -, at most 128'
        : digest !== undefined && !DIGEST.test(digest)
          ? 'its digest is an algorithm and at least 32 hex digits, as in sha256:…'
          : undefined;
  if (part === undefined) return text;
  throw new UsageError(`'${text}' is not an image, such as registry.example.com/stubless:0.1.0: ${part}`);
}

/** Throws for options that say how pods run where there are none, and for those that a pod cannot do. */
export function checkKubernetes(options: object, forReport: readonly OptionGroup[]): void {
  const isGiven = (flags: string): boolean => Reflect.get(options, optionName(flags)) !== undefined;
  const [how, ...others] = KUBERNETES.options;
  if (!isGiven(how.flags)) {
    const other = others.find(({ flags }) => isGiven(flags));
    if (other === undefined) return;
    throw new UsageError(`${longFlag(other.flags)} is for --kubernetes, which was not given`);
  }
  const own = OF_A_SHARD.find(isGiven);
  if (own !== undefined) {
    throw new UsageError(`${own} is what --kubernetes gives to each pod; leave it out`);
  }
  const report = forReport
    .flatMap((group) => group.options)
    .find(({ flags }) => !flags.startsWith('--no-color') && isGiven(flags));
  if (report === undefined) return;
  throw new UsageError(
    `${longFlag(report.flags)} is for the merged report: leave it out beside --kubernetes, and give it to 'stubless bench merge', which reads what the pods print`,
  );
}

/** What the manifest says for each pod. */
const OF_A_SHARD = ['--shard', '--start-at', '--start-gate', '--result'];
