// What a REPL's commands share: the client, the metadata and settings that hold for its calls, and the calls.

import type { Client, MethodDescription, Status } from '../../index.ts';
import { rawOf } from '../../requests/run/raw-method.ts';
import type { Secrets } from '../../requests/secrets.ts';
import type { Connection } from '../client/connect.ts';
import { escapeText } from '../command/escape.ts';
import { tellFailure } from '../command/explain.ts';
import { UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { parseDuration } from '../command/quantity.ts';
import { isStdin } from '../command/standard-input.ts';
import type { ServerTarget } from '../command/target.ts';
import type { ConnectionValues } from '../options/connection.ts';
import type { OutputForm } from '../options/output.ts';
import type { RequestValues } from '../options/request.ts';
import type { SchemaValues } from '../options/schema-options.ts';
import type { VariableValues } from '../options/variables.ts';
import { CallReport } from '../replies/call-report.ts';
import { statusOf } from '../replies/call-status.ts';
import { ReplyPrinter } from '../replies/reply-printer.ts';
import { MAX_SAVED_REPLIES } from '../request-files/saved-replies.ts';
import { SAVED_REQUEST } from '../requests/call-words.ts';
import { isFieldWord, setsExtension } from '../requests/field-words.ts';
import { metadataOf } from '../requests/headers.ts';
import { type Request, RequestMaker, type RequestSource, requestsOf } from '../requests/request-messages.ts';
import { TypedLines } from '../requests/typed-lines.ts';
import type { LineQueue } from './line-queue.ts';

/** What `set` changes. */
export interface Settings {
  output: OutputForm;
  timeout: number | undefined;
  emitDefaults: boolean;
  protoNames: boolean;
  verbose: boolean;
}

const FORMS: readonly OutputForm[] = ['json', 'jsonl', 'text'];

interface Setting {
  readonly help: string;
  readonly values: readonly string[];
  /** Throws a UsageError for an invalid value. */
  change(settings: Settings, value: string): void;
  show(settings: Settings): string;
}

export const SETTINGS: Readonly<Record<string, Setting>> = {
  output: {
    help: 'how replies are printed: json, jsonl or text',
    values: FORMS,
    change(settings, value) {
      settings.output = oneOf(FORMS, value);
    },
    show: ({ output }) => output,
  },
  timeout: {
    help: 'limit for calls: 500ms, 5s, 2m, none, or default',
    values: ['default', 'none', '5s', '1m'],
    change(settings, value) {
      settings.timeout = value === 'default' ? undefined : parseDuration(value);
    },
    show: ({ timeout }) =>
      timeout === undefined ? 'default' : timeout === Infinity ? 'none' : `${timeout}ms`,
  },
  'emit-defaults': flag('show fields that hold their default value', 'emitDefaults'),
  'proto-names': flag("use the .proto's field names", 'protoNames'),
  verbose: flag('headers, trailers, sizes and timing', 'verbose'),
};

function flag(help: string, name: 'emitDefaults' | 'protoNames' | 'verbose'): Setting {
  return {
    help,
    values: ['on', 'off'],
    change(settings, value) {
      settings[name] = oneOf(['on', 'off'], value) === 'on';
    },
    show: (settings) => (settings[name] ? 'on' : 'off'),
  };
}

function oneOf<T extends string>(known: readonly T[], value: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new UsageError(`must be one of ${known.join(', ')}, not '${value}'`);
  return found;
}

/** What a request of a file says of its call. */
interface OwnSettings {
  readonly metadata?: readonly (readonly [string, string])[] | undefined;
  readonly timeoutMs?: number | undefined;
  /** What may not be written when the call is saved. */
  readonly secrets?: Secrets | undefined;
}

/** A call, as it went. */
export interface EndedCall extends OwnSettings {
  readonly method: MethodDescription;
  readonly requests: readonly Uint8Array[];
  readonly sentCount: number;
  /** The first of them. */
  readonly replies: readonly Uint8Array[];
  readonly replyCount: number;
  readonly status: Status;
}

export class Session {
  readonly client: Client;
  readonly target: ServerTarget;
  readonly io: Io;
  readonly lines: LineQueue;
  readonly settings: Settings;
  /** Whether the server may be asked for what the schema lacks. */
  readonly asksServer: boolean;
  /** Metadata of every call, by name. */
  readonly headers: Map<string, string[]> = new Map();
  /** Whether nothing went wrong so far. */
  isWell = true;
  /** The last reply, decoded. */
  lastReply: unknown;
  /** The last call that ended, to be saved. */
  lastCall: EndedCall | undefined;
  /** How the server is reached and where the schema is, as the command line says. */
  reach: ConnectionValues & RequestValues & SchemaValues & VariableValues = {};
  /** Told when a call begins and ends to ask for requests. */
  onTyping: (isTyping: boolean) => void = () => {};
  #running: { readonly cancel: AbortController; readonly abandon: () => void } | undefined;

  constructor(
    { client, target }: Connection,
    asksServer: boolean,
    lines: LineQueue,
    settings: Settings,
    io: Io,
  ) {
    this.client = client;
    this.target = target;
    this.asksServer = asksServer;
    this.lines = lines;
    this.settings = settings;
    this.io = io;
  }

  /** Cancels the call that runs, and asked again waits for it no longer; false when none runs. */
  cancel(): boolean {
    if (this.#running === undefined) return false;
    const { cancel, abandon } = this.#running;
    if (cancel.signal.aborted) abandon();
    else cancel.abort(new Error('cancelled with Ctrl-C'));
    return true;
  }

  /** Calls a method with fields as words or `-d JSON`; a request stream given neither is typed line by line. */
  async call(name: string, rest: readonly string[]): Promise<void> {
    if (SAVED_REQUEST.test(name) && rest.length === 0) return this.#callSaved(name);
    const source = sourceOf(rest);
    await this.#cancellable(async (signal) => {
      await this.#run(await this.client.method(name, { signal }), source, signal);
    });
  }

  /** A request of a file, sent to this server. */
  async #callSaved(place: string): Promise<void> {
    const { savedRequest } = await import('../request-files/saved-request.ts');
    const { text: target, isTls } = this.target;
    const { timeout } = this.settings;
    const reach = {
      ...this.reach,
      target,
      ...(isTls || this.reach.plaintext ? {} : { plaintext: true }),
      ...(timeout === undefined ? {} : { timeout }),
    };
    const saved = await savedRequest(place, reach, this.io);
    if (saved === undefined) {
      this.isWell = false;
      return;
    }
    const { data, timeout: timeoutMs } = saved.options;
    const source: RequestSource = { words: [], data, form: 'json', allowUnknown: false };
    await this.#cancellable(async (signal) => {
      const method = await this.client.method(saved.method, { signal });
      // The headers of the command line go along with every call of this client.
      const { metadata, secrets } = saved;
      await this.#run(method, source, signal, { metadata, timeoutMs, secrets });
    });
  }

  async run(method: MethodDescription, source: RequestSource): Promise<void> {
    await this.#cancellable((signal) => this.#run(method, source, signal));
  }

  async #cancellable(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const cancel = new AbortController();
    const abandoned = new Promise<void>((resolve) => {
      this.#running = { cancel, abandon: resolve };
    });
    const done = work(AbortSignal.any([cancel.signal, this.io.signal]));
    // Whoever abandoned it does not ask how it ended.
    done.catch(() => {});
    try {
      await Promise.race([done, abandoned]);
    } finally {
      this.#running = undefined;
    }
  }

  async #run(
    method: MethodDescription,
    asked: RequestSource,
    signal: AbortSignal,
    own: OwnSettings = {},
  ): Promise<void> {
    const source = { ...asked, asksServer: this.asksServer };
    const takesStream = method.cardinality.startsWith('stream');
    using report = new CallReport(this.target, this.settings.verbose ? 1 : 0, this.io);
    report.schemaIsThere(method);
    const given = requestsOf(this.client, method, source, this.io);
    const isTyped = takesStream && source.words.length === 0 && source.data.length === 0;
    const requests = takesStream
      ? report.counted(isTyped ? this.#typed(method, signal) : given)
      : await this.#single(method, given, report);
    await this.#exchange(method, requests, report, signal, own);
  }

  async #exchange(
    method: MethodDescription,
    requests: Uint8Array | AsyncIterable<Uint8Array>,
    report: CallReport,
    signal: AbortSignal,
    own: OwnSettings,
  ): Promise<void> {
    const { client, io, settings } = this;
    const { metadata: more = [], timeoutMs } = own;
    const replies: Uint8Array[] = [];
    let replyCount = 0;
    const printer = new ReplyPrinter({
      client,
      type: method.replyType,
      isStream: method.cardinality.endsWith('stream'),
      form: settings.output,
      json: { ...settings, unknownFields: settings.verbose },
      asksServer: this.asksServer,
      io,
    });
    const metadata = metadataOf(
      [
        ...[...this.headers].flatMap(([name, values]) =>
          values.map((value): [string, string] => [name, value]),
        ),
        ...more,
      ],
      io.env,
    );
    const call = rawOf(client, method)(requests, {
      signal,
      timeoutMs: timeoutMs ?? settings.timeout,
      ...(metadata.length > 0 && { metadata }),
    });
    const headers = call.headers.then((found) => report.headersCame(call.peer, found));
    let failure: unknown;
    try {
      for await (const bytes of call) {
        await headers;
        report.replyCame(bytes);
        if (++replyCount <= MAX_SAVED_REPLIES) replies.push(bytes);
        // It is there for JavaScript even where it is too much to print.
        this.lastReply = await printer.decode(bytes);
        await printer.printDecoded(this.lastReply, bytes);
      }
    } catch (error) {
      failure = error;
    }
    await headers;
    const status = statusOf(await call.status, failure);
    report.ended(status);
    const { requests: sent, sentCount } = report;
    this.lastCall = { ...own, method, requests: sent, sentCount, replies, replyCount, status };
    if (failure !== undefined) throw failure;
  }

  async #single(
    method: MethodDescription,
    given: AsyncIterable<Request>,
    report: CallReport,
  ): Promise<Uint8Array> {
    let only: Request | undefined;
    for await (const request of given) {
      if (only !== undefined)
        throw new UsageError(`${method.fullName} takes one request, but more were given`);
      only = request;
    }
    only ??= { bytes: this.client.encode(method.requestType, {}) };
    report.requestGoes(only);
    return only.bytes;
  }

  /** Requests line by line, until an empty line. A line that is wrong is told, and the call goes on. */
  async *#typed(method: MethodDescription, signal: AbortSignal): AsyncGenerator<Request, void, undefined> {
    const { io, lines } = this;
    io.err.line(
      io.err.colours.dim(
        `${escapeText(method.fullName)}: one request per line, as JSON or field=value …; Ctrl-D or an empty line ends them, Ctrl-C cancels`,
      ),
    );
    const maker = new RequestMaker(this.client, method, { ...sourceOf([]), asksServer: this.asksServer });
    const release = (): void => lines.release();
    signal.addEventListener('abort', release);
    this.onTyping(true);
    const typed = new TypedLines();
    try {
      for (;;) {
        const line = await lines.next();
        line?.done();
        // Within a document an empty line is white space, as it is in what is piped to `stubless call`.
        const isBetween = line?.text.trim() === '' && !typed.isInDocument;
        const isEnd = line === undefined || line.isEnd === true || isBetween;
        for (const read of isEnd ? typed.end() : typed.push(line.text)) {
          try {
            yield* maker.ofTyped(read);
          } catch (error) {
            this.tell(error);
          }
        }
        if (isEnd) return;
      }
    } finally {
      signal.removeEventListener('abort', release);
      this.onTyping(false);
    }
  }

  /** Says what went wrong. */
  tell(error: unknown): void {
    this.isWell = false;
    tellFailure(error, this.io, 'error:');
  }
}

/** `-d JSON` and field words. */
function sourceOf(rest: readonly string[]): RequestSource {
  const words: string[] = [];
  const data: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index];
    if (word === '-d') {
      const json = rest[++index];
      if (json === undefined) throw new UsageError("-d needs a message after it: -d '{…}' or -d @FILE");
      if (isStdin(json)) throw new UsageError('-d - would read what is typed here; give -d @FILE');
      data.push(json);
    } else if (/^\s*[{[]/.test(word) && !setsExtension(word)) data.push(word);
    else if (isFieldWord(word)) words.push(word);
    else
      throw new UsageError(`'${word}' does not set a field; write field=value, or '{…}' for a whole message`);
  }
  if (words.length > 0 && data.length > 0)
    throw new UsageError('give the request as field=value words or as JSON, not both');
  return { words, data, form: 'json', allowUnknown: false };
}
