// The service config: what the owner of a service wants its clients to do, per method and for the whole channel. Reads
// its JSON form and finds what applies to a method. It knows neither where configs come from nor which load-balancing
// policies exist. Sources: grpc doc/service_config.md, service_config.proto, gRFC A2, A6, A17, A21.

import { ConfigObject, type ConfigReading, shortJson } from './config-object.ts';
import {
  HEDGING_POLICY_NAMES,
  type HedgingPolicy,
  hedgingPolicyOf,
  RETRY_POLICY_NAMES,
  RETRY_THROTTLING_NAMES,
  type RetryPolicy,
  type RetryThrottling,
  retryPolicyOf,
  retryThrottlingOf,
} from './retry-policy.ts';

/**
 * A service config: grpc.service_config.ServiceConfig as JSON. All fields are optional; durations are strings like
 * '1.5s'.
 */
export interface ServiceConfig {
  /** Load-balancing policies in order of preference, such as `[{ round_robin: {} }]`. */
  readonly loadBalancingConfig?: readonly Readonly<Record<string, object>>[] | undefined;
  /** The older form of `loadBalancingConfig`: a single policy's name. */
  readonly loadBalancingPolicy?: string | undefined;
  /** Settings per method. */
  readonly methodConfig?: readonly ServiceConfigMethod[] | undefined;
  /**
   * When retries and hedging stop, for all calls of a client together: each retryable failure costs one of `maxTokens`
   * tokens (1 to 1,000), each success earns `tokenRatio` of one, and nothing is retried while half of them or fewer
   * are left (gRFC A6).
   */
  readonly retryThrottling?: { readonly maxTokens: number; readonly tokenRatio: number } | undefined;
  /** The service whose health to watch (gRFC A17); '' means the server as a whole. */
  readonly healthCheckConfig?: { readonly serviceName?: string | undefined } | undefined;
}

/** A service config's settings for some methods. */
export interface ServiceConfigMethod {
  /** Which methods: `{ service, method }` for one, `{ service }` for the rest of a service, `{}` for all others. */
  readonly name?:
    | readonly { readonly service?: string | undefined; readonly method?: string | undefined }[]
    | undefined;
  /** Whether calls wait for a connection by default; the caller's own option takes precedence. */
  readonly waitForReady?: boolean | undefined;
  /** The longest that a call may take, such as '1.5s'; if the caller sets a limit too, the earlier one counts. */
  readonly timeout?: string | undefined;
  /** The largest request, in bytes; if the caller sets a limit too, the smaller one counts. */
  readonly maxRequestMessageBytes?: number | string | undefined;
  /** The largest reply, in bytes; if the caller sets a limit too, the smaller one counts. */
  readonly maxResponseMessageBytes?: number | string | undefined;
  /** How failed calls are retried (gRFC A6): up to 5 attempts count. Not together with `hedgingPolicy`. */
  readonly retryPolicy?:
    | {
        readonly maxAttempts: number;
        readonly initialBackoff: string;
        readonly maxBackoff: string;
        readonly backoffMultiplier: number;
        readonly retryableStatusCodes: readonly (string | number)[];
      }
    | undefined;
  /** How calls are hedged (gRFC A6): up to 5 attempts count; `hedgingDelay` defaults to '0s', all at once. */
  readonly hedgingPolicy?:
    | {
        readonly maxAttempts: number;
        readonly hedgingDelay?: string | undefined;
        readonly nonFatalStatusCodes?: readonly (string | number)[] | undefined;
      }
    | undefined;
}

/** What applies to the calls of some methods, complete and checked. */
export interface MethodConfig {
  readonly waitForReady: boolean | undefined;
  readonly timeoutMs: number | undefined;
  /** The largest message, measured uncompressed; here for requests, below for replies. */
  readonly maxRequestMessageBytes: number | undefined;
  readonly maxResponseMessageBytes: number | undefined;
  readonly policy: RetryPolicy | HedgingPolicy | undefined;
}

/** One entry of `loadBalancingConfig`: a policy's name and its configuration, which only the policy can read. */
interface LoadBalancingChoice {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where it is in the config, for error messages. */
  readonly path: string;
}

/** A service config, complete and checked. */
export interface CheckedServiceConfig {
  /** In order of preference: the first one with a known name counts. Empty if the config has none. */
  readonly loadBalancing: readonly LoadBalancingChoice[];
  readonly retryThrottling: RetryThrottling | undefined;
  /** The service whose health to watch (gRFC A17); '' means the server as a whole, undefined that none is watched. */
  readonly healthCheckServiceName: string | undefined;
  /**
   * What applies to a method: its own config, else its service's, else that of all. `path` is
   * `/package.Service/Method`.
   */
  methodConfig(path: string): MethodConfig | undefined;
}

const CONFIG_NAMES: readonly string[] = [
  'loadBalancingPolicy',
  'loadBalancingConfig',
  'methodConfig',
  'retryThrottling',
  'healthCheckConfig',
];
const METHOD_NAMES: readonly string[] = [
  'name',
  'waitForReady',
  'timeout',
  'maxRequestMessageBytes',
  'maxResponseMessageBytes',
  'retryPolicy',
  'hedgingPolicy',
];
const NAME_NAMES: readonly string[] = ['service', 'method'];

/** The key of the config that applies where no other does. */
const ANY_METHOD = '/';

/**
 * Reads a service config, given as JSON text or parsed. TypeError with the path of what is wrong. Strict for a config
 * that was written for this client, where an unknown member is a mistake; not strict for one from DNS, where it is a
 * feature of a later version and ignored.
 */
export function parseServiceConfig(json: unknown, reading: ConfigReading): CheckedServiceConfig {
  const config = new ConfigObject(typeof json === 'string' ? parsed(json) : json, '', CONFIG_NAMES, reading);
  const throttling = config.object('retryThrottling', RETRY_THROTTLING_NAMES);
  const healthCheck = config.object('healthCheckConfig', ['serviceName']);
  const methods = methodConfigs(config.objects('methodConfig', METHOD_NAMES));
  return {
    loadBalancing: loadBalancing(config),
    retryThrottling: throttling === undefined ? undefined : retryThrottlingOf(throttling),
    healthCheckServiceName: healthCheck?.text('serviceName'),
    methodConfig: (path) =>
      methods.get(path) ?? methods.get(path.slice(0, path.lastIndexOf('/') + 1)) ?? methods.get(ANY_METHOD),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new TypeError(`service config: the text is not JSON: ${(error as Error).message}`);
  }
}

/** By path: `/package.Service/Method`, `/package.Service/` for the rest of a service, `/` for all others. */
function methodConfigs(configs: readonly ConfigObject[]): ReadonlyMap<string, MethodConfig> {
  const methods = new Map<string, MethodConfig>();
  for (const config of configs) {
    const method = methodConfigOf(config);
    for (const name of config.objects('name', NAME_NAMES)) {
      const service = name.text('service') ?? '';
      const methodName = name.text('method') ?? '';
      if (service === '' && methodName !== '') {
        throw new TypeError(
          `service config: ${name.path} names the method ${shortJson(methodName)} without its service`,
        );
      }
      const key = service === '' ? ANY_METHOD : `/${service}/${methodName}`;
      if (methods.has(key)) {
        throw new TypeError(
          `service config: ${name.path} names ${key === ANY_METHOD ? 'all methods' : key} a second time`,
        );
      }
      methods.set(key, method);
    }
  }
  return methods;
}

function methodConfigOf(config: ConfigObject): MethodConfig {
  const retry = config.object('retryPolicy', RETRY_POLICY_NAMES);
  const hedging = config.object('hedgingPolicy', HEDGING_POLICY_NAMES);
  if (retry !== undefined && hedging !== undefined) {
    throw new TypeError(
      `service config: ${config.path} has both retryPolicy and hedgingPolicy; only one is allowed`,
    );
  }
  let policy: MethodConfig['policy'];
  if (retry !== undefined) policy = retryPolicyOf(retry);
  else if (hedging !== undefined) policy = hedgingPolicyOf(hedging);
  return {
    waitForReady: config.flag('waitForReady'),
    timeoutMs: config.positiveDurationMs('timeout'),
    maxRequestMessageBytes: config.uint32('maxRequestMessageBytes'),
    maxResponseMessageBytes: config.uint32('maxResponseMessageBytes'),
    policy,
  };
}

/** `loadBalancingConfig`, or the older `loadBalancingPolicy` if there is nothing else. */
function loadBalancing(config: ConfigObject): readonly LoadBalancingChoice[] {
  const choices = config.list('loadBalancingConfig').map((value, index): LoadBalancingChoice => {
    const path = `${config.at('loadBalancingConfig')}[${index}]`;
    const entries = isObject(value) ? Object.entries(value) : [];
    if (entries.length !== 1) {
      throw new TypeError(
        `service config: ${path} must be an object with one policy, { "round_robin": {} }, not ${shortJson(value)}`,
      );
    }
    const [name, settings] = entries[0];
    if (!isObject(settings)) {
      throw new TypeError(
        `service config: ${path}.${name} must be an object, {} for none, not ${shortJson(settings)}`,
      );
    }
    return { name, config: settings, path: `${path}.${name}` };
  });
  const policy = config.text('loadBalancingPolicy');
  if (choices.length > 0 || policy === undefined || policy === '') return choices;
  // The old form is case-insensitive: the .proto's enum has ROUND_ROBIN.
  return [{ name: policy.toLowerCase(), config: {}, path: config.at('loadBalancingPolicy') }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
