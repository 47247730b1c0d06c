// Runs what was planned: files beside each other, requests of a file in their order, those that are `parallel` together.

import { messageOf } from '../../values/realm.ts';
import type { SavedRequest } from '../file/request-file.ts';
import { mistakeText, type Place } from '../file/source-file.ts';
import type { Secrets } from '../secrets.ts';
import { BindingProblem, type BoundRequest, bindRequest, expectedReplies } from './bound-request.ts';
import { type CallRecord, makeCall, type QuietEnd } from './call-record.ts';
import { hideCaptured, hideUsed } from './captured-secrets.ts';
import { type Captured, capturesOf, failuresOf } from './check.ts';
import type { PlannedFile, PlannedRequest } from './plan.ts';
import { repeatedWords } from './repeated-line.ts';
import type { Failure, FileResult, RequestResult } from './result.ts';
import { snapshotOf } from './snapshot.ts';
import type { VariableLayer } from './variables.ts';

/** A call of a test ends by itself, whatever its server does. */
export const DEFAULT_TIMEOUT_MS = 10_000;
/** The limit of a call: that of the request, else that of the command line or the config file, else one of ours. */
export const timeoutMsOf = ({ request, target }: PlannedRequest): number =>
  request.timeoutMs ?? target.timeoutMs ?? DEFAULT_TIMEOUT_MS;
/** Why requests are skipped when a run is cut short. */
export const INTERRUPTED = 'interrupted';
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2000;

/** What is to be kept of a request from now on. */
export interface FreshSnapshot {
  readonly value: object;
  /** What of the one before no longer holds. */
  readonly failed: readonly string[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Files at a time. */
  readonly jobs: number;
  /** Stops at the first failure. */
  readonly bail: boolean;
  /** How often a request that failed is tried again, where it does not say so itself. */
  readonly retry: number;
  /** Takes in what is captured and may not be shown. */
  readonly secrets: Secrets;
  onFile?(result: FileResult): void;
  /** Where given, snapshots that are not there or do not hold are not failures, but handed over to be written. */
  onSnapshot?(request: PlannedRequest, fresh: FreshSnapshot): void;
  /** Told of each call that was made, for what is counted over all of them. */
  onCall?(request: PlannedRequest, record: CallRecord): void;
}

/** Runs files; their results are in the order of the files. */
export async function runFiles(files: readonly PlannedFile[], options: RunOptions): Promise<FileResult[]> {
  const run = new Run(options);
  const results: FileResult[] = [];
  const pending = files.entries();
  const work = async (): Promise<void> => {
    for (const [index, file] of pending) {
      results[index] = await run.file(file);
      options.onFile?.(results[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, work));
  return results;
}

class Run {
  readonly #options: RunOptions;
  #hasFailed = false;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async file(planned: PlannedFile): Promise<FileResult> {
    const startMs = performance.now();
    const runner = new FileRunner(planned, this.#options);
    const results: RequestResult[] = [];
    for (const group of groupsOf(planned.requests)) {
      const why = this.#whyNot();
      const done =
        why === undefined
          ? await Promise.all(group.map((request) => runner.run(request)))
          : group.map((request) => runner.skipped(request, why));
      results.push(...done);
      if (done.some(({ outcome }) => outcome === 'failed')) this.#hasFailed = true;
    }
    const file = planned.file.source.path;
    return { file, results, durationMs: performance.now() - startMs, error: undefined };
  }

  #whyNot(): string | undefined {
    if (this.#options.signal.aborted) return INTERRUPTED;
    return this.#options.bail && this.#hasFailed ? 'another request failed (--bail)' : undefined;
  }
}

/**
 * One request of a file with what it needs of others: those are sent first, one after the other. Gives the first that
 * failed, if one did.
 */
export async function bindAfterOthers(
  file: PlannedFile,
  planned: PlannedRequest,
  options: RunOptions,
): Promise<{ readonly bound: BoundRequest } | { readonly failed: RequestResult }> {
  const runner = new FileRunner(file, options);
  for (const other of file.requests) {
    if (other.request === planned.request) break;
    const result = await runner.run(other);
    if (result.outcome === 'failed') return { failed: result };
  }
  return { bound: planned.bound ?? runner.bind(planned) };
}

/** Neighbours that are parallel, together; every other by itself. */
function groupsOf(requests: readonly PlannedRequest[]): PlannedRequest[][] {
  const groups: PlannedRequest[][] = [];
  let isOpen = false;
  for (const request of requests) {
    const { isParallel } = request.request;
    if (isParallel && isOpen) groups[groups.length - 1].push(request);
    else groups.push([request]);
    isOpen = isParallel;
  }
  return groups;
}

class FileRunner {
  readonly #file: PlannedFile;
  readonly #options: RunOptions;
  readonly #captured = new Map<string, Captured>();

  constructor(file: PlannedFile, options: RunOptions) {
    this.#file = file;
    this.#options = options;
  }

  async run(planned: PlannedRequest): Promise<RequestResult> {
    const { request, needs } = planned;
    if (request.skip !== undefined) return this.skipped(planned, request.skip);
    const missing = Array.from(needs).find(([name]) => !this.#captured.has(name));
    if (missing !== undefined) {
      return this.skipped(planned, `\${${missing[0]}} did not come: '${missing[1]}' gave none`);
    }
    const startMs = performance.now();
    const most = 1 + (request.retry ?? this.#options.retry);
    for (let attempts = 1; ; attempts++) {
      const { failures, reason, reasonAt, bound } = await this.#attempt(planned);
      const isFailed = failures.length > 0 || reason !== undefined;
      if (isFailed && attempts < most && (await this.#pause(attempts))) continue;
      return {
        ...this.#head(planned),
        outcome: isFailed ? 'failed' : 'passed',
        reason,
        reasonAt,
        failures,
        durationMs: performance.now() - startMs,
        attempts,
        again: isFailed && bound !== undefined ? repeatedWords(planned, bound) : undefined,
      };
    }
  }

  skipped(planned: PlannedRequest, reason: string): RequestResult {
    return {
      ...this.#head(planned),
      outcome: 'skipped',
      reason,
      failures: [],
      durationMs: 0,
      attempts: 0,
      again: undefined,
    };
  }

  #head({ request, name, method }: PlannedRequest) {
    const { source } = this.#file.file;
    return {
      file: source.path,
      name,
      place: source.placeOf(request.at),
      method: method.fullName,
      tags: request.tags,
    };
  }

  async #attempt(planned: PlannedRequest): Promise<{
    readonly failures: readonly Failure[];
    readonly reason: string | undefined;
    readonly reasonAt?: Place;
    readonly bound: BoundRequest | undefined;
  }> {
    const { request, method, target } = planned;
    const { source } = this.#file.file;
    let bound: BoundRequest | undefined;
    try {
      bound = planned.bound ?? this.bind(planned);
      const record = await makeCall(target.client, {
        method,
        messages: bound.messages,
        options: {
          metadata: bound.metadata,
          timeoutMs: timeoutMsOf(planned),
          signal: this.#options.signal,
        },
        quiet: quietOf(request),
      });
      // What came of a call that was cut short says nothing of its server.
      if (this.#options.signal.aborted && record.error?.origin === 'client') {
        return { failures: [], reason: INTERRUPTED, bound };
      }
      this.#options.onCall?.(planned, record);
      let failures = this.#checked(planned, bound, record);
      if (failures.length > 0 && (await this.#resolved(planned, record))) {
        failures = this.#checked(planned, bound, record);
      }
      if (failures.length > 0 && request.captures.length === 0) return { failures, reason: undefined, bound };
      const isStream = method.cardinality.endsWith('stream');
      const kept = capturesOf(source, request, record, isStream);
      for (const [name, captured] of kept.captured) {
        hideCaptured(this.#options.secrets, name, captured);
        this.#captured.set(name, captured);
      }
      // That nothing could be captured from a call that failed is not news.
      const all = failures.length > 0 ? failures : kept.failures;
      return { failures: all, reason: undefined, bound };
    } catch (error) {
      if (error instanceof BindingProblem) {
        const place = source.placeOf(error.at);
        const reason = mistakeText({ place, problem: error.message });
        return { failures: [], reason, reasonAt: place, bound };
      }
      return { failures: [], reason: messageOf(error), bound };
    }
  }

  /**
   * Fetches the types of Any values and details that the server alone knows, without which they cannot be compared. Whether
   * any were there to be fetched.
   */
  async #resolved({ target: { client } }: PlannedRequest, { replies, error }: CallRecord): Promise<boolean> {
    const before = client.symbols.length;
    try {
      for (const reply of replies) await client.resolve(reply, { signal: this.#options.signal });
      if (error !== undefined) await client.resolve(error, { signal: this.#options.signal });
    } catch {
      // As far as it is known, then.
    }
    return client.symbols.length > before;
  }

  /** What was not met. Where snapshots are to be written, what differs from them is, instead. */
  #checked(planned: PlannedRequest, bound: BoundRequest, record: CallRecord): readonly Failure[] {
    const { request, files, target, method } = planned;
    const { expect } = request;
    const failures = failuresOf(files.source, request, bound, record);
    if (!expect.snapshot) return failures;
    const isOfSnapshot = ({ place, subject }: Failure): boolean =>
      place.file === files.snapshot?.source.path || (subject === 'status' && expect.status === undefined);
    const { onSnapshot } = this.#options;
    // A server that could not be reached, or did not answer in time, is not what it replies with.
    if (onSnapshot !== undefined && record.error?.origin === 'client') return failures;
    if (onSnapshot === undefined) {
      if (files.snapshot !== undefined) return failures;
      const place = files.source.placeOf(expect.snapshotAt);
      return [
        ...failures,
        { place, subject: 'snapshot', expected: 'one', actual: 'none; --update writes it' },
      ];
    }
    const differing = failures.filter(isOfSnapshot);
    if (files.snapshot === undefined || differing.length > 0) {
      onSnapshot(planned, {
        value: snapshotOf(target.client, method, record),
        failed: differing.map(({ subject }) => subject),
      });
    }
    return failures.filter((failure) => !isOfSnapshot(failure));
  }

  /** With what was captured by now. */
  bind({ request, method, target, row, files }: PlannedRequest): BoundRequest {
    const captured: VariableLayer = new Map(this.#captured);
    const scope = this.#file.variables.with(captured).with(row);
    const tell = (at: number, problem: string): never => {
      throw new BindingProblem(at, problem);
    };
    const bound = bindRequest(target.client, method, request, scope, tell, files);
    hideUsed(this.#options.secrets, bound.metadata, this.#captured);
    return bound;
  }

  /** Whether another attempt is to be made, after a while. */
  #pause(attempt: number): Promise<boolean> {
    const { signal } = this.#options;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve(!signal.aborted);
      };
      const timer = setTimeout(end, Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)));
      signal.addEventListener('abort', end);
    });
  }
}

function quietOf(request: SavedRequest): QuietEnd | undefined {
  const { quietFor } = request.expect;
  return quietFor === undefined ? undefined : { ms: quietFor.ms, ...expectedReplies(request) };
}
