// What matchers of every test framework decide: whether a call replied or failed as a pattern asks, and whether a server
// received a request, each with the text that its failure shows. It must not know any framework.

import { planOf } from '../../schema/codec/message-class.ts';
import type { Plan } from '../../schema/codec/plan.ts';
import { type Difference, formatDifferences } from '../../schema/matching/difference.ts';
import { compileMetadataPattern } from '../../schema/matching/metadata-pattern.ts';
import {
  compileListPattern,
  compilePattern,
  compileStructuralPattern,
  type Pattern,
} from '../../schema/matching/pattern.ts';
import { shownValue } from '../../schema/matching/shown-value.ts';
import { compileErrorPattern } from '../../schema/matching/status-pattern.ts';
import { isError, isObject, messageOf } from '../../values/realm.ts';
import { RpcError } from '../../values/rpc-error.ts';
import { escapeLines } from '../../values/text/escaped-text.ts';
import type { RecordedCall } from '../call-log.ts';
import { TestServer } from '../test-server.ts';

/** What a matcher has found. */
export interface Verdict {
  readonly pass: boolean;
  /** Why it fails; where a test wants the opposite, why that fails. */
  readonly message: string;
}

/** Options of a comparison with a reply. */
export interface ReplyOptions {
  /** No other field may be set. Default false. */
  readonly exactly?: boolean | undefined;
}

/** What else an error is to be. */
export interface FailureOptions {
  /** A pattern for the server's text: text, a RegExp, or operators. */
  readonly message?: unknown;
  /** Patterns for its details, each `{ '@type': 'google.rpc.BadRequest', … }`. */
  readonly details?: unknown;
  /** A pattern for its trailing metadata. */
  readonly trailers?: unknown;
}

/** Options of what a server received. */
export interface ReceivedOptions {
  /** How many calls of the method are to match. Default: at least one. */
  readonly times?: number | undefined;
  /** A pattern for the metadata of the call. */
  readonly metadata?: unknown;
}

const INDENT = '  ';
const AND = { indent: INDENT };

type Outcome = { readonly reply: unknown } | { readonly error: unknown };

/** How a call ended: a call, a promise, a function that makes one, or what came of it. */
async function outcomeOf(received: unknown): Promise<Outcome> {
  try {
    const started: unknown = typeof received === 'function' ? received() : received;
    const reply: unknown = await started;
    return { reply: isStream(reply) ? await reply.toArray() : reply };
  } catch (error) {
    return { error };
  }
}

/** The replies of a call that streams them. */
function isStream(value: unknown): value is { toArray(): Promise<unknown[]> } {
  return (
    isObject(value) && Symbol.asyncIterator in value && typeof Reflect.get(value, 'toArray') === 'function'
  );
}

function shownError(error: unknown): string {
  if (RpcError.is(error)) return escapeLines(error.message);
  const name = isError(error) ? error.name : 'a value';
  return `${name}: ${escapeLines(messageOf(error))}`;
}

/** Whether a reply is as a pattern asks. */
export async function checkReply(
  received: unknown,
  pattern: unknown,
  options: ReplyOptions = {},
): Promise<Verdict> {
  const outcome = await outcomeOf(received);
  if ('error' in outcome) {
    return {
      pass: false,
      message: `expected a reply ${shownValue(pattern)}, but the call failed: ${shownError(outcome.error)}`,
    };
  }
  const { reply } = outcome;
  if (RpcError.is(reply)) {
    return {
      pass: false,
      message: `expected a reply ${shownValue(pattern)}, not an error: ${shownError(reply)}`,
    };
  }
  const isList = Array.isArray(reply);
  const found = patternFor(reply, pattern, options).differences(reply);
  if (found.length === 0) {
    return {
      pass: true,
      message: `expected a reply that does not match ${shownValue(pattern)}, got ${shownValue(reply)}`,
    };
  }
  const whole = isList ? 'the replies' : 'the reply';
  return {
    pass: false,
    message: `${whole} ${isList ? 'differ' : 'differs'} from the pattern\n${formatDifferences(found, { ...AND, whole })}`,
  };
}

/** By the schema, where the reply knows its type. */
function patternFor(reply: unknown, pattern: unknown, options: ReplyOptions): Pattern {
  if (!Array.isArray(reply)) {
    const plan = planIn(reply);
    return plan === undefined
      ? compileStructuralPattern(pattern, options)
      : compilePattern(plan, pattern, options);
  }
  const plan = planIn(reply[0]);
  return plan === undefined
    ? compileStructuralPattern(pattern, options)
    : (compileListPattern(plan, pattern, options) as Pattern);
}

function planIn(message: unknown): Plan | undefined {
  return isObject(message) ? planOf(message) : undefined;
}

/** Whether a call failed as a pattern asks: with a code, or any code for undefined. */
export async function checkFailure(
  received: unknown,
  status: unknown,
  options: FailureOptions = {},
): Promise<Verdict> {
  const { trailers, ...others } = options;
  const pattern = Object.values(others).every((part) => part === undefined)
    ? (status ?? {})
    : { ...(isObject(status) && !Array.isArray(status) ? status : { code: status }), ...others };
  const shown = status === undefined ? 'a status' : shownValue(status);
  const outcome = RpcError.is(received) ? { error: received } : await outcomeOf(received);
  const error = 'error' in outcome ? outcome.error : outcome.reply;
  if (!RpcError.is(error)) {
    const what =
      'error' in outcome ? `it failed with ${shownError(error)}` : `it replied ${shownValue(outcome.reply)}`;
    return { pass: false, message: `expected the call to fail with ${shown}, but ${what}` };
  }
  const found: Difference[] = [...compileErrorPattern(error, pattern).differences(error)];
  if (trailers !== undefined) {
    const differences = compileMetadataPattern(trailers).differences(error.metadata);
    found.push(...differences.map((one) => ({ ...one, path: `trailers.${one.path}` })));
  }
  if (found.length === 0) {
    return {
      pass: true,
      message: `expected the call not to fail with ${shown}, but it did: ${shownError(error)}`,
    };
  }
  return {
    pass: false,
    message: `the call failed otherwise\n${formatDifferences(found, { ...AND, whole: 'the status' })}`,
  };
}

interface Received {
  readonly calls: readonly RecordedCall[];
  /** For the requests of one call. */
  readonly pattern: Pattern | undefined;
  readonly method: string;
  readonly isStream: boolean;
}

/** Whether a server received a request, or the requests of a stream, as a pattern asks. */
export function checkReceived(
  server: unknown,
  method: string,
  pattern?: unknown,
  options: ReceivedOptions = {},
): Verdict {
  const received = receivedBy(server, method, pattern);
  const metadata = options.metadata === undefined ? undefined : compileMetadataPattern(options.metadata);
  const found = received.calls.map((call) => [
    ...requestDifferences(received, call),
    ...(metadata?.differences(call.metadata) ?? []).map((one) => ({ ...one, path: `metadata.${one.path}` })),
  ]);
  const count = found.filter((differences) => differences.length === 0).length;
  const { times } = options;
  const pass = times === undefined ? count > 0 : count === times;
  const request = pattern === undefined ? '' : ` ${shownValue(pattern)}`;
  const much = times === undefined ? '' : ` ${timesText(times)}`;
  const wanted = `${received.method}${request}${much}`;
  if (pass) {
    return {
      pass,
      message: `expected the server not to have received ${wanted}, but it has, ${timesText(count)}`,
    };
  }
  return {
    pass,
    message: `expected the server to have received ${wanted}, ${instead(server, received, found, count)}`,
  };
}

const timesText = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function receivedBy(server: unknown, method: string, pattern: unknown): Received {
  const known = isObject(server) ? TestServer.requestsOf(server, method) : undefined;
  if (known === undefined) {
    throw new TypeError(`haveReceived is for a TestServer of stubless/testing, not ${shownValue(server)}`);
  }
  const { plan, isStream } = known;
  const compiled = (): Pattern => {
    if (plan === undefined) return compileStructuralPattern(pattern);
    return isStream ? (compileListPattern(plan, pattern) as Pattern) : compilePattern(plan, pattern);
  };
  return { ...known, pattern: pattern === undefined ? undefined : compiled() };
}

function requestDifferences(
  { pattern, isStream }: Received,
  { requests }: RecordedCall,
): readonly Difference[] {
  return pattern?.differences(isStream ? requests : requests[0]) ?? [];
}

/** What it received instead: the call that comes nearest. */
function instead(
  server: unknown,
  { calls, method }: Received,
  found: readonly (readonly Difference[])[],
  count: number,
): string {
  if (calls.length === 0) {
    const others = new Set((server as TestServer).calls.map((call) => call.method));
    return others.size === 0
      ? 'but it received no calls'
      : `but it received only calls of ${[...others].slice(0, MAX_OTHERS).join(', ')}`;
  }
  const [nearest] = [...found].filter((one) => one.length > 0).sort((a, b) => a.length - b.length);
  const all = calls.length === 1 ? 'one call' : `${calls.length} calls`;
  if (count > 0 || nearest === undefined) return `but it has ${timesText(count)}, in ${all} of ${method}`;
  const which = calls.length === 1 ? '' : `, of which the ${ordinal(found.indexOf(nearest))} comes nearest`;
  return `but it received ${all}${which}\n${formatDifferences(nearest, { ...AND, whole: 'the request' })}`;
}

const MAX_OTHERS = 5;

function ordinal(index: number): string {
  return ['first', 'second', 'third'][index] ?? `${index + 1}th`;
}
