// The options of reflection: those of a client, of `reflect`, and of `resolve`.

import type { Credentials } from '../call/credentials.ts';
import { checkCredentials } from '../call/credentials-options.ts';
import type { CredentialsSource } from '../rpc/call-credentials.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import type { ReflectionLimits } from '../schema/reflection/limits.ts';
import { LongTimer, MAX_TIMER_MS, timerMs } from '../values/clock.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';
import { abortSignal, checkNames, count, positive, show } from '../values/options/option-checks.ts';
import { ownSignal } from '../values/realm.ts';

/**
 * When calls ask the server for their schema: `auto` only while nothing is loaded, `always` also for methods missing
 * from what was loaded, `never` not at all.
 */
export type ReflectionMode = 'auto' | 'always' | 'never';

/**
 * Which reflection protocol is spoken.
 * @inline
 */
type ReflectionVersionOption = 'auto' | 'v1' | 'v1alpha';

/** When and how a server is asked for its schema. See docs/reflection.md. */
export interface ReflectionOptions {
  /** When calls ask for their schema. Default `auto`. */
  readonly mode?: ReflectionMode | undefined;
  /**
   * The version of the reflection protocol. Default `auto`: v1, then v1alpha if the server does not answer v1. With
   * `v1` or `v1alpha` the other is never tried.
   */
  readonly version?: ReflectionVersionOption | undefined;
  /** Metadata of reflection calls, which carry neither the client's nor its calls' metadata. Default none. */
  readonly metadata?: MetadataInput | undefined;
  /** Credentials of reflection calls, which do not carry the client's. Default none. */
  readonly credentials?: Credentials | undefined;
  /** How many milliseconds the server may take for each answer. Default 10,000; `Infinity` for no limit. */
  readonly timeoutMs?: number | undefined;
  /** How many bytes of files the server may send in answer to one request. Default 32 MiB (33,554,432). */
  readonly maxBytes?: number | undefined;
  /** How many messages, fields, enum values, methods and so on those files may contain. Default 100,000. */
  readonly maxElements?: number | undefined;
  /** How many files the server may send or refer to. Default 10,000. */
  readonly maxFiles?: number | undefined;
  /** How deep a chain of imports may be when the server sends files one by one. Default 100. */
  readonly maxDepth?: number | undefined;
  /** How many services the server may list. Default 10,000. */
  readonly maxServices?: number | undefined;
}

/** Options of `reflect`. */
export interface ReflectOptions {
  /** Full names of the services to fetch. Default: all that the server lists. */
  readonly services?: readonly string[] | undefined;
  /** The package (or service) in which short method names are looked for first. Default none. */
  readonly package?: string | undefined;
  /**
   * How many milliseconds it may take as a whole. Default no limit, but `reflection.timeoutMs` applies to each answer.
   */
  readonly timeoutMs?: number | undefined;
  /** Cancels it when aborted; it then rejects. Default none. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `resolve`. */
export type ResolveOptions = Pick<ReflectOptions, 'timeoutMs' | 'signal'>;

/** Reflection options, complete and checked. */
export interface CheckedReflectionOptions {
  readonly mode: ReflectionMode;
  /** undefined: find out. */
  readonly version: 'v1' | 'v1alpha' | undefined;
  /** The metadata as HTTP/2 fields. */
  readonly fields: readonly string[];
  readonly credentials: readonly CredentialsSource[] | undefined;
  readonly timeoutMs: number;
  readonly limits: ReflectionLimits;
}

const REFLECTION_MODES = ['auto', 'always', 'never'] as const;
const REFLECTION_VERSIONS = ['auto', 'v1', 'v1alpha'] as const;
const REFLECTION_NAMES = [
  'mode',
  'version',
  'metadata',
  'credentials',
  'timeoutMs',
  'maxBytes',
  'maxElements',
  'maxFiles',
  'maxDepth',
  'maxServices',
] as const;
const REFLECT_NAMES = ['services', 'package', 'timeoutMs', 'signal'] as const;

/** Complete reflection options of a client. TypeError or RangeError that names the option. */
export function checkReflectionOptions(
  reflection: ReflectionMode | ReflectionOptions | undefined,
): CheckedReflectionOptions {
  const given = typeof reflection === 'string' ? { mode: reflection } : (reflection ?? {});
  checkNames(given, REFLECTION_NAMES, 'reflection option');
  const { mode = 'auto', version = 'auto', metadata } = given;
  if (!REFLECTION_MODES.includes(mode)) {
    throw new TypeError(`reflection must be 'auto', 'always' or 'never', not ${show(mode)}`);
  }
  if (!REFLECTION_VERSIONS.includes(version)) {
    throw new TypeError(`reflection.version must be 'auto', 'v1' or 'v1alpha', not ${show(version)}`);
  }
  return {
    mode,
    version: version === 'auto' ? undefined : version,
    fields: (metadata === undefined ? undefined : fieldsOfInput(metadata)) ?? [],
    credentials: checkCredentials(given.credentials, undefined),
    timeoutMs: positive('reflection.timeoutMs', given.timeoutMs, 10_000),
    limits: {
      maxBytes: count('reflection.maxBytes', given.maxBytes, 32 * 1024 * 1024, 0),
      maxElements: count('reflection.maxElements', given.maxElements, 100_000, 0),
      maxFiles: count('reflection.maxFiles', given.maxFiles, 10_000, 0),
      maxDepth: count('reflection.maxDepth', given.maxDepth, 100, 0),
      maxServices: count('reflection.maxServices', given.maxServices, 10_000, 0),
    },
  };
}

/** Checked options of `reflect`; `signal` also aborts at the timeout. */
export function checkReflectOptions(options: ReflectOptions | undefined): {
  readonly services: readonly string[] | undefined;
  readonly package: string | undefined;
  readonly signal: AbortSignal;
} {
  const given = options === undefined ? {} : options;
  checkNames(given, REFLECT_NAMES, 'reflect option');
  const { services, package: scope, timeoutMs, signal } = given;
  if (
    services !== undefined &&
    (!Array.isArray(services) || services.some((one) => typeof one !== 'string' || one === ''))
  ) {
    throw new TypeError(`services must be an array of services' full names, not ${show(services)}`);
  }
  if (scope !== undefined && typeof scope !== 'string') {
    throw new TypeError(`package must be the name of a package, not ${show(scope)}`);
  }
  return { services, package: scope, signal: signalOf(signal, timeoutMs) };
}

/** Checked options of `resolve`: a signal that also aborts at the timeout. */
export function checkResolveOptions(options: ResolveOptions | undefined): AbortSignal {
  const given = options === undefined ? {} : options;
  checkNames(given, ['timeoutMs', 'signal'], 'resolve option');
  return signalOf(given.signal, given.timeoutMs);
}

function signalOf(given: unknown, timeoutMs: unknown): AbortSignal {
  const signal = abortSignal(given);
  const ms = positive('timeoutMs', timeoutMs, Infinity);
  const signals = signal === undefined ? [] : [ownSignal(signal)];
  if (ms !== Infinity) signals.push(timeoutSignal(ms));
  return signals.length === 1 ? signals[0] : AbortSignal.any(signals);
}

/** AbortSignal.timeout, which has no longer timers than Node. */
function timeoutSignal(ms: number): AbortSignal {
  if (ms <= MAX_TIMER_MS) return AbortSignal.timeout(timerMs(ms));
  const controller = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  new LongTimer(() => controller.abort(reason), ms).unref();
  return controller.signal;
}
